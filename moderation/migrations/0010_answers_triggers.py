"""Steps of drafts, referrals and what became of them only grow, whoever asks."""

from django.db import migrations

TABLES = ["moderation_draftstep", "moderation_referral", "moderation_referralevent"]

FORWARD = "".join(
    f"""
CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION moderation_only_grows();
CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_only_grows();
"""
    for table in TABLES
)

BACKWARD = "".join(
    f"""
DROP TRIGGER {table}_is_not_emptied ON {table};
DROP TRIGGER {table}_only_grows ON {table};
"""
    for table in TABLES
)


class Migration(migrations.Migration):
    dependencies = [("moderation", "0009_answers")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

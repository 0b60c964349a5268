"""Findings, decisions, replies and handovers only grow, whoever asks."""

from django.db import migrations

TABLES = [
    "moderation_decision",
    "moderation_finding",
    "moderation_handover",
    "moderation_reply",
]

FORWARD = """
CREATE FUNCTION moderation_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
""" + "".join(
    f"""
CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION moderation_only_grows();
CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_only_grows();
"""
    for table in TABLES
)

BACKWARD = (
    "".join(
        f"""
DROP TRIGGER {table}_is_not_emptied ON {table};
DROP TRIGGER {table}_only_grows ON {table};
"""
        for table in TABLES
    )
    + "DROP FUNCTION moderation_only_grows();"
)


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_tables")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

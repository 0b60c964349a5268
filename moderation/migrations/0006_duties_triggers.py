"""Proposals, confirmations, parts and corrected deadlines only grow; documenting is met
only when all its parts are done (M-R5)."""

from django.db import migrations

TABLES = [
    "moderation_confirmation",
    "moderation_deadlinechange",
    "moderation_dutypart",
    "moderation_proposal",
]

FORWARD = (
    "UPDATE moderation_duty SET since = opened_at;"
    + "".join(
        f"""
CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION moderation_only_grows();
CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_only_grows();
"""
        for table in TABLES
    )
    + """
CREATE FUNCTION moderation_document_has_its_parts() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM moderation_dutypart WHERE duty_id = NEW.id) < 3 THEN
        RAISE EXCEPTION 'documenting is not met before its three parts are done'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER duty_document_has_its_parts
    BEFORE INSERT OR UPDATE ON moderation_duty
    FOR EACH ROW WHEN (NEW.kind = 'document' AND NEW.outcome = 'met')
    EXECUTE FUNCTION moderation_document_has_its_parts();
"""
)

BACKWARD = """
DROP TRIGGER duty_document_has_its_parts ON moderation_duty;
DROP FUNCTION moderation_document_has_its_parts();
""" + "".join(
    f"""
DROP TRIGGER {table}_is_not_emptied ON {table};
DROP TRIGGER {table}_only_grows ON {table};
"""
    for table in TABLES
)


class Migration(migrations.Migration):
    dependencies = [("moderation", "0005_duties")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

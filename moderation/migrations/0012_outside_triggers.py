"""What was found in a comment outside our channels is emptied with its text (K-16)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION moderation_finding_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND NEW.sentences = '{}'::jsonb
        AND to_jsonb(NEW) - 'sentences' = to_jsonb(OLD) - 'sentences'
        AND EXISTS (
            SELECT 1
            FROM moderation_case c
            JOIN channels_message m ON m.id = c.message_id
            WHERE c.id = OLD.case_id AND m.outside_at IS NOT NULL
        )
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% only grows: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
DROP TRIGGER moderation_finding_only_grows ON moderation_finding;
CREATE TRIGGER moderation_finding_only_grows
    BEFORE UPDATE OR DELETE ON moderation_finding
    FOR EACH ROW EXECUTE FUNCTION moderation_finding_changes();
"""

BACKWARD = """
DROP TRIGGER moderation_finding_only_grows ON moderation_finding;
CREATE TRIGGER moderation_finding_only_grows
    BEFORE UPDATE OR DELETE ON moderation_finding
    FOR EACH ROW EXECUTE FUNCTION moderation_only_grows();
DROP FUNCTION moderation_finding_changes();
"""


class Migration(migrations.Migration):
    dependencies = [("moderation", "0011_outside")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

"""A version's text goes in one case only: its comment is not on our channels (K-16)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION channels_version_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND NEW.text = '' AND NEW.raw = ''::bytea
        AND (NEW.id, NEW.message_id, NEW.number, NEW.digest, NEW.seen_at)
            IS NOT DISTINCT FROM
            (OLD.id, OLD.message_id, OLD.number, OLD.digest, OLD.seen_at)
        AND EXISTS (
            SELECT 1 FROM channels_message m
            WHERE m.id = OLD.message_id AND m.outside_at IS NOT NULL
        )
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% only grows: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
DROP TRIGGER version_only_grows ON channels_version;
CREATE TRIGGER version_only_grows
    BEFORE UPDATE OR DELETE ON channels_version
    FOR EACH ROW EXECUTE FUNCTION channels_version_changes();
"""

BACKWARD = """
DROP TRIGGER version_only_grows ON channels_version;
CREATE TRIGGER version_only_grows
    BEFORE UPDATE OR DELETE ON channels_version
    FOR EACH ROW EXECUTE FUNCTION channels_only_grows();
DROP FUNCTION channels_version_changes();
"""


class Migration(migrations.Migration):
    dependencies = [("channels", "0007_targets_and_outside")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

"""What came with a message only grows: bytes that could not be reached may come later,
and they go in one case only, with the words of their message."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION channels_attachment_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (NEW.id, NEW.version_id, NEW.position)
            IS NOT DISTINCT FROM (OLD.id, OLD.version_id, OLD.position)
    THEN
        IF OLD.missing = 'unreachable' AND NEW.missing <> 'let_go'
            AND (NEW.platform_id, NEW.name, NEW.told_mime)
                IS NOT DISTINCT FROM (OLD.platform_id, OLD.name, OLD.told_mime)
        THEN
            RETURN NEW;
        END IF;
        IF NEW.missing = 'let_go' AND NEW.name = '' AND NEW.address = ''
            AND NEW.platform_id = '' AND EXISTS (
                SELECT 1 FROM channels_version v
                JOIN channels_message m ON m.id = v.message_id
                WHERE v.id = OLD.version_id
                    AND (m.outside_at IS NOT NULL OR m.purged_at IS NOT NULL)
            )
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% only grows: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER attachment_only_grows
    BEFORE UPDATE OR DELETE ON channels_attachment
    FOR EACH ROW EXECUTE FUNCTION channels_attachment_changes();
CREATE TRIGGER attachment_is_not_emptied
    BEFORE TRUNCATE ON channels_attachment
    FOR EACH STATEMENT EXECUTE FUNCTION channels_only_grows();
"""

BACKWARD = """
DROP TRIGGER attachment_is_not_emptied ON channels_attachment;
DROP TRIGGER attachment_only_grows ON channels_attachment;
DROP FUNCTION channels_attachment_changes();
"""


class Migration(migrations.Migration):
    dependencies = [("channels", "0010_attachments")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

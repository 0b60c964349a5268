"""The calendar of captures only grows: what was settled stays, but for the picture of
a failure, which goes when a later capture has succeeded."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION channels_capture_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before channels_capture := OLD;
BEGIN
    IF OLD.settled_at IS NULL AND NEW.ref = OLD.ref
        AND NEW.channel_id = OLD.channel_id AND NEW.asked_at = OLD.asked_at THEN
        RETURN NEW;
    END IF;
    before.seen := NEW.seen;
    IF before IS NOT DISTINCT FROM NEW AND length(NEW.seen) = 0 THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what became of a capture does not change'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER capture_update BEFORE UPDATE ON channels_capture
    FOR EACH ROW EXECUTE FUNCTION channels_capture_update();
CREATE TRIGGER capture_only_grows BEFORE DELETE ON channels_capture
    FOR EACH ROW EXECUTE FUNCTION channels_only_grows();
CREATE TRIGGER capture_is_not_emptied BEFORE TRUNCATE ON channels_capture
    FOR EACH STATEMENT EXECUTE FUNCTION channels_only_grows();
"""

BACKWARD = """
DROP TRIGGER capture_is_not_emptied ON channels_capture;
DROP TRIGGER capture_only_grows ON channels_capture;
DROP TRIGGER capture_update ON channels_capture;
DROP FUNCTION channels_capture_update();
"""


class Migration(migrations.Migration):
    dependencies = [("channels", "0005_captures")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

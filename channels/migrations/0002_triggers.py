"""What the database refuses whoever asks: versions only grow, and a hide or a removal
names the record of the very message it takes away (K-19)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION channels_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER version_only_grows
    BEFORE UPDATE OR DELETE ON channels_version
    FOR EACH ROW EXECUTE FUNCTION channels_only_grows();
CREATE TRIGGER version_is_not_emptied
    BEFORE TRUNCATE ON channels_version
    FOR EACH STATEMENT EXECUTE FUNCTION channels_only_grows();

CREATE FUNCTION channels_delivery_has_its_own_record() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (
        NEW.act IS DISTINCT FROM OLD.act
        OR NEW.message_id IS DISTINCT FROM OLD.message_id
        OR NEW.record_id IS DISTINCT FROM OLD.record_id
        OR NEW.text IS DISTINCT FROM OLD.text
        OR NEW.key IS DISTINCT FROM OLD.key
    ) THEN
        RAISE EXCEPTION 'what a delivery says does not change'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'INSERT' AND NEW.record_id IS NOT NULL AND NOT EXISTS (
        SELECT 1
        FROM archive_record r
        JOIN channels_message m ON m.ref = r.subject
        WHERE r.id = NEW.record_id AND m.id = NEW.message_id
    ) THEN
        RAISE EXCEPTION 'the record is not of this message'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER delivery_has_its_own_record
    BEFORE INSERT OR UPDATE ON channels_delivery
    FOR EACH ROW EXECUTE FUNCTION channels_delivery_has_its_own_record();
CREATE TRIGGER delivery_only_grows
    BEFORE DELETE ON channels_delivery
    FOR EACH ROW EXECUTE FUNCTION channels_only_grows();
CREATE TRIGGER delivery_is_not_emptied
    BEFORE TRUNCATE ON channels_delivery
    FOR EACH STATEMENT EXECUTE FUNCTION channels_only_grows();
"""

BACKWARD = """
DROP TRIGGER delivery_is_not_emptied ON channels_delivery;
DROP TRIGGER delivery_only_grows ON channels_delivery;
DROP TRIGGER delivery_has_its_own_record ON channels_delivery;
DROP FUNCTION channels_delivery_has_its_own_record();
DROP TRIGGER version_is_not_emptied ON channels_version;
DROP TRIGGER version_only_grows ON channels_version;
DROP FUNCTION channels_only_grows();
"""


class Migration(migrations.Migration):
    dependencies = [("channels", "0001_tables")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

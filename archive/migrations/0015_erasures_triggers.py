"""An erasure is settled once, and the register keeps what was erased on what ground."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION archive_erasure_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    settling text[] := ARRAY['state', 'settled_at', 'settled_by', 'sealed_id'];
BEGIN
    IF OLD.state = 'proposed' AND NEW.state <> 'proposed'
        AND to_jsonb(NEW) - settling = to_jsonb(OLD) - settling THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'UPDATE on archive_erasure is refused: it is settled once'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER archive_erasure_update BEFORE UPDATE ON archive_erasure
    FOR EACH ROW EXECUTE FUNCTION archive_erasure_update();
CREATE TRIGGER archive_erasure_no_delete BEFORE DELETE ON archive_erasure
    FOR EACH ROW EXECUTE FUNCTION archive_refuse();
CREATE TRIGGER archive_erasure_no_truncate BEFORE TRUNCATE ON archive_erasure
    FOR EACH STATEMENT EXECUTE FUNCTION archive_refuse();
"""

BACKWARD = """
DROP TRIGGER archive_erasure_no_truncate ON archive_erasure;
DROP TRIGGER archive_erasure_no_delete ON archive_erasure;
DROP TRIGGER archive_erasure_update ON archive_erasure;
DROP FUNCTION archive_erasure_update();
"""


class Migration(migrations.Migration):
    dependencies = [("archive", "0014_erasures")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

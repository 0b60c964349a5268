"""A hold is released for a reason; an export job's wish stays as it was asked."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION archive_hold_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before archive_hold := OLD;
BEGIN
    before.released_at := NEW.released_at;
    before.released_by := NEW.released_by;
    {reason}
    IF OLD.released_at IS NULL AND NEW.released_at IS NOT NULL
        AND before IS NOT DISTINCT FROM NEW THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'UPDATE on archive_hold is refused: a hold is only released'
        USING ERRCODE = 'restrict_violation';
END $$;
"""
HOLD = FUNCTION.format(reason="before.released_reason := NEW.released_reason;")
HOLD_BACK = FUNCTION.format(reason="")

JOB = """
CREATE FUNCTION archive_exportjob_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id = OLD.id AND NEW.first = OLD.first AND NEW.last = OLD.last
        AND NEW.note = OLD.note AND NEW.asked_at = OLD.asked_at
        AND NEW.asked_by = OLD.asked_by AND OLD.state <> 'cleaned' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'UPDATE on archive_exportjob is refused: what was asked for stays'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER archive_exportjob_update BEFORE UPDATE ON archive_exportjob
    FOR EACH ROW EXECUTE FUNCTION archive_exportjob_update();
CREATE TRIGGER archive_exportjob_no_delete BEFORE DELETE ON archive_exportjob
    FOR EACH ROW EXECUTE FUNCTION archive_refuse();
CREATE TRIGGER archive_exportjob_no_truncate BEFORE TRUNCATE ON archive_exportjob
    FOR EACH STATEMENT EXECUTE FUNCTION archive_refuse();
"""
JOB_BACK = """
DROP TRIGGER archive_exportjob_no_truncate ON archive_exportjob;
DROP TRIGGER archive_exportjob_no_delete ON archive_exportjob;
DROP TRIGGER archive_exportjob_update ON archive_exportjob;
DROP FUNCTION archive_exportjob_update();
"""


class Migration(migrations.Migration):
    dependencies = [("archive", "0010_exports_and_keys")]

    operations = [
        migrations.RunSQL(HOLD, HOLD_BACK),
        migrations.RunSQL(JOB, JOB_BACK),
    ]

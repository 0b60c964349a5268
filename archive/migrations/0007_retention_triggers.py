"""A hold stands against disposal and erasure in the database itself; the register of
disposals keeps its lists."""

from django.db import migrations

HOLD = """
CREATE FUNCTION archive_record_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM archive_hold WHERE record_id = OLD.id AND released_at IS NULL
    ) THEN
        RAISE EXCEPTION 'UPDATE on archive_record is refused: the record is held'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER archive_record_held BEFORE UPDATE ON archive_record
    FOR EACH ROW EXECUTE FUNCTION archive_record_held();

CREATE FUNCTION archive_hold_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before archive_hold := OLD;
BEGIN
    before.released_at := NEW.released_at;
    before.released_by := NEW.released_by;
    IF OLD.released_at IS NULL AND NEW.released_at IS NOT NULL
        AND before IS NOT DISTINCT FROM NEW THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'UPDATE on archive_hold is refused: a hold is only released'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER archive_hold_update BEFORE UPDATE ON archive_hold
    FOR EACH ROW EXECUTE FUNCTION archive_hold_update();
CREATE TRIGGER archive_hold_no_delete BEFORE DELETE ON archive_hold
    FOR EACH ROW EXECUTE FUNCTION archive_refuse();
"""

HOLD_BACK = """
DROP TRIGGER archive_hold_no_delete ON archive_hold;
DROP TRIGGER archive_hold_update ON archive_hold;
DROP FUNCTION archive_hold_update();
DROP TRIGGER archive_record_held ON archive_record;
DROP FUNCTION archive_record_held();
"""

REGISTER = """
CREATE FUNCTION archive_disposal_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'proposed' AND NEW.state <> 'proposed' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'UPDATE on archive_disposal is refused: it is settled once'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER archive_disposal_update BEFORE UPDATE ON archive_disposal
    FOR EACH ROW EXECUTE FUNCTION archive_disposal_update();
CREATE TRIGGER archive_disposal_no_delete BEFORE DELETE ON archive_disposal
    FOR EACH ROW EXECUTE FUNCTION archive_refuse();
CREATE TRIGGER archive_disposalitem_no_change
    BEFORE UPDATE OR DELETE ON archive_disposalitem
    FOR EACH ROW EXECUTE FUNCTION archive_refuse();
"""

REGISTER_BACK = """
DROP TRIGGER archive_disposalitem_no_change ON archive_disposalitem;
DROP TRIGGER archive_disposal_no_delete ON archive_disposal;
DROP TRIGGER archive_disposal_update ON archive_disposal;
DROP FUNCTION archive_disposal_update();
"""

TRUNCATE = "".join(
    f"""
    CREATE TRIGGER archive_{table}_no_truncate BEFORE TRUNCATE ON archive_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION archive_refuse();
    """
    for table in ("hold", "disposal", "disposalitem")
)
TRUNCATE_BACK = "".join(
    f"DROP TRIGGER archive_{table}_no_truncate ON archive_{table};"
    for table in ("hold", "disposal", "disposalitem")
)


class Migration(migrations.Migration):
    dependencies = [("archive", "0006_retention")]

    operations = [
        migrations.RunSQL(HOLD, HOLD_BACK),
        migrations.RunSQL(REGISTER, REGISTER_BACK),
        migrations.RunSQL(TRUNCATE, TRUNCATE_BACK),
    ]

"""An open disclosure request freezes its records in the database itself; what was
decided, done, opened and marked is never rewritten."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION archive_record_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    label text;
BEGIN
    SELECT r.year || '-' || lpad(r.number::text, 4, '0') INTO label
    FROM archive_disclosurepick p
    JOIN archive_disclosurerequest r ON r.id = p.request_id
    WHERE p.record_id = OLD.id AND r.state IN ('received', 'picked', 'masked')
    LIMIT 1;
    IF label IS NOT NULL THEN
        RAISE EXCEPTION 'UPDATE on archive_record is refused: disclosure request %'
            ' has frozen the record', label USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER archive_record_frozen BEFORE UPDATE ON archive_record
    FOR EACH ROW EXECUTE FUNCTION archive_record_frozen();
"""

FREEZE_BACK = """
DROP TRIGGER archive_record_frozen ON archive_record;
DROP FUNCTION archive_record_frozen();
"""

REQUEST = """
CREATE FUNCTION archive_disclosure_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before archive_disclosurerequest := OLD;
BEGIN
    before.state := NEW.state;
    before.settled_at := NEW.settled_at;
    before.settled_by := NEW.settled_by;
    IF OLD.settled_at IS NULL AND before IS NOT DISTINCT FROM NEW THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'UPDATE on archive_disclosurerequest is refused: it is settled'
        ' once, and what was asked stays' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER archive_disclosure_update BEFORE UPDATE ON archive_disclosurerequest
    FOR EACH ROW EXECUTE FUNCTION archive_disclosure_update();

CREATE FUNCTION archive_pick_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    which bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN which := OLD.request_id; ELSE which := NEW.request_id;
    END IF;
    IF EXISTS (SELECT FROM archive_disclosurerequest
        WHERE id = which AND settled_at IS NOT NULL) THEN
        RAISE EXCEPTION '% on archive_disclosurepick is refused: the request is'
            ' settled', TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER archive_pick_open
    BEFORE INSERT OR UPDATE OR DELETE ON archive_disclosurepick
    FOR EACH ROW EXECUTE FUNCTION archive_pick_open();

CREATE FUNCTION archive_mask_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    which bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN which := OLD.pick_id; ELSE which := NEW.pick_id;
    END IF;
    IF EXISTS (SELECT FROM archive_disclosurepick p
        JOIN archive_disclosurerequest r ON r.id = p.request_id
        WHERE p.id = which AND r.settled_at IS NOT NULL) THEN
        RAISE EXCEPTION '% on archive_disclosuremask is refused: the request is'
            ' settled', TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER archive_mask_open
    BEFORE INSERT OR UPDATE OR DELETE ON archive_disclosuremask
    FOR EACH ROW EXECUTE FUNCTION archive_mask_open();
"""

REQUEST_BACK = """
DROP TRIGGER archive_mask_open ON archive_disclosuremask;
DROP FUNCTION archive_mask_open();
DROP TRIGGER archive_pick_open ON archive_disclosurepick;
DROP FUNCTION archive_pick_open();
DROP TRIGGER archive_disclosure_update ON archive_disclosurerequest;
DROP FUNCTION archive_disclosure_update();
"""

GROWING = (
    "disclosuredecision",
    "disclosureevent",
    "recordmarking",
    "recordopening",
)
TABLES = (*GROWING, "disclosurerequest", "disclosurepick", "disclosuremask")

ONLY_GROW = (
    "".join(
        f"""
    CREATE TRIGGER archive_{table}_no_change
        BEFORE UPDATE OR DELETE ON archive_{table}
        FOR EACH ROW EXECUTE FUNCTION archive_refuse();
    """
        for table in GROWING
    )
    + "".join(
        f"""
    CREATE TRIGGER archive_{table}_no_truncate BEFORE TRUNCATE ON archive_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION archive_refuse();
    """
        for table in TABLES
    )
    + """
    CREATE TRIGGER archive_disclosurerequest_no_delete
        BEFORE DELETE ON archive_disclosurerequest
        FOR EACH ROW EXECUTE FUNCTION archive_refuse();
    """
)
ONLY_GROW_BACK = (
    "".join(
        f"DROP TRIGGER archive_{table}_no_change ON archive_{table};"
        for table in GROWING
    )
    + "".join(
        f"DROP TRIGGER archive_{table}_no_truncate ON archive_{table};"
        for table in TABLES
    )
    + "DROP TRIGGER archive_disclosurerequest_no_delete ON archive_disclosurerequest;"
)


class Migration(migrations.Migration):
    dependencies = [("archive", "0008_disclosure")]

    operations = [
        migrations.RunSQL(FREEZE, FREEZE_BACK),
        migrations.RunSQL(REQUEST, REQUEST_BACK),
        migrations.RunSQL(ONLY_GROW, ONLY_GROW_BACK),
    ]

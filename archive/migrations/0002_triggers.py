"""What PostgreSQL itself refuses, whoever asks.

A superuser can switch triggers off; the evidence against him is the checkpoints that
others hold. The triggers are for everyone else, our own mistakes included.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION archive_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the archive only grows', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER archive_record_no_delete BEFORE DELETE ON archive_record
    FOR EACH ROW EXECUTE FUNCTION archive_refuse();
CREATE TRIGGER archive_record_no_truncate BEFORE TRUNCATE ON archive_record
    FOR EACH STATEMENT EXECUTE FUNCTION archive_refuse();
CREATE TRIGGER archive_logentry_no_delete BEFORE DELETE ON archive_logentry
    FOR EACH ROW EXECUTE FUNCTION archive_refuse();
CREATE TRIGGER archive_logentry_no_truncate BEFORE TRUNCATE ON archive_logentry
    FOR EACH STATEMENT EXECUTE FUNCTION archive_refuse();
CREATE TRIGGER archive_log_no_change BEFORE UPDATE OR DELETE ON archive_log
    FOR EACH ROW EXECUTE FUNCTION archive_refuse();
CREATE TRIGGER archive_log_no_truncate BEFORE TRUNCATE ON archive_log
    FOR EACH STATEMENT EXECUTE FUNCTION archive_refuse();
CREATE TRIGGER archive_recordfile_no_update BEFORE UPDATE ON archive_recordfile
    FOR EACH ROW EXECUTE FUNCTION archive_refuse();
CREATE TRIGGER archive_recordfile_no_truncate BEFORE TRUNCATE ON archive_recordfile
    FOR EACH STATEMENT EXECUTE FUNCTION archive_refuse();
"""

REFUSE_BACK = """
DROP TRIGGER archive_record_no_delete ON archive_record;
DROP TRIGGER archive_record_no_truncate ON archive_record;
DROP TRIGGER archive_logentry_no_delete ON archive_logentry;
DROP TRIGGER archive_logentry_no_truncate ON archive_logentry;
DROP TRIGGER archive_log_no_change ON archive_log;
DROP TRIGGER archive_log_no_truncate ON archive_log;
DROP TRIGGER archive_recordfile_no_update ON archive_recordfile;
DROP TRIGGER archive_recordfile_no_truncate ON archive_recordfile;
DROP FUNCTION archive_refuse();
"""

# Content may only go, never change, and only beside an entry of the same transaction:
# everything by a disposal; single fields, with their salts, by an erasure.
RECORD = """
CREATE FUNCTION archive_witnessed(record uuid, kind text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM archive_logentry
        WHERE record_id = record AND type = kind AND xact = txid_current()
    )
$$;

CREATE FUNCTION archive_record_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before archive_record := OLD;
BEGIN
    before.canonical := NEW.canonical;
    before.salts := NEW.salts;
    before.state := NEW.state;
    IF before IS DISTINCT FROM NEW THEN
        RAISE EXCEPTION 'UPDATE on archive_record is refused: a record is sealed'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'disposed' AND NEW.canonical IS NULL AND NEW.salts IS NULL
        AND archive_witnessed(OLD.id, 'disposal') THEN
        RETURN NEW;
    END IF;
    IF NEW.state = 'erased' AND OLD.state <> 'disposed'
        AND NEW.salts <> OLD.salts AND OLD.salts @> NEW.salts
        AND length(NEW.canonical) < length(OLD.canonical)
        AND archive_witnessed(OLD.id, 'erasure') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'UPDATE on archive_record is refused: no disposal or erasure'
        ' was logged in this transaction' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER archive_record_update BEFORE UPDATE ON archive_record
    FOR EACH ROW EXECUTE FUNCTION archive_record_update();

CREATE FUNCTION archive_recordfile_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF archive_witnessed(OLD.record_id, 'disposal') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'DELETE on archive_recordfile is refused: no disposal'
        ' was logged in this transaction' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER archive_recordfile_delete BEFORE DELETE ON archive_recordfile
    FOR EACH ROW EXECUTE FUNCTION archive_recordfile_delete();
"""

RECORD_BACK = """
DROP TRIGGER archive_recordfile_delete ON archive_recordfile;
DROP FUNCTION archive_recordfile_delete();
DROP TRIGGER archive_record_update ON archive_record;
DROP FUNCTION archive_record_update();
DROP FUNCTION archive_witnessed(uuid, text);
"""

LOG = """
CREATE FUNCTION archive_logentry_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.xact := txid_current();
    RETURN NEW;
END $$;

CREATE TRIGGER archive_logentry_insert BEFORE INSERT ON archive_logentry
    FOR EACH ROW EXECUTE FUNCTION archive_logentry_insert();

CREATE FUNCTION archive_logentry_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before archive_logentry := OLD;
BEGIN
    before.seq := NEW.seq;
    IF OLD.seq IS NOT NULL OR NEW.seq IS NULL OR before IS DISTINCT FROM NEW THEN
        RAISE EXCEPTION 'UPDATE on archive_logentry is refused: only an entry'
            ' without a place may be given one' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER archive_logentry_update BEFORE UPDATE ON archive_logentry
    FOR EACH ROW EXECUTE FUNCTION archive_logentry_update();
"""

LOG_BACK = """
DROP TRIGGER archive_logentry_update ON archive_logentry;
DROP FUNCTION archive_logentry_update();
DROP TRIGGER archive_logentry_insert ON archive_logentry;
DROP FUNCTION archive_logentry_insert();
"""


# Digests and salts are noise: compressing them costs time and saves little. A record
# fills most of a page; kept in the row it is read and written without detours.
STORAGE = """
ALTER TABLE archive_record SET (toast_tuple_target = 8160);
ALTER TABLE archive_record
    ALTER canonical SET STORAGE EXTERNAL,
    ALTER salts SET STORAGE EXTERNAL,
    ALTER field_digests SET STORAGE EXTERNAL;
"""

STORAGE_BACK = """
ALTER TABLE archive_record RESET (toast_tuple_target);
ALTER TABLE archive_record
    ALTER canonical SET STORAGE EXTENDED,
    ALTER salts SET STORAGE EXTENDED,
    ALTER field_digests SET STORAGE EXTENDED;
"""


class Migration(migrations.Migration):
    dependencies = [("archive", "0001_tables")]

    operations = [
        migrations.RunSQL(REFUSE, REFUSE_BACK),
        migrations.RunSQL(RECORD, RECORD_BACK),
        migrations.RunSQL(LOG, LOG_BACK),
        migrations.RunSQL(STORAGE, STORAGE_BACK),
    ]

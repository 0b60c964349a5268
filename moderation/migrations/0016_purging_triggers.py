"""Words of messages go in two cases only: the message is not on our channels (K-16), or
the register says, in the same transaction, that the municipality's rule emptied it."""

from django.db import migrations

# table -> (column -> what it is emptied to, how its message is found)
OF_CASE = "JOIN moderation_case c ON c.message_id = m.id WHERE c.id = OLD.case_id"
EMPTIED = {
    "moderation_finding": ({"sentences": "'{}'::jsonb"}, OF_CASE),
    "moderation_handover": ({"note": "to_jsonb(''::text)"}, OF_CASE),
    "moderation_referral": ({"note": "to_jsonb(''::text)"}, OF_CASE),
    "moderation_draftstep": (
        {
            "text": "to_jsonb(''::text)",
            # Sent back is never without a note.
            "note": "to_jsonb(CASE NEW.act WHEN 'sent_back' THEN '–' ELSE '' END)",
        },
        "JOIN moderation_case c ON c.message_id = m.id"
        " JOIN moderation_draft d ON d.case_id = c.id WHERE d.id = OLD.draft_id",
    ),
}


def _function(table: str) -> str:
    columns, where = EMPTIED[table]
    names = ", ".join(f"'{name}'" for name in columns)
    empty = " AND ".join(
        f"to_jsonb(NEW) -> '{name}' = {value}" for name, value in columns.items()
    )
    return f"""
CREATE OR REPLACE FUNCTION {table}_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND {empty}
        AND to_jsonb(NEW) - ARRAY[{names}] = to_jsonb(OLD) - ARRAY[{names}]
        AND EXISTS (
            SELECT 1 FROM channels_message m {where}
            AND (m.outside_at IS NOT NULL OR m.purged_at IS NOT NULL)
        )
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% only grows: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
DROP TRIGGER {table}_only_grows ON {table};
CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_changes();
"""


FORWARD = (
    "".join(_function(table) for table in EMPTIED)
    + """
CREATE OR REPLACE FUNCTION channels_version_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND NEW.text = '' AND NEW.raw = ''::bytea
        AND (NEW.id, NEW.message_id, NEW.number, NEW.digest, NEW.seen_at)
            IS NOT DISTINCT FROM
            (OLD.id, OLD.message_id, OLD.number, OLD.digest, OLD.seen_at)
        AND EXISTS (
            SELECT 1 FROM channels_message m
            WHERE m.id = OLD.message_id
            AND (m.outside_at IS NOT NULL OR m.purged_at IS NOT NULL)
        )
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% only grows: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION moderation_purge_xact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.xact := txid_current();
    RETURN NEW;
END $$;
CREATE TRIGGER purge_xact BEFORE INSERT ON moderation_purge
    FOR EACH ROW EXECUTE FUNCTION moderation_purge_xact();
CREATE TRIGGER moderation_purge_only_grows
    BEFORE UPDATE OR DELETE ON moderation_purge
    FOR EACH ROW EXECUTE FUNCTION moderation_only_grows();
CREATE TRIGGER moderation_purge_is_not_emptied BEFORE TRUNCATE ON moderation_purge
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_only_grows();

CREATE FUNCTION moderation_message_purged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.outside_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM moderation_purge WHERE xact = txid_current()
    ) THEN
        RAISE EXCEPTION 'a message is emptied with an entry in the register only'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER message_purged BEFORE UPDATE OF purged_at ON channels_message
    FOR EACH ROW WHEN (NEW.purged_at IS NOT NULL AND OLD.purged_at IS NULL)
    EXECUTE FUNCTION moderation_message_purged();
CREATE TRIGGER message_purged_at_first BEFORE INSERT ON channels_message
    FOR EACH ROW WHEN (NEW.purged_at IS NOT NULL)
    EXECUTE FUNCTION moderation_message_purged();

CREATE FUNCTION moderation_purgerule_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    settling text[] := ARRAY['state', 'settled_at', 'settled_by_id', 'foreseen'];
    stopping text[] := ARRAY['stopped_at', 'stopped_by_id', 'stopped_for'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.state = 'proposed' AND NEW.stopped_at IS NULL
            AND to_jsonb(NEW) - settling = to_jsonb(OLD) - settling THEN
            RETURN NEW;
        END IF;
        IF OLD.state = 'confirmed' AND OLD.stopped_at IS NULL
            AND to_jsonb(NEW) - stopping = to_jsonb(OLD) - stopping THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% only grows: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER moderation_purgerule_only_grows
    BEFORE UPDATE OR DELETE ON moderation_purgerule
    FOR EACH ROW EXECUTE FUNCTION moderation_purgerule_changes();
CREATE TRIGGER moderation_purgerule_is_not_emptied
    BEFORE TRUNCATE ON moderation_purgerule
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_only_grows();
"""
)

BACKWARD = """
DROP TRIGGER moderation_purgerule_is_not_emptied ON moderation_purgerule;
DROP TRIGGER moderation_purgerule_only_grows ON moderation_purgerule;
DROP FUNCTION moderation_purgerule_changes();
DROP TRIGGER message_purged_at_first ON channels_message;
DROP TRIGGER message_purged ON channels_message;
DROP FUNCTION moderation_message_purged();
DROP TRIGGER moderation_purge_is_not_emptied ON moderation_purge;
DROP TRIGGER moderation_purge_only_grows ON moderation_purge;
DROP TRIGGER purge_xact ON moderation_purge;
DROP FUNCTION moderation_purge_xact();
CREATE OR REPLACE FUNCTION channels_version_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
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
""" + "".join(
    f"""
DROP TRIGGER {table}_only_grows ON {table};
CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION moderation_only_grows();
DROP FUNCTION {table}_changes();
"""
    for table in EMPTIED
    if table != "moderation_finding"
)


class Migration(migrations.Migration):
    dependencies = [("moderation", "0015_purging")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

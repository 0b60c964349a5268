"""Salts and digests are kept as text: read as they stand, not put together anew."""

from django.db import migrations

import archive.models.kept_json

# The change of type has put the storage back to what a text has (0002_triggers).
STORAGE = """
ALTER TABLE archive_record
    ALTER salts SET STORAGE EXTERNAL,
    ALTER field_digests SET STORAGE EXTERNAL;
"""

# As before (0002_triggers), but that salts have to be read to be compared.
UPDATE = """
CREATE OR REPLACE FUNCTION archive_record_update() RETURNS trigger LANGUAGE plpgsql AS $$
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
        AND NEW.salts::jsonb <> OLD.salts::jsonb
        AND OLD.salts::jsonb @> NEW.salts::jsonb
        AND length(NEW.canonical) < length(OLD.canonical)
        AND archive_witnessed(OLD.id, 'erasure') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'UPDATE on archive_record is refused: no disposal or erasure'
        ' was logged in this transaction' USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("archive", "0017_not_whole")]

    operations = [
        migrations.AlterField(
            model_name="record",
            name="salts",
            field=archive.models.kept_json.KeptJSON(null=True, verbose_name="salts"),
        ),
        migrations.AlterField(
            model_name="record",
            name="field_digests",
            field=archive.models.kept_json.KeptJSON(verbose_name="field digests"),
        ),
        # The function reads either type.
        migrations.RunSQL(UPDATE, migrations.RunSQL.noop),
        migrations.RunSQL(STORAGE, STORAGE),
    ]

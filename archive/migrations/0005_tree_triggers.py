"""Tiles only grow, checkpoints and keys stay as they are."""

from django.db import migrations

TABLES = ("checkpoint", "checkpointtoken", "logkey")
KEEP = "".join(
    f"""
    CREATE TRIGGER archive_{table}_no_change
        BEFORE UPDATE OR DELETE ON archive_{table}
        FOR EACH ROW EXECUTE FUNCTION archive_refuse();
    CREATE TRIGGER archive_{table}_no_truncate
        BEFORE TRUNCATE ON archive_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION archive_refuse();
    """
    for table in TABLES
)
KEEP_BACK = "".join(
    f"""
    DROP TRIGGER archive_{table}_no_change ON archive_{table};
    DROP TRIGGER archive_{table}_no_truncate ON archive_{table};
    """
    for table in TABLES
)

TILE = """
CREATE FUNCTION archive_tile_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.level = OLD.level AND NEW.n = OLD.n AND NEW.id = OLD.id
        AND substring(NEW.hashes FOR length(OLD.hashes)) = OLD.hashes THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'UPDATE on archive_tile is refused: a tile only grows'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER archive_tile_update BEFORE UPDATE ON archive_tile
    FOR EACH ROW EXECUTE FUNCTION archive_tile_update();
CREATE TRIGGER archive_tile_no_delete BEFORE DELETE ON archive_tile
    FOR EACH ROW EXECUTE FUNCTION archive_refuse();
CREATE TRIGGER archive_tile_no_truncate BEFORE TRUNCATE ON archive_tile
    FOR EACH STATEMENT EXECUTE FUNCTION archive_refuse();
"""

TILE_BACK = """
DROP TRIGGER archive_tile_no_truncate ON archive_tile;
DROP TRIGGER archive_tile_no_delete ON archive_tile;
DROP TRIGGER archive_tile_update ON archive_tile;
DROP FUNCTION archive_tile_update();
"""


class Migration(migrations.Migration):
    dependencies = [("archive", "0004_tree")]

    operations = [
        migrations.RunSQL(KEEP, KEEP_BACK),
        migrations.RunSQL(TILE, TILE_BACK),
    ]

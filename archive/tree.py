"""The log's tree as the database keeps it: tiles, roots, proofs."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from archive import log, tiles
from archive.models import LogEntry, Tile


def size() -> int:
    """The number of entries that have a place."""
    last = LogEntry.objects.filter(seq__isnull=False).order_by("-seq").first()
    return 0 if last is None or last.seq is None else last.seq + 1


def load(wanted: Iterable[tiles.TileId]) -> tiles.Tiles:
    """The tiles asked for, as far as they are there, in one statement."""
    pairs = list(wanted)
    if not pairs:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT level, n, hashes FROM archive_tile WHERE (level, n) IN "
            "(SELECT * FROM unnest(%s::int[], %s::bigint[]))",
            [[level for level, _ in pairs], [n for _, n in pairs]],
        )
        return {(level, n): bytes(hashes) for level, n, hashes in cursor.fetchall()}


def save(changed: tiles.Tiles) -> None:
    Tile.objects.bulk_create(
        (Tile(level=level, n=n, hashes=data) for (level, n), data in changed.items()),
        update_conflicts=True,
        unique_fields=["level", "n"],
        update_fields=["hashes"],
    )


def root(of: int) -> bytes:
    """The root over the first `of` entries. TilesError when tiles are missing."""
    if not of:
        return log.EMPTY_ROOT
    return log.subtree(tiles.reader(load(tiles.needed(of))), 0, of)


def inclusion_proof(index: int, of: int) -> list[bytes]:
    """The hashes that lead from entry `index` to the root of the first `of`."""
    return log.inclusion_proof(tiles.reader(load(tiles.needed(of, index))), index, of)


def consistency_proof(old: int, new: int) -> list[bytes]:
    """The hashes that show the tree of `new` entries to begin with that of `old`."""
    wanted = tiles.needed(new, old - 1) | tiles.needed(old)
    return log.consistency_proof(tiles.reader(load(wanted)), old, new)

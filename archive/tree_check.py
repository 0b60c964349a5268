"""Whether tiles, checkpoints and what is published are those of the entries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256

from django.db import connection

from archive import entries, keys, log, publication, tiles, tree
from archive.checking import Fault
from archive.models import Checkpoint, CheckpointToken, LogEntry, LogKey, Package
from archive.notes import Checkpoint as Statement
from archive.notes import NoteError

CHUNK_LEAVES = tiles.WIDTH * tiles.WIDTH


def faults() -> list[Fault]:
    """Everything that contradicts the leaf hashes in the order of their places."""
    found: list[Fault] = []
    checkpoints = dict(Checkpoint.objects.values_list("size", "root"))
    known = keys.reigns()
    published, trouble = _published(known)
    found += trouble
    sizes = {*checkpoints, *([published.size] if published else [])}
    roots = log.roots_at(_leaves(found), sizes)
    for size, root in sorted(checkpoints.items()):
        if roots.get(size) != bytes(root):
            found.append(Fault("checkpoint-not-of-the-log", f"checkpoint {size}"))
    if published is not None and roots.get(published.size) != published.root:
        found.append(
            Fault("published-not-of-the-log", "log", f"{published.size} entries")
        )
    if published is not None and published.size not in checkpoints:
        found.append(Fault("checkpoint-missing", "log", str(published.size)))
    if known:
        found += _signatures(known)
        found += _changes_of_key()
    stamped = Package.objects.exclude(stamp=None)
    if CheckpointToken.objects.exists() or stamped.exists():
        from archive import timestamps  # loads a library that few checks need

        found += timestamps.faults()
    return found


def _published(known: list[keys.Reign]) -> tuple[Statement | None, list[Fault]]:
    try:
        return (publication.latest(known) if known else None), []
    except NoteError as error:
        return None, [Fault("published-not-of-the-log", "log", str(error))]


def _signatures(known: list[keys.Reign]) -> Iterator[Fault]:
    for checkpoint in Checkpoint.objects.order_by("size").iterator():
        where = f"checkpoint {checkpoint.size}"
        kept = Statement(entries.origin(), checkpoint.size, bytes(checkpoint.root))
        try:
            for verifier in keys.of_size(known, checkpoint.size):
                if Statement.parse(verifier.open(checkpoint.note)) != kept:
                    yield Fault("checkpoint-not-signed", where, "another size or root")
        except NoteError as error:
            yield Fault("checkpoint-not-signed", where, str(error))


def _changes_of_key() -> Iterator[Fault]:
    """Each key but the first has its entry in the log, and each entry its key."""
    told = [
        json.loads(bytes(leaf)).get("commitment")
        for leaf in LogEntry.objects.filter(type=LogEntry.Type.KEY_ROTATE)
        .order_by("id")
        .values_list("leaf_bytes", flat=True)
    ]
    vkeys = list(LogKey.objects.values_list("vkey", flat=True))
    kept = [sha256(vkey.encode()).hexdigest() for vkey in vkeys[1:]]
    if told != kept:
        yield Fault("key-not-logged", "log")


def _leaves(found: list[Fault]) -> Iterator[bytes]:
    """The leaf hashes in order; on the way the tiles are held against them."""
    edge: tiles.Tiles = {}
    size = 0
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT leaf_hash FROM archive_logentry WHERE seq IS NOT NULL ORDER BY seq"
        )
        while rows := cursor.fetchmany(CHUNK_LEAVES):
            leaves = [bytes(hash_) for (hash_,) in rows]
            try:
                grown = tiles.grow(size, edge, leaves)
            except tiles.TilesError:  # a hash has lost bytes: nothing fits from here
                found.append(Fault("tile-changed", f"tile 0/{size // tiles.WIDTH}"))
                return
            size += len(leaves)
            edge = {id_: grown.get(id_, edge.get(id_, b"")) for id_ in tiles.edge(size)}
            found += _compare(grown, edge)
            yield from leaves
    found += _compare(edge, {})


def _compare(expected: tiles.Tiles, unfinished: tiles.Tiles) -> Iterator[Fault]:
    expected = {id_: data for id_, data in expected.items() if id_ not in unfinished}
    kept = tree.load(expected)
    for (level, n), data in expected.items():
        where = f"tile {level}/{n}"
        if (level, n) not in kept:
            yield Fault("tile-missing", where)
        elif kept[level, n] != data:
            yield Fault("tile-changed", where)

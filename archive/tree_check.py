"""Whether tiles, checkpoints and what is published are those of the entries."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from archive import keys, log, publication, tiles, tree
from archive.checking import Fault
from archive.models import Checkpoint, CheckpointToken
from archive.notes import Checkpoint as Statement
from archive.notes import NoteError, Verifier

CHUNK_LEAVES = tiles.WIDTH * tiles.WIDTH


def faults() -> list[Fault]:
    """Everything that contradicts the leaf hashes in the order of their places."""
    found: list[Fault] = []
    checkpoints = dict(Checkpoint.objects.values_list("size", "root"))
    verifier = keys.verifier()
    published, trouble = _published(verifier)
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
    if verifier is not None:
        found += _signatures(verifier)
    if CheckpointToken.objects.exists():
        from archive import timestamps  # loads a library that few checks need

        found += timestamps.faults()
    return found


def _published(verifier: Verifier | None) -> tuple[Statement | None, list[Fault]]:
    try:
        return (None if verifier is None else publication.latest(verifier)), []
    except NoteError as error:
        return None, [Fault("published-not-of-the-log", "log", str(error))]


def _signatures(verifier: Verifier) -> Iterator[Fault]:
    for checkpoint in Checkpoint.objects.order_by("size").iterator():
        where = f"checkpoint {checkpoint.size}"
        try:
            said = Statement.parse(verifier.open(checkpoint.note))
        except NoteError as error:
            yield Fault("checkpoint-not-signed", where, str(error))
            continue
        kept = Statement(verifier.name, checkpoint.size, bytes(checkpoint.root))
        if said != kept:
            yield Fault("checkpoint-not-signed", where, "another size or root")


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

"""Whether tiles, checkpoints and what is published are those of the entries."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from hashlib import sha256

from archive import entries, keys, log, publication, sequencer, tiles, tree
from archive.bulk import fetch
from archive.checking import Fault
from archive.models import Checkpoint, CheckpointToken, LogEntry, LogKey, Package
from archive.notes import Checkpoint as Statement
from archive.notes import NoteError

CHUNK_LEAVES = tiles.WIDTH * tiles.WIDTH


def faults() -> list[Fault]:
    """Everything that contradicts the leaf hashes in the order of their places."""
    # A log that grew meanwhile would have more in its tiles than was read of it.
    with sequencer.standing_still():
        return _faults()


def _faults() -> list[Fault]:
    found: list[Fault] = []
    checkpoints = dict(Checkpoint.objects.values_list("size", "root"))
    known = keys.reigns()
    published, trouble = _published(known)
    found += trouble
    sizes = {*checkpoints, *([published.size] if published else [])}
    roots = _roots(sizes, found)
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


def _roots(sizes: Iterable[int], found: list[Fault]) -> dict[int, bytes]:
    """The roots at these sizes, in one pass."""
    wanted = sorted(sizes)
    growing = log.Growing()
    roots = {0: growing.root()}
    for hash_, level in _pieces(wanted, found):
        growing.add(hash_, level)
        at = bisect_right(wanted, growing.size)
        if at and wanted[at - 1] == growing.size:
            roots[growing.size] = growing.root()
    return roots


def _pieces(wanted: list[int], found: list[Fault]) -> Iterator[tuple[bytes, int]]:
    """(hash, level) of what makes up the tree: whole tiles, and the leaves of those in
    which one of the sizes lies. On the way the tiles are held against the leaves."""
    edge: tiles.Tiles = {}
    size = 0
    for leaves in _leaf_hashes():
        try:
            grown = tiles.grow(size, edge, leaves)
        except tiles.TilesError:  # a hash has lost bytes: nothing fits from here
            found.append(Fault("tile-changed", f"tile 0/{size // tiles.WIDTH}"))
            return
        # Chunks begin where tiles do: only the last one ends inside a tile.
        for first in range(0, len(leaves), tiles.WIDTH):
            start, end = size + first, size + first + tiles.WIDTH
            at = bisect_right(wanted, start)
            asked_inside = at < len(wanted) and wanted[at] < end
            if end <= size + len(leaves) and not asked_inside:
                yield _hash_above(grown, start // tiles.WIDTH), tiles.HEIGHT
            else:
                for leaf in leaves[first : first + tiles.WIDTH]:
                    yield leaf, 0
        size += len(leaves)
        edge = {id_: grown.get(id_, edge.get(id_, b"")) for id_ in tiles.edge(size)}
        found += _compare(grown, edge)
    found += _compare(edge, {})


def _hash_above(grown: tiles.Tiles, n: int) -> bytes:
    """The hash of the whole tile 0/n, as the tile above holds it; nothing when a leaf
    hash has lost bytes, so that no root will be right."""
    above, place = divmod(n, tiles.WIDTH)
    start = place * log.HASH_BYTES
    return grown.get((1, above), b"")[start : start + log.HASH_BYTES]


def _leaf_hashes() -> Iterator[list[bytes]]:
    after = -1
    while rows := fetch(_LEAF_HASHES, (after, CHUNK_LEAVES)):
        yield [hash_ for _seq, hash_ in rows]
        after = rows[-1][0]


_LEAF_HASHES = """
SELECT seq, leaf_hash FROM archive_logentry WHERE seq > %s ORDER BY seq LIMIT %s
"""


def _compare(expected: tiles.Tiles, unfinished: tiles.Tiles) -> Iterator[Fault]:
    expected = {id_: data for id_, data in expected.items() if id_ not in unfinished}
    kept = tree.load(expected)
    for (level, n), data in expected.items():
        where = f"tile {level}/{n}"
        if (level, n) not in kept:
            yield Fault("tile-missing", where)
        elif kept[level, n] != data:
            yield Fault("tile-changed", where)

"""One streaming source of records for every format."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from archive.bulk import fetch, fetcher, stream
from archive.export.selection import Selection

CHUNK_ROWS = 1_000


class Place(NamedTuple):
    """A record's place in the order of sealing, as PostgreSQL writes it."""

    sealed_at: str
    id: str


NO_ID = "00000000-0000-0000-0000-000000000000"


class Sealed(NamedTuple):
    """A record as it is exported; all but bytes is text, for there are many.

    `field_digests` is empty where they follow from the document and its salts.
    """

    sealed_at: str
    id: str
    state: str
    canonical: bytes | None
    salts: str | None
    field_digests: str
    commitment: bytes

    @property
    def place(self) -> Place:
        """Where to go on after this record."""
        return Place(self.sealed_at, self.id)


# Qualified, or PostgreSQL would sort by the texts that it is asked to show.
_RECORDS = """
SELECT r.sealed_at::text, r.id::text, r.state, r.canonical, r.salts::text,
    CASE WHEN r.state = 'sealed' THEN '' ELSE r.field_digests::text END, r.commitment
FROM {source}
WHERE (r.sealed_at, r.id) > (%s::timestamptz, %s::uuid) AND r.sealed_at < %s{condition}
ORDER BY r.sealed_at, r.id LIMIT %s
"""


def records(selection: Selection, after: Place | None = None) -> Iterator[list[Sealed]]:
    """The records of the selection, oldest first, in chunks; none is held for long.
    The next chunk is on its way while the caller works on one."""
    statement = _of(selection, _RECORDS)
    ask = fetcher()

    def chunk(after: Place) -> list[Sealed]:
        asked = (*after, selection.end, *selection.values, CHUNK_ROWS)
        return [Sealed(*row) for row in ask(statement, asked)]

    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(
            chunk, after or Place(selection.start.isoformat(), NO_ID)
        )
        while found := coming.result():
            coming = beside.submit(chunk, found[-1].place)
            yield found


def _of(selection: Selection, statement: str) -> str:
    return statement.format(source=selection.source, condition=selection.condition)


def _asked(selection: Selection) -> tuple[Any, ...]:
    return (selection.start, selection.end, *selection.values)


_COUNT = """
SELECT count(*) FROM {source} WHERE r.sealed_at >= %s AND r.sealed_at < %s{condition}
"""


def count(selection: Selection) -> int:
    """How many records the selection has."""
    [(number,)] = fetch(_of(selection, _COUNT), _asked(selection))
    return int(number)


class Logged(NamedTuple):
    id: int
    seq: int | None
    leaf: bytes


# Also what happened to these records later, such as a disposal.
_ENTRIES = """
SELECT e.id, e.seq, e.leaf_bytes FROM {source}
JOIN archive_logentry e ON e.record_id = r.id
WHERE r.sealed_at >= %s AND r.sealed_at < %s{condition}
ORDER BY e.id
"""


def entries(selection: Selection) -> Iterator[list[Logged]]:
    """The log entries about the records of the selection, in one reading: to join and
    sort them anew for each chunk would take longer with each record."""
    statement = _of(selection, _ENTRIES)
    for rows in stream(statement, _asked(selection), CHUNK_ROWS * 10):
        yield [Logged(*row) for row in rows]


def leaf_hashes(size: int) -> Iterator[bytes]:
    """The hashes of the first `size` leaves, 32 bytes each, many at a time."""
    hashes = "SELECT leaf_hash FROM archive_logentry WHERE seq < %s ORDER BY seq"
    for rows in stream(hashes, (size,), CHUNK_ROWS * 10):
        yield b"".join(hash_ for (hash_,) in rows)


_FILES = """
SELECT f.sha256, max(f.size), max(f.mime) FROM {source}
JOIN archive_recordfile f ON f.record_id = r.id
WHERE r.sealed_at >= %s AND r.sealed_at < %s{condition}
GROUP BY f.sha256 ORDER BY f.sha256
"""


def files(selection: Selection) -> Iterator[tuple[str, int, str]]:
    """(SHA-256, size, type) of each different file of the selection's records."""
    for rows in stream(_of(selection, _FILES), _asked(selection), CHUNK_ROWS):
        yield from rows

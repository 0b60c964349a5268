"""One streaming source of records for every format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from archive.bulk import fetch

CHUNK_ROWS = 1_000


class Place(NamedTuple):
    """A record's place in the order of sealing, as PostgreSQL writes it."""

    sealed_at: str
    id: str


NO_ID = "00000000-0000-0000-0000-000000000000"


class Sealed(NamedTuple):
    """A record as it is exported; all but bytes is text, for there are many."""

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

    @property
    def document(self) -> dict[str, Any]:
        return {} if self.canonical is None else json.loads(self.canonical)


class Span(NamedTuple):
    """Sealed at or after `start` and before `end`."""

    start: datetime
    end: datetime

    @classmethod
    def of_days(cls, first: date, last: date) -> Span:
        """Whole days, the last one included, in the current time zone."""
        midnight = time(tzinfo=timezone.get_current_timezone())
        return cls(
            datetime.combine(first, midnight),
            datetime.combine(last + timedelta(days=1), midnight),
        )


# Qualified, or PostgreSQL would sort by the texts that it is asked to show.
_RECORDS = """
SELECT r.sealed_at::text, r.id::text, r.state, r.canonical, r.salts::text,
    r.field_digests::text, r.commitment
FROM archive_record r
WHERE (r.sealed_at, r.id) > (%s::timestamptz, %s::uuid) AND r.sealed_at < %s
ORDER BY r.sealed_at, r.id LIMIT %s
"""


def records(span: Span, after: Place | None = None) -> Iterator[list[Sealed]]:
    """The records of the span, oldest first, in chunks; none is held for long."""
    after = after or Place(span.start.isoformat(), NO_ID)
    while rows := fetch(_RECORDS, (*after, span.end, CHUNK_ROWS)):
        chunk = [Sealed(*row) for row in rows]
        yield chunk
        after = chunk[-1].place


def count(span: Span) -> int:
    """How many records the span has."""
    [(number,)] = fetch(
        "SELECT count(*) FROM archive_record WHERE sealed_at >= %s AND sealed_at < %s",
        span,
    )
    return int(number)


class Logged(NamedTuple):
    id: int
    seq: int | None
    leaf: bytes


# Also what happened to these records later, such as a disposal.
_ENTRIES = """
SELECT e.id, e.seq, e.leaf_bytes FROM archive_logentry e
JOIN archive_record r ON r.id = e.record_id
WHERE r.sealed_at >= %s AND r.sealed_at < %s AND e.id > %s
ORDER BY e.id LIMIT %s
"""


def entries(span: Span, after: int = 0) -> Iterator[list[Logged]]:
    """The log entries about the records of the span."""
    while rows := fetch(_ENTRIES, (*span, after, CHUNK_ROWS * 10)):
        chunk = [Logged(*row) for row in rows]
        yield chunk
        after = chunk[-1].id


def leaf_hashes(size: int) -> Iterator[bytes]:
    """The hashes of the first `size` leaves, 32 bytes each, many at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT leaf_hash FROM archive_logentry WHERE seq < %s ORDER BY seq", [size]
        )
        while rows := cursor.fetchmany(CHUNK_ROWS * 10):
            yield b"".join(bytes(hash_) for (hash_,) in rows)


_FILES = """
SELECT f.sha256, max(f.size), max(f.mime) FROM archive_recordfile f
JOIN archive_record r ON r.id = f.record_id
WHERE r.sealed_at >= %s AND r.sealed_at < %s
GROUP BY f.sha256 ORDER BY f.sha256
"""


def files(span: Span) -> Iterator[tuple[str, int, str]]:
    """(SHA-256, size, type) of each different file of the span's records."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_FILES, span)
        while rows := cursor.fetchmany(CHUNK_ROWS):
            yield from rows

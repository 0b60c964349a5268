"""Reads records and entries for checking, in chunks, over any connection.

Knows no Django, so that a process that shares the work starts quickly.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import psycopg

from archive import checking
from archive.checking import Fault

CHUNK_ROWS = 2_000

Fetch = Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]


class Place(NamedTuple):
    """A record's place in the order of sealing; both as text."""

    sealed_at: str
    id: str


FIRST = Place("-infinity", "00000000-0000-0000-0000-000000000000")
LAST = Place("infinity", "ffffffff-ffff-ffff-ffff-ffffffffffff")


def _moment(column: str) -> str:
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')"""


# OFFSET 0 keeps the entries a look-up by index for each record: joined freely they are
# all compared with all where PostgreSQL has not counted the rows yet.
# Witnesses are counted only for records that say they need one; the opposite, an entry
# without its effect, shows between the tables.
_RECORDS = f"""
SELECT r.id::text, r.kind, r.subject::text, r.version, r.canonical, r.salts::text,
    r.field_digests::text, r.commitment, r.retention, {_moment("r.sealed_at")},
    r.sealed_by, r.state,
    coalesce((
        SELECT json_object_agg(position, json_build_object(
            'sha256', sha256, 'size', size, 'mime', mime, 'name', name))
        FROM archive_recordfile f WHERE f.record_id = r.id
    )::text, '{{}}'),
    CASE WHEN r.state = 'sealed' THEN 0 ELSE (
        SELECT count(*) FROM archive_logentry w
        WHERE w.record_id = r.id AND w.type = 'erasure') END,
    CASE WHEN r.state = 'sealed' THEN 0 ELSE (
        SELECT count(*) FROM archive_logentry w
        WHERE w.record_id = r.id AND w.type = 'disposal') END,
    e.entry_id::text, e.leaf_bytes, e.leaf_hash, {_moment("e.created_at")}
FROM (
    SELECT * FROM archive_record
    WHERE (sealed_at, id) > (%s::timestamptz, %s::uuid)
        AND (sealed_at, id) <= (%s::timestamptz, %s::uuid)
    ORDER BY sealed_at, id LIMIT %s
) r
LEFT JOIN LATERAL (
    SELECT entry_id, leaf_bytes, leaf_hash, created_at FROM archive_logentry
    WHERE record_id = r.id AND type = 'record.create' OFFSET 0
) e ON true
ORDER BY r.sealed_at, r.id
"""

# The last record of each share.
BOUNDS = f"""
SELECT {_moment("sealed_at")} || 'Z', id::text FROM (
    SELECT sealed_at, id, row_number() OVER (ORDER BY sealed_at, id) AS number
    FROM archive_record
) AS counted WHERE number %% %s = 0 ORDER BY sealed_at, id
"""

# Entries of a sealing are checked beside their record.
_ENTRIES = f"""
SELECT id, entry_id::text, type, record_id::text, leaf_bytes, leaf_hash,
    {_moment("created_at")}
FROM archive_logentry WHERE id > %s AND type <> 'record.create'
ORDER BY id LIMIT %s
"""


def check_records(
    fetch: Fetch, origin: str, after: Place, until: Place | None
) -> tuple[int, list[Fault]]:
    """(number of records, faults) after a place and up to another, by keyset: little
    is held and no transaction stays open."""
    count = 0
    faults: list[Fault] = []
    end = until or LAST
    while rows := fetch(_RECORDS, (*after, *end, CHUNK_ROWS)):
        faults += checking.check_records(rows, origin)
        count += len({row[0] for row in rows})
        after = Place(f"{rows[-1][9]}Z", rows[-1][0])
    return count, faults


def check_entries(fetch: Fetch, origin: str) -> list[Fault]:
    """The faults of all entries other than those of a sealing."""
    faults: list[Fault] = []
    after = 0
    while rows := fetch(_ENTRIES, (after, CHUNK_ROWS)):
        faults += checking.check_entries((row[1:] for row in rows), origin)
        after = rows[-1][0]
    return faults


def check_share(
    address: dict[str, Any], origin: str, after: Place, until: Place | None
) -> tuple[int, list[Fault]]:
    """`check_records` for another process, over the connection that it keeps."""
    connection = _own(tuple(address.items()))

    def fetch(statement: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        cursor = connection.execute(statement.encode(), parameters, binary=True)
        return cursor.fetchall()

    return check_records(fetch, origin, after, until)


@cache
def _own(address: tuple[tuple[str, Any], ...]) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(**dict(address), autocommit=True)

"""Entries of the log: what each leaf says, and how it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.conf import settings

from archive import canonical
from archive.bulk import write_rows
from archive.checking import timestamp
from archive.log import leaf_hash
from archive.models import Log, LogEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry to be written; `commitment` is 32 bytes that name nobody."""

    type: str
    record_id: UUID | None
    record_version: int = 1
    commitment: bytes
    previous: bytes | None = None


@dataclass(frozen=True, slots=True)
class Written:
    entry_id: UUID
    leaf: bytes
    leaf_hash: bytes


@cache
def origin() -> str:
    """The log's origin: taken from the public address once, then kept for good."""
    log, _created = Log.objects.get_or_create(
        id=1,
        defaults={"origin": f"{urlsplit(settings.BASE_URL).hostname}/archive"},
    )
    return log.origin


def to_millisecond(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def leaf(entry: Entry, entry_id: UUID, moment: datetime) -> bytes:
    """The leaf's bytes: JCS without names, texts, officers or platform ids."""
    return canonical.dumps(
        {
            "v": 1,
            "log": origin(),
            "type": entry.type,
            "entry_id": str(entry_id),
            "record_id": None if entry.record_id is None else str(entry.record_id),
            "record_version": str(entry.record_version),
            "prev_leaf": None if entry.previous is None else entry.previous.hex(),
            "commitment": entry.commitment.hex(),
            "ts": timestamp(moment),
        }
    )


COLUMNS = {
    "entry_id": "uuid",
    "type": "varchar",
    "record_id": "uuid",
    "leaf_bytes": "bytea",
    "leaf_hash": "bytea",
    "xact": "int8",
    "created_at": "timestamptz",
}


def written(entry: Entry, moment: datetime) -> Written:
    """The entry as it will stand in the log."""
    entry_id = uuid4()
    bytes_ = leaf(entry, entry_id, moment)
    return Written(entry_id, bytes_, leaf_hash(bytes_))


def row(entry: Entry, new: Written, moment: datetime) -> tuple[Any, ...]:
    """Its row, in the order of COLUMNS."""
    return (
        new.entry_id,
        str(entry.type),
        entry.record_id,
        new.leaf,
        new.leaf_hash,
        0,  # set by the trigger
        moment,
    )


def append(entries: Sequence[Entry], *, moment: datetime) -> list[Written]:
    """Write the entries, in order, in the caller's transaction: one statement."""
    new = [written(entry, moment) for entry in entries]
    write_rows(
        LogEntry._meta.db_table,
        COLUMNS,
        (row(entry, one, moment) for one, entry in zip(new, entries, strict=True)),
    )
    return new

"""Sealing: facts become a record that is never edited, and one entry of the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from archive import canonical, entries, prepared
from archive.bulk import write_rows
from archive.canonical import FactsError
from archive.checking import timestamp
from archive.models import LogEntry, Record, RecordFile, RecordSearch

__all__ = ["FactsError", "FileFacts", "Sealing", "seal", "seal_many"]

# Longer texts are searched by their beginning: a tsvector holds at most 1 MiB.
SEARCHED_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """A file already kept by `archive.files`; `size` in bytes, `sha256` in hex."""

    sha256: str
    size: int
    mime: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """What `seal_many` takes for one record."""

    kind: str
    subject: UUID
    facts: Mapping[str, Any]
    retention: str
    files: Sequence[FileFacts] = ()


def seal(
    *,
    kind: str,
    subject: UUID,
    facts: Mapping[str, Any],
    files: Sequence[FileFacts] = (),
    retention: str,
    by: str,
) -> Record:
    """Seal one record in the caller's transaction (K-19).

    `facts` nests text, bool, None, int, list and dict; FactsError names by JSON
    pointer the first value that has no canonical form. `by` is the full name and user
    name of the person, or the name of the process, that seals.
    """
    one = Sealing(
        kind=kind, subject=subject, facts=facts, files=files, retention=retention
    )
    return seal_many([one], by=by)[0]


def seal_many(sealings: Sequence[Sealing], *, by: str) -> list[Record]:
    """Seal records in order: one statement for one, three for any number, one
    more with files."""
    if not sealings:
        return []
    now = entries.to_millisecond(timezone.now())
    records = [_record(sealing, by=by, now=now) for sealing in sealings]
    created = [_entry(record) for record in records]
    with transaction.atomic(savepoint=False):
        if len(records) == 1:
            _insert_one(records[0], created[0], sealings[0].facts)
        else:
            _insert_records(records)
            entries.append(created, moment=now)
            insert_search(
                (record, sealing.facts)
                for record, sealing in zip(records, sealings, strict=True)
            )
        _insert_files(records, sealings)
    return records


def _entry(record: Record) -> entries.Entry:
    return entries.Entry(
        type=LogEntry.Type.CREATE.value,
        record_id=record.id,
        record_version=record.version,
        commitment=bytes(record.commitment),
    )


def document_of(record: Record, sealing: Sealing) -> dict[str, Any]:
    """The document that is sealed: about the record, the caller's facts, the files."""
    return {
        "record": {
            "id": str(record.id),
            "kind": str(record.kind),
            "subject": str(record.subject),
            "version": record.version,
            "retention": record.retention,
            "sealed_at": timestamp(record.sealed_at),
            "sealed_by": record.sealed_by,
        },
        "facts": dict(sealing.facts),
        "files": {
            str(position): {
                "sha256": file.sha256,
                "size": file.size,
                "mime": file.mime,
                "name": file.name,
            }
            for position, file in enumerate(sealing.files)
        },
    }


_KINDS = frozenset(Record.Kind.values)


def _record(sealing: Sealing, *, by: str, now: datetime) -> Record:
    if sealing.kind not in _KINDS:
        raise ValueError(f"no kind of record is called {sealing.kind}")
    record = Record(
        id=uuid4(),
        kind=str(sealing.kind),
        subject=sealing.subject,
        retention=sealing.retention,
        sealed_at=now,
        sealed_by=by,
    )
    document = document_of(record, sealing)
    canonical.check(document)
    fields = list(canonical.flatten(document))
    record.salts = canonical.salts_for(path for path, _value in fields)
    record.field_digests = canonical.digests_of(fields, record.salts)
    record.commitment = canonical.commitment(record.field_digests.values())
    record.canonical = canonical.dumps(document)
    return record


_RECORD_COLUMNS = {
    "id": "uuid",
    "kind": "varchar",
    "subject": "uuid",
    "version": "int4",
    "canonical": "bytea",
    "salts": "text",
    "field_digests": "text",
    "commitment": "bytea",
    "retention": "varchar",
    "sealed_at": "timestamptz",
    "sealed_by": "varchar",
    "state": "varchar",
}


def _row(record: Record) -> tuple[Any, ...]:
    return (
        record.id,
        record.kind,
        record.subject,
        record.version,
        record.canonical,
        canonical.column(record.salts),
        canonical.column(record.field_digests),
        record.commitment,
        record.retention,
        record.sealed_at,
        record.sealed_by,
        str(record.state),
    )


def _insert_records(records: list[Record]) -> None:
    write_rows(
        Record._meta.db_table, _RECORD_COLUMNS, (_row(record) for record in records)
    )
    for record in records:
        record._state.adding = False


def _insert_one(record: Record, entry: entries.Entry, facts: Mapping[str, Any]) -> None:
    """One record with its entry and its search data in one statement: an officer
    waits for it."""
    new = entries.written(entry, record.sealed_at)
    prepared.run(
        _one_statement(),
        [
            *_row(record),
            *entries.row(entry, new, record.sealed_at),
            *_search_values(record, facts),
        ],
    )
    record._state.adding = False


@cache
def _one_statement() -> str:
    record, entry, search = (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES "
        f"({', '.join(f'%s::{type_}' for type_ in columns.values())})"
        for table, columns in (
            (Record._meta.db_table, _RECORD_COLUMNS),
            (LogEntry._meta.db_table, entries.COLUMNS),
            (RecordSearch._meta.db_table, _ALL_SEARCH_COLUMNS),
        )
    )
    return f"WITH record AS ({record}), entry AS ({entry}) {search}"


_SEARCH_COLUMNS = {
    "channel": "varchar",
    "department": "varchar",
    "sender_name": "varchar",
    "sender_handle": "varchar",
    "sender_id": "varchar",
    "rule": "varchar",
    "officer": "varchar",
    "text": "text",
    "posted_at": "timestamptz",
    "decided_at": "timestamptz",
}
_ALL_SEARCH_COLUMNS = {
    "record_id": "uuid",
    "kind": "varchar",
    "sealed_at": "timestamptz",
    **_SEARCH_COLUMNS,
}


def search_row(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The search columns of a record's facts, in order; a missing fact is empty."""

    def fact(*path: str) -> str:
        value: object = facts
        for part in path:
            value = value.get(part) if isinstance(value, Mapping) else None
        return value if isinstance(value, str) else ""

    text = fact("message", "text")
    # Of a captured page its title, and what stood on it.
    if page := fact("capture", "text"):
        text = f"{text}\n{page}"
    return {
        "channel": fact("message", "channel_name")[:200],
        "department": fact("message", "department")[:200],
        "sender_name": fact("sender", "name")[:300],
        "sender_handle": fact("sender", "handle")[:300],
        "sender_id": fact("sender", "platform_id")[:300],
        "rule": fact("decision", "rule")[:64],
        "officer": fact("decision", "officer")[:200],
        "text": text[:SEARCHED_CHARACTERS],
        "posted_at": _moment(fact("message", "posted_at")),
        "decided_at": _moment(fact("decision", "decided_at")),
    }


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def insert_search(rows: Iterable[tuple[Record, Mapping[str, Any]]]) -> None:
    """Write the search data of (record, facts) pairs."""
    write_rows(
        RecordSearch._meta.db_table,
        _ALL_SEARCH_COLUMNS,
        (_search_values(record, facts) for record, facts in rows),
    )


def _search_values(record: Record, facts: Mapping[str, Any]) -> tuple[Any, ...]:
    return (record.id, record.kind, record.sealed_at, *search_row(facts).values())


def _insert_files(records: list[Record], sealings: Iterable[Sealing]) -> None:
    files = [
        RecordFile(
            record=record,
            position=position,
            sha256=file.sha256,
            size=file.size,
            mime=file.mime,
            name=file.name,
        )
        for record, sealing in zip(records, sealings, strict=True)
        for position, file in enumerate(sealing.files)
    ]
    if files:
        RecordFile.objects.bulk_create(files)

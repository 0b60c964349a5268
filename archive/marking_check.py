"""Whether every marking of a record is as the log has it, and none is gone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from archive.checking import Fault
from archive.marking import commitment
from archive.models import LogEntry, RecordMarking

CHUNK_ROWS = 2_000


def faults() -> Iterator[Fault]:
    """A marking without its entry was changed or slipped in; an entry without its
    marking tells of one that is gone."""
    for markings in _chunks(RecordMarking.objects.order_by("id")):
        logged = _logged(marking.record_id for marking in markings)
        for marking in markings:
            if (marking.record_id, commitment(marking).hex()) not in logged:
                yield Fault("marking-not-logged", f"record {marking.record_id}")
    for entries in _chunks(LogEntry.objects.filter(type=_TYPE).order_by("id")):
        records = {entry.record_id for entry in entries}
        kept = {
            (marking.record_id, commitment(marking).hex())
            for marking in RecordMarking.objects.filter(record__in=records)
        }
        for entry in entries:
            if (entry.record_id, _commitment(entry)) not in kept:
                yield Fault("marking-missing", f"record {entry.record_id}")


_TYPE = LogEntry.Type.AMEND.value


Row = TypeVar("Row", bound=Model)


def _chunks(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    after = 0
    while chunk := list(rows.filter(pk__gt=after)[:CHUNK_ROWS]):
        yield chunk
        after = chunk[-1].pk


def _logged(records: Iterable[UUID]) -> set[tuple[UUID | None, str]]:
    found = LogEntry.objects.filter(type=_TYPE, record_id__in=set(records))
    return {(entry.record_id, _commitment(entry)) for entry in found}


def _commitment(entry: LogEntry) -> str:
    """What the leaf names; empty when it cannot be read: a fault of its own."""
    try:
        named = json.loads(bytes(entry.leaf_bytes))["commitment"]
    except (ValueError, KeyError, TypeError):
        return ""
    return str(named)

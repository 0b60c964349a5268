"""Rows of search data as lists show them: what nobody opens unasked stays closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archive import openings
from archive.models import Record, RecordSearch


@dataclass(frozen=True, slots=True)
class Row:
    """`closed` rows show no text; of a record with a secrecy marking no sender."""

    found: RecordSearch
    kind: str
    closed: bool

    @property
    def sender(self) -> tuple[str, str]:
        if self.found.secrecy:
            return "", ""
        return self.found.sender_name, self.found.sender_handle


def rows(found: Iterable[RecordSearch]) -> list[Row]:
    found = list(found)
    closed = openings.restricted(row.record_id for row in found)
    kinds = dict(Record.Kind.choices)
    return [
        Row(row, str(kinds.get(row.kind, row.kind)), row.record_id in closed)
        for row in found
    ]

"""The markings of a selection's records, with the salts by which the log knows them."""

from __future__ import annotations

from collections.abc import Iterator

from archive import canonical
from archive.export.selection import MARKED, Selection
from archive.export.source import CHUNK_ROWS
from archive.marking import content
from archive.models import RecordMarking

_COLUMNS = {
    "kind": "record__kind",
    "channel": "record__search__channel",
    "department": "record__search__department",
    "rule": "record__search__rule",
    "classification": "record__search__classification",
}


def lines(selection: Selection) -> Iterator[bytes]:
    """Lines of markings.jsonl, oldest first, many at a time."""
    after = 0
    rows = RecordMarking.objects.filter(
        record__sealed_at__gte=selection.start,
        record__sealed_at__lt=selection.end,
        **{
            _COLUMNS[name]: value
            for name, value in selection.filters.items()
            if name in _COLUMNS
        },
    ).order_by("id")
    if selection.secrecy:
        # By what counts now: the search data follows the newest marking.
        unmarked = {"record__search__secrecy": ""}
        marked = selection.secrecy == MARKED
        rows = (
            rows.filter(record__search__isnull=False).exclude(**unmarked)
            if marked
            else rows.filter(**unmarked)
        )
    while chunk := list(rows.filter(pk__gt=after)[:CHUNK_ROWS]):
        yield b"".join(
            canonical.dumps({"salt": one.salt, "marking": content(one)}) + b"\n"
            for one in chunk
        )
        after = chunk[-1].pk

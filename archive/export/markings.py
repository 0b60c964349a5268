"""The markings of a span's records, with the salts by which the log knows them."""

from __future__ import annotations

from collections.abc import Iterator

from archive import canonical
from archive.export.source import CHUNK_ROWS, Span
from archive.marking import content
from archive.models import RecordMarking


def lines(span: Span) -> Iterator[bytes]:
    """Lines of markings.jsonl, oldest first, many at a time."""
    after = 0
    rows = RecordMarking.objects.filter(
        record__sealed_at__gte=span.start, record__sealed_at__lt=span.end
    ).order_by("id")
    while chunk := list(rows.filter(pk__gt=after)[:CHUNK_ROWS]):
        yield b"".join(
            canonical.dumps({"salt": one.salt, "marking": content(one)}) + b"\n"
            for one in chunk
        )
        after = chunk[-1].pk

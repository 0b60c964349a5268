"""Finding records: a page at a time, newest first, fast at a million too.

PostgreSQL cannot read the matches of a text search in the order of time, and it guesses
badly how many there are of words that it has never seen. So the newest rows are read
first: a common word fills the page from them. What does not is rare enough to be looked
up in the index of words and sorted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from archive.models import Place, RecordSearch
from archive.models.search import PAGE_ROWS, RecordSearchQuerySet

# Rows that are read in the order of time before the index of words is asked.
RECENT = 4_000


def page(
    text: str = "",
    *,
    within: RecordSearchQuerySet | None = None,
    after: Place | None = None,
    rows: int = PAGE_ROWS,
) -> list[RecordSearch]:
    """The newest `rows` matches that come after a place.

    `within` limits them by channel, rule, sender or time; `text` is as in
    `RecordSearchQuerySet.search`. The next page begins after the last row's `place`.
    """
    found = RecordSearch.objects.all() if within is None else within
    if not text.strip():
        return list(found.page(after, rows))
    found = found.before(after)
    matches = found.search(text)
    oldest = found.order_by("-sealed_at", "-record_id")[RECENT : RECENT + 1].first()
    recent = matches if oldest is None else matches.since(oldest.place)
    with _without("bitmapscan", "seqscan"):
        newest = list(recent.page(rows=rows))
    if oldest is None or len(newest) == rows:
        return newest
    with _without("indexscan", "seqscan"):
        return list(matches.page(rows=rows))


def count(
    text: str = "", *, within: RecordSearchQuerySet | None = None, cap: int = 1_000
) -> int:
    """The number of matches, or `cap` when there are at least so many."""
    found = RecordSearch.objects.all() if within is None else within
    if not text.strip():
        return found.capped_count(cap)
    with _without("indexscan", "seqscan"):
        return found.search(text).capped_count(cap)


@contextmanager
def _without(*ways: str) -> Iterator[None]:
    """Keep the planner from ways that are slow here, for the statements within."""
    with transaction.atomic(), connection.cursor() as cursor:
        for way in ways:
            cursor.execute(f"SET LOCAL enable_{way} = off")
        yield
        for way in ways:
            cursor.execute(f"SET LOCAL enable_{way} TO DEFAULT")

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
    along: RecordSearchQuerySet | None = None,
    after: Place | None = None,
    rows: int = PAGE_ROWS,
) -> list[RecordSearch]:
    """The newest `rows` matches that come after a place.

    `within` limits them by channel, rule, sender or time; `text` is as in
    `RecordSearchQuerySet.search`. The next page begins after the last row's `place`.
    Where `within` limits by several things at once `along` is what one of them limits
    to: the newest rows are those that a single index gives in the order of time.
    """
    found = RecordSearch.objects.all() if within is None else within
    if not text.strip():
        return list(found.page(after, rows))
    found = found.before(after)
    matches = found.search(text)
    place = _recent(
        found if along is None else along.before(after), are_many=along is not None
    )
    recent = matches if place is None else matches.since(place)
    with _without("bitmapscan", "seqscan"):
        newest = list(recent.page(rows=rows))
    if place is None or len(newest) == rows:
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
    matches = found.search(text)
    place = _recent(found, are_many=False)
    recent = matches if place is None else matches.since(place)
    # A common word is counted among the newest: the index would list all its records.
    with _without("bitmapscan", "seqscan"):
        newest = recent.capped_count(cap)
    if place is None or newest == cap:
        return newest
    with _without("indexscan", "seqscan"):
        return matches.capped_count(cap)


def _recent(rows: RecordSearchQuerySet, *, are_many: bool) -> Place | None:
    """The place down to which rows are read in the order of time; None when that is
    all of them. Of rows that are limited further there are fewer: more are read."""
    number = RECENT * (2 if are_many else 1)
    places = rows.order_by("-sealed_at", "-record_id")
    # From the index alone: the rows themselves stay where they are.
    found = places.values_list("sealed_at", "record_id")[number : number + 1].first()
    return None if found is None else Place(*found)


@contextmanager
def _without(*ways: str) -> Iterator[None]:
    """Keep the planner from ways that are slow here, for the statements within.

    An entry of an index costs more than it reckons: it would list the third of all
    records that are of a kind, to spare the reading of a few thousand rows.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # One round trip: each costs as much as many a search.
        cursor.execute(
            "SET LOCAL cpu_index_tuple_cost = 0.25;"
            + "".join(f"SET LOCAL enable_{way} = off;" for way in ways)
        )
        yield
        cursor.execute(
            "SET LOCAL cpu_index_tuple_cost TO DEFAULT;"
            + "".join(f"SET LOCAL enable_{way} TO DEFAULT;" for way in ways)
        )

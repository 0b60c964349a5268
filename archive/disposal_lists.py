"""What could be disposed of now, by rule, as a person looks through it first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.utils.translation import gettext as _

from archive import lists, retention
from archive.models import DisposalItem, Record, RecordSearch, RetentionRule

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Group:
    """Records that name one rule: how many, and from when to when they were sealed."""

    slug: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Candidates:
    """Records whose time is over; `seal` tells whether a list is still the same."""

    records: Sequence[Record]
    groups: Sequence[Group]

    @property
    def seal(self) -> str:
        ids = sorted(record.pk.bytes for record in self.records)
        return sha256(b"".join(ids)).hexdigest()

    @property
    def oldest(self) -> datetime | None:
        return self.records[0].sealed_at if self.records else None

    @property
    def newest(self) -> datetime | None:
        return self.records[-1].sealed_at if self.records else None

    def rows(self) -> list[lists.Row]:
        """The first of them, as lists show records."""
        return _rows(record.pk for record in self.records[:SHOWN])


def candidates(rule: str = "") -> Candidates:
    """What is due; with `rule` only the records that name it."""
    due = retention.due()
    titles = dict(RetentionRule.objects.values_list("slug", "title"))
    counted = Counter(record.retention for record in due)
    groups = [
        Group(slug, title_of(slug, titles), count)
        for slug, count in sorted(counted.items())
    ]
    if rule:
        due = [record for record in due if record.retention == rule]
    return Candidates(due, groups)


def rows_of(items: Iterable[DisposalItem]) -> list[lists.Row]:
    """The records of a disposal's list, as far as they have content."""
    return _rows(item.record_id for item in items)


def _rows(wanted: Iterable[UUID]) -> list[lists.Row]:
    found = RecordSearch.objects.filter(pk__in=list(wanted)).defer("words", "endings")
    return lists.rows(found.order_by("sealed_at", "record_id"))


def title_of(slug: str, titles: dict[str, str]) -> str:
    """The rule's title; a record may name one that nobody has given a time yet."""
    return titles.get(slug) or _("“%(name)s”, for which no rule stands yet") % {
        "name": slug
    }

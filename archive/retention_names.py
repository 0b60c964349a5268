"""The names of retention rules that records carry, and how many carry each."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from archive.models import Record, RecordSearch, RetentionRule

# Beyond this many records a list says “more than”.
CAP = 10_000

# From each name straight to the next in the index archive_record_retention: as many
# steps as there are names, however many records there are. The order makes the count
# read the same index: a rare name would else be looked for in the whole table.
_NAMES = """
WITH RECURSIVE names AS (
    (SELECT retention FROM archive_record ORDER BY retention LIMIT 1)
    UNION ALL
    SELECT (SELECT r.retention FROM archive_record r
            WHERE r.retention > names.retention ORDER BY r.retention LIMIT 1)
    FROM names WHERE names.retention IS NOT NULL
)
SELECT names.retention,
       (SELECT count(*) FROM (SELECT 1 FROM archive_record r
                              WHERE r.retention = names.retention
                              ORDER BY r.sealed_at LIMIT %s) few)
FROM names WHERE names.retention IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Carried:
    """A name that records carry; `count` is at most CAP, and `more` says so."""

    slug: str
    count: int
    more: bool


def carried() -> list[Carried]:
    """Every name that a record carries, in the alphabet's order."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, [CAP + 1])
        return [
            Carried(slug, min(count, CAP), count > CAP)
            for slug, count in cursor.fetchall()
        ]


def without_rule() -> list[Carried]:
    """The names that records carry and for which no rule stands."""
    known = set(RetentionRule.objects.values_list("slug", flat=True))
    return [one for one in carried() if one.slug not in known]


def is_in_use(rule: RetentionRule) -> bool:
    """Whether a record names the rule, or one with content is of the rule's kind."""
    if Record.objects.filter(retention=rule.slug).exists():
        return True
    return bool(rule.kind) and RecordSearch.objects.filter(kind=rule.kind).exists()

"""How the municipality answers, in figures (K-14, M-R1): counted in the database, one
statement a table, over the channels that the person asking sees.

A duty belongs to the week of its deadline. It was met *in time* when it was closed
as met by then, *late* when after; open past its deadline it is *overdue*. The share in
time is of these three: what was waived with a reason or is no longer owed, and what is
not due yet, counts neither for nor against.

The *time to the first answer* runs from when the citizen wrote to when the platform
confirmed the first answer, in working time: office hours on working days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from moderation.duties import Calendar, calendar
from policies.working_time import office_days

# Who has waited longer than this for a first answer is counted as having waited this
# long: the calendar need not reach back to the first message of all.
LONGEST_WAIT = timedelta(days=2 * 365)
# In a shorter time each answer is asked by index whether it is the first; in a longer
# one it is quicker to read all that were ever given.
LONG = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted: channels by key, days from `first` to `last`, both included."""

    channels: Sequence[int]
    first: date
    last: date
    days: Calendar

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.days.timezone)

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), self.zone)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), time(), self.zone)


@dataclass(frozen=True, slots=True)
class Punctuality:
    """Duties of one group; `key` is a channel, a department, a kind or a Monday."""

    key: Any
    in_time: int
    late: int
    overdue: int
    waived: int
    not_due: int

    @property
    def counted(self) -> int:
        return self.in_time + self.late + self.overdue

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where nothing was due."""
        return self.in_time / self.counted if self.counted else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Time to the first answer of one group, in working time."""

    key: Any
    answered: int
    median: timedelta
    p95: timedelta


@dataclass(frozen=True, slots=True)
class TakenDown:
    """Messages taken down under one rule, without what was undone at once."""

    key: str
    hidden: int
    removed: int


@dataclass(frozen=True, slots=True)
class OpenNow:
    key: Any
    waiting: int
    overdue: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Activity:
    """What went on in a channel: messages that citizens wrote, answers that arrived."""

    key: int
    messages: int
    answers: int


def scope(channels: Iterable[int], first: date, last: date) -> Scope:
    return Scope(sorted(channels), first, last, calendar())


def _grouped(
    sql: str, asked: dict[str, Any], groups: Sequence[str]
) -> dict[str, list[tuple[Any, ...]]]:
    """Rows by group. A statement ends in `GROUPING SETS` in the order of `groups`, and
    its first column is `grouping()` over one column for each group but "all"."""
    named = [name for name in groups if name != "all"]
    # grouping() has a 0 bit for the column that the row is grouped by.
    full = (1 << len(named)) - 1
    masks = {
        full & ~(1 << (len(named) - 1 - place)): name
        for place, name in enumerate(named)
    }
    masks[full] = "all"
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in groups}
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        for mask, *values in cursor.fetchall():
            name = masks[mask]
            place = named.index(name) if name != "all" else 0
            keys, numbers = values[: len(named)], values[len(named) :]
            key = keys[place] if name != "all" else None
            found[name].append((key, *numbers))
    return found


# -- Answered in time --------------------------------------------------------------

# Counted once by what is smallest, then added up: a million rows are read once.
_IN_TIME = """
WITH counted AS (
    SELECT c.channel_id, d.kind,
           date_trunc('week', d.due_at AT TIME ZONE %(zone)s)::date AS week,
           count(*) FILTER (
               WHERE d.outcome = 'met' AND d.closed_at <= d.due_at
           ) AS in_time,
           count(*) FILTER (WHERE d.outcome = 'met' AND d.closed_at > d.due_at) AS late,
           count(*) FILTER (
               WHERE d.closed_at IS NULL AND d.due_at < %(now)s
           ) AS overdue,
           count(*) FILTER (WHERE d.outcome IN ('waived', 'lifted')) AS waived,
           count(*) FILTER (
               WHERE d.closed_at IS NULL AND d.due_at >= %(now)s
           ) AS not_due
    FROM moderation_duty AS d
    JOIN moderation_case AS c ON c.id = d.case_id
    WHERE d.due_at >= %(start)s AND d.due_at < %(end)s
      AND c.channel_id = ANY(%(channels)s::bigint[])
    GROUP BY 1, 2, 3
)
SELECT grouping(n.channel_id, ch.department_id, n.kind, n.week),
       n.channel_id, ch.department_id, n.kind, n.week,
       coalesce(sum(n.in_time), 0)::bigint, coalesce(sum(n.late), 0)::bigint,
       coalesce(sum(n.overdue), 0)::bigint, coalesce(sum(n.waived), 0)::bigint,
       coalesce(sum(n.not_due), 0)::bigint
FROM counted AS n
JOIN channels_channel AS ch ON ch.id = n.channel_id
GROUP BY GROUPING SETS ((n.channel_id), (ch.department_id), (n.kind), (n.week), ())
ORDER BY 1, 2, 3, 4, 5
"""


def in_time(asked: Scope) -> dict[str, list[Punctuality]]:
    """By "channel", "department", "kind", "week" and "all"."""
    rows = _grouped(
        _IN_TIME, _asked(asked), ["channel", "department", "kind", "week", "all"]
    )
    return {name: [Punctuality(*row) for row in group] for name, group in rows.items()}


# -- Time to the first answer ------------------------------------------------------

# `before` is the working time, in seconds, of all days before: the working time
# between two moments is the difference of what had been worked by each.
_FIRST_ANSWERS = """
WITH days AS (
    SELECT * FROM unnest(
        %(days)s::date[], %(opens)s::timestamptz[], %(closes)s::timestamptz[],
        %(before)s::float8[]
    ) AS one (day, opens, closes, before)
), answered AS (
    SELECT c.channel_id, ch.department_id,
           greatest(m.posted_at, %(farthest)s) AS since, sent.settled_at AS at
    FROM moderation_reply AS r
    JOIN channels_delivery AS sent
      ON sent.id = r.delivery_id AND sent.act = 'reply' AND sent.state = 'done'
    JOIN moderation_case AS c ON c.id = r.case_id
    JOIN channels_channel AS ch ON ch.id = c.channel_id
    JOIN channels_message AS m ON m.id = c.message_id
    WHERE sent.settled_at >= %(start)s AND sent.settled_at < %(end)s
      AND c.channel_id = ANY(%(channels)s::bigint[])
      AND NOT EXISTS (
        SELECT 1
        FROM moderation_reply AS earlier
        JOIN channels_delivery AS before
          ON before.id = earlier.delivery_id AND before.state = 'done'
        WHERE earlier.case_id = r.case_id
          AND (before.settled_at, before.id) < (sent.settled_at, sent.id)
        {by_index}
      )
), waited AS (
    SELECT a.channel_id, a.department_id,
           date_trunc('week', a.at AT TIME ZONE %(zone)s)::date AS week,
           greatest(
               till.before
               + extract(epoch FROM greatest(least(a.at, till.closes), till.opens)
                         - till.opens)
               - since.before
               - extract(epoch FROM greatest(least(a.since, since.closes), since.opens)
                         - since.opens),
               0
           ) AS seconds
    FROM answered AS a
    JOIN days AS till ON till.day = (a.at AT TIME ZONE %(zone)s)::date
    JOIN days AS since ON since.day = (a.since AT TIME ZONE %(zone)s)::date
)
SELECT grouping(channel_id, department_id, week), channel_id, department_id, week,
       count(*),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds),
       percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds)
FROM waited
GROUP BY GROUPING SETS ((channel_id), (department_id), (week), ())
HAVING count(*) > 0
ORDER BY 1, 2, 3, 4
"""


def first_answers(asked: Scope) -> dict[str, list[Waiting]]:
    """By "channel", "department", "week" of the answer, and "all"."""
    farthest = asked.start - LONGEST_WAIT
    days = list(office_days(farthest.date(), asked.last, asked.days))
    by_index = "OFFSET 0" if asked.end - asked.start < LONG else ""
    rows = _grouped(
        _FIRST_ANSWERS.format(by_index=by_index),
        {
            **_asked(asked),
            "farthest": farthest,
            "days": [day.date for day in days],
            "opens": [day.opens for day in days],
            "closes": [day.closes for day in days],
            "before": [day.before.total_seconds() for day in days],
        },
        ["channel", "department", "week", "all"],
    )
    return {
        name: [
            Waiting(key, number, timedelta(seconds=median), timedelta(seconds=p95))
            for key, number, median, p95 in group
        ]
        for name, group in rows.items()
    }


# -- Taken down, open now, activity ------------------------------------------------

_TAKEN_DOWN = """
SELECT rule.code,
       count(*) FILTER (WHERE d.verb = 'hide'),
       count(*) FILTER (WHERE d.verb = 'remove')
FROM moderation_decision AS d
JOIN moderation_case AS c ON c.id = d.case_id
JOIN policies_ruleversion AS version ON version.id = d.rule_version_id
JOIN policies_rule AS rule ON rule.id = version.rule_id
WHERE d.at >= %(start)s AND d.at < %(end)s
  AND d.verb IN ('hide', 'remove')
  AND c.channel_id = ANY(%(channels)s::bigint[])
  AND NOT EXISTS (SELECT 1 FROM moderation_undoing AS u WHERE u.decision_id = d.id)
GROUP BY rule.code, rule.position
ORDER BY rule.position
"""


def taken_down(asked: Scope) -> list[TakenDown]:
    """By the code of the rule, in the rules' own order."""
    return [TakenDown(*row) for row in _rows(_TAKEN_DOWN, _asked(asked))]


_OPEN_NOW = """
WITH counted AS (
    SELECT c.channel_id, d.kind,
           count(*) FILTER (WHERE d.due_at >= %(now)s) AS waiting,
           count(*) FILTER (WHERE d.due_at < %(now)s) AS overdue,
           min(d.due_at) FILTER (WHERE d.due_at < %(now)s) AS oldest
    FROM moderation_duty AS d
    JOIN moderation_case AS c ON c.id = d.case_id
    WHERE d.closed_at IS NULL AND c.channel_id = ANY(%(channels)s::bigint[])
    GROUP BY 1, 2
)
SELECT grouping(channel_id, kind), channel_id, kind,
       coalesce(sum(waiting), 0)::bigint, coalesce(sum(overdue), 0)::bigint, min(oldest)
FROM counted
GROUP BY GROUPING SETS ((channel_id), (kind), ())
ORDER BY 1, 2, 3
"""


def open_now(asked: Scope) -> dict[str, list[OpenNow]]:
    """Duties by "channel", "kind" and "all", whatever the period."""
    rows = _grouped(_OPEN_NOW, _asked(asked), ["channel", "kind", "all"])
    return {name: [OpenNow(*row) for row in group] for name, group in rows.items()}


_ACTIVITY = """
WITH written AS (
    SELECT channel_id, count(*) AS number
    FROM channels_message
    WHERE channel_id = ANY(%(channels)s::bigint[]) AND NOT is_ours
      AND posted_at >= %(start)s AND posted_at < %(end)s
    GROUP BY channel_id
), answered AS (
    SELECT c.channel_id, count(*) AS number
    FROM channels_delivery AS sent
    JOIN moderation_reply AS r ON r.delivery_id = sent.id
    JOIN moderation_case AS c ON c.id = r.case_id
    WHERE sent.act = 'reply' AND sent.state = 'done'
      AND sent.settled_at >= %(start)s AND sent.settled_at < %(end)s
      AND c.channel_id = ANY(%(channels)s::bigint[])
    GROUP BY c.channel_id
)
SELECT channel, coalesce(written.number, 0), coalesce(answered.number, 0)
FROM unnest(%(channels)s::bigint[]) AS channel
LEFT JOIN written ON written.channel_id = channel
LEFT JOIN answered ON answered.channel_id = channel
ORDER BY channel
"""


def activity(asked: Scope) -> list[Activity]:
    """By channel, those with nothing too."""
    return [Activity(*row) for row in _rows(_ACTIVITY, _asked(asked))]


def _asked(asked: Scope) -> dict[str, Any]:
    return {
        "channels": list(asked.channels),
        "start": asked.start,
        "end": asked.end,
        "now": timezone.now(),
        "zone": asked.days.timezone,
    }


def _rows(sql: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return list(cursor.fetchall())

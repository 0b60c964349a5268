"""How long something took while the office was open: working days, office hours (K-14).

Saturdays, Sundays, holidays, whole-day eves and the municipality's own closing days
count nothing, and neither do the hours before the office opens and after it closes.
What is measured is time that passed, not what the clock says: the hour that summer time
takes away or gives is no working hour for anybody who sleeps then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from policies.workdays import why_not_working

DAY = timedelta(days=1)
NONE = timedelta()


class Hours(Protocol):
    """When a municipality works. Without hours a working day is the whole day."""

    @property
    def country(self) -> str: ...
    @property
    def timezone(self) -> str: ...
    @property
    def closed(self) -> Collection[date]: ...
    @property
    def opens(self) -> time | None: ...
    @property
    def closes(self) -> time | None: ...


@dataclass(frozen=True, slots=True)
class OfficeDay:
    """One day of the calendar; on a day off `opens` and `closes` are the same moment.
    `before` is the working time of all days before it, from the first that was asked
    for."""

    date: date
    opens: datetime
    closes: datetime
    before: timedelta

    @property
    def length(self) -> timedelta:
        return self.closes - self.opens


def working_time(start: datetime, end: datetime, hours: Hours) -> timedelta:
    """The time between two moments that lies within office hours on working days.

    Nothing when `end` is not after `start`. It adds up: from a to b and from b to c is
    from a to c. Raises ValueError for a moment without a time zone.
    """
    for moment in (start, end):
        if moment.tzinfo is None or moment.utcoffset() is None:
            raise ValueError(f"The moment {moment.isoformat()} has no time zone.")
    if end <= start:
        return NONE
    zone = ZoneInfo(hours.timezone)
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    passed = NONE
    for day in office_days(first, last, hours):
        passed += max(NONE, min(day.closes, end) - max(day.opens, start))
    return passed


def office_days(first: date, last: date, hours: Hours) -> Iterator[OfficeDay]:
    """Every day from `first` to `last`, both included, moments in UTC."""
    zone = ZoneInfo(hours.timezone)
    before = NONE
    day = first
    while day <= last:
        # A clock time that summer time leaves out is the moment it would have been.
        opens = datetime.combine(day, hours.opens or time(), zone).astimezone(UTC)
        if why_not_working(day, country=hours.country, closed=hours.closed):
            closes = opens
        elif hours.closes:
            closes = datetime.combine(day, hours.closes, zone).astimezone(UTC)
        else:
            closes = datetime.combine(day + DAY, time(), zone).astimezone(UTC)
        one = OfficeDay(day, opens, max(opens, closes), before)
        yield one
        before += one.length
        day += DAY


def is_working_day(day: date, hours: Hours) -> bool:
    return not why_not_working(day, country=hours.country, closed=hours.closed)

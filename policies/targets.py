"""When an answer is due under a promise stricter than the next working day (K-14).

A channel may promise an answer within so many hours of working time. Hours outside
office hours, weekends, holidays and closing days do not count.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from policies.workdays import YEARS, Due, Skipped, why_not_working
from policies.working_time import NONE, Hours, office_days

# So many days ahead a municipality has surely been open for some hours.
WEEKS = timedelta(days=60)


def within_working_hours(received: datetime, hours: int, calendar: Hours) -> Due:
    """The moment at which `hours` of working time have passed since `received`.

    `skipped` lists the days on the way that are not working days, the day of receipt
    among them. Raises ValueError for a moment without a time zone, for hours below
    one, and when the municipality is not open for so long within 60 days an hour.
    """
    if received.tzinfo is None or received.utcoffset() is None:
        raise ValueError(f"The moment {received.isoformat()} has no time zone.")
    if hours < 1:
        raise ValueError(f"A target of {hours} hours cannot be kept.")
    zone = ZoneInfo(calendar.timezone)
    start = received.astimezone(UTC)
    left = timedelta(hours=hours)
    first = start.astimezone(zone).date()
    last = min(first + WEEKS * hours, first.replace(year=YEARS[-1], month=12, day=31))
    skipped = []
    for day in office_days(first, last, calendar):
        why = why_not_working(
            day.date, country=calendar.country, closed=calendar.closed
        )
        if why:
            skipped.append(Skipped(day.date, why))
            continue
        begins = max(day.opens, start)
        open_for = max(NONE, day.closes - begins)
        if open_for >= left:
            return Due((begins + left).astimezone(zone), tuple(skipped))
        left -= open_for
    raise ValueError(f"The office is not open for {hours} hours after {received}.")

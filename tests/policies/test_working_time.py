"""Working time: office hours on working days, and nothing else (K-14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.workdays import ZONES, next_working_day, why_not_working
from policies.working_time import is_working_day, office_days, working_time


@dataclass(frozen=True)
class Office:
    country: str = "SE"
    timezone: str = "Europe/Stockholm"
    closed: frozenset[date] = frozenset()
    opens: time | None = time(8)
    closes: time | None = time(17)


OFFICE = Office()
HOUR = timedelta(hours=1)


def at(text: str, zone: str = "Europe/Stockholm") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def hours(start: str, end: str, office: Office = OFFICE) -> float:
    return working_time(at(start), at(end), office) / HOUR


@pytest.mark.parametrize(
    ("start", "end", "passed"),
    [
        ("2026-03-31 09:00", "2026-03-31 11:30", 2.5),
        ("2026-03-31 05:00", "2026-03-31 08:30", 0.5),
        ("2026-03-31 16:00", "2026-03-31 23:59", 1),
        ("2026-03-31 16:00", "2026-04-01 09:00", 2),
        # Maundy Thursday is a working day, Good Friday to Easter Monday are none.
        ("2026-04-02 16:00", "2026-04-07 09:00", 2),
        ("2026-04-03 09:00", "2026-04-06 22:00", 0),
        # A whole week with the night of summer time in it.
        ("2026-03-27 08:00", "2026-04-03 08:00", 45),
        # Midsummer Eve 2026 is a Friday.
        ("2026-06-18 16:30", "2026-06-22 08:30", 1),
    ],
)
def test_hours_counted_by_hand(start: str, end: str, passed: float) -> None:
    """K-14: over Easter, Midsummer and the change to summer time."""
    assert hours(start, end) == passed


def test_a_closing_day_of_the_municipality_counts_nothing() -> None:
    closed = Office(closed=frozenset({date(2026, 4, 1)}))
    assert hours("2026-03-31 16:00", "2026-04-02 09:00", closed) == 2
    assert not is_working_day(date(2026, 4, 1), closed)
    assert is_working_day(date(2026, 4, 1), OFFICE)


def test_without_hours_a_working_day_is_the_whole_day() -> None:
    """The last Sunday of October has 25 hours and counts none; Monday has 24."""
    open_always = Office(opens=None, closes=None)
    assert hours("2026-10-24 00:00", "2026-10-27 00:00", open_always) == 24


def test_an_office_open_in_the_hour_that_summer_time_takes() -> None:
    """No working day is ever a Sunday, so the hour is missing from nobody's day."""
    for opens in (time(2), time(2, 30), time(3)):
        night = Office(opens=opens, closes=time(4))
        assert hours("2026-03-28 12:00", "2026-03-29 12:00", night) == 0


def test_backwards_is_nothing_and_a_naive_moment_is_refused() -> None:
    late, early = at("2026-03-31 11:00"), at("2026-03-31 09:00")
    assert working_time(late, early, OFFICE) == timedelta()
    with pytest.raises(ValueError, match="no time zone"):
        working_time(early, datetime(2026, 3, 31, 11), OFFICE)


moments = st.datetimes(
    min_value=datetime(2016, 1, 1),
    max_value=datetime(2035, 12, 31),
    timezones=st.sampled_from([UTC, ZoneInfo("Europe/Oslo"), ZoneInfo("Asia/Tokyo")]),
)
spans = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=40))
offices = st.builds(
    lambda country, opens, length, closed: Office(
        country=country,
        timezone=ZONES[country],
        closed=frozenset(closed),
        opens=time(opens),
        closes=time(opens + length),
    ),
    st.sampled_from(["SE", "NO"]),
    st.integers(0, 12),
    st.integers(1, 11),
    st.sets(st.dates(date(2016, 1, 1), date(2035, 12, 31)), max_size=5),
)


@given(moments, spans, spans, offices)
def test_it_adds_up_and_is_never_longer_than_what_passed(
    start: datetime, one: timedelta, other: timedelta, office: Office
) -> None:
    start = start.astimezone(UTC)
    middle, end = start + one, start + one + other
    first, second = (
        working_time(start, middle, office),
        working_time(middle, end, office),
    )
    assert working_time(start, end, office) == first + second
    assert timedelta() <= first <= one


@given(moments, st.timedeltas(timedelta(), timedelta(days=4)), offices)
def test_it_is_the_minutes_of_the_office_counted_one_by_one(
    start: datetime, span: timedelta, office: Office
) -> None:
    """Against the slow way: every minute is asked whether the office was open in it."""
    zone = ZoneInfo(office.timezone)
    start = start.astimezone(UTC).replace(second=0, microsecond=0)
    # Beyond 2035 closing days and holidays go on; the library knows them.
    minutes = span // timedelta(minutes=1)
    counted = 0
    for number in range(minutes):
        local = (start + timedelta(minutes=number)).astimezone(zone)
        if office.opens <= local.time() < office.closes and not why_not_working(
            local.date(), country=office.country, closed=office.closed
        ):
            counted += 1
    end = start + timedelta(minutes=minutes)
    passed = working_time(start, end, office)
    # The night of summer time holds an hour twice or never, on a Sunday.
    assert passed == timedelta(minutes=counted)


@given(moments, offices)
def test_a_deadline_is_at_most_one_working_day_of_office_hours_away(
    received: datetime, office: Office
) -> None:
    """K-14 by both calendars: from receipt to deadline lies one office day, or as much
    of it as there is when the message came on a day off or at night."""
    due = next_working_day(
        received,
        country=office.country,
        timezone=office.timezone,
        closed=office.closed,
        opens=office.opens,
        closes=office.closes,
    ).due_at
    day = timedelta(hours=office.closes.hour - office.opens.hour)
    assert working_time(received, due, office) <= day


@given(st.dates(date(2016, 1, 1), date(2035, 11, 1)), offices)
def test_the_days_carry_the_sum_of_those_before(first: date, office: Office) -> None:
    days = list(office_days(first, first + timedelta(days=30), office))
    assert [day.date for day in days] == [
        first + timedelta(days=number) for number in range(31)
    ]
    total = timedelta()
    for day in days:
        assert day.before == total
        total += day.length
    end = days[-1].closes
    assert working_time(days[0].opens, end, office) == total

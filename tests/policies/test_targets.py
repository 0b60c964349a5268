"""A promise in working hours: when it runs out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.targets import within_working_hours
from policies.workdays import ZONES, why_not_working
from policies.working_time import working_time


@dataclass(frozen=True)
class Town:
    country: str = "SE"
    timezone: str = "Europe/Stockholm"
    closed: frozenset[date] = frozenset()
    opens: time | None = time(8)
    closes: time | None = time(17)


def due(received: str, hours: int, **changes) -> str:
    town = Town(**changes)
    found = within_working_hours(datetime.fromisoformat(received), hours, town)
    return found.due_at.isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("received", "hours", "expected"),
    [
        # A Tuesday in the middle of the day.
        ("2026-10-27T10:00+01:00", 4, "2026-10-27T14:00+01:00"),
        # To the minute at which the office closes.
        ("2026-10-27T13:00+01:00", 4, "2026-10-27T17:00+01:00"),
        ("2026-10-27T15:30+01:00", 4, "2026-10-28T10:30+01:00"),
        # Before it opens, and after it has closed.
        ("2026-10-27T05:00+01:00", 2, "2026-10-27T10:00+01:00"),
        ("2026-10-27T22:00+01:00", 2, "2026-10-28T10:00+01:00"),
        # Friday before All Saints' Day: Saturday and Sunday do not count.
        ("2026-10-30T16:45+01:00", 4, "2026-11-02T11:45+01:00"),
        ("2026-10-31T12:00+01:00", 1, "2026-11-02T09:00+01:00"),
        # Over Easter: Maundy Thursday is a working day in Sweden, Good Friday none.
        ("2026-04-02T16:00+02:00", 2, "2026-04-07T09:00+02:00"),
        # The night in which summer time begins.
        ("2026-03-27T16:00+01:00", 2, "2026-03-30T09:00+02:00"),
    ],
)
def test_cases_worked_out_by_hand(received: str, hours: int, expected: str):
    """K-14: a channel's own, stricter target counts working hours only."""
    assert due(received, hours) == expected


def test_the_days_passed_over_are_named():
    """K-14: the calculation is shown to the person."""
    friday = datetime.fromisoformat("2026-10-30T16:45+01:00")
    found = within_working_hours(friday, 4, Town())
    assert [(day.date.isoformat(), day.reason) for day in found.skipped] == [
        ("2026-10-31", "All Saints' Day"),
        ("2026-11-01", "Sunday"),
    ]
    closed = Town(closed=frozenset({date(2026, 11, 2)}))
    found = within_working_hours(friday, 4, closed)
    assert found.skipped[-1].reason == "closing day"
    assert found.due_at.date() == date(2026, 11, 3)


def test_norway_is_off_on_maundy_thursday():
    assert due("2026-04-01T16:00+02:00", 2, country="NO", timezone="Europe/Oslo") == (
        "2026-04-07T09:00+02:00"
    )


def test_without_office_hours_a_working_day_is_the_whole_day():
    assert due("2026-10-30T20:00+01:00", 6, opens=None, closes=None) == (
        "2026-11-02T02:00+01:00"
    )


@pytest.mark.parametrize("hours", [0, -1])
def test_a_promise_of_nothing_is_refused(hours: int):
    with pytest.raises(ValueError, match="cannot be kept"):
        within_working_hours(datetime.now(UTC), hours, Town())


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        within_working_hours(datetime(2026, 10, 30), 4, Town())


MOMENTS = st.datetimes(
    min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)
).map(lambda moment: moment.replace(tzinfo=UTC))


@given(
    received=MOMENTS,
    hours=st.integers(1, 40),
    country=st.sampled_from(sorted(ZONES)),
    closed=st.frozensets(
        st.integers(0, 14).map(lambda n: timedelta(days=n)), max_size=4
    ),
)
def test_exactly_so_much_working_time_passes(received, hours, country, closed):
    """K-14, over twenty years and both countries: the promise runs out on a working
    day within office hours, after just as many working hours as were promised."""
    town = Town(
        country=country,
        timezone=ZONES[country],
        closed=frozenset(received.date() + ahead for ahead in closed),
    )
    found = within_working_hours(received, hours, town)
    local = found.due_at
    assert working_time(received, found.due_at, town) == timedelta(hours=hours)
    assert not why_not_working(local.date(), country=country, closed=town.closed)
    assert time(8) < local.time() <= time(17)
    assert all(
        why_not_working(day.date, country=country, closed=town.closed) == day.reason
        for day in found.skipped
    )

"""Deadlines (K-14): the next working day, same clock time, by the wall clock."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.workdays import (
    REASONS,
    ZONES,
    next_working_day,
    reason_name,
    reason_text,
    why_not_working,
)

YEARS = range(2016, 2036)
EVES = {
    "SE": lambda day: (
        (day.month, day.day) in ((12, 24), (12, 31))
        or (day.month == 6 and day.weekday() == 4 and 19 <= day.day <= 25)
    ),
    "NO": lambda day: (day.month, day.day) in ((12, 24), (12, 31)),
}


def received(text: str, country: str = "SE") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONES[country]))


def due(text: str, country: str = "SE", **more: object) -> str:
    found = next_working_day(received(text, country), country=country, **more)
    return found.due_at.strftime("%Y-%m-%d %H:%M")


def test_a_friday_before_all_saints_is_answered_on_monday_at_the_same_time() -> None:
    """K-14, and summer time has ended in between."""
    found = next_working_day(received("2025-10-31 16:45"), country="SE")
    assert found.due_at.isoformat() == "2025-11-03T16:45:00+01:00"
    assert [(s.date.isoformat(), s.reason) for s in found.skipped] == [
        ("2025-11-01", "All Saints' Day"),
        ("2025-11-02", "Sunday"),
    ]


@pytest.mark.parametrize(
    ("country", "when", "then"),
    [
        # Sweden: working days that have the name of an eve
        ("SE", "2026-01-04 09:00", "2026-01-05 09:00"),  # Twelfth Night
        ("SE", "2026-04-01 09:00", "2026-04-02 09:00"),  # Maundy Thursday
        ("SE", "2026-04-29 09:00", "2026-04-30 09:00"),  # Walpurgis
        ("SE", "2026-10-29 09:00", "2026-10-30 09:00"),  # All Saints' Eve
        ("SE", "2026-05-14 09:00", "2026-05-15 09:00"),  # the day after Ascension
        # Sweden: eves on which offices are closed
        ("SE", "2026-06-18 15:00", "2026-06-22 15:00"),  # Midsummer
        ("SE", "2026-12-23 15:00", "2026-12-28 15:00"),  # Christmas
        ("SE", "2026-12-30 15:00", "2027-01-04 15:00"),  # New Year
        # Sweden: holidays
        ("SE", "2026-04-02 16:45", "2026-04-07 16:45"),  # Easter
        ("SE", "2026-04-30 10:00", "2026-05-04 10:00"),  # 1 May on a Friday
        ("SE", "2026-05-13 10:00", "2026-05-15 10:00"),  # Ascension Day
        ("SE", "2026-01-05 10:00", "2026-01-07 10:00"),  # Epiphany
        ("SE", "2024-06-05 10:00", "2024-06-07 10:00"),  # National Day
        ("SE", "2026-05-22 10:00", "2026-05-25 10:00"),  # no Whit Monday in Sweden
        ("SE", "2004-05-28 10:00", "2004-06-01 10:00"),  # but there was until 2004
        ("SE", "2026-05-15 10:00", "2026-05-18 10:00"),  # 17 May is Norway's
        # Norway
        ("NO", "2026-03-31 10:00", "2026-04-01 10:00"),  # Wednesday before Easter
        ("NO", "2026-04-01 13:00", "2026-04-07 13:00"),  # Maundy Thursday is off
        ("NO", "2026-04-30 10:00", "2026-05-04 10:00"),  # 1 May
        ("NO", "2027-05-14 10:00", "2027-05-18 10:00"),  # 17 and Whit Monday
        ("NO", "2024-05-16 10:00", "2024-05-21 10:00"),  # 17 May on a Friday, Whitsun
        ("NO", "2026-05-13 10:00", "2026-05-15 10:00"),  # Ascension Day
        ("NO", "2026-05-22 10:00", "2026-05-26 10:00"),  # Whit Monday
        ("NO", "2026-12-23 15:00", "2026-12-28 15:00"),  # Christmas Eve
        ("NO", "2026-12-30 15:00", "2027-01-04 15:00"),  # New Year's Eve
        ("NO", "2026-01-05 10:00", "2026-01-06 10:00"),  # no Epiphany
        ("NO", "2026-06-05 10:00", "2026-06-08 10:00"),
        ("NO", "2026-06-18 10:00", "2026-06-19 10:00"),  # no Midsummer Eve
        ("NO", "2026-10-30 10:00", "2026-11-02 10:00"),
    ],
)
def test_eves_and_holidays(country: str, when: str, then: str) -> None:
    """K-14 by the calendar of each country, counted by hand."""
    assert due(when, country) == then


def test_what_comes_on_a_day_off_is_due_on_the_next_working_day() -> None:
    assert due("2026-11-21 14:12") == "2026-11-23 14:12"
    assert due("2026-11-22 23:59") == "2026-11-23 23:59"
    assert due("2026-04-03 08:00") == "2026-04-07 08:00"


def test_the_day_is_the_municipality_s_own_not_the_sender_s() -> None:
    # Half past eleven at night in London on Maundy Thursday is Good Friday here.
    late = datetime(2026, 4, 2, 22, 30, tzinfo=UTC)
    found = next_working_day(late, country="SE")
    assert found.due_at.isoformat() == "2026-04-07T00:30:00+02:00"


def test_summer_time_moves_the_instant_and_not_the_clock() -> None:
    before, after = received("2026-03-27 16:45"), received("2026-10-23 16:45")
    spring = next_working_day(before, country="SE").due_at
    autumn = next_working_day(after, country="SE").due_at
    assert spring.isoformat() == "2026-03-30T16:45:00+02:00"
    assert autumn.isoformat() == "2026-10-26T16:45:00+01:00"
    assert spring - before.astimezone(UTC) == timedelta(days=3, hours=-1)
    assert autumn - after.astimezone(UTC) == timedelta(days=3, hours=1)


def test_a_clock_time_that_summer_time_leaves_out_moves_forward() -> None:
    # Egypt changes its clocks on a Friday, which is a working day by Swedish rules.
    early = datetime(2026, 4, 23, 0, 30, tzinfo=ZoneInfo("Africa/Cairo"))
    found = next_working_day(early, country="SE", timezone="Africa/Cairo")
    assert found.due_at.isoformat() == "2026-04-24T01:30:00+03:00"


def test_own_closing_days_are_skipped_and_named() -> None:
    closed = [date(2026, 5, 15), date(2026, 5, 18)]
    found = next_working_day(received("2026-05-13 10:00"), country="SE", closed=closed)
    assert found.due_at.date() == date(2026, 5, 19)
    assert [s.reason for s in found.skipped] == [
        "Ascension Day",
        "closing day",
        "Saturday",
        "Sunday",
        "closing day",
    ]


@pytest.mark.parametrize(
    ("when", "then"),
    [
        ("2026-11-17 05:00", "2026-11-18 08:00"),
        ("2026-11-17 12:00", "2026-11-18 12:00"),
        ("2026-11-17 22:30", "2026-11-18 16:00"),
        ("2026-11-20 22:30", "2026-11-23 16:00"),
    ],
)
def test_office_hours_move_the_clock_and_never_the_day(when: str, then: str) -> None:
    assert due(when, opens=time(8), closes=time(16)) == then


def test_what_cannot_be_computed_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        next_working_day(datetime(2026, 4, 2, 16, 45), country="SE")
    now = datetime(2026, 4, 2, 16, 45, tzinfo=UTC)
    with pytest.raises(ValueError, match="“DK”; known are NO, SE"):
        next_working_day(now, country="DK")
    with pytest.raises(ValueError, match="no known time zone"):
        next_working_day(now, country="SE", timezone="Europe/Kalix")
    with pytest.raises(ValueError, match="no known time zone"):
        next_working_day(now, country="SE", timezone="../etc/passwd")
    with pytest.raises(ValueError, match="cannot close"):
        next_working_day(now, country="SE", opens=time(16), closes=time(8))
    with pytest.raises(ValueError, match="is outside"):
        next_working_day(now.replace(year=1), country="SE")
    with pytest.raises(ValueError, match="is outside"):
        next_working_day(now.replace(year=9999, month=12, day=31), country="SE")


def test_reasons_are_sentences_in_each_language() -> None:
    assert (
        reason_text("All Saints' Day", "sv") == "Alla helgons dag är ingen arbetsdag."
    )
    assert reason_text("Sunday", "nb-NO") == "Søndag er ikke en arbeidsdag."
    assert reason_text("Christmas Eve", "nn") == "Julaftan er ikkje ein arbeidsdag."
    assert reason_text("closing day", "en") == "Closing day is no working day."
    assert reason_text("A new holiday", "sv") == "A new holiday är ingen arbetsdag."
    assert reason_name("Epiphany", "no") == "helligtrekongersdag"


moments = st.datetimes(
    datetime(YEARS[0], 1, 1),
    datetime(YEARS[-1], 12, 20),
    timezones=st.sampled_from([UTC, *map(ZoneInfo, ZONES.values())]),
)
closings = st.sets(st.dates(date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)), max_size=12)


@given(
    moment=moments,
    country=st.sampled_from(["SE", "NO"]),
    closed=closings,
    data=st.data(),
)
def test_the_deadline_is_the_first_working_day_after(
    moment: datetime, country: str, closed: set[date], data: st.DataObject
) -> None:
    """K-14 over twenty years, against the holiday library's own dates."""
    local = moment.astimezone(UTC).astimezone(ZoneInfo(ZONES[country]))
    # Closing days near the message, or they would hardly ever matter.
    near = data.draw(st.sets(st.integers(1, 9), max_size=4))
    closed = closed | {local.date() + timedelta(days=days) for days in near}
    found = next_working_day(moment, country=country, closed=closed)
    calendar = holidays.country_holidays(country, years=[*YEARS, YEARS[-1] + 1])

    def works(day: date) -> bool:
        return not (
            day.weekday() >= 5 or day in calendar or day in closed or EVES[country](day)
        )

    expected = local.date() + timedelta(days=1)
    passed = []
    while not works(expected):
        passed.append(expected)
        expected += timedelta(days=1)
    assert found.due_at.date() == expected
    assert [skipped.date for skipped in found.skipped] == passed
    assert found.due_at.time() == local.time().replace(fold=0)
    assert found.due_at.utcoffset() is not None
    assert found.due_at > moment
    assert all(skipped.reason in REASONS for skipped in found.skipped)


@pytest.mark.parametrize("country", ["SE", "NO"])
def test_every_holiday_of_the_library_is_a_day_off_with_a_name(country: str) -> None:
    calendar = holidays.country_holidays(country, years=YEARS)
    assert len(calendar) > 200
    for day in calendar:
        reason = why_not_working(day, country=country)
        assert reason in REASONS
        assert reason not in ("Saturday", "Sunday", "closing day")


@given(moment=moments, shift=st.integers(-14, 14))
def test_the_offset_a_time_is_written_in_does_not_matter(
    moment: datetime, shift: int
) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(hours=shift)))
    assert next_working_day(elsewhere, country="NO") == next_working_day(
        moment, country="NO"
    )


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "policies.workdays", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_the_command_prints_the_deadline_as_json() -> None:
    answer = run(
        "--country", "SE", "--received", "2026-04-02T16:45+02:00",
        "--closed", "2026-04-07", "2026-04-08", "--closed", "2026-04-09",
    )  # fmt: skip
    assert answer.returncode == 0
    found = json.loads(answer.stdout)
    assert found["due_at"] == "2026-04-10T16:45:00+02:00"
    assert found["skipped"][0] == {"date": "2026-04-03", "reason": "Good Friday"}
    assert [day["date"][-2:] for day in found["skipped"]] == [
        "03", "04", "05", "06", "07", "08", "09",
    ]  # fmt: skip


def test_the_command_gives_reasons_in_the_language_asked_for() -> None:
    answer = run(
        "--country", "NO", "--received", "2026-12-23T16:45+01:00", "--language", "nb"
    )
    assert json.loads(answer.stdout)["skipped"][0]["reason"] == "julaften"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--country", "SE", "--received", "2026-04-02T16:45"], "has no time zone"),
        (["--country", "FI", "--received", "2026-04-02T16:45Z"], "known are NO, SE"),
        (["--country", "SE", "--received", "yesterday"], "is no time"),
    ],
)
def test_the_command_refuses_with_a_sentence(
    arguments: list[str], sentence: str
) -> None:
    answer = run(*arguments)
    assert answer.returncode == 2
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""


def test_the_pure_modules_bring_in_no_framework() -> None:
    """policies.workdays and policies.duties start without Django."""
    code = (
        "import sys, policies.workdays, policies.duties;"
        "print([m for m in ('django', 'holidays') if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"

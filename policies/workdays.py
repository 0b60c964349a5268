"""When an answer is due: the next working day of a municipality (K-14).

Dates of public holidays come from the `holidays` library. Three choices are ours:

*Eves.* A day is no working day when municipal offices are closed the whole day.
Sweden: Midsummer Eve, Christmas Eve and New Year's Eve, which the Annual Leave Act
(1977:480, section 7) puts beside Sundays. Twelfth Night, Maundy Thursday, Walpurgis
and All Saints' Eve are working days; Easter Eve and Whitsun Eve are Saturdays anyway.
Norway: Christmas Eve and New Year's Eve, when offices keep closed; the collective
agreement for municipalities (HTA kap. 1 § 5) ends work at noon on them. The Wednesday
before Maundy Thursday also ends at noon but offices are open, so it is a working day.
A municipality that closes on more days says so in `closed`.

*Clock.* The deadline is the time of day the message came in, on the next working day,
by the wall clock of the municipality: summer time moves the instant, not the clock.

*Received on a day off.* The guidelines count from the day the message came in and
know no other day of receipt, so what arrives on a Saturday is due on Monday, at the
same time of day. Reading it as "received on Monday, due on Tuesday" would be milder
to us than the citizen was promised.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONES = {"SE": "Europe/Stockholm", "NO": "Europe/Oslo"}
YEARS = range(1970, 2201)

# Reason -> names in sv, nb, nn. The English name is the key that is stored.
REASONS: dict[str, tuple[str, str, str]] = {
    "Saturday": ("lördag", "lørdag", "laurdag"),
    "Sunday": ("söndag", "søndag", "sundag"),
    "closing day": (
        "kommunens stängningsdag",
        "kommunens stengedag",
        "stengjedagen til kommunen",
    ),
    "New Year's Day": ("nyårsdagen", "første nyttårsdag", "første nyttårsdag"),
    "Epiphany": ("trettondedag jul", "helligtrekongersdag", "heilagtrekongarsdag"),
    "Maundy Thursday": ("skärtorsdagen", "skjærtorsdag", "skjærtorsdag"),
    "Good Friday": ("långfredagen", "langfredag", "langfredag"),
    "Easter Sunday": ("påskdagen", "første påskedag", "første påskedag"),
    "Easter Monday": ("annandag påsk", "andre påskedag", "andre påskedag"),
    "May Day": ("första maj", "første mai", "første mai"),
    "Constitution Day": ("Norges grundlagsdag", "grunnlovsdagen", "grunnlovsdagen"),
    "Ascension Day": (
        "Kristi himmelsfärdsdag",
        "Kristi himmelfartsdag",
        "Kristi himmelfartsdag",
    ),
    "Whit Sunday": ("pingstdagen", "første pinsedag", "første pinsedag"),
    "Whit Monday": ("annandag pingst", "andre pinsedag", "andre pinsedag"),
    "National Day": (
        "Sveriges nationaldag",
        "Sveriges nasjonaldag",
        "Sveriges nasjonaldag",
    ),
    "Midsummer Eve": ("midsommarafton", "midtsommeraften", "midtsommarkvelden"),
    "Midsummer Day": ("midsommardagen", "midtsommerdagen", "midtsommardagen"),
    "All Saints' Day": ("alla helgons dag", "allehelgensdag", "allehelgensdag"),
    "Christmas Eve": ("julafton", "julaften", "julaftan"),
    "Christmas Day": ("juldagen", "første juledag", "første juledag"),
    "Boxing Day": ("annandag jul", "andre juledag", "andre juledag"),
    "New Year's Eve": ("nyårsafton", "nyttårsaften", "nyttårsaftan"),
}

# The library's own names, which may be reworded between its versions: a name that is
# not here is shown as it stands.
NAMES = {
    "Nyårsdagen": "New Year's Day",
    "Trettondedag jul": "Epiphany",
    "Långfredagen": "Good Friday",
    "Påskdagen": "Easter Sunday",
    "Annandag påsk": "Easter Monday",
    "Första maj": "May Day",
    "Kristi himmelsfärdsdag": "Ascension Day",
    "Pingstdagen": "Whit Sunday",
    "Annandag pingst": "Whit Monday",
    "Nationaldagen": "National Day",
    "Midsommarafton": "Midsummer Eve",
    "Midsommardagen": "Midsummer Day",
    "Alla helgons dag": "All Saints' Day",
    "Julafton": "Christmas Eve",
    "Juldagen": "Christmas Day",
    "Annandag jul": "Boxing Day",
    "Nyårsafton": "New Year's Eve",
    "Første nyttårsdag": "New Year's Day",
    "Skjærtorsdag": "Maundy Thursday",
    "Langfredag": "Good Friday",
    "Første påskedag": "Easter Sunday",
    "Andre påskedag": "Easter Monday",
    "Arbeidernes dag": "May Day",
    "Grunnlovsdag": "Constitution Day",
    "Kristi himmelfartsdag": "Ascension Day",
    "Første pinsedag": "Whit Sunday",
    "Andre pinsedag": "Whit Monday",
    "Første juledag": "Christmas Day",
    "Andre juledag": "Boxing Day",
}

SENTENCES = {
    "sv": "{} är ingen arbetsdag.",
    "nb": "{} er ikke en arbeidsdag.",
    "nn": "{} er ikkje ein arbeidsdag.",
    "en": "{} is no working day.",
}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day passed over on the way to the deadline; `reason` is a key of REASONS."""

    date: date
    reason: str


@dataclass(frozen=True, slots=True)
class Due:
    due_at: datetime
    skipped: tuple[Skipped, ...]


def next_working_day(
    received: datetime,
    *,
    country: str,
    timezone: str | None = None,
    closed: Collection[date] = (),
    opens: time | None = None,
    closes: time | None = None,
) -> Due:
    """The deadline for a message: same clock time on the next working day (K-14).

    `country` is SE or NO; `timezone` an IANA name, the country's own when left out;
    `closed` the municipality's own closing days. With office hours the clock time is
    moved into them, never to another day: a question from 22:30 is due when the
    office closes, one from 05:00 when it opens. `due_at` carries the local offset.
    `skipped` lists the days between the two that are not working days.

    Raises ValueError with a sentence for a naive `received`, an unknown country or
    zone, hours that end before they begin and years outside 1970 to 2200.
    """
    if received.tzinfo is None or received.utcoffset() is None:
        raise ValueError(
            f"The time received, {received.isoformat()}, has no time zone; "
            "without one the deadline could be an hour or a day wrong."
        )
    country = _known(country)
    zone = _zone(timezone or ZONES[country])
    if opens and closes and closes <= opens:
        raise ValueError(f"The office cannot close at {closes} and open at {opens}.")
    try:
        # By way of UTC, or a clock time that does not exist would be kept as it is.
        local = received.astimezone(UTC).astimezone(zone)
        day = local.date() + timedelta(days=1)
    except OverflowError:
        raise ValueError(_outside(received.year)) from None
    skipped = []
    while reason := why_not_working(day, country=country, closed=closed):
        skipped.append(Skipped(day, reason))
        day += timedelta(days=1)
    clock = local.time()
    if opens and clock < opens:
        clock = opens
    if closes and clock > closes:
        clock = closes
    # By way of UTC: a clock time that summer time leaves out moves forward to one
    # that exists, and one that comes twice means the first.
    due = datetime.combine(day, clock.replace(fold=0), zone)
    return Due(due.astimezone(UTC).astimezone(zone), tuple(skipped))


def why_not_working(day: date, *, country: str, closed: Collection[date] = ()) -> str:
    """The reason a day is no working day, as a key of REASONS, or "" when it is one.

    A holiday on a weekend is named by the holiday; a closing day is named last.
    """
    country = _known(country)
    if day.year not in YEARS:
        raise ValueError(_outside(day.year))
    if name := _days_off(country, day.year).get(day):
        return name
    if day.weekday() == 5:
        return "Saturday"
    if day.weekday() == 6:
        return "Sunday"
    return "closing day" if day in closed else ""


def reason_name(key: str, lang: str) -> str:
    """The name of a reason in sv, nb, nn or en, in running text: "alla helgons dag"."""
    names = REASONS.get(key)
    lang = _language(lang)
    return names[("sv", "nb", "nn").index(lang)] if names and lang != "en" else key


def reason_text(key: str, lang: str) -> str:
    """Why a day was passed over, as a sentence: "Alla helgons dag är ingen arbetsdag."

    `key` is the reason of a `Skipped`. Norwegian "no" reads as Bokmål, languages
    other than sv, nb, nn and en as English.
    """
    sentence = SENTENCES[_language(lang)].format(reason_name(key, lang))
    return sentence[0].upper() + sentence[1:]


@lru_cache(maxsize=64)
def _days_off(country: str, year: int) -> dict[date, str]:
    """Holidays and whole-day eves of a year, by date, with the key of the reason."""
    # A tenth of a second that a caller who computes no deadline need not pay.
    import holidays

    if country == "SE":
        found = holidays.country_holidays(
            "SE", years=year, categories=("public", "de_facto"), language="sv"
        )
    else:
        found = holidays.country_holidays("NO", years=year, language="no")
    days = {}
    for day in found:
        # Two holidays may share a date, as 17 May and Whit Sunday do in 2043.
        name = found.get_list(day)[0]
        days[day] = NAMES.get(name, name)
    if country == "NO":
        days.setdefault(date(year, 12, 24), "Christmas Eve")
        days.setdefault(date(year, 12, 31), "New Year's Eve")
    return days


def _known(country: str) -> str:
    code = country.upper()
    if code not in ZONES:
        raise ValueError(
            f"No working days are known for “{country}”; known are "
            f"{', '.join(sorted(ZONES))}."
        )
    return code


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"“{name}” is no known time zone.") from None


def _outside(year: int) -> str:
    return f"Working days are known from {YEARS[0]} to {YEARS[-1]}; {year} is outside."


def _language(lang: str) -> str:
    short = lang.replace("_", "-").split("-")[0].lower()
    short = "nb" if short == "no" else short
    return short if short in SENTENCES else "en"


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"“{text}” is no time; write it like 2026-04-02T16:45+02:00"
        ) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"“{text}” is no date; write it like 2026-04-07"
        ) from None


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"“{text}” is no time of day; write it like 08:00"
        ) from None


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m policies.workdays`: one deadline as JSON on standard output."""
    parser = argparse.ArgumentParser(
        prog="python -m policies.workdays",
        description="When is the answer to a message due?",
    )
    parser.add_argument("--country", required=True, help="SE or NO")
    parser.add_argument(
        "--received",
        required=True,
        type=_moment,
        metavar="TIME",
        help="with a time zone: 2026-04-02T16:45+02:00",
    )
    parser.add_argument(
        "--closed",
        nargs="*",
        action="extend",
        default=[],
        type=_day,
        metavar="DATE",
        help="the municipality's own closing days",
    )
    parser.add_argument("--timezone", help="IANA name; the country's when left out")
    parser.add_argument("--opens", type=_clock, metavar="HH:MM")
    parser.add_argument("--closes", type=_clock, metavar="HH:MM")
    parser.add_argument("--language", default="en", help="of the reasons")
    given = parser.parse_args(arguments)
    try:
        due = next_working_day(
            given.received,
            country=given.country,
            timezone=given.timezone,
            closed=frozenset(given.closed),
            opens=given.opens,
            closes=given.closes,
        )
    except ValueError as fault:
        print(fault, file=sys.stderr)
        return 2
    answer = {
        "due_at": due.due_at.isoformat(),
        "skipped": [
            {
                "date": day.date.isoformat(),
                "reason": reason_name(day.reason, given.language),
            }
            for day in due.skipped
        ],
    }
    print(json.dumps(answer, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""By when something is owed, and how that was counted, in words (K-14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.template.defaultfilters import date as date_filter
from django.utils.formats import date_format
from django.utils.text import capfirst, get_text_list
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from channels.models import Municipality
from moderation.models import Duty
from policies.targets import within_working_hours
from policies.workdays import Due, Skipped, next_working_day, reason_name

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Deadline:
    """`target_hours` when the channel's promise set it, `moved_to` when office hours
    did ("opens", "closes")."""

    since: datetime
    due_at: datetime
    skipped: tuple[Skipped, ...] = ()
    target_hours: int | None = None
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which this municipality works."""

    country: str
    timezone: str
    closed: frozenset[date]
    opens: time | None = None
    closes: time | None = None

    def due(self, since: datetime) -> Due:
        """The next working day after `since`, at the same time of day within office
        hours (K-14)."""
        return next_working_day(
            since,
            country=self.country,
            timezone=self.timezone,
            closed=self.closed,
            opens=self.opens,
            closes=self.closes,
        )

    def deadline(self, since: datetime, hours: int | None = None) -> Deadline:
        """The next working day, or earlier when so many `hours` of working time are
        promised: a channel may be stricter than the guidelines, never milder."""
        due = self.due(since)
        if hours:
            promised = within_working_hours(since, hours, self)
            if promised.due_at < due.due_at:
                return Deadline(since, promised.due_at, promised.skipped, hours)
        clock = since.astimezone(due.due_at.tzinfo).time()
        moved = ""
        if self.opens and clock < self.opens:
            moved = Duty.Moved.OPENS.value
        elif self.closes and clock > self.closes:
            moved = Duty.Moved.CLOSES.value
        return Deadline(since, due.due_at, due.skipped, None, moved)


def calendar() -> Calendar:
    municipality = Municipality.objects.prefetch_related("closing_days").first()
    if municipality is None:
        return Calendar("SE", "Europe/Stockholm", frozenset())
    return Calendar(
        municipality.country,
        municipality.timezone,
        frozenset(day.date for day in municipality.closing_days.all()),
        municipality.office_opens,
        municipality.office_closes,
    )


def stored(days: Sequence[Skipped]) -> list[dict[str, str]]:
    """Days passed over as a duty keeps them."""
    return [{"date": day.date.isoformat(), "reason": day.reason} for day in days]


def explanation(duty: Duty) -> str:
    """How the deadline was counted, in the person's language: "Received Friday 30
    October 16:45, All Saints' Day and Sunday are no working days, due Monday 2
    November 16:45." Made from what was stored when it was counted; a correction since
    stands for itself."""
    pieces = [_("received %(moment)s") % {"moment": moment_words(duty.since)}]
    names = _names(duty.skipped)
    if names:
        pieces.append(
            ngettext(
                "%(days)s is no working day",
                "%(days)s are no working days",
                len(names),
            )
            % {"days": get_text_list(names, _("and"))}
        )
    # `all` takes what was fetched ahead.
    changes = duty.deadline_changes.all() if duty.pk else ()
    corrected = next(iter(changes), None)
    pieces.append(_due_words(duty, corrected.was_due_at if corrected else duty.due_at))
    return capfirst(", ".join(pieces)) + "."


def moment_words(moment: datetime) -> str:
    """Weekday, day and time of day, as the language writes them."""
    local = localtime(moment)
    return (
        f"{date_filter(local, 'l')} {date_format(local, 'MONTH_DAY_FORMAT')} "
        f"{local:%H:%M}"
    )


def _due_words(duty: Duty, counted: datetime) -> str:
    moment = {"moment": moment_words(counted), "hours": duty.target_hours}
    if duty.target_hours:
        return (
            ngettext(
                "due %(moment)s: the channel promises an answer within %(hours)d "
                "working hour",
                "due %(moment)s: the channel promises an answer within %(hours)d "
                "working hours",
                duty.target_hours,
            )
            % moment
        )
    if duty.moved_to == Duty.Moved.OPENS:
        return _("due %(moment)s, when the office opens") % moment
    if duty.moved_to == Duty.Moved.CLOSES:
        return _("due %(moment)s, when the office closes") % moment
    return _("due %(moment)s") % moment


def _names(skipped: Sequence[dict[str, str]]) -> list[str]:
    language = (get_language() or "en")[:2]
    named = [
        _named_day(reason_name(day["reason"], language), day["date"])
        if day["reason"] == "closing day"
        else reason_name(day["reason"], language)
        for day in skipped
    ]
    return list(dict.fromkeys(named))


def _named_day(name: str, iso: str) -> str:
    """A closing day has no name of its own: its date says which."""
    day = date_format(date.fromisoformat(iso), "MONTH_DAY_FORMAT")
    return f"{name} {day}"

"""What stands in the cells of the figures: words to read, values for table programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from moderation.figures import Punctuality, Scope, Waiting
from moderation.models import Duty
from moderation.team_pages import worked_words

if TYPE_CHECKING:
    from channels.models import Channel

WEEK = timedelta(days=7)
Row = TypeVar("Row", Punctuality, Waiting)


@dataclass(frozen=True, slots=True)
class Cell:
    """What is read, and what a table program gets."""

    words: str
    value: Any


@dataclass(frozen=True, slots=True)
class Names:
    """How keys of the figures are called."""

    channels: dict[int, str]
    departments: dict[int, str]

    @classmethod
    def of(cls, channels: Sequence[Channel]) -> Names:
        return cls(
            {one.pk: one.name for one in channels},
            {one.department_id: one.department.name for one in channels},
        )

    def named(self, group: str, key: Any) -> Cell:
        if group == "week":
            return week(key)
        if group == "kind":
            words = str(dict(Duty.Kind.choices).get(key, key))
            return Cell(words[:1].upper() + words[1:], words)
        names = self.channels if group == "channel" else self.departments
        return Cell(names[key], names[key])

    def short(self, group: str, key: Any) -> str:
        """As it stands under or above a bar."""
        if group == "week":
            week = key.isocalendar().week
            return pgettext("calendar week", "w. %(week)d") % {"week": week}
        return self.named(group, key).words


def every_week(
    rows: Sequence[Row], asked: Scope, empty: Callable[[date], Row]
) -> list[Row]:
    """The weeks without anything too, so that a gap is seen as one."""
    known = {row.key: row for row in rows}
    monday = asked.first - timedelta(days=asked.first.weekday())
    found = []
    while monday <= asked.last:
        found.append(known.get(monday) or empty(monday))
        monday += WEEK
    return found


def heading(group: str) -> str:
    return {
        "week": _("Week"),
        "channel": _("Channel"),
        "department": _("Department"),
        "kind": _("Duty"),
    }[group]


def week(monday: date) -> Cell:
    words = pgettext("calendar week", "w. %(week)d, %(date)s") % {
        "week": monday.isocalendar().week,
        "date": date_format(monday, "MONTH_DAY_FORMAT"),
    }
    return Cell(words, monday.isoformat())


def said(what: str, count: int) -> str:
    return _("%(what)s: %(number)d") % {"what": what, "number": count}


def number(count: int) -> Cell:
    return Cell(str(count), count)


def share(part: float | None) -> Cell:
    if part is None:
        return Cell("–", "")
    # Never rounded up to a whole that it is not.
    percent = int(part * 100) if part > 0.995 else round(part * 100)
    return Cell(f"{percent} %", round(part, 4))


def worked(time: timedelta, answered: int, asked: Scope) -> Cell:
    if not answered:
        return Cell("–", "")
    return Cell(worked_words(time, asked.days), round(time / timedelta(hours=1), 2))


def moment(at: datetime | None) -> Cell:
    if at is None:
        return Cell("–", "")
    local = localtime(at)
    return Cell(
        date_format(local, "SHORT_DATETIME_FORMAT"), local.isoformat(timespec="minutes")
    )

"""Deadlines and texts as the desk says them in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from datetime import date, datetime

LINE = 180  # characters of a text in a list


def due_words(
    moment: datetime, now: datetime | None = None, today: date | None = None
) -> str:
    """The deadline as one says it: today, tomorrow, a weekday, a date. `today` spares
    a list to ask which day it is line by line."""
    now = now or timezone.now()
    local, today = timezone.localtime(moment), today or timezone.localtime(now).date()
    days = (local.date() - today).days
    clock = local.strftime("%H:%M")
    if moment < now:
        if days == 0:
            return _("overdue since %(clock)s today") % {"clock": clock}
        return _("overdue since %(date)s %(clock)s") % {
            "date": date_format(local, "MONTH_DAY_FORMAT"),
            "clock": clock,
        }
    if days == 0:
        return _("today %(clock)s") % {"clock": clock}
    if days == 1:
        return _("tomorrow %(clock)s") % {"clock": clock}
    if days < 7:
        return f"{WEEKDAYS[local.weekday()]} {clock}"
    return f"{date_format(local, 'MONTH_DAY_FORMAT')} {clock}"


def excerpt(text: str) -> str:
    """One line of the text for a list."""
    line = " ".join(text[:1000].split())
    return line if len(line) <= LINE else line[: LINE - 1].rstrip() + "…"

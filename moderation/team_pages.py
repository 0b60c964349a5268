"""What the team's pages show: what is overdue and with whom, who is away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels.models import Channel, Department, Mandate, User
from moderation import desk_pages
from moderation.covering import is_covered
from moderation.duties import calendar
from moderation.models import Absence, Case, Duty
from policies.working_time import working_time

if TYPE_CHECKING:
    from moderation.duties import Calendar

PAGE = 50
SALT = "overdue"


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The channels a person looks at: all they see, one department's or one."""

    channels: list[Channel]
    department: Department | None
    channel: Channel | None
    departments: list[Department]
    choosable: list[Channel]

    @property
    def keys(self) -> list[int]:
        return [channel.pk for channel in self.channels]

    @property
    def query(self) -> str:
        """As a part of an address."""
        if self.channel:
            return f"channel={self.channel.pk}"
        return f"department={self.department.pk}" if self.department else ""


def narrowed(user: User, department: str, channel: str) -> Narrowed:
    """By keys out of an address; what is not seen or not known narrows nothing."""
    seen = list(
        Channel.objects.visible_to(user)
        .filter(decision=Channel.Decision.APPROVED)
        .select_related("department")
        .order_by("department__name", "name")
    )
    departments = list({one.department_id: one.department for one in seen}.values())
    chosen = next((one for one in departments if str(one.pk) == department), None)
    one = next((one for one in seen if str(one.pk) == channel), None)
    if one is not None:
        looked_at = [one]
    elif chosen is not None:
        looked_at = [one for one in seen if one.department_id == chosen.pk]
    else:
        looked_at = seen
    return Narrowed(looked_at, chosen, one, departments, seen)


@dataclass(frozen=True, slots=True)
class Page:
    cases: list[Case]
    next_cursor: str


def overdue(chosen: Narrowed, cursor: str) -> Page:
    """One page of what is overdue, the oldest first, by keyset. A cursor that is not
    ours counts as none."""
    cases = Case.objects.filter(channel_id__in=chosen.keys).overdue()
    if after := _read(cursor):
        cases = desk_pages.beyond(cases, *after)
    whole = cases.select_related("message", "channel", "assigned_to")
    rows = list(whole.prefetch_related("reports")[: PAGE + 1])
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    return Page(rows, _written(rows[-1]) if more else "")


def _written(last: Case) -> str:
    assert last.due_at is not None
    return signing.dumps([last.due_at.isoformat(), last.pk], salt=SALT, compress=True)


def _read(cursor: str) -> tuple[datetime, int] | None:
    try:
        moment, pk = signing.loads(cursor, salt=SALT)
    except signing.BadSignature:
        return None
    return datetime.fromisoformat(moment), int(pk)


def late_by_channel(channels: Sequence[Channel]) -> list[dict[str, Any]]:
    """How many messages are overdue in each channel that has any, the worst first."""
    names = {channel.pk: channel for channel in channels}
    rows = (
        Case.objects.filter(channel_id__in=list(names), due_at__lt=timezone.now())
        .values("channel")
        .annotate(number=Count("pk"), oldest=Min("due_at"))
        .order_by("-number", "channel")
    )
    return [
        {
            "channel": names[row["channel"]],
            "number": row["number"],
            "oldest": row["oldest"],
        }
        for row in rows
    ]


def with_lateness(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Each overdue case with what is owed, since when, and who has it."""
    now = timezone.now()
    days = calendar()
    late: dict[int, list[Duty]] = {}
    for duty in Duty.objects.filter(
        case__in=cases, closed_at=None, due_at__lt=now
    ).order_by("due_at", "pk"):
        late.setdefault(duty.case_id, []).append(duty)
    covers = Absence.objects.covers()
    people = User.objects.in_bulk(set(covers.values()))
    holders = {case.assigned_to_id for case in cases if case.assigned_to_id}
    able = set(
        Mandate.objects.in_force()
        .filter(person__in=holders | set(covers.values()), person__is_active=True)
        .values_list("person", "channel")
    )
    return [
        {
            "case": case,
            "covered": is_covered(case.rules, (one.what for one in case.reports.all())),
            "duties": late.get(case.pk, []),
            "late": worked_words(working_time(case.due_at or now, now, days), days),
            "cover": people.get(covers.get(case.assigned_to_id or 0, 0)),
            "unable": bool(case.assigned_to_id)
            and (
                covers.get(case.assigned_to_id or 0, case.assigned_to_id),
                case.channel_id,
            )
            not in able,
        }
        for case in cases
    ]


def headed_late(user: User) -> dict[str, Any]:
    """For the front page of a head or the information chief: what is overdue where
    they answer for it, None for everybody else."""
    channels = Channel.objects.filter(department__head=user)
    everywhere = user.has_perm("channels.see_every_channel")
    if everywhere:
        channels = Channel.objects.all()
    keys = list(channels.values_list("pk", flat=True))
    if not keys:
        return {}
    return {
        "everywhere": everywhere,
        **Case.objects.filter(channel_id__in=keys, due_at__lt=timezone.now()).aggregate(
            number=Count("pk"), oldest=Min("due_at")
        ),
    }


def away_today(user: User) -> list[Absence]:
    """Absences of today that concern a person: their own, and those they cover."""
    mine = Q(person=user) | Q(cover=user)
    return list(
        Absence.objects.in_force().filter(mine).select_related("person", "cover")
    )


def worked_words(worked: timedelta, days: Calendar) -> str:
    """Working time as one says it: minutes, hours and minutes, or working days of the
    municipality's own length and hours."""
    minutes = int(worked.total_seconds() // 60)
    if minutes < 60:
        return _("%(minutes)d min") % {"minutes": minutes}
    whole = _day_of(days)
    if worked < whole:
        return _("%(hours)d h %(minutes)d min") % {
            "hours": minutes // 60,
            "minutes": minutes % 60,
        }
    number = worked // whole
    hours = int((worked - number * whole).total_seconds() // 3600)
    words = ngettext("%(number)d working day", "%(number)d working days", number) % {
        "number": number
    }
    if hours:
        return _("%(days)s, %(hours)d h") % {"days": words, "hours": hours}
    return words


def _day_of(days: Calendar) -> timedelta:
    if days.opens is None or days.closes is None:
        return timedelta(hours=24)
    today = timezone.localdate()
    return datetime.combine(today, days.closes) - datetime.combine(today, days.opens)


def away_words(absence: Absence) -> str:
    return _("away until %(day)s, covered by %(person)s") % {
        "day": date_format(absence.ends_on, "MONTH_DAY_FORMAT"),
        "person": absence.cover,
    }

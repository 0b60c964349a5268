"""The morning's e-mail of what is due and overdue: reminders before the deadline,
escalation after it (K-14). One to a person and working day, never one to a message.

`Digest` holds that a person was told. So the clock may ask as often as it likes, two
workers may ask at once, and a clock that stood still for days catches up with one mail.
A digest holds counts, channels, deadlines and links, and nothing of the messages.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from channels import letters
from channels.models import Channel, Department, Mandate, Municipality, User
from moderation.duties import calendar
from moderation.models import Absence, Case, Digest
from policies.working_time import is_working_day

if TYPE_CHECKING:
    from moderation.duties import Calendar


@dataclass(slots=True)
class Tally:
    """Messages with something owed on them: how many, and the earliest deadline."""

    overdue: int = 0
    oldest: datetime | None = None
    today: int = 0
    first: datetime | None = None

    def __iadd__(self, other: Tally) -> Tally:
        self.overdue += other.overdue
        self.today += other.today
        self.oldest = _earlier(self.oldest, other.oldest)
        self.first = _earlier(self.first, other.first)
        return self

    def __bool__(self) -> bool:
        return bool(self.overdue or self.today)


@dataclass(slots=True)
class Told:
    """What one person is told. `with_them` and `on_channels` ask them to answer,
    `escalated` tells a head or the information chief what others have not, or who
    covers for them: `instead_of` are the keys of those they stand in for."""

    with_them: Tally = field(default_factory=Tally)
    on_channels: dict[int, Tally] = field(default_factory=dict)
    escalated: dict[int, Tally] = field(default_factory=dict)
    instead_of: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(
            self.with_them
            or any(self.on_channels.values())
            or any(tally.overdue for tally in self.escalated.values())
        )

    @property
    def overdue(self) -> int:
        mine = [self.with_them, *self.on_channels.values()]
        return sum(tally.overdue for tally in mine)

    @property
    def today(self) -> int:
        mine = [self.with_them, *self.on_channels.values()]
        return sum(tally.today for tally in mine)

    @property
    def overdue_elsewhere(self) -> int:
        return sum(tally.overdue for tally in self.escalated.values())


def write_due(now: datetime | None = None) -> int:
    """Writes today's digests that have not been written; answers how many letters.

    Nothing happens on a day off or outside office hours, by the municipality's own
    clock: what was missed then is told on the next working morning.
    """
    now = now or timezone.now()
    days = calendar()
    local = now.astimezone(ZoneInfo(days.timezone))
    opens, closes = days.opens or time(8), days.closes or time(23, 59)
    if not is_working_day(local.date(), days) or not opens <= local.time() < closes:
        return 0
    done = set(Digest.objects.filter(day=local.date()).values_list("person", flat=True))
    told = _told(now, days)
    people = User.objects.filter(pk__in=told.keys() - done, is_active=True)
    names = dict(Channel.objects.values_list("pk", "name"))
    written = 0
    for person in people.order_by("pk"):
        written += _write(person, told[person.pk], names, local.date(), days)
    return written


def _write(
    person: User, told: Told, names: dict[int, str], day: date, days: Calendar
) -> int:
    """One person's digest, or the note that there was nothing to tell."""
    try:
        with transaction.atomic():
            letter = None
            if told:
                zone = ZoneInfo(days.timezone)
                with override(person.language):
                    letter = letters.write(
                        to=person, subject=_subject(told), body=_body(told, names, zone)
                    )
            Digest.objects.create(
                person=person,
                day=day,
                letter=letter,
                counts={
                    "overdue": told.overdue,
                    "today": told.today,
                    "escalated": told.overdue_elsewhere,
                },
            )
    except IntegrityError as error:
        if "one_digest_a_person_and_day" not in str(error):
            raise
        # Another worker told them a moment ago: its letter stands, ours is gone.
        return 0
    return 1 if letter else 0


# -- What there is to tell ---------------------------------------------------------


def _told(now: datetime, days: Calendar) -> dict[int, Told]:
    """Person → what they are told; everybody who is to be told, even of nothing."""
    active = set(Channel.objects.active().values_list("pk", flat=True))
    mandates: dict[int, set[int]] = {}
    today = now.astimezone(ZoneInfo(days.timezone)).date()
    for person, channel in (
        Mandate.objects.in_force(today)
        .filter(channel__in=active, person__is_active=True)
        .values_list("person", "channel")
    ):
        mandates.setdefault(channel, set()).add(person)
    covers = Absence.objects.covers(today)
    told: dict[int, Told] = {
        person: Told()
        for people in mandates.values()
        for person in people
        if person not in covers
    }
    watchers, instead_of = _watchers(covers)
    for people in watchers.values():
        for person in people:
            told.setdefault(person, Told())
    for person, away in instead_of.items():
        told[person].instead_of = away
    for channel, holder, tally in _owed(now, days):
        able = mandates.get(channel, set())
        # Who is away is covered for; who may no longer answer here has it no more.
        holder = covers.get(holder, holder) if holder else None
        if holder in able:
            if holder in told:
                told[holder].with_them += tally
        else:
            for person in able - covers.keys():
                _add(told[person].on_channels, channel, tally)
        for person in watchers.get(channel, ()):
            _add(told[person].escalated, channel, tally)
    return told


def _owed(now: datetime, days: Calendar) -> list[tuple[int, int | None, Tally]]:
    """(channel, who has it, how much) of what is overdue or due before midnight."""
    local = now.astimezone(ZoneInfo(days.timezone))
    midnight = datetime.combine(
        local.date() + timedelta(days=1), time(), ZoneInfo(days.timezone)
    )
    late = Q(due_at__lt=now)
    rows = (
        Case.objects.filter(due_at__lt=midnight)
        .values("channel", "assigned_to")
        .annotate(
            overdue=Count("pk", filter=late),
            oldest=Min("due_at", filter=late),
            today=Count("pk", filter=~late),
            first=Min("due_at", filter=~late),
        )
        .order_by()
    )
    return [
        (
            row["channel"],
            row["assigned_to"],
            Tally(row["overdue"], row["oldest"], row["today"], row["first"]),
        )
        for row in rows
    ]


def _watchers(
    covers: dict[int, int],
) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """Channel → who learns of what is overdue there: the head of the department and
    the information chief, or who covers for them while they are away; and cover → whom
    they stand in for. A cover whose account is no longer in use covers for nobody."""
    municipality = Municipality.objects.first()
    chief = municipality.information_chief_id if municipality else None
    in_use = User.objects.filter(pk__in=covers.values(), is_active=True)
    standing = set(in_use.values_list("pk", flat=True))

    instead_of: dict[int, set[int]] = {}

    def told_of(person: int) -> int:
        cover = covers.get(person)
        if cover is None or cover not in standing:
            return person
        instead_of.setdefault(cover, set()).add(person)
        return cover

    found = {}
    for channel, head in Channel.objects.values_list("pk", "department__head"):
        found[channel] = {told_of(person) for person in (head, chief) if person}
    return found, instead_of


def _add(tallies: dict[int, Tally], channel: int, tally: Tally) -> None:
    tallies.setdefault(channel, Tally())
    tallies[channel] += tally


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    moments = [moment for moment in (one, other) if moment is not None]
    return min(moments, default=None)


# -- In words ----------------------------------------------------------------------


def _subject(told: Told) -> str:
    if told.overdue or told.today:
        return _("Kanalvakt: %(overdue)d overdue, %(today)d due today") % {
            "overdue": told.overdue,
            "today": told.today,
        }
    number = told.overdue_elsewhere
    return ngettext(
        "Kanalvakt: %(number)d message is overdue",
        "Kanalvakt: %(number)d messages are overdue",
        number,
    ) % {"number": number}


def _body(told: Told, names: dict[int, str], zone: ZoneInfo) -> str:
    desk = f"{settings.BASE_URL}{reverse('desk:queue')}"
    overdue = f"{settings.BASE_URL}{reverse('desk:overdue')}"
    parts = []
    if told.with_them:
        title = _("With you")
        parts.append([title, f"  {_words(told.with_them, zone)}", f"{desk}?tab=mine"])
    if any(told.on_channels.values()):
        title = _("On your channels, with nobody yet")
        lines = _lines(told.on_channels, names, zone)
        parts.append([title, *lines, desk])
    late = {
        channel: Tally(tally.overdue, tally.oldest)
        for channel, tally in told.escalated.items()
        if tally.overdue
    }
    if late:
        where = [_where(late.keys())]
        if told.instead_of:
            where.append(_instead(told.instead_of))
        parts.append([*where, *_lines(late, names, zone), overdue])
    parts.append([_("Sent at most once on a working day, when something is due.")])
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _instead(away: Collection[int]) -> str:
    people = User.objects.filter(pk__in=away).order_by("last_name", "first_name", "pk")
    return _("You are told since you cover for %(people)s.") % {
        "people": ", ".join(map(str, people))
    }


def _where(channels: Collection[int]) -> str:
    departments = Department.objects.filter(channels__in=channels).distinct()
    names = list(departments.order_by("name").values_list("name", flat=True)[:2])
    if len(names) == 1:
        return _("Overdue in %(department)s") % {"department": names[0]}
    return _("Overdue in the departments")


def _lines(
    tallies: dict[int, Tally],
    names: dict[int, str],
    zone: ZoneInfo,
) -> Sequence[str]:
    """A line a channel, what is worst first."""
    worst = sorted(
        (channel for channel, tally in tallies.items() if tally),
        key=lambda channel: (-tallies[channel].overdue, names[channel]),
    )
    return [f"  {names[one]}: {_words(tallies[one], zone)}" for one in worst]


def _words(tally: Tally, zone: ZoneInfo) -> str:
    words = []
    if tally.overdue and tally.oldest:
        local = tally.oldest.astimezone(zone)
        words.append(
            ngettext(
                "%(number)d overdue, since %(date)s %(clock)s",
                "%(number)d overdue, the oldest since %(date)s %(clock)s",
                tally.overdue,
            )
            % {
                "number": tally.overdue,
                "date": date_format(local, "MONTH_DAY_FORMAT"),
                "clock": f"{local:%H:%M}",
            }
        )
    if tally.today and tally.first:
        local = tally.first.astimezone(zone)
        words.append(
            ngettext(
                "%(number)d due today at %(clock)s",
                "%(number)d due today, the first at %(clock)s",
                tally.today,
            )
            % {"number": tally.today, "clock": f"{local:%H:%M}"}
        )
    return "; ".join(words)

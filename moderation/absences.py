"""Being away, and who covers meanwhile (M-O2)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.models import Channel, Department, Mandate, User
from moderation.models import Absence
from moderation.refusals import Refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Longer than any leave; a slip of the pen in the year is caught here.
LONGEST_DAYS = 400


def people_of(head: User) -> QuerySet[User]:
    """Whom a head may set away: members of their departments, and who has a mandate
    on a channel of theirs."""
    departments = Department.objects.filter(head=head)
    mandates = Mandate.objects.in_force().filter(channel__department__in=departments)
    return User.objects.filter(
        Q(department__in=departments) | Q(pk__in=mandates.values("person")),
        is_active=True,
    ).exclude(pk=head.pk)


@transaction.atomic
def register(
    *, person: User, cover: User, starts_on: date, ends_on: date, by: User
) -> Absence:
    """The person themselves or a head says that they are away and who covers.

    Raises Refused with a sentence: days that make no sense or are over, an absence on
    the same days, a cover who is away then or lacks one of the person's mandates.
    """
    # Both under lock, in one order: two that cover for one another are seen.
    pks = sorted({person.pk, cover.pk})
    list(User.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    why_not = (
        _by_whom(person, by)
        or _days(starts_on, ends_on)
        or _free(person, starts_on, ends_on)
        or _cover(person, cover, starts_on, ends_on)
    )
    if why_not:
        raise Refused(why_not)
    return Absence.objects.create(
        person=person, cover=cover, starts_on=starts_on, ends_on=ends_on, set_by=by
    )


@transaction.atomic
def end(*, absence: Absence, by: User) -> Absence:
    """Back before the last day, or never gone: from now on nobody covers."""
    absence = Absence.objects.select_for_update(of=("self",)).get(pk=absence.pk)
    why_not = _by_whom(absence.person, by)
    if not why_not and (
        absence.ended_at is not None or absence.ends_on < timezone.localdate()
    ):
        why_not = _("That absence is over already.")
    if why_not:
        raise Refused(why_not)
    absence.ended_at, absence.ended_by = timezone.now(), by
    absence.save(update_fields=["ended_at", "ended_by"])
    return absence


def _by_whom(person: User, by: User) -> str:
    if person == by or people_of(by).filter(pk=person.pk).exists():
        return ""
    return _("Only %(person)s or the head of the department says so.") % {
        "person": person
    }


def _days(starts_on: date, ends_on: date) -> str:
    if ends_on < starts_on:
        return _("The last day comes before the first.")
    if ends_on < timezone.localdate():
        return _("Those days are over.")
    if (ends_on - starts_on).days > LONGEST_DAYS:
        return _("That is longer than a year: end the mandates instead.")
    return ""


def _free(person: User, starts_on: date, ends_on: date) -> str:
    other = Absence.objects.filter(person=person).within(starts_on, ends_on).first()
    if other is None:
        return ""
    return _("%(person)s is away already, %(days)s.") % {
        "person": person,
        "days": other.days,
    }


def _cover(person: User, cover: User, starts_on: date, ends_on: date) -> str:
    if cover == person:
        return _("Somebody else has to cover.")
    if not cover.is_active:
        return _("%(person)s has no account in use.") % {"person": cover}
    away = Absence.objects.filter(person=cover).within(starts_on, ends_on).first()
    if away is not None:
        return _("%(person)s is away too, %(days)s.") % {
            "person": cover,
            "days": away.days,
        }
    needed = _channels(person, starts_on, ends_on)
    held = set(
        Mandate.objects.filter(_through(starts_on, ends_on), person=cover).values_list(
            "channel", flat=True
        )
    )
    lacking = Channel.objects.filter(pk__in=needed - held).order_by("name")
    if not lacking:
        return ""
    return _(
        "%(person)s has no mandate on those days for %(channels)s. The head of the "
        "department gives it on the channel's page."
    ) % {"person": cover, "channels": ", ".join(map(str, lacking))}


def _channels(person: User, first: date, last: date) -> set[int]:
    """Channels in use on which the person has a mandate on one of the days."""
    return set(
        Mandate.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=max(first, timezone.localdate())),
            person=person,
            starts_on__lte=last,
            channel__in=Channel.objects.active(),
        ).values_list("channel", flat=True)
    )


def _through(first: date, last: date) -> Q:
    """Mandates that hold on every day that is still to come."""
    return Q(starts_on__lte=max(first, timezone.localdate())) & (
        Q(ends_on=None) | Q(ends_on__gte=last)
    )

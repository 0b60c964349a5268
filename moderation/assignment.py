"""Who has which message: taken, put back, given to a colleague (M-O2, K-13).

A case belongs to the whole desk until somebody takes it. Everything that would go to a
person who is away goes to whoever covers for them; nothing goes to somebody without a
mandate on the channel. What is done here is kept as `Assignment`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from channels.models import Mandate, User
from moderation.decisions import locked, settle
from moderation.models import Absence, Assignment, Case
from moderation.models.team import holders
from moderation.refusals import Refused, overtaken, refusal
from moderation.verbs import VERBS

if TYPE_CHECKING:
    from channels.models import Channel


@transaction.atomic
def claim(*, case: Case, by: User, turn: int | None = None) -> Assignment:
    """Takes a case that nobody has, or that lies with somebody `by` covers for."""
    case = locked(case)
    why_not = (
        overtaken(case, turn)
        or refusal(case, VERBS["claim"], by)
        or claim_refusal(case, by)
    )
    if why_not:
        raise Refused(why_not)
    return _assign(case, Assignment.Act.CLAIM, by=by, to=by)


@transaction.atomic
def release(*, case: Case, by: User, turn: int | None = None) -> Assignment:
    """Puts it back for whoever comes first."""
    case = locked(case)
    why_not = (
        overtaken(case, turn)
        or refusal(case, VERBS["release"], by)
        or release_refusal(case, by)
    )
    if why_not:
        raise Refused(why_not)
    return _assign(case, Assignment.Act.RELEASE, by=by, to=None)


@transaction.atomic
def assign(*, case: Case, by: User, to: User, turn: int | None = None) -> Assignment:
    """To a colleague with a mandate on the channel, or to who covers for them."""
    case = locked(case)
    why_not = overtaken(case, turn) or refusal(case, VERBS["assign"], by)
    if why_not:
        raise Refused(why_not)
    meant, to = to, who_answers(to, case.channel)
    if case.assigned_to_id == to.pk:
        raise Refused(_("The message is with %(person)s already.") % {"person": to})
    return _assign(
        case,
        Assignment.Act.ASSIGN,
        by=by,
        to=to,
        instead_of=meant if meant != to else None,
    )


def claim_refusal(case: Case, by: User) -> str:
    """Why `by` cannot take it now, as far as the colleagues go; "" when they can."""
    holder = case.assigned_to
    if holder is None or (holder != by and holder.pk in holders(by)):
        return ""
    if holder == by:
        return _("The message is with you already.")
    if not _can_answer(holder, case.channel_id):
        return ""
    return _("The message is with %(person)s.") % {"person": holder}


def release_refusal(case: Case, by: User) -> str:
    holder = case.assigned_to
    if holder is None:
        return _("The message is with nobody.")
    if holder.pk in holders(by) or not _can_answer(holder, case.channel_id):
        return ""
    return _("The message is with %(person)s.") % {"person": holder}


def who_answers(person: User, channel: Channel) -> User:
    """The person themselves, or who covers for them today. Raises Refused with a
    sentence when whoever it is has no mandate in force on the channel."""
    cover = Absence.objects.covers().get(person.pk)
    if cover is None:
        if _can_answer(person, channel.pk):
            return person
        raise Refused(
            _("%(person)s has no mandate in force for %(channel)s.")
            % {"person": person, "channel": channel}
        )
    stand_in = User.objects.get(pk=cover)
    if _can_answer(stand_in, channel.pk):
        return stand_in
    away = Absence.objects.in_force().get(person=person)
    raise Refused(
        _(
            "%(person)s is away until %(day)s, and %(cover)s, who covers, has no "
            "mandate in force for %(channel)s."
        )
        % {
            "person": person,
            "day": date_format(away.ends_on, "MONTH_DAY_FORMAT"),
            "cover": stand_in,
            "channel": channel,
        }
    )


def _can_answer(person: User, channel: int) -> bool:
    return (
        person.is_active
        and Mandate.objects.in_force().filter(person=person, channel=channel).exists()
    )


def _assign(
    case: Case,
    act: str,
    *,
    by: User,
    to: User | None,
    instead_of: User | None = None,
) -> Assignment:
    """In the caller's transaction, with the case under lock."""
    done = Assignment.objects.create(
        case=case, act=act, to=to, instead_of=instead_of, by=by
    )
    Case.objects.filter(pk=case.pk).update(assigned_to=to)
    case.assigned_to = to
    settle(case)
    return done

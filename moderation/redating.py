"""A deadline is corrected by a decision that is kept, never silently (K-14)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from moderation.deadlines import Deadline, calendar, moment_words
from moderation.decisions import locked, settle
from moderation.models import DeadlineChange, Duty
from moderation.refusals import Refused, mandate_of, overtaken, refusal
from moderation.verbs import VERBS

if TYPE_CHECKING:
    from channels.models import User
    from moderation.models import Case


@transaction.atomic
def redate(
    *,
    case: Case,
    by: User,
    kind: str,
    due_at: datetime,
    reason: str,
    turn: int | None = None,
) -> DeadlineChange:
    """Sets the deadline of one open duty. It may be earlier than it was, or later, but
    never later than the next working day from today: that is the longest the
    guidelines let anybody wait."""
    case = locked(case)
    mandate = mandate_of(case, by)
    reason = reason.strip()
    why_not = overtaken(case, turn) or refusal(
        case, VERBS["redate"], by, mandate=mandate
    )
    duty = case.duties.open().filter(kind=kind).first()
    if not why_not and duty is None:
        why_not = _("That is not owed on this message.")
    if not why_not and not reason:
        why_not = _("Say why the deadline is corrected.")
    now = timezone.now()
    if not why_not and duty:
        latest = calendar().due(now).due_at
        if due_at == duty.due_at:
            why_not = _("That is the deadline already.")
        elif due_at < duty.since:
            why_not = _("A deadline cannot be before the message came in.")
        elif due_at > latest and due_at > duty.due_at:
            why_not = _(
                "Nobody waits longer than to the next working day: %(latest)s (K-14)."
            ) % {"latest": moment_words(latest)}
    if why_not or duty is None or mandate is None:
        raise Refused(why_not)
    change = DeadlineChange.objects.create(
        duty=duty,
        was_due_at=duty.due_at,
        due_at=due_at,
        reason=reason,
        mandate=mandate,
        by=by,
        at=now,
    )
    Duty.objects.filter(pk=duty.pk).update(due_at=due_at)
    settle(case)
    return change


def counted_anew(duty: Duty) -> Deadline:
    """The deadline as it would be counted today, when a closing day or the channel's
    promise has changed since."""
    hours = duty.case.channel.answer_hours if duty.kind in Duty.FROM_KINDS else None
    return calendar().deadline(duty.since, hours)

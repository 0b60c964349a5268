"""Taking back what one has just done, while the platform has not been told.

Hiding, removing, making visible and answering wait `UNDO_SECONDS` in the outbox;
keeping tells no platform and can be taken back for `KEPT_FOR`. An answer that is taken
back lies in its writer's box as a draft. The act, its reason and its sealed record
stay: an `Undoing` beside them says that they took no effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from channels import delivery as outbox
from channels.taking_back import can_be_taken_back, take_back
from moderation import drafts
from moderation.decisions import locked, settle
from moderation.models import Case, Decision, Duty, DutyPart, Reply, Report, Undoing
from moderation.refusals import Refused, mandate_of, overtaken, refusal
from moderation.verbs import VERBS

if TYPE_CHECKING:
    from datetime import datetime

    from channels.models import Delivery, User

KEPT_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Act:
    """The newest act on a case that still stands: a decision or a reply."""

    name: str
    by: User
    at: datetime
    delivery: Delivery | None
    decision: Decision | None = None
    reply: Reply | None = None

    @property
    def until(self) -> datetime:
        """Until when it can surely be taken back; later only if no worker came by."""
        return self.delivery.not_before if self.delivery else self.at + KEPT_FOR

    @property
    def seconds_left(self) -> int:
        return max(0, int((self.until - timezone.now()).total_seconds()))


def newest_act(case: Case) -> Act | None:
    """In two queries; None when nothing was done or all of it is taken back."""
    decision = (
        Decision.objects.filter(case=case, undoing=None)
        .select_related("by", "delivery")
        .order_by("-at", "-id")
        .first()
    )
    reply = (
        Reply.objects.filter(case=case, undoing=None)
        .select_related("by", "delivery")
        .order_by("-at", "-id")
        .first()
    )
    if reply and (decision is None or decision.at < reply.at):
        return Act("reply", reply.by, reply.at, reply.delivery, reply=reply)
    if decision is None:
        return None
    return Act(
        decision.verb, decision.by, decision.at, decision.delivery, decision=decision
    )


def undoable(case: Case, user: User) -> Act | None:
    """What `user` can take back for a while yet, for the button; the verb asks again,
    and also takes back what is overdue in the outbox."""
    act = newest_act(case)
    if act is None or act.until <= timezone.now() or _why_not(act, user):
        return None
    return act


@transaction.atomic
def undo(*, case: Case, by: User, turn: int | None = None) -> Undoing:
    """Takes back the newest act on the case: the delivery leaves the outbox, the state
    and the duties are as before. Raises Refused with a sentence when the call to the
    platform has begun, and when the act is another person's."""
    case = locked(case)
    verb = VERBS["undo"]
    mandate = mandate_of(case, by)
    act = newest_act(case)
    why_not = overtaken(case, turn) or refusal(case, verb, by, mandate=mandate)
    if not why_not:
        why_not = _why_not(act, by) if act else _("There is nothing to undo.")
    if why_not or act is None or mandate is None:
        raise Refused(why_not)
    now = timezone.now()
    if act.delivery is not None:
        try:
            take_back(delivery=act.delivery, by=by, at=now)
        except outbox.Refused as too_late:
            raise Refused(_gone(act)) from too_late
    undoing = Undoing.objects.create(
        case=case,
        decision=act.decision,
        reply=act.reply,
        reopened=_reopen(case, act),
        mandate=mandate,
        by=by,
        at=now,
    )
    _reopen_reports(case, act)
    if act.reply is not None:
        drafts.give_back(act.reply)
    settle(case, state=_state_before(act))
    return undoing


def _why_not(act: Act, user: User) -> str:
    if act.by != user:
        return _("%(person)s did this, and only they can undo it.") % {"person": act.by}
    permission = VERBS[act.name].permission
    if not user.has_perm(permission):
        return _("Your account may not do this.")
    if act.delivery is None:
        if timezone.now() > act.until:
            return _("It is too late to undo this. Decide anew instead.")
        return ""
    if not can_be_taken_back(act.delivery):
        return _gone(act)
    if act.reply and DutyPart.objects.filter(
        duty__case=act.reply.case_id, how=act.name, by=user, at__gte=act.at
    ):
        return _("It is the notice in a matter that is documented, and stands.")
    return ""


def _gone(act: Act) -> str:
    if act.name == Decision.Verb.HIDE:
        return _(
            "The platform has been told already. Make the message visible again "
            "instead."
        )
    return _("The platform has been told already: it can no longer be undone.")


def _state_before(act: Act) -> str | None:
    """None leaves the state: a reply has not changed it."""
    if act.decision is None:
        return None
    return act.decision.was or Case.State.NEW


def _reopen(case: Case, act: Act) -> list[dict[str, Any]]:
    """What the act closed is owed again, by the deadline it had. A kind that has come
    anew since is owed once."""
    standing = Duty.objects.filter(case=case, closed_at=None).values("kind")
    closed = (
        Duty.objects.filter(
            case=case, closed_with=act.name, closed_by=act.by, closed_at__gte=act.at
        )
        .exclude(kind__in=standing)
        # Its parts only grow: the record that was sealed is sealed (M-R5).
        .exclude(kind=Duty.Kind.DOCUMENT)
    )
    trace = [
        {"duty": duty.pk, "kind": duty.kind, "closed_at": duty.closed_at.isoformat()}
        for duty in closed
        if duty.closed_at is not None
    ]
    Duty.objects.filter(pk__in=[one["duty"] for one in trace]).update(
        closed_at=None,
        closed_by=None,
        outcome="",
        closed_with="",
        waived_for="",
        note="",
        record=None,
    )
    return trace


def _reopen_reports(case: Case, act: Act) -> None:
    if act.decision is None:
        return
    Report.objects.filter(case=case, closed_by=act.by, closed_at__gte=act.at).update(
        closed_at=None, closed_by=None, outcome=""
    )

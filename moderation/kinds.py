"""What kind of message it is: proposed at intake, confirmed or corrected by a person,
with the duties that follow (K-13, K-23, M-R2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from moderation import duties
from moderation.decisions import locked, settle
from moderation.models import Case, Confirmation, Duty, Proposal, ReplyKind
from moderation.refusals import Refused, mandate_of, overtaken, refusal
from moderation.verbs import VERBS
from policies.duties import duties_of

if TYPE_CHECKING:
    from channels.models import User
    from moderation.verbs import Verb


@transaction.atomic
def confirm(*, case: Case, by: User, turn: int | None = None) -> Confirmation:
    """The message is what the software took it for."""
    case = locked(case)
    proposal = newest_proposal(case)
    if proposal is None:
        return _say(case, VERBS["confirm"], by, (), None, turn)
    return _say(case, VERBS["confirm"], by, proposal.names, proposal, turn)


@transaction.atomic
def correct(
    *, case: Case, by: User, kinds: Iterable[str], turn: int | None = None
) -> Confirmation:
    """The message is of other `kinds`; duties open and lift to fit them."""
    case = locked(case)
    wanted = [kind for kind in ReplyKind.values if kind in set(kinds)]
    return _say(case, VERBS["correct"], by, wanted, newest_proposal(case), turn)


def _say(
    case: Case,
    verb: Verb,
    by: User,
    kinds: Sequence[str],
    proposal: Proposal | None,
    turn: int | None,
) -> Confirmation:
    mandate = mandate_of(case, by)
    why_not = overtaken(case, turn) or refusal(case, verb, by, mandate=mandate)
    if not why_not and not kinds:
        why_not = (
            _("Choose at least one kind.")
            if verb.name == "correct"
            else _("Nothing was proposed for this message: choose its kinds.")
        )
    if not why_not and {"neutral_addressed", "neutral_unaddressed"} <= set(kinds):
        if verb.name == "correct":
            why_not = _("A message is either to the municipality or to others.")
        else:
            why_not = _("The proposal is unsure to whom it is: choose its kinds.")
    if why_not or mandate is None:
        raise Refused(why_not)
    outcome = Confirmation.Outcome.GIVEN
    if proposal is not None:
        outcome = (
            Confirmation.Outcome.ACCEPTED
            if set(kinds) == set(proposal.names)
            else Confirmation.Outcome.CORRECTED
        )
    said = Confirmation.objects.create(
        case=case,
        proposal=proposal,
        kinds=list(kinds),
        outcome=outcome,
        mandate=mandate,
        by=by,
    )
    _follow(case, said)
    settle(case)
    return said


def _follow(case: Case, said: Confirmation) -> None:
    """Opens what the kinds call for and is neither open nor done, and lifts what they
    do not."""
    direct = case.message.kind == case.message.Kind.DM
    wanted = set(duties_of(said.kinds, direct=direct)) & set(Duty.FROM_KINDS)
    known = list(case.duties.filter(kind__in=Duty.FROM_KINDS))
    duties.lift(
        duties=[duty for duty in known if duty.kind not in wanted],
        by=said.by,
        how=VERBS["correct"].name,
    )
    settled = {d.kind for d in known if d.outcome != Duty.Outcome.LIFTED}
    message = case.message
    since = message.posted_at
    if duties.is_history(message.posted_at, message.received_at):
        # Nobody was asked before now whether it waits for an answer.
        since = said.at
    days = duties.calendar()
    Duty.objects.bulk_create(
        duties.build(
            case,
            duties.Owed(kind, since, list(said.kinds)),
            days,
            case.channel.answer_hours,
        )
        for kind in Duty.FROM_KINDS
        if kind in wanted - settled
    )


def newest_proposal(case: Case) -> Proposal | None:
    return case.proposals.order_by("-id").select_related("version").first()


def confirmation_in_force(
    case: Case, proposal: Proposal | None = None
) -> Confirmation | None:
    """What a person said of the text as it stands; None when the text is another by
    now. `proposal` spares the look-up of the newest."""
    said = case.confirmations.select_related("by").order_by("-at", "-id").first()
    if said is None:
        return None
    newest = proposal or newest_proposal(case)
    if newest is not None and newest.pk != said.proposal_id:
        return None
    return said


def kinds_of(case: Case) -> list[str]:
    """The kinds in force: what a person said of the text as it stands, else what is
    proposed, the likeliest first; empty where neither is known."""
    proposal = newest_proposal(case)
    said = confirmation_in_force(case, proposal)
    if said is not None:
        return list(said.kinds)
    return proposal.names if proposal else []


def is_political(case: Case) -> bool:
    """For the political secretariat, not for an administrator's own words (M-R6)."""
    return ReplyKind.POLITICAL in kinds_of(case)

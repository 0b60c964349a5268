"""What a person decides on a message. Each verb is one transaction: lock, refuse or
seal the record, then the decision, then the outbox. The platform is called later, by
`channels.delivery`, and only for what is committed here (K-19, K-23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from archive import prepared
from archive.sealing import seal
from channels import delivery
from channels.attachments import as_files
from moderation import docket, facts
from moderation.duties import part_done
from moderation.models import Case, Decision, Duty, DutyPart
from moderation.refusals import Refused, overtaken, refusal
from moderation.reports import close_reports
from moderation.verbs import VERBS, Verb

if TYPE_CHECKING:
    from archive.models import Record
    from channels.models import Municipality, User
    from moderation.docket import Docket
    from policies.models import Rule

# The retention rule a record of a taken-down message follows until an archivist
# gives it another.
RETENTION = "moderated-message"
Part = DutyPart.Part
OUT_OF_SIGHT = frozenset({Case.State.HIDDEN, Case.State.REMOVED})


def keep(
    *, case: Case, by: User, reason: str = "", turn: int | None = None
) -> Decision:
    """It stays: nothing is told to the platform. The answer is still owed if it was."""
    return _decide(case, VERBS["keep"], by, None, reason, turn)


def hide(
    *, case: Case, by: User, rule: Rule, reason: str, turn: int | None = None
) -> Decision:
    """Out of the public's sight, reversibly; the record is sealed first (K-19)."""
    return _decide(case, VERBS["hide"], by, rule, reason, turn)


def remove(
    *, case: Case, by: User, rule: Rule, reason: str, turn: int | None = None
) -> Decision:
    """Gone from the platform; the record with sender and context is sealed first
    (K-19). Raises Refused with a sentence and changes nothing when it may not be."""
    return _decide(case, VERBS["remove"], by, rule, reason, turn)


def restore(*, case: Case, by: User, reason: str, turn: int | None = None) -> Decision:
    return _decide(case, VERBS["restore"], by, None, reason, turn)


@transaction.atomic
def _decide(
    case: Case, verb: Verb, by: User, rule: Rule | None, reason: str, turn: int | None
) -> Decision:
    taken = docket.take(case=case.pk, by=by, rule=rule.pk if rule else None)
    # The caller's own keeps the place it had, from which the desk goes on.
    case.due_at = taken.case.due_at
    case, mandate, wording = taken.case, taken.mandate, taken.wording
    reason = reason.strip()
    why_not = overtaken(case, turn) or refusal(
        case, verb, by, mandate=mandate, asked=True
    )
    if not why_not and verb.needs_ground and wording is None:
        why_not = _("Choose the rule that the message breaks.")
    if not why_not and verb.needs_reason and not reason:
        why_not = _("Say why, in a sentence that the sender could read.")
    if why_not or mandate is None:
        raise Refused(why_not)

    decision = Decision(
        case=case,
        verb=verb.name,
        was=case.state,
        rule_version=wording,
        legal_basis=_legal_basis(taken),
        reason=reason,
        mandate=mandate,
        by=by,
        at=timezone.now(),
    )
    if Duty.Kind.REPORT in verb.closes and case.reports_count:
        close_reports(case=case, by=by, outcome=str(verb.target))
    case.state = verb.target or case.state
    # To what is out of sight no answer is owed any more, nor given.
    lifts = Duty.REPLY if case.state in OUT_OF_SIGHT else ()
    # The record is a part of an open duty to document, too (M-R5).
    done = taken.documented
    is_part = bool(verb.record) and done is not None and Part.RECORD not in done
    is_last = is_part and len(done or ()) == len(Part) - 1
    with prepared.together():
        if verb.record:
            decision.record = _seal(taken, verb, decision)
        if verb.act:
            decision.delivery = delivery.enqueue(
                message=case.message,
                act=verb.act,
                by=by,
                record=decision.record,
                grace=settings.UNDO_SECONDS,
                known=False,
            )
        if not is_last:
            entered = docket.enter(
                decision=decision, closes=verb.closes, lifts=lifts, documents=is_part
            )
    if is_last:
        record = decision.record
        part_done(case=case, part=Part.RECORD, by=by, how=verb.name, record=record)
        entered = docket.enter(decision=decision, closes=verb.closes, lifts=lifts)
    return entered()


def locked(case: Case) -> Case:
    """The case under lock with all that a verb reads, in one query."""
    return (
        Case.objects.select_for_update(of=("self",))
        .select_related("message__post", "channel__department")
        .get(pk=case.pk)
    )


def settle(case: Case, *, state: str | None = None) -> None:
    """Writes the new state, the turn and the earliest deadline that is left."""
    if state:
        case.state = state
    case.due_at = (
        Duty.objects.filter(case=case, closed_at=None)
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )
    Case.objects.filter(pk=case.pk).update(
        state=case.state, due_at=case.due_at, turn=F("turn") + 1
    )
    case.turn += 1


def _seal(taken: Docket, verb: Verb, decision: Decision) -> Record:
    case, town, wording = taken.case, taken.municipality, taken.wording
    content = facts.of_message(
        case.message,
        channel=case.channel,
        municipality=town,
        versions=taken.versions,
        parent=taken.parent,
        attachments=taken.attachments,
    )
    content["decision"] = facts.of_decision(
        verb=verb.name,
        by=decision.by,
        mandate=decision.mandate,
        reason=decision.reason,
        rule_version=wording,
        wording=wording.wording_in(_language(town)) if wording else "",
        legal_basis=decision.legal_basis,
        at=decision.at,
    )
    with override(None):
        return seal(
            kind=verb.record,
            subject=case.message.ref,
            facts=content,
            files=as_files(taken.attachments),
            retention=RETENTION,
            by=decision.by.signature,
        )


def _legal_basis(taken: Docket) -> str:
    if taken.wording is None:
        return ""
    country = taken.municipality.country if taken.municipality else "SE"
    return taken.wording.legal_basis(country, timezone.localdate())


def _language(municipality: Municipality | None) -> str:
    return "nb" if municipality and municipality.country == "NO" else "sv"

"""What a person decides on a message. Each verb is one transaction: lock, refuse or
seal the record, then the decision, then the outbox. The platform is called later, by
`channels.delivery`, and only for what is committed here (K-19, K-23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from archive.sealing import seal
from channels import delivery
from channels.models import Municipality
from moderation import facts
from moderation.duties import close_duties
from moderation.models import Case, Decision, Duty
from moderation.refusals import Refused, mandate_of, overtaken, refusal
from moderation.reports import close_reports
from moderation.verbs import VERBS, Verb

if TYPE_CHECKING:
    from archive.models import Record
    from channels.models import Mandate, User
    from policies.models import Rule, RuleVersion

# The retention rule a record of a taken-down message follows until an archivist
# gives it another.
RETENTION = "moderated-message"
ALL_DUTIES = frozenset(Duty.Kind.values)


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
    case = locked(case)
    mandate = mandate_of(case, by)
    why_not = overtaken(case, turn) or refusal(case, verb, by, mandate=mandate)
    reason = reason.strip()
    if not why_not and verb.needs_ground and rule is None:
        why_not = _("Choose the rule that the message breaks.")
    if not why_not and verb.needs_reason and not reason:
        why_not = _("Say why, in a sentence that the sender could read.")
    if why_not or mandate is None:
        raise Refused(why_not)

    now = timezone.now()
    version = rule.current if rule else None
    municipality = Municipality.objects.first()
    basis = _legal_basis(version, municipality)
    record = None
    if verb.record:
        record = _seal(case, verb, by, mandate, reason, version, basis, municipality)
    sent = None
    if verb.act:
        sent = delivery.enqueue(
            message=case.message, act=verb.act, by=by, record=record
        )
    decision = Decision.objects.create(
        case=case,
        verb=verb.name,
        rule_version=version,
        legal_basis=basis,
        reason=reason,
        record=record,
        delivery=sent,
        mandate=mandate,
        by=by,
        at=now,
    )
    close_duties(case=case, kinds=verb.closes, by=by, how=verb.name)
    if Duty.Kind.REPORT in verb.closes and case.reports_count:
        close_reports(case=case, by=by, outcome=str(verb.target))
    settle(case, state=verb.target, nothing_left=verb.closes >= ALL_DUTIES)
    return decision


def locked(case: Case) -> Case:
    """The case under lock with all that a verb reads, in one query."""
    return (
        Case.objects.select_for_update(of=("self",))
        .select_related("message__post", "channel__department")
        .get(pk=case.pk)
    )


def settle(case: Case, *, state: str | None = None, nothing_left: bool = False) -> None:
    """Writes the new state, the turn and the earliest deadline that is left."""
    if state:
        case.state = state
    earliest = None
    if not nothing_left:
        earliest = (
            Duty.objects.filter(case=case, closed_at=None)
            .order_by("due_at")
            .values_list("due_at", flat=True)
            .first()
        )
    case.due_at = earliest
    Case.objects.filter(pk=case.pk).update(
        state=case.state, due_at=earliest, turn=F("turn") + 1
    )
    case.turn += 1


def _seal(
    case: Case,
    verb: Verb,
    by: User,
    mandate: Mandate,
    reason: str,
    version: RuleVersion | None,
    basis: str,
    municipality: Municipality | None,
) -> Record:
    message = case.message
    parents = facts.parents_of([message])
    content = facts.of_message(
        message,
        channel=case.channel,
        municipality=municipality,
        versions=message.versions.defer("raw").order_by("number"),
        parent=parents.get((message.channel_id, message.parent_id_there)),
    )
    content["decision"] = facts.of_decision(
        verb=verb.name,
        by=by,
        mandate=mandate,
        reason=reason,
        rule_version=version,
        wording=version.wording_in(_language(municipality)) if version else "",
        legal_basis=basis,
        at=timezone.now(),
    )
    with override(None):
        return seal(
            kind=verb.record,
            subject=message.ref,
            facts=content,
            retention=RETENTION,
            by=by.signature,
        )


def _legal_basis(version: RuleVersion | None, municipality: Municipality | None) -> str:
    if version is None:
        return ""
    country = municipality.country if municipality else "SE"
    return version.legal_basis(country, timezone.localdate())


def _language(municipality: Municipality | None) -> str:
    return "nb" if municipality and municipality.country == "NO" else "sv"

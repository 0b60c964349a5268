"""What a referral meets, and what is owed again when it comes to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from channels.models import Municipality
from moderation.decisions import settle
from moderation.duties import Owed, build, calendar, close_duties, lift, part_done
from moderation.models import Duty, DutyPart
from moderation.models.referral import To

if TYPE_CHECKING:
    from channels.models import User
    from moderation.models import Case, Referral

Kind, Part = Duty.Kind, DutyPart.Part
# Registering a direct message is the registrar's (K-17).
MEETS: dict[str, frozenset[str]] = {
    To.OFFICER.value: frozenset({Kind.REFER.value}),
    To.SECRETARIAT.value: frozenset({Kind.REFER.value}),
    To.REGISTRAR.value: frozenset({Kind.REFER.value, Kind.REGISTER.value}),
}
HOW, AUTOMATIC = "refer", "automatic"


def meet(referral: Referral, *, by: User) -> None:
    """In the caller's transaction, with the case under lock."""
    kinds = MEETS[referral.kind]
    how = HOW
    if referral.by_id is None:
        # A rule of the house registers; whether a formal enquiry is needed it
        # does not know.
        kinds, how = frozenset({Kind.REGISTER.value}), AUTOMATIC
    case, record = referral.case, referral.record
    close_duties(case=case, kinds=kinds, by=by, how=how, record=record)
    # The record of the referral holds the whole message: that is archived, too.
    for part in (Part.RECORD, Part.REFERRAL):
        part_done(case=case, part=part.value, by=by, how=how, record=record)
    settle(case)


def owe_again(referral: Referral, *, by: User) -> None:
    """What the referral met is owed once more, by the deadline that it had: a letter
    that did not arrive moves no deadline. In the caller's transaction, with the case
    under lock."""
    case = referral.case
    met = Duty.objects.filter(
        case=case, record=referral.record, outcome=Duty.Outcome.MET
    ).exclude(kind=Kind.DOCUMENT)
    for duty in met:
        if not _is_open(case, duty.kind):
            _copy(duty).save()
    _document_again(referral, by)
    wanted = {*MEETS[referral.kind], Kind.DOCUMENT.value}
    if not case.duties.open().filter(kind__in=wanted).exists():
        # It was referred without being owed: somebody must learn all the same that
        # it did not arrive.
        build(case, Owed(Kind.REFER.value, timezone.now(), []), calendar()).save()
    settle(case)


def _document_again(referral: Referral, by: User) -> None:
    """The other parts stay done."""
    part = (
        DutyPart.objects.filter(
            duty__case=referral.case, part=Part.REFERRAL, record=referral.record
        )
        .select_related("duty")
        .order_by("-at", "-id")
        .first()
    )
    if part is None:
        return
    duty = part.duty
    if duty.closed_at is None:
        lift(duties=[duty], by=by, how="returned")
    if _is_open(referral.case, Kind.DOCUMENT):
        return
    again = _copy(duty)
    again.save()
    DutyPart.objects.bulk_create(
        DutyPart(
            duty=again,
            part=other.part,
            how=other.how,
            note=other.note,
            record=other.record,
            by_id=other.by_id,
            at=other.at,
        )
        for other in duty.parts.exclude(part=Part.REFERRAL)
    )


def _is_open(case: Case, kind: str) -> bool:
    return Duty.objects.filter(case=case, kind=kind, closed_at=None).exists()


def _copy(duty: Duty) -> Duty:
    return Duty(
        case_id=duty.case_id,
        kind=duty.kind,
        since=duty.since,
        due_at=duty.due_at,
        skipped=duty.skipped,
        target_hours=duty.target_hours,
        moved_to=duty.moved_to,
        why=duty.why,
    )


def answerable(case: Case) -> User:
    """Who stands for what the house does by itself: the information chief, else the
    person responsible for the channel (K-8)."""
    municipality = Municipality.objects.select_related("information_chief").first()
    if municipality is not None and municipality.information_chief is not None:
        return municipality.information_chief
    return case.channel.owner

"""What the demonstration's officers have seen to before the visitor comes: kinds
confirmed and corrected, thanks given, facts corrected, letters registered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.utils import timezone

from channels.models import Mandate
from moderation import kinds, meeting, outside, redating, waiving
from moderation.models import Case, Duty, DutyPart

if TYPE_CHECKING:
    from channels.models import User

# What is said of a duty that was met by hand, in Swedish and in Norwegian.
NOTES = {
    "thank": ("Tackade alla i tråden.", "Takket alle i tråden."),
    "answer": ("Svarade per telefon.", "Svarte på telefon."),
    "correct": ("Rättade uppgiften i tråden.", "Rettet opplysningen i tråden."),
    "refer": (
        "Bad avsändaren skicka in ett ärende via e-tjänsten.",
        "Ba avsenderen sende en formell henvendelse.",
    ),
    "notice": (
        "Berättade att frågan diarieförs.",
        "Opplyste om dokumentasjonsplikten.",
    ),
    "referral": ("Mejlade handläggaren.", "Sendte e-post til saksbehandleren."),
}
# Every so many-th of the thanked is left to the rest of the thread, and every so
# many-th proposal is not what the officer thinks.
SPARED, CORRECTED = 5, 9
SEEN_TO = timedelta(hours=6)
CONFIRMED = 60


def see_to() -> None:
    """Every other message that has waited for some hours is seen to, but for the
    questions; the rest is left for the visitor."""
    waiting = (
        Case.objects.due()
        .filter(message__posted_at__lt=timezone.now() - SEEN_TO)
        .select_related("message", "channel")
    )
    thanks = letters = 0
    for number, case in enumerate(waiting):
        by = _officer(case)
        late = case.due_at is not None and case.due_at < timezone.now()
        if by is None or (number % 2 and not late):
            continue
        for duty in list(case.duties.open().order_by("pk")):
            thanks += duty.kind == Duty.Kind.THANK
            letters += duty.kind == Duty.Kind.REGISTER
            if duty.kind == Duty.Kind.REGISTER:
                meeting.register(case=case, by=by, number=f"KS 2026/{200 + letters}")
            else:
                _meet(case, duty, by, spared=thanks % SPARED == 1)
    _confirm()
    _one_of_each()
    _in_their_time()


def _meet(case: Case, duty: Duty, by: User, *, spared: bool) -> None:
    language = 1 if case.language in ("nb", "nn", "no") else 0
    if duty.kind == Duty.Kind.DOCUMENT:
        meeting.seal_record(case=case, by=by)
        done = set(duty.parts.values_list("part", flat=True))
        for part in (DutyPart.Part.NOTICE, DutyPart.Part.REFERRAL):
            if part.value not in done:
                note = NOTES[part.value][language]
                meeting.meet(case=case, by=by, what=part.value, note=note)
    elif duty.kind == Duty.Kind.THANK and spared:
        reason = Duty.Waiver.AMONG_OTHERS.value
        waiving.waive(case=case, by=by, kind=duty.kind, reason=reason)
    elif duty.kind in meeting.OTHERWISE and duty.kind != Duty.Kind.ANSWER:
        note = NOTES[duty.kind][language]
        meeting.meet(case=case, by=by, what=duty.kind, note=note)


def _confirm() -> None:
    """Officers have said of some messages what they are, mostly as proposed."""
    seen = (
        Case.objects.filter(due_at=None, proposals__isnull=False)
        .exclude(state__in=(Case.State.REMOVED, Case.State.OUTSIDE))
        .select_related("message", "channel")
        .order_by("-opened_at", "-id")
        .distinct()
    )
    for number, case in enumerate(seen[:CONFIRMED]):
        by = _officer(case)
        proposal = kinds.newest_proposal(case)
        if by is None or proposal is None:
            continue
        names = set(proposal.names)
        if {"neutral_addressed", "neutral_unaddressed"} <= names:
            names = {"neutral_unaddressed"}
            kinds.correct(case=case, by=by, kinds=names)
        elif number % CORRECTED == 0 and names == {"praise"}:
            kinds.correct(case=case, by=by, kinds={"praise", "neutral_unaddressed"})
        else:
            kinds.confirm(case=case, by=by)


def _one_of_each() -> None:
    """A deadline corrected, and a comment that is not on our channels."""
    waiting = (
        Case.objects.due()
        .filter(due_at__gt=timezone.now() + timedelta(hours=2))
        .select_related("message", "channel")
    )
    for case in waiting[:1]:
        by, duty = _officer(case), case.duties.open().order_by("due_at").first()
        if by is not None and duty is not None:
            redating.redate(
                case=case,
                by=by,
                kind=duty.kind,
                due_at=duty.due_at - timedelta(hours=1),
                reason="Frågan gäller i kväll.",
            )
    stray = (
        Case.objects.filter(
            state=Case.State.NEW,
            due_at=None,
            replies=None,
            findings_count=0,
            message__is_ours=False,
            message__kind="comment",
        )
        .select_related("message", "channel")
        .order_by("opened_at", "id")
    )
    for case in stray[:1]:
        by = _officer(case)
        if by is not None:
            outside.mark_outside(
                case=case, by=by, reason="Skriven i en annan grupp, utan koppling."
            )


def _officer(case: Case) -> User | None:
    mandate = (
        Mandate.objects.in_force()
        .filter(channel=case.channel_id)
        .select_related("person")
        .order_by("pk")
        .first()
    )
    if mandate is None or not mandate.person.has_perm("moderation.answer_case"):
        return None
    return mandate.person


def _in_their_time() -> None:
    """All this was done just now; in the story it was done before it was due. Only the
    duties' own clock is set back: what is sealed and logged keeps its true time."""
    closed = Duty.objects.filter(~Q(closed_at=None), due_at__lt=F("closed_at"))
    for number, duty in enumerate(closed.order_by("pk")):
        share = (number * 37 % 90 + 5) / 100
        late = timedelta(hours=5) if number % 17 == 0 else timedelta()
        at = duty.since + (duty.due_at - duty.since) * share + late
        Duty.objects.filter(pk=duty.pk).update(
            closed_at=min(max(at, duty.since), timezone.now()),
            opened_at=min(duty.opened_at, max(at, duty.since)),
        )

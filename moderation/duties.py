"""What is owed on a message, and how it is met (K-13, K-14, M-R2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from moderation.deadlines import Calendar, calendar, stored
from moderation.models import Case, Duty, DutyPart

if TYPE_CHECKING:
    from archive.models import Record
    from channels.models import User
    from policies import duties as policy

__all__ = [
    "HISTORY",
    "TAKES_AWAY",
    "WORTH_A_LOOK",
    "Calendar",
    "Owed",
    "build",
    "calendar",
    "called_for",
    "close",
    "close_duties",
    "is_history",
    "lift",
    "owed",
    "part_done",
]

# A finding weaker than this is shown but does not by itself put a message on the desk.
WORTH_A_LOOK = 0.5
# A message older than this when it is first seen is history: nobody waits for an
# answer to it any more. What was found in it is still decided on.
HISTORY = timedelta(days=14)
# With these the message is out of sight: its answers are no longer owed, nor given.
TAKES_AWAY = frozenset({"hide", "remove"})


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty before it is stored."""

    kind: str
    since: datetime
    why: list[str]


def owed(
    *,
    proposal: policy.Proposal | None,
    direct: bool,
    posted_at: datetime,
    received_at: datetime,
    strongest: float,
) -> list[Owed]:
    """What a new message calls for. `proposal` is None for history, which waits for no
    answer; `strongest` is the highest confidence among its findings, 0 when there are
    none."""
    since = received_at if is_history(posted_at, received_at) else posted_at
    found = called_for(proposal, direct=direct, since=since)
    if direct:
        # A received public record, however old it is when we first see it (K-17).
        found.append(Owed(Duty.Kind.REGISTER, since, []))
    if strongest >= WORTH_A_LOOK:
        found.append(Owed(Duty.Kind.REVIEW, since, []))
    return found


def called_for(
    proposal: policy.Proposal | None, *, direct: bool, since: datetime
) -> list[Owed]:
    """The duties towards the sender that a proposal calls for."""
    if proposal is None:
        return []
    kinds = [kind.kind for kind in proposal.kinds]
    # What citizens say to one another need not be answered (K-14, M-R2b).
    if kinds[:1] == ["neutral_unaddressed"] and not direct:
        return []
    return [
        Owed(duty, since, kinds) for duty in proposal.duties if duty in Duty.FROM_KINDS
    ]


def is_history(posted_at: datetime, received_at: datetime) -> bool:
    return received_at - posted_at >= HISTORY


def build(
    case: Case, owed: Owed, days: Calendar, target_hours: int | None = None
) -> Duty:
    """An unsaved duty with its deadline and the days that were passed over.
    `target_hours` is the channel's promise, which holds for answers only."""
    promised = target_hours if owed.kind in Duty.FROM_KINDS else None
    deadline = days.deadline(owed.since, promised)
    return Duty(
        case=case,
        kind=owed.kind,
        since=owed.since,
        due_at=deadline.due_at,
        skipped=stored(deadline.skipped),
        target_hours=deadline.target_hours,
        moved_to=deadline.moved_to,
        why=owed.why,
    )


def close_duties(
    *,
    case: Case,
    kinds: Iterable[str],
    by: User,
    how: str,
    note: str = "",
    record: Record | None = None,
) -> int:
    """In the caller's transaction; answers how many were open.

    Documenting is never closed here: it is met part by part, with `part_done` (M-R5).
    """
    kinds = [kind for kind in kinds if kind != Duty.Kind.DOCUMENT]
    if not kinds:
        return 0
    return Duty.objects.filter(case=case, kind__in=kinds, closed_at=None).update(
        closed_at=timezone.now(),
        closed_by=by,
        outcome=Duty.Outcome.MET,
        closed_with=how,
        note=note,
        record=record,
    )


def part_done(
    *,
    case: Case,
    part: str,
    by: User,
    how: str,
    note: str = "",
    record: Record | None = None,
) -> bool:
    """One part of the open duty to document is done, in the caller's transaction: the
    "notice" to the sender, the "referral" or the sealed "record" (M-R5). `how` is the
    verb; a record part names its record.

    True when it was the last and the duty is met. A part done already stays as it was;
    without an open duty to document nothing happens. A direct message was sealed on
    arrival (K-17), so its record part is done as soon as another is.
    """
    duty = (
        Duty.objects.select_for_update()
        .filter(case=case, kind=Duty.Kind.DOCUMENT, closed_at=None)
        .first()
    )
    if duty is None:
        return False
    done = {part: (how, note, record)}
    arrival = case.received_record
    if arrival is not None and part != DutyPart.Part.RECORD:
        done[DutyPart.Part.RECORD] = ("arrival", "", arrival)
    known = set(duty.parts.values_list("part", flat=True))
    for name, (with_, said, sealed) in done.items():
        if name not in known:
            DutyPart.objects.create(
                duty=duty, part=name, how=with_, note=said, record=sealed, by=by
            )
            known.add(name)
    if known < set(DutyPart.Part.values):
        return False
    archived = duty.parts.select_related("record").get(part=DutyPart.Part.RECORD)
    close(duty, by=by, how=how, record=archived.record)
    return True


def close(
    duty: Duty,
    *,
    by: User,
    how: str,
    outcome: str = Duty.Outcome.MET,
    waived_for: str = "",
    note: str = "",
    record: Record | None = None,
) -> None:
    """One duty, in the caller's transaction."""
    duty.closed_at, duty.closed_by = timezone.now(), by
    duty.outcome, duty.closed_with = outcome, how
    duty.waived_for, duty.note, duty.record = waived_for, note, record
    duty.save()


def lift(*, duties: Sequence[Duty], by: User, how: str) -> None:
    """No longer owed, in the caller's transaction."""
    Duty.objects.filter(pk__in=[duty.pk for duty in duties], closed_at=None).update(
        closed_at=timezone.now(),
        closed_by=by,
        outcome=Duty.Outcome.LIFTED,
        closed_with=how,
    )

"""What is owed on a message and by when (K-13, K-14, M-R2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from channels.models import Municipality
from moderation.models import Case, Duty
from policies.duties import classify
from policies.workdays import Due, next_working_day

if TYPE_CHECKING:
    from channels.models import User

# A finding weaker than this is shown but does not by itself put a message on the desk.
WORTH_A_LOOK = 0.5
# A message older than this when it is first seen is history: nobody waits for an
# answer to it any more. What was found in it is still decided on.
HISTORY = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which this municipality works."""

    country: str
    timezone: str
    closed: frozenset[date]
    opens: time | None = None
    closes: time | None = None

    def due(self, since: datetime) -> Due:
        """The next working day after `since`, at the same time of day within office
        hours (K-14)."""
        return next_working_day(
            since,
            country=self.country,
            timezone=self.timezone,
            closed=self.closed,
            opens=self.opens,
            closes=self.closes,
        )


def calendar() -> Calendar:
    municipality = Municipality.objects.prefetch_related("closing_days").first()
    if municipality is None:
        return Calendar("SE", "Europe/Stockholm", frozenset())
    return Calendar(
        municipality.country,
        municipality.timezone,
        frozenset(day.date for day in municipality.closing_days.all()),
        municipality.office_opens,
        municipality.office_closes,
    )


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty before it is stored."""

    kind: str
    since: datetime
    why: list[str]


def owed(
    *,
    text: str,
    direct: bool,
    parent_is_ours: bool,
    posted_at: datetime,
    received_at: datetime,
    strongest: float,
) -> list[Owed]:
    """What a new message calls for. `strongest` is the highest confidence among its
    findings, 0 when there are none."""
    duties = []
    if received_at - posted_at < HISTORY:
        proposal = classify(text, direct=direct, parent_is_ours=parent_is_ours)
        kinds = [kind.kind for kind in proposal.kinds]
        # What citizens say to one another need not be answered (K-14, M-R2b).
        among_themselves = kinds[:1] == ["neutral_unaddressed"]
        if direct or (proposal.duties and not among_themselves):
            duties.append(Owed(Duty.Kind.ANSWER, posted_at, kinds))
    if strongest >= WORTH_A_LOOK:
        since = posted_at if received_at - posted_at < HISTORY else received_at
        duties.append(Owed(Duty.Kind.REVIEW, since, []))
    return duties


def build(case: Case, owed: Owed, days: Calendar) -> Duty:
    """An unsaved duty with its deadline and the days that were passed over."""
    due = days.due(owed.since)
    return Duty(
        case=case,
        kind=owed.kind,
        due_at=due.due_at,
        skipped=[
            {"date": skip.date.isoformat(), "reason": skip.reason}
            for skip in due.skipped
        ],
        why=owed.why,
    )


def close_duties(*, case: Case, kinds: Iterable[str], by: User, how: str) -> int:
    """In the caller's transaction; answers how many were open."""
    kinds = list(kinds)
    if not kinds:
        return 0
    return Duty.objects.filter(case=case, kind__in=kinds, closed_at=None).update(
        closed_at=timezone.now(),
        closed_by=by,
        outcome=Duty.Outcome.MET,
        closed_with=how,
    )

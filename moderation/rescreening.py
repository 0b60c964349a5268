"""Looking anew at what nobody has decided on, after the words or rules have changed.

What was found before stays, with the version that made it; what only the new words see
is added. Done in rounds, each its own transaction, so that the desk waits for none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from channels.models import Version
from moderation import duties, screening
from moderation.duties import WORTH_A_LOOK
from moderation.models import Case, Duty, Finding

ROUND = 500
# Undecided messages of so many days are looked at, and all on which something is owed.
DAYS = 90


@dataclass(frozen=True, slots=True)
class Round:
    """How many messages of `total` have been looked at so far, how many findings came
    to be, and how many cases have a review to do that had none."""

    looked_at: int
    total: int
    found: int
    opened: int


def rescreen(*, days: int = DAYS) -> Iterator[Round]:
    """Screens the undecided messages by the words in force; yields after each round.
    Doing it twice adds nothing."""
    newest = timezone.now() - timedelta(days=days)
    open_cases = Case.objects.filter(
        Q(due_at__isnull=False) | Q(opened_at__gte=newest),
        state=Case.State.NEW,
        message__is_ours=False,
        message__purged_at=None,
    )
    total = open_cases.count()
    looked_at = found = opened = last = 0
    rules = screening.current_rules()
    while True:
        with transaction.atomic():
            cases = list(
                open_cases.filter(pk__gt=last)
                .select_related("message", "channel")
                .select_for_update(of=("self",))
                .order_by("pk")[:ROUND]
            )
            if not cases:
                return
            new, reviews = _look(cases, rules)
        last = cases[-1].pk
        looked_at += len(cases)
        found += new
        opened += reviews
        yield Round(looked_at, max(total, looked_at), found, opened)


def _look(cases: Sequence[Case], rules: screening.InForce) -> tuple[int, int]:
    """New findings and new reviews of these cases."""
    now = timezone.now()
    versions = {
        version.message_id: version
        for version in Version.objects.filter(
            message__in=[case.message_id for case in cases]
        ).order_by("message", "number")
    }
    known = _known(versions.values())
    in_review = set(
        Duty.objects.filter(
            case__in=cases, kind=Duty.Kind.REVIEW, closed_at=None
        ).values_list("case_id", flat=True)
    )
    days = duties.calendar()
    added: list[Finding] = []
    opened: list[Duty] = []
    changed: list[Case] = []
    for case in cases:
        version = versions[case.message_id]
        before, found_before = list(case.rules), (case.language, case.likeness)
        seen = known.get(version.pk, set())
        new = [
            finding
            for finding in screening.find(case, version, rules)
            if _place(finding) not in seen
        ]
        case.rules = sorted({*before, *case.rules})
        if not new:
            if (case.rules, (case.language, case.likeness)) != (before, found_before):
                changed.append(case)
            continue
        added += new
        changed.append(case)
        case.findings_count += len(new)
        # A form made before this is refused: there is more to look at.
        case.turn += 1
        strongest = max(finding.confidence for finding in new)
        if strongest >= WORTH_A_LOOK and case.pk not in in_review:
            owed = duties.Owed(Duty.Kind.REVIEW, now, [])
            duty = duties.build(case, owed, days, case.channel.answer_hours)
            opened.append(duty)
            case.due_at = min(case.due_at or duty.due_at, duty.due_at)
    Finding.objects.bulk_create(added)
    Duty.objects.bulk_create(opened)
    Case.objects.bulk_update(
        changed, ["findings_count", "rules", "language", "likeness", "due_at", "turn"]
    )
    return len(added), len(opened)


def _known(versions: Iterable[Version]) -> dict[int, set[Place]]:
    """Version -> what has been found in it so far."""
    known: dict[int, set[Place]] = {}
    rows = Finding.objects.filter(version__in=list(versions)).values_list(
        "version_id", "rule_version__rule_id", "start", "end"
    )
    for version, *place in rows:
        known.setdefault(version, set()).add((place[0], place[1], place[2]))
    return known


Place = tuple[int, int, int]
"""A rule and the span in which it was seen broken."""


def _place(finding: Finding) -> Place:
    return finding.rule_version.rule_id, finding.start, finding.end

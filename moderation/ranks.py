"""How alike a message is to what was taken away before: an order for the desk.

The score orders a list that an officer asked to see so. It decides nothing, hides
nothing, and is absent while nothing has been learned (K-23).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from django.db import transaction

from channels.models import Message
from moderation import learning
from moderation.models import Case, LearnedModel
from policies.screening.ranking import MODEL_VERSION, Model

WHOLE = 1_000
"""What a chance of one is stored as."""
LONGEST = 4_000
"""Characters of a text that are scored, as on the message's own page."""
ROUND = 500
KEPT = 60  # seconds that a process remembers whether anything was learned
_known: tuple[float, bool] = (0.0, False)


def is_on() -> bool:
    """Whether some rule has a ranking: the desk may be ordered by it."""
    global _known
    asked_at, on = _known
    if not asked_at or time.monotonic() - asked_at > KEPT:
        on = LearnedModel.objects.filter(
            rule__isnull=False, version=MODEL_VERSION
        ).exists()
        _known = time.monotonic(), on
    return on


def forget() -> None:
    """Ask anew next time: something was learned."""
    global _known
    _known = (0.0, False)


def likeness(message: Message, text: str, rankings: Sequence[Model]) -> int:
    """The highest calibrated chance, in thousandths, that a person here would take
    ``text`` away under one of the rules; 0 while nothing has been learned, and for a
    direct message, which is never taken away."""
    if not rankings or message.kind != Message.Kind.COMMENT:
        return 0
    beginning = text[:LONGEST]
    return round(WHOLE * max(ranking.score(beginning) for ranking in rankings))


def score_anew() -> int:
    """Scores what is undecided and due by what has just been learned, in rounds that
    each are a transaction of their own. How many scores have moved."""
    forget()
    rankings = learning.of_rules()
    moved = last = 0
    while True:
        with transaction.atomic():
            cases = list(
                Case.objects.filter(
                    pk__gt=last, due_at__isnull=False, state=Case.State.NEW
                )
                .select_related("message")
                .select_for_update(of=("self",))
                .order_by("pk")[:ROUND]
            )
            if not cases:
                return moved
            moved += _score(cases, rankings)
        last = cases[-1].pk


def _score(cases: Iterable[Case], rankings: Sequence[Model]) -> int:
    changed = []
    for case in cases:
        found = likeness(case.message, case.message.text, rankings)
        if found != case.likeness:
            case.likeness = found
            changed.append(case)
    Case.objects.bulk_update(changed, ["likeness"])
    return len(changed)

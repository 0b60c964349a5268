"""Keeping many harmless messages at once, and putting them back.

One transaction for each message, so that one which somebody else was quicker with stops
no other; what was refused is named with its reason (K-23: a person has looked).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from moderation import decisions, undoing
from moderation.models import Case, Decision
from moderation.refusals import Refused

if TYPE_CHECKING:
    from channels.models import User

MOST = 100  # at once: two pages


@dataclass(frozen=True, slots=True)
class Pick:
    """A message as it stood when its box was ticked."""

    case: int
    turn: int

    @classmethod
    def read(cls, values: Iterable[str]) -> list[Pick]:
        """From `"<case>.<turn>"`; what is not of that form is left out."""
        picks = []
        for value in dict.fromkeys(values):
            case, _dot, turn = value.partition(".")
            if case.isdecimal() and turn.isdecimal() and len(value) < 30:
                picks.append(cls(int(case), int(turn)))
        return picks[:MOST]

    def __str__(self) -> str:
        return f"{self.case}.{self.turn}"


@dataclass(slots=True)
class Outcome:
    """`done` as they stand afterwards; `refused` is the case and the sentence why."""

    done: list[Pick] = field(default_factory=list)
    refused: list[tuple[Case, str]] = field(default_factory=list)


def keep(*, picks: Iterable[Pick], by: User) -> Outcome:
    """Keeps each that nothing was found in and nobody reported."""
    outcome = Outcome()
    for pick, case in _cases(picks, by):
        try:
            if case.findings_count or case.reports_count:
                raise Refused(_("Something was found in it or it was reported."))
            if case.message.attachments_count:
                raise Refused(_("Pictures came with it: open it and look at them."))
            decisions.keep(case=case, by=by, turn=pick.turn)
        except Refused as why_not:
            outcome.refused.append((case, str(why_not)))
        else:
            outcome.done.append(Pick(pick.case, pick.turn + 1))
    return outcome


def undo(*, picks: Iterable[Pick], by: User) -> Outcome:
    """Puts each back as it was before it was kept, if nothing has happened since."""
    outcome = Outcome()
    for pick, case in _cases(picks, by):
        try:
            act = undoing.newest_act(case)
            if act is None or act.name != Decision.Verb.KEEP:
                raise Refused(_("It was not kept."))
            undoing.undo(case=case, by=by, turn=pick.turn)
        except Refused as why_not:
            outcome.refused.append((case, str(why_not)))
        else:
            outcome.done.append(Pick(pick.case, pick.turn + 1))
    return outcome


def _cases(picks: Iterable[Pick], by: User) -> list[tuple[Pick, Case]]:
    """Those that the person sees, in the order they were ticked."""
    wanted = {pick.case: pick for pick in picks}
    found = (
        Case.objects.visible_to(by)
        .select_related("channel", "message")
        .in_bulk(list(wanted))
    )
    return [(pick, found[key]) for key, pick in wanted.items() if key in found]

"""The software's proposal of kinds, made where a text comes in (K-13, K-23)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from channels.models import Message
from moderation.models import Duty, Proposal
from policies import duties as policy

if TYPE_CHECKING:
    from datetime import datetime

    from channels.models import Version
    from moderation.duties import Owed
    from moderation.models import Case

# Texts more alike than this say the same: a slip of the pen put right.
ALIKE = 0.8
COMPARED = 2_000  # characters: the comparison's cost grows with the square


def propose(message: Message, parent: Message | None) -> policy.Proposal:
    """What the text as it stands is taken for."""
    return policy.classify(
        message.text,
        direct=message.kind == Message.Kind.DM,
        parent_is_ours=bool(parent and parent.is_ours),
    )


def stored(
    case: Case, version: Version, proposal: policy.Proposal, at: datetime
) -> Proposal:
    """Unsaved. Evidence keeps its place, not its words: those stand in the version."""
    return Proposal(
        case=case,
        version=version,
        kinds=[
            {
                "kind": kind.kind,
                "confidence": kind.confidence,
                "evidence": [
                    {"signal": sign.signal, "start": sign.start, "end": sign.end}
                    for sign in kind.evidence
                ],
            }
            for kind in proposal.kinds
        ],
        duties=list(proposal.duties),
        engine=policy.engine(),
        made_at=at,
    )


def says_another_thing(before: str, after: str) -> bool:
    """Whether an edit changed what is said, not how it is spelled."""
    one, two = before[:COMPARED].split(), after[:COMPARED].split()
    return SequenceMatcher(None, one, two, autojunk=False).ratio() < ALIKE


def after_edit(
    called_for: Iterable[Owed], known: Collection[Duty], *, changed: bool
) -> list[Owed]:
    """Which duties an edited text opens: those it calls for that are not open. One
    that was met, waived or lifted opens anew only when the edit `changed` what is
    said. An edit never lifts a duty: that is a person's to say."""
    open_now = {duty.kind for duty in known if duty.closed_at is None}
    closed = {duty.kind for duty in known if duty.closed_at is not None}
    return [
        one
        for one in called_for
        if one.kind not in open_now and (changed or one.kind not in closed)
    ]

"""The one table of what can be done with a message: from where, to where, by whom.

Views, refusals, tests, the keyboard help and the diagram in the documentation are all
made from it. A verb that is not here cannot be done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from archive.models import Record
from channels.models import Delivery, Message
from channels.platforms.base import Cap
from moderation.models import Case, Duty

State = Case.State
COMMENT, DM = Message.Kind.COMMENT, Message.Kind.DM


@dataclass(frozen=True, slots=True)
class Verb:
    """`target` None leaves the state as it is. `act` and `cap` are what the platform
    is told and must allow (for a direct message `cap_dm`). `closes` are the duties it
    meets. `record` is the kind of record sealed first."""

    name: str
    label: str | Promise
    explanation: str | Promise
    permission: str
    sources: frozenset[str]
    target: str | None
    kinds: frozenset[str]
    key: str
    closes: frozenset[str] = frozenset()
    needs_ground: bool = False
    needs_reason: bool = False
    act: str = ""
    cap: Cap | None = None
    cap_dm: Cap | None = None
    record: str = ""
    harmful: bool = False


_TABLE = (
    Verb(
        name="keep",
        label=_("Keep"),
        explanation=_("It breaks no rule and stays."),
        permission="moderation.decide_case",
        sources=frozenset({State.NEW}),
        target=State.KEPT,
        kinds=frozenset({COMMENT, DM}),
        key="k",
        closes=frozenset({Duty.Kind.REVIEW, Duty.Kind.REPORT}),
    ),
    Verb(
        name="hide",
        label=_("Hide"),
        explanation=_("Out of the public's sight; can be made visible again."),
        permission="moderation.decide_case",
        sources=frozenset({State.NEW, State.KEPT}),
        target=State.HIDDEN,
        kinds=frozenset({COMMENT}),
        key="h",
        closes=frozenset(Duty.Kind.values),
        needs_ground=True,
        needs_reason=True,
        act=Delivery.Act.HIDE,
        cap=Cap.HIDE,
        record=Record.Kind.HIDE,
    ),
    Verb(
        name="remove",
        label=_("Remove"),
        explanation=_("Gone from the platform for good; the record stays."),
        permission="moderation.decide_case",
        sources=frozenset({State.NEW, State.KEPT, State.HIDDEN}),
        target=State.REMOVED,
        kinds=frozenset({COMMENT}),
        key="d",
        closes=frozenset(Duty.Kind.values),
        needs_ground=True,
        needs_reason=True,
        act=Delivery.Act.DELETE,
        cap=Cap.DELETE,
        record=Record.Kind.REMOVAL,
        harmful=True,
    ),
    Verb(
        name="restore",
        label=_("Make visible again"),
        explanation=_("Takes back a hiding."),
        permission="moderation.decide_case",
        sources=frozenset({State.HIDDEN}),
        target=State.KEPT,
        kinds=frozenset({COMMENT}),
        key="u",
        needs_reason=True,
        act=Delivery.Act.UNHIDE,
        cap=Cap.UNHIDE,
        record=Record.Kind.RESTORE,
    ),
    Verb(
        name="reply",
        label=_("Reply"),
        explanation=_("Answers in the municipality's name."),
        permission="moderation.answer_case",
        sources=frozenset({State.NEW, State.KEPT}),
        target=None,
        kinds=frozenset({COMMENT, DM}),
        key="r",
        closes=frozenset({Duty.Kind.ANSWER}),
        act=Delivery.Act.REPLY,
        cap=Cap.REPLY,
        cap_dm=Cap.REPLY_DM,
    ),
    Verb(
        name="hand_over",
        label=_("Hand over"),
        explanation=_("To somebody better suited, with a note."),
        permission="moderation.answer_case",
        sources=frozenset(State.values),
        target=None,
        kinds=frozenset({COMMENT, DM}),
        key="o",
    ),
)

VERBS: Mapping[str, Verb] = MappingProxyType({verb.name: verb for verb in _TABLE})

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
# Documenting outlives a removal: it is met part by part, or not owed (M-R5).
ALL_BUT_DOCUMENT = frozenset(Duty.Kind.values) - {Duty.Kind.DOCUMENT.value}
# Every state in which a message is ours to answer for.
OURS = frozenset(State.values) - {State.OUTSIDE.value}
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
        closes=ALL_BUT_DOCUMENT,
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
        closes=ALL_BUT_DOCUMENT,
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
        closes=frozenset({Duty.Kind.THANK, Duty.Kind.ANSWER, Duty.Kind.CORRECT}),
        act=Delivery.Act.REPLY,
        cap=Cap.REPLY,
        cap_dm=Cap.REPLY_DM,
    ),
    Verb(
        name="refer",
        label=_("Refer"),
        explanation=_("By e-mail to whoever is to see to it, with the whole message."),
        permission="moderation.answer_case",
        sources=frozenset(State.values),
        target=None,
        kinds=frozenset({COMMENT, DM}),
        key="f",
        closes=frozenset({Duty.Kind.REFER, Duty.Kind.REGISTER}),
        record=Record.Kind.REFERRAL,
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
    Verb(
        name="claim",
        label=_("Take it"),
        explanation=_("You answer for it; colleagues see that."),
        permission="moderation.answer_case",
        sources=frozenset(State.values),
        target=None,
        kinds=frozenset({COMMENT, DM}),
        key="t",
    ),
    Verb(
        name="release",
        label=_("Put it back"),
        explanation=_("For whoever comes first."),
        permission="moderation.answer_case",
        sources=frozenset(State.values),
        target=None,
        kinds=frozenset({COMMENT, DM}),
        key="p",
    ),
    Verb(
        name="assign",
        label=_("Give to a colleague"),
        explanation=_("To somebody with a mandate on the channel, without a note."),
        permission="moderation.answer_case",
        sources=frozenset(State.values),
        target=None,
        kinds=frozenset({COMMENT, DM}),
        key="a",
    ),
    Verb(
        name="undo",
        label=_("Undo"),
        explanation=_("Takes back what you just did; the platform has not been told."),
        permission="moderation.answer_case",
        sources=frozenset(State.values),
        target=None,
        kinds=frozenset({COMMENT, DM}),
        key="z",
    ),
    Verb(
        name="confirm",
        label=_("The kinds are right"),
        explanation=_("What the software proposes is what it is."),
        permission="moderation.answer_case",
        sources=OURS,
        target=None,
        kinds=frozenset({COMMENT, DM}),
        key="c",
    ),
    Verb(
        name="correct",
        label=_("Correct the kinds"),
        explanation=_("What is owed follows the kinds you choose."),
        permission="moderation.answer_case",
        sources=OURS,
        target=None,
        kinds=frozenset({COMMENT, DM}),
        key="e",
    ),
    Verb(
        name="waive",
        label=_("Waive a duty"),
        explanation=_("Only where the guidelines let you, for a reason they know."),
        permission="moderation.answer_case",
        sources=OURS,
        target=None,
        kinds=frozenset({COMMENT, DM}),
        key="w",
        needs_reason=True,
    ),
    Verb(
        name="meet",
        label=_("Done another way"),
        explanation=_("By telephone, in person or on the platform itself."),
        permission="moderation.answer_case",
        sources=OURS,
        target=None,
        kinds=frozenset({COMMENT, DM}),
        key="m",
        needs_reason=True,
    ),
    Verb(
        name="register",
        label=_("Registered"),
        explanation=_("The message is in the municipality's ordinary system (K-17)."),
        permission="moderation.answer_case",
        sources=OURS,
        target=None,
        kinds=frozenset({DM}),
        key="i",
        closes=frozenset({Duty.Kind.REGISTER}),
        record=Record.Kind.DIRECT_MESSAGE,
    ),
    Verb(
        name="seal",
        label=_("Seal a record"),
        explanation=_("The message with its sender and thread goes into the archive."),
        permission="moderation.answer_case",
        sources=OURS,
        target=None,
        kinds=frozenset({COMMENT, DM}),
        key="s",
        record=Record.Kind.COMMENT,
    ),
    Verb(
        name="redate",
        label=_("Correct a deadline"),
        explanation=_("Kept with the old one, your name and the reason."),
        permission="moderation.answer_case",
        sources=OURS,
        target=None,
        kinds=frozenset({COMMENT, DM}),
        key="l",
        needs_reason=True,
    ),
    Verb(
        name="outside",
        label=_("Outside our channels"),
        explanation=_("No public record of ours: nothing is owed, nothing archived."),
        permission="moderation.decide_case",
        sources=frozenset({State.NEW, State.KEPT}),
        target=State.OUTSIDE,
        kinds=frozenset({COMMENT}),
        key="x",
        closes=frozenset(Duty.Kind.values),
        needs_reason=True,
    ),
    Verb(
        name="inside",
        label=_("On our channels after all"),
        explanation=_("Takes that back; what was owed is owed again."),
        permission="moderation.decide_case",
        sources=frozenset({State.OUTSIDE}),
        target=State.NEW,
        kinds=frozenset({COMMENT}),
        key="b",
        needs_reason=True,
    ),
)

VERBS: Mapping[str, Verb] = MappingProxyType({verb.name: verb for verb in _TABLE})

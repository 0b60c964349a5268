"""What may be spared, when and for which reasons: the guidelines' own table.

thank     M-R2a        a talk between others, thanked in the thread, taken away
answer    M-R2b, K-14  neutral: a talk between others, nothing asked, answered in
                       the thread, asked before, taken away, enough said
          M-R2c        negative: enough said, after a first answer and never before
refer     M-R6, K-14   political only: nothing is asked
          M-R4         a matter that needs case handling: never
correct   M-R2d        never
document  M-R5         never
register  K-17         never
review    K-23         never: a person decides
report    K-15         never: who reports is answered
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import Message
from moderation import dialogue
from moderation.decisions import locked, settle
from moderation.duties import close
from moderation.kinds import kinds_of
from moderation.models import Duty, ReplyKind
from moderation.refusals import Refused, mandate_of, overtaken, refusal
from moderation.verbs import VERBS

if TYPE_CHECKING:
    from channels.models import User
    from moderation.models import Case

Kind, Waiver = Duty.Kind, Duty.Waiver

# Duty -> the sentence and the clause that say why it is never waived.
NEVER: dict[str, str | Promise] = {
    Kind.CORRECT: gettext_lazy("Wrong facts are always corrected (M-R2d)."),
    Kind.DOCUMENT: gettext_lazy("What has value as documentation is archived (M-R5)."),
    Kind.REGISTER: gettext_lazy("A direct message is always registered (K-17)."),
    Kind.REVIEW: gettext_lazy("A person decides on what was found (K-23)."),
    Kind.REPORT: gettext_lazy("Who reports a comment is answered (K-15)."),
}


def _always(case: Case) -> str:
    return ""


def _in_thread(case: Case) -> str:
    if dialogue.thread_answered(case):
        return ""
    return _("The municipality has not answered in this thread yet.")


def _asked_before(case: Case) -> str:
    if dialogue.sender_asked_before(case):
        return ""
    return _("No earlier message of the sender has been answered here.")


def _gone(case: Case) -> str:
    if case.message.visibility == Message.Visibility.GONE:
        return ""
    return _("The message is still on the platform.")


def _first_answer(case: Case) -> str:
    if dialogue.sender_answered(case):
        return ""
    return _("The sender has had no answer yet (M-R2c).")


@dataclass(frozen=True, slots=True)
class Ground:
    """`yet` says, in a sentence, why a reason does not hold for a case; "" when it
    does. `clause` is where the guidelines allow it."""

    reason: str
    clause: str
    yet: Callable[[Case], str] = _always


THANK = (
    Ground(Waiver.THANKED, "M-R2a", _in_thread),
    Ground(Waiver.AMONG_OTHERS, "K-14"),
    Ground(Waiver.WITHDRAWN, "M-R2a", _gone),
)
NEUTRAL = (
    Ground(Waiver.AMONG_OTHERS, "K-14"),
    Ground(Waiver.NOTHING_ASKED, "K-14"),
    Ground(Waiver.ANSWERED, "K-14", _in_thread),
    Ground(Waiver.REPEATED, "K-14", _asked_before),
    Ground(Waiver.WITHDRAWN, "M-R2b", _gone),
    Ground(Waiver.ENOUGH_SAID, "M-R2c", _first_answer),
)
NEGATIVE = (Ground(Waiver.ENOUGH_SAID, "M-R2c", _first_answer),)
POLITICAL = (Ground(Waiver.NOTHING_ASKED, "M-R6"),)


def grounds(kind: str, kinds: list[str]) -> tuple[tuple[Ground, ...], str]:
    """The reasons that a duty of a message of these kinds knows, and why not when it
    knows none."""
    if kind in NEVER:
        return (), str(NEVER[kind])
    if kind == Kind.THANK:
        return THANK, ""
    if kind == Kind.REFER:
        if ReplyKind.NEEDS_CASE_HANDLING in kinds:
            return (), _("Who needs case handling is always told how (M-R4).")
        return POLITICAL, ""
    return (NEGATIVE if ReplyKind.NEGATIVE in kinds else NEUTRAL), ""


@dataclass(frozen=True, slots=True)
class Choice:
    reason: str
    label: str
    clause: str


def choices(case: Case, duty: Duty, kinds: list[str]) -> tuple[list[Choice], str]:
    """The reasons for which the duty may be waived now; when there is none, why."""
    known, why_not = grounds(duty.kind, kinds)
    found = []
    for ground in known:
        not_yet = ground.yet(case)
        if not_yet:
            why_not = why_not or not_yet
        else:
            label = str(Waiver(ground.reason).label)
            found.append(Choice(ground.reason, label, ground.clause))
    return found, "" if found else why_not


@transaction.atomic
def waive(
    *,
    case: Case,
    by: User,
    kind: str,
    reason: str,
    note: str = "",
    turn: int | None = None,
) -> Duty:
    """Spares one open duty for a reason of the table. Raises Refused with a sentence
    that names the clause when the guidelines do not allow it."""
    case = locked(case)
    verb = VERBS["waive"]
    mandate = mandate_of(case, by)
    why_not = overtaken(case, turn) or refusal(case, verb, by, mandate=mandate)
    duty = case.duties.open().filter(kind=kind).first()
    if not why_not and duty is None:
        why_not = _("That is not owed on this message.")
    if not why_not:
        why_not = _why_not(case, kind, reason)
    if why_not or duty is None:
        raise Refused(why_not)
    close(
        duty,
        by=by,
        how=verb.name,
        outcome=Duty.Outcome.WAIVED,
        waived_for=reason,
        note=note.strip(),
    )
    settle(case)
    return duty


def _why_not(case: Case, kind: str, reason: str) -> str:
    known, never = grounds(kind, kinds_of(case))
    if never:
        return never
    for ground in known:
        if ground.reason == reason:
            return ground.yet(case)
    if known == NEGATIVE:
        return _first_answer(case) or _("Choose a reason that the guidelines know.")
    return _("Choose a reason that the guidelines know.")

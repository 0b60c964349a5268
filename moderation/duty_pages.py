"""What the desk's page shows of a message's kinds and of what is owed on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.timezone import localtime

from moderation import duty_forms as forms
from moderation import kinds, redating
from moderation.deadlines import explanation
from moderation.duty_words import place_words, signal_words
from moderation.models import Duty, DutyPart, ReplyKind
from moderation.refusals import mandate_of, refusal
from moderation.verbs import VERBS
from policies.screening.model import masked

if TYPE_CHECKING:
    from collections.abc import Collection

    from channels.models import User
    from moderation.desk_forms import TurnForm
    from moderation.models import Case, DeadlineChange, Proposal
    from moderation.verbs import Verb

SHOWN_SIGNS = 6


@dataclass(frozen=True, slots=True)
class Sign:
    """What the software saw: `words` of the text, or `about` its place; one is ""."""

    words: str
    about: str


@dataclass(frozen=True, slots=True)
class ProposedKind:
    label: str
    confidence: float
    signs: list[Sign]


@dataclass(frozen=True, slots=True)
class PartRow:
    """`arrival` is the record that a direct message was sealed in when it came; the
    part is done with it as soon as another is (K-17)."""

    label: str
    done: DutyPart | None
    arrival: str = ""


@dataclass(slots=True)
class DutyRow:
    """`sentence` is empty where it is that of the row above."""

    duty: Duty
    sentence: str
    changes: list[DeadlineChange]
    parts: list[PartRow] = field(default_factory=list)


def rows(case: Case) -> list[DutyRow]:
    """Open duties first, the most urgent on top."""
    found = list(
        case.duties.select_related("closed_by", "record").prefetch_related(
            "parts__by", "deadline_changes__by"
        )
    )
    found.sort(key=lambda duty: (duty.closed_at is not None, duty.due_at))
    shown: list[DutyRow] = []
    above = ""
    for duty in found:
        sentence = explanation(duty)
        shown.append(
            DutyRow(
                duty,
                sentence if sentence != above else "",
                list(duty.deadline_changes.all()),
                _parts(case, duty) if duty.kind == Duty.Kind.DOCUMENT else [],
            )
        )
        above = sentence
    return shown


def _parts(case: Case, duty: Duty) -> list[PartRow]:
    done = {part.part: part for part in duty.parts.all()}
    arrival = {DutyPart.Part.RECORD: str(case.received_record_id or "")}
    return [
        PartRow(str(one.label), done.get(one.value), arrival.get(one, ""))
        for one in DutyPart.Part
    ]


def proposed(
    proposal: Proposal | None, *, hidden: Collection[str] = (), covered: bool = False
) -> list[ProposedKind]:
    """The kinds of a proposal with what speaks for each. Of the slurs in `hidden` only
    the outline is quoted, and nothing of a text that is `covered`."""
    if proposal is None:
        return []
    text = proposal.version.text
    shown = []
    for one in proposal.kinds:
        signs: dict[tuple[str, str], Sign] = {}
        for sign in one["evidence"]:
            words = " ".join(text[sign["start"] : sign["end"]].split())
            about = signal_words(sign["signal"]) if words else ""
            for slur in hidden:
                if words and (words in slur or slur in words):
                    words = masked(words)
            words = "" if covered else words
            about = about or place_words(sign["signal"])
            signs.setdefault((words.lower(), about), Sign(words, about))
        shown.append(
            ProposedKind(
                str(ReplyKind(one["kind"]).label),
                one["confidence"],
                list(signs.values())[:SHOWN_SIGNS],
            )
        )
    return shown


def box(
    case: Case,
    user: User,
    bound: dict[str, Any],
    *,
    hidden: Collection[str] = (),
    covered: bool = False,
) -> dict[str, Any]:
    """All that desk/duties.html and desk/kinds.html show. `bound` are forms that came
    back; `hidden` and `covered` as for `proposed`."""
    shown = rows(case)
    proposal = kinds.newest_proposal(case)
    said = kinds.confirmation_in_force(case, proposal)
    names = said.kinds if said else proposal.names if proposal else []
    known = Known([row.duty for row in shown if row.duty.closed_at is None], names)
    return {
        "rows": shown,
        "proposed": proposed(proposal, hidden=hidden, covered=covered),
        "unsure": proposal is not None
        and {"neutral_addressed", "neutral_unaddressed"} <= set(proposal.names),
        "said": said,
        "said_kinds": [str(ReplyKind(name).label) for name in said.kinds]
        if said
        else [],
        "text_changed": said is None and case.confirmations.exists(),
        "acts": _acts(
            case, user, known, bound, can_confirm=said is None and proposal is not None
        ),
    }


@dataclass(frozen=True, slots=True)
class Known:
    """What several forms ask about: the open duties and the kinds in force."""

    duties: list[Duty]
    kinds: list[str]

    @property
    def parts(self) -> set[str]:
        return {part.part for duty in self.duties for part in duty.parts.all()}


def _acts(
    case: Case, user: User, known: Known, bound: dict[str, Any], *, can_confirm: bool
) -> dict[str, dict[str, Any]]:
    """Verb → its form and why it cannot be done; a verb that makes no sense on this
    message is left out."""
    owed = {duty.kind for duty in known.duties}
    comment = case.message.kind == case.message.Kind.COMMENT
    sensible = {
        "confirm": can_confirm and case.state != case.State.OUTSIDE,
        "correct": case.state != case.State.OUTSIDE,
        "waive": bool(owed),
        "meet": bool(owed & {*Duty.REPLY, Duty.Kind.DOCUMENT}),
        "register": Duty.Kind.REGISTER in owed,
        "seal": Duty.Kind.DOCUMENT in owed
        and DutyPart.Part.RECORD not in known.parts
        and case.received_record_id is None,
        "redate": bool(owed),
        "outside": comment and case.state in VERBS["outside"].sources,
        "inside": case.state == case.State.OUTSIDE,
    }
    mandate = mandate_of(case, user)
    return {
        name: {
            "verb": VERBS[name],
            "form": _bound(bound, name) or form_of(VERBS[name], case, known=known),
            "why_not": refusal(case, VERBS[name], user, mandate=mandate, asked=True),
        }
        for name, makes_sense in sensible.items()
        if makes_sense or _bound(bound, name)
    }


def _bound(bound: dict[str, Any], name: str) -> Any:
    form = bound.get(name)
    return form if form is not None and form.is_bound else None


def form_of(
    verb: Verb, case: Case, data: Any = None, *, known: Known | None = None
) -> TurnForm:
    """The verb's form, filled in as far as it can be."""
    start: dict[str, Any] = {"turn": case.turn}
    if known is None:
        owed = case.duties.open().order_by("due_at").prefetch_related("parts")
        known = Known(list(owed), kinds.kinds_of(case))
    open_duties = known.duties
    match verb.name:
        case "correct":
            start["kinds"] = known.kinds
            return forms.CorrectForm(data, initial=start)
        case "waive":
            return forms.WaiveForm(
                data,
                initial=start,
                case=case,
                duties=open_duties,
                kinds=known.kinds,
            )
        case "meet":
            return forms.MeetForm(
                data, initial=start, duties=open_duties, done=known.parts
            )
        case "register":
            return forms.RegisterForm(data, initial=start)
        case "redate":
            if open_duties and data is None:
                first = open_duties[0]
                first.case = case
                anew = redating.counted_anew(first).due_at
                start |= {"kind": first.kind, "due_at": localtime(anew)}
            form = forms.RedateForm(data, initial=start)
            form.fields["kind"].choices = [  # type: ignore[attr-defined]
                (duty.kind, duty.get_kind_display()) for duty in open_duties
            ] or list(Duty.Kind.choices)
            return form
        case "outside" | "inside":
            return forms.OutsideForm(data, initial=start)
        case "seal":
            return forms.SealForm(data, initial=start)
    return forms.ConfirmForm(data, initial=start)

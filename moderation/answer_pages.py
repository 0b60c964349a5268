"""What the boxes for answering and referring show, gathered in a few queries each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from channels.models import Mandate
from moderation import answer_templates, replies
from moderation.answer_forms import TELLS, AnswerForm, ReferForm
from moderation.models import AnswerTemplate, Draft, Referral
from moderation.models.referral import EVENT_OF
from moderation.referrals import destinations
from moderation.refusals import refusal
from moderation.signature import longest, signed
from moderation.verbs import VERBS

if TYPE_CHECKING:
    from channels.models import User
    from moderation.answer_templates import Offered
    from moderation.models import Case


SHOWN = 20
# Which template goes with telling of which duty.
_TELLS_OF = {
    AnswerTemplate.Kind.REFER.value: "refer",
    AnswerTemplate.Kind.DOCUMENT.value: "document",
    AnswerTemplate.Kind.MAILBOX.value: "register",
}


def answer_box(
    case: Case,
    user: User,
    *,
    form: AnswerForm | None = None,
    asked: dict[str, str] | None = None,
) -> dict[str, Any]:
    """`asked` is what the address asks for: a `template` and a `language`."""
    asked = asked or {}
    verb = VERBS["reply"]
    drafts = list(case.drafts.open().select_related("writer").prefetch_related("steps"))
    own = next((draft for draft in drafts if draft.writer_id == user.pk), None)
    why_not = refusal(case, verb, user)
    shown: dict[str, Any] = {
        "case": case,
        "user": user,
        "verb": verb,
        "why_not": why_not,
        "own": own,
        "own_note": _last_note(own) if own else None,
        "others": [draft for draft in drafts if draft.writer_id != user.pk],
        "needs_reader": replies.needs_reader(case, own),
        "may_read": not why_not,
    }
    if why_not:
        return shown
    owed = [duty.kind for duty in case.duties.all() if duty.closed_at is None]
    language = asked.get("language", "")
    if language not in answer_templates.LANGUAGES:
        language = answer_templates.language_of(case)
    given_back = own is not None and _given_back(case, own)
    templates = answer_templates.offered(case, user, language=language, owed=owed)
    chosen = _chosen(templates, asked.get("template", ""))
    return shown | {
        "form": form or _form(case, own, chosen),
        "opened": bool(form or chosen or asked.get("language") or given_back),
        "given_back": given_back and not form,
        "language": language,
        "languages": AnswerTemplate.Language.choices,
        "fitting": [one for one in templates if one.fitting],
        "other_templates": [one for one in templates if not one.fitting],
        "chosen": chosen,
        "tells": [(kind, words) for kind, words in TELLS.items() if kind in owed],
        "signature": signed("", case, user).strip(),
        "room": longest(case) - len(signed("", case, user)),
        "tells_of": _TELLS_OF,
    }


def to_read(user: User) -> list[Draft]:
    """What a person may release, the longest waiting first; SHOWN of them."""
    mandates = Mandate.objects.in_force().filter(person=user)
    return list(
        Draft.objects.waiting_for_reader()
        .filter(case__channel__in=mandates.values("channel"))
        .exclude(writer=user)
        .select_related("case__channel", "writer")
        .order_by("asked_at", "id")[:SHOWN]
    )


def _form(case: Case, own: Draft | None, chosen: Offered | None) -> AnswerForm:
    start: dict[str, Any] = {"turn": case.turn}
    if own is not None:
        start |= {"text": own.text, "tells": own.tells}
    if chosen is not None:
        told = _TELLS_OF.get(chosen.kind)
        start |= {"text": chosen.text, "tells": [told] if told else []}
    return AnswerForm(initial=start)


def _chosen(templates: list[Offered], wanted: str) -> Offered | None:
    return next((one for one in templates if str(one.pk) == wanted), None)


def _given_back(case: Case, own: Draft) -> bool:
    """Whether a draft is an answer taken back that nobody has mended yet."""
    return (
        own.number == 1
        and case.undoings.filter(
            reply__isnull=False, by=own.writer, at__lte=own.started_at
        ).exists()
    )


def _last_note(draft: Draft) -> Any:
    """What the second reader said when they last sent the draft back."""
    steps = sorted(draft.steps.all(), key=lambda step: (step.at, step.pk))
    last = steps[-1] if steps else None
    return last if last and last.act == last.Act.SENT_BACK else None


def refer_box(
    case: Case,
    user: User,
    *,
    form: ReferForm | None = None,
    instead_of: Referral | None = None,
) -> dict[str, Any]:
    verb = VERBS["refer"]
    why_not = refusal(case, verb, user)
    referrals = referrals_of(case)
    places = destinations(case)
    start = {"turn": case.turn, "instead_of": instead_of.pk if instead_of else None}
    return {
        "case": case,
        "user": user,
        "verb": verb,
        "why_not": why_not,
        "form": form or ReferForm(initial=start, destinations=places),
        "opened": bool(form or instead_of),
        "instead_of": instead_of,
        "destinations": places,
        "referrals": referrals,
        "failing": [one for one in referrals if _needs_a_person(one)],
        "standing": [one for one in referrals if one.failure is None],
        "resendable": tuple(act.value for act in EVENT_OF.values()),
    }


def referrals_of(case: Case) -> list[Referral]:
    return list(
        case.referrals.select_related("letter", "by", "record", "replaced_by")
        .prefetch_related("events__by")
        .order_by("at", "id")
    )


def _needs_a_person(referral: Referral) -> bool:
    return referral.failure is not None and not hasattr(referral, "replaced_by")

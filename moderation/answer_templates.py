"""Words to begin an answer with: offered by kind and language, filled, never sent by
themselves (M-R3)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from channels.models import Municipality
from moderation.models import AnswerTemplate, Duty
from moderation.models.answer import text_fault
from moderation.signature import longest, official_contact, signed
from policies.publishing import PackError, opened
from policies.screening import screen

if TYPE_CHECKING:
    from collections.abc import Collection

    from channels.models import User
    from moderation.models import Case

STARTERS = Path(__file__).parent / "packs" / "answers.toml"
Kind = AnswerTemplate.Kind
LANGUAGES = tuple(AnswerTemplate.Language.values)

# Which templates meet which duty.
FOR_DUTY: dict[str, tuple[str, ...]] = {
    Duty.Kind.THANK.value: (Kind.THANK,),
    Duty.Kind.ANSWER.value: (Kind.ANSWER, Kind.RECOMMENDATION),
    Duty.Kind.CORRECT.value: (Kind.CORRECT,),
    Duty.Kind.REFER.value: (Kind.REFER, Kind.POLITICAL),
    Duty.Kind.DOCUMENT.value: (Kind.DOCUMENT,),
    Duty.Kind.REGISTER.value: (Kind.MAILBOX,),
}


@dataclass(frozen=True, slots=True)
class Offered:
    """A template filled for one case. `fitting` says that it meets what is owed."""

    pk: int
    kind: str
    kind_words: str
    name: str
    text: str
    fitting: bool


def language_of(case: Case) -> str:
    """The language to answer in: that of the enquiry, else the municipality's."""
    known = getattr(case, "language", "")
    if known in LANGUAGES:
        return str(known)
    for language in screen(case.message.text).languages:
        if language in LANGUAGES:
            return language
    municipality = Municipality.objects.only("country").first()
    return "nb" if municipality and municipality.country == "NO" else "sv"


def offered(
    case: Case, by: User, *, language: str, owed: Collection[str]
) -> list[Offered]:
    """The templates of a language that the platform's limit leaves room for, those
    that meet a duty of `owed` first."""
    wanted = {kind for duty in owed for kind in FOR_DUTY.get(duty, ())}
    most = longest(case)
    values = values_of(case, by)
    found = []
    for template in AnswerTemplate.objects.in_use().filter(language=language):
        text = filled(template.text, values)
        if len(signed(text, case, by)) > most:
            continue
        found.append(
            Offered(
                pk=template.pk,
                kind=template.kind,
                kind_words=template.get_kind_display(),
                name=template.name,
                text=text,
                fitting=template.kind in wanted,
            )
        )
    order = list(Kind.values)
    found.sort(key=lambda one: (not one.fitting, order.index(one.kind), one.name))
    return found


def values_of(case: Case, by: User) -> dict[str, str]:
    municipality = Municipality.objects.first()
    return {
        "sender_name": case.message.author_name.split(" ")[0],
        "officer": str(by),
        "department": case.channel.department.name,
        "municipality": municipality.name if municipality else "",
        "channel": case.channel.name,
        "official_contact": official_contact(case),
        "registrar": (municipality.registrar_email if municipality else "")
        or official_contact(case),
    }


def filled(text: str, values: dict[str, str]) -> str:
    """Nobody's words are read as a pattern: only the template's own braces are."""
    text = text.format_map(values)
    # A sender without a name leaves "Hej !" behind.
    return text.replace(" !", "!").replace(" ,", ",").strip()


@transaction.atomic
def load_starters(*, path: Path = STARTERS, by: str) -> int:
    """Adds the templates of a pack that are not there yet; answers how many. What the
    information unit has changed or taken out of use stays as it is.

    Raises PackError with the name of the template that is wrong.
    """
    known = set(AnswerTemplate.objects.values_list("code", flat=True))
    added = 0
    for entry in read_starters(path):
        if entry["code"] in known:
            continue
        template = AnswerTemplate(**entry)
        template._change_reason = by[:100]  # type: ignore[attr-defined]
        template.save()
        added += 1
    return added


def read_starters(path: Path) -> list[dict[str, Any]]:
    found = []
    for entry in opened(path).get("answer", []):
        with override("en"):
            wrong = _fault(entry)
        if wrong:
            raise PackError(f"{entry.get('kind', '?')}: {wrong}")
        for language, words in entry["words"].items():
            found.append(
                {
                    "code": f"{entry['id']}.{language}",
                    "kind": entry["kind"],
                    "language": language,
                    "name": words["name"],
                    "text": words["text"].strip(),
                }
            )
    return found


def _fault(entry: dict[str, Any]) -> str:
    if not entry.get("id") or entry.get("kind") not in Kind.values:
        return _("An answer needs an id and a kind.")
    words = entry.get("words")
    if not isinstance(words, dict) or not set(words) <= set(LANGUAGES) or not words:
        return _("An answer needs its words in a known language.")
    for one in words.values():
        if not one.get("name") or not one.get("text", "").strip():
            return _("An answer needs a name and a text.")
        wrong = text_fault(one["text"])
        if wrong:
            return wrong
    return ""

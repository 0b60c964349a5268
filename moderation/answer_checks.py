"""Our own text screened before it goes (K-10, K-11, M-R6, M-R7): what stops it, and
what an officer may send all the same, on record."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from channels.models import Municipality
from moderation.kinds import is_political
from moderation.signature import longest
from policies import wording
from policies.duty_signals import read
from policies.outgoing import case_references
from policies.screening import screen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from moderation.models import Case
    from policies.screening import Hit

# How sure the screening must be before it stops our own text, or warns of it.
STOPS_AT, WARNS_AT = 0.7, 0.5
# Prohibited in every comment (K-20), and secret (K-11): never from us.
SECRET = frozenset({"identity_number", "protected_identity", "health", "threat"})
# The screening cannot tell an office's address from a person's, and an answer that
# names a street is an ordinary one.
MAY_STAND = frozenset({"address"})
CONTACTS = frozenset({"email", "phone"})
# Swedish 07…, Norwegian 4… and 9…, with or without the country's number.
_MOBILE = re.compile(r"(?:0|(?:00)?46)7\d{8}|(?:(?:00)?47)?[49]\d{7}")


@dataclass(frozen=True, slots=True)
class Warned:
    """`kind` is politics, case, personal or rule; `sentence` is for the officer."""

    kind: str
    sentence: str

    def as_dict(self) -> dict[str, str]:
        return {"kind": self.kind, "sentence": self.sentence}


@dataclass(slots=True)
class Checked:
    """Sentences: what stops the text, and what has to be confirmed."""

    stops: list[str] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)


def check(text: str, *, case: Case, whole: str) -> Checked:
    """Screens what the officer wrote; `whole` is what would be sent, signed."""
    found = Checked()
    if not text.strip():
        found.stops.append(_("Write an answer first."))
        return found
    most = longest(case)
    if len(whole) > most:
        found.stops.append(
            _(
                "With the signature the answer has %(is)d characters; the platform "
                "takes %(most)d."
            )
            % {"is": len(whole), "most": most}
        )
    language = (translation.get_language() or "en")[:2]
    ours = _own_domains(case)
    for hit in screen(text, ruleset=wording.in_force(), direction="outgoing").hits:
        _sort(hit, found, language, ours)
    _politics(text, case, found)
    for kind, matched in _once(
        (one.kind, one.matched) for one in case_references(text)
    ):
        found.warnings.append(Warned("case", _CASE[kind]() % {"words": matched}))
    return found


_CASE = {
    "number": lambda: _(
        "“%(words)s” names a case. Point to the chief executive's proposal instead, "
        "or ask for a formal enquiry (M-R7)."
    ),
    "decision": lambda: _(
        "“%(words)s” goes into a single case. In cases, refer only to the chief "
        "executive's proposal (M-R7)."
    ),
}


def _sort(hit: Hit, found: Checked, language: str, ours: frozenset[str]) -> None:
    if hit.confidence < WARNS_AT or hit.kind in MAY_STAND:
        return
    if hit.kind in CONTACTS:
        if _is_personal(hit, ours):
            found.warnings.append(
                Warned(
                    "personal",
                    _("“%(words)s”: is it an office's, not a person's own?")
                    % {"words": hit.matched},
                )
            )
        return
    grave = hit.kind in SECRET or (
        hit.rule.startswith("K-20.") and hit.kind != "advertising"
    )
    if grave and hit.confidence >= STOPS_AT:
        found.stops.append(
            _("Your own text may not be sent like this. %(why)s")
            % {"why": hit.sentence(language)}
        )
        return
    kind = {"politics": "politics"}.get(hit.kind, "rule")
    if hit.kind in SECRET:
        kind = "personal"
    found.warnings.append(Warned(kind, hit.sentence(language)))


def _is_personal(hit: Hit, ours: frozenset[str]) -> bool:
    """A mobile telephone, or an address in nobody's office."""
    if hit.kind == "email":
        return hit.matched.rpartition("@")[2].lower() not in ours
    digits = re.sub(r"\D", "", hit.matched)
    return bool(_MOBILE.fullmatch(digits))


def _politics(text: str, case: Case, found: Checked) -> None:
    parties = [sign.matched for sign in read(text) if sign.signal == "party"]
    for matched in dict.fromkeys(parties):
        found.warnings.append(
            Warned(
                "politics",
                _("“%(words)s” names a party or its people (M-R6).")
                % {"words": matched},
            )
        )
    if is_political(case):
        found.warnings.append(
            Warned(
                "politics",
                _(
                    "The message is political: an officer says at most that it is "
                    "passed on to the political secretariat (M-R6)."
                ),
            )
        )


def _own_domains(case: Case) -> frozenset[str]:
    municipality = Municipality.objects.first()
    addresses = [case.channel.department.email]
    if municipality is not None:
        addresses += [municipality.contact_email, municipality.registrar_email]
    return frozenset(
        address.rpartition("@")[2].lower() for address in addresses if address
    )


def _once(found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return list(dict.fromkeys(found))

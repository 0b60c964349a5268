"""E-mail addresses and street addresses (rule K-22.1).

Both walk outwards from a sign that has to be there, an @ or a house number, for a
bounded distance: time grows with the text and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from policies.screening.detectors.context import is_amount
from policies.screening.detectors.explanations import SENTENCES
from policies.screening.detectors.making import CONFIDENTIAL, hit
from policies.screening.detectors.words import listed
from policies.screening.model import Hit
from policies.screening.normalise import Normalised

_LOCAL_LONGEST: Final = 64
_DOMAIN_LONGEST: Final = 253
_LOCAL_SIGNS: Final = frozenset("._%+-'")
_ROLES: Final = listed(
    "info kommun kommune post postmottak registrator registratur webmaster kontakt "
    "kansli support kundservice kundeservice kundtjanst press noreply no-reply hei "
    "hej servicetorg medborgarservice kontaktcenter diarium arkiv admin office "
    "contact redaktion redaksjon kirjaamo styrelsen dataskyddsombud personvernombud "
    "sentralbord vaxel bibliotek firmapost ordforer radmann"
)
_WRITTEN_OUT: Final = re.compile(
    r"(?<![\w.+-])([a-z0-9][\w.+-]{0,63})\s?[\[({<]\s?"
    r"(?:at|a|snabela|snabel-a|krøllalfa|alfakrøll|@)\s?[\])}>]\s?"
    r"[\w-]{1,63}(?:(?:\.|\s?[\[({]\s?(?:dot|punkt|punktum|prikk|\.)\s?[\])}]\s?)"
    r"[\w-]{1,63}){1,4}"
)
_BRACKETED: Final = ("(a", "[a", "{a", "<a", "(s", "[s", "(k", "[k", "[@", "(@", "( a")

_DIGITS: Final = re.compile("[0-9]+")
_AFTER_HOUSE: Final = re.compile(
    r"(?:[a-zåäöæø](?![^\W_])| [A-H](?![^\W_])|\s?[-\u2013]\s?[0-9]{1,3}(?![0-9:]))?"
    r"(?:,? (?:lgh|lägenhet|leil\.?|leilighet|bst\.?|as\.?)\s?[0-9a-z]{1,6}(?![^\W_])"
    r"|,? [0-9] tr(?:appor)?(?![^\W_]))?",
    re.IGNORECASE,
)
_POSTAL: Final = re.compile(
    r",?\s+(?:(?:SE?|NO?|FI|FIN|AX)-)?(?:[0-9]{3} [0-9]{2}|[0-9]{4,5})\s+"
    r"(?:(?:Östra|Västra|Norra|Södra|Stora|Nya|Gamla|Upplands|Mo i|Øvre|Nedre|Indre|"
    r"Ytre|Nord|Nordre|Søre|Vestre|Store|Sankt|S:t)\s)?"
    r"[A-ZÅÄÖÆØ][^\W\d_]+(?:-[^\W\d_]+)?"
)
_SWEDISH_POSTAL: Final = re.compile(
    r"[1-9][0-9]{2} [0-9]{2} ((?=[A-ZÅÄÖ])[^\W\d_]{2,}(?:-[^\W\d_]+)?)"
)
_MONEY: Final = ("Kr", "KR", "SEK", "NOK", "EUR", "Kronor", "Kroner")
_GROUP_BEFORE: Final = re.compile(r"[0-9] $")
# Endings of street names, as one word with the name or as a word of their own.
_STREETS: Final = (
    *("gatan", "gata", "gaten", "gate", "gatu", "vägen", "veien", "vegen", "gränd"),
    *("gränden", "väg", "vei", "veg", "stigen", "stien", "torget", "torg", "plass"),
    *("plassen", "platsen", "allén", "allé", "alléen", "backen", "bakken", "kajen"),
    *("kaien", "bryggen", "esplanaden", "svingen", "tunet", "kroken", "ringen"),
    *("strädet", "stredet", "liden", "brinken", "terrassen", "terrasse", "leden"),
    *("høgda", "haugen", "åsen", "jordet", "katu", "tie", "kuja", "polku", "väylä"),
)
_ENDINGS: Final = (*_STREETS, ".")
_SURE_STREETS: Final = _STREETS[:13]
_ABBREVIATED: Final = re.compile(r"[^\W\d_]{3,}(?:gt|vn)\.$")
_NO_ADDRESS: Final = listed(
    "riksväg riksvägen länsväg länsvägen motorväg motorvägen europaväg europavägen "
    "riksvei riksveien fylkesvei fylkesveien fylkesveg fylkesvegen riksveg "
    "europavei europavegen skogsväg grusväg cykelväg gångväg omväg genväg utväg "
    "halvväg huvudväg gangvei sykkelvei omvei skogsvei underveis hjemvei hemväg "
    "marknadsplats arbetsplats arbeidsplass plass platsen plassen parkeringsplass "
    "parkeringsplats jernvei järnväg järnvägen tuntie leden åsen backen haugen "
    "bakken ringen kroken jordet tie rodeo salongen väg vei veg"
)
_NAME_BEFORE: Final = listed(
    "östra västra norra södra stora lilla övre nedre gamla nya sankt s:t inre yttre "
    "mellersta øvre vestre østre nordre søndre søre store lille gamle nye indre "
    "ytre midtre vesle austre lång långa kungliga"
)
_UNITS: Final = listed(
    "gånger ganger gonger dagar dager dagers veckor uker veker månader måneder barn "
    "bilar biler hus nya nye olyckor ulykker minuter minutter min timmar timer år "
    "årig åringar gång gong maj mai juni juli augusti august september oktober "
    "november december desember januari januar februari februar mars april times "
    "days hours"
)
_PREPOSITIONS: Final = listed("på i till til ved vid fra från mellan mellom bor")
_HOME: Final = re.compile(
    r"(?<![^\W_])(?:bor|bodde|budde|bur|bo|hemma|hemadress|adress|adressen|adresse|"
    r"hjemme|heime|hjemmeadresse|asuu|lives|address|skriven|folkbokförd|bosatt)"
    r"(?![^\W_])"
)


def detect_emails(text: str, normalised: Normalised) -> Iterable[Hit]:
    """Hits on e-mail addresses; those of an office with less confidence."""
    folded = normalised.folded
    if "@" in folded or "(" in folded or "[" in folded or "{" in folded:
        return list(_emails(normalised))
    return ()


def _emails(normalised: Normalised) -> Iterator[Hit]:
    folded = normalised.folded
    at = folded.find("@")
    while at >= 0:
        span = _around(folded, at)
        if span is not None:
            yield _email(normalised, *span, local=folded[span[0] : at])
        at = folded.find("@", at + 1)
    if any(sign in folded for sign in _BRACKETED):
        for match in _WRITTEN_OUT.finditer(folded):
            yield _email(normalised, *match.span(), local=match[1])


def _email(normalised: Normalised, start: int, end: int, *, local: str) -> Hit:
    role = local in _ROLES
    entry = "email.role" if role else "email"
    return hit(
        normalised,
        start,
        end,
        rule=CONFIDENTIAL,
        entry=entry,
        kind="email",
        confidence=0.5 if role else 0.9,
        explanation=SENTENCES[entry],
    )


def _around(folded: str, at: int) -> tuple[int, int] | None:
    """The address around an @, or None if there is none."""
    start = at
    while start and at - start < _LOCAL_LONGEST:
        sign = folded[start - 1]
        if not sign.isalnum() and sign not in _LOCAL_SIGNS:
            break
        start -= 1
    while start < at and not folded[start].isalnum():
        start += 1
    end = at + 1
    furthest = min(len(folded), at + _DOMAIN_LONGEST)
    while end < furthest and (folded[end].isalnum() or folded[end] in ".-"):
        end += 1
    while end > at and folded[end - 1] in ".-":
        end -= 1
    domain = folded[at + 1 : end]
    name, dot, top = domain.rpartition(".")
    if start == at or not dot or not name[:1].isalnum() or ".." in domain:
        return None
    if len(top) < 2 or not top.isalpha():
        return None
    return start, end


def detect_addresses(text: str, normalised: Normalised) -> Iterable[Hit]:
    """Hits on a street with its number, with postcode and town if they follow."""
    if _DIGITS.search(text) is None:
        return ()
    return list(_addresses(text))


def _addresses(text: str) -> Iterator[Hit]:
    # Street names need their capitals: this reads the original, not the fold.
    done = 0
    for number in _DIGITS.finditer(text):
        start, end = number.span()
        if start < done or end - start > 3 or text[start - 1 : start] not in ("", " "):
            continue
        street = _street(text, start)
        house = None if street is None else _house_end(text, end)
        if street is not None and house is not None and street >= done:
            done = house
            home = _HOME.search(text[max(0, street - 40) : street].lower()) is not None
            entry = "address.home" if home else "address"
            yield _address(text, street, house, entry, 0.85 if home else 0.55)
        elif end - start == 3:
            postal = _SWEDISH_POSTAL.match(text, start)
            beside = _GROUP_BEFORE.search(text[max(0, start - 2) : start])
            if postal is not None and not beside and postal[1] not in _MONEY:
                done = postal.end()
                yield _address(text, start, done, "postcode", 0.5)


def _address(text: str, start: int, end: int, entry: str, confidence: float) -> Hit:
    return hit(
        Normalised(text, text),
        start,
        end,
        rule=CONFIDENTIAL,
        entry=entry,
        kind="address",
        confidence=confidence,
        explanation=SENTENCES[entry],
    )


def _street(text: str, house: int) -> int | None:
    """Where the street name before a house number begins; None if there is none."""
    beside = text[house - 2 : house - 1]
    if text[house - 1 : house] != " " or not (beside.isalpha() or beside == "."):
        return None
    last = text[text.rfind(" ", max(0, house - 40), house - 1) + 1 : house - 1]
    if not last.lower().endswith(_ENDINGS):
        return None
    tail = text[max(0, house - 60) : house]
    words = tail.split(" ")[:-1]
    if not words or not words[-1]:
        return None
    word = words[-1].lstrip("(\"'«”“[")
    start = house - 1 - len(word)
    small = word.lower()
    if small in _NO_ADDRESS and not (_led(words) and small not in ("plass", "platsen")):
        return None
    if _ABBREVIATED.fullmatch(word) and word[0].isupper():
        return start
    if not small.endswith(_STREETS) or not small.isalpha():
        return None
    ending = next(end for end in sorted(_STREETS, key=len)[::-1] if small.endswith(end))
    alone = small == ending
    named = _name_start(words, start, alone=alone)
    if alone:
        return named if named != start else None
    sure = ending in _SURE_STREETS and len(small) - len(ending) >= 3
    if not word[0].isupper() and (not sure or named != start):
        return None
    return named


def _led(words: list[str]) -> bool:
    """Whether a name in capitals stands before the last word."""
    return len(words) > 1 and words[-2][:1].isupper()


def _name_start(words: list[str], start: int, *, alone: bool) -> int:
    """Take in the words before that belong to the name, as in Karl Johans gate."""
    for taken, word in enumerate(reversed(words[:-1])):
        bare = word.lstrip("(\"'«”“[")
        small = bare.lower()
        if not bare or not bare[0].isupper() or bare[-1] in ".,;:!?":
            break
        # Only a genitive makes a name of the words before: Karl Johans gate.
        genitive = alone and taken < 3 and (taken > 0 or bare[-1] in "sx")
        if small not in _NAME_BEFORE and (not genitive or small in _PREPOSITIONS):
            break
        start -= len(bare) + 1
        if bare != word:
            break
    return start


def _house_end(text: str, end: int) -> int | None:
    """Where the address ends after the house number; None if it is an amount."""
    after = text[end : end + 24]
    if after[:1] in (":", "%") or re.match(r"[.,:][0-9]", after):
        return None
    follows = re.match(r"\s([^\W\d_]+)", after)
    if follows and follows[1].lower() in _UNITS:
        return None
    beside = text[end - 1 : end + 16].lower()
    if is_amount(beside, 0, 1):
        return None
    tail = _AFTER_HOUSE.match(text, end)
    if tail is not None:
        end = tail.end()
    postal = _POSTAL.match(text, end)
    return postal.end() if postal is not None else end

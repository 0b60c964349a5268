"""Account numbers: IBAN, Norwegian and Swedish accounts, giro, cards (rule K-22.1).

Sources: ISO 13616 (IBAN), Bits AS (Norwegian accounts, mod 11), Bankgirot's
"Kontonummer i svenska banker" (clearing and account lengths), Luhn for bankgiro,
plusgiro and cards (ISO/IEC 7812-1).
"""

from __future__ import annotations

import re
from typing import Final

from policies.screening.detectors.context import Label, is_amount
from policies.screening.detectors.explanations import SENTENCES
from policies.screening.detectors.identity import luhn, weighted
from policies.screening.detectors.place import Place, Read, read
from policies.screening.detectors.scan import DASHES, Window

_IBAN_LENGTHS: Final = {
    "ad": 24, "ae": 23, "al": 28, "at": 20, "az": 28, "ba": 20, "be": 16, "bg": 22,
    "bh": 22, "br": 29, "by": 28, "ch": 21, "cr": 22, "cy": 28, "cz": 24, "de": 22,
    "dk": 18, "do": 28, "ee": 20, "eg": 29, "es": 24, "fi": 18, "fo": 18, "fr": 27,
    "gb": 22, "ge": 22, "gi": 23, "gl": 18, "gr": 27, "gt": 28, "hr": 21, "hu": 28,
    "ie": 22, "il": 23, "iq": 23, "is": 26, "it": 27, "jo": 30, "kw": 30, "kz": 20,
    "lb": 28, "lc": 32, "li": 21, "lt": 20, "lu": 20, "lv": 21, "mc": 27, "md": 24,
    "me": 22, "mk": 19, "mr": 27, "mt": 31, "mu": 30, "nl": 18, "no": 15, "pk": 24,
    "pl": 28, "ps": 29, "pt": 25, "qa": 29, "ro": 24, "rs": 22, "sa": 24, "sc": 31,
    "se": 24, "si": 19, "sk": 24, "sm": 27, "st": 25, "sv": 28, "tl": 23, "tn": 24,
    "tr": 26, "ua": 29, "va": 22, "vg": 24, "xk": 20,
}  # fmt: skip
_CLEARING: Final = re.compile(
    r"[0-9]{4}(?:[-\u2010-\u2013 ]?[0-9])?\s?,\s?([0-9]{1,10}(?:[ .-][0-9]{1,10}){0,5})"
    r"(?![0-9])"
)
_NORWEGIAN: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


def iban_end(folded: str, digits: int) -> int:
    """Where an IBAN whose check digits begin at ``digits`` ends; 0 if there is none.

    The two letters of its country stand right before them.
    """
    start = digits - 2
    if start < 0 or not folded[digits - 1].isalpha():
        return 0
    length = _IBAN_LENGTHS.get(folded[start:digits])
    if length is None or (start and folded[start - 1].isalnum()):
        return 0
    return _iban_end(folded, start, length)


def _iban_end(folded: str, start: int, length: int) -> int:
    signs: list[str] = []
    place, gap = start, 0
    while place < len(folded) and len(signs) < length:
        sign = folded[place]
        if sign.isascii() and sign.isalnum():
            signs.append(sign)
            gap = 0
        elif sign in " -." and not gap:
            gap = 1
        else:
            return 0
        place += 1
    if len(signs) < length or not "".join(signs[2:4]).isdigit():
        return 0
    if place < len(folded) and folded[place].isalnum():
        return 0
    turned = signs[4:] + signs[:4]
    number = int("".join(str(int(sign, 36)) for sign in turned))
    return place if number % 97 == 1 else 0


def norwegian_account(digits: str) -> bool:
    """Whether 11 digits are a Norwegian account number (mod 11)."""
    return digits[4:6] != "00" and weighted(digits, _NORWEGIAN) % 11 == 0


def swedish_account(digits: str) -> bool:
    """Whether digits begin with a clearing number and have a possible length.

    The account's own check digit is different for each bank and often absent, so it
    is not looked at; a caller wants a word that says this is an account.
    """
    return "1100" <= digits[:4] <= "9999" and 11 <= len(digits) <= 15


def card(digits: str) -> bool:
    """Whether 16 digits are a card number of Visa, Mastercard or the like."""
    return len(digits) == 16 and digits[0] in "2456" and luhn(digits)


def account(place: Place) -> Read | None:
    """An account, giro or card number that begins here."""
    sentence = SENTENCES["account"]
    for window in place.windows:
        digits, layout = window.digits, window.layout
        if layout in ((4, 2, 5), (11,)) and place.free(window):
            right = norwegian_account(digits)
            if place.label is Label.ACCOUNT:
                sure = 0.95 if right else 0.6
            elif place.label in (Label.CASE, Label.GIRO, Label.PHONE) or not right:
                continue
            else:
                sure = 0.6 if layout == (11,) else 0.9
            return read(window, ("no.account", "bank_account", sure, sentence))
        if layout not in ((16,), (4, 4, 4, 4)) or not card(digits):
            continue
        if place.free(window) and place.label is not Label.CASE:
            found = ("card", "payment_card", 0.85, SENTENCES["card"])
            return read(window, found)
    return _swedish_account(place) or _giro(place)


def _swedish_account(place: Place) -> Read | None:
    if place.label is not Label.ACCOUNT or place.before.isalnum():
        return None
    sentence = SENTENCES["account"]
    pair = _CLEARING.match(place.folded, place.start)
    if pair is not None and 5 <= sum(map(str.isdigit, pair[1])) <= 10:
        found = ("se.account", "bank_account", 0.9, sentence)
        return len(place.cluster.runs) - place.first, place.start, pair.end(), found
    for window in reversed(place.windows):
        if not place.free(window) or is_amount(place.folded, window.start, window.end):
            continue
        if swedish_account(window.digits):
            found = ("se.account", "bank_account", 0.85, sentence)
            return read(window, found)
        if 7 <= len(window.digits) <= 10 and window.digits[0] != "0":
            found = ("se.account", "bank_account", 0.6, sentence)
            return read(window, found)
    return None


def _giro(place: Place) -> Read | None:
    """Bankgiro and plusgiro numbers; where nothing names them, only a weak hit."""
    for window in reversed(place.windows):
        digits, gaps, layout = window.digits, window.gaps, window.layout
        dashed = bool(gaps) and gaps[-1].strip() in DASHES
        if not dashed or not place.free(window):
            continue
        bankgiro = layout in ((3, 4), (4, 4))
        plusgiro = layout[-1] == 1 and 2 <= len(digits) <= 8
        if not bankgiro and not plusgiro:
            continue
        right = luhn(digits)
        if place.label is Label.GIRO:
            sure = 0.9 if right else 0.5
        elif right and place.label is Label.NONE and _looks_like_giro(window):
            sure = 0.35
        else:
            continue
        entry = "se.bankgiro" if bankgiro else "se.plusgiro"
        return read(window, (entry, "giro", sure, SENTENCES["giro"]))
    return None


def _looks_like_giro(window: Window) -> bool:
    """Whether nothing but a giro number is written so: no years, no opening hours."""
    if window.layout == (4, 4):
        from_, to = window.digits[:4], window.digits[4:]
        return from_ >= "2100" and to >= "2400"
    pairs = window.layout[1:-1]
    return len(window.digits) >= 6 and bool(pairs) and set(pairs) == {2}

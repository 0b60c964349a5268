"""Telephone numbers, Nordic and from abroad (rule K-22.1).

Sources: PTS and Nkom numbering plans, Traficom order 32, ITU-T E.164.
"""

from __future__ import annotations

from typing import Final

from policies.screening.detectors.context import Label, is_amount
from policies.screening.detectors.explanations import SENTENCES
from policies.screening.detectors.identity import is_date
from policies.screening.detectors.place import Place, Read, read
from policies.screening.detectors.scan import DASHES, Window
from policies.screening.detectors.words import listed

_SWEDISH_MOBILE: Final = frozenset(("070", "072", "073", "076", "079"))
_SWEDISH_THREE: Final = listed(
    "010 011 013 016 018 019 020 021 023 026 031 033 035 036 040 042 044 046 054 "
    "060 063 070 072 073 076 079 090"
)
# How subscriber numbers are grouped, by what is left after the area code.
_SUBSCRIBER: Final = frozenset(
    tuple(map(int, groups))
    for groups in listed("5 32 23 6 222 33 7 322 34 223 8 332 233 232 422 44")
)
_COUNTRY_CODES: Final = listed(
    "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 "
    "58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 211 212 213 216 218 "
    "220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 "
    "239 240 241 242 243 244 245 248 249 250 251 252 253 254 255 256 257 258 260 "
    "261 262 263 264 265 266 267 268 269 290 291 297 298 299 350 351 352 353 354 "
    "355 356 357 358 359 370 371 372 373 374 375 376 377 378 380 381 382 383 385 "
    "386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 "
    "593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 852 853 "
    "855 856 880 886 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 "
    "976 977 992 993 994 995 996 998"
)
# National significant digits, fewest and most.
_NATIONAL: Final = {
    "46": (7, 9), "47": (8, 8), "45": (8, 8), "354": (7, 7), "358": (6, 10),
    "298": (6, 6), "299": (6, 6), "372": (7, 8), "1": (10, 10), "7": (10, 10),
}  # fmt: skip

_OTHER_THAN_PHONE: Final = frozenset(
    (Label.CASE, Label.ACCOUNT, Label.GIRO, Label.CARD, Label.PERSON, Label.DUF)
)


def international(digits: str) -> bool:
    """Whether digits after + or 00 are a country code and a number of its length."""
    for length in (1, 2, 3):
        code = digits[:length]
        if code in _COUNTRY_CODES:
            fewest, most = _NATIONAL.get(code, (6, 12))
            national = digits[length:]
            if code in ("46", "358") and national.startswith("0"):
                national = national[1:]
            if code == "46" and national.startswith("7"):
                fewest = 9
            return fewest <= len(national) <= most
    return False


def swedish(window: Window, *, named: bool) -> float:
    """Confidence that a window is a Swedish number; 0 if it is none.

    ``named`` says that the text calls it a telephone number.
    """
    digits, layout = window.digits, window.layout
    if digits[0] != "0" or not 8 <= len(digits) <= 10 or digits[1] == "0":
        return 0.0
    if digits[:3] in _SWEDISH_MOBILE:
        if len(digits) != 10 or (len(layout) > 1 and layout[0] not in (3, 2, 4, 6)):
            return 0.0
        return 0.9 if layout[0] == 3 or layout == (10,) else 0.75
    area = area_code(digits)
    if len(layout) == 1:
        return 0.85 if named and len(digits) >= 9 else 0.0
    if any("." in gap or "+" in gap for gap in window.gaps):
        return 0.0
    if layout[0] != area or layout[1:] not in _SUBSCRIBER:
        return 0.0
    if any(gap.strip() for gap in window.gaps[1:]) and not named:
        return 0.0  # 08 30 - 16 00
    if not named and window.gaps[0].strip() not in ("-", "\u2013", "/"):
        return 0.65 if len(layout) > 2 else 0.55 * (len(digits) >= 9)
    return 0.85


def area_code(digits: str) -> int:
    """How many digits the Swedish area code at the front has, with its 0."""
    if digits.startswith("08"):
        return 2
    return 3 if digits[:3] in _SWEDISH_THREE else 4


def finnish(window: Window, *, named: bool) -> float:
    """Confidence that a window is a Finnish number; 0 if it is none."""
    digits, layout = window.digits, window.layout
    if any("." in gap or "+" in gap for gap in window.gaps):
        return 0.0
    mobile = digits[:2] == "04" or digits[:3] == "050"
    if mobile and 9 <= len(digits) <= 11:
        if layout[0] in (3, 4) and len(layout) > 1:
            return 0.85
        return 0.9 if named else 0.6 * (layout == (10,))
    if digits[:3] in ("029", "010", "020") and layout[0] == 3:
        return 0.6 * (len(digits) in (9, 10) and len(layout) > 1)
    if digits[:2] in ("09", "02", "03", "05", "06", "08"):
        grouped = layout[0] == 2 and layout[1:] in ((3, 4), (7,), (6,), (3, 3), (4, 3))
        return (0.8 if named else 0.6) * grouped
    if named and digits[0] == "0" and 8 <= len(digits) <= 10 and layout[0] == 3:
        return 0.8
    return 0.0


def norwegian(window: Window, *, named: bool) -> float:
    """Confidence that a window is a Norwegian number; 0 if it is none."""
    digits, layout = window.digits, window.layout
    if len(digits) != 8 or digits[0] in "01":
        return 0.0
    mobile = digits[0] in "49"
    if layout == (8,):
        if named:
            return 0.9
        if looks_like_date(digits) or digits.endswith("000"):
            return 0.0
        return 0.6 if mobile else 0.5
    if any(gap != " " for gap in window.gaps):
        return 0.7 if named and layout in ((2, 2, 2, 2), (3, 2, 3)) else 0.0
    if layout in ((2, 2, 2, 2), (3, 2, 3)):
        return 0.95 if named else 0.8 if mobile else 0.75
    return 0.8 if named and layout in ((4, 4), (3, 3, 2), (2, 3, 3)) else 0.0


def looks_like_date(digits: str) -> bool:
    """Whether eight digits read as yyyymmdd or ddmmyyyy of the last or this century."""
    if digits[:2] in ("19", "20") and is_date(
        int(digits[:4]), int(digits[4:6]), int(digits[6:])
    ):
        return True
    return digits[4:6] in ("19", "20") and is_date(
        int(digits[4:]), int(digits[2:4]), int(digits[:2])
    )


def abroad(place: Place) -> Read | None:
    """A telephone number with + or 00 and a country code."""
    folded, start = place.folded, place.start
    plus = place.before == "+"
    if plus:
        start -= 1
        if start and folded[start - 1].isalnum():
            return None
    elif folded[start : start + 2] != "00" or place.before.isalnum():
        return None
    elif place.first and place.before == " ":
        return None  # the middle of a longer number
    for window in reversed(place.windows):
        digits = window.digits if plus else window.digits[2:]
        for gap, nought in zip(window.gaps, window.layout[1:], strict=True):
            if gap.endswith("(") and nought == 1:
                prefix = window.layout[0] - (0 if plus else 2)
                digits = digits[:prefix] + digits[prefix + 1 :]
        last = place.first + len(window.layout) - 1
        if folded[window.end : window.end + 1].isalnum():
            continue
        if not place.cluster.apart(place.first, last) and place.first == 0:
            continue
        if any("+" in gap for gap in window.gaps):
            continue
        if international(digits) and not is_amount(folded, start, window.end):
            found = ("phone.international", "phone", 0.95, SENTENCES["phone"])
            return len(window.layout), start, window.end, found
    return None


def telephone(place: Place) -> Read | None:
    """A national number of Sweden, Finland or Norway that begins here."""
    if place.before == "+":
        return None
    for window in reversed(place.windows):
        if not 8 <= len(window.digits) <= 11 or not place.free(window):
            continue
        if place.label in _OTHER_THAN_PHONE and not _dialled(place, window):
            return None
        named = place.label is Label.PHONE
        sure, entry = max(
            (swedish(window, named=named), "phone.se"),
            (finnish(window, named=named), "phone.fi"),
            (norwegian(window, named=named), "phone.no"),
        )
        if not sure or is_amount(place.folded, window.start, window.end):
            continue
        if not named and sure < 0.85 and not place.alone(window):
            continue
        if place.label in _OTHER_THAN_PHONE:
            sure = min(sure, 0.45)
        return read(window, (entry, "phone", sure, SENTENCES["phone"]))
    return None


def _dialled(place: Place, window: Window) -> bool:
    """Whether a number is written as only telephone numbers are: 070-123 45 67.

    Then it is one, if with less confidence, even behind a word for a case.
    """
    if place.label is not Label.CASE or len(window.layout) < 3:
        return False
    return window.digits[0] == "0" and window.gaps[0] in DASHES

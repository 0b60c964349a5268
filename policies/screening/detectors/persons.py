"""Reads the identity numbers of persons from groups of digits (rule K-22.1)."""

from __future__ import annotations

import re
from typing import Final

from policies.screening.detectors import identity, phones
from policies.screening.detectors.context import Label
from policies.screening.detectors.explanations import IDENTITY
from policies.screening.detectors.place import Found, Place, Read, read
from policies.screening.detectors.scan import DASHES, Window

_FINNISH: Final = re.compile(
    r"([0-9]{6})\s?([-+a-fu-y\u2010-\u2015\u2212])\s?([0-9]{3}[0-9a-fhj-npr-y])"
    r"(?![^\W_])"
)


def _layouts(*groups: str) -> frozenset[tuple[int, ...]]:
    return frozenset(tuple(map(int, group.split("-"))) for group in groups)


# The ways a person number is grouped, with and without a century.
_SWEDISH: Final = {
    10: _layouts("10", "6-4", "2-2-2-4", "6-2-2", "2-2-2-2-2", "6-3-1", "2-2-6"),
    12: _layouts(
        *("12", "8-4", "4-2-2-4", "4-4-4", "8-2-2", "4-2-2-2-2", "2-6-4", "2-10"),
        *("2-2-2-2-4", "4-2-6", "8-3-1", "2-2-2-2-2-2"),
    ),
}
_NORWEGIAN: Final = {
    11: _layouts("11", "6-5", "2-2-2-5", "6-3-2", "2-2-2-3-2", "2-2-7"),
    13: _layouts("13", "8-5", "2-2-4-5", "2-2-4-3-2"),
}
# No clock is read, so that a text screens alike every day. A case number often opens
# with a date of these years, and a child this young is seldom the one written about.
# Later years of two digits are still the last century's in living people.
_RECENT_FROM: Final = 2023
_RECENT_SHORT: Final = range(23, 27)
_BESIDE_CASE: Final = 0.3
_RECENT_DATE: Final = 0.45


def person(place: Place) -> Read | None:
    """A Nordic person number that begins here, the surest reading of it."""
    finnish = _finnish(place)
    for window in place.windows:
        length, layout = len(window.digits), window.layout
        if layout in _SWEDISH.get(length, ()) and place.free(window):
            found = _ten_or_twelve(place, window)
        elif layout in _NORWEGIAN.get(length, ()) and place.free(window):
            found = _eleven(place, window)
        else:
            continue
        if found is not None and (finnish is None or found[2] > 0.5):
            return read(window, found)
    return finnish


def _ten_or_twelve(place: Place, window: Window) -> Found | None:
    digits, label = window.digits, place.label
    ten = len(digits) == 10
    if label is not Label.PERSON and _is_moment(place, window):
        return None
    if label is Label.DENMARK and ten and identity.danish(digits):
        return "dk.cpr", "identity_number", 0.9, IDENTITY["dk.cpr"][0]
    if label is Label.ICELAND and ten and identity.icelandic(digits):
        return "is.kennitala", "identity_number", 0.95, IDENTITY["is.kennitala"][0]
    if label is Label.DUF and not ten and identity.duf(digits):
        return "no.duf", "identity_number", 0.95, IDENTITY["no.duf"][0]
    kind = identity.swedish(digits)
    if kind == "organisationsnummer":
        return None
    if not kind:
        shape = identity.swedish_shape(
            digits[-10:], century=0 if ten else int(digits[:2]) * 100
        )
        if label is not Label.PERSON or not shape:
            return None
        return f"se.{shape}", "identity_number", 0.6, IDENTITY[f"se.{shape}"][1]
    # 070… of ten digits is a birthday in 2007 and a mobile number alike.
    named = label is Label.PHONE
    alike = window.layout == (10,) and label is not Label.PERSON
    if alike and phones.swedish(window, named=named):
        return None
    confidence = _swedish_confidence(place, window)
    sentence = IDENTITY[f"se.{kind}"][0 if confidence >= 0.5 else 2]
    return f"se.{kind}", "identity_number", confidence, sentence


def _is_row(place: Place, window: Window) -> bool:
    """Whether many small groups go on beyond the window, as in a row of a lottery."""
    return len(window.layout) >= 4 and not place.alone(window)


def _is_moment(place: Place, window: Window) -> bool:
    """Whether a grouped date is followed by a clock time or a year, or goes on."""
    if _is_row(place, window):
        return True
    if len(window.layout) < 4:
        return False
    if window.layout[-2:] == (2, 2):
        return window.gaps[-1].strip() != ""
    if not window.gaps[0].strip():
        # Dates with spaces in them are not followed by times without a colon.
        return False
    last = window.digits[-4:]
    time = last[:2] < "24" and last[2:] < "60"
    return window.gaps[-1] == " " and (time or last[:2] in ("19", "20"))


def _swedish_confidence(place: Place, window: Window) -> float:
    """How sure a number with the right date and check digit is a person's.

    A date and four digits pass the check digit by chance one time in ten.
    """
    if place.label is Label.PERSON:
        return 0.99
    if place.label is not Label.NONE or "/" in "".join(window.gaps):
        return _BESIDE_CASE
    if len(window.digits) == 12:
        if int(window.digits[:4]) >= _RECENT_FROM:
            return _RECENT_DATE
        return 0.95
    if int(window.digits[:2]) in _RECENT_SHORT and "+" not in "".join(window.gaps):
        return _RECENT_DATE
    dashed = bool(window.gaps) and window.gaps[-1].strip()[:1] in {*DASHES, "+"}
    return 0.95 if dashed else 0.85


def _eleven(place: Place, window: Window) -> Found | None:
    digits, label = window.digits, place.label
    if label is not Label.PERSON and _is_row(place, window):
        return None
    if len(digits) == 13:
        if digits[4:6] not in ("18", "19", "20"):
            return None
        digits = digits[:4] + digits[6:]
    kind = identity.norwegian(digits)
    if not kind:
        shape = identity.norwegian_shape(digits)
        if label is not Label.PERSON or not shape:
            return None
        entry = f"no.{shape}"
        return entry, "identity_number", 0.6, IDENTITY[entry][1]
    entry = f"no.{kind}"
    if label is Label.PERSON:
        confidence = 0.99
    elif label is Label.ACCOUNT:
        return None
    elif label is not Label.NONE:
        confidence = 0.45
    else:
        confidence = 0.6 if kind == "fh-nummer" else 0.95
    sentence = IDENTITY[entry][0 if confidence >= 0.5 else 2]
    return entry, "identity_number", confidence, sentence


def _finnish(place: Place) -> Read | None:
    start, end = place.cluster.runs[place.first]
    if end - start != 6:
        return None
    match = _FINNISH.match(place.folded, place.start)
    if match is None or place.before.isalnum():
        return None
    birth, sign, rest = match.groups()
    if not identity.finnish(birth, "-" if sign in DASHES else sign, rest):
        return None
    doubtful = place.label in (Label.CASE, Label.GIRO, Label.ACCOUNT)
    confidence = _BESIDE_CASE if doubtful else 0.95
    sentence = IDENTITY["fi.henkilotunnus"][2 if doubtful else 0]
    groups = sum(start < match.end() for start, _ in place.cluster.runs[place.first :])
    found = ("fi.henkilotunnus", "identity_number", confidence, sentence)
    return groups, place.start, match.end(), found

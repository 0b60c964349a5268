"""Finds the numbers of persons, accounts and telephones in a text.

One pass over clusters of digits. At each group the readings are tried from the most
certain to the least, and what one reading has taken no other reads again: an
organisation number is thereby never a telephone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from policies.screening.detectors import identity
from policies.screening.detectors.accounts import account, iban_end
from policies.screening.detectors.explanations import SENTENCES
from policies.screening.detectors.making import CONFIDENTIAL, hit
from policies.screening.detectors.persons import person
from policies.screening.detectors.phones import abroad, telephone
from policies.screening.detectors.place import Found, Place, Read, read
from policies.screening.detectors.scan import DASHES, clusters
from policies.screening.model import Hit
from policies.screening.normalise import Normalised

_DIGIT: Final = re.compile("[0-9]")
# So many groups in a row are a table; no short group in it opens a number.
_TABLE: Final = 60
_OPENS_IN_TABLE: Final = 4


def detect_numbers(text: str, normalised: Normalised) -> Iterable[Hit]:
    """Hits on identity, account, card, giro and telephone numbers (rule K-22.1)."""
    if _DIGIT.search(normalised.folded) is None:
        return ()
    return list(_detect(normalised))


def _detect(normalised: Normalised) -> Iterator[Hit]:
    folded = normalised.folded
    original = normalised.text if normalised.offsets is None else folded
    taken = 0
    for cluster in clusters(folded):
        start = cluster.runs[0][0]
        end = iban_end(folded, start) if start >= taken else 0
        if end:
            iban = ("iban", "iban", 0.98, SENTENCES["iban"])
            yield _hit(normalised, start - 2, end, iban)
            taken = end
        place = 0
        while place < len(cluster.runs):
            reading = None
            start, end = cluster.runs[place]
            short = len(cluster.runs) > _TABLE and end - start < _OPENS_IN_TABLE
            if start >= taken and not short:
                reading = _read(Place(cluster, place, original))
            if reading is None:
                place += 1
                continue
            groups, start, taken, found = reading
            if folded[start - 1 : start] == "(" and _unopened(folded[start:taken]):
                start -= 1
            if found is not None:
                yield _hit(normalised, start, taken, found)
            place += groups


def _unopened(number: str) -> bool:
    """Whether a bracket ends in the number that began before it: (070) 123 45 67."""
    return ")" in number and "(" not in number.partition(")")[0]


def _hit(normalised: Normalised, start: int, end: int, found: Found) -> Hit:
    entry, kind, confidence, explanation = found
    return hit(
        normalised,
        start,
        end,
        rule=CONFIDENTIAL,
        entry=entry,
        kind=kind,
        confidence=confidence,
        explanation=explanation,
    )


def _read(place: Place) -> Read | None:
    if not place.windows and not place.opens_otherwise():
        return None
    for reading in (abroad, person, account, _organisation, telephone):
        taken = reading(place)
        if taken is not None:
            return taken
    return None


def _organisation(place: Place) -> Read | None:
    """An organisation number: taken, so that nothing else reads it, but no hit."""
    for window in place.windows:
        layout, digits = window.layout, window.digits
        swedish = layout in ((6, 4), (10,), (8, 4), (12,)) and (
            identity.swedish(digits) == "organisationsnummer"
        )
        norwegian = layout in ((9,), (3, 3, 3)) and (
            identity.norwegian_organisation(digits)
        )
        finnish = layout == (7, 1) and window.gaps[0] in DASHES
        if swedish or norwegian or finnish:
            return read(window, None)
    return None

"""How a detector says what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from policies.screening.model import Explanation, Hit
from policies.screening.normalise import Normalised
from policies.screening.ruleset import ENGINE_VERSION

Detector = Callable[[str, Normalised], Iterable[Hit]]

CONFIDENTIAL: Final = "K-22.1"
COMMERCIAL: Final = "K-20.7"
ADVERTISING: Final = "K-22.5"
POLITICAL: Final = "K-22.2"

# A number or an address belongs to no language: ISO 639-2 calls it undetermined.
NO_LANGUAGE: Final = "und"


def hit(
    normalised: Normalised,
    start: int,
    end: int,
    *,
    rule: str,
    entry: str,
    kind: str,
    confidence: float,
    explanation: Explanation,
    language: str = NO_LANGUAGE,
) -> Hit:
    """A hit on ``folded[start:end]``, its span led back to the original text."""
    if normalised.offsets is not None:
        start, end = normalised.span(start, end)
    return Hit(
        rule=rule,
        start=start,
        end=end,
        matched=normalised.text[start:end],
        entry=entry,
        kind=kind,
        confidence=confidence,
        language=language,
        explanation=explanation,
        engine=ENGINE_VERSION,
    )

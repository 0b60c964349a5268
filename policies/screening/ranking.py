"""A learned ranking: scores, reasons, and the bytes it is kept as.

Scoring is our own arithmetic over a dictionary; nothing is imported for it.
"""

from __future__ import annotations

import json
import math
import zlib
from array import array
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final

from policies.screening.calibration import Curve, curve_from_dict
from policies.screening.features import (
    Features,
    count,
    pair_of,
    places_of,
    words_of,
)
from policies.screening.model import Explanation

MODEL_VERSION: Final = "2"

LEARNED: Final = Explanation(
    sv="Texten liknar sådana som ni har bedömt på samma sätt; de markerade orden väger "
    "tyngst. Rangordningen är lärd av {decisions} beslut och avgör ingenting.",
    nb="Teksten ligner slike som dere har vurdert på samme måte; de markerte ordene "
    "veier tyngst. Rangeringen er lært av {decisions} avgjørelser og avgjør ingenting.",
    nn="Teksten liknar slike som de har vurdert på same måte; dei markerte orda veg "
    "tyngst. Rangeringa er lærd av {decisions} avgjerder og avgjer ingenting.",
    en="The text resembles ones you have judged the same way; the marked words weigh "
    "most. The ranking is learned from {decisions} decisions and decides nothing.",
)
UPHELD: Final = Explanation(
    sv="Godtogs {upheld} av {seen} gånger.",
    nb="Ble godtatt {upheld} av {seen} ganger.",
    nn="Vart godteken {upheld} av {seen} gonger.",
    en="Upheld {upheld} of {seen} times.",
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Cross-validated: every number comes from texts the model had not seen.

    Curve and threshold applied to a fold were fitted on the other folds.
    ``calibration`` is the expected calibration error over ten bins.
    """

    examples: int
    of_class: int
    folds: int
    precision: float
    recall: float
    f1: float
    macro_f1: float
    auc: float
    calibration: float

    def as_dict(self) -> dict[str, float | int]:
        """JSON values, rounded to what they can carry."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Reason:
    """A word that pulled the score up; ``text[start:end] == matched``."""

    start: int
    end: int
    matched: str
    weight: float


@dataclass(frozen=True)
class Model:
    """A trained ranking: a confidence for a text, and why. It decides nothing.

    ``training_set`` is the SHA-256 of the decisions it was trained on.
    """

    version: str
    training_set: str
    figures: Figures
    threshold: float
    curve: Curve
    bias: float
    features: Features
    weights: array[float]

    def score(self, text: str) -> float:
        """Calibrated chance, 0 to 1, that a person would put ``text`` in the class."""
        return self.curve(self.raw(text))

    def likely(self, text: str) -> bool:
        """Whether the score reaches the threshold that balanced F1 best."""
        return self.score(text) >= self.threshold

    def raw(self, text: str) -> float:
        """The linear score before calibration; 0 is the regression's own border."""
        weights, idf = self.weights, self.features.idf
        first_word = self.features.first_word
        sums, norms = [0.0, 0.0], [0.0, 0.0]
        for feature, times in count(text, self.features).items():
            value = idf[feature]
            if times > 1:
                value *= 1.0 + math.log(times)
            block = int(feature >= first_word)
            sums[block] += value * weights[feature]
            norms[block] += value * value
        total = self.bias
        for block in (0, 1):
            if norms[block]:
                total += sums[block] / math.sqrt(norms[block])
        return total

    def reasons(self, text: str, *, most: int = 3) -> tuple[Reason, ...]:
        """The up to ``most`` words that pull hardest for the class, in text order.

        A word's pull is that of its n-grams, of itself, and of half of each pair it
        stands in; words that pull the other way are never given as a reason.
        """
        first_word, index = self.features.first_word, self.features.index
        norms = [0.0, 0.0]
        for feature, times in count(text, self.features).items():
            value = self.features.idf[feature] * (1.0 + math.log(times))
            norms[feature >= first_word] += value * value
        scale = [1 / math.sqrt(norm) if norm else 0.0 for norm in norms]

        def pull(feature: int) -> float:
            weight = self.weights[feature] * self.features.idf[feature]
            return weight * scale[feature >= first_word]

        words = words_of(text)
        pulls = [sum(map(pull, self.features.of_word(word))) for word in words]
        for place, (one, two) in enumerate(pairwise(words)):
            pair = index.get(pair_of(one, two))
            if pair is not None:
                pulls[place] += pull(pair) / 2
                pulls[place + 1] += pull(pair) / 2
        strongest = sorted(
            (place for place, weight in enumerate(pulls) if weight > 0),
            key=lambda place: (-pulls[place], place),
        )[:most]
        spans = places_of(text)
        return tuple(
            Reason(
                start=spans[place][0],
                end=spans[place][1],
                matched=text[slice(*spans[place])],
                weight=round(pulls[place], 3),
            )
            for place in sorted(strongest)
        )

    def explanation(self) -> Explanation:
        """What the ranking is, as a sentence to stand beside its score."""
        return LEARNED.filled(decisions=str(self.figures.examples))

    def to_bytes(self) -> bytes:
        """Compressed JSON: kept in the database, read back by `from_bytes`."""
        buckets = sorted(self.features.index, key=self.features.index.__getitem__)
        content = {
            "version": self.version,
            "training_set": self.training_set,
            "figures": asdict(self.figures),
            "threshold": self.threshold,
            "curve": self.curve.as_dict(),
            "bias": self.bias,
            "first_word": self.features.first_word,
            "buckets": buckets,
            "idf": [round(value, 4) for value in self.features.idf],
            "weights": [round(value, 4) for value in self.weights],
        }
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return zlib.compress(text.encode("utf-8", "surrogatepass"), 6)


def from_bytes(data: bytes) -> Model:
    """Read what `Model.to_bytes` wrote.

    ValueError if it is something else or of a version this code does not score.
    """
    try:
        text = zlib.decompress(data).decode("utf-8", "surrogatepass")
        content: dict[str, Any] = json.loads(text)
    except (zlib.error, UnicodeDecodeError) as error:
        raise ValueError("not a kept model") from error
    if content.get("version") != MODEL_VERSION:
        raise ValueError(f"a model of version {content.get('version')!r}")
    return Model(
        version=content["version"],
        training_set=content["training_set"],
        figures=Figures(**content["figures"]),
        threshold=content["threshold"],
        curve=curve_from_dict(content["curve"]),
        bias=content["bias"],
        features=Features(
            index={name: place for place, name in enumerate(content["buckets"])},
            idf=array("f", content["idf"]),
            first_word=content["first_word"],
        ),
        weights=array("f", content["weights"]),
    )

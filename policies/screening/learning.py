"""Learning from the municipality's own decisions: ranks, never decides.

One small linear model per rule, and one per kind of reply, trained on what people
decided and on nothing else. Features are character 2- to 5-grams inside words and
words and word pairs, weighted by TF-IDF, each block of unit length; the model is a
logistic regression. scikit-learn is imported only while training.

Nothing learns before there are 200 decisions with 20 of the class (and 20 of the
rest); until then `train` says what is missing.
"""

from __future__ import annotations

import hashlib
import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from policies.screening.calibration import (
    Curve,
    area_under_curve,
    calibration_error,
    fit_sigmoid,
    fit_steps,
)
from policies.screening.features import Features, count, vocabulary
from policies.screening.ranking import MODEL_VERSION, Figures, Model

DECISIONS_NEEDED: Final = 200
OF_CLASS_NEEDED: Final = 20
FOLDS: Final = 5
# Isotonic steps follow the data closely and need more of it than Platt's curve: with
# 1,000 decisions Platt's is as near to fresh texts unless the steps are clearly better.
STEPS_FROM: Final = 1000
CLEARLY: Final = 0.01

Fit = Callable[[Sequence[float], Sequence[bool]], Curve]


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what a person decided: does it belong to the class?"""

    text: str
    label: bool


@dataclass(frozen=True, slots=True)
class NotEnough:
    """Why there is no model yet."""

    decisions: int
    of_class: int
    decisions_needed: int = DECISIONS_NEEDED
    of_class_needed: int = OF_CLASS_NEEDED


def train(examples: Sequence[Example]) -> Model | NotEnough:
    """Train, cross-validate and calibrate a model on people's decisions.

    Takes seconds for 5,000 comments. The same examples in any order give the same
    model. A text decided both ways counts with its latest place in ``examples``.
    """
    decided = {example.text: example.label for example in examples}
    of_class = sum(decided.values())
    if (
        len(decided) < DECISIONS_NEEDED
        or of_class < OF_CLASS_NEEDED
        or len(decided) - of_class < OF_CLASS_NEEDED
    ):
        return NotEnough(decisions=len(decided), of_class=of_class)
    ordered = sorted((_digest(text), text) for text in decided)
    texts = [text for _, text in ordered]
    labels = [decided[text] for text in texts]
    folds = _folds(labels)
    features = vocabulary(texts)
    matrix, words = _counts(texts, features)
    scores = [0.0] * len(texts)
    for fold in range(FOLDS):
        training = [i for i, own in enumerate(folds) if own != fold]
        held_out = [i for i, own in enumerate(folds) if own == fold]
        idf = _idf(matrix[training])
        weights, bias = _fit(_weighted(matrix[training], idf, words), labels, training)
        held = _weighted(matrix[held_out], idf, words) @ weights + bias
        for place, score in zip(held_out, held.tolist(), strict=True):
            scores[place] = score
    curve, threshold, figures = _judge(scores, labels, folds)
    idf = _idf(matrix)
    weights, bias = _fit(_weighted(matrix, idf, words), labels, range(len(labels)))
    return Model(
        version=MODEL_VERSION,
        training_set=training_set_hash(examples),
        figures=figures,
        threshold=threshold,
        curve=curve,
        bias=bias,
        features=Features(
            index=features.index,
            idf=array("f", idf.tolist()),
            first_word=features.first_word,
        ),
        weights=array("f", weights.tolist()),
    )


def training_set_hash(examples: Sequence[Example]) -> str:
    """SHA-256 in hex over the distinct decisions, whatever order they came in."""
    decided = {example.text: example.label for example in examples}
    whole = hashlib.sha256()
    for digest, label in sorted((_digest(t), label) for t, label in decided.items()):
        whole.update(digest + (b"\x01" if label else b"\x00"))
    return whole.hexdigest()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _folds(labels: Sequence[bool]) -> list[int]:
    """Deal each class round the folds; the texts come ordered by their digest."""
    dealt: Counter[bool] = Counter()
    folds = []
    for label in labels:
        folds.append(dealt[label] % FOLDS)
        dealt[label] += 1
    return folds


def _counts(texts: Sequence[str], features: Features) -> tuple[Any, int]:
    """Sublinear term frequencies as a sparse matrix; where the word block begins."""
    import numpy
    from scipy.sparse import csr_matrix

    starts, columns, values = array("q", [0]), array("i"), array("f")
    for text in texts:
        row = sorted(count(text, features).items())
        columns.extend(feature for feature, _ in row)
        values.extend(1.0 + math.log(times) for _, times in row)
        starts.append(len(columns))
    matrix = csr_matrix(
        (
            numpy.frombuffer(values, dtype=numpy.float32),
            numpy.frombuffer(columns, dtype=numpy.int32),
            numpy.frombuffer(starts, dtype=numpy.int64),
        ),
        shape=(len(texts), len(features.index)),
    )
    return matrix, features.first_word


def _idf(matrix: Any) -> Any:
    """Smoothed inverse document frequency of each column, as float32."""
    import numpy

    seen_in = numpy.bincount(matrix.indices, minlength=matrix.shape[1])
    smoothed = numpy.log((1 + matrix.shape[0]) / (1 + seen_in)) + 1
    return smoothed.astype(numpy.float32)


def _weighted(matrix: Any, idf: Any, first_word: int) -> Any:
    """TF-IDF with both blocks of each row brought to unit length."""
    import numpy

    weighted = matrix.copy().astype(numpy.float64)
    weighted.data *= idf[weighted.indices]
    block = (weighted.indices >= first_word).astype(numpy.int64)
    rows = numpy.repeat(numpy.arange(matrix.shape[0]), numpy.diff(matrix.indptr))
    place = rows * 2 + block
    squares = numpy.bincount(
        place, weights=weighted.data**2, minlength=2 * matrix.shape[0]
    )
    weighted.data /= numpy.sqrt(squares)[place]
    return weighted


def _fit(matrix: Any, labels: Sequence[bool], rows: Sequence[int]) -> tuple[Any, float]:
    from sklearn.linear_model import LogisticRegression

    regression = LogisticRegression(
        C=10.0,
        class_weight="balanced",
        solver="liblinear",
        dual=True,
        max_iter=1000,
        tol=1e-3,
        random_state=0,
    )
    regression.fit(matrix, [labels[row] for row in rows])
    return regression.coef_[0], float(regression.intercept_[0])


def _judge(
    scores: Sequence[float], labels: Sequence[bool], folds: Sequence[int]
) -> tuple[Curve, float, Figures]:
    """Calibrate and measure without letting a fold see its own answers."""
    fits: list[Fit] = [fit_sigmoid]
    if len(labels) >= STEPS_FROM:
        fits.append(fit_steps)
    best: tuple[float, Fit, list[float]] | None = None
    for fit in fits:
        confidences = [0.0] * len(labels)
        for inside, outside in _splits(folds):
            curve = fit([scores[i] for i in outside], [labels[i] for i in outside])
            for i in inside:
                confidences[i] = curve(scores[i])
        error = calibration_error(confidences, labels)
        if best is None or error < best[0] - CLEARLY:
            best = (error, fit, confidences)
    assert best is not None
    error, fit, confidences = best
    said = [False] * len(labels)
    for inside, outside in _splits(folds):
        border = _best_threshold(
            [confidences[i] for i in outside], [labels[i] for i in outside]
        )
        for i in inside:
            said[i] = confidences[i] >= border
    precision, recall, f1 = _rates(said, labels)
    _, _, other_f1 = _rates([not s for s in said], [not label for label in labels])
    figures = Figures(
        examples=len(labels),
        of_class=sum(labels),
        folds=FOLDS,
        precision=precision,
        recall=recall,
        f1=f1,
        macro_f1=(f1 + other_f1) / 2,
        auc=area_under_curve(scores, labels),
        calibration=error,
    )
    return fit(scores, labels), _best_threshold(confidences, labels), figures


def _splits(folds: Sequence[int]) -> Iterator[tuple[list[int], list[int]]]:
    for fold in range(FOLDS):
        yield (
            [i for i, own in enumerate(folds) if own == fold],
            [i for i, own in enumerate(folds) if own != fold],
        )


def _best_threshold(confidences: Sequence[float], labels: Sequence[bool]) -> float:
    """The confidence from which on F1 of the class is highest."""
    ranked = sorted(zip(confidences, labels, strict=True), reverse=True)
    wanted = sum(labels)
    hits, best, border = 0, -1.0, 0.5
    for taken, (confidence, label) in enumerate(ranked, start=1):
        hits += label
        if taken < len(ranked) and ranked[taken][0] == confidence:
            continue
        f1 = 2 * hits / (taken + wanted)
        if f1 > best:
            best, border = f1, confidence
    return border


def _rates(said: Sequence[bool], labels: Sequence[bool]) -> tuple[float, float, float]:
    right = sum(s and label for s, label in zip(said, labels, strict=True))
    precision = right / sum(said) if any(said) else 0.0
    recall = right / sum(labels) if any(labels) else 0.0
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0

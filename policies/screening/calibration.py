"""What a confidence is worth: curves fitted on decisions, and counts per entry.

Pure arithmetic on numbers. Nothing here reads a text.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

# Decisions an entry needs before they weigh as much as the confidence it was
# written with.
ENTRY_WEIGHT = 8


class Curve(Protocol):
    """A monotone map from a score to a probability between 0 and 1."""

    def __call__(self, score: float) -> float: ...

    def as_dict(self) -> dict[str, object]: ...


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """Platt's curve, 1 / (1 + exp(-(slope * score + shift)))."""

    slope: float
    shift: float

    def __call__(self, score: float) -> float:
        return sigmoid(self.slope * score + self.shift)

    def as_dict(self) -> dict[str, object]:
        return {"curve": "sigmoid", "slope": self.slope, "shift": self.shift}


@dataclass(frozen=True, slots=True)
class Steps:
    """Isotonic regression: straight lines between rising (score, value) knots."""

    scores: tuple[float, ...]
    values: tuple[float, ...]

    def __call__(self, score: float) -> float:
        after = bisect_right(self.scores, score)
        if after == 0:
            return self.values[0]
        if after == len(self.scores):
            return self.values[-1]
        left, right = self.scores[after - 1], self.scores[after]
        low, high = self.values[after - 1], self.values[after]
        return low + (high - low) * (score - left) / (right - left)

    def as_dict(self) -> dict[str, object]:
        return {
            "curve": "steps",
            "scores": list(self.scores),
            "values": list(self.values),
        }


def sigmoid(value: float) -> float:
    """The logistic function, safe for any size of value."""
    if value >= 0:
        return 1.0 / (1.0 + math.exp(-min(value, 700.0)))
    rising = math.exp(max(value, -700.0))
    return rising / (1.0 + rising)


def fit_sigmoid(scores: Sequence[float], labels: Sequence[bool]) -> Sigmoid:
    """Fit Platt's two numbers by Newton's method with his smoothed targets.

    The smoothing, (n+ + 1) / (n+ + 2) and 1 / (n- + 2), keeps a perfectly
    separated training set from claiming certainty.
    """
    positives = sum(labels)
    negatives = len(labels) - positives
    high = (positives + 1) / (positives + 2)
    low = 1 / (negatives + 2)
    targets = [high if label else low for label in labels]
    slope, shift = 0.0, math.log((positives + 1) / (negatives + 1))
    loss = _log_loss(scores, targets, slope, shift)
    for _ in range(100):
        slope_gradient = shift_gradient = 0.0
        curvature, cross, shift_curvature = 1e-9, 0.0, 1e-9
        for score, target in zip(scores, targets, strict=True):
            guess = sigmoid(slope * score + shift)
            weight = guess * (1 - guess)
            slope_gradient += score * (guess - target)
            shift_gradient += guess - target
            curvature += score * score * weight
            cross += score * weight
            shift_curvature += weight
        determinant = curvature * shift_curvature - cross * cross
        if abs(slope_gradient) + abs(shift_gradient) < 1e-7 or determinant <= 0:
            break
        slope_step = (
            shift_curvature * slope_gradient - cross * shift_gradient
        ) / determinant
        shift_step = (curvature * shift_gradient - cross * slope_gradient) / determinant
        pace = 1.0
        while pace > 1e-6:
            tried = (slope - pace * slope_step, shift - pace * shift_step)
            tried_loss = _log_loss(scores, targets, *tried)
            if tried_loss <= loss:
                break
            pace /= 2
        else:
            break
        (slope, shift), loss = tried, tried_loss
    return Sigmoid(slope=max(slope, 0.0), shift=shift)


def fit_steps(scores: Sequence[float], labels: Sequence[bool]) -> Steps:
    """Isotonic regression by pooling adjacent violators; ends smoothed as Platt's."""
    blocks: list[list[float]] = []  # [sum of scores, sum of labels, count]
    for score, label in sorted(zip(scores, labels, strict=True)):
        if blocks and blocks[-1][0] / blocks[-1][2] == score:
            blocks[-1] = [
                blocks[-1][0] + score,
                blocks[-1][1] + label,
                blocks[-1][2] + 1,
            ]
        else:
            blocks.append([score, float(label), 1.0])
        while len(blocks) > 1 and (
            blocks[-2][1] * blocks[-1][2] >= blocks[-1][1] * blocks[-2][2]
        ):
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    floor, ceiling = 1 / (len(labels) + 2), 1 - 1 / (len(labels) + 2)
    return Steps(
        scores=tuple(total / count for total, _, count in blocks),
        values=tuple(
            min(max(hits / count, floor), ceiling) for _, hits, count in blocks
        ),
    )


def curve_from_dict(data: dict[str, object]) -> Curve:
    """Read what `as_dict` wrote; ValueError for an unknown curve."""
    match data:
        case {"curve": "sigmoid", "slope": float(slope), "shift": float(shift)}:
            return Sigmoid(slope=slope, shift=shift)
        case {"curve": "steps", "scores": list(scores), "values": list(values)}:
            return Steps(scores=tuple(scores), values=tuple(values))
    raise ValueError(f"not a calibration curve: {data.get('curve')!r}")


def calibration_error(
    confidences: Sequence[float], labels: Sequence[bool], *, bins: int = 10
) -> float:
    """Expected calibration error over bins of equal width, between 0 and 1."""
    sums = [[0.0, 0.0] for _ in range(bins)]
    for confidence, label in zip(confidences, labels, strict=True):
        place = min(int(confidence * bins), bins - 1)
        sums[place][0] += confidence
        sums[place][1] += label
    return sum(abs(said - was) for said, was in sums) / max(len(labels), 1)


def area_under_curve(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Chance that a positive scores above a negative; ties count half."""
    ranked = sorted(zip(scores, labels, strict=True))
    positives = sum(labels)
    negatives = len(labels) - positives
    if not positives or not negatives:
        return 0.5
    total, start = 0.0, 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        mean_rank = (start + end + 1) / 2
        total += mean_rank * sum(label for _, label in ranked[start:end])
        start = end
    return (total - positives * (positives + 1) / 2) / (positives * negatives)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often people agreed with one entry's hits: upheld `upheld` of `seen`."""

    upheld: int = 0
    seen: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.upheld <= self.seen:
            raise ValueError("upheld must lie between 0 and seen")

    def count(self, *, upheld: bool) -> "Tally":
        """The tally after one more decision."""
        return Tally(upheld=self.upheld + upheld, seen=self.seen + 1)

    @property
    def mean(self) -> float:
        """Mean of Beta(1 + upheld, 1 + overturned); one half before any decision."""
        return (1 + self.upheld) / (2 + self.seen)

    def moved(self, confidence: float) -> float:
        """The entry's confidence, drawn towards the tally as decisions come in."""
        weight = self.seen / (self.seen + ENTRY_WEIGHT)
        return (1 - weight) * confidence + weight * self.mean


def _log_loss(
    scores: Sequence[float], targets: Sequence[float], slope: float, shift: float
) -> float:
    loss = 0.0
    for score, target in zip(scores, targets, strict=True):
        value = slope * score + shift
        # log(1 + exp(-|v|)) + max(v, 0) - target * v, without overflow.
        loss += math.log1p(math.exp(-abs(value))) + max(value, 0.0) - target * value
    return loss

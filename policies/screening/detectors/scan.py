"""Runs of digits in a text, gathered into clusters that may be one number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

_RUN: Final = re.compile("[0-9]+")
# What may stand between the groups of one number, up to three of them.
SEPARATORS: Final = " .-+/()\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
DASHES: Final = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
_CLUSTER: Final = re.compile(
    f"([0-9]+)(?:[{re.escape(SEPARATORS)}]{{1,3}}[0-9]+)*",
)
# Longer runs of digits are no number of a person, an account or a telephone.
LONGEST: Final = 19
# Fewer digits are only read as a plusgiro number, which ends in a single one.
FEWEST: Final = 7


@dataclass(frozen=True, slots=True)
class Cluster:
    """Digit runs with nothing but separators between them: ``(start, end)`` each."""

    folded: str
    runs: tuple[tuple[int, int], ...]

    def window(self, first: int, last: int) -> Window:
        """Groups ``first`` to ``last``, both included, as one number."""
        folded = self.folded
        if first == last:
            start, end = self.runs[first]
            whole = len(self.runs) == 1
            return Window(folded[start:end], (end - start,), (), start, end, whole)
        runs = self.runs[first : last + 1]
        return Window(
            digits="".join([folded[start:end] for start, end in runs]),
            layout=tuple([end - start for start, end in runs]),
            gaps=tuple([folded[one[1] : two[0]] for one, two in pairwise(runs)]),
            start=runs[0][0],
            end=runs[-1][1],
            whole=first == 0 and last == len(self.runs) - 1,
        )

    def apart(self, first: int, last: int) -> bool:
        """Whether spaces, not signs, part the groups from the rest of the cluster."""
        return (first == 0 or " " in self._gap(first - 1)) and (
            last == len(self.runs) - 1 or " " in self._gap(last)
        )

    def _gap(self, place: int) -> str:
        return self.folded[self.runs[place][1] : self.runs[place + 1][0]]


class Window(NamedTuple):
    """Some neighbouring groups of a cluster read as one number."""

    digits: str
    layout: tuple[int, ...]
    gaps: tuple[str, ...]
    start: int
    end: int
    whole: bool


def clusters(folded: str) -> Iterator[Cluster]:
    """The clusters of ``folded`` that may hold a number, in order, in linear time."""
    for cluster in _CLUSTER.finditer(folded):
        start, end = cluster.span()
        if cluster.end(1) == end:
            runs = [(start, end)]
        else:
            runs = [run.span() for run in _RUN.finditer(folded, start, end)]
        if _promising(folded, runs):
            yield Cluster(folded, tuple(runs))


def _promising(folded: str, runs: list[tuple[int, int]]) -> bool:
    """Whether a number may begin here; years, clock times and counts fail at once."""
    start, end = runs[0]
    if len(runs) == 1:
        length = end - start
        # Six may open a Finnish number, four a clearing number before a comma, and
        # digits behind a letter an IBAN.
        return (
            length >= FEWEST
            or length == 6
            or (length == 4 and folded.startswith(",", end))
            or (length == 2 and start >= 2 and folded[start - 1].isalpha())
        )
    digits = 0
    for start, end in runs:
        digits += end - start
        if digits >= 6:
            return True
    return end - start == 1

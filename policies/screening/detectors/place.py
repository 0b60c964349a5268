"""One group of digits as the possible beginning of a number."""

from __future__ import annotations

from typing import Final

from policies.screening.detectors.context import Label, label_before
from policies.screening.detectors.scan import FEWEST, LONGEST, Cluster, Window
from policies.screening.model import Explanation

Found = tuple[str, str, float, Explanation]
"""Entry, kind, confidence, explanation."""

Read = tuple[int, int, int, Found | None]
"""Groups taken, start, end, and what they are; None for a number of no person."""

_MOST_GROUPS: Final = 7


class Place:
    """One group of a cluster as the possible beginning of a number."""

    __slots__ = ("_label", "cluster", "first", "folded", "original", "start", "windows")

    def __init__(self, cluster: Cluster, first: int, original: str) -> None:
        self.cluster, self.first, self.original = cluster, first, original
        self.folded = cluster.folded
        self.start = cluster.runs[first][0]
        self._label: Label | None = None
        self.windows: list[Window] = []
        digits, runs = 0, cluster.runs
        for last in range(first, min(first + _MOST_GROUPS, len(runs))):
            digits += runs[last][1] - runs[last][0]
            if digits > LONGEST:
                break
            if digits >= FEWEST or runs[last][1] - runs[last][0] == 1:
                self.windows.append(cluster.window(first, last))

    @property
    def label(self) -> Label:
        """What the words before call the number."""
        if self._label is None:
            self._label = label_before(self.original, self.folded, self.start)
            if self._label is Label.NONE and self._glued_to_code():
                self._label = Label.CASE
        return self._label

    @property
    def before(self) -> str:
        return self.folded[self.start - 1] if self.start else ""

    def free(self, window: Window) -> bool:
        """Whether no letter and no sign ties the window to what stands around it."""
        after = self.folded[window.end : window.end + 1]
        if after.isalnum() or after == "_":
            return False
        if not self.cluster.apart(self.first, self.first + len(window.layout) - 1):
            return False
        if self.before.isalpha() or self.before == "_":
            return self.label not in (Label.NONE, Label.CASE)
        return True

    def opens_otherwise(self) -> bool:
        """Whether too few digits may yet open a Finnish number, or be a clearing
        number with a comma behind it."""
        start, end = self.cluster.runs[self.first]
        width = end - start
        return width == 6 or (width in (4, 5) and "," in self.folded[end : end + 4])

    def _glued_to_code(self) -> bool:
        """Whether letters and a sign lead straight into the number: KS-811218."""
        return (
            self.start >= 2
            and self.before in "-/_#\u2013"
            and self.folded[self.start - 2].isalnum()
        )

    def alone(self, window: Window) -> bool:
        """Whether no further group follows or leads with but a space between."""
        runs, folded = self.cluster.runs, self.folded
        after = self.first + len(window.layout)
        if after < len(runs) and not folded[window.end : runs[after][0]].strip():
            return False
        if self.first == 0:
            return True
        return bool(folded[runs[self.first - 1][1] : window.start].strip())


def read(window: Window, found: Found | None) -> Read:
    """All of a window read as ``found``."""
    return len(window.layout), window.start, window.end, found

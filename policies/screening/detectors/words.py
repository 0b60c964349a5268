"""Words and phrases looked for all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ahocorasick_rs import AhoCorasick, MatchKind

_STEM: Final = "*"


def listed(words: str) -> frozenset[str]:
    """The words of a text, for lists that read better than tuples."""
    return frozenset(words.split())


@dataclass(frozen=True, slots=True)
class Found:
    """A word or phrase of a list, with ``folded[start:end]`` the whole words."""

    tag: str
    start: int
    end: int


class Words:
    """Lists of words by tag; ``skit*`` also finds longer words that begin so.

    Entries are parted by commas and may hold spaces. Words begin at a word's
    beginning and, without the star, end at its end.
    """

    __slots__ = ("_finder", "_stem", "_tags")

    def __init__(self, lists: Mapping[str, str]) -> None:
        patterns: list[str] = []
        self._tags: list[str] = []
        self._stem: list[bool] = []
        for tag, words in lists.items():
            for word in words.split(","):
                pattern = " ".join(word.split())
                if pattern:
                    patterns.append(pattern.removesuffix(_STEM))
                    self._tags.append(tag)
                    self._stem.append(pattern.endswith(_STEM))
        self._finder = AhoCorasick(patterns, matchkind=MatchKind.LeftmostLongest)

    def find(self, folded: str) -> Iterator[Found]:
        """The places in ``folded`` where a list's word stands, in order."""
        for place, start, end in self._finder.find_matches_as_indexes(folded):
            if start and folded[start - 1].isalnum():
                continue
            if end < len(folded) and folded[end].isalnum():
                if not self._stem[place]:
                    continue
                while end < len(folded) and folded[end].isalnum():
                    end += 1
            yield Found(self._tags[place], start, end)

    def any(self, folded: str) -> bool:
        """Whether any list's letters stand anywhere, be it inside a word."""
        return bool(self._finder.find_matches_as_indexes(folded))

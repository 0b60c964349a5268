"""Which languages a text may be in: a ranked set, never one hard choice.

Every word has a cost per language: how rare it is there, or how unusual its letters
are. The costs of a word travel as lanes of one integer, so that a text is one sum.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

import marisa_trie

DATA: Final = Path(__file__).resolve().parent / "data"

LANGUAGES: Final = ("sv", "nb", "nn", "en", "fi", "da", "se")
NORDIC: Final = frozenset({"sv", "nb", "nn", "da"})
LANE: Final = 32
_MASK: Final = (1 << LANE) - 1

_ABSENT: Final = 255
_STRANGE: Final = 160
"""Cost of a word in a language that lacks it while another has it: a little more
than that of the rarest word."""
_LETTERS_AT_MOST: Final = 60
MARGIN: Final = 35
"""Languages this close to the best, in tenths of a natural-log unit, stay active."""
_OF_COST: Final = 0.02
"""And this share of the best language's whole cost."""

_SHIFTED: Final = tuple(
    tuple(
        (_STRANGE if cost == _ABSENT else cost) << (LANE * index) for cost in range(256)
    )
    for index in range(len(LANGUAGES))
)
"""The lane value of each byte, per language."""


class KnownForms:
    """Word forms of seven languages with how rare each is; read from a mapped file."""

    __slots__ = ("_letters", "_trie")

    def __init__(self, trie: marisa_trie.BytesTrie, letters: dict[str, int]) -> None:
        self._trie = trie
        self._letters = letters

    def row(self, word: str) -> bytes | None:
        """One byte for the languages that have ``word``, then seven for rareness."""
        try:
            found = self._trie.get(word)
        except UnicodeEncodeError:  # a lone surrogate
            return None
        return found[0] if found else None

    def beginning_with(self, prefix: str, *, at_most: int) -> Iterator[str]:
        """Some of the known forms that begin with ``prefix``."""
        try:
            words = self._trie.iterkeys(prefix)
        except UnicodeEncodeError:
            return
        yield from islice(words, at_most)

    def mask(self, word: str) -> int:
        """Bit n is set where the n-th of ``LANGUAGES`` has the word."""
        row = self.row(word)
        return row[0] if row is not None else 0

    def languages(self, word: str, *, rareness: int = 134) -> frozenset[str]:
        """Languages in which ``word`` is at most so rare (0 is the most frequent)."""
        row = self.row(word)
        if row is None:
            return frozenset()
        return frozenset(
            language
            for index, language in enumerate(LANGUAGES)
            if row[index + 1] <= rareness
        )

    def costs(self, word: str, row: bytes | None) -> int:
        """The cost of ``word`` per language, in lanes of one integer.

        ``row`` is what ``row(word)`` gave.
        """
        if row is None:
            return self._costs_by_letters(word)
        _, sv, nb, nn, en, fi, da, se = row
        return (
            _SHIFTED[0][sv]
            | _SHIFTED[1][nb]
            | _SHIFTED[2][nn]
            | _SHIFTED[3][en]
            | _SHIFTED[4][fi]
            | _SHIFTED[5][da]
            | _SHIFTED[6][se]
        )

    def _costs_by_letters(self, word: str) -> int:
        if not word or len(word) > 40:
            return 0
        letters = self._letters
        marked = f"^{word}$"
        total = 0
        for at in range(len(marked) - 2):
            total += letters.get(marked[at : at + 3], 0)
        sums = [(total >> (LANE * index)) & _MASK for index in range(len(LANGUAGES))]
        least = min(sums)
        packed = 0
        for index, cost in enumerate(sums):
            packed |= min(cost - least, _LETTERS_AT_MOST) << (LANE * index)
        return packed


@cache
def known_forms() -> KnownForms:
    """The table that comes with the software."""
    trie = marisa_trie.BytesTrie()
    trie.mmap(str(DATA / "known.marisa"))
    letters = json.loads((DATA / "letters.json").read_text(encoding="utf-8"))
    return KnownForms(
        trie,
        {
            gram: sum(cost << (LANE * index) for index, cost in enumerate(row))
            for gram, row in letters.items()
        },
    )


def ranked(packed: int) -> tuple[str, ...]:
    """Active languages, most likely first; empty if the text held no words."""
    if packed == 0:
        return ()
    costs = [(packed >> (LANE * index)) & _MASK for index in range(len(LANGUAGES))]
    least = min(costs)
    limit = least + MARGIN + int(least * _OF_COST)
    near = [index for index, cost in enumerate(costs) if cost <= limit]
    near.sort(key=costs.__getitem__)
    return tuple(LANGUAGES[index] for index in near)

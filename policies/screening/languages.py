"""Which languages a text may be in: a ranked set, never one hard choice.

Every word has a cost per language: how rare it is there, or how unusual its letters
are. The costs of a word travel as lanes of one integer, so that a text is one sum.
"""

from __future__ import annotations

import json
import mmap
import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
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

UNKNOWN: Final = -1
"""The row number of a word that no language has."""
_ABSENT: Final = 255
_STRANGE: Final = 160
"""Cost of a word in a language that lacks it while another has it: a little more
than that of the rarest word."""
_LETTERS_AT_MOST: Final = 60
MARGIN: Final = 35
"""Languages this close to the best, in tenths of a natural-log unit, stay active."""
_OF_COST: Final = 0.02
"""And this share of the best language's whole cost."""

_COSTS: Final = bytes(_STRANGE if cost == _ABSENT else cost for cost in range(256))
"""The cost that each byte of a row stands for."""


class KnownForms:
    """Word forms of seven languages with how rare each is; read from mapped files.

    Many forms share their row of rareness, so a form is known by its row's number.
    """

    __slots__ = ("_letters", "_numbers", "_rows", "_trie")

    def __init__(
        self,
        trie: marisa_trie.Trie,
        rows: list[bytes],
        numbers: Sequence[int],
        letters: dict[str, int],
    ) -> None:
        self._trie = trie
        self._rows = rows
        self._numbers = numbers
        self._letters = letters

    def number(self, word: str) -> int:
        """The number of the word's row; UNKNOWN for a word no language has."""
        try:
            place = self._trie.get(word)
        except UnicodeEncodeError:  # a lone surrogate
            return UNKNOWN
        return UNKNOWN if place is None else self._numbers[place]

    def row(self, word: str) -> bytes | None:
        """One byte for the languages that have ``word``, then seven for rareness."""
        number = self.number(word)
        return None if number < 0 else self._rows[number]

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

    def __len__(self) -> int:
        """How many rows of rareness there are."""
        return len(self._rows)

    def costs(self, number: int) -> int:
        """The cost per language, in lanes of one integer, of words with this row."""
        lanes = _LANES.pack(*self._rows[number][1:].translate(_COSTS))
        return int.from_bytes(lanes, "little")

    def costs_by_letters(self, word: str) -> int:
        """The cost per language of a word that none has, by three letters at a time."""
        if not word or len(word) > 40:
            return 0
        letters = self._letters
        marked = f"^{word}$"
        total = 0
        for at in range(len(word)):
            gram = marked[at : at + 3]
            if gram in letters:
                total += letters[gram]
        lanes = _LANES.unpack(total.to_bytes(_LANES.size, "little"))
        least: int = min(lanes)
        if max(lanes) - least <= _LETTERS_AT_MOST:
            return total - least * _ONES
        packed = 0
        for index, cost in enumerate(lanes):
            packed |= min(cost - least, _LETTERS_AT_MOST) << (LANE * index)
        return packed


_LANES: Final = struct.Struct("<7I")
_ONES: Final = sum(1 << (LANE * index) for index in range(len(LANGUAGES)))
"""One in each lane."""


@cache
def known_forms() -> KnownForms:
    """The table that comes with the software."""
    trie = marisa_trie.Trie()
    trie.mmap(str(DATA / "known.marisa"))
    with (DATA / "known.rows").open("rb") as file:
        table = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    begin = 8 + 8 * int.from_bytes(table[:8], "little")
    numbers: Sequence[int] = table[begin:].cast("H")
    if sys.byteorder == "big":
        turned = array("H", table[begin:].tobytes())
        turned.byteswap()
        numbers = turned
    letters = json.loads((DATA / "letters.json").read_text(encoding="utf-8"))
    return KnownForms(
        trie,
        [bytes(table[at : at + 8]) for at in range(8, begin, 8)],
        numbers,
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

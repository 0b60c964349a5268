"""Folding of text to a comparable form that remembers where each character was.

Zero-width characters go, full-width and other compatibility forms become plain
letters, decomposed letters are joined, and case is folded; diacritics stay, since
they tell words apart in the Nordic languages.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_PLAIN: Final = re.compile(
    "[^\x09-\x0d\x20-\x7e\xa1-\xac\xae-\xb3\xb5-\xb7\xb9-\xff\u2013\u2014\u2018\u2019\u201c\u201d\u2026]"
)
"""Finds a character whose folding is anything else than its lower-case self."""

_APART: Final = {
    "\u2044": "/",
    "\u1e9e": "ss",
    "\u0130": "i",
}


@dataclass(frozen=True, slots=True)
class Normalised:
    """``folded`` is the comparable text; ``offsets`` leads back to the original.

    ``offsets`` is None where folding kept every position.
    """

    text: str
    folded: str
    offsets: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original span, in code points, of ``folded[start:end]``."""
        if self.offsets is None:
            return start, end
        if start >= end:
            position = self.offsets[start]
            return position, position
        return self.offsets[start], self._after(end - 1)

    def _after(self, index: int) -> int:
        """Where the original character behind ``folded[index]`` ends.

        Combining marks that were joined into it belong to it; invisible characters
        that follow do not.
        """
        offsets = self.offsets
        assert offsets is not None
        position = offsets[index] + 1
        text = self.text
        while position < len(text) and unicodedata.combining(text[position]):
            position += 1
        return position


def normalise(text: str) -> Normalised:
    """Fold ``text``, in time linear to its length, whatever it holds."""
    if _PLAIN.search(text) is None:
        return Normalised(text, text.lower())
    return _normalise_slowly(text)


def _fold_character(character: str) -> str:
    """The comparable form of one character: none, one or several characters."""
    if character in _APART:
        return _APART[character]
    category = unicodedata.category(character)
    if category in ("Cf", "Cs", "Cc"):
        return character if character in "\t\n\v\f\r" else ""
    if 0xFE00 <= ord(character) <= 0xFE0F or character in "\u115f\u1160\u3164\uffa0":
        return ""
    plain = unicodedata.normalize("NFKC", character)
    lowered = plain.lower() if plain != "\u0130" else "i"
    return unicodedata.normalize("NFC", lowered)


_folds: dict[str, str] = {}


def _normalise_slowly(text: str) -> Normalised:
    pieces: list[str] = []
    offsets: list[int] = []
    folds = _folds
    for index, character in enumerate(text):
        if unicodedata.combining(character):
            if pieces and pieces[-1].isalpha():
                joined = unicodedata.normalize("NFC", pieces[-1] + character)
                if len(joined) == 1:
                    pieces[-1] = joined
            continue
        fold = folds.get(character)
        if fold is None:
            fold = _fold_character(character)
            if len(folds) < 20_000:
                folds[character] = fold
        if len(fold) == 1:
            pieces.append(fold)
            offsets.append(index)
        else:
            for part in fold:
                pieces.append(part)
                offsets.append(index)
    offsets.append(len(text))
    return Normalised(text, "".join(pieces), tuple(offsets))

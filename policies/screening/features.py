"""What a learned model reads in a text: n-grams inside words, words, word pairs.

Training and scoring count with the same code, so a score means what it was
trained to mean. A feature is kept as the number of a bucket into which many
fragments fall, never as letters: nobody reads in a model what somebody wrote.
"""

from __future__ import annotations

import re
from array import array
from binascii import crc32
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

SIZES: Final = (2, 3, 4, 5)
# A feature has to stand in this many different texts.
SEEN_IN: Final = 2
MOST_FEATURES: Final = 60_000
# Words whose features a scorer keeps at hand: most of a language in use.
REMEMBERED_WORDS: Final = 5_000
# Buckets of the n-grams; words and pairs of words have as many of their own above.
BUCKETS: Final = 1 << 20

_WORDS: Final = re.compile(r"\w+|[^\w\s]+")
# All digits are one, so no number anybody wrote lives on in a model.
_DIGITS: Final = dict.fromkeys(range(ord("0"), ord("9") + 1), "0") | {0: " "}


@dataclass(frozen=True, slots=True)
class Features:
    """The buckets in use: character n-grams first, from ``first_word`` on words."""

    index: dict[int, int]
    idf: array[float]
    first_word: int
    _of_word: dict[str, tuple[int, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def of_word(self, word: str) -> tuple[int, ...]:
        """The known features inside one word and of the word itself."""
        features = self._of_word.get(word)
        if features is None:
            known = self.index
            features = tuple(known[gram] for gram in _inside(word) if gram in known)
            if len(self._of_word) < REMEMBERED_WORDS and len(word) <= 30:
                self._of_word[word] = features
        return features


def fold(text: str) -> str:
    """``text`` in one case with its digits alike."""
    return text.casefold().translate(_DIGITS)


def words_of(text: str) -> list[str]:
    """The words, and runs of other signs, of ``text``, folded."""
    return _WORDS.findall(fold(text))


def places_of(text: str) -> list[tuple[int, int]]:
    """Where in ``text`` each of `words_of` stands, in code points."""
    pieces: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for part in fold(character):
            pieces.append(part)
            places.append(place)
    return [
        (places[word.start()], places[word.end() - 1] + 1)
        for word in _WORDS.finditer("".join(pieces))
    ]


def count(text: str, features: Features) -> dict[int, int]:
    """How often each known feature stands in ``text``."""
    counts: dict[int, int] = {}
    seen = counts.get
    of_word = features.of_word
    known = features.index.get
    before = ""
    for word in words_of(text):
        for feature in of_word(word):
            counts[feature] = seen(feature, 0) + 1
        pair = known(pair_of(before, word))
        if pair is not None:
            counts[pair] = seen(pair, 0) + 1
        before = word
    return counts


def bucket(fragment: str) -> int:
    """The bucket of a fragment inside a word."""
    return crc32(fragment.encode("utf-8", "surrogatepass")) % BUCKETS


def pair_of(one: str, two: str) -> int:
    """The bucket of two words that follow each other."""
    return BUCKETS + bucket(f"{one} {two}")


def _inside(word: str) -> Iterator[int]:
    yield BUCKETS + bucket(word)
    padded = f" {word} "
    for size in SIZES:
        for start in range(max(len(padded) - size, 0) + 1):
            yield bucket(padded[start : start + size])
        if size >= len(padded):
            break


def vocabulary(texts: Sequence[str]) -> Features:
    """The features that stand in enough texts; the commonest, if they are too many.

    The result's idf is empty: training fills it.
    """
    seen_in: Counter[int] = Counter()
    for text in texts:
        words = words_of(text)
        found = {pair_of(one, two) for one, two in pairwise(words)}
        for word in set(words):
            found.update(_inside(word))
        seen_in.update(found)
    kept = [(-times, name) for name, times in seen_in.items() if times >= SEEN_IN]
    chosen = sorted(name for _, name in sorted(kept)[:MOST_FEATURES])
    index = {name: place for place, name in enumerate(chosen)}
    first_word = sum(name < BUCKETS for name in chosen)
    return Features(index=index, idf=array("f"), first_word=first_word)

"""Words written so that a list does not find them, brought back to plain letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import product
from typing import Final

_CYRILLIC: Final = (
    "авеёкмнорстухіјѕԁһԛԝӏьгпиԍєѵүұзґл",
    "abeëkmhopctyxijsdhqwlbrnigevyy3rl",
)
_GREEK: Final = ("αβγδεζηικμνορστυχωϲϳλ", "abydeznikuvopotuxwcjl")
_SMALL: Final = ("ıɑɡɩʟɴʀɪɢʏʙʜᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢɛɔꜱ", "iagilnrigybhacdejkmoptuvwzeos")
_STROKED: Final = ("ƒʃłđħŧơưɐəǝɘ", "fsldhtouaeee")
LOOKALIKES: Final = {
    ord(odd): plain
    for alphabet in (_CYRILLIC, _GREEK, _SMALL, _STROKED)
    for odd, plain in zip(*alphabet, strict=True)
}
"""Letters of other alphabets that look like Latin ones, after folding of case."""

LEET: Final[dict[str, str]] = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t",
    "8": "b", "9": "g", "@": "a", "$": "s", "€": "e", "£": "l", "!": "i", "|": "il",
    "+": "t", "¡": "i", "(": "c", "<": "c", "[": "c", "¢": "c", "§": "s", "ß": "s",
    "&": "a", "%": "o", "^": "a", "¥": "y", "?": "", "µ": "u", "×": "x", "}": "",
    "°": "o", "²": "z", "³": "e", "¹": "il",
}  # fmt: skip
MASKS: Final = frozenset("*#_%?·•×■█●○□☆★✱∗$xX~^¤§!")
"""What may stand for hidden letters; only some of them alone are enough."""
SURE_MASKS: Final = frozenset("*#•●■█○□☆★✱∗×¤_")
READINGS_AT_MOST: Final = 32

EDGES: Final = ".,:;?!\"'()[]{}<>«»“”„’‘…-–—/\\~`´"
"""What may stand around a word without being part of it."""
SOFT_EDGES: Final = EDGES + "*_#"
_NORDIC_LETTERS: Final = re.compile("[^a-zåäöæø]")
_RUN: Final = re.compile(r"(\w)\1+")
_LONG_RUN: Final = re.compile(r"(\w)\1\1")


def homoglyphs(word: str) -> str:
    """``word`` with look-alike letters of other alphabets made Latin."""
    return word.translate(LOOKALIKES)


def leet_readings(word: str) -> Iterator[str]:
    """Words that ``word`` may stand for when digits and signs are letters."""
    choices: list[str] = []
    readings = 1
    for character in word:
        letters = LEET.get(character, character)
        if not letters:
            return
        readings *= len(letters)
        if readings > READINGS_AT_MOST:
            letters = letters[0]
            readings = READINGS_AT_MOST
        choices.append(letters)
    for reading in product(*choices):
        yield "".join(reading)


def is_stretched(word: str) -> bool:
    """Whether some letter stands three times or more in a row."""
    return _LONG_RUN.search(word) is not None


def single(word: str) -> str:
    """``word`` with every run of one letter made one letter."""
    follower = word[1:] + "\0"
    return "".join([a for a, b in zip(word, follower, strict=True) if a != b])


def squeezed(word: str) -> Iterator[str]:
    """Words that a stretched ``word`` may stand for: each run as one or two letters.

    Runs of three or more may be either; runs of two stay, then become one.
    """
    pieces: list[tuple[str, ...]] = []
    at = 0
    readings = 1
    for run in _RUN.finditer(word):
        pieces.append((word[at : run.start()],))
        letter = run.group(1)
        if readings < READINGS_AT_MOST:
            order = (
                (letter * 2, letter) if len(run.group()) == 2 else (letter, letter * 2)
            )
            pieces.append(order)
            readings *= 2
        else:
            pieces.append((letter,))
        at = run.end()
    pieces.append((word[at:],))
    for reading in product(*pieces):
        yield "".join(reading)


def without_odd_accents(word: str) -> str:
    """``word`` with every accent gone that the Nordic languages do not use."""
    if _NORDIC_LETTERS.search(word) is None:
        return word
    kept = []
    for character in word:
        if character in "åäöæø":
            kept.append(character)
        else:
            parts = unicodedata.normalize("NFD", character)
            kept.extend(part for part in parts if not unicodedata.combining(part))
    return "".join(kept)


def cores(chunk: str) -> Iterator[tuple[int, int]]:
    """Readings of where the word in a piece begins and ends, most trimmed first."""
    seen = set()
    for edges in (SOFT_EDGES, EDGES, ".,:;?\"'()[]{}«»“”„’‘…", ""):
        start, end = 0, len(chunk)
        while start < end and chunk[start] in edges:
            start += 1
        while end > start and chunk[end - 1] in edges:
            end -= 1
        if (start, end) not in seen and end - start >= 2:
            seen.add((start, end))
            yield start, end

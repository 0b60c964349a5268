"""The word lists of `policies.duties`, one file per language in `packs/duties/`.

A pattern is a few words: `word`, `begin*`, `*end`, `this|that`, `#` for a figure, `..`
for up to three words between, `^` for the start of a sentence.
"""

from __future__ import annotations

import hashlib
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

PACKS = Path(__file__).parent / "packs" / "duties"

Step = tuple[str, tuple[str, ...]]
Pattern = tuple[str, bool, tuple[Step, ...]]


class Lexicon:
    """The patterns of one language, found by the word they begin with."""

    def __init__(self, name: str) -> None:
        data = _data(name)
        self.exact: dict[str, list[Pattern]] = {}
        self.begins: dict[str, list[tuple[tuple[str, ...], Pattern]]] = {}
        self.ends: list[tuple[tuple[str, ...], Pattern]] = []
        self.figures: list[Pattern] = []
        for signal, entries in data["signals"].items():
            for entry in entries:
                self._add(signal, entry)
        # Words repeat: what one may begin is looked up once.
        self.openings = lru_cache(maxsize=20_000)(self._openings)

    def _add(self, signal: str, entry: str) -> None:
        first, *later = (_step(piece) for piece in entry.lstrip("^").split())
        kind, choices = first
        pattern = (signal, entry.startswith("^"), tuple(later))
        if kind == "word":
            for choice in choices:
                self.exact.setdefault(choice, []).append(pattern)
        elif kind == "begin":
            for choice in choices:
                if len(choice) < 3:
                    raise ValueError(f"“{entry}” begins with less than three letters.")
                self.begins.setdefault(choice[:3], []).append(((choice,), pattern))
        elif kind == "end":
            self.ends.append((choices, pattern))
        else:
            self.figures.append(pattern)

    def _openings(self, word: str) -> tuple[Pattern, ...]:
        return (
            *self.exact.get(word, ()),
            *(
                p
                for heads, p in self.begins.get(word[:3], ())
                if word.startswith(heads)
            ),
            *(pattern for tails, pattern in self.ends if word.endswith(tails)),
            *(self.figures if word[0].isdigit() else ()),
        )


@lru_cache(maxsize=8)
def lexicon(name: str) -> Lexicon:
    return Lexicon(name)


@lru_cache(maxsize=1)
def lists_version() -> str:
    """Eight hex digits that change when any word of the lists does."""
    digest = hashlib.sha256()
    for path in sorted(PACKS.glob("*.toml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]


@lru_cache(maxsize=8)
def _data(name: str) -> dict[str, Any]:
    return tomllib.loads((PACKS / f"{name}.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=32)
def words_of(name: str, key: str) -> frozenset[str]:
    return frozenset(_data(name)[key].split())


def _step(piece: str) -> Step:
    if piece == "..":
        return "gap", ()
    if piece == "#":
        return "figure", ()
    if piece.endswith("*"):
        return "begin", tuple(choice.rstrip("*") for choice in piece.split("|"))
    if piece.startswith("*"):
        return "end", tuple(choice.lstrip("*") for choice in piece.split("|"))
    return "word", tuple(piece.split("|"))

"""The project's own development and test sets, kept apart: tune on ``dev_*`` only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"
OF_WORDS = {
    "swear", "obscene", "porn", "sexist", "slur", "insult", "threat",
    "incitement", "group_incitement", "sexism",
}  # fmt: skip

CARRIERS = {
    "sv": (
        "Jag tycker att {} borde få svara på det här i dag.",
        "Hej kommunen, {} har stått utanför skolan hela veckan.",
        "Det där med {} var det värsta jag sett på torget.",
    ),
    "nb": (
        "Jeg synes at {} burde svare på dette i dag.",
        "Hei kommunen, {} har stått utenfor skolen hele uka.",
        "Det der med {} var det verste jeg har sett på torget.",
    ),
    "nn": (
        "Eg synest at {} burde svare på dette i dag.",
        "Hei kommunen, {} har stått utanfor skulen heile veka.",
        "Det der med {} var det verste eg har sett på torget.",
    ),
    "en": (
        "I think that {} should answer this today, please.",
        "Hello, the {} has been standing outside the school all week.",
        "That thing with {} was the worst I have seen in the square.",
    ),
}


def rows(name: str) -> Iterator[tuple[str, ...]]:
    """The tab-separated fields of each line of a set."""
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line:
            yield tuple(line.split("\t"))


def planted(word: str, language: str, turn: int) -> tuple[str, int]:
    """A sentence with ``word`` in it, and where the word begins."""
    carrier = CARRIERS[language][turn % len(CARRIERS[language])]
    return carrier.replace("{}", word), carrier.index("{}")

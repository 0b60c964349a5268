"""Planted, inflected and compounded words of the lexicon are found (K-20)."""

from __future__ import annotations

import pytest

from policies.screening import Ruleset, screen
from policies.screening.inflect import inflect
from policies.screening.model import Entry
from tests.screening.sets import CARRIERS, OF_WORDS, planted, rows

STRONG = [
    entry
    for entry in Ruleset.default().entries
    if entry.severity >= 2
    and not entry.directed
    and not entry.guards
    and "*" not in entry.term
]


def recall(words: list[str], language: str) -> tuple[float, float, list[str]]:
    """Shares found, and found with the exact span, and the words missed."""
    found = exact = 0
    missed = []
    for turn, word in enumerate(words):
        text, start = planted(word, language, turn)
        end = start + len(word)
        hits = [
            hit
            for hit in screen(text).hits
            if hit.kind in OF_WORDS and hit.start < end and hit.end > start
        ]
        found += bool(hits)
        exact += any((hit.start, hit.end) == (start, end) for hit in hits)
        if not hits:
            missed.append(word)
    return found / len(words), exact / max(found, 1), missed


def of_language(language: str) -> list[Entry]:
    return [entry for entry in STRONG if language in entry.languages]


@pytest.mark.parametrize("language", sorted(CARRIERS))
def test_a_planted_strong_word_is_found_with_its_exact_span(language: str) -> None:
    """K-20: swearing and obscene words, slurs, insults."""
    words = [entry.term for entry in of_language(language)]
    found, exact, missed = recall(words, language)
    assert found >= 0.995, missed
    assert exact >= 0.99


@pytest.mark.parametrize("language", ["sv", "nb", "nn", "en"])
def test_inflected_forms_are_found(language: str) -> None:
    """K-20: Nordic words are inflected; a list of lemmas misses nearly all."""
    words = [
        form
        for entry in of_language(language)
        for form in inflect(entry.term, language, entry.paradigm)
        if form not in entry.without
    ]
    found, exact, missed = recall(words, language)
    assert found >= 0.98, missed
    assert exact >= 0.99


HEADS = {
    "sv": [
        "jävel",
        "fitta",
        "hora",
        "kuk",
        "skit",
        "kärring",
        "luder",
        "knullare",
        "röv",
    ],
    "nb": ["jævel", "fitte", "hore", "kuk", "dritt", "kjerring", "faenskap"],
    "nn": ["jævel", "fitte", "hore", "kuk", "dritt", "kjerring"],
}
MODIFIERS = {
    "sv": [
        "skit",
        "jävla",
        "kuk",
        "fitt",
        "hor",
        "röv",
        "knull",
        "helvetes",
        "satans",
        "piss",
    ],
    "nb": ["dritt", "jævla", "kuk", "fitte", "hore", "faens", "helvetes"],
    "nn": ["dritt", "skit", "jævla", "kuk", "fitte", "hore", "faens"],
}


@pytest.mark.parametrize(
    ("language", "least"), [("sv", 0.95), ("nb", 0.93), ("nn", 0.93)]
)
def test_compounds_nobody_has_listed_are_found(language: str, least: float) -> None:
    """K-20: nouns of the test set joined with swear words, both ways round."""
    nouns = next(words for name, words in rows("test_nouns.tsv") if name == language)
    words = [noun + head for noun in nouns.split() for head in HEADS[language]]
    words += [first + noun for noun in nouns.split() for first in MODIFIERS[language]]
    found, exact, missed = recall(words, language)
    assert found >= least, missed
    assert exact >= 0.99


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("Vilken skitkommun", "sv:skit"),
        ("För en drittkommune", "nb:dritt"),
        ("perkeleellinen kunta on tämä", "fi:perkele*"),
        ("Hela förvaltningen är full av skitstövlar", "sv:skitstövel"),
    ],
)
def test_a_hit_names_the_entry_behind_it(text: str, entry: str) -> None:
    assert entry in {hit.entry for hit in screen(text).hits}

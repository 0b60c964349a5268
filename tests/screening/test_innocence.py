"""Innocent words, names and sentences are left alone."""

from __future__ import annotations

import pytest

from policies.screening import screen
from tests.screening.sets import CARRIERS, OF_WORDS, planted, rows


def marked(text: str) -> list[str]:
    return [hit.matched for hit in screen(text).hits if hit.kind in OF_WORDS]


@pytest.mark.parametrize("name", ["dev_innocent.tsv", "test_innocent.tsv"])
@pytest.mark.parametrize("language", ["sv", "nb", "nn", "en", "fi"])
def test_words_that_hold_a_swear_word_by_chance_stay_unmarked(
    name: str, language: str
) -> None:
    """At most 3 % of the hardest innocents may be marked, alone or in a sentence."""
    words = next(words for code, words in rows(name) if code == language).split()
    flagged = [word for word in words if marked(word)]
    if language in CARRIERS:
        flagged += [
            word
            for turn, word in enumerate(words)
            if marked(planted(word, language, turn)[0])
        ]
    assert len(set(flagged)) <= 0.03 * len(words), flagged


@pytest.mark.parametrize("name", ["dev_sentences.tsv", "test_sentences.tsv"])
def test_neutral_sentences_stay_unmarked(name: str) -> None:
    flagged = {text: marked(text) for _, text in rows(name) if marked(text)}
    assert not flagged


@pytest.mark.parametrize(
    "text",
    [
        "Jag är bög.",
        "Min pappa är bög och min mamma är lesbisk.",
        "Bögar och lesbiska är välkomna till Pride i Kalix.",
        "En jude, en muslim och en kristen talade på torget.",
        "Jeg er homofil og bor i Meråker.",
        "Samene har sin egen dag i februar.",
        "She is gay and so is her brother.",
        "Romer och samer är nationella minoriteter.",
    ],
)
def test_words_of_identity_are_never_marked_alone(text: str) -> None:
    """K-20: who somebody is, is no offence; slurs are."""
    assert marked(text) == []


@pytest.mark.parametrize(
    "text",
    ["Äckliga bögjävel", "din jävla bög", "judesvin", "lappjävel", "Pakkisjævler alle"],
)
def test_the_same_words_made_slurs_are_marked(text: str) -> None:
    assert "K-20.2" in {hit.rule for hit in screen(text).hits}


def test_a_word_counts_in_its_own_language_only() -> None:
    """Finnish “mutta” is “but”; Swedish “slut” is “end”; English “slut” is a slur."""
    assert marked("Se on hyvä, mutta kallis meille kaikille") == []
    assert marked("Filmen är slut klockan nio i kväll") == []
    assert marked("She was called a slut by the other students") == ["slut"]

"""Whatever the text, screening ends, is exact, repeats itself and stays linear."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.screening import Screening, screen
from policies.screening.normalise import normalise

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=200)
NASTY = st.lists(
    st.sampled_from(
        [
            *"fitakuskjävloreö *.#@$01",
            "\u200b",
            "̈",
            "�",
            "\x00",
            "ſ",
            "İ",
            "ﬀ",
            "skit",
            "jävla",
            " du är en ",
            "ska döda dig",
            "ｆ",
            "а",
            "ᅠ",
        ]
    ),
    max_size=60,
).map("".join)


def exact(text: str, screening: Screening) -> None:
    for hit in screening.hits:
        assert 0 <= hit.start < hit.end <= len(text)
        assert text[hit.start : hit.end] == hit.matched
        assert 0 < hit.confidence <= 1
        assert all(hit.sentence(language) for language in ("sv", "nb", "nn", "en"))


@settings(max_examples=400, deadline=None)
@given(st.one_of(ANY_TEXT, NASTY))
def test_any_text_screens_exactly_and_the_same_twice(text: str) -> None:
    first = screen(text)
    exact(text, first)
    assert screen(text) == first


@settings(max_examples=200, deadline=None)
@given(st.one_of(ANY_TEXT, NASTY))
def test_folding_keeps_track_of_every_place(text: str) -> None:
    folded = normalise(text)
    for index in range(len(folded.folded)):
        start, end = folded.span(index, index + 1)
        assert 0 <= start < end <= len(text)


@settings(max_examples=100, deadline=None)
@given(NASTY)
def test_hits_come_in_text_order(text: str) -> None:
    starts = [hit.start for hit in screen(text).hits]
    assert starts == sorted(starts)


UNITS = (
    "a", " a", "fi", "f ", "f.", "*", "f*", "skit", "jävla ", "du är en idiot ", "1 ",
    "\u0301", "\u200b", "e\u0301", "(", "0", "@", "k u k ", "muslimer är ", "«", "aa-",
)  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_cost_grows_linearly_to_a_megabyte(unit: str) -> None:
    """Four times the text takes at most some ten times the time, never sixteen."""

    def spent(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        began = time.process_time()
        screen(text)
        return time.process_time() - began

    screen(unit)
    small = min(spent(20_000) for _ in range(2))
    large = spent(80_000)
    assert large < 10 * small + 0.2


def test_a_megabyte_of_prose_is_screened_whole() -> None:
    text = (
        "Hej kommunen, när blir vägen vid badhuset plogad? Det är skithalt. " * 15_000
    )
    screening = screen(text)
    assert len(screening.hits) == 15_000

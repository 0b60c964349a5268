"""Any text, of any length, at a known cost."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.screening.detectors import DETECTORS
from policies.screening.model import Hit
from policies.screening.normalise import normalise

COMMENT = (
    "Hej! Jag undrar när ni tänker laga gropen utanför skolan. Det har varit så här "
    "sedan i våras och nu börjar barnen gå till skolan igen. Kan ni svara på det "
    "snarast möjligt tack"
)
NUMBERED = (
    "Vi åkte förbi kl 08:30 den 12 mars 2026 och det var inte plogat på hela vägen "
    "till skolan, det är 4 km. Kostar det verkligen 250 000 kr att fixa? Jag tycker "
    "det är dåligt av er, skärpning nu"
)
PIECES = [
    *("811218-9876", "1", " ", "-", "+46", "070", "@", ".", "a", "SE45", "Storgatan "),
    *(
        "pnr ",
        "ärende ",
        "har cancer",
        "Anna ",
        "https://",
        "köp ",
        "199 kr",
        "\n",
        "(",
    ),
    *(
        "rösta på ",
        "SD",
        "\u200b",
        "\u0130",
        "９",
        "e\u0301",
        "kode 6",
        "skjermet ",
        ")",
    ),
]


def found(text: str) -> list[Hit]:
    normalised = normalise(text)
    return [hit for detect in DETECTORS for hit in detect(text, normalised)]


@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    )
)
@settings(max_examples=400, deadline=None)
def test_any_text_gives_the_same_exact_spans_twice(text: str) -> None:
    hits = found(text)
    assert hits == found(text)
    for hit in hits:
        assert 0 <= hit.start < hit.end <= len(text)
        assert text[hit.start : hit.end] == hit.matched
        assert 0 < hit.confidence < 1
        assert not hit.matched[0].isspace()
        assert not hit.matched[-1].isspace()


@pytest.mark.parametrize(
    "piece",
    [
        *("1", "1 ", "12 ", "00 ", "1-", "811218-9876 ", "+46 70 ", "se45 ", "@", "a@"),
        *("a.", "a@b.", "Storgatan 12 ", "(at)", "köp http://a.se 5 kr ", "å", "("),
        *("han har cancer ", "rösta på SD ", "skjermet ", "ocr 8112189876 ", "Karls "),
    ],
)
def test_cost_grows_no_faster_than_the_text(piece: str) -> None:
    """Ten times the text may take at most some twenty times as long, whatever it is
    made of; a pattern that runs away would take a hundred times."""

    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        normalised = normalise(text)
        best = float("inf")
        for _ in range(2):
            start = time.process_time()
            for detect in DETECTORS:
                list(detect(text, normalised))
            best = min(best, time.process_time() - start)
        return best

    assert seconds(100_000) < max(seconds(10_000), 0.002) * 30

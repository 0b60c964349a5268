"""Kinds and duties proposed for a message (K-13, K-14, K-17, M-R2a to M-R7)."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.duties import DUTIES, KINDS, WEIGHTS, Proposal, classify
from policies.duty_signals import LANGUAGES
from policies.duty_words import words_of

DATA = Path(__file__).parent / "data"


class Sample(NamedTuple):
    language: str
    kind: str
    direct: bool
    reply: bool
    text: str


def samples(name: str) -> list[Sample]:
    rows = []
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            language, kind, flags, text = line.split("\t")
            rows.append(Sample(language, kind, "d" in flags, "p" in flags, text))
    return rows


def kinds(proposal: Proposal) -> list[str]:
    return [kind.kind for kind in proposal.kinds]


@pytest.mark.parametrize("name", ["duties_dev.tsv", "duties_test.tsv"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_right_kind_is_proposed(name: str, language: str) -> None:
    """The two sets are apart: no word list was changed after looking at the second."""
    rows = [row for row in samples(name) if row.language == language]
    assert len(rows) >= 15
    proposals = [
        kinds(classify(row.text, direct=row.direct, parent_is_ours=row.reply))
        for row in rows
    ]
    first = sum(
        found[0] == row.kind for row, found in zip(rows, proposals, strict=True)
    )
    among = sum(row.kind in found for row, found in zip(rows, proposals, strict=True))
    assert first / len(rows) >= 0.95
    assert among / len(rows) >= 0.97


def test_the_two_sets_share_no_text() -> None:
    seen = {row.text for row in samples("duties_dev.tsv")}
    assert len(seen) > 600
    assert not seen & {row.text for row in samples("duties_test.tsv")}


@pytest.mark.parametrize(
    ("text", "duties"),
    [
        ("Tack för den fina snöröjningen!", ("thank",)),  # M-R2a
        ("Når åpner svømmehallen på søndager?", ("answer",)),  # M-R2b
        ("Det här är under all kritik.", ("answer",)),  # M-R2c
        ("Det stämmer inte att badet är stängt.", ("correct",)),  # M-R2d
        ("Jeg vil søke om byggetillatelse.", ("refer", "document")),  # M-R4, M-R5
        ("Jag bröt armen på er lekplats den 3 maj.", ("document",)),  # M-R5
        ("Rösta på Centerpartiet!", ("refer",)),  # M-R6
    ],
)
def test_each_kind_brings_its_duty(text: str, duties: tuple[str, ...]) -> None:
    """M-R2a, M-R2b, M-R2c, M-R2d, M-R4, M-R5, M-R6."""
    assert classify(text).duties == duties


@given(text=st.text(max_size=200))
def test_every_direct_message_is_registered(text: str) -> None:
    """K-17: messages to an official are received public records."""
    proposal = classify(text, direct=True)
    assert "register" in proposal.duties
    assert "register" not in classify(text).duties
    # and somebody is spoken to: a direct message is never between others
    assert len(proposal.duties) > 1
    assert kinds(proposal)[0] != "neutral_unaddressed"


@pytest.mark.parametrize(
    "text", ["", " ", "Ok", "hmm", "…", "12", "xyzzy", "Där bor det folk", "🤷"]
)
def test_whoever_is_unsure_answers(text: str) -> None:
    """K-14: without evidence that nobody waits for one, an answer is proposed."""
    assert classify(text).duties == ("answer",)


@pytest.mark.parametrize(
    "text",
    ["@Lisa Andersson ska vi gå dit på lördag?", "Haha Ola, det er jo deg 😂"],
)
def test_talk_between_others_owes_nothing_once_it_is_plain(text: str) -> None:
    """K-14: on our pages people may talk with each other."""
    assert classify(text).duties == ()


def test_a_mention_of_the_municipality_outweighs_one_of_a_friend() -> None:
    found = classify("@Lisa kommunen borde sätta upp en bänk här, eller hur?")
    assert "answer" in found.duties


def test_thanks_for_nothing_is_no_praise() -> None:
    for text in ("Tack för ingenting.", "Takk for ingenting", "Thanks for nothing"):
        assert kinds(classify(text)) == ["negative"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Maten är inte bra", "negative"),
        ("Inte dåligt jobbat!", "praise"),
        ("Ikke verst!", "praise"),
        ("Maten er ikke god", "negative"),
        ("Not bad at all, well done", "praise"),
    ],
)
def test_a_negation_turns_the_word_round(text: str, kind: str) -> None:
    assert kinds(classify(text))[0] == kind


def test_thanks_after_a_question_is_a_question() -> None:
    """M-R2b: "when do you open? thanks!" is answered, not thanked."""
    found = classify("När öppnar ni på lördag? Tack på förhand!")
    assert found.duties == ("answer",)


def test_praise_with_a_question_is_thanked_and_answered() -> None:
    """M-R2a, M-R2b."""
    found = classify("Så fint det blev i parken! När öppnar kiosken?")
    assert found.duties == ("thank", "answer")


def test_a_permit_in_passing_is_no_case() -> None:
    found = classify("Tack för snabb hjälp med bygglovet!")
    assert kinds(found)[0] == "praise"
    assert "refer" not in found.duties


def test_norwegian_is_and_swedish_you_are_kept_apart() -> None:
    """ "er" addresses nobody in Norwegian."""
    for sign in classify("Bilen er rød og den er ikke min").kinds[0].evidence:
        assert sign.signal != "address"


def test_the_language_can_be_given() -> None:
    norwegian = classify("er", language="nb").kinds[0].evidence
    swedish = classify("er", language="sv").kinds[0].evidence
    assert [sign.signal for sign in norwegian] == ["unsure"]
    assert [sign.signal for sign in swedish] == ["address"]


def test_a_word_written_with_combining_marks_is_the_same_word() -> None:
    text = "Vad da\u030aligt sko\u0308tt"
    sign = next(s for s in classify(text).kinds[0].evidence if s.signal == "negative")
    assert classify(text).kinds[0].kind == "negative"
    assert text[sign.start : sign.end] == sign.matched == "da\u030aligt"


def test_a_question_mark_in_a_link_asks_nothing() -> None:
    found = classify("https://example.org/?page=1")
    assert all(
        s.signal != "question_mark" for kind in found.kinds for s in kind.evidence
    )


@given(
    text=st.one_of(
        st.text(max_size=300),
        st.lists(
            st.sampled_from(
                [row.text for row in samples("duties_dev.tsv")] + ["?", "@", "\x00"]
            ),
            max_size=5,
        ).map(" ".join),
        st.text(alphabet=st.characters(codec=None, categories=["Cs", "Mn", "So"])),
    ),
    direct=st.booleans(),
    reply=st.booleans(),
)
def test_any_text_gets_a_proposal_whose_evidence_is_exact(
    text: str, direct: bool, reply: bool
) -> None:
    found = classify(text, direct=direct, parent_is_ours=reply)
    assert found == classify(text, direct=direct, parent_is_ours=reply)
    assert found.kinds
    assert len({kind.kind for kind in found.kinds}) == len(found.kinds)
    confidences = [kind.confidence for kind in found.kinds]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 < confidence < 1 for confidence in confidences)
    for kind in found.kinds:
        assert kind.kind in KINDS
        assert kind.evidence
        for sign in kind.evidence:
            assert text[sign.start : sign.end] == sign.matched
    assert list(found.duties) == [duty for duty in DUTIES if duty in found.duties]


def test_the_time_grows_with_the_length() -> None:
    """No text of a megabyte stops the intake."""

    def seconds(length: int) -> float:
        text = ("varför är det inte bra kommunen 12 kr? " * length)[:length]
        began = time.perf_counter()
        classify(text)
        return time.perf_counter() - began

    seconds(1000)
    assert seconds(400_000) < 25 * max(seconds(40_000), 0.02)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_list_holds_the_same_signals(language: str) -> None:
    from policies.duty_words import _data

    signals = set(_data(language)["signals"])
    assert signals == set(_data("sv")["signals"])
    known = {name for weights in WEIGHTS.values() for name in weights}
    assert signals - known <= {"harmless"}
    assert words_of(language, "telling")


def run(lines: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "policies.duties"],
        input=lines.encode("utf-8"),
        capture_output=True,
        timeout=30,
    )


def test_the_command_answers_line_by_line() -> None:
    answer = run(
        '{"id": "a", "text": "Tack!"}\n\n'
        '{"id": 2, "text": "\\ud800 När?", "direct": true, "parent_is_ours": false}\n'
    )
    first, second = map(json.loads, answer.stdout.splitlines())
    assert answer.returncode == 0
    assert first["id"] == "a"
    assert first["duties"] == ["thank"]
    assert first["kinds"][0]["kind"] == "praise"
    assert first["kinds"][0]["evidence"] == [
        {"signal": "thanks", "start": 0, "end": 4, "matched": "Tack"}
    ]
    assert second["id"] == 2
    assert second["duties"] == ["answer", "register"]


@pytest.mark.parametrize("line", ["nonsense", "[]", '{"id": 1}', '{"text": 5}', "null"])
def test_the_command_names_the_line_it_cannot_read(line: str) -> None:
    answer = run('{"id": 1, "text": "Tack"}\n' + line + "\n")
    assert answer.returncode == 2
    assert len(answer.stdout.splitlines()) == 1
    assert b"Line 2" in answer.stderr
    assert b"Traceback" not in answer.stderr

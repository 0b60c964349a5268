"""Learning from decisions: when it starts, what it says, what it is worth."""

from __future__ import annotations

import random
import subprocess
import sys
import zlib

import pytest

from policies.screening.calibration import (
    Tally,
    area_under_curve,
    calibration_error,
    curve_from_dict,
    fit_sigmoid,
    fit_steps,
)
from policies.screening.learning import (
    Example,
    NotEnough,
    train,
    training_set_hash,
)
from policies.screening.ranking import Model, from_bytes

RUDE = [
    "usel",
    "skamlig",
    "värdelös",
    "patetisk",
    "lat",
    "oduglig",
    "idiotisk",
    "sjuk",
    "vidrig",
    "hopplös",
]
KIND = [
    "bra",
    "fin",
    "trevlig",
    "duktig",
    "snygg",
    "tack",
    "härlig",
    "fantastisk",
    "lugn",
    "skön",
    "hjälpsam",
]
TOPICS = [
    "skolan",
    "vägen",
    "badet",
    "parken",
    "biblioteket",
    "hamnen",
    "torget",
    "bussen",
    "isen",
    "bron",
]
FILLER = [
    "det",
    "är",
    "nu",
    "igen",
    "faktiskt",
    "ju",
    "väl",
    "i",
    "år",
    "hela",
    "tiden",
    "alltså",
    "hos",
    "er",
    "här",
]


def comments(number: int, *, seed: int, share: float = 0.25) -> list[Example]:
    """Comments whose decision follows the words, a tenth decided at odds."""
    chance = random.Random(seed)
    examples = []
    for _ in range(number):
        rude = chance.random() < share
        words = [
            *chance.choices(RUDE if rude else KIND, k=1),
            *chance.choices(KIND, k=1),
            *chance.choices(TOPICS, k=2),
            *chance.choices(FILLER, k=6),
        ]
        chance.shuffle(words)
        label = rude if chance.random() > 0.1 else not rude
        examples.append(Example(" ".join(words), label))
    return examples


@pytest.fixture(scope="module")
def model() -> Model:
    trained = train(comments(1200, seed=1))
    assert isinstance(trained, Model)
    return trained


def test_nothing_is_learned_before_two_hundred_decisions() -> None:
    result = train(comments(199, seed=2))
    assert isinstance(result, NotEnough)
    assert result.decisions == 199


def test_nothing_is_learned_before_twenty_of_the_class() -> None:
    examples = [Example(f"kommentar {i} om vägen", i < 19) for i in range(400)]
    result = train(examples)
    assert isinstance(result, NotEnough)
    assert (result.decisions, result.of_class) == (400, 19)


def test_the_same_decision_twice_counts_once() -> None:
    examples = comments(150, seed=3)
    result = train(examples * 2)
    assert isinstance(result, NotEnough)
    assert result.decisions == len({example.text for example in examples})


def test_figures_are_those_of_unseen_texts(model: Model) -> None:
    unseen = comments(1500, seed=4)
    scores = [model.score(example.text) for example in unseen]
    labels = [example.label for example in unseen]
    assert abs(area_under_curve(scores, labels) - model.figures.auc) < 0.05
    said = [model.likely(example.text) for example in unseen]
    right = sum(s and label for s, label in zip(said, labels, strict=True))
    assert abs(right / sum(said) - model.figures.precision) < 0.1
    assert abs(right / sum(labels) - model.figures.recall) < 0.1


def test_confidence_means_what_it_says(model: Model) -> None:
    """Expected calibration error at most .05, cross-validated and on fresh texts."""
    unseen = comments(3000, seed=5)
    scores = [model.score(example.text) for example in unseen]
    error = calibration_error(scores, [example.label for example in unseen])
    assert model.figures.calibration <= 0.05
    assert error <= 0.05


def test_the_order_of_the_decisions_does_not_matter() -> None:
    examples = comments(300, seed=6)
    one, two = train(examples), train(examples[::-1])
    assert isinstance(one, Model)
    assert isinstance(two, Model)
    assert one.training_set == two.training_set == training_set_hash(examples)
    assert one.to_bytes() == two.to_bytes()


def test_another_decision_gives_another_training_set() -> None:
    examples = comments(20, seed=7)
    turned = [Example(examples[0].text, not examples[0].label), *examples[1:]]
    assert training_set_hash(examples) != training_set_hash(turned)


def test_a_kept_model_scores_as_before(model: Model) -> None:
    again = from_bytes(model.to_bytes())
    for example in comments(50, seed=8):
        assert again.score(example.text) == pytest.approx(
            model.score(example.text), abs=1e-3
        )
        assert again.reasons(example.text) or not model.reasons(example.text)
    assert again.figures == model.figures
    assert again.training_set == model.training_set


@pytest.mark.parametrize("data", [b"", b"pickle?", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_something_else_is_not_read_as_a_model(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"model|JSON|Expecting"):
        from_bytes(data)


def test_reasons_are_the_words_that_weigh_most(model: Model) -> None:
    text = "Det är USEL skötsel av badet, tack 12345"
    reasons = model.reasons(text)
    assert "USEL" in [reason.matched for reason in reasons]
    assert len(reasons) <= 3
    for reason in reasons:
        assert text[reason.start : reason.end] == reason.matched
        assert reason.weight > 0


def test_no_number_tells_one_text_from_another() -> None:
    """All digits are alike to a model, so no number anybody wrote lives on in it."""
    one = train(
        [Example(f"{e.text} 811218-9876", e.label) for e in comments(300, seed=9)]
    )
    two = train(
        [Example(f"{e.text} 640823-3234", e.label) for e in comments(300, seed=9)]
    )
    assert isinstance(one, Model)
    assert isinstance(two, Model)
    assert one.features == two.features


def test_no_letters_that_somebody_wrote_are_kept() -> None:
    """A model is kept for long and no disposal reaches into it."""
    name = "Xylofonia Quarnström"
    trained = train(
        [Example(f"{e.text} {name}", e.label) for e in comments(300, seed=9)]
    )
    assert isinstance(trained, Model)
    kept = zlib.decompress(trained.to_bytes()).decode()
    assert "xylo" not in kept.casefold()
    assert "quarn" not in kept.casefold()
    assert all(type(bucket) is int for bucket in trained.features.index)


def test_scoring_needs_no_scikit_learn() -> None:
    program = (
        "import sys; from policies.screening import ranking, learning; "
        "sys.exit('sklearn' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_curves_rise_and_survive_being_kept() -> None:
    chance = random.Random(1)
    scores = [chance.gauss(0, 2) for _ in range(2000)]
    labels = [chance.random() < 1 / (1 + 2.7182818 ** (-s)) for s in scores]
    for fit in (fit_sigmoid, fit_steps):
        curve = fit(scores, labels)
        values = [curve(score / 10) for score in range(-60, 61)]
        assert values == sorted(values)
        assert calibration_error([curve(s) for s in scores], labels) < 0.05
        kept = curve_from_dict(curve.as_dict())
        assert [kept(s) for s in scores[:50]] == [curve(s) for s in scores[:50]]


def test_a_separated_set_never_claims_certainty() -> None:
    scores = [-2.0] * 100 + [2.0] * 30
    labels = [False] * 100 + [True] * 30
    for fit in (fit_sigmoid, fit_steps):
        assert 0 < fit(scores, labels)(-9) < 0.05
        assert 0.9 < fit(scores, labels)(9) < 1


def test_an_entrys_tally_moves_its_confidence() -> None:
    """Beta(1, 1): upheld 14 of 16 has the mean 15 / 18."""
    tally = Tally()
    for upheld in [True] * 14 + [False] * 2:
        tally = tally.count(upheld=upheld)
    assert (tally.upheld, tally.seen) == (14, 16)
    assert tally.mean == pytest.approx(15 / 18)
    assert Tally().moved(0.8) == 0.8
    assert 0.55 < Tally(14, 16).moved(0.55) < 15 / 18
    assert Tally(0, 100).moved(0.95) < 0.1
    with pytest.raises(ValueError, match="upheld"):
        Tally(upheld=3, seen=2)

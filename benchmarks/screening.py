"""What screening and learning cost: per comment, per decision, and to start."""

from __future__ import annotations

import django

django.setup()  # the figures' shared part reads the models

import random  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402

from benchmarks import _figures as figures  # noqa: E402
from policies.screening import Ruleset, screen  # noqa: E402
from policies.screening.detectors import DETECTORS  # noqa: E402
from policies.screening.languages import known_forms  # noqa: E402
from policies.screening.learning import Example, train  # noqa: E402
from policies.screening.normalise import normalise  # noqa: E402
from policies.screening.ranking import Model  # noqa: E402

COMMENT = (
    "Hej kommunen, när blir vägen vid badhuset plogad egentligen? Det är så halt att "
    "min mormor inte kommer ut, och bussen går inte heller. Någon borde ta ansvar "
    "för det här innan någon bryter benet."
)


NUMBERS = (
    "Hej, mitt personnummer är 19811218-9876 och min mormors 450312-1234, ring "
    "070-123 45 67 före kl 14.30 den 12 maj 2024 om fakturan 12345678 på 4 250 kr. "
    "Kontot är 8327-9 944 374 654 och vi har väntat i 3 veckor."
)


def per_call(act: Callable[[], object], turns: int = 2_000) -> float:
    """Microseconds of this process for one call, in the best of ten rounds.

    Other programs on the machine cost neither these nor the calibration beside them.
    """
    rounds = []
    for _round in range(10):
        start = time.process_time()
        for _turn in range(turns // 10):
            act()
        rounds.append((time.process_time() - start) / (turns // 10) * 1e6)
    return min(rounds)


def calibration() -> float:
    """Microseconds of a loop that has nothing to do with screening."""
    kept: dict[int, str] = {}

    def loop() -> None:
        for number in range(200):
            kept[number & 63] = str(number)

    return per_call(loop)


def never_seen() -> dict[str, list[str]]:
    """Comments of 33 words each: known forms of four languages, and mere letters."""
    chance = random.Random(7)
    letters = "abdefghijklmnoprstuvyåäö"
    known = known_forms()
    forms: list[str] = []
    while len(forms) < 400 * 33:
        begun = "".join(chance.choice(letters) for _letter in range(3))
        forms.extend(known.beginning_with(begun, at_most=40))
    chance.shuffle(forms)
    made = (
        "".join(chance.choice(letters) for _letter in range(chance.randint(3, 10)))
        for _word in range(400 * 33)
    )
    return {
        name: [" ".join(words[at : at + 33]) for at in range(0, 400 * 33, 33)]
        for name, words in (("known forms", forms), ("mere letters", list(made)))
    }


def cold(act: Callable[[str], object], texts: list[str]) -> float:
    """Microseconds per text for a stage that remembers nothing, best of five rounds."""
    stage = Ruleset.default().words
    rounds = []
    for _round in range(5):
        stage.forget()
        start = time.process_time()
        for text in texts:
            act(text)
        rounds.append((time.process_time() - start) / len(texts) * 1e6)
    return min(rounds)


def bench_screen() -> None:
    stage = Ruleset.default().words

    def lexicon(text: str) -> None:
        memory = stage.memory
        for chunk in normalise(text).folded.split():
            if chunk not in memory:
                stage.look(chunk)

    screen(COMMENT)
    loop = calibration()
    beside = f"a loop of 200 turns, {loop:.1f} µs"

    def say(name: str, took: float, limit: int) -> None:
        figures.say(name, took, "µs", beside, took / loop, limit=limit)

    warm = per_call(lambda: screen(COMMENT))
    say("whole screen of a 33-word comment, warm", warm, 200)
    say("lexicon stage, warm", per_call(lambda: lexicon(COMMENT)), 40)
    for name, texts in never_seen().items():
        say(f"lexicon stage, new words, {name}", cold(lexicon, texts), 100)
        say(f"whole screen, new words, {name}", cold(screen, texts), 200)
    say("whole screen with many numbers", per_call(lambda: screen(NUMBERS)), 250)
    normalised = normalise(COMMENT)
    alone = per_call(lambda: [list(d(COMMENT, normalised)) for d in DETECTORS])
    say("detectors of a 33-word comment", alone, 70)


def bench_learning() -> None:
    chance = random.Random(3)
    words = ("snö väg skola bra dålig idiot tack buss mat plog svar barn " * 3).split()
    examples = [
        Example(" ".join(chance.choices(words, k=12)), chance.random() < 0.3)
        for _n in range(5_000)
    ]
    start = time.perf_counter()
    model = train(examples)
    figures.say("learning from 5,000 decisions", time.perf_counter() - start, "s")
    assert isinstance(model, Model)
    figures.say(
        "scoring a comment by what was learned",
        per_call(lambda: model.score(COMMENT[:170])),
        "µs",
        limit=250,
    )


def bench_start() -> None:
    def seconds(*command: str) -> float:
        took = []
        for _turn in range(5):
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, *command],
                input=b'{"id": 1, "text": "Hej"}\n',
                capture_output=True,
                check=True,
            )
            took.append(time.perf_counter() - start)
        return min(took)

    bare = seconds("-c", "import sys; sys.stdin.read()")
    for module in ("policies.screening", "policies.duties"):
        took = seconds("-m", module)
        figures.say(
            f"python -m {module}, one text",
            took,
            "s",
            f"bare Python, {bare:.3f} s",
            took / bare,
            limit=0.5,
        )


if __name__ == "__main__":
    bench_screen()
    bench_learning()
    bench_start()

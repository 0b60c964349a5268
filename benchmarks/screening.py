"""What screening and learning cost: per comment, per decision, and to start."""

from __future__ import annotations

import django

django.setup()  # the figures' shared part reads the models

import random  # noqa: E402
import statistics  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402

from benchmarks import _figures as figures  # noqa: E402
from policies.screening import Ruleset, screen  # noqa: E402
from policies.screening.detectors import DETECTORS  # noqa: E402
from policies.screening.learning import Example, train  # noqa: E402
from policies.screening.normalise import normalise  # noqa: E402
from policies.screening.ranking import Model  # noqa: E402

COMMENT = (
    "Hej kommunen, när blir vägen vid badhuset plogad egentligen? Det är så halt att "
    "min mormor inte kommer ut, och bussen går inte heller. Någon borde ta ansvar "
    "för det här innan någon bryter benet."
)


def per_call(act: Callable[[], object], turns: int = 2_000) -> float:
    """Median microseconds of one call, of ten rounds."""
    rounds = []
    for _round in range(10):
        start = time.perf_counter()
        for _turn in range(turns // 10):
            act()
        rounds.append((time.perf_counter() - start) / (turns // 10) * 1e6)
    return statistics.median(rounds)


def bench_screen() -> None:
    Ruleset.default()
    screen(COMMENT)
    warm = per_call(lambda: screen(COMMENT))
    split = per_call(lambda: COMMENT.lower().split())
    figures.say(
        "whole screen of a 33-word comment, warm",
        warm,
        "µs",
        f"lower().split() of the same text, {split:.1f} µs",
        warm / split,
        limit=200,
    )
    chance = random.Random(7)
    letters = "abdefghijklmnoprstuvyåäö"
    made = [
        " ".join(
            "".join(chance.choice(letters) for _l in range(chance.randint(3, 10)))
            for _w in range(33)
        )
        for _n in range(400)
    ]
    start = time.perf_counter()
    for text in made:
        screen(text)
    figures.say(
        "whole screen of 33 words never seen before",
        (time.perf_counter() - start) / len(made) * 1e6,
        "µs",
    )
    normalised = normalise(COMMENT)
    alone = per_call(lambda: [list(d(COMMENT, normalised)) for d in DETECTORS])
    figures.say("detectors of a 33-word comment", alone, "µs", limit=70)


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

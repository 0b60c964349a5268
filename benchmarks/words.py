"""``make bench-words``: our screening and six others on the same texts, in one run.

The others are installed from requirements/bench-words.txt and .json into
``var/bench-words``, an environment of their own. The texts are the project's test
sets; nothing here is tuned on. Shares are of texts: found among those that should be,
marked among those that should not.
"""

from __future__ import annotations

import json
import random
import shutil
import statistics
import subprocess
import sys
import time
import unicodedata
import venv
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from policies.screening import Ruleset, screen
from policies.screening.inflect import inflect
from tests.screening.sets import CARRIERS, OF_WORDS, planted, rows

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "var" / "bench-words"
SLOW_AT_MOST = 12
"""Texts per set for peers that take milliseconds."""
SLOW = {"better-profanity", "alt-profanity-check"}

PLAIN = str.maketrans("åäöæø", "aaoao")
LEET = str.maketrans("aeiost", "431057")
GLYPHS = str.maketrans("aeopcxi", "\u0430\u0435\u043e\u0440\u0441\u0445\u0456")


@dataclass
class Set:
    """Texts of one kind; ``spans`` where each text has one place to be found."""

    name: str
    texts: list[str] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)

    def plant(self, word: str, language: str) -> None:
        text, start = planted(word, language, len(self.texts))
        self.texts.append(text)
        self.spans.append((start, start + len(word)))


def sets() -> list[Set]:
    chance = random.Random(20261)
    strong = [
        entry
        for entry in Ruleset.default().entries
        if entry.severity == 3 and not entry.directed and entry.term.isalpha()
    ]
    made: dict[str, Set] = {}

    def of(name: str) -> Set:
        return made.setdefault(name, Set(name))

    for language in CARRIERS:
        entries = [entry for entry in strong if language in entry.languages]
        for entry in entries:
            of(f"planted {language}").plant(entry.term, language)
            if language != "en":
                forms = inflect(entry.term, language, entry.paradigm)
                form = chance.choice(forms)
                of(f"inflected {language}").plant(form, language)
            for name, disguise in DISGUISES.items():
                if chance.random() < 0.1:
                    of(f"evasion {name}").plant(disguise(entry.term), language)
        heads = [entry.term for entry in entries if entry.head]
        for code, nouns in rows("test_nouns.tsv"):
            if code == language:
                for noun in nouns.split():
                    word = noun + chance.choice(heads)
                    of(f"compound {language}").plant(word, language)
    for language, words in rows("test_innocent.tsv"):
        for word in words.split():
            of(f"innocent words {language}").texts.append(word)
    for language, text in rows("test_sentences.tsv"):
        of(f"neutral sentences {language}").texts.append(text)
    return list(made.values())


DISGUISES: dict[str, Callable[[str], str]] = {
    "leet": lambda word: word.translate(LEET),
    "spaced": " ".join,
    "dotted": ".".join,
    "masked": lambda word: word[:1] + "*" + word[2:],
    "stretched": lambda word: word[:1] + word[1] * 4 + word[2:],
    "look-alike": lambda word: word.translate(GLYPHS),
    "zero-width": "\u200b".join,
    "full width": lambda word: "".join(
        chr(ord(c) + 0xFEE0) if c.isascii() else c for c in word
    ),
    "decomposed": lambda word: unicodedata.normalize("NFD", word),
    "plain": lambda word: word.translate(PLAIN),
    "mixed case": lambda word: "".join(
        c.upper() if i % 2 else c for i, c in enumerate(word)
    ),
}

Answer = tuple[float, bool, list[tuple[int, int]] | None]


def ours(texts: list[str]) -> list[Answer]:
    answers: list[Answer] = []
    screen(texts[0])
    for text in texts:
        began = time.perf_counter_ns()
        hits = screen(text).hits
        spent = (time.perf_counter_ns() - began) / 1000
        spans = [(hit.start, hit.end) for hit in hits if hit.kind in OF_WORDS]
        answers.append((spent, bool(spans), spans))
    return answers


def peer(command: list[str], texts: list[str]) -> list[Answer]:
    done = subprocess.run(
        command,
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        cwd=PLACE,
    )
    answers: list[Answer] = json.loads(done.stdout)
    return answers


def install() -> dict[str, list[str]]:
    """Each peer's command; installs them on the first run."""
    python = PLACE / "bin" / "python"
    here = Path(__file__).resolve().parent
    if not python.exists():
        venv.create(PLACE, with_pip=True)
        wanted = ROOT / "requirements" / "bench-words.txt"
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", wanted], check=True)
    commands = {
        name: [str(python), str(here / "words_peer.py"), name]
        for name in (
            "glin-profanity",
            "better-profanity",
            "alt-profanity-check",
            "presidio (patterns)",
        )
    }
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        print("node and npm are not installed: obscenity and leo-profanity left out")
        return commands
    shutil.copy(ROOT / "requirements" / "bench-words.json", PLACE / "package.json")
    shutil.copy(here / "words_peer.cjs", PLACE / "words_peer.cjs")
    if not (PLACE / "node_modules" / "obscenity").exists():
        subprocess.run(
            [npm, "install", "--silent", "--no-audit"], cwd=PLACE, check=True
        )
    for name in ("obscenity", "leo-profanity"):
        commands[name] = [node, "words_peer.cjs", name]
    return commands


def figures(group: Set, answers: list[Answer]) -> str:
    marked = sum(answer[1] for answer in answers) / len(answers)
    if not group.spans or any(answer[2] is None for answer in answers):
        return f"{marked:.3f}"
    found = [
        span in [tuple(place) for place in answer[2] or ()]
        for span, answer in zip(group.spans, answers, strict=False)
        if answer[1]
    ]
    exact = sum(found) / len(found) if found else 0.0
    return f"{marked:.3f}/{exact:.2f}"


def main() -> int:
    groups = sets()
    commands = install()
    names = ["ours", *commands]
    table: dict[str, list[str]] = {group.name: [] for group in groups}
    spent: dict[str, list[float]] = {name: [] for name in names}
    for name in names:
        for group in groups:
            texts = group.texts[:SLOW_AT_MOST] if name in SLOW else group.texts
            answers = ours(texts) if name == "ours" else peer(commands[name], texts)
            table[group.name].append(figures(group, answers))
            if group.spans:
                spent[name] += [answer[0] for answer in answers]
    width = max(len(name) for name in table) + 2
    print("share marked / share of those with the exact span; time per comment")
    print(" " * width + "".join(f"{name:>22}" for name in names))
    for name, cells in table.items():
        print(f"{name:<{width}}" + "".join(f"{cell:>22}" for cell in cells))
    times = [f"{statistics.median(spent[name]):.0f} µs" for name in names]
    print(f"{'median time':<{width}}" + "".join(f"{cell:>22}" for cell in times))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""``make bench-words``: our screening and six others on the same texts, in one run.

The others are installed from requirements/bench-words.txt and .json into
``var/bench-words``, once; progress goes to standard error, the table to standard
output, and a peer that cannot be had is named under it. The texts are the project's
test sets; nothing here is tuned on. Shares are of texts: found among those that should
be, marked among those that should not. Screens of words are not asked for numbers, nor
the other way round.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks import _peers as peers
from policies.screening import Ruleset, screen
from policies.screening.inflect import inflect
from tests.screening.sets import CARRIERS, DATA, OF_WORDS, planted, rows

SLOW_AT_MOST = 40
"""Texts per set for peers that take milliseconds."""
CERTAIN = 0.5
"""Of a number, a hit of less confidence is a question, not a mark."""

PLAIN = str.maketrans("åäöæø", "aaoao")
LEET = str.maketrans("aeiost", "431057")
GLYPHS = str.maketrans("aeopcxi", "\u0430\u0435\u043e\u0440\u0441\u0445\u0456")


@dataclass
class Set:
    """Texts of one kind; ``spans`` where each text has one place to be found."""

    name: str
    of: str = "words"
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
    return [*made.values(), *number_sets()]


def number_sets() -> list[Set]:
    """Numbers of persons, accounts and telephones, and numbers that are nobody's."""
    planted_ones = Set("numbers planted", of="numbers")
    for row in _lines("pii_test_planted.jsonl"):
        planted_ones.texts.append(row["text"])
        planted_ones.spans.append((row["start"], row["end"]))
    alike: dict[str, Set] = {}
    for row in _lines("pii_test_lookalikes.jsonl"):
        name = "case, OCR" if row["kind"] in ("case", "ocr") else "amounts, times"
        of = alike.setdefault(name, Set(f"look-alikes: {name}", of="numbers"))
        of.texts.append(row["text"])
    return [planted_ones, *alike.values()]


def _lines(name: str) -> list[dict[str, Any]]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


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


def ours(group: Set) -> list[peers.Answer]:
    answers: list[peers.Answer] = []
    screen(group.texts[0])
    for text in group.texts:
        began = time.perf_counter_ns()
        hits = screen(text).hits
        spent = (time.perf_counter_ns() - began) / 1000
        spans = [
            (hit.start, hit.end)
            for hit in hits
            if (hit.kind in OF_WORDS) == (group.of == "words")
            and (group.of == "words" or hit.confidence >= CERTAIN)
        ]
        answers.append((spent, bool(spans), spans))
    return answers


def theirs(peer: peers.Peer, groups: list[Set]) -> dict[str, list[peers.Answer]]:
    """The peer's answers by the name of the set, of the sets it has a say on."""
    asked = [group for group in groups if group.of == peer.of]
    most = SLOW_AT_MOST if peer.slow else None
    peers.install(peer)
    peers.say(f"asking {peer.name} …")
    answers = peers.ask(peer, [group.texts[:most] for group in asked])
    return {group.name: given for group, given in zip(asked, answers, strict=True)}


def figures(group: Set, answers: list[peers.Answer]) -> str:
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
    peers.say(f"{sum(len(g.texts) for g in groups)} texts in {len(groups)} sets")
    columns = {"ours": {group.name: ours(group) for group in groups}}
    missing: list[str] = []
    for peer in peers.PEERS:
        try:
            columns[peer.name] = theirs(peer, groups)
        except peers.Missing as reason:
            missing.append(f"left out: {peer.name}, {reason}")
            peers.say(missing[-1])
    show(groups, columns)
    for sentence in missing:
        print(sentence)
    return 1 if missing else 0


def show(groups: list[Set], columns: dict[str, dict[str, list[peers.Answer]]]) -> None:
    width = max(len(group.name) for group in groups) + 2
    print("share marked / share of those with the exact span; time per comment")
    print(" " * width + "".join(f"{name:>21}" for name in columns))
    for group in groups:
        cells = (
            figures(group, answers[group.name]) if group.name in answers else "–"
            for answers in columns.values()
        )
        print(f"{group.name:<{width}}" + "".join(f"{cell:>21}" for cell in cells))
    times = (
        statistics.median(answer[0] for given in answers.values() for answer in given)
        for answers in columns.values()
    )
    cells = (f"{spent:.0f} µs" for spent in times)
    print(f"{'median time':<{width}}" + "".join(f"{cell:>21}" for cell in cells))


if __name__ == "__main__":
    sys.exit(main())

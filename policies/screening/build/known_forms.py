"""Builds ``known.marisa``, ``known.rows`` and ``letters.json`` from word tables.

    pip install -r requirements/words.txt
    python -m policies.screening.build.known_forms

``known.marisa`` holds each known word form, and ``known.rows`` eight bytes for it:
which languages have it, then how rare it is in each language. ``letters.json``
holds, for the words they lack, how usual three letters in a row are in each language.
"""

from __future__ import annotations

import json
import math
import re
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import marisa_trie
from simplemma.strategies.dictionaries.dictionary_factory import (
    DefaultDictionaryFactory,
)
from wordfreq import get_frequency_dict

DATA: Final = Path(__file__).resolve().parent.parent / "data"
LANGUAGES: Final = ("sv", "nb", "nn", "en", "fi", "da", "se")
LETTERS: Final = {
    "sv": "a-zåäöéüà",
    "nb": "a-zæøåéòôóü",
    "nn": "a-zæøåéòôóü",
    "en": "a-zé",
    "fi": "a-zäöå",
    "da": "a-zæøåé",
    "se": "a-zčđŋšŧžáåäöæø",
}
GENITIVE: Final = 0b10000000
NONE: Final = 0xFFFF
"""Row numbers are of two bytes."""
FLOOR: Final = 2.0
"""Frequencies (Zipf scale) below this count as this."""

FREQUENT_ONLY: Final = {"fi": 2.6, "da": 2.2, "se": 0.0, "en": 1.2}
"""Languages of which only words of this Zipf value and more are kept: they serve
to tell languages apart, not to take compounds apart."""

FREQUENT: Final = {
    line.split(":")[0]: line.split(":")[1].split()
    for line in Path(__file__).with_name("frequent.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
}


def frequencies(language: str) -> dict[str, float]:
    """Zipf values (log10 per thousand million words) of a language's words."""
    if language == "nn":
        bokmal = spoken("nb")
        forms = {key.lower() for key in dictionary("nn")}
        own = {key.lower() for key in dictionary("nb")}
        values = {
            form: bokmal.get(form, FLOOR)
            if form in own
            else max(3.6, bokmal.get(form, 0.0))
            for form in forms
        }
        return values | {
            word: max(6.6 - index / 60, 4.8, values.get(word, 0.0))
            for index, word in enumerate(FREQUENT["nn"])
        }
    if language == "nb":
        own = {key.lower() for key in dictionary("nb")}
        other = {key.lower() for key in dictionary("nn")} | set(FREQUENT["nn"])
        return {
            word: min(value, 3.2) if word in other and word not in own else value
            for word, value in spoken("nb").items()
        }
    if language == "se":
        values = {form.lower(): 2.4 for form in dictionary("se")}
        return values | {
            word: max(6.6 - index / 40, 4.5)
            for index, word in enumerate(FREQUENT["se"])
        }
    return spoken(language)


def spoken(language: str) -> dict[str, float]:
    """Zipf values from a corpus."""
    size = "small" if language == "da" else "large"
    table = get_frequency_dict(language, size)
    return {word: math.log10(value) + 9 for word, value in table.items()}


def dictionary(language: str) -> Iterator[str]:
    yield from DefaultDictionaryFactory().get_dictionary(language).keys()


def genitives_of(language: str) -> Iterator[str]:
    """Forms that are another form with the genitive s, not words of their own."""
    table = DefaultDictionaryFactory().get_dictionary(language)
    for form in table:
        ends = len(form) > 3 and form.endswith("s") and form[:-1] in table
        if ends and table[form] != form:
            yield form.lower()


def words_of(language: str) -> dict[str, float]:
    """Known lower-case forms with their Zipf values."""
    shape = re.compile(f"[{LETTERS[language]}]+(?:-[{LETTERS[language]}]+)?")
    values = frequencies(language)
    kept: dict[str, float] = {}
    least = FREQUENT_ONLY.get(language, 0.0)
    for form in dictionary(language):
        form = form.lower()
        value = max(values.get(form, FLOOR), FLOOR)
        fits = 2 <= len(form) <= 40 and value >= least and shape.fullmatch(form)
        if fits and (len(form) > 3 or form in values):
            kept[form] = value
    english = set() if language == "en" else set(dictionary("en"))
    for form, value in values.items():
        if form in english and len(form) > 3:
            continue
        if shape.fullmatch(form) and (value >= 3.0 or len(form) == 1):
            kept[form] = max(value, FLOOR)
    return kept


def rareness(value: float) -> int:
    """A byte: tenths of a natural-log unit below the most frequent word."""
    return min(250, max(0, round((7.8 - value) * math.log(10) * 10)))


def save(rows: dict[str, bytes]) -> None:
    """Writes ``known.marisa`` and ``known.rows``: each distinct row once, then for
    each form, in the order of the trie, the number of its row, of two bytes."""
    trie = marisa_trie.Trie(rows)
    trie.save(str(DATA / "known.marisa"))
    distinct = sorted(set(rows.values()))
    if len(distinct) > NONE:
        raise ValueError(f"{len(distinct)} distinct rows do not fit two bytes")
    number = {row: place for place, row in enumerate(distinct)}
    of_form = array("H", [number[rows[trie.restore_key(n)]] for n in range(len(trie))])
    if sys.byteorder == "big":
        of_form.byteswap()
    with (DATA / "known.rows").open("wb") as file:
        file.write(len(distinct).to_bytes(8, "little"))
        file.write(b"".join(distinct))
        file.write(of_form.tobytes())


def main() -> None:
    tables = {language: words_of(language) for language in LANGUAGES}
    for language, table in tables.items():
        print(language, len(table))
    every = set().union(*tables.values())
    genitives = {
        form.lower()
        for language in ("sv", "nb", "nn")
        for form in genitives_of(language)
    }
    rows: dict[str, bytes] = {}
    for form in sorted(every):
        mask = 0
        costs = []
        if form in genitives:
            mask |= GENITIVE
        for bit, language in enumerate(LANGUAGES):
            value = tables[language].get(form)
            if value is not None:
                mask |= 1 << bit
            costs.append(255 if value is None else rareness(value))
        rows[form] = bytes([mask, *costs])
    save(rows)

    counts: dict[str, dict[str, float]] = {language: {} for language in LANGUAGES}
    for language, table in tables.items():
        for form, value in table.items():
            weight = 10 ** (0.6 * (min(value, 5.0) - 3.0))
            marked = f"^{form}$"
            for at in range(len(marked) - 2):
                gram = marked[at : at + 3]
                counts[language][gram] = counts[language].get(gram, 0.0) + weight
    usual: dict[str, float] = {}
    for language in LANGUAGES:
        total = sum(counts[language].values())
        for gram, count in counts[language].items():
            usual[gram] = usual.get(gram, 0.0) + count / total
    letters = {}
    kept = sorted(usual, key=lambda gram: -usual[gram])[:9000]
    for gram in kept:
        row = []
        for language in LANGUAGES:
            total = sum(counts[language].values())
            share = (counts[language].get(gram, 0.0) + 0.5) / (total + 5000)
            row.append(min(250, round(-math.log(share) * 10)))
        letters[gram] = row
    (DATA / "letters.json").write_text(
        json.dumps(letters, ensure_ascii=False, separators=(",", ":")) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()

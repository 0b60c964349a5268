"""The built-in words: reads ``data/*.words`` into entries."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from policies.screening.model import Entry

DATA: Final = Path(__file__).resolve().parent / "data"

RULE_OF_KIND: Final = {
    "swear": "K-20.6",
    "obscene": "K-20.6",
    "porn": "K-20.3",
    "sexist": "K-20.2",
    "slur": "K-20.2",
    "insult": "K-20.1",
    "threat": "K-22.3",
}
LANGUAGES_OF_FILE: Final = {
    "sv": ("sv",),
    "no": ("nb", "nn"),
    "en": ("en",),
    "fi": ("fi",),
}


def built_in() -> Iterator[Entry]:
    """Every entry that comes with the software."""
    for name, languages in LANGUAGES_OF_FILE.items():
        for fields in rows(f"{name}.words"):
            yield _entry(fields, languages)


@cache
def innocent_words() -> frozenset[str]:
    """Words that look like compounds with a swear word and are none."""
    text = (DATA / "innocent.txt").read_text(encoding="utf-8")
    lines = (line.split("#")[0] for line in text.splitlines())
    return frozenset(word for line in lines for word in line.split())


@cache
def first_names() -> frozenset[str]:
    """First names usual in the Nordic countries."""
    return frozenset(name for _, names in named_words("names.txt") for name in names)


@cache
def place_ends() -> tuple[str, ...]:
    """How names of places end."""
    return tuple(end for _, ends in named_words("places.txt") for end in ends)


def named_words(name: str) -> Iterator[tuple[str, list[str]]]:
    """The lists of a data file whose lines are ``NAME: words``."""
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            title, words = line.split(":", 1)
            yield title, words.split()


def rows(name: str) -> Iterator[list[str]]:
    """The fields of each line of a data file that is not a comment."""
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split()


def _entry(fields: list[str], languages: tuple[str, ...]) -> Entry:
    term, kind, severity, paradigm, *options = fields
    values = dict(option.split("=", 1) for option in options if "=" in option)
    flags = {option for option in options if "=" not in option}
    return Entry(
        term=term,
        kind=kind,
        rule=RULE_OF_KIND[kind],
        languages=languages,
        not_in=_list(values.get("not", "")),
        severity=int(severity),
        paradigm=paradigm,
        head="h" in flags,
        modifiers=_list(values.get("m", "")),
        directed="directed" in flags,
        guards=_list(values.get("unless", "")),
        forms=_list(values.get("forms", "")),
        without=_list(values.get("without", "")),
        note=values.get("note", "").replace("_", " "),
    )


def _list(value: str) -> tuple[str, ...]:
    return tuple(part for part in value.split(",") if part)

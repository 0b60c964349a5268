"""The paragraphs a mask or a refusal can rest on, from the pack `secrecy.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

import policies

PACK = Path(policies.__file__).parent / "packs" / "secrecy.toml"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`id` never changes; `cite` is how a decision names it."""

    id: str
    law: str  # "SE" or "NO"
    cite: str
    about: dict[str, str]

    def __str__(self) -> str:
        return f"{self.cite} – {self.words}"

    @property
    def words(self) -> str:
        """What it protects, in the reader's language."""
        language = (get_language() or "en").partition("-")[0]
        return self.about.get(language, self.about["en"])


@cache
def _pack() -> dict[str, Any]:
    return tomllib.loads(PACK.read_text("utf-8"))


def dated() -> date:
    """The day the list was put together."""
    day: date = _pack()["dated"]
    return day


@cache
def _paragraphs() -> dict[str, Paragraph]:
    return {one["id"]: Paragraph(**one) for one in _pack()["paragraph"]}


def of_law(law: str) -> list[Paragraph]:
    """The paragraphs of SE or NO, in the order of the pack."""
    return [one for one in _paragraphs().values() if one.law == law]


def cited(paragraph: str) -> str:
    """How a decision names the paragraph with this id."""
    return _paragraphs()[paragraph].cite


def known(paragraph: str, law: str) -> bool:
    one = _paragraphs().get(paragraph)
    return one is not None and one.law == law


def appeal(law: str) -> str:
    """What whoever is refused is told, in the language of the law."""
    text: str = _pack()["appeal"][law]["text"]
    return text.strip()

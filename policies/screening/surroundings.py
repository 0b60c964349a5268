"""What words do in a sentence, and what the words beside a place make of it."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from policies.screening.vocabulary import named_words

_WORD: Final = re.compile(r"[^\W\d_]+")
_QUOTES: Final = re.compile(r"[\"“”„«»‹›]")


@cache
def _guards() -> dict[str, frozenset[str]]:
    lists = named_words("guards.txt")
    return {name: frozenset(words) for name, words in lists}


@cache
def _said() -> frozenset[str]:
    """Words that say that somebody said something."""
    return frozenset(
        next(words for name, words in named_words("slots.txt") if name == "SAID")
    )


def innocent_beside(
    guards: tuple[str, ...], before: list[str], after: list[str]
) -> bool:
    """Whether a word with ``guards`` is innocent between these neighbours."""
    beside = {*before, *after}
    lists = _guards()
    if "@identity" in guards:
        return not (
            beside.isdisjoint(lists["identity"])
            and lists["being"].isdisjoint(before[-2:])
        )
    near = {*before[-1:], *after[:1]}
    if "@supporter" in guards:
        return bool(near & _OF) or not lists["supporter"].isdisjoint(before[-2:])
    return not {*before[-3:], *after[:3]}.isdisjoint(guards)


_OF: Final = frozenset({"av", "of", "stor", "stort", "big", "huge", "a", "ett"})


def quoted_or_reported(folded: str, start: int, end: int) -> bool:
    """Whether a place stands in quotation marks or after "somebody wrote that"."""
    opening = folded[max(0, start - 60) : start]
    if _QUOTES.search(opening[-2:]) and _QUOTES.search(folded[end : end + 3]):
        return True
    return not _said().isdisjoint(_WORD.findall(opening)[-5:])

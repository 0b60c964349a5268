"""What words do in a sentence, and what the words beside a place make of it."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from policies.screening.vocabulary import named_words

_WORD: Final = re.compile(r"[^\W\d_]+")
_QUOTES: Final = re.compile(r"[\"“”„«»‹›]")


class Class:
    """What a word can do in a template."""

    WE: Final = 1
    YOU: Final = 2
    THEY: Final = 4
    WILL: Final = 8
    BE: Final = 16
    TARGET: Final = 32
    VIOLENT: Final = 64
    IMPERATIVE: Final = 128
    PASSIVE: Final = 256
    SHOULD: Final = 512
    DIE: Final = 1024
    GROUP: Final = 2048
    DEHUMAN: Final = 4096
    AWAY: Final = 8192
    EXPEL: Final = 16384
    HATE: Final = 32768
    POSS: Final = 65536
    ARTICLE: Final = 131072
    NOT: Final = 262144
    SAID: Final = 524288
    INSULT: Final = 1048576
    MILD: Final = 2097152


@cache
def _guards() -> dict[str, frozenset[str]]:
    lists = named_words("guards.txt")
    return {name: frozenset(words) for name, words in lists}


@cache
def class_words() -> dict[str, int]:
    """The classes of each word that has any, as bits."""
    table: dict[str, int] = {}
    for name, words in named_words("classes.txt"):
        for word in words:
            table[word] = table.get(word, 0) | getattr(Class, name)
    return table


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
    table = class_words()
    said = Class.SAID
    return any(table.get(word, 0) & said for word in _WORD.findall(opening)[-5:])

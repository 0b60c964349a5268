"""What tells that more is to be said of a word than how usual it is.

Tables over one lexicon, made once: the words it has, and the first and last letters of
what it may be part of. All other words of a text are done with after a look at these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from policies.screening import evasion
from policies.screening.compounds import ABUSE_FIRST
from policies.screening.lexicon import TAIL, Form, Lexicon

HEAD: Final = 3
"""Letters of a word's beginning that are looked at before all of it is."""
LATIN: Final = "abcdefghijklmnopqrstuvwxyzåäöæøéü"

Told = tuple[int, tuple[Form, ...] | None, str]
"""What lists say of a word: its classes, the forms it is, and the way to them."""
NOTHING: Final[Told] = (0, None, "")


def told(lexicon: Lexicon, classes: Mapping[str, int]) -> dict[str, Told]:
    """Each word that some list has as it is."""
    found: dict[str, Told] = {word: (bits, None, "") for word, bits in classes.items()}
    for word, forms in lexicon.plain.items():
        found[word] = (classes.get(word, 0), forms, "plain")
    for word, forms in lexicon.forms.items():
        found[word] = (classes.get(word, 0), forms, forms[0].how)
    return found


def starts(lexicon: Lexicon) -> frozenset[str]:
    """The first letters of all that may begin a word which means it."""
    begun = (*lexicon.modifiers, *lexicon.beginnings, *ABUSE_FIRST)
    return frozenset(text[:HEAD] for text in begun)


def tails(ends: Iterable[str]) -> Iterator[str]:
    """The last letters of whatever ends in one of ``ends``, with the one before it
    where an end is shorter than what is looked at."""
    for end in ends:
        if len(end) >= TAIL:
            yield end[-TAIL:]
        else:
            yield from (letter + end for letter in LATIN)


def squeezed(lexicon: Lexicon) -> tuple[frozenset[str], frozenset[str]]:
    """What grave words are with every run of a letter made one, and their first and
    last letters, to know what may be drawn out."""
    grave = [
        text
        for text, forms in lexicon.forms.items()
        if any(form.entry.severity == 3 for form in forms)
    ]
    return (
        frozenset(map(evasion.single, grave)),
        frozenset(text[0] + text[-1] for text in grave),
    )

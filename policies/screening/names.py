"""Which words of a text are names of people, told by their capitals."""

from __future__ import annotations

from collections.abc import Sequence

from policies.screening.languages import known_forms
from policies.screening.normalise import Normalised
from policies.screening.vocabulary import first_names

Placed = tuple[str, int, int]
"""A folded word with where it begins and ends in the folded text."""


def named_places(normalised: Normalised, words: Sequence[Placed]) -> list[int]:
    """Places of the names among ``words``, which follow each other in one clause.

    A name has a capital where nothing else asks for one, or stands in a row of them,
    or is a usual first name.
    """
    text = normalised.text
    capital = []
    for word, start, end in words:
        first, last = normalised.span(start, end)
        written = text[first:last]
        capital.append(
            len(word) > 1 and written[:1].isupper() and not written.isupper()
        )
    usual, known = first_names(), known_forms()
    found = []
    for place, (word, _, _) in enumerate(words):
        if not capital[place]:
            continue
        beside = capital[max(0, place - 1) : place] + capital[place + 1 : place + 2]
        if word in usual or any(beside) or (place and known.row(word) is None):
            found.append(place)
    return found

"""Slot templates: which words, in which order and how near, make up a wording.

A template is a row of steps, such as ``WE ..2 WILL ..3 HARM ..2 WHOM``. The words of a
clause are the bits of an integer, one integer per step, so that a step is taken from
all places at once by shifting; no expression can run long on any text.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from policies.screening.languages import KnownForms
from policies.screening.lexicon import TAIL
from policies.screening.vocabulary import DATA, named_words

CLAUSE_AT_MOST: Final = 80
"""Longer clauses are read in pieces."""
REPEATS: Final = 4
"""How often one template may speak of one clause."""
_OR_END: Final = "|$"
"""A step that the end of the clause may stand for."""


class Step(NamedTuple):
    """One step: ``slot`` is a bit, ``gap`` how many words may stand before it."""

    slot: int
    gap: int
    way: str


@dataclass(frozen=True, slots=True)
class Template:
    """A wording's steps. All slots of ``required`` have to be in its clause, none of
    ``barred``; ``negatable`` says whether a "not" beside it lowers its confidence."""

    kind: str
    confidence: float
    name: str
    steps: tuple[Step, ...]
    required: int
    barred: int
    negatable: bool


@dataclass(slots=True)
class Slots:
    """The bits of each word: by itself, and by how it ends."""

    words: dict[str, int] = field(default_factory=dict)
    endings: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    named: dict[str, int] = field(default_factory=dict)
    """The bits that stand for each list of words, by its name."""

    def of(self, word: str) -> int:
        bits = self.words.get(word, 0)
        for ending, more in self.endings.get(word[-TAIL:], ()):
            if word.endswith(ending):
                bits |= more
        return bits

    def put(self, word: str, bits: int) -> None:
        """Give ``word`` more bits; ``*word`` gives them to all that ends so."""
        if not word.startswith("*"):
            self.words[word] = self.words.get(word, 0) | bits
            return
        if len(word) <= TAIL:
            raise ValueError(f"slots.txt: {word} is too short an ending")
        kept = self.endings.setdefault(word[-TAIL:], [])
        for place, (ending, before) in enumerate(kept):
            if ending == word[1:]:
                kept[place] = (ending, before | bits)
                return
        kept.append((word[1:], bits))


class Match(NamedTuple):
    """Words ``first`` to ``last`` of a clause, both included."""

    template: Template
    first: int
    last: int
    negated: bool


class Templates:
    """All templates, ready to be looked for."""

    def __init__(self, known: KnownForms) -> None:
        lists = {name: tuple(words) for name, words in named_words("slots.txt")}
        lists = {name: _spelled_out(name, lists) for name in lists}
        rows = _rows()
        self.slots = Slots()
        self._bits: dict[str, int] = {}
        for _, pieces in rows:
            for piece in pieces:
                self._slot(piece)
        unknown = self.slots.named.keys() - lists.keys() - ELSEWHERE
        if unknown:
            raise ValueError(f"templates.txt names no list: {sorted(unknown)}")
        self._negative = self._slot("NOT")
        for name, bits in self.slots.named.items():
            for word in lists.get(name, ()):
                self.slots.put(word, bits)
        usual = {name: _usualness(words, known) for name, words in lists.items()}
        self._weights = {
            bit: sum(
                usual[part] if part in usual else _usualness((part,), known)
                for part in piece.split("|")
            )
            for piece, bit in self._bits.items()
        }
        self._of_slot: dict[int, list[Template]] = {}
        self.triggers = 0
        for head, pieces in rows:
            self._add(head, pieces)

    def _slot(self, piece: str) -> int:
        """The bit of one alternative set, such as ``WILL|måtte``; made if new."""
        piece = piece.lstrip("?!~")
        if piece in self._bits or piece in ("^", "$") or piece.startswith(".."):
            return self._bits.get(piece, 0)
        bit = 1 << len(self._bits)
        self._bits[piece] = bit
        for part in piece.split("|"):
            if part.isupper():
                named = self.slots.named
                named[part] = named.get(part, 0) | bit
            else:
                self.slots.put(part, bit)
        return bit

    def _add(self, head: tuple[str, float, str], pieces: list[str]) -> None:
        steps: list[Step] = []
        required = barred = 0
        rarest, negatable = (math.inf, 0), True
        gap = 0
        for piece in pieces:
            if piece.startswith(".."):
                gap = max(gap, int(piece[2:]))
                continue
            way = piece[0] if piece[0] in "?!~^$" else ""
            if piece.endswith("|$"):
                way = _OR_END
            bit = self._bits.get(piece.lstrip("?!~"), 0)
            if way == "~":
                barred |= bit
                continue
            steps.append(Step(bit, gap, way))
            # A step that is left out leaves its room to the next.
            gap = gap if way == "?" else 0
            if way in ("", _OR_END):
                negatable = negatable and "NOT" not in piece.split("|")
                if way == "" and _NAMES.isdisjoint(piece.split("|")):
                    required |= bit
                    rarest = min(rarest, (self._weights[bit], bit))
        template = Template(*head, tuple(steps), required, barred, negatable)
        self._of_slot.setdefault(rarest[1], []).append(template)
        self.triggers |= rarest[1]

    def among(self, classes: int) -> list[Template]:
        """The templates that words of together these ``classes`` may fill."""
        found = []
        left = classes & self.triggers
        while left:
            bit = left & -left
            left ^= bit
            for template in self._of_slot[bit]:
                if template.required & classes == template.required:
                    found.append(template)
        return found

    def find(
        self, templates: Sequence[Template], clause: Sequence[int]
    ) -> Iterator[Match]:
        """Where ``templates`` stand in a clause, given the bits of its words."""
        for start in range(0, len(clause), CLAUSE_AT_MOST):
            part = clause[start : start + CLAUSE_AT_MOST]
            for match in self._in_part(templates, part):
                yield match._replace(first=match.first + start, last=match.last + start)

    def _in_part(
        self, templates: Sequence[Template], clause: Sequence[int]
    ) -> Iterator[Match]:
        together = 0
        for bits in clause:
            together |= bits
        places: dict[int, int] = {}
        for template in templates:
            if template.required & together != template.required:
                continue
            if template.barred & together:
                continue
            for step in template.steps:
                if step.slot and step.slot not in places:
                    places[step.slot] = _places(clause, step.slot)
            free = (1 << len(clause)) - 1
            for _repeat in range(REPEATS):
                last = _last(template, places, free, len(clause))
                if last is None:
                    break
                first = _first(template, places, free, last, len(clause))
                near = clause[max(0, first - 2) : last + 1]
                yield Match(
                    template,
                    first,
                    last,
                    template.negatable and any(b & self._negative for b in near),
                )
                free &= -1 << (last + 1)


_NAMES: Final = frozenset({"NAME"})
"""Names are told by their capitals, not by a list."""
ELSEWHERE: Final = _NAMES | {"INSULT", "MILD"}
"""Slots that no list fills: names, and the lexicon's insults, grave and mild."""


def _places(clause: Sequence[int], slot: int) -> int:
    found, bit = 0, 1
    for bits in clause:
        if bits & slot:
            found |= bit
        bit <<= 1
    return found


def _last(
    template: Template, places: dict[int, int], starts: int, size: int
) -> int | None:
    """The first place where a match that begins in ``starts`` may end."""
    everywhere = (1 << size) - 1
    reached: int | None = None
    opening = False
    for slot, gap, way in template.steps:
        if way == "^":
            opening = True
            continue
        if way == "$":
            reached = (reached or 0) & (everywhere ^ (everywhere >> (gap + 1)))
        elif way == "!":
            reached = (reached or 0) & ~(places[slot] >> 1)
        elif reached is None:
            reached = places[slot] & starts
            if opening:
                reached &= (1 << (gap + 1)) - 1
        else:
            window = reached << 1
            for _ in range(gap):
                window |= window << 1
            taken = window & places[slot] & everywhere
            if way == "?":
                taken |= reached
            elif way == _OR_END:
                taken |= reached & (everywhere ^ (everywhere >> 1))
            reached = taken
        if not reached:
            return None
    assert reached is not None
    return (reached & -reached).bit_length() - 1


def _first(
    template: Template, places: dict[int, int], free: int, last: int, size: int
) -> int:
    """The latest place where the match that ends at ``last`` may have begun."""
    for first in range(last, -1, -1):
        if free >> first & 1:
            found = _last(template, places, 1 << first, size)
            if found is not None and found <= last:
                return first
    return last


def _rows() -> list[tuple[tuple[str, float, str], list[str]]]:
    rows = []
    for line in (DATA / "templates.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            head, steps = line.split(":", 1)
            kind, confidence, name = head.split()
            rows.append(((kind, float(confidence), name), steps.split()))
    return rows


def _spelled_out(name: str, lists: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The words of a list with the lists it names (``@WHOM``) written out."""
    words: list[str] = []
    for word in lists[name]:
        if word.startswith("@"):
            words.extend(_spelled_out(word[1:], lists))
        else:
            words.append(word)
    return tuple(dict.fromkeys(words))


def _usualness(words: Sequence[str], known: KnownForms) -> float:
    """How much of running text some words make up, to no fixed scale."""
    total = 0.0
    for word in words:
        row = known.row(word.lstrip("*"))
        if row is not None:
            total += math.exp(-min(row[1:4]) / 10)
        if word.startswith("*"):
            total += math.exp(-9)
    return total

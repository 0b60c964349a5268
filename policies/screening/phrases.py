"""Wordings: fixed phrases and slot templates of threats, insults and agitation.

Fixed phrases are found in one pass over the text. Templates look at the words around
a word that can bear a threat, an insult or a group's name; nothing is matched by
regular expressions that could take long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import ahocorasick_rs

from policies.screening.languages import known_forms
from policies.screening.lexicon import Form, Lexicon
from policies.screening.names import Placed, named_places
from policies.screening.normalise import Normalised
from policies.screening.templates import Template, Templates
from policies.screening.vocabulary import DATA

_WORD: Final = re.compile(r"[^\W\d_]+")
CLAUSE_END: Final = re.compile(r"[.!?;:\n]")

RULE_OF: Final = {
    "threat": "K-22.3",
    "incitement": "K-20.4",
    "insult": "K-20.1",
    "accusation": "K-20.1",
    "group_incitement": "K-20.2",
    "sexism": "K-20.2",
    "obscene": "K-20.6",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """A found wording in folded text."""

    kind: str
    start: int
    end: int
    confidence: float
    name: str


@cache
def _phrases() -> tuple[ahocorasick_rs.AhoCorasick, list[tuple[str, int, str]]]:
    found: list[tuple[str, int, str]] = []
    for line in (DATA / "phrases.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            head, wordings = line.split(":", 1)
            kind, severity = head.split()
            for wording in wordings.split("|"):
                found.append((kind, int(severity), wording.strip()))
    matcher = ahocorasick_rs.AhoCorasick(
        [wording for _, _, wording in found],
        matchkind=ahocorasick_rs.MatchKind.LeftmostLongest,
    )
    return matcher, found


@cache
def _templates() -> Templates:
    return Templates(known_forms())


class PhraseStage:
    """Fixed phrases, and templates over one lexicon's insults."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._templates = _templates()
        slots = self._templates.slots
        self._of_word = slots.of
        self._scolding: dict[str, int] = {}
        self._insults: dict[str, tuple[Form, ...]] = {}
        for text, forms in lexicon.forms.items():
            entry = forms[0].entry
            if entry.kind in ("insult", "slur", "sexist") and not entry.guards:
                name = "INSULT" if entry.severity >= 2 else "MILD"
                self._scolding[text] = slots.named[name]
                self._insults[text] = forms
        _phrases()

    def classes(self) -> dict[str, int]:
        """What folded words can do in a template, as bits, by themselves.

        ``endings`` has what more a word can do by how it ends.
        """
        classes = dict(self._templates.slots.words)
        for word, bits in self._scolding.items():
            classes[word] = classes.get(word, 0) | bits
        return classes

    @property
    def endings(self) -> dict[str, list[tuple[str, int]]]:
        return self._templates.slots.endings

    def _of(self, word: str, languages: tuple[str, ...]) -> int:
        """The classes of a word in a text of these languages."""
        classes = self._of_word(word)
        scolding = self._scolding.get(word)
        if scolding and any(
            not form.not_in.intersection(languages[:1])
            and not set(form.entry.languages).isdisjoint(languages)
            for form in self._insults[word]
        ):
            classes |= scolding
        return classes

    def find(
        self, normalised: Normalised, classes: int, languages: tuple[str, ...]
    ) -> list[Wording]:
        """All wordings in a text whose words together have ``classes``."""
        folded = normalised.folded
        found = list(_fixed(folded))
        if classes & self._templates.triggers:
            templates = self._templates.among(classes)
            if templates:
                found.extend(self._by_templates(normalised, templates, languages))
        return _without_repeats(found)

    def _by_templates(
        self,
        normalised: Normalised,
        templates: list[Template],
        languages: tuple[str, ...],
    ) -> Iterator[Wording]:
        names = self._templates.slots.named.get("NAME", 0)
        for words in _clauses(normalised.folded):
            clause = [self._of(word, languages) for word, _, _ in words]
            for place in named_places(normalised, words):
                if place == 0 or words[place - 1][0] not in _OF_PLACES:
                    clause[place] |= names
            for match in self._templates.find(templates, clause):
                template = match.template
                yield Wording(
                    template.kind,
                    words[match.first][1],
                    words[match.last][2],
                    template.confidence * (NEGATED if match.negated else 1.0),
                    template.name,
                )


_OF_PLACES: Final = frozenset(
    {"till", "til", "i", "vid", "ved", "från", "fra", "frå", "mot"}
    | {"mellan", "mellom", "genom", "gjennom"}
)
"""A name after one of these is where something is or goes, not who does it."""
NEGATED: Final = 0.5
"""A wording with a "not" in or beside it counts for half."""


def _clauses(folded: str) -> Iterator[list[Placed]]:
    """The words of each clause."""
    words: list[Placed] = []
    edge = 0
    for match in _WORD.finditer(folded):
        start, end = match.span()
        if words and CLAUSE_END.search(folded, edge, start):
            yield words
            words = []
        words.append((match.group(), start, end))
        edge = end
    if words:
        yield words


def _fixed(folded: str) -> Iterator[Wording]:
    matcher, wordings = _phrases()
    for index, start, end in matcher.find_matches_as_indexes(folded):
        if start and folded[start - 1].isalnum():
            continue
        if end < len(folded) and folded[end].isalnum():
            continue
        kind, severity, wording = wordings[index]
        yield Wording(kind, start, end, 0.85 if severity == 3 else 0.65, wording)


def _without_repeats(found: list[Wording]) -> list[Wording]:
    """Of wordings of one kind that overlap, the one of most confidence stays."""
    kept: list[Wording] = []
    last: dict[str, int] = {}
    for wording in sorted(found, key=lambda w: (w.start, -w.end)):
        at = last.get(wording.kind)
        if at is None or kept[at].end <= wording.start:
            last[wording.kind] = len(kept)
            kept.append(wording)
        elif wording.confidence > kept[at].confidence:
            kept[at] = wording
    return kept

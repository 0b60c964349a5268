"""What a screening is made of: entries go in, hits come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LANGUAGES: Final = ("sv", "nb", "nn", "en")
"""Languages in which a hit can explain itself."""

SHOWN_MASKED: Final = frozenset({"slur", "group_incitement"})
"""Kinds of hit whose word is shown with most letters hidden until asked for."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One sentence for a person, in each language of the desk."""

    sv: str
    nb: str
    nn: str
    en: str

    def sentence(self, language: str) -> str:
        """The sentence in ``language``; English for a language we do not write."""
        if language == "no":
            return self.nb
        return str(getattr(self, language)) if language in LANGUAGES else self.en

    def filled(self, **values: str) -> Explanation:
        """This template with its ``{names}`` replaced, in all languages."""
        return Explanation(
            sv=self.sv.format(**values),
            nb=self.nb.format(**values),
            nn=self.nn.format(**values),
            en=self.en.format(**values),
        )

    def as_dict(self) -> dict[str, str]:
        return {"sv": self.sv, "nb": self.nb, "nn": self.nn, "en": self.en}


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in a text that a rule may speak about.

    ``start`` and ``end`` count code points of the original text, and
    ``text[start:end] == matched`` always holds. ``confidence`` is between 0 and 1.
    """

    rule: str
    start: int
    end: int
    matched: str
    entry: str
    kind: str
    confidence: float
    language: str
    explanation: Explanation
    engine: str

    def sentence(self, lang: str) -> str:
        """Why this was marked, as a sentence in sv, nb, nn or en."""
        return self.explanation.sentence(lang)

    @property
    def shown(self) -> str:
        """The matched text as a page first shows it: slurs come masked."""
        return masked(self.matched) if self.kind in SHOWN_MASKED else self.matched

    def as_dict(self) -> dict[str, object]:
        """The JSON object of the command line."""
        return {
            "rule": self.rule,
            "start": self.start,
            "end": self.end,
            "matched": self.matched,
            "entry": self.entry,
            "kind": self.kind,
            "confidence": round(self.confidence, 3),
            "language": self.language,
            "explanation": self.explanation.as_dict(),
            "engine": self.engine,
        }


@dataclass(frozen=True, slots=True)
class Screening:
    """The outcome for one text: languages seen, best first, and hits in text order."""

    languages: tuple[str, ...]
    hits: tuple[Hit, ...]
    engine: str

    def as_dict(self) -> dict[str, object]:
        return {
            "languages": list(self.languages),
            "hits": [hit.as_dict() for hit in self.hits],
            "engine": self.engine,
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """One word of the lexicon, as the information unit edits it.

    ``term`` is the dictionary form. ``languages`` is where it means what ``kind``
    says, ``not_in`` where the same letters are an innocent word. ``severity`` runs
    from 1 (mild) to 3. ``paradigm`` names the inflection (see ``inflect``); ``forms``
    adds forms and ``without`` takes some away. A ``head`` may end a compound;
    ``modifiers`` are the shapes in which it may begin one. ``directed`` words count
    only when the text turns them at somebody. ``guards`` are words beside which it is
    innocent, or ``@identity`` for the words in which people speak of who they are.
    """

    term: str
    kind: str
    rule: str
    languages: tuple[str, ...]
    not_in: tuple[str, ...] = ()
    severity: int = 2
    paradigm: str = "-"
    head: bool = False
    modifiers: tuple[str, ...] = ()
    directed: bool = False
    guards: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    note: str = ""

    @property
    def id(self) -> str:
        """Stable name, such as ``sv:skit``; findings keep it."""
        return f"{self.languages[0]}:{self.term}"


def masked(word: str) -> str:
    """``word`` with all letters but the first of each part hidden."""
    return " ".join(
        part[:1] + "\N{BULLET}" * (len(part) - 1) for part in word.split(" ")
    )

"""The compiled words of a ruleset: which letters stand for which entry."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

import ahocorasick_rs

from policies.screening.inflect import inflect
from policies.screening.languages import KnownForms
from policies.screening.model import Entry

SIBLINGS: Final = {"nb": ("nn", "da"), "nn": ("nb", "da")}
FREQUENT: Final = 105
"""Rareness up to which a word of another language is too usual to be called a swear
word without that language ruled out (Zipf value 3.2)."""
PLAIN_AT_MOST: Final = 112
"""A swear word without its diacritics that is a word this usual stays innocent."""
STAR: Final = "*"
TAIL: Final = 4
"""Letters of a word's end that are looked at before all of it is."""

_PLAIN_PAIRS: Final = (
    str.maketrans("åäöæø", "aaoao"),
    str.maketrans({"å": "aa", "ä": "ae", "ö": "oe", "æ": "ae", "ø": "oe"}),
    str.maketrans("äöæø", "æøäö"),
)


@dataclass(frozen=True, slots=True)
class Form:
    """Some letters and the entry they stand for. ``how`` names the way there."""

    text: str
    entry: Entry
    how: str
    not_in: frozenset[str]


@dataclass(slots=True)
class Lexicon:
    """Look-up tables of all forms; built once per ruleset, never changed after."""

    forms: dict[str, tuple[Form, ...]] = field(default_factory=dict)
    plain: dict[str, tuple[Form, ...]] = field(default_factory=dict)
    bare: dict[str, tuple[Form, ...]] = field(default_factory=dict)
    heads: dict[str, tuple[Form, ...]] = field(default_factory=dict)
    modifiers: dict[str, tuple[Form, ...]] = field(default_factory=dict)
    prefixes: dict[str, Form] = field(default_factory=dict)
    beginnings: set[str] = field(default_factory=set)
    shapes: dict[tuple[int, str], list[Form]] = field(default_factory=dict)
    anchors: ahocorasick_rs.AhoCorasick | None = None

    def holds_anchor(self, word: str) -> bool:
        """Whether anything that may begin or end a compound is in ``word``."""
        anchors = self.anchors
        return anchors is not None and bool(anchors.find_matches_as_indexes(word))


def without_diacritics(word: str) -> str:
    """``word`` in plain letters: å, ä, æ as a, ö, ø as o, é as e."""
    word = word.translate(_PLAIN_PAIRS[0])
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFD", word)
    return "".join(part for part in parts if not unicodedata.combining(part))


def compile_lexicon(
    entries: Iterable[Entry], known: KnownForms, innocent: frozenset[str]
) -> Lexicon:
    """Build the tables, in the order of ``entries``: earlier entries come first.

    ``innocent`` words are no swear words that lost their diacritics.
    """
    forms: dict[str, list[Form]] = defaultdict(list)
    lexicon = Lexicon()
    for entry in entries:
        _add_entry(entry, forms, lexicon, known)
    lexicon.forms = {text: _settled(found) for text, found in forms.items()}
    for text, settled in lexicon.forms.items():
        ends = tuple(form for form in settled if form.entry.head)
        if ends and len(text) >= 3:
            lexicon.heads[text] = ends
    _add_plain(lexicon, known, innocent)
    shapes: dict[tuple[int, str], list[Form]] = defaultdict(list)
    for text, found in lexicon.forms.items():
        for form in found:
            if form.entry.severity >= 2 and not form.entry.directed:
                shapes[len(text), text[0]].append(form)
    lexicon.shapes = dict(shapes)
    anchors = sorted({*lexicon.heads, *lexicon.modifiers})
    if anchors:
        lexicon.anchors = ahocorasick_rs.AhoCorasick(anchors)
    return lexicon


def _add_entry(
    entry: Entry, forms: dict[str, list[Form]], lexicon: Lexicon, known: KnownForms
) -> None:
    if entry.term.endswith(STAR):
        prefix = entry.term.removesuffix(STAR)
        lexicon.beginnings.add(prefix[:4])
        lexicon.prefixes[prefix] = Form(prefix, entry, "form", frozenset(entry.not_in))
    term = entry.term.removesuffix(STAR)
    texts = dict.fromkeys(inflect(term, entry.languages[0], entry.paradigm))
    texts.update(dict.fromkeys(entry.forms))
    for text in entry.without:
        texts.pop(text, None)
    spoken = {*entry.languages, *SIBLINGS.get(entry.languages[0], ())}
    for text in texts:
        how = "word" if text == term else "form"
        not_in = frozenset(entry.not_in)
        if how == "form" and not_in:
            not_in &= known.languages(text, rareness=254)
        if entry.severity < 3 or len(text) < 5:
            not_in |= known.languages(text, rareness=FREQUENT) - spoken
        form = Form(text, entry, how, not_in)
        forms[text].append(form)
    for text in entry.modifiers:
        first = Form(text, entry, "compound", frozenset(entry.not_in))
        lexicon.modifiers[text] = (*lexicon.modifiers.get(text, ()), first)


def _settled(found: list[Form]) -> tuple[Form, ...]:
    """A language that has the word as an entry of its own is not ruled out."""
    own = {language for form in found for language in form.entry.languages}
    return tuple(
        replace(form, not_in=form.not_in - own) if form.not_in & own else form
        for form in found
    )


def _add_plain(lexicon: Lexicon, known: KnownForms, innocent: frozenset[str]) -> None:
    """Spellings without diacritics, where they are no other usual word."""
    plain: dict[str, list[Form]] = defaultdict(list)
    bare: dict[str, list[Form]] = defaultdict(list)
    for text, found in lexicon.forms.items():
        form = found[0]
        if form.entry.directed or form.entry.severity < 2:
            continue
        bare[without_diacritics(text)].append(form)
        if text.isascii():
            continue
        for pairs in _PLAIN_PAIRS[: 3 if form.entry.severity == 3 else 2]:
            variant = text.translate(pairs)
            if variant == text or variant in lexicon.forms or variant in innocent:
                continue
            usual = known.languages(variant, rareness=PLAIN_AT_MOST)
            if usual & {*form.entry.languages, "sv", "nb"}:
                continue
            plain[variant].append(replace(form, not_in=form.not_in | usual))
    lexicon.plain = {text: tuple(found) for text, found in plain.items()}
    lexicon.bare = {text: tuple(found) for text, found in bare.items()}
    for table in (lexicon.heads, lexicon.modifiers):
        for text, found in list(table.items()):
            variant = without_diacritics(text)
            if variant != text and len(variant) >= 5 and found[0].entry.severity == 3:
                table.setdefault(variant, found)

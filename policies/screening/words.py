"""The word stage: what each piece of text between two spaces stands for.

What a piece means does not depend on the text around it, so it is found once and
remembered; the engine then decides with the languages and neighbours of the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from policies.screening import evasion, masks, telling
from policies.screening.compounds import ABUSE_LAST, Splitter, plain_abuse
from policies.screening.languages import KnownForms
from policies.screening.lexicon import TAIL, Form, Lexicon, without_diacritics
from policies.screening.telling import HEAD, LATIN

REMEMBERED: Final = 50_000
LONGEST_CHUNK: Final = 100
"""Of longer pieces only the plain words are looked up."""

PREFIX: Final = 4
ENDING_AT_MOST: Final = 7
"""Letters of the longest ending of an entry that stands for its beginning."""
_DOUBLE: Final = re.compile(r"(.)\1")
_doubled: Final = _DOUBLE.search
_WORDS: Final = re.compile(r"[^\W\d_]+")
EDGES: Final = evasion.EDGES
_SIGNS: Final = re.compile(r"[@$€£|*#_+0-9]|^!")
"""Signs that may stand for letters even at the edge of a piece."""
_SEPARATORS: Final = re.compile(r"[\W_]+")
_MASKED: Final = re.compile(r"[\W_]|x")


class Find(NamedTuple):
    """A place inside a piece of text: ``how`` it leads to the form."""

    start: int
    end: int
    forms: tuple[Form, ...]
    how: str


Look = tuple[int, int, tuple[Find, ...]]
"""All that is to be known of one piece of text by itself: its language costs in
lanes, the word classes of the phrase stage as bits, and what it stands for."""


class WordStage:
    """Looks pieces of text up; one per ruleset."""

    def __init__(
        self,
        lexicon: Lexicon,
        known: KnownForms,
        splitter: Splitter,
        classes: Mapping[str, int],
        endings: Mapping[str, Sequence[tuple[str, int]]],
    ) -> None:
        self._lexicon = lexicon
        self._known = known
        self._splitter = splitter
        self._endings = endings
        self._number = known.number
        self._plain: list[Look | None] = [None] * len(known) + [(0, 0, ())]
        self._told = telling.told(lexicon, classes)
        self._starts = telling.starts(lexicon)
        self._tails_of_known = {*endings, *telling.tails(ABUSE_LAST)}
        self._tails = {*endings, *telling.tails(lexicon.heads)}
        self._squeezed: frozenset[str] = frozenset()
        self._outer: frozenset[str] = frozenset()
        self.memory: dict[str, Look] = {}

    def forget(self) -> None:
        """Remember nothing, as when just built."""
        self.memory.clear()
        self._splitter.forget()

    def look(self, chunk: str) -> Look:
        """Analyse one piece of folded text and remember the answer."""
        found = self._alone(chunk) if chunk.isalpha() else self._analyse(chunk)
        if len(chunk) <= LONGEST_CHUNK:
            memory = self.memory
            if len(memory) >= REMEMBERED:
                memory.clear()
            memory[chunk] = found
        return found

    def _alone(self, word: str) -> Look:
        """What a run of letters stands for by any way but signs and digits.

        Of most words nothing is to be said but how usual they are: they leave after
        one look at the dictionaries, one at the lists and one at each end, with an
        answer that all words equally usual share.
        """
        number = self._number(word)
        tails = self._tails if number < 0 else self._tails_of_known
        if (
            word in self._told
            or word[-TAIL:] in tails
            or word[:HEAD] in self._starts
            or (not word.isascii() and word.strip(LATIN) != "")
        ):
            return self._telling(word, number)
        if number < 0 and _doubled(word) is not None:
            stretched = self._stretched(word)
            if stretched is not None:
                return 0, 0, (Find(0, len(word), stretched, "disguised"),)
        return self._plain[number] or self._usual(number)

    def _usual(self, number: int) -> Look:
        """What is to be said of every plain word with this row of rareness."""
        found = self._plain[number] = (self._known.costs(number), 0, ())
        return found

    def _analyse(self, chunk: str) -> Look:
        word = chunk.strip(EDGES)
        if word.isalpha() and _SIGNS.search(chunk) is None:
            return _moved(self._alone(word), chunk.index(word))
        costs = classes = 0
        finds: list[Find] = []
        long = len(chunk) > LONGEST_CHUNK
        if not _is_address(chunk):
            for match in _WORDS.finditer(chunk):
                word = match.group()
                cost, kinds, found = _moved(self._alone(word), match.start())
                costs += cost
                classes |= kinds
                if found and not _part_of_hyphenated(chunk, found[0]):
                    finds.append(found[0])
            if not long:
                whole = self._hyphenated(chunk) or self._disguised(chunk)
                if whole is not None and not _covered(whole, finds):
                    finds = [whole]
        return costs, classes, tuple(finds)

    def _hyphenated(self, chunk: str) -> Find | None:
        """An entry that is written with a hyphen: ``cp-unge``."""
        if "-" not in chunk:
            return None
        core = chunk.strip(evasion.SOFT_EDGES)
        whole = self._lexicon.forms.get(core)
        if whole is None:
            return None
        start = chunk.index(core)
        return Find(start, start + len(core), whole, whole[0].how)

    # one word of letters

    def _telling(self, word: str, number: int) -> Look:
        """What a word is that a list has, or that begins, ends or is written as what
        some list has may be."""
        costs, _, _ = self._plain[number] or self._usual(number)
        classes, forms, how = self._told.get(word, telling.NOTHING)
        for ending, bits in self._endings.get(word[-TAIL:], ()):
            if word.endswith(ending):
                classes |= bits
        if forms is not None:
            return costs, classes, (Find(0, len(word), forms, how),)
        find = self._unlisted(word, number >= 0) if len(word) > 2 else None
        return costs, classes, (find,) if find else ()

    def guess(self, chunks: Sequence[str]) -> int:
        """Language costs of pieces in which no word is known, told by their letters."""
        return sum(
            self._known.costs_by_letters(word)
            for chunk in chunks
            if not _is_address(chunk)
            for word in _WORDS.findall(chunk[:LONGEST_CHUNK])
        )

    def _unlisted(self, word: str, known: bool) -> Find | None:
        """What a word that no list has as it is stands for."""
        if not known or plain_abuse(word):
            split = self._splitter.split(word)
            if split is not None:
                return Find(0, len(word), split, "compound")
        if word[:PREFIX] in self._lexicon.beginnings:
            begun = self._prefixed(word)
            if begun is not None:
                return Find(0, len(word), begun, "ending")
        if not word.isascii() and word.strip(LATIN):
            foreign = self._foreign(word)
            if foreign is not None:
                return Find(0, len(word), foreign, "disguised")
        if not known and _doubled(word) is not None:
            stretched = self._stretched(word)
            if stretched is not None:
                return Find(0, len(word), stretched, "disguised")
        return None

    def _prefixed(self, word: str) -> tuple[Form, ...] | None:
        prefixes = self._lexicon.prefixes
        for length in range(min(len(word), 14), 3, -1):
            form = prefixes.get(word[:length])
            if form is not None and len(word) - length <= ENDING_AT_MOST:
                return (form,)
        return None

    def _foreign(self, word: str) -> tuple[Form, ...] | None:
        """A word with look-alike or needlessly accented letters."""
        latin = evasion.homoglyphs(word)
        for reading in dict.fromkeys((latin, evasion.without_odd_accents(latin))):
            if reading != word:
                forms = self._disguised_word(reading)
                if forms is not None:
                    return forms
        if self._number(word) >= 0:
            return None
        if set(latin) & set("åäöæø"):
            return None
        return self._disguised_word(without_diacritics(latin))

    def _disguised_word(self, word: str) -> tuple[Form, ...] | None:
        """Look up a word that came out of a disguise."""
        lexicon = self._lexicon
        forms = lexicon.forms.get(word) or lexicon.bare.get(word)
        if forms is not None:
            strong = tuple(form for form in forms if _counts_disguised(form))
            if strong:
                return strong
        if len(word) > 5:
            forms = self._splitter.split(word)
            if forms is not None:
                return forms
        if evasion.is_stretched(word):
            return self._stretched(word)
        return None

    def _stretched(self, word: str) -> tuple[Form, ...] | None:
        """An unknown word with letters drawn out: ``fiiittaaa``."""
        if len(word) > LONGEST_CHUNK:
            return None
        long = evasion.is_stretched(word)
        if not long and not self._may_be_squeezed(word):
            return None
        for reading in evasion.squeezed(word):
            if reading == word:
                continue
            forms = self._lexicon.forms.get(reading)
            if forms is None and long:
                forms = self._lexicon.plain.get(reading)
            if forms is not None:
                least = 2 if long else 3
                strong = tuple(
                    form
                    for form in forms
                    if form.entry.severity >= least and not form.entry.directed
                )
                if strong:
                    return strong
            if long and len(reading) > 5:
                forms = self._splitter.split(reading)
                if forms is not None:
                    return forms
        return None

    def _may_be_squeezed(self, word: str) -> bool:
        """Whether a grave form has the letters of ``word``, runs of one letter apart.

        Words of the wrong first and last letter are not even made single.
        """
        if not self._squeezed:
            self._squeezed, self._outer = telling.squeezed(self._lexicon)
        return (
            word[0] + word[-1] in self._outer and evasion.single(word) in self._squeezed
        )

    # pieces with signs or digits in them

    def _disguised(self, chunk: str) -> Find | None:
        """A word hidden by signs, digits or separators inside one piece."""
        for start, end in evasion.cores(chunk):
            core = chunk[start:end]
            if core.isalpha() or len(core) < 3:
                continue
            forms = self._leet(core) or self._separated(core)
            if forms is None:
                forms = masks.masked(core, self._lexicon, self._number)
            if forms is not None:
                return Find(start, end, forms, "disguised")
        return None

    def _leet(self, core: str) -> tuple[Form, ...] | None:
        letters = sum(character.isalpha() for character in core)
        if letters == 0 or (letters == 1 and len(core) > 6):
            return None
        if not any(character in evasion.LEET for character in core):
            return None
        latin = core if core.isascii() else evasion.homoglyphs(core)
        for reading in evasion.leet_readings(latin):
            if reading.isalpha():
                forms = self._disguised_word(reading)
                if forms is not None:
                    return forms
        return None

    def _separated(self, core: str) -> tuple[Form, ...] | None:
        """``k.u.k``, ``fi-tta``: letters pulled apart by signs."""
        parts = [part for part in _SEPARATORS.split(core) if part]
        if len(parts) < 2 or not all(part.isalpha() for part in parts):
            return None
        words = any(len(part) >= 3 and self._number(part) >= 0 for part in parts)
        if words and (len(parts) == 2 or not any(len(part) == 1 for part in parts)):
            return None
        joined = "".join(parts)
        if len(joined) < 3:
            return None
        return self._disguised_word(joined)

    def joined(self, word: str, *, whole: bool) -> tuple[Form, ...] | None:
        """Look up letters that stood apart; compounds only if they are ``whole``."""
        if whole:
            return self._disguised_word(word)
        lexicon = self._lexicon
        forms = lexicon.forms.get(word) or lexicon.plain.get(word)
        if forms is None:
            return None
        return tuple(form for form in forms if _counts_disguised(form)) or None


def _moved(look: Look, by: int) -> Look:
    """The same of a word that begins further on in its piece."""
    costs, classes, finds = look
    if not finds or not by:
        return look
    moved = (Find(f.start + by, f.end + by, f.forms, f.how) for f in finds)
    return costs, classes, tuple(moved)


def _part_of_hyphenated(chunk: str, find: Find) -> bool:
    """Whether a milder English word is part of another: ``cock-eyed``."""
    entry = find.forms[0].entry
    if entry.severity > 2 or entry.languages != ("en",):
        return False
    return (
        chunk[find.end : find.end + 1] == "-"
        or chunk[find.start - 1 : find.start] == "-"
    )


def _covered(found: Find, finds: list[Find]) -> bool:
    """Whether plain words already say at least as much as a disguise would."""
    if not finds:
        return False
    if found.forms[0].how == "word" or len(finds) > 1:
        return (
            len(finds) > 1 and finds[-1].end - finds[0].start >= found.end - found.start
        )
    return False


def _counts_disguised(form: Form) -> bool:
    entry = form.entry
    return entry.severity >= 2 and (not entry.directed) and len(form.text) >= 3


def _is_address(chunk: str) -> bool:
    return "://" in chunk or chunk.startswith("www.")

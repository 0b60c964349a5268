"""Taking compounds apart: ``skitkommun`` is one, ``varningslampa`` is not.

A token is looked at only if no dictionary knows it. It counts if a swear word begins
or ends it and the rest is made of known words, unless the whole can also be read as
known words without the swear word (``skitur`` is ``ski`` + ``tur``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from policies.screening.languages import KnownForms
from policies.screening.lexicon import Form, Lexicon

SHORTEST: Final = 5
LONGEST: Final = 48
LINKS: Final = ("s", "e", "o", "u", "a")
"""Letters that may stand between the parts of a Nordic compound."""
_TAKES_S: Final = (
    *("ing", "ling", "het", "tion", "sjon", "skap", "dom", "itet", "ment", "else"),
    *("nad", "vård", "skin", "tråd", "pris", "trafik", "arbet", "arbeid", "leik"),
    *("lek", "sel", "stånd", "an"),
)
"""Endings of first parts after which an s links: a letter s there belongs to them."""
GENITIVE: Final = 0b10000000
_NORDIC: Final = 0b0100111
_NORDIC_COLUMNS: Final = (1, 2, 3)
_USUAL_SHORT: Final = 100
"""A part of three letters must be this usual (Zipf value 3.5)."""
_USUAL_FOUR: Final = 134
_USUAL_LAST: Final = 112
_HEAD_AT_MOST: Final = 24


_UNMISTAKABLE: Final = 7
"""A grave word of so many letters ends no innocent word by chance; one less begins
none."""
_VOWEL: Final = frozenset("aeiouyåäöæøé")
_MAKING_NOUNS: Final = (
    *("ningarna", "ningens", "ningen", "ningar", "nings", "ning", "ingar", "ingen"),
    *("ings", "ing", "andet", "ande", "endet", "ende", "heten", "heter", "hets", "het"),
    *("arens", "arnas", "arna", "aren", "ares", "are", "eren", "erne", "ere", "er"),
    *("skapet", "skaper", "skaps", "skap", "elsen", "elser", "else", "eriet", "eri"),
    *("inga", "ingane", "ingene", "ninga", "ninger", "ningene", "leiken", "leik"),
    *("lös", "löst", "lösa", "løs", "løse", "laus", "lause", "bar", "bart", "bara"),
    *("fri", "fritt", "mässig", "messig", "aktig", "aktige", "aktiga", "isk", "iska"),
)
"""What makes a word of a verb or a noun: ``plog`` and ``ning``."""
_INFLECTIONS: Final = (
    *("arnas", "ernas", "ornas", "arna", "erna", "orna", "ane", "ene", "one", "ens"),
    *("ets", "ade", "ar", "er", "or", "en", "et", "na", "te", "de", "as", "es", "a"),
    *("e", "n", "t", "s", "i"),
)
_MADE_FIRST: Final = 5
"""Letters of the shortest first part before one that is told by its root alone."""
_ROOT: Final = 4
"""Letters of the shortest root under an ending."""

ABUSE_FIRST: Final = ("skit", "knull", "porr", "dritt")
ABUSE_LAST: Final = ("jävel", "jäveln", "jävlar", "jävlarna", "jævel", "jævler")


class Splitter:
    """Splits tokens against one lexicon and one table of known forms."""

    def __init__(
        self, lexicon: Lexicon, known: KnownForms, innocent: frozenset[str]
    ) -> None:
        self._lexicon = lexicon
        self._known = known
        self._innocent = innocent
        self._part = lru_cache(maxsize=20_000)(self._languages_as_part)
        self._links = lru_cache(maxsize=5_000)(self._takes_s)

    def forget(self) -> None:
        self._part.cache_clear()
        self._links.cache_clear()

    def split(self, token: str) -> tuple[Form, ...] | None:
        """The swear word, in each language that has it, that is part of ``token``."""
        if not SHORTEST <= len(token) <= LONGEST:
            return None
        if not self._lexicon.holds_anchor(token) or self._is_innocent(token):
            return None
        if self._known.mask(token) and not plain_abuse(token):
            return None
        headed = self._by_head(token)
        if headed is not None:
            forms, split = headed
            if _always(forms[0]) or not self._reads_innocently(token, split):
                return forms
            return None
        begun = self._by_modifier(token)
        if begun is None or self._reads_innocently(token, 0):
            return None
        return begun

    def _is_innocent(self, token: str) -> bool:
        """Whether the curated list has the word, or its beginning or end."""
        innocent = self._innocent
        if token in innocent or (token[-1] == "s" and token[:-1] in innocent):
            return True
        return any(
            token[:length] + "*" in innocent or "*" + token[-length:] in innocent
            for length in range(5, min(len(token), 9))
        )

    def _by_head(self, token: str) -> tuple[tuple[Form, ...], int] | None:
        heads = self._lexicon.heads
        for length in range(min(len(token) - 2, _HEAD_AT_MOST), 2, -1):
            forms = heads.get(token[-length:])
            if forms is not None:
                rest = token[:-length]
                if self._is_first(rest) or (
                    len(rest) >= 2 and (_always(forms[0]) or _sure_last(forms[0], rest))
                ):
                    return forms, len(rest)
        return None

    def _by_modifier(self, token: str) -> tuple[Form, ...] | None:
        modifiers = self._lexicon.modifiers
        for length in range(min(len(token) - 3, _HEAD_AT_MOST), 2, -1):
            forms = modifiers.get(token[:length])
            if forms is None:
                continue
            rest = token[length:]
            if self._is_last(rest) or (
                length >= 5 and self._known.mask(rest) & _NORDIC
            ):
                return forms
            if rest[0] in "se" and len(rest) > 3 and self._is_last(rest[1:]):
                return forms
            if _sure_first(forms[0], rest):
                return forms
        return None

    def _is_first(self, word: str) -> bool:
        """Whether ``word`` may begin a compound, with its link if it has one."""
        if self._part(word) or word in self._lexicon.modifiers:
            return True
        if len(word) >= 4 and word[-1] in LINKS and self._part(word[:-1]):
            return True
        if len(word) >= 3 and (self._part(word + "a") or self._part(word + "e")):
            return True
        return self._two_parts(word) or self._is_made(word)

    def _is_last(self, word: str) -> bool:
        if self._part(word) or word in self._lexicon.forms:
            return True
        if word.endswith("s") and self._part(word[:-1]):
            return True
        return self._two_parts(word) or self._is_made(word)

    def _is_made(self, word: str) -> bool:
        """Whether a known root and an ending make up ``word``: ``plogning``, or
        two known words of which the last is inflected: ``sitatteikni``."""
        if len(word) < _ROOT + 1:
            return False
        for ending in _MAKING_NOUNS:
            if word.endswith(ending) and len(word) - len(ending) >= _ROOT:
                root = word[: -len(ending)]
                if self._part(root) or self._part(root + "a") or self._part(root + "e"):
                    return True
        for ending in _INFLECTIONS:
            if word.endswith(ending) and len(word) - len(ending) >= _ROOT:
                root = word[: -len(ending)]
                if self._part(root) or (len(root) >= 7 and self._two_parts(root)):
                    return True
                if len(root) >= 6 and self._two_parts(root + "a"):
                    return True
        return False

    def _two_parts(self, word: str) -> bool:
        """Whether two known words, of three letters or more, make up ``word``."""
        for at in range(3, len(word) - 2):
            if min(at, len(word) - at) == 3 and len(word) < 8:
                continue
            if self._part(word[at:]) and (
                self._part(word[:at])
                or (word[at - 1] == "s" and at > 4 and self._part(word[: at - 1]))
            ):
                return True
        return False

    def _reads_innocently(self, token: str, split: int) -> bool:
        """Whether known words of one language make up ``token`` without a swear word.

        ``split`` is where the swear word at the end would begin, 0 if one begins the
        token. Of two readings that differ there, the one with the longer first part
        is the likelier: ``varnings|lampa``, but ``taktikk|ludder``.
        """
        lexicon = self._lexicon
        plain_first = split and self._plain_part(token[:split])
        for at in range(3, len(token) - 2):
            last = token[at:]
            if last in lexicon.heads:
                continue
            seen = self._part(last)
            if not seen and at >= _MADE_FIRST and self._is_inflected(last):
                seen = _NORDIC
            if not seen or (at < split and plain_first) or self._is_rare(last):
                continue
            first = token[:at]
            if first in lexicon.modifiers or first in lexicon.forms:
                continue
            if first[-1] == "s" and len(first) >= 4:
                root = first[:-1]
                if (self._part(root) or self._is_made(root)) and self._links(root):
                    return True
                if self._known.mask(first) & GENITIVE:
                    continue  # hund|s|kit: a dog takes no s in compounds
            if self._part(first) & seen:
                return True
        return False

    def _is_inflected(self, word: str) -> bool:
        """Whether a known root and an inflection make up ``word``: ``behandlingi``."""
        for ending in _INFLECTIONS:
            root = word.removesuffix(ending)
            if root == word or len(root) <= _ROOT:
                continue
            if self._part(root) or self._part(root + "e") or self._part(root + "a"):
                return True
        return False

    def _takes_s(self, root: str) -> bool:
        """Whether compounds with ``root`` are linked by s: ``verktyg|s|låda``.

        Seen from the known forms; ``hund|spår`` is none, since ``spår`` is a word.
        """
        if root.endswith(_TAKES_S):
            return True
        linked = 0
        for word in self._known.beginning_with(root + "s", at_most=400):
            rest = word[len(root) + 1 :]
            if len(rest) >= 4 and self._part(rest) and not self._known.mask("s" + rest):
                linked += 1
                if linked == 3:
                    return True
        return False

    def _is_rare(self, word: str) -> bool:
        """Whether a short word is too rare to be what a compound ends in."""
        row = self._known.row(word) if len(word) == 4 else None
        return row is not None and min(row[1:4]) > _USUAL_LAST

    def _plain_part(self, word: str) -> bool:
        return bool(self._part(word)) and not self._known.mask(word) & GENITIVE

    def _languages_as_part(self, word: str) -> int:
        """In which languages ``word`` is usual enough to be part of a compound."""
        if len(word) < 3:
            return 0
        row = self._known.row(word)
        if row is None or not row[0] & _NORDIC:
            return 0
        limit = _USUAL_SHORT if len(word) == 3 else _USUAL_FOUR
        if len(word) > 4:
            return row[0] & _NORDIC
        return sum(
            1 << (column - 1) for column in _NORDIC_COLUMNS if row[column] <= limit
        )


def plain_abuse(token: str) -> bool:
    """Whether a compound is abuse although dictionaries list it: ``danskjävel``."""
    return token.startswith(ABUSE_FIRST) or token.endswith(ABUSE_LAST)


def _sure_last(form: Form, rest: str) -> bool:
    """Whether a word this long and grave means itself, whatever begins the compound."""
    return (
        len(form.text) >= _UNMISTAKABLE
        and form.entry.severity == 3
        and len(rest) >= 3
        and not _VOWEL.isdisjoint(rest)
    )


def _sure_first(form: Form, rest: str) -> bool:
    """The same of a word at the beginning, before four letters or more."""
    sure = len(form.text) >= _UNMISTAKABLE - 1 and form.entry.severity >= 2
    return (sure or _always(form)) and len(rest) >= 4 and not _VOWEL.isdisjoint(rest)


def _always(form: Form) -> bool:
    """Whether no innocent word ends like this, whatever stands before it."""
    return form.entry.severity == 3 and (
        form.text.startswith(("jäv", "djäv", "jæv", "fitta", "fittor", "kärring"))
        and len(form.text) >= 5
    )

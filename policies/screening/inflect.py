"""Inflected forms by paradigm, for the languages of the lexicon.

A paradigm may give a form too many: a form nobody writes does no harm, and one that
is another word is told apart by the lexicon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

Paradigm = Callable[[str], Iterable[str]]


def _sv_a(term: str) -> Iterable[str]:
    root = term[:-1]
    return [term + "n", root + "or", root + "orna"]


def _sv_ar(term: str) -> Iterable[str]:
    if term.endswith(("el", "er")):
        root = term[:-2] + term[-1]
        return [term + "n", root + "ar", root + "arna", root + "arne"]
    if term.endswith("e"):
        return [term + "n", term[:-1] + "ar", term[:-1] + "arna"]
    doubled = term + term[-1] if term.endswith("m") else term
    return [doubled + "en", doubled + "ar", doubled + "arna"]


def _sv_er(term: str) -> Iterable[str]:
    if term.endswith("o"):
        return [term + "n", term + "s", term + "er", term + "erna", term + "na"]
    return [term + "en", term + "er", term + "erna", term + "et"]


def _sv_n(term: str) -> Iterable[str]:
    return [term + "t", term + "n", term + "na"]


def _sv_i(term: str) -> Iterable[str]:
    return [term + "et", term + "t", term + "er", term + "erna"]


def _sv_zero(term: str) -> Iterable[str]:
    if term.endswith(("el", "er")):
        root = term[:-2] + term[-1]
        return [root + "et", term + "et", root + "en", root + "ena"]
    doubled = term + term[-1] if term.endswith("m") else term
    return [doubled + "et", doubled + "en", doubled + "ena"]


def _sv_are(term: str) -> Iterable[str]:
    return [term + "n", term[:-1] + "na"]


def _sv_verb(term: str) -> Iterable[str]:
    root = term[:-1]
    endings = ("ar", "ade", "at", "as", "ades", "ats", "ande", "ad", "andet", "andes")
    return [root + ending for ending in endings] + [root + "ande"]


def _sv_adjective(term: str) -> Iterable[str]:
    return [term + ending for ending in ("t", "a", "e", "are", "ast", "aste", "as")]


def _no_m(term: str) -> Iterable[str]:
    root = term.removesuffix("e")
    endings = ("en", "er", "ene", "ar", "ane", "a")
    return [root + ending for ending in endings]


def _no_agent(term: str) -> Iterable[str]:
    short = term[:-2] + term[-1]
    if term.endswith("el") and term[-3:-2] == term[-4:-3]:
        short = term[:-3] + term[-1]
    forms = [term + ending for ending in ("en", "e", "ne", "n", "ene")]
    forms += [short + ending for ending in ("er", "ene", "ar", "ane", "e", "en")]
    nynorsk = term[:-2] + "ar"
    return forms + [nynorsk + ending for ending in ("", "en", "ar", "ane")]


def _no_n(term: str) -> Iterable[str]:
    return [term + ending for ending in ("et", "er", "ene", "a", "ene")]


def _no_ne(term: str) -> Iterable[str]:
    root = term[:-1]
    return [root + ending for ending in ("et", "er", "ene", "a", "ane")]


def _no_f(term: str) -> Iterable[str]:
    root = term.removesuffix("e")
    return [
        root + ending
        for ending in ("a", "en", "er", "ene", "or", "one", "ar", "ane", "ane")
    ]


def _no_verb(term: str) -> Iterable[str]:
    root = term.removesuffix("e")
    endings = ("e", "er", "a", "et", "te", "t", "es", "ende", "ing", "inga", "ar")
    return [root + ending for ending in (*endings, "ande", "ast", "as", "ede", "ingen")]


def _no_adjective(term: str) -> Iterable[str]:
    return [term + ending for ending in ("t", "e", "ere", "est", "este", "are", "aste")]


def _en_noun(term: str) -> Iterable[str]:
    if term.endswith(("s", "sh", "ch", "x", "z")):
        return [term + "es"]
    if term.endswith("y") and term[-2:-1] not in "aeiou":
        return [term[:-1] + "ies", term + "s"]
    return [term + "s"]


def _en_verb(term: str) -> Iterable[str]:
    root = term.removesuffix("e")
    ends = ("ed", "ing", "er", "ers", "in", "ings")
    return [*_en_noun(term), *(root + ending for ending in ends)]


def _en_doubling(term: str) -> Iterable[str]:
    root = term + term[-1]
    return [*_en_noun(term), *(root + end for end in ("ed", "ing", "er", "ers", "in"))]


PARADIGMS: Final[dict[str, dict[str, Paradigm]]] = {
    "sv": {
        "n1": _sv_a,
        "n2": _sv_ar,
        "n2a": _sv_ar,
        "n2e": _sv_ar,
        "n2g": _sv_ar,
        "n2m": lambda term: _sv_ar(term),
        "n3": _sv_er,
        "n3a": _sv_er,
        "n3s": _sv_er,
        "n4": _sv_n,
        "n4i": _sv_i,
        "n5": _sv_zero,
        "n6": _sv_are,
        "v1": _sv_verb,
        "adj": _sv_adjective,
        "pp": lambda term: (),
    },
    "no": {
        "m": _no_m,
        "me": _no_agent,
        "n": _no_n,
        "ne": _no_ne,
        "f": _no_f,
        "v": _no_verb,
        "v2": _no_verb,
        "adj": _no_adjective,
    },
    "en": {"n": _en_noun, "n2": _en_noun, "v": _en_verb, "v2": _en_doubling},
    "fi": {},
}


def inflect(term: str, language: str, paradigm: str) -> tuple[str, ...]:
    """All forms of ``term``, itself first, without repeats.

    An unknown paradigm name gives the term and its genitive only.
    """
    family = "no" if language in ("nb", "nn") else language
    build = PARADIGMS.get(family, {}).get(paradigm)
    forms = [term, *(build(term) if build is not None else ())]
    if family in ("sv", "no") and paradigm not in ("v1", "v", "v2", "adj"):
        forms += [form + "s" for form in forms if not form.endswith("s")]
    return tuple(dict.fromkeys(forms))

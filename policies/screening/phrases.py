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
from typing import Final, NamedTuple

import ahocorasick_rs

from policies.screening.lexicon import Form, Lexicon
from policies.screening.surroundings import Class, class_words
from policies.screening.vocabulary import DATA

_WORD: Final = re.compile(r"[^\W\d_]+")
CLAUSE_END: Final = re.compile(r"[.!?;:\n]")


TRIGGERS: Final = (
    Class.VIOLENT
    | Class.IMPERATIVE
    | Class.PASSIVE
    | Class.DIE
    | Class.GROUP
    | Class.INSULT
    | Class.MILD
)

_SCOLDING: Final = Class.INSULT | Class.MILD

RULE_OF: Final = {
    "threat": "K-22.3",
    "incitement": "K-20.4",
    "insult": "K-20.1",
    "group_incitement": "K-20.2",
    "sexism": "K-20.2",
    "obscene": "K-20.6",
}


class Token(NamedTuple):
    text: str
    start: int
    end: int
    classes: int


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


class PhraseStage:
    """Templates over one lexicon's insults."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._words = dict(class_words())
        self._insults: dict[str, tuple[Form, ...]] = {}
        for text, forms in lexicon.forms.items():
            entry = forms[0].entry
            if entry.kind in ("insult", "slur", "sexist") and not entry.guards:
                bit = Class.INSULT if entry.severity >= 2 else Class.MILD
                self._words[text] = self._words.get(text, 0) | bit
                self._insults[text] = forms
        _phrases()

    def classes_of(self, word: str) -> int:
        """The classes of a folded word, as bits."""
        return self._words.get(word, 0)

    def _of(self, word: str, languages: tuple[str, ...]) -> int:
        """The classes of a word in a text of these languages."""
        classes = self._words.get(word, 0)
        if classes & _SCOLDING and not any(
            not form.not_in.intersection(languages[:1])
            and not set(form.entry.languages).isdisjoint(languages)
            for form in self._insults.get(word, ())
        ):
            return classes & ~_SCOLDING
        return classes

    def find(
        self, folded: str, classes: int, languages: tuple[str, ...]
    ) -> list[Wording]:
        """All wordings in ``folded``, whose words together have ``classes``."""
        found = list(_fixed(folded))
        if classes & TRIGGERS:
            tokens = [
                Token(m.group(), m.start(), m.end(), self._of(m.group(), languages))
                for m in _WORD.finditer(folded)
            ]
            found.extend(_templates(tokens, folded))
        return _without_repeats(found)


def _fixed(folded: str) -> Iterator[Wording]:
    matcher, wordings = _phrases()
    for index, start, end in matcher.find_matches_as_indexes(folded):
        if start and folded[start - 1].isalnum():
            continue
        if end < len(folded) and folded[end].isalnum():
            continue
        kind, severity, wording = wordings[index]
        yield Wording(kind, start, end, 0.85 if severity == 3 else 0.65, wording)


def _templates(tokens: list[Token], folded: str) -> Iterator[Wording]:
    for at, token in enumerate(tokens):
        classes = token.classes
        if not classes & TRIGGERS:
            continue
        before, after = _clause(tokens, at, folded)
        if classes & Class.VIOLENT:
            yield from _threat(token, before, after)
        if classes & Class.DIE:
            yield from _shall_die(token, before, after)
        if classes & Class.PASSIVE:
            yield from _ought_to_be(token, before)
        if classes & Class.IMPERATIVE:
            yield from _imperative(token, before, after)
        if classes & (Class.INSULT | Class.MILD):
            yield from _insult(token, before, len(tokens), folded)
        if classes & Class.GROUP:
            yield from _agitation(token, before, after)


def _clause(
    tokens: list[Token], at: int, folded: str
) -> tuple[list[Token], list[Token]]:
    """Up to six words on each side of ``tokens[at]`` within its clause."""
    before: list[Token] = []
    edge = tokens[at].start
    for token in reversed(tokens[max(0, at - 6) : at]):
        if CLAUSE_END.search(folded[token.end : edge]):
            break
        before.insert(0, token)
        edge = token.start
    after: list[Token] = []
    edge = tokens[at].end
    for token in tokens[at + 1 : at + 7]:
        if CLAUSE_END.search(folded[edge : token.start]):
            break
        after.append(token)
        edge = token.end
    return before, after


def _first(tokens: list[Token], classes: int) -> Token | None:
    return next((token for token in tokens if token.classes & classes), None)


def _last(tokens: list[Token], classes: int) -> Token | None:
    return _first(tokens[::-1], classes)


def _negated(tokens: list[Token]) -> float:
    return 0.5 if _first(tokens, Class.NOT) else 1.0


def _threat(token: Token, before: list[Token], after: list[Token]) -> Iterator[Wording]:
    """{we} {will} {violent} {you}"""
    who, will = _last(before, Class.WE), _last(before, Class.WILL)
    whom = _first(after[:3], Class.TARGET) or _last(before[-2:], Class.TARGET)
    if who and will and whom and abs(who.start - will.start) < 24:
        start = min(who.start, will.start, whom.start)
        end = max(token.end, whom.end)
        yield Wording("threat", start, end, 0.85 * _negated(before), "we-will-harm-you")


def _shall_die(
    token: Token, before: list[Token], after: list[Token]
) -> Iterator[Wording]:
    """{you} {shall} {die}, but not of laughter"""
    if after and after[0].text in ("av", "of", "laughing", "ut"):
        return
    who = _last(before, Class.YOU | Class.GROUP)
    shall = _last(before, Class.WILL | Class.SHOULD)
    if who and shall:
        start = min(who.start, shall.start)
        yield Wording(
            "threat", start, token.end, 0.7 * _negated(before), "you-shall-die"
        )


def _ought_to_be(token: Token, before: list[Token]) -> Iterator[Wording]:
    """{ought to} be {killed}"""
    should = _last(before, Class.SHOULD)
    if should:
        start = min(should.start, before[0].start if len(before) < 4 else should.start)
        yield Wording(
            "incitement", start, token.end, 0.7 * _negated(before), "ought-to-be-killed"
        )


def _imperative(
    token: Token, before: list[Token], after: list[Token]
) -> Iterator[Wording]:
    """{kill} {them} at the head of a clause"""
    if before and not (len(before) == 1 and not before[0].classes & Class.WE):
        return
    whom = _first(after[:2], Class.TARGET | Class.GROUP | Class.INSULT)
    if whom:
        yield Wording("incitement", token.start, whom.end, 0.65, "imperative-harm")


def _insult(
    token: Token, before: list[Token], words: int, folded: str
) -> Iterator[Wording]:
    """{you} {are} … {insult}; {your} {insult}; {insult} alone"""
    mild = not token.classes & Class.INSULT
    near = before[-5:]
    be = _last(near, Class.BE)
    if be is not None:
        subject = _last([word for word in before if word.start <= be.start], Class.YOU)
        subject = subject or _first(
            [word for word in before if word.start > be.start][:1], Class.YOU
        )
        if subject and abs(subject.start - be.start) < 16:
            start = min(subject.start, be.start)
            yield Wording("insult", start, token.end, 0.8 * _negated(near), "you-are")
            return
        article = _last(near[-3:], Class.ARTICLE | Class.POSS)
        who = _last([word for word in before if word.start < be.start], Class.THEY)
        if not mild and (article or who):
            start = who.start if who and be.start - who.end < 4 else be.start
            yield Wording("insult", start, token.end, 0.6 * _negated(near), "is-a")
            return
    own = _last(before[-2:], Class.POSS)
    if own and (not mild or own.text not in _OWNERS):
        yield Wording("insult", own.start, token.end, 0.75, "your-insult")
        return
    you = _last(before[-1:], Class.YOU)
    if you and not mild and len(before) <= 2:
        yield Wording("insult", you.start, token.end, 0.7, "you-insult")
        return
    if words <= 2 and not mild and folded[token.end : token.end + 1] == "!":
        yield Wording("insult", token.start, token.end, 0.6, "insult-alone")


_OWNERS: Final = frozenset(
    [
        "din",
        "ditt",
        "dina",
        "di",
        "dine",
        "era",
        "ert",
        "for",
        "noen",
        "vilken",
        "vilka",
        "hvilken",
    ]
)


def _agitation(
    token: Token, before: list[Token], after: list[Token]
) -> Iterator[Wording]:
    """{group} are {vermin}; out with {group}; {group} {shall} {out}; hate {group}"""
    kind = "group_incitement"
    less = _negated(before[-3:]) * _negated(after[:4])
    be = _first(after[:2], Class.BE)
    if be:
        rest = [word for word in after if word.start > be.start][:5]
        low = _first(rest, Class.DEHUMAN)
        if low:
            yield Wording(kind, token.start, low.end, 0.8 * less, "group-is-vermin")
            return
    shall = _first(after[:2], Class.SHOULD | Class.WILL)
    if shall:
        rest = [word for word in after if word.start > shall.start][:4]
        away = _first(rest, Class.AWAY | Class.PASSIVE)
        if away:
            yield Wording(kind, token.start, away.end, 0.7 * less, "group-shall-out")
            return
    if before:
        hate = _last(before[-2:], Class.HATE)
        if hate:
            yield Wording(kind, hate.start, token.end, 0.75 * less, "hate-group")
            return
        expel = _first(before[-4:], Class.EXPEL)
        if (
            expel
            and (
                expel.start == before[0].start
                or _last(before[-4:], Class.WE | Class.SHOULD)
            )
            and (expel.text != "ut" or (before[-1].text in ("med", "alle", "alla")))
        ):
            yield Wording(kind, expel.start, token.end, 0.7 * less, "expel-group")
            return
    out = _first(after[:2], Class.AWAY)
    if out and len(after) <= 4 and len(before) <= 2 and out.text in _OUT:
        yield Wording(kind, token.start, out.end, 0.65 * less, "group-out")


_OUT: Final = frozenset(
    ["ut", "hem", "hjem", "heim", "försvinn", "vekk", "bort", "out", "go", "home"]
)


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

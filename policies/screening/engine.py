"""The whole screening of one text, stage by stage."""

from __future__ import annotations

import re
from typing import Final

from policies.screening import phrases, surroundings
from policies.screening.detectors import DETECTORS
from policies.screening.explanations import of_phrase, of_word
from policies.screening.languages import NORDIC, ranked
from policies.screening.lexicon import Form
from policies.screening.model import LANGUAGES, Hit, Screening
from policies.screening.normalise import Normalised, normalise
from policies.screening.ruleset import Ruleset
from policies.screening.vocabulary import place_ends
from policies.screening.words import Find, WordStage

_CHUNK: Final = re.compile(r"\S+")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_CONFIDENCE: Final = {1: 0.55, 2: 0.8, 3: 0.95}
_OF_WAY: Final = {
    "word": 1.0,
    "form": 1.0,
    "compound": 0.93,
    "plain": 0.85,
    "disguised": 0.88,
    "ending": 0.9,
}
REPORTED: Final = 0.6
"""A quoted word, or one that somebody is said to have used, counts for less."""
TELLING: Final = 10
"""So many known words tell the languages of a text; letters help where fewer are."""
SPACED_AT_MOST: Final = 24
"""Letters of the longest word looked for letter by letter."""
_LONE: Final = 5
"""Shorter pieces may be a letter by itself, with or without signs around it."""
SHORT: Final = 3
"""Texts of fewer words are too short for a word that needs its surroundings."""


def screen(
    text: str, *, ruleset: Ruleset | None = None, direction: str = "incoming"
) -> Screening:
    """Look at ``text`` under ``ruleset``; the same input always gives the same hits.

    ``direction`` is ``incoming`` or ``outgoing``; rules that do not hold for it give
    no hits. Nothing is stored and the text is not changed.
    """
    rules = ruleset or Ruleset.default()
    normalised = normalise(text)
    stage = rules.words
    chunks = normalised.folded.split()
    memory = stage.memory
    costs = classes = singles = known = 0
    strange: list[str] = []
    found = False
    for chunk in chunks:
        look = memory.get(chunk)
        if look is None:
            look = stage.look(chunk)
        cost, kinds, finds = look
        if cost:
            costs += cost
            known += 1
        elif known < TELLING:
            strange.append(chunk)
        classes |= kinds
        if finds:
            found = True
        elif len(chunk) < _LONE and (len(chunk) == 1 or not chunk.isalpha()):
            singles += 1
    if known < TELLING and strange:
        costs += stage.guess(strange[: TELLING - known])
    languages = ranked(costs)
    hits: list[Hit] = []
    wordings = rules.phrases.find(normalised, classes, languages)
    if wordings:
        hits.extend(_phrase_hits(normalised, wordings, languages, rules))
    if found:
        hits.extend(_word_hits(normalised, stage, languages, rules, len(chunks)))
    if singles >= 3:
        hits.extend(_spaced_hits(normalised, stage, rules))
    for detect in DETECTORS:
        hits.extend(detect(text, normalised))
    kept = [hit for hit in hits if rules.reports(hit.rule, direction)]
    kept.sort(key=lambda hit: (hit.start, hit.end, hit.rule, hit.entry))
    return Screening(languages=languages, hits=tuple(kept), engine=rules.engine)


def _phrase_hits(
    normalised: Normalised,
    wordings: list[phrases.Wording],
    languages: tuple[str, ...],
    rules: Ruleset,
) -> list[Hit]:
    language = next((name for name in languages if name in LANGUAGES), "sv")
    hits = []
    for wording in wordings:
        start, end = normalised.span(wording.start, wording.end)
        matched = normalised.text[start:end]
        confidence = wording.confidence
        if surroundings.quoted_or_reported(
            normalised.folded, wording.start, wording.end
        ):
            confidence *= REPORTED
        rule = phrases.RULE_OF[wording.kind]
        hits.append(
            Hit(
                rule=rule,
                start=start,
                end=end,
                matched=matched,
                entry=f"phrase:{wording.name}",
                kind=wording.kind,
                confidence=round(confidence, 3),
                language=language,
                explanation=of_phrase(matched, wording.kind, rule),
                engine=rules.engine,
            )
        )
    return hits


def _word_hits(
    normalised: Normalised,
    stage: WordStage,
    languages: tuple[str, ...],
    rules: Ruleset,
    words: int,
) -> list[Hit]:
    hits = []
    folded = normalised.folded
    for match in _CHUNK.finditer(folded):
        chunk = match.group()
        _, _, finds = stage.memory.get(chunk) or stage.look(chunk)
        for find in finds:
            form = chosen(find, languages)
            if form is None:
                continue
            start, end = match.start() + find.start, match.start() + find.end
            if "@name" in form.entry.guards and _is_capitalised(normalised, start, end):
                continue
            if find.how == "compound" and _is_name(normalised, form, start, end):
                continue
            if _may_be_innocent(find, form) and guarded(
                form, folded, start, end, words
            ):
                continue
            hits.append(_hit(normalised, start, end, form, find.how, rules))
    return hits


def chosen(find: Find, languages: tuple[str, ...]) -> Form | None:
    """The form meant in a text of these languages, or None where it is innocent."""
    best: Form | None = None
    best_rank = 99
    active = languages
    for form in find.forms:
        entry = form.entry
        if entry.directed and find.how != "compound":
            continue
        rank = min(
            (active.index(name) for name in entry.languages if name in active),
            default=50,
        )
        if rank == 50 and find.how == "ending":
            continue
        foreign = rank == 50 and NORDIC.isdisjoint(active) and find.how in _FRAGILE
        if foreign and not NORDIC.isdisjoint(entry.languages):
            continue
        against = min(
            (active.index(name) for name in form.not_in if name in active), default=90
        )
        if against < rank:
            continue
        if rank < best_rank:
            best, best_rank = form, rank
    return best


_FRAGILE: Final = frozenset({"compound", "plain"})


def _is_capitalised(normalised: Normalised, start: int, end: int) -> bool:
    """Whether a word begins with a capital and goes on in small letters."""
    first, last = normalised.span(start, end)
    word = normalised.text[first:last]
    return word[:1].isupper() and not word.isupper()


def _is_name(normalised: Normalised, form: Form, start: int, end: int) -> bool:
    """Whether a compound is rather a name: ``Horslunde``, ``Kärringsundet``.

    It has a capital that no sentence asks for, and few telling letters or the end of
    a place's name.
    """
    first, last = normalised.span(start, end)
    word = normalised.text[first:last]
    place = normalised.folded[start:end].endswith(place_ends())
    if not place and len(form.text) > 4:
        return False
    if not _is_capitalised(normalised, start, end):
        return False
    before = normalised.text[max(0, first - 8) : first].rstrip()
    alone = len(normalised.text) < 2 * len(word) and word == normalised.text.strip()
    return alone or before[-1:] not in _SENTENCE_ENDS


_SENTENCE_ENDS: Final = (*'.!?:"”»-–', "")


def _may_be_innocent(find: Find, form: Form) -> bool:
    """Guards speak of the word itself; nobody calls himself ``mjölkbög``."""
    return find.how != "compound" or form.how == "compound"


def guarded(form: Form, folded: str, start: int, end: int, words: int) -> bool:
    """Whether words beside the place make it innocent."""
    guards = form.entry.guards
    if not guards:
        return False
    if "@short" in guards and words < SHORT:
        return True
    before = _LETTERS.findall(folded[max(0, start - 60) : start])[-5:]
    after = _LETTERS.findall(folded[end : end + 60])[:5]
    return surroundings.innocent_beside(guards, before, after)


def _spaced_hits(normalised: Normalised, stage: WordStage, rules: Ruleset) -> list[Hit]:
    """Words written with a space after each letter."""
    hits: list[Hit] = []
    run: list[tuple[str, int]] = []
    for match in _CHUNK.finditer(normalised.folded):
        letters = _LETTERS.findall(match.group())
        if len(letters) == 1 and len(letters[0]) == 1:
            at = match.start() + match.group().index(letters[0])
            run.append((letters[0], at))
            if len(match.group()) == 1:
                continue
        elif not letters and len(match.group()) == 1 and run:
            continue
        if len(run) >= 3:
            hits.extend(_in_run(normalised, stage, rules, run))
        run = []
    if len(run) >= 3:
        hits.extend(_in_run(normalised, stage, rules, run))
    return hits


def _in_run(
    normalised: Normalised,
    stage: WordStage,
    rules: Ruleset,
    run: list[tuple[str, int]],
) -> list[Hit]:
    hits: list[Hit] = []
    letters = "".join(letter for letter, _ in run)
    at = 0
    while at <= len(letters) - 3:
        for end in range(min(len(letters), at + SPACED_AT_MOST), at + 2, -1):
            forms = stage.joined(letters[at:end], whole=end - at == len(letters))
            if forms:
                first, last = run[at][1], run[end - 1][1] + 1
                hits.append(_hit(normalised, first, last, forms[0], "disguised", rules))
                at = end - 1
                break
        at += 1
    return hits


def _hit(
    normalised: Normalised, start: int, end: int, form: Form, how: str, rules: Ruleset
) -> Hit:
    entry = form.entry
    confidence = _CONFIDENCE.get(entry.severity, 0.5) * _OF_WAY[how]
    if "@identity" in entry.guards or "@short" in entry.guards:
        confidence *= 0.5
    if surroundings.quoted_or_reported(normalised.folded, start, end):
        confidence *= REPORTED
    first, last = normalised.span(start, end)
    matched = normalised.text[first:last]
    return Hit(
        rule=entry.rule,
        start=first,
        end=last,
        matched=matched,
        entry=entry.id,
        kind=entry.kind,
        confidence=round(confidence, 3),
        language=entry.languages[0],
        explanation=of_word(matched, entry, how),
        engine=rules.engine,
    )

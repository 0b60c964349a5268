"""Changing the words of the screening: each publication is a version, none is lost.

The words in force are those that come with the software, changed by every version up
to the newest. Nothing here changes what was found before: a finding keeps the engine
version that made it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from policies.models import WordChange, WordVersion
from policies.screening import Entry, Hit, Ruleset, screen
from policies.screening.explanations import KINDS
from policies.screening.inflect import PARADIGMS, inflect
from policies.screening.ruleset import RULES

# Languages that an entry may belong to, and those in which it may be innocent.
LANGUAGES = ("sv", "nb", "nn", "en", "fi")
INNOCENT_IN = (*LANGUAGES, "da", "se")
PROPOSED = "proposed"
NOTE_LONGEST = 2000

_WORD = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]+)*\*?")
_FORM = re.compile(r"(?=.*[^\W\d_])[^\s,*]{2,60}")
_GUARD = re.compile(r"@?[^\W\d_]+")
_Action = WordChange.Action


class WordingError(ValueError):
    """The change cannot be made; the message says why, to the person."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to happen to one entry; `content` goes with adding alone."""

    action: str
    entry: str
    content: Entry | None = None


def add(entry: Entry) -> Change:
    """Adds an entry, or puts it in the place of the one of the same name."""
    return Change(_Action.ADD, entry.id, entry)


def remove(entry: str) -> Change:
    return Change(_Action.REMOVE, entry)


def restore(entry: str) -> Change:
    """Puts an entry back as it came with the software."""
    return Change(_Action.RESTORE, entry)


@dataclass(slots=True)
class _Words:
    """What differs from the words that come with the software."""

    number: int = 0
    added: dict[str, Entry] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)

    def apply(self, change: Change) -> None:
        self.added.pop(change.entry, None)
        self.removed.discard(change.entry)
        if change.content is not None:
            self.added[change.entry] = change.content
        elif change.action == _Action.REMOVE:
            self.removed.add(change.entry)

    def of(self, entry: str) -> tuple[Entry | None, bool]:
        return self.added.get(entry), entry in self.removed

    def ruleset(self, version: str) -> Ruleset:
        return Ruleset.default().with_changes(
            add=self.added.values(), remove=self.removed, version=version
        )


# The newest version's number and time, and its words. A process builds them once, in
# half a second; one look at the newest version says whether they still hold.
_held: tuple[tuple[int, datetime], Ruleset] | None = None


def in_force() -> Ruleset:
    """The words to screen by now; one query while nothing was published."""
    global _held
    newest = (
        WordVersion.objects.order_by("-number")
        .values_list("number", "created_at")
        .first()
    )
    if newest is None:
        return Ruleset.default()
    held = _held
    if held is None or held[0] != newest:
        words = _words(until=newest[0])
        held = (newest, words.ruleset(str(newest[0])))
        _held = held
    return held[1]


def newest_number() -> int:
    """Number of the version in force; 0 before the first change."""
    newest = WordVersion.objects.order_by("-number").values_list("number", flat=True)
    return newest.first() or 0


def own_entries() -> frozenset[str]:
    """Names of the entries that the municipality added or replaced."""
    return frozenset(_words().added)


def taken_away() -> list[Entry]:
    """Entries of the software that the municipality removed, by name."""
    removed = _words().removed
    return [e for e in Ruleset.default().entries if e.id in removed]


def forms_of(entry: Entry) -> tuple[str, ...]:
    """The forms that are looked for, the word itself first."""
    forms = dict.fromkeys(inflect(entry.term, entry.languages[0], entry.paradigm))
    forms.update(dict.fromkeys(entry.forms))
    return tuple(form for form in forms if form not in entry.without)


def proposed(changes: Sequence[Change]) -> Ruleset:
    """The words as they would be; nothing is stored. Raises WordingError."""
    words = _words()
    _check(changes, words)
    for change in changes:
        words.apply(change)
    return words.ruleset(PROPOSED)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change does to one text. `before` and `after` count all hits."""

    gained: tuple[Hit, ...]
    lost: tuple[Hit, ...]
    before: int
    after: int


def difference(
    *, text: str, old: Ruleset, new: Ruleset, rules: Iterable[str] | None = None
) -> Difference | None:
    """How the hits in a text change; None when they stay the same. `rules` are those
    whose hits count, all when left out."""
    wanted = None if rules is None else frozenset(rules)
    before, after = (
        {
            (hit.rule, hit.start, hit.end): hit
            for hit in screen(text, ruleset=ruleset).hits
            if wanted is None or hit.rule in wanted
        }
        for ruleset in (old, new)
    )
    if before.keys() == after.keys():
        return None
    return Difference(
        gained=tuple(hit for place, hit in after.items() if place not in before),
        lost=tuple(hit for place, hit in before.items() if place not in after),
        before=len(before),
        after=len(after),
    )


def publish(
    *, changes: Sequence[Change], note: str, by: str, after: int | None = None
) -> WordVersion:
    """Brings changes into force as one new version.

    `after` is the number of the version that the changes were looked at with: if
    another has come since, nothing is changed. `by` is the person's signature. Raises
    WordingError with a sentence.
    """
    return _publish(changes, note, by, after, None)


def undo(
    *, version: WordVersion, by: str, note: str = "", after: int | None = None
) -> WordVersion:
    """A new version that takes back an earlier one. Refused when its entries have
    been changed since. Raises WordingError."""
    return _publish(
        reversal(version),
        note.strip() or _("Takes back version %(number)s.") % {"number": version},
        by,
        after,
        version,
    )


def reversal(version: WordVersion) -> list[Change]:
    """The changes that bring back what was before a version. Raises WordingError."""
    touched = list(version.changes.values_list("entry", flat=True))
    before = _words(until=version.number - 1)
    then, now = _words(until=version.number), _words()
    changes = []
    for entry in touched:
        if now.of(entry) != then.of(entry):
            later = WordVersion.objects.filter(
                number__gt=version.number, changes__entry=entry
            )
            raise WordingError(
                _(
                    "“%(entry)s” has been changed since, in version %(number)s. Take "
                    "that back first."
                )
                % {"entry": entry, "number": later.order_by("-number").first()}
            )
        content, removed = before.of(entry)
        if content is not None:
            changes.append(add(content))
        elif removed or entry not in _built_in():
            changes.append(remove(entry))
        else:
            changes.append(restore(entry))
    return changes


def _publish(
    changes: Sequence[Change],
    note: str,
    by: str,
    after: int | None,
    undoes: WordVersion | None,
) -> WordVersion:
    note = note.strip()
    if not by.strip():
        raise WordingError(_("Say who changes the words."))
    if not note:
        raise WordingError(_("Say why the words are changed."))
    if len(note) > NOTE_LONGEST:
        raise WordingError(_("The note is too long."))
    words = _words()
    if after is not None and after != words.number:
        raise WordingError(_overtaken(words.number))
    _check(changes, words)
    try:
        with transaction.atomic():
            version = WordVersion.objects.create(
                number=words.number + 1, note=note, created_by=by[:150], undoes=undoes
            )
            rows = [_row(change) for change in changes]
            for row in rows:
                row.version = version
            WordChange.objects.bulk_create(rows)
    except IntegrityError as clash:
        if "number" not in str(clash):
            raise
        raise WordingError(_overtaken(words.number + 1)) from clash
    return version


def _overtaken(number: int) -> str:
    return _(
        "Version %(number)s was published since you looked. Look at the change anew."
    ) % {"number": number}


def _row(change: Change) -> WordChange:
    if change.content is not None:
        return WordChange.adding(change.content)
    return WordChange(action=change.action, entry=change.entry)


def _words(until: int | None = None) -> _Words:
    changes = WordChange.objects.select_related("version").order_by(
        "version__number", "id"
    )
    if until is not None:
        changes = changes.filter(version__number__lte=until)
    words = _Words()
    for row in changes:
        words.number = row.version.number
        content = row.as_entry() if row.action == _Action.ADD else None
        words.apply(Change(row.action, row.entry, content))
    return words


def _built_in() -> dict[str, Entry]:
    return {entry.id: entry for entry in Ruleset.default().entries}


def _check(changes: Sequence[Change], words: _Words) -> None:
    """Raises WordingError for the first change that cannot be made."""
    if not changes:
        raise WordingError(_("There is nothing to change."))
    names = [change.entry for change in changes]
    if len(set(names)) < len(names):
        raise WordingError(_("An entry can be changed once in a version."))
    built_in = _built_in()
    for change in changes:
        content, removed = words.of(change.entry)
        now = content or (None if removed else built_in.get(change.entry))
        if change.content is not None:
            wrong = fault(change.content)
            if wrong:
                raise WordingError(wrong)
            if now is not None and _same(now, change.content):
                raise WordingError(_("The entry is like this already."))
        elif change.action == _Action.REMOVE and now is None:
            raise WordingError(
                _("“%(entry)s” is not in the word list.") % {"entry": change.entry}
            )
        elif change.action == _Action.RESTORE and (
            change.entry not in built_in or (content is None and not removed)
        ):
            raise WordingError(
                _("“%(entry)s” is as it came.") % {"entry": change.entry}
            )


def _same(one: Entry, other: Entry) -> bool:
    def plain(entry: Entry) -> Entry:
        return replace(
            entry,
            not_in=tuple(sorted(set(entry.not_in))),
            forms=tuple(sorted(set(entry.forms))),
            modifiers=tuple(sorted(set(entry.modifiers))),
            without=tuple(sorted(set(entry.without))),
            guards=tuple(sorted(set(entry.guards))),
        )

    return plain(one) == plain(other)


def fault(entry: Entry) -> str:
    """Why an entry cannot be in the word list, as a sentence; "" when it can."""
    if not _WORD.fullmatch(entry.term) or len(entry.term) > 60:
        return _("Write one word in letters, at most 60; a hyphen may stand inside.")
    if entry.term != entry.term.lower():
        return _("Write the word in small letters: capitals are found all the same.")
    if not entry.languages or not set(entry.languages) <= set(LANGUAGES):
        return _("Choose at least one language.")
    if set(entry.languages) & set(entry.not_in) or not set(entry.not_in) <= set(
        INNOCENT_IN
    ):
        return _("A word cannot be meant and innocent in the same language.")
    if entry.kind not in KINDS:
        return _("Choose what kind of word it is.")
    if entry.rule not in RULES:
        return _("Choose the rule that the word breaks.")
    if entry.severity not in (1, 2, 3):
        return _("Choose how grave the word is.")
    if entry.paradigm != "-" and entry.paradigm not in paradigms(entry.languages[0]):
        return _("The inflection is not one of the first language.")
    for form in (*entry.forms, *entry.without, *entry.modifiers):
        if not _FORM.fullmatch(form) or form != form.lower():
            return _("“%(form)s” is not one word in small letters.") % {"form": form}
    for guard in entry.guards:
        if not _GUARD.fullmatch(guard) or guard != guard.lower():
            return _("“%(form)s” is not one word in small letters.") % {"form": guard}
    if len(entry.forms) + len(entry.modifiers) + len(entry.without) > 200:
        return _("An entry can have at most 200 forms.")
    return ""


def paradigms(language: str) -> tuple[str, ...]:
    """Names of the inflections of a language; Bokmål and Nynorsk share theirs."""
    family = "no" if language in ("nb", "nn") else language
    return tuple(PARADIGMS.get(family, {}))

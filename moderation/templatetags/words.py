"""How the pages about words name things."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django import template
from django.utils.translation import gettext as _

from channels.models import Message
from moderation import learning
from moderation.word_forms import KINDS, LANGUAGES, SEVERITIES
from moderation.word_pages import LONGEST
from policies import wording
from policies.models import WordChange
from policies.screening import Entry, Ruleset
from policies.screening.model import SHOWN_MASKED, masked

if TYPE_CHECKING:
    from moderation.models import Case, Finding
    from policies.screening.calibration import Tally

register = template.Library()


@register.filter
def kind_name(kind: str) -> str:
    return str(KINDS.get(kind, kind))


@register.filter
def severity_name(severity: int) -> str:
    return str(SEVERITIES.get(severity, severity))


@register.filter
def language_names(codes: Sequence[str]) -> str:
    return ", ".join(str(LANGUAGES.get(code, code)) for code in codes)


@register.filter
def shown_term(entry: Entry, words: bool) -> str:
    """The word; a slur keeps its letters hidden until asked for."""
    hide = entry.kind in SHOWN_MASKED and not words
    return masked(entry.term) if hide else entry.term


@register.filter
def tally_words(tally: Tally) -> str:
    """How often people agreed, as one says it."""
    return _("upheld %(upheld)s of %(seen)s") % {
        "upheld": tally.upheld,
        "seen": tally.seen,
    }


@register.filter
def upheld(finding: Finding, counted: dict[str, Tally]) -> str:
    """How often people agreed with the finding's entry; "" before any has decided."""
    tally = counted.get(finding.entry)
    return tally_words(tally) if tally and tally.seen else ""


@register.filter
def moved(finding: Finding, counted: dict[str, Tally]) -> float:
    """The finding's confidence as what people decided has moved it."""
    tally = counted.get(finding.entry)
    return tally.moved(finding.confidence) if tally else finding.confidence


@register.simple_tag
def likely_kinds(case: Case) -> list[learning.LikelyKind]:
    """The kinds that a comment nobody has spoken on resembles (K-13)."""
    if case.message.kind != Message.Kind.COMMENT or case.message.is_ours:
        return []
    return learning.likely_kinds(case.message.text[:LONGEST])


@register.filter
def change_words(change: wording.Change | WordChange, words: bool) -> str:
    """One change as a sentence: what is to happen, or has, to which word."""
    entry = _entry_of(change)
    if entry is None:
        term = change.entry.partition(":")[2]
        languages = ""
    else:
        term = shown_term(entry, words)
        languages = language_names(entry.languages)
    shown = {"term": term, "languages": languages}
    if change.action == WordChange.Action.REMOVE:
        return _("“%(term)s” (%(languages)s): removed") % shown
    if change.action == WordChange.Action.RESTORE:
        return _("“%(term)s” (%(languages)s): as it came with the software") % shown
    assert entry is not None
    return _(
        "“%(term)s” is a %(severity)s %(kind)s in %(languages)s, %(rule)s. Forms: "
        "%(forms)s"
    ) % {
        **shown,
        "severity": severity_name(entry.severity),
        "kind": kind_name(entry.kind),
        "rule": entry.rule,
        "forms": _forms(entry, words),
    }


def _forms(entry: Entry, words: bool) -> str:
    forms = wording.forms_of(entry)
    if entry.kind in SHOWN_MASKED and not words:
        forms = tuple(masked(form) for form in forms)
    more = " …" if len(forms) > 30 else ""
    return ", ".join(forms[:30]) + more


def _entry_of(change: wording.Change | WordChange) -> Entry | None:
    """The entry that a change is about, where it can still be told."""
    if isinstance(change, WordChange):
        if change.action == WordChange.Action.ADD:
            return change.as_entry()
    elif change.content is not None:
        return change.content
    for entry in (*Ruleset.default().entries, *wording.in_force().entries):
        if entry.id == change.entry:
            return entry
    return None

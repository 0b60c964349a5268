"""A change of words is a new version; each finding keeps the one that made it."""

from __future__ import annotations

from policies.screening import Entry, Ruleset, screen
from policies.screening.model import masked
from policies.screening.vocabulary import RULE_OF_KIND


def test_an_added_word_counts_with_its_inflections_and_compounds() -> None:
    """K-21: an approved addition takes effect from its version."""
    entry = Entry(
        term="grufsa",
        kind="insult",
        rule="K-20.1",
        languages=("sv",),
        paradigm="n1",
        head=True,
        modifiers=("grufs",),
    )
    changed = Ruleset.default().with_changes(add=[entry], version="2026-12-01")
    text = "Grufsorna vid disken och en skolgrufsa"
    assert screen(text).hits == ()
    hits = screen(text, ruleset=changed).hits
    assert [hit.matched for hit in hits] == ["Grufsorna", "skolgrufsa"]
    assert {hit.entry for hit in hits} == {"sv:grufsa"}
    assert hits[0].engine.endswith("+2026-12-01")


def test_a_removed_word_counts_no_more() -> None:
    changed = Ruleset.default().with_changes(remove=["sv:fan"], version="2")
    assert screen("fan vad dåligt").hits
    assert screen("fan vad dåligt", ruleset=changed).hits == ()


def test_a_rule_switched_off_gives_no_hits() -> None:
    """K-22: additions are switchable per channel."""
    rules = Ruleset.default().rules - {"K-20.6"}
    changed = Ruleset.default().with_changes(rules=rules, version="3")
    assert screen("Vilken skitkommun", ruleset=changed).hits == ()


def test_the_first_ruleset_is_untouched_by_changes() -> None:
    before = screen("fan vad dåligt")
    Ruleset.default().with_changes(remove=["sv:fan"], version="2")
    assert screen("fan vad dåligt") == before


def test_every_entry_is_well_formed() -> None:
    entries = Ruleset.default().entries
    ids = [entry.id for entry in entries]
    assert len(ids) == len(set(ids)), sorted({i for i in ids if ids.count(i) > 1})
    for entry in entries:
        assert entry.rule == RULE_OF_KIND[entry.kind]
        assert entry.severity in (1, 2, 3)
        assert entry.term == entry.term.lower()
        assert not set(entry.languages) & set(entry.not_in)


def test_slurs_are_masked_until_asked_for() -> None:
    (hit,) = screen("Bort med svartskallar härifrån").hits
    assert hit.shown == "s" + "•" * 11
    assert "svartskallar" not in hit.sentence("sv")
    assert hit.matched == "svartskallar"
    assert masked("två ord") == "t•• o••"

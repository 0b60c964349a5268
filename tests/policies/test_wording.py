"""The word list as the information unit changes it: versions that only grow."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from policies import wording
from policies.models import WordChange, WordVersion
from policies.screening import ENGINE_VERSION, Entry, Ruleset, screen
from policies.wording import WordingError

if TYPE_CHECKING:
    from collections.abc import Iterator

BLAJA = Entry(
    term="blaja",
    kind="insult",
    rule="K-20.1",
    languages=("sv",),
    severity=3,
    paradigm="n1",
    head=True,
    note="Heard in the spring.",
)
SKIT = "sv:skit"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def publish(*changes: wording.Change, note: str = "Heard of late.") -> WordVersion:
    return wording.publish(changes=changes, note=note, by="Chief Test (chief)")


def matched(text: str) -> list[str]:
    return [hit.matched for hit in screen(text, ruleset=wording.in_force()).hits]


def test_without_a_change_the_words_are_those_of_the_software(db: None) -> None:
    assert wording.in_force() is Ruleset.default()
    assert wording.newest_number() == 0


def test_a_published_word_is_found_in_its_forms_and_compounds(db: None) -> None:
    """K-20: the information unit adds a word, and the screening goes by it."""
    assert matched("blajor och kommunblaja") == []

    version = publish(wording.add(BLAJA))

    assert (version.number, version.created_by) == (1, "Chief Test (chief)")
    assert wording.in_force().engine == f"{ENGINE_VERSION}+1"
    assert matched("blajor och kommunblaja") == ["blajor", "kommunblaja"]
    assert wording.own_entries() == {"sv:blaja"}


def test_every_entry_of_the_software_can_be_written_by_the_form_s_rules() -> None:
    assert [e.id for e in Ruleset.default().entries if wording.fault(e)] == []


def test_every_field_of_an_entry_comes_back_from_the_database(db: None) -> None:
    whole = Entry(
        term="blaja",
        kind="slur",
        rule="K-20.2",
        languages=("sv", "nb"),
        not_in=("fi",),
        severity=1,
        paradigm="n1",
        head=True,
        modifiers=("blaj",),
        directed=True,
        guards=("@identity",),
        forms=("bläja",),
        without=("blajan",),
        note="Why.",
    )

    publish(wording.add(whole))

    assert WordChange.objects.get().as_entry() == whole
    found = {entry.id: entry for entry in wording.in_force().entries}
    assert found["sv:blaja"] == whole


def test_a_removed_word_is_no_longer_found_and_can_be_put_back(db: None) -> None:
    assert "Skit" in matched("Skit också")

    publish(wording.remove(SKIT))
    assert matched("Skit också") == []
    assert [entry.id for entry in wording.taken_away()] == [SKIT]

    publish(wording.restore(SKIT))
    assert "Skit" in matched("Skit också")
    assert wording.taken_away() == []


def test_an_added_word_takes_the_place_of_the_one_of_its_name(db: None) -> None:
    built_in = next(e for e in Ruleset.default().entries if e.id == SKIT)
    publish(wording.add(replace(built_in, severity=1)))

    found = [entry for entry in wording.in_force().entries if entry.id == SKIT]
    assert [entry.severity for entry in found] == [1]


def test_what_is_proposed_is_stored_nowhere(db: None) -> None:
    new = wording.proposed([wording.add(BLAJA)])

    found = wording.difference(
        text="En blaja till", old=wording.in_force(), new=new, rules={"K-20.1"}
    )

    assert found is not None
    assert [hit.matched for hit in found.gained] == ["blaja"]
    assert (found.lost, found.before, found.after) == ((), 0, 1)
    assert wording.in_force() is Ruleset.default()
    assert not WordVersion.objects.exists()


def test_a_text_that_the_change_does_not_touch_shows_no_difference(db: None) -> None:
    new = wording.proposed([wording.add(BLAJA)])
    old = wording.in_force()

    assert wording.difference(text="Skit också", old=old, new=new) is None
    assert wording.difference(text="blaja", old=old, new=new, rules={"K-20.6"}) is None


def test_a_version_is_taken_back_by_a_new_one(db: None) -> None:
    first = publish(wording.add(BLAJA), wording.remove(SKIT))

    second = wording.undo(version=first, by="Chief")

    assert (second.number, second.undoes) == (2, first)
    assert wording.in_force().engine.endswith("+2")
    assert matched("blaja") == []
    assert matched("skit") == ["skit"]
    assert WordVersion.objects.count() == 2


def test_taking_back_a_change_of_our_own_brings_our_former_entry(db: None) -> None:
    publish(wording.add(BLAJA))
    second = publish(wording.add(replace(BLAJA, severity=1)))

    third = wording.undo(version=second, by="Chief")
    wording.undo(version=third, by="Chief")

    found = {entry.id: entry for entry in wording.in_force().entries}
    assert found["sv:blaja"].severity == 1
    assert wording.newest_number() == 4


def test_a_version_whose_words_were_changed_since_is_not_taken_back(db: None) -> None:
    first = publish(wording.add(BLAJA))
    publish(wording.remove("sv:blaja"))

    with pytest.raises(WordingError, match="version 2"):
        wording.undo(version=first, by="Chief")

    assert wording.newest_number() == 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ([], "nothing to change"),
        ([wording.add(replace(BLAJA, term="två ord"))], "one word"),
        ([wording.add(replace(BLAJA, term="Blaja"))], "small letters"),
        ([wording.add(replace(BLAJA, kind="rude"))], "kind of word"),
        ([wording.add(replace(BLAJA, rule="K-99"))], "rule"),
        ([wording.add(replace(BLAJA, severity=4))], "grave"),
        ([wording.add(replace(BLAJA, paradigm="f"))], "inflection"),
        ([wording.Change("add", "x", replace(BLAJA, languages=()))], "language"),
        ([wording.add(replace(BLAJA, languages=("xx",)))], "language"),
        ([wording.add(replace(BLAJA, languages=("sv",), not_in=("sv",)))], "innocent"),
        ([wording.add(replace(BLAJA, forms=("a b",)))], "one word"),
        ([wording.remove("sv:finnsinte")], "not in the word list"),
        ([wording.restore(SKIT)], "as it came"),
        ([wording.add(BLAJA), wording.remove("sv:blaja")], "once in a version"),
        (
            [wording.add(next(e for e in Ruleset.default().entries if e.id == SKIT))],
            "like this already",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    db: None, changes: list[wording.Change], sentence: str
) -> None:
    with pytest.raises(WordingError, match=sentence):
        publish(*changes)
    assert not WordVersion.objects.exists()


@pytest.mark.parametrize(("note", "by"), [("", "Chief"), ("  ", "Chief"), ("Why", "")])
def test_nobody_changes_words_without_name_and_reason(
    db: None, note: str, by: str
) -> None:
    with pytest.raises(WordingError):
        wording.publish(changes=[wording.add(BLAJA)], note=note, by=by)


def test_a_change_looked_at_with_older_words_is_refused(db: None) -> None:
    publish(wording.remove(SKIT))

    with pytest.raises(WordingError, match="Version 1"):
        wording.publish(changes=[wording.add(BLAJA)], note="Why", by="Bo", after=0)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_one_is_told() -> None:
    ready, outcomes = threading.Barrier(2), []

    def go(term: str) -> None:
        try:
            ready.wait(10)
            publish(wording.add(replace(BLAJA, term=term)))
            outcomes.append("published")
        except WordingError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(t,)) for t in ("blaja", "bloja")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    numbers = list(WordVersion.objects.values_list("number", flat=True))
    assert len(numbers) == outcomes.count("published") >= 1
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("table", ["policies_wordversion", "policies_wordchange"])
@pytest.mark.parametrize(
    "sql", ["UPDATE {} SET note = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_versions_are_never_changed_not_even_in_sql(
    db: None, table: str, sql: str
) -> None:
    publish(wording.add(BLAJA))

    with connection.cursor() as cursor:
        # Else the foreign keys' own checks would refuse first.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with (
            pytest.raises(IntegrityError, match="refused"),
            transaction.atomic(),
        ):
            cursor.execute(sql.format(table))


def test_words_that_stay_the_same_cost_one_query(
    db: None, django_assert_num_queries
) -> None:
    publish(wording.add(BLAJA))
    first = wording.in_force()

    with django_assert_num_queries(1):
        again = wording.in_force()
    assert again is first

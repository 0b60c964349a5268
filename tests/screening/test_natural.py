"""Threats, insults, incitement, agitation and personal data as people write them.

``dev_natural.tsv`` is what the templates grew from. ``test_natural.tsv`` was written
after them: at first reading 63 of its 74 offences were found (before the templates,
37) and 3 of its 69 harmless sentences marked. Of two later lots, its last lines, 18
of 25 and then 16 of 19 offences were found at first reading, and none of 49 harmless
sentences marked. What they showed has been mended since.
"""

from __future__ import annotations

import pytest

from policies.screening import screen
from tests.screening.sets import rows

OF_PEOPLE = {"K-20.1", "K-20.2", "K-20.4", "K-22.1", "K-22.3"}
HARMLESS = "-"


def rules(text: str) -> set[str]:
    return {hit.rule for hit in screen(text).hits} & OF_PEOPLE


@pytest.mark.parametrize("name", ["dev_natural.tsv", "test_natural.tsv"])
def test_most_of_what_people_write_against_people_is_found(name: str) -> None:
    """K-20.1, K-20.2, K-20.4, K-22.1, K-22.3: found under the rule it breaks."""
    meant = [row for row in rows(name) if row[0] != HARMLESS]
    missed = [text for rule, _, text in meant if rule not in rules(text)]
    assert len(missed) <= 0.05 * len(meant), missed


@pytest.mark.parametrize("name", ["dev_natural.tsv", "test_natural.tsv"])
def test_harmless_sentences_that_sound_alike_stay_unmarked(name: str) -> None:
    texts = [text for rule, _, text in rows(name) if rule == HARMLESS]
    marked = {text: rules(text) for text in texts if rules(text)}
    assert len(marked) <= 0.02 * len(texts), marked


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Nästa gång slår jag in huvudet på er", "K-22.3"),
        ("Jag ska slå ihjäl den där rektorn", "K-22.3"),
        ("Eva Nilsson på bygglov mutas av Peab", "K-20.1"),
        ("Lilla Elsa Berg i 3B har adhd", "K-22.1"),
    ],
)
def test_a_wording_names_its_rule(text: str, rule: str) -> None:
    assert rule in rules(text)

"""Threats, insults, incitement, agitation and sexism in innocent words."""

from __future__ import annotations

import pytest

from policies.screening import screen
from tests.screening.sets import rows


@pytest.mark.parametrize(
    ("kind", "language", "text"),
    [*rows("dev_wordings.tsv"), *rows("test_wordings.tsv")],
)
def test_a_wording_is_found(kind: str, language: str, text: str) -> None:
    """K-20.1, K-20.2, K-20.4, K-22.3."""
    assert kind in {hit.kind for hit in screen(text).hits}, screen(text).hits


def confidence(text: str, kind: str) -> float:
    return max(hit.confidence for hit in screen(text).hits if hit.kind == kind)


def test_negation_lowers_confidence() -> None:
    assert confidence("Jag ska inte döda dig", "threat") < confidence(
        "Jag ska döda dig", "threat"
    )
    assert confidence("Du är ingen idiot", "insult") <= confidence(
        "Du är en idiot", "insult"
    )


def test_quotation_and_report_lower_confidence() -> None:
    plain = confidence("Vilken jävla soppa", "swear")
    assert confidence("Ordet ”jävla” står i texten", "swear") < plain
    assert confidence("Någon skrev att det är jävla dåligt", "swear") < plain


def test_insults_need_somebody_to_be_meant() -> None:
    """A rat is a rat until somebody is called one."""
    assert screen("Vi såg en råtta vid soptunnan").hits == ()
    assert {hit.kind for hit in screen("Du är en råtta").hits} == {"insult"}

"""Places where an answer goes into a single case (M-R7)."""

from __future__ import annotations

import pytest

from policies.outgoing import case_references


@pytest.mark.parametrize(
    ("text", "kind", "matched"),
    [
        ("Se dnr KS 2026/123 för mer.", "number", "dnr KS"),
        ("Ärendet har nummer KS-2026-00123.", "number", "KS-2026-00123"),
        ("Se 2026/1234.", "number", "2026/1234"),
        ("Det står i § 45.", "number", "§ 45"),
        ("Se saksnr 26/1234.", "number", "saksnr 26/1234"),
        ("Behandles som sak 12/26.", "number", "sak 12/26"),
        ("Det blev PS 12/26.", "number", "PS 12/26"),
        ("Your question is case no 2026-17.", "number", "case no 2026-17"),
        ("Ditt ärende avgörs i maj.", "decision", "Ditt ärende"),
        ("Det har fått avslag.", "decision", "avslag"),
        ("Bygglovet beviljades i går.", "decision", "beviljades"),
        (
            "Byggnadsnämnden har beslutat om det.",
            "decision",
            "Byggnadsnämnden har beslutat",
        ),
        ("Søknaden din er hos oss.", "decision", "Søknaden din"),
        ("Den ble innvilget.", "decision", "innvilget"),
        ("Kommunestyret vedtok det.", "decision", "vedtok"),
        ("Your application is on its way.", "decision", "Your application"),
        ("It has been refused.", "decision", "has been refused"),
        ("Hakemuksenne on käsittelyssä.", "decision", "Hakemuksenne"),
    ],
)
def test_a_case_in_an_answer_is_seen(text: str, kind: str, matched: str):
    found = case_references(text)
    assert any(one.kind == kind and one.matched.startswith(matched) for one in found)
    for one in found:
        assert text[one.start : one.end] == one.matched


@pytest.mark.parametrize(
    "text",
    [
        "Badet öppnar kl. 10 på lördag 4/7.",
        "Skolan börjar den 18/8 och slutar 2026-12-20.",
        "Vi plogar Storgatan 12 i morgon, ring 0923-650 00.",
        "Tack för ditt tips! Vi tar med oss det.",
        "Biblioteket er åpent til kl. 18 hele uka.",
        "Takk for spørsmålet ditt. Vi svarer i morgen.",
        "Det er 24/7 vakt på vannverket.",
        "We open at 10 on Saturday.",
        "Avgiften är 2026 kronor.",
    ],
)
def test_an_ordinary_answer_is_none(text: str):
    assert case_references(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Läs kommundirektörens förslag i KS-2026-00123.",
        "Förslaget till beslut finns i dnr 2026/77.",
        "Se kommunedirektørens innstilling i sak 12/26.",
        "Sjå kommunedirektøren si tilråding i sak 12/26.",
        "See the chief executive's proposal in case no 2026-17.",
    ],
)
def test_pointing_to_the_chief_executives_proposal_is_allowed(text: str):
    """M-R7."""
    assert case_references(text) == []


def test_the_proposal_excuses_no_decision():
    text = (
        "Kommundirektörens förslag finns i KS-2026-00123, men din ansökan får avslag."
    )
    assert [one.kind for one in case_references(text)] == ["decision", "decision"]

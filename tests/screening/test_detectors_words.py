"""Health said of a person, protected identities, advertising and politics."""

from __future__ import annotations

import pytest

from policies.screening.detectors import DETECTORS
from policies.screening.model import LANGUAGES, Hit
from policies.screening.normalise import normalise


def found(text: str) -> list[Hit]:
    normalised = normalise(text)
    return [hit for detect in DETECTORS for hit in detect(text, normalised)]


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("Per Nilsson är alkoholist, det vet alla", "alkoholist"),
        ("Min granne är dement och slår sin fru", "dement"),
        ("Hon har adhd, därför är det så", "adhd"),
        ("Naboen min er sykmeldt for tiden", "sykmeldt"),
        ("Læreren har fått depresjon", "depresjon"),
        ("Pasienten ble tvangsinnlagt i går", "tvangsinnlagt"),
        ("Anna Berg got cancer last year", "cancer"),
        ("Eleven er meld til barnevernet", "barnevernet"),
    ],
)
def test_a_condition_said_of_a_person_is_marked(text: str, matched: str) -> None:
    """K-11, M-C1"""
    hits = [hit for hit in found(text) if hit.kind == "health"]
    assert [(hit.matched, hit.rule) for hit in hits] == [(matched, "K-22.1")]


@pytest.mark.parametrize(
    "text",
    [
        "Forskningen om cancer går framåt.",
        "Kommunen erbjuder hemtjänst i hela Kalix.",
        "Vi behöver fler platser för barn med autism.",
        "Barnevernet i Meråker har åpent til fire.",
        "När blir det vaccination mot influensa?",
        "Åpent møte om psykisk helse og rus på torsdag",
    ],
)
def test_a_condition_as_a_topic_is_not_marked(text: str) -> None:
    assert found(text) == []


def test_what_writers_tell_of_themselves_is_the_least_certain() -> None:
    own = found("Jag har adhd och trivs bra")[0]
    named = found("Per Nilsson har adhd")[0]
    assert own.entry == "health.own"
    assert own.confidence < 0.5 < named.confidence


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("Familjen har skyddad identitet sedan i våras", "skyddad identitet"),
        ("Hon har sekretessmarkering", "sekretessmarkering"),
        ("De bor på kode 6", "kode 6"),
        ("Ho har strengt fortruleg adresse", "strengt fortruleg adresse"),
        ("Barna har skjermet adresse", "skjermet adresse"),
        ("Hänellä on turvakielto", "turvakielto"),
    ],
)
def test_protected_personal_data_is_marked(text: str, matched: str) -> None:
    """K-11"""
    assert [(hit.matched, hit.kind) for hit in found(text)] == [
        (matched, "protected_identity")
    ]


@pytest.mark.parametrize(
    ("text", "matched", "rule"),
    [
        (
            "Köp billigt på https://shop.example.com/rea?id=3 nu! 199 kr",
            "https://shop.example.com/rea?id=3",
            "K-20.7",
        ),
        ("Kolla in vår kollektion på minbutik.se!", "minbutik.se", "K-20.7"),
        ("Bestill nå på www.eksempel.no, kun 99,-", "www.eksempel.no", "K-20.7"),
        ("Säljes: cykel 500 kr", "Säljes", "K-20.7"),
        ("Støtt oss på spleis.no/klubben", "spleis.no/klubben", "K-22.5"),
        ("Bli medlem i klubben: www.klubb.se", "www.klubb.se", "K-22.5"),
    ],
)
def test_a_link_with_a_price_or_a_call_is_advertising(
    text: str, matched: str, rule: str
) -> None:
    """K-20, K-22: a collection falls under the addition, a sale under the rule."""
    hits = [hit for hit in found(text) if hit.kind == "advertising"]
    assert [(hit.matched, hit.rule) for hit in hits] == [(matched, rule)]


@pytest.mark.parametrize(
    "text",
    [
        "Läs mer på https://www.kalix.se/bygga-och-bo.",
        "Avgiften är 250 kr enligt taxan.",
        "Huset selges for 3 millioner kroner, skrev avisa.",
        "Kommunens tilbud til eldre: https://meraker.kommune.no/eldre",
        "Det var bra.Nu väntar vi",
    ],
)
def test_a_link_or_a_price_alone_is_no_advertising(text: str) -> None:
    assert found(text) == []


def test_a_call_to_vote_is_political_and_a_partys_name_is_not() -> None:
    """K-22"""
    (vote,) = found("Rösta på SD i valet!")
    assert (vote.rule, vote.matched) == ("K-22.2", "Rösta på")
    assert found("Arbeiderpartiet vant valget i Meråker.") == []
    assert found("Gå til høyre ved skolen!") == []


def test_an_opinion_on_a_party_is_a_weak_signal() -> None:
    """K-22"""
    (hit,) = found("Jag tycker Moderaterna borde avgå!")
    assert hit.rule == "K-22.2"
    assert hit.confidence < 0.5


def test_every_kind_explains_itself_in_four_languages() -> None:
    texts = [
        "Per Nilsson är alkoholist",
        "Hon har skyddad identitet",
        "Köp på https://a.example.com för 5 kr",
        "Rösta på SD!",
        "Maila anna@example.se",
        "Hon bor på Storgatan 12",
    ]
    for text in texts:
        (hit,) = found(text)
        sentences = {hit.sentence(language) for language in LANGUAGES}
        assert len(sentences) == len(LANGUAGES)

"""E-mail and street addresses."""

from __future__ import annotations

import pytest

from policies.screening.detectors.contacts import detect_addresses, detect_emails
from policies.screening.normalise import normalise


def emails(text: str) -> list[str]:
    return [hit.matched for hit in detect_emails(text, normalise(text))]


def addresses(text: str) -> list[str]:
    return [hit.matched for hit in detect_addresses(text, normalise(text))]


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("Skriv till anna.berg@example.se.", "anna.berg@example.se"),
        ("<kari+sak@kommune.no>", "kari+sak@kommune.no"),
        ("Åsa: åsa@räksmörgås.se!", "åsa@räksmörgås.se"),
        ("bo (at) example.se, tack", "bo (at) example.se"),
        ("ole [krøllalfa] epost [punktum] no", "ole [krøllalfa] epost [punktum] no"),
        ("ＡＮＮＡ@example.se", "ＡＮＮＡ@example.se"),
    ],
)
def test_an_email_address_is_marked_without_what_surrounds_it(
    text: str, matched: str
) -> None:
    """K-11"""
    assert emails(text) == [matched]


@pytest.mark.parametrize(
    "text", ["@annaberg hej", "vi ses @ torget", "a@b", "bra@@jobbat.se", "..@.."]
)
def test_an_at_sign_alone_is_no_address(text: str) -> None:
    assert emails(text) == []


def test_the_address_of_an_office_is_less_certain_than_a_persons() -> None:
    text = "info@kalix.se eller anna.berg@kalix.se"
    office, person = detect_emails(text, normalise(text))
    assert office.confidence < person.confidence
    assert office.entry == "email.role"


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("Hon bor på Storgatan 12.", "Storgatan 12"),
        ("Storgatan 12, 952 61 Kalix är sålt", "Storgatan 12, 952 61 Kalix"),
        ("i Karl Johans gate 22 B nå", "Karl Johans gate 22 B"),
        ("Bor i Olof Palmes gata 31", "Olof Palmes gata 31"),
        ("vid Östra Hamngatan 12A igår", "Östra Hamngatan 12A"),
        ("Kirkegata 5, 7530 Meråker", "Kirkegata 5, 7530 Meråker"),
        ("Skolvägen 3 lgh 1102", "Skolvägen 3 lgh 1102"),
        ("Industrivegen 4-6", "Industrivegen 4-6"),
        ("skriv till storgatan 12", "storgatan 12"),
        ("952 61 Kalix", "952 61 Kalix"),
        ("Kirkegt. 5", "Kirkegt. 5"),
    ],
)
def test_a_street_with_its_number_is_marked_whole(text: str, matched: str) -> None:
    """K-11"""
    assert addresses(text) == [matched]


@pytest.mark.parametrize(
    "text",
    [
        "väg 398 och riksväg 40",
        "längs vägen 3 km bort",
        "Storgatan 12.30 i morgon",
        "fastigheten Storgatan 1:12",
        "på Storgatan 500 personer",
        "fylkesvei 17 er stengt",
        "Nødvendig. 150 teikn",
        "250 000 kr",
        "sidan 12",
    ],
)
def test_roads_amounts_and_times_are_no_addresses(text: str) -> None:
    assert addresses(text) == []


def test_where_somebody_lives_is_more_certain_than_a_street() -> None:
    street, home = (
        next(iter(detect_addresses(text, normalise(text))))
        for text in ("Gropen vid Storgatan 12", "Hon bor på Storgatan 12")
    )
    assert street.confidence < home.confidence
    assert home.entry == "address.home"

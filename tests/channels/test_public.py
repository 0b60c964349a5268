"""The public list of channels: what it shows, what it leaves out."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ValidationError

from channels import directory, registration
from channels.models import AccessibilityStatement, Channel
from tests import make

if TYPE_CHECKING:
    from django.test import Client

    from tests.conftest import Cast


@pytest.fixture
def client(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_the_list_has_the_channels_in_use_and_no_others(cast: Cast, client: Client):
    """K-1, K-6"""
    used = make.channel(cast.anna, cast.schools, name="In use")
    waiting = make.proposal(cast.anna, cast.schools, name="Waiting")
    refused = make.proposal(cast.anna, cast.schools, name="Refused")
    registration.refuse(channel=refused, by=cast.hanna, reason="No.")
    closed = make.channel(cast.anna, cast.schools, name="Closed")
    registration.close(channel=closed, by=cast.hanna)
    for address in ("/channels/", "/channels.json", "/channels.csv"):
        text = text_of(client, address)
        assert "In use" in text
        for one in (waiting, refused, closed):
            assert one.name not in text, address
    assert client.get(used.get_absolute_url()).status_code == 200
    for one in (waiting, refused, closed):
        assert client.get(f"/channels/{one.slug}/").status_code == 404


def test_a_channels_page_says_who_what_for_and_when(cast: Cast, client: Client):
    """K-3, K-4, K-15, K-24"""
    cast.anna.job_title = "Communicator"
    cast.anna.save()
    channel = make.channel(
        cast.anna,
        cast.schools,
        purpose="News of the schools.",
        comment_purpose="Questions on meals.",
    )
    page = text_of(client, channel.get_absolute_url())
    for words in (
        "Testnäs kommun, Schools",
        "News of the schools.",
        "Questions on meals.",
        "At the latest on the next working day.",
        "Communicator",
        "webb@testnas.example",
        "/report/",
    ):
        assert words in page, words
    assert str(cast.anna) not in page


def test_a_departments_own_address_stands_before_the_municipalitys(
    cast: Cast, client: Client
):
    cast.schools.email = "schools@testnas.example"
    cast.schools.save()
    channel = make.channel(cast.anna, cast.schools)
    assert "schools@testnas.example" in text_of(client, channel.get_absolute_url())


def test_a_one_way_channel_promises_no_answer(cast: Cast, client: Client):
    """K-2"""
    channel = make.channel(
        cast.anna, cast.schools, takes_comments=False, takes_direct_messages=False
    )
    page = text_of(client, channel.get_absolute_url())
    assert "Comments are not taken here." in page
    assert "next working day" not in page
    assert client.get("/channels.json").json()["channels"][0]["answer_within"] == ""


def test_every_page_shows_the_address_for_unsuitable_comments(
    cast: Cast, client: Client
):
    """K-24"""
    for address in ("/", "/channels/", "/report/", "/report/status/"):
        assert "mailto:webb@testnas.example" in text_of(client, address), address


def test_pages_stand_before_anything_was_entered(db, client: Client):
    for address in ("/", "/channels/", "/report/", "/report/status/"):
        assert client.get(address).status_code == 200, address
    assert "No channel has been opened yet." in text_of(client, "/channels/")
    assert client.get("/channels.json").json()["channels"] == []
    assert client.get("/channels.csv").status_code == 200


def test_the_list_can_be_read_by_another_site(cast: Cast, client: Client):
    """K-1: the main site shows it as its own."""
    make.channel(cast.anna, cast.schools, name='Åska, "dagligen"', slug="aska")
    answer = client.get("/channels.json")
    assert answer["Access-Control-Allow-Origin"] == "*"
    row = answer.json()["channels"][0]
    assert tuple(row) == directory.COLUMNS
    assert row["name"] == 'Åska, "dagligen"'
    assert row["answer_within"] == "next working day"
    answer = client.get("/channels.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    table = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert next(iter(table))["name"] == 'Åska, "dagligen"'


def test_a_name_like_a_formula_stays_text_in_the_table(cast: Cast, client: Client):
    make.channel(cast.anna, cast.schools, name="=1+1", purpose="@SUM(A1)")
    table = csv.DictReader(
        io.StringIO(client.get("/channels.csv").content.decode("utf-8-sig"))
    )
    row = next(iter(table))
    assert row["name"] == "'=1+1"
    assert row["purpose"] == "'@SUM(A1)"


def test_html_in_an_entry_is_shown_as_text(cast: Cast, client: Client):
    channel = make.channel(cast.anna, cast.schools, purpose="<script>x()</script>")
    page = text_of(client, channel.get_absolute_url())
    assert "<script>x()" not in page
    assert "&lt;script&gt;x()" in page


@pytest.mark.parametrize("language", ["sv", "nb", "en"])
def test_each_language_is_chosen_by_the_browser_and_by_the_switch(
    db, client: Client, language: str
):
    page = client.get("/channels/", HTTP_ACCEPT_LANGUAGE=language).content.decode()
    assert f'<html lang="{language}">' in page
    answer = client.post("/i18n/setlang/", {"language": language, "next": "/report/"})
    assert answer.url == "/report/"
    page = client.get("/report/", HTTP_ACCEPT_LANGUAGE="fi").content.decode()
    assert f'<html lang="{language}">' in page


def test_names_are_sorted_as_the_language_does():
    from django.utils import translation

    names = ["Öre", "Zäta", "Åre", "Ärla", "Anka"]
    with translation.override("sv"):
        swedish = sorted(names, key=directory.alphabetical)
    assert swedish == ["Anka", "Zäta", "Åre", "Ärla", "Öre"]
    names = ["Ørsta", "Ås", "Zoo", "Ærø", "Arendal"]
    with translation.override("nb"):
        norwegian = sorted(names, key=directory.alphabetical)
    assert norwegian == ["Arendal", "Zoo", "Ærø", "Ørsta", "Ås"]


def test_a_page_asks_the_database_no_more_for_many_channels(
    cast: Cast, client: Client, django_assert_max_num_queries
):
    for _number in range(12):
        make.channel(cast.anna, cast.schools)
    assert Channel.objects.active().count() == 12
    with django_assert_max_num_queries(4):
        client.get("/channels/")


def test_what_does_not_exist_is_said_in_words(db, client: Client):
    answer = client.get("/channels/none/")
    assert answer.status_code == 404
    assert "The page does not exist" in answer.content.decode()


# -- Accessibility


def test_every_page_leads_to_the_accessibility_statement(cast: Cast, client: Client):
    """Lag (2018:1937): the statement is found from every page."""
    for address in ("/", "/channels/", "/report/", "/accessibility/"):
        assert 'href="/accessibility/"' in text_of(client, address)


def test_the_statement_says_what_the_law_asks_for(cast: Cast, client: Client):
    """Status, shortcomings, dates, method, contact, and where to complain."""
    text = text_of(client, "/accessibility/")
    assert "have not been assessed yet" in text
    assert cast.municipality.contact_email in text
    assert "https://www.digg.se/tdosanmalan" in text
    AccessibilityStatement.objects.create(
        status="partly",
        method="self",
        assessed_on=date(2026, 11, 2),
        shortcomings="Maps cannot be read aloud.\n\nOld films have no captions.",
        contact_email="tillganglighet@testnas.example",
        contact_phone="0923-650 00",
    )
    text = text_of(client, "/accessibility/")
    for said in (
        "Testnäs kommun",
        "partly compliant",
        "(2018:1937)",
        "<li>Maps cannot be read aloud.</li>",
        "<li>Old films have no captions.</li>",
        "tillganglighet@testnas.example",
        "0923-650 00",
        "Assessed by the municipality itself, 2 November 2026",
        "last changed on",
    ):
        assert said in text
    assert "uutilsynet" not in text


def test_a_norwegian_municipality_points_to_the_norwegian_authority(
    cast: Cast, client: Client
):
    type(cast.municipality).objects.update(country="NO")
    AccessibilityStatement.objects.create(
        central_url="https://uustatus.no/nb/erklaringer/publisert/1"
    )
    text = text_of(client, "/accessibility/")
    assert "https://www.uutilsynet.no/" in text
    assert "https://uustatus.no/nb/erklaringer/publisert/1" in text
    assert "digg.se" not in text


def test_an_assessment_has_its_day_and_method(db: None):
    half = AccessibilityStatement(status="fully")
    with pytest.raises(ValidationError, match="belong together"):
        half.full_clean()

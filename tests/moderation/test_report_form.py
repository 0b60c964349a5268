"""A citizen's report: sent without login, followed with a receipt number."""

from __future__ import annotations

import json
import logging
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.cache import caches
from django.test import override_settings
from django.utils import timezone

from channels import guards
from moderation import decisions, reports
from moderation.models import Report
from tests import make

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

    from channels.models import Channel
    from tests.conftest import Cast

FORM, STATUS, RECEIVED = "/report/", "/report/status/", "/report/received/"


@pytest.fixture
def client(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def stamp(seconds_ago: float = 60) -> str:
    moment = timezone.now() - timedelta(seconds=seconds_ago)
    with time_machine.travel(moment, tick=False):
        return guards.new_stamp()


def send(client: Client, **fields: Any) -> HttpResponse:
    extra = {name: fields.pop(name) for name in list(fields) if name.isupper()}
    values = {
        "address": "https://social.example/m/1",
        "what": "It is a threat.",
        "contact": "",
        "stamp": stamp(),
        "more": "",
    } | fields
    return client.post(FORM, values, **extra)


def ask(client: Client, receipt: str) -> HttpResponse:
    return client.post(STATUS, {"receipt": receipt})


def words_of(answer: HttpResponse) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_report_gets_a_receipt_that_is_in_no_address(cast: Cast, client: Client):
    """K-15, K-24"""
    answer = send(client, contact="kim@home.example")
    assert answer.url == RECEIVED
    report = Report.objects.get()
    assert report.contact == "kim@home.example"
    cookie = answer.cookies["receipt"]
    assert cookie["httponly"]
    assert cookie["path"] == RECEIVED
    assert cookie["max-age"] == 30 * 60
    page = client.get(RECEIVED)
    assert report.receipt in words_of(page)
    assert "no-store" in page["Cache-Control"]
    assert report.receipt not in "".join(re.findall(r'href="[^"]*"', words_of(page)))


def test_the_receipt_page_is_empty_without_its_cookie(cast: Cast, client: Client):
    send(client)
    receipt = Report.objects.get().receipt
    client.cookies["receipt"] = receipt  # not signed by us
    answer = client.get(RECEIVED)
    assert answer.status_code == 200
    assert receipt not in words_of(answer)
    client.cookies.clear()
    assert "No report to show" in words_of(client.get(RECEIVED))


def test_the_receipt_page_is_empty_after_half_an_hour(cast: Cast, client: Client):
    with time_machine.travel(timezone.now() - timedelta(minutes=31)):
        send(client, stamp=stamp())
    assert Report.objects.get().receipt not in words_of(client.get(RECEIVED))


def test_a_report_stands_beside_its_message(
    cast: Cast, school_channel: Channel, client: Client
):
    case = make.case(school_channel, permalink="https://social.example/m/77")
    send(client, address="http://social.example/m/77/")
    case.refresh_from_db()
    assert Report.objects.get().case == case
    assert case.reports_count == 1


def test_the_page_says_by_when(cast: Cast, client: Client):
    """K-14: received on a Friday, decided at the latest on Monday."""
    with time_machine.travel("2026-10-16 16:45:00+02:00", tick=False):
        send(client, stamp=stamp())
        assert "at the latest 19 October 2026, 16:45" in words_of(client.get(RECEIVED))


def test_the_status_is_told_in_words_without_the_comments_text(
    cast: Cast, school_channel: Channel, client: Client
):
    """K-15: received, being looked at, outcome."""
    send(client, address="somewhere under the film")
    loose = Report.objects.get()
    assert "are looking up the comment" in words_of(ask(client, loose.receipt))

    case = make.case(
        school_channel, "Vile words", permalink="https://social.example/m/5"
    )
    placed = reports.receive(address="https://social.example/m/5", what="See it.")
    page = words_of(ask(client, placed.receipt))
    assert "Being looked at" in page
    rule = make.rule("K-20.6")
    decisions.remove(case=case, by=cast.anna, rule=rule, reason="Swearing.")
    page = words_of(ask(client, placed.receipt))
    assert "The comment has been removed." in page
    for secret in ("Vile words", "See it.", "Swearing.", "Anna", "social.example/m/5"):
        assert secret not in page, secret


def test_a_late_decision_is_admitted(cast: Cast, client: Client):
    with time_machine.travel(timezone.now() - timedelta(days=14)):
        report = reports.receive(address="somewhere", what="Look")
    assert "are late" in words_of(ask(client, report.receipt))


def test_the_number_is_taken_as_people_write_it(cast: Cast, client: Client):
    report = reports.receive(address="somewhere", what="Look")
    bare = report.receipt.replace("-", "")
    for written in (report.receipt, bare, bare.lower(), f" {' '.join(bare)} "):
        assert ask(client, written).status_code == 200, written


@pytest.mark.parametrize(
    "written", ["", "ABCD", "ABCD-EFGH-JKMN", "' OR 1=1 --", "\x00" * 12, "ÅÄÖ" * 4]
)
def test_an_unknown_number_is_said_in_words(cast: Cast, client: Client, written: str):
    reports.receive(address="somewhere", what="Look")
    answer = ask(client, written)
    assert answer.status_code == 422
    assert "receipt" in answer.context["form"].errors


def test_a_number_in_the_address_is_not_looked_at(cast: Cast, client: Client):
    report = reports.receive(address="somewhere", what="Look")
    answer = client.get(STATUS, {"receipt": report.receipt})
    assert "Received" not in words_of(answer)


def test_nothing_of_a_report_is_logged(cast: Cast, client: Client, caplog, capsys):
    with caplog.at_level(logging.DEBUG):
        send(client, what="Kim is a thief", contact="kim@home.example")
        receipt = Report.objects.get().receipt
        client.get(RECEIVED)
        ask(client, receipt)
        ask(client, "ABCD-EFGH-JKMN")
        client.get(FORM, {"address": "https://social.example/kim"})
    told = json.dumps([str(record.msg) for record in caplog.records])
    told += "".join(capsys.readouterr())
    assert "report/" in told
    for secret in ("thief", "kim@", receipt, "social.example", "127.0.0.1"):
        assert secret not in told, secret


def test_what_is_missing_is_said_at_its_field(cast: Cast, client: Client):
    answer = send(client, address=" ", what="")
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"address", "what"}
    page = words_of(answer)
    assert 'href="#id_address"' in page
    assert 'aria-invalid="true"' in page
    assert "<title>Error:" in page
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"more": "http://buy.example"}, "automatic message"),
        ({"stamp": ""}, "open for too long"),
        ({"stamp": "forged:1:x"}, "open for too long"),
    ],
)
def test_a_robot_is_sent_back_with_what_it_wrote(
    cast: Cast, client: Client, fields: dict[str, str], words: str
):
    answer = send(client, what="My words", **fields)
    assert answer.status_code == 422
    assert words in words_of(answer)
    assert "My words" in words_of(answer)
    assert not Report.objects.exists()
    # A person whose browser filled the trap, or who was slow, only sends it again.
    again = answer.context["form"]
    with time_machine.travel(timezone.now() + timedelta(seconds=10)):
        answer = send(client, stamp=again["stamp"].value(), more=again["more"].value())
    assert answer.status_code == 302


def test_three_seconds_and_two_hours(cast: Cast, client: Client):
    assert send(client, stamp=stamp(1)).status_code == 422
    assert send(client, stamp=stamp(2 * 60 * 60 + 5)).status_code == 422
    assert send(client, stamp=stamp(4)).status_code == 302
    slow = stamp(2 * 60 * 60 - 60)
    assert send(client, what="Another", stamp=slow).status_code == 302


def test_a_form_sent_twice_is_one_report_with_one_receipt(cast: Cast, client: Client):
    send(client)
    send(client)
    assert Report.objects.count() == 1
    send(client, what="Something else")
    assert Report.objects.count() == 2
    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        send(client, stamp=stamp())
    assert Report.objects.count() == 3


def test_a_network_that_reports_too_much_waits_and_others_do_not(
    cast: Cast, client: Client, monkeypatch
):
    monkeypatch.setattr("moderation.public_views.MOST_REPORTS", 2)
    near = [f"198.51.100.{n}" for n in (1, 77, 200)]
    answers = [
        send(client, what=f"No {n}", REMOTE_ADDR=place).status_code
        for n, place in enumerate(near)
    ]
    assert answers == [302, 302, 429]
    assert send(client, what="Far", REMOTE_ADDR="203.0.113.1").status_code == 302
    assert Report.objects.count() == 3


def test_guessing_numbers_is_slowed_down(cast: Cast, client: Client, monkeypatch):
    monkeypatch.setattr("moderation.public_views.MOST_QUESTIONS", 1)
    report = reports.receive(address="somewhere", what="Look")
    assert ask(client, "ABCD-EFGH-JKMN").status_code == 422
    answer = ask(client, report.receipt)
    assert answer.status_code == 429
    assert "Being looked at" not in words_of(answer)


def test_a_report_is_taken_when_the_cache_is_away(cast: Cast, client: Client, caplog):
    """Redis holds hints: a citizen is not turned away because it is down."""
    gone = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    with override_settings(CACHES=gone):
        caches.close_all()
        assert send(client, REMOTE_ADDR="198.51.100.1").status_code == 302
    caches.close_all()
    assert Report.objects.count() == 1
    told = [record.msg for record in caplog.records if "rate" in str(record.msg)]
    assert told
    assert "198.51.100" not in str(told)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("198.51.100.7", "198.51.100.0/24"),
        ("::ffff:198.51.100.7", "198.51.100.0/24"),
        ("2001:db8:1:2ff::1", "2001:db8:1:200::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_a_neighbourhood_is_a_network(rf, given: str, place: str):
    assert guards.neighbourhood(rf.get("/", REMOTE_ADDR=given)) == place


def test_behind_a_proxy_only_its_own_word_counts(rf, settings):
    asked = rf.get(
        "/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": "1.2.3.4, 192.0.2.9"}
    )
    assert guards.neighbourhood(asked) == "10.0.0.0/24"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert guards.neighbourhood(asked) == "192.0.2.0/24"


@pytest.mark.parametrize(
    "address",
    [
        "http://[",
        "https://social.example:port/",
        "javascript:alert(1)",
        "<img src=x onerror=alert(1)>",
        "https://social.example/\x00",
        "\u202ehttps://social.example",
        "//////",
        "http://" + "a" * 900,
    ],
)
def test_any_pasted_address_is_taken_and_shown_as_text(
    cast: Cast, school_channel: Channel, client: Client, address: str
):
    assert send(client, address=address).status_code == 302
    assert "\x00" not in Report.objects.get().address
    prefilled = client.get(FORM, {"address": address})
    assert prefilled.status_code == 200
    assert "<img src=x" not in prefilled.content.decode()


def test_too_much_is_refused_in_words(cast: Cast, client: Client):
    assert send(client, what="x" * 4001).status_code == 422
    answer = send(client, what="x" * 10_000_000)
    assert answer.status_code == 413
    assert "too much at once" in words_of(answer)
    assert send(client, what="x" * 21 * 1024 * 1024).status_code in (400, 413)
    assert not Report.objects.exists()


def test_other_methods_are_refused(cast: Cast, client: Client):
    for address in (FORM, STATUS, RECEIVED):
        assert client.put(address).status_code == 405
        assert client.delete(address).status_code == 405
    assert client.post(RECEIVED).status_code == 405


def test_a_form_from_another_site_is_refused(cast: Cast):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    answer = send(strict)
    assert answer.status_code == 403
    assert "The form could not be sent" in words_of(answer)
    assert not Report.objects.exists()

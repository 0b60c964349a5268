"""The whole way, on a real WordPress in a real browser: a citizen's comment, another's
report, the officer's removal, the record, and what an outsider can check of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import bagit
from django.conf import settings
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from archive.models import LogEntry, Record
from channels import credentials, delivery
from channels.models import Channel, Delivery
from moderation import polling
from moderation.models import Case, Report
from tests import make
from tests.e2e.conftest import ARTIFACTS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.conftest import Cast
    from tests.e2e.conftest import Check
    from tests.peers.wordpress import Site

ROOT = Path(__file__).resolve().parents[2]
SEEN = "Ni är en jävla skitkommun! Rektorn borde skämmas"
RUDE = f"{SEEN} 😡"  # WordPress shows the last as a picture
WHAT = "It insults the head teacher, who is a named person."
REASON = "The comment insults a named person and swears."


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` as an administrator runs it, on the database of this test."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(
        path="/" + settings.DATABASES["default"]["NAME"]
    )
    return subprocess.run(
        [sys.executable, "-W", "ignore", str(ROOT / "manage.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database.geturl(), "LANGUAGE_CODE": "en"},
    )


def a_citizen(browser: Browser) -> Page:
    """A window of their own. WordPress asks other machines for pictures of faces."""
    context = browser.new_context(locale="en-GB")
    elsewhere = re.compile(r"https?://(?!127\.0\.0\.1|localhost)")
    context.route(elsewhere, lambda route: route.abort())
    return context.new_page()


def seen(page: Page, step: str) -> None:
    """A picture of a page that is not ours: WordPress looks as WordPress does."""
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"journey-{step}.png", full_page=True)


def comments_in_the_browser(page: Page, site: Site, post: int) -> int:
    """Robin writes in WordPress' own form; answers the comment's number."""
    page.goto(f"{site.base}/?p={post}")
    page.locator("#comment").fill(RUDE)
    page.locator("#author").fill("Robin Rask")
    page.locator("#email").fill("robin@example.org")
    seen(page, "01-comment-being-written")
    page.locator("#commentform [type=submit]").click()
    page.wait_for_url("**#comment-*")
    expect(page.get_by_text(SEEN)).to_be_visible()
    seen(page, "02-comment-on-wordpress")
    return int(page.url.rpartition("-")[2])


def reports_it(page: Page, address: str, comment: str, check: Check) -> str:
    """Another citizen reports it; answers the receipt number."""
    page.goto(f"{address}/report/")
    page.wait_for_timeout(3100)  # the form asks for three seconds of thought
    page.get_by_label("Address of the comment").fill(comment)
    page.get_by_label("What is wrong with it").fill(WHAT)
    check(page, "journey-03-report")
    page.get_by_role("button", name="Send the report").click()
    page.wait_for_url("**/report/received/")
    check(page, "journey-04-receipt")
    return page.locator(".number").inner_text()


def removes_it(page: Page, address: str, check: Check) -> None:
    """The officer finds it on the desk and removes it with ground and reason."""
    page.goto(f"{address}/admin/desk/")
    page.get_by_role("navigation", name="What to show").get_by_text("Reported").click()
    check(page, "journey-05-desk")
    page.locator("[data-row]", has_text="skitkommun").click()
    expect(page.get_by_text(WHAT)).to_be_visible()
    assert page.locator("#text mark").count() > 0
    check(page, "journey-06-message")
    page.get_by_label("K-20.1").check()
    page.get_by_role("region", name="Decide", exact=True).get_by_label("Reason").fill(
        REASON
    )
    page.get_by_role("button", name="Remove …").click()
    expect(page.get_by_text("made before the platform is told")).to_be_visible()
    check(page, "journey-07-confirm")
    page.get_by_role("button", name="Seal the record and remove").click()
    assert "Record sealed" in page.locator(".messagelist").inner_text()
    check(page, "journey-08-decided")


def finds_the_record(page: Page, address: str, check: Check) -> None:
    """The archivist looks the sender up and reads that nothing was touched."""
    page.goto(f"{address}/admin/archive/record/")
    page.get_by_label("Words").fill("Robin Rask")
    page.get_by_role("button", name="Search").click()
    assert "Robin" not in page.url
    assert page.locator("table.records tbody tr").count() == 1
    check(page, "journey-11-records")
    page.locator("table.records tbody a").click()
    expect(page.get_by_text("The seal holds.")).to_be_visible()
    for words in (RUDE, REASON, "robin", "K-20.1", "Anna Test"):
        expect(page.get_by_text(words).first).to_be_visible()
    check(page, "journey-12-record")


def test_a_comment_is_reported_removed_recorded_and_proved(
    browser: Browser,
    page: Page,
    address: str,
    cast: Cast,
    wp_one: Site,
    sign_in: Callable[[Any], None],
    check: Check,
    tmp_path: Path,
):
    """K-15, K-24: a reader reports it without logging in and hears what came of it.
    K-19: the sealed record with content and sender stands before WordPress is told.
    K-23: a person removes it, with ground and reason."""
    channel = make.channel(
        cast.anna,
        cast.schools,
        name="The school blog",
        platform="wordpress",
        address=wp_one.base,
        takes_direct_messages=False,
    )
    credentials.keep(channel=channel, values=wp_one.login, by=cast.anna)
    post = wp_one.post("Skolstart", "Skolan börjar på måndag.")

    # A citizen comments on the municipality's WordPress, and it is read.
    citizen = a_citizen(browser)
    number = comments_in_the_browser(citizen, wp_one, post)
    there = citizen.url
    polling.poll(channel.stream)
    case = Case.objects.get(message__external_id=str(number))
    assert case.message.text == RUDE

    # Another reader reports it.
    receipt = reports_it(citizen, address, there, check)
    assert Report.objects.get(receipt=receipt).case == case

    # The officer removes it. The record stands; WordPress has not been told.
    sign_in(cast.anna)
    removes_it(page, address, check)
    record = Record.objects.get(kind=Record.Kind.REMOVAL)
    assert record.subject == case.message.ref
    assert record.facts["message"]["text"] == RUDE
    assert record.facts["sender"]["name"] == "Robin Rask"
    assert LogEntry.objects.filter(record_id=record.pk).exists()
    told = Delivery.objects.get(record=record)
    assert told.state == Delivery.State.WAITING
    assert wp_one.stored(number) is not None
    citizen.goto(f"{wp_one.base}/?p={post}")
    expect(citizen.get_by_text(SEEN)).to_be_visible()
    seen(citizen, "09-sealed-and-still-on-wordpress")

    # WordPress is told: gone from its page and from its database.
    delivery.deliver_due()
    told.refresh_from_db()
    assert (told.state, told.error) == (Delivery.State.DONE, "")
    citizen.goto(f"{wp_one.base}/?p={post}")
    assert citizen.get_by_text(SEEN).count() == 0
    seen(citizen, "10-gone-from-wordpress")
    assert wp_one.stored(number) is None
    page.goto(f"{address}{case.get_absolute_url()}")
    expect(page.get_by_text("confirmed by the platform")).to_be_visible()
    check(page, "journey-10-confirmed-at-the-desk")

    # The one who reported it hears what came of it.
    citizen.goto(f"{address}/report/status/")
    citizen.get_by_label("Receipt number").fill(receipt)
    citizen.get_by_role("button", name="Show").click()
    expect(citizen.get_by_text("The comment has been removed.")).to_be_visible()
    check(citizen, "journey-10-status")
    citizen.context.close()

    # The archivist finds the record, and its seal holds.
    sign_in(cast.arkiv)
    finds_the_record(page, address, check)

    # An outsider's tool finds the export whole, and the archive proves itself.
    today = timezone.localdate().isoformat()
    bag = tmp_path / "bag"
    exported = manage(
        *("export_archive", "--format", "bagit", "--from", today, "--to", today),
        *("--out", str(bag)),
    )
    assert exported.returncode == 0, exported.stderr
    bagit.Bag(str(bag)).validate(processes=1)
    lines = (bag / "data" / "records.jsonl").read_text().splitlines()
    (line,) = [line for line in map(json.loads, lines) if str(record.pk) in str(line)]
    assert RUDE in json.dumps(line, ensure_ascii=False)
    sound = manage("verify_archive")
    assert (sound.returncode, sound.stderr) == (0, "")

    # One byte changed behind the application's back is found, and the record named.
    change_a_byte(record)
    broken = manage("verify_archive")
    assert broken.returncode == 1
    assert str(record.pk) in broken.stdout
    page.reload()
    expect(page.get_by_text("The seal does not hold:")).to_be_visible()
    check(page, "journey-13-the-seal-is-broken")


def change_a_byte(record: Record) -> None:
    """As a superuser who has switched the triggers off; a letter of the comment."""
    place = bytes(record.canonical).index(b"skitkommun")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE archive_record SET canonical = set_byte(canonical, %s, 83)"
            " WHERE id = %s",
            [place, record.pk],
        )
        cursor.execute("SET session_replication_role = DEFAULT")


def test_nothing_of_the_way_is_open_before_the_head_approves(
    cast: Cast, wp_one: Site, transactional_db: None
):
    """K-6: a channel that waits for its head's decision is not read."""
    proposed = make.proposal(
        cast.anna, cast.schools, platform="wordpress", address=wp_one.base
    )
    wp_one.comment(wp_one.post("Innan"), "Hej")
    assert polling.poll_due() == 0
    assert not Case.objects.exists()
    assert not Channel.objects.active().filter(pk=proposed.pk).exists()

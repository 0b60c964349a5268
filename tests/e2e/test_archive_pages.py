"""The archivist's rooms and the calendar of captures in a real browser."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from archive import files, sequencer
from archive.export import jobs
from archive.models import Record, RetentionRule
from archive.sealing import FileFacts, seal_many
from channels import captures
from channels.capturing import browser
from channels.models import Capture
from tests import make
from tests.archive.samples import sealing
from tests.peers.browser import chromium

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.conftest import Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def records(cast: Cast, settings: Any, tmp_path: Path) -> list[Record]:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    settings.ARCHIVE_EXPORT_DIR = tmp_path / "exports"
    RetentionRule.objects.create(
        slug="moderated-message",
        title="Removed comments, five years",
        years=0,
        starts="sealed",
        basis="KS 12/26",
    )
    digest, size = files.keep(io.BytesIO(b"a picture"))
    file = FileFacts(sha256=digest, size=size, mime="image/png", name="bild.png")
    made = seal_many(
        [
            sealing(n, retention="moderated-message", files=[file] if n < 2 else [])
            for n in range(6)
        ],
        by=cast.anna.signature,
    )
    sequencer.run()
    return made


def test_the_disposal_list_is_proposed_and_confirmed_by_another(
    page: Page,
    address: str,
    sign_in: Any,
    check: Any,
    cast: Cast,
    records: list[Record],
) -> None:
    second = make.person("Berit", "Archivist")
    sign_in(cast.arkiv)
    page.goto(f"{address}/admin/keeping/")
    check(page, "keeping-due")
    page.fill("[name=decision]", "KS 2026/417")
    page.fill("[name=basis]", "Dokumenthanteringsplan 4.2")
    page.click("text=Propose >> nth=-1")
    check(page, "keeping-proposed-own")
    one = page.url
    sign_in(second)
    page.goto(one)
    check(page, "keeping-proposed")
    page.check("[name=sure]")
    page.click("text=Dispose of the records")
    page.wait_for_selector("text=Carried out")
    check(page, "keeping-disposed")
    page.goto(f"{address}/admin/keeping/disposals/")
    check(page, "keeping-register")
    page.click("text=KS 2026/417")
    page.click(".records a >> nth=0")
    check(page, "record-disposed")
    assert Record.objects.filter(state="disposed").count() == 6


def test_an_archivist_writes_a_retention_rule_for_records_that_have_none(
    page: Page,
    address: str,
    sign_in: Any,
    check: Any,
    cast: Cast,
    records: list[Record],
) -> None:
    RetentionRule.objects.all().delete()
    seal_many([sealing(9, retention="page-capture")], by=cast.anna.signature)
    sign_in(cast.arkiv)
    page.goto(f"{address}/admin/keeping/")
    check(page, "keeping-no-rules")
    page.click("text=Write the first retention rule")
    check(page, "retention-rules-none")
    page.click("a:has-text('Messages that we hid, removed or restored')")
    check(page, "retention-rule-new")
    page.fill("[name=basis]", "KS 12/26, dokumenthanteringsplan 4.2")
    page.fill("[name=years]", "0")
    page.select_option("[name=starts]", "sealed")
    page.click("[name=_save]")
    page.wait_for_selector("text=was added successfully")
    check(page, "retention-rules")
    page.click("#result_list a >> nth=-1")
    check(page, "retention-rule")
    page.click("#content a:text-is('Delete')")
    page.wait_for_selector("text=Records follow this rule")
    check(page, "retention-rule-in-use")
    page.click("text=History")
    check(page, "retention-rule-history")
    page.goto(f"{address}/admin/keeping/")
    page.wait_for_selector("text=6 records")


def test_a_hold_is_set_on_the_record_and_released(
    page: Page,
    address: str,
    sign_in: Any,
    check: Any,
    cast: Cast,
    records: list[Record],
) -> None:
    sign_in(cast.arkiv)
    page.goto(f"{address}/admin/archive/record/{records[0].pk}/change/")
    page.click("a:text-is('Hold')")
    check(page, "hold")
    page.fill("[name=reason]", "Polisanmälan 5000-K1234-26")
    page.click("button:text-is('Hold')")
    page.wait_for_selector("text=Held since")
    check(page, "record-held")
    page.goto(f"{address}/admin/keeping/holds/")
    check(page, "holds")
    page.click("a:text-is('Release')")
    check(page, "hold-release")
    page.fill("[name=reason]", "Nedlagd")
    page.click("text=Release the hold >> nth=-1")
    page.goto(f"{address}/admin/keeping/holds/?tab=released")
    check(page, "holds-released")
    assert not records[0].holds.in_force().exists()


def test_an_export_is_asked_for_and_fetched(
    page: Page,
    address: str,
    sign_in: Any,
    check: Any,
    cast: Cast,
    records: list[Record],
) -> None:
    sign_in(cast.arkiv)
    page.goto(f"{address}/admin/keeping/exports/")
    check(page, "exports-none")
    today = timezone.localdate()
    page.fill("[name=first]", today.isoformat())
    page.fill("[name=last]", today.isoformat())
    page.fill("[name=note]", "Leverans till e-arkivet")
    page.click("text=Only some of them")
    page.fill("[name=channel]", "Skolan på nätet")
    page.select_option("[name=kind]", "removal")
    check(page, "exports-narrowed")
    page.click("button:text-is('Export')")
    page.wait_for_selector("text=Look again")
    check(page, "exports-waiting")
    jobs.run_next()
    page.reload()
    check(page, "exports-done")
    with page.expect_download() as download:
        page.click("text=Download (ZIP)")
    assert download.value.suggested_filename == f"archive-{today}-{today}.zip"
    assert download.value.path().read_bytes().startswith(b"PK")


def test_the_calendar_shows_what_is_due_failed_and_done(
    page: Page,
    address: str,
    sign_in: Any,
    check: Any,
    cast: Cast,
    records: list[Record],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """K-18: with a real capture of a channel's own wall."""
    settings.CAPTURE_BROWSER = chromium() or ""
    make.channel(cast.anna, cast.schools, name="Skolans vägg", slug="skolan")
    late = make.channel(cast.anna, cast.schools, name="Sommarlovet", slug="sommar")
    type(late).objects.filter(pk=late.pk).update(
        decided_at=timezone.now() - timedelta(days=40)
    )
    sign_in(cast.anna)
    page.goto(f"{address}/admin/captures/")
    check(page, "captures-calendar-new")
    page.click("text=Skolans vägg")
    check(page, "captures-channel-new")
    page.select_option("[name=reason]", "change")
    page.click("text=Capture the page")
    page.wait_for_selector("text=Say what is going to change.")
    check(page, "captures-ask-refused")
    page.fill("[name=note]", "Ny startsida på måndag")
    page.click("text=Capture the page")
    page.wait_for_selector("text=A capture is on its way")
    done = captures.run_next()
    assert done is not None
    assert (done.state, done.failure, done.detail) == ("done", "", "")
    page.reload()
    check(page, "captures-channel-done")
    with page.expect_download() as download:
        page.click(f"text=skolan-{timezone.now():%Y-%m-%d}.wacz")
    assert download.value.path().read_bytes().startswith(b"PK")
    seen = page.screenshot(type="jpeg", quality=60)

    def visit(*_arguments: Any, **_named: Any) -> browser.Visit:
        raise browser.NotCaptured("login", status=200, seen=seen)

    monkeypatch.setattr(browser, "visit", visit)
    captures.ask(channel=late, reason=Capture.Reason.SCHEDULED)
    captures.run_next()
    page.goto(f"{address}/admin/captures/")
    check(page, "captures-calendar")
    page.fill("[name=q]", "skolans")
    page.click("button:text-is('Search')")
    page.wait_for_selector(".captures >> text=Skolans vägg")
    check(page, "captures-search")
    page.go_back()
    page.click("text=Sommarlovet")
    page.click("text=What was seen instead")
    page.locator(".seen").evaluate("picture => picture.decode()")
    check(page, "captures-channel-failed")
    page.click("text=Upload one made by hand")
    check(page, "captures-upload")
    sign_in(cast.arkiv)
    page.goto(f"{address}/admin/archive/record/{done.record_id}/change/")
    check(page, "record-capture")


def test_a_field_is_looked_at_proposed_and_erased_by_another(
    page: Page,
    address: str,
    sign_in: Any,
    check: Any,
    cast: Cast,
    records: list[Record],
) -> None:
    """Single-field erasure, from the record's page."""
    second = make.person("Berit", "Archivist")
    sign_in(cast.arkiv)
    page.goto(f"{address}/admin/archive/record/{records[0].pk}/change/")
    page.click("text=Erase fields")
    page.check("[value='/facts/sender/name']")
    page.fill("[name=basis]", "Art. 17 GDPR, KS 2026/9")
    page.fill("[name=reason]", "En tredje persons namn.")
    page.click("text=See what would go")
    page.wait_for_selector("#going-title")
    check(page, "erasure-look")
    page.click("form.act >> text=Propose")
    page.wait_for_selector("text=Somebody else has to confirm it now")
    one = page.url
    sign_in(second)
    page.goto(one)
    check(page, "erasure-proposed")
    page.check("[name=sure]")
    page.click("form >> text=Erase the fields")
    page.wait_for_selector("text=the rest still proves")
    check(page, "erasure-done")
    page.goto(f"{address}/admin/keeping/erasures/")
    check(page, "erasures")
    page.goto(f"{address}/admin/archive/record/{records[0].pk}/change/")
    page.wait_for_selector("text=Erased by decision: Sender")
    page.wait_for_selector("text=The seal holds.")
    check(page, "erasure-record")

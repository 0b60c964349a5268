"""The calendar of captures, what is sealed, and who is reminded (K-18)."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from archive import files as kept_files
from archive import marking, verification
from archive.models import Record, RecordSearch
from channels import capture_calendar, captures
from channels.capturing import browser, kinds, wacz
from channels.capturing.wacz import Response
from channels.models import Capture, CaptureReminder, Channel, Letter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from tests.conftest import Cast

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n....IEND\xaeB`\x82"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the browser will bring; tests/channels/test_capture_browser.py has a real
    one. `fault` is raised instead."""
    what: dict[str, Any] = {"fault": None, "path": "/usr/bin/chromium", "visits": []}

    def visit(address: str, **_settings: str) -> browser.Visit:
        what["visits"].append(address)
        if what["fault"]:
            raise what["fault"]
        return browser.Visit(
            address=address,
            started_at=timezone.now(),
            finished_at=timezone.now(),
            final_address=address,
            status=200,
            title="Skolans vägg\x00",
            text="Matsedel\nSkolavslutningen är den 12 juni.\x00 Kuntakokous.",
            software="Chromium 156.0",
            height=900,
            redirects=[("http://a.example/", 301, address)],
            refused=["10.0.0.1:80"],
            png=PNG,
            pdf=b"%PDF-1.4 %%EOF",
            packed=b"PK",
        )

    monkeypatch.setattr(browser, "visit", visit)
    monkeypatch.setattr(browser, "path", lambda: what["path"])
    return what


def ask(channel: Channel, **changes: Any) -> Capture:
    return captures.ask(channel=channel, **({"reason": "scheduled"} | changes))


def reminders() -> QuerySet[Letter]:
    return Letter.objects.filter(subject__contains=": capture of")


def run(channel: Channel) -> Capture:
    ask(channel)
    capture = captures.run_next()
    assert capture is not None
    return capture


# -- Making one


def test_a_capture_is_a_sealed_record_with_its_files_and_how_it_came_about(
    school_channel: Channel, cast: Cast, seen: dict[str, Any]
) -> None:
    """K-18: address, time, software, redirects, checksums."""
    ask(school_channel, reason="change", note="New front page", by=cast.anna)
    capture = captures.run_next()
    assert capture is not None
    assert capture.state == Capture.State.DONE
    record = capture.record
    assert record is not None
    assert (record.kind, record.subject) == ("capture", capture.ref)
    told = record.facts["capture"]
    assert told["reason"] == "change"
    assert told["note"] == "New front page"
    assert told["asked_by"] == cast.anna.signature
    assert told["software"] == "Chromium 156.0"
    assert told["redirects"][0]["status"] == 301
    assert told["refused_addresses"] == ["10.0.0.1:80"]
    assert told["title"] == "Skolans vägg\ufffd"
    files = list(record.files.order_by("position"))
    assert [file.mime for file in files] == [
        "image/png",
        "application/pdf",
        "application/wacz",
    ]
    assert files[0].sha256 == hashlib.sha256(PNG).hexdigest()
    assert b"".join(kept_files.chunks(files[0].sha256)) == PNG
    row = RecordSearch.objects.get(record=record)
    assert (row.channel, row.department) == (school_channel.name, "Schools")
    assert verification.verify().faults == []


def test_a_failed_capture_stands_in_the_calendar_with_what_was_seen(
    school_channel: Channel, seen: dict[str, Any]
) -> None:
    seen["fault"] = browser.NotCaptured("login", status=200, seen=b"\xff\xd8jpeg")
    failed = run(school_channel)
    assert (failed.state, failed.failure, failed.status) == ("failed", "login", 200)
    assert bytes(failed.seen) == b"\xff\xd8jpeg"
    assert not Record.objects.filter(kind="capture").exists()
    [plan] = capture_calendar.plans(Channel.objects.all())
    assert plan.failed == failed
    seen["fault"] = None
    run(school_channel)
    failed.refresh_from_db()
    assert bytes(failed.seen) == b""
    [plan] = capture_calendar.plans(Channel.objects.all())
    assert plan.failed is None


def test_one_capture_of_a_channel_at_a_time(
    school_channel: Channel, seen: dict[str, Any]
) -> None:
    ask(school_channel)
    with pytest.raises(captures.Refused, match="already"):
        ask(school_channel)
    assert captures.run_next() is not None
    assert captures.run_next() is None
    ask(school_channel)


def test_what_a_lost_worker_left_is_made_by_the_next(
    school_channel: Channel, seen: dict[str, Any]
) -> None:
    ask(school_channel)
    captures._claim()
    assert captures.run_next() is None
    with time_machine.travel(timezone.now() + captures.LEASE, tick=True):
        done = captures.run_next()
    assert done is not None
    assert done.state == "done"


def test_a_worker_that_took_too_long_seals_nothing_twice(
    school_channel: Channel, seen: dict[str, Any]
) -> None:
    ask(school_channel)
    slow = captures._claim()
    assert slow is not None
    with time_machine.travel(timezone.now() + captures.LEASE, tick=True):
        captures.run_next()
    captures._make(slow)
    assert Record.objects.filter(kind="capture").count() == 1
    seen["fault"] = browser.NotCaptured("empty")
    assert captures._make(slow).state == "done"


def test_without_a_browser_and_for_a_closed_channel_none_is_asked_for(
    school_channel: Channel, seen: dict[str, Any]
) -> None:
    seen["path"] = None
    with pytest.raises(captures.Refused, match="No browser"):
        ask(school_channel)
    seen["path"] = "/usr/bin/chromium"
    proposed = Channel(name="x", decision="")
    with pytest.raises(captures.Refused, match="in use"):
        ask(proposed)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "waiting", "settled_at": None, "record": None},
        {"note": "Something else"},
        {"seen": b"another picture"},
    ],
)
def test_the_database_keeps_what_became_of_a_capture(
    change: dict[str, Any], school_channel: Channel, seen: dict[str, Any]
) -> None:
    done = run(school_channel)
    with pytest.raises(DatabaseError), transaction.atomic():
        Capture.objects.filter(pk=done.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Capture.objects.filter(pk=done.pk)._raw_delete("default")


# -- By hand


def test_a_capture_made_by_hand_is_sealed_with_the_same_fields(
    school_channel: Channel, cast: Cast
) -> None:
    done = captures.upload(
        channel=school_channel,
        reason="asked",
        note="Behind a login",
        address="https://social.example/skolan",
        captured_at=NOW,
        software="Firefox 140",
        uploads=[captures.Kept(name="skolan.png", mime="image/png", data=PNG)],
        by=cast.anna,
    )
    assert done.record is not None
    told = done.record.facts["capture"]
    assert set(told) >= {
        "address",
        "final_address",
        "started_at",
        "finished_at",
        "software",
        "redirects",
        "status",
    }
    assert (told["means"], told["software"]) == ("upload", "Firefox 140")
    assert done.record.sealed_by == cast.anna.signature
    [plan] = capture_calendar.plans(Channel.objects.all())
    assert plan.last == done


def packed() -> bytes:
    one = Response(
        address="https://x.example/",
        method="GET",
        status=200,
        reason="OK",
        headers=[("content-type", "text/html")],
        body=b"<p>",
        at=NOW,
    )
    return wacz.pack(responses=[one], address=one.address, title="X", software="x")


def warc() -> bytes:
    with zipfile.ZipFile(io.BytesIO(packed())) as archive:
        return archive.read("archive/data.warc.gz")


def plain_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("index.html", "x")
    return out.getvalue()


KINDS = {
    "png": (PNG, "image/png"),
    "half a png": (PNG[:-8], None),
    "jpeg": (b"\xff\xd8\xff\xe0 \xff\xd9", "image/jpeg"),
    "half a jpeg": (b"\xff\xd8\xff\xe0 ", None),
    "pdf": (b"%PDF-1.7\n...\n%%EOF\n", "application/pdf"),
    "half a pdf": (b"%PDF-1.7\n...", None),
    "wacz": (packed(), "application/wacz"),
    "a broken wacz": (packed()[:-30], None),
    "another zip": (plain_zip(), None),
    "warc": (warc(), "application/warc"),
    "other gzip": (b"\x1f\x8b\x08nonsense", None),
    "mhtml": (
        b"From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;",
        "multipart/related",
    ),
    "html": (b"<html><script>alert(1)</script>", None),
    "svg": (b"<svg onload='alert(1)'/>", None),
    "nothing": (b"", None),
}


@pytest.mark.parametrize("name", KINDS)
def test_the_type_is_found_by_content(name: str) -> None:
    data, kind = KINDS[name]
    assert kinds.kind_of(data) == kind


def test_an_uploaded_file_bears_the_ending_of_what_it_is(
    school_channel: Channel, cast: Cast, client: Client
) -> None:
    client.force_login(cast.anna)
    address = reverse("captures:upload", args=[school_channel.pk])
    data = {
        "address": "https://social.example/skolan",
        "captured_at": "2026-11-20T10:00",
        "software": "Firefox 140",
        "reason": "asked",
        "note": "",
    }
    lie = SimpleUploadedFile("bild.png", b"<script>alert(1)</script>")
    answer = client.post(address, {**data, "uploads": [lie]})
    assert answer.status_code == 422
    assert "bild.png" in answer.content.decode()
    assert not Capture.objects.exists()
    files = [SimpleUploadedFile("../../skolan.exe", PNG)]
    future = {**data, "captured_at": "2099-01-01T10:00", "uploads": files}
    assert client.post(address, future).status_code == 422
    files = [SimpleUploadedFile("../../skolan.exe", PNG)]
    assert client.post(address, {**data, "uploads": files}).status_code == 302
    record = Record.objects.get(kind="capture")
    assert record.files.get().name == "skolan.png"
    download = client.get(reverse("captures:file", args=[Capture.objects.get().pk, 0]))
    assert b"".join(download) == PNG
    assert download["Content-Disposition"] == 'attachment; filename="skolan.png"'
    assert "sandbox" in download["Content-Security-Policy"]


# -- When


@pytest.mark.parametrize(
    ("day", "then"),
    [
        (date(2026, 1, 15), date(2026, 7, 15)),
        (date(2026, 7, 1), date(2027, 1, 1)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 31), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 6, 30)),
        (date(2026, 6, 30), date(2026, 12, 30)),
    ],
)
def test_half_a_year_is_six_months(day: date, then: date) -> None:
    assert capture_calendar.half_a_year_after(day) == then


def test_a_channel_is_captured_at_once_and_then_every_half_year(
    school_channel: Channel, seen: dict[str, Any]
) -> None:
    """K-18, by the calendar alone."""
    assert capture_calendar.schedule() == 1
    assert capture_calendar.schedule() == 0
    captures.run_next()
    assert capture_calendar.schedule() == 0
    [plan] = capture_calendar.plans(Channel.objects.all())
    assert not plan.is_due
    almost = datetime.combine(
        plan.due_on - timedelta(days=1), datetime.min.time(), UTC
    ) + timedelta(hours=12)
    with time_machine.travel(almost, tick=True):
        assert capture_calendar.schedule() == 0
        assert capture_calendar.plans(Channel.objects.all())[0].is_soon
    with time_machine.travel(almost + timedelta(days=1), tick=True):
        assert capture_calendar.schedule() == 1
    assert Capture.objects.filter(reason="scheduled", asked_by=None).count() == 2
    assert not reminders()


def test_a_failed_try_is_repeated_on_later_days_then_a_person_is_asked(
    school_channel: Channel, seen: dict[str, Any]
) -> None:
    seen["fault"] = browser.NotCaptured("login")
    start = timezone.now()
    tries = []
    for day in range(12):
        with time_machine.travel(start + timedelta(days=day, hours=1), tick=True):
            capture_calendar.schedule()
            if captures.run_next():
                tries.append(day)
    assert tries == [0, 1, 3, 7]
    [letter] = reminders()
    assert letter.to == school_channel.owner.email
    assert "A login stood before the page." in letter.body
    assert reverse("captures:channel", args=[school_channel.pk]) in letter.body


def test_owner_and_then_the_head_are_reminded_once_each(
    school_channel: Channel, cast: Cast, seen: dict[str, Any]
) -> None:
    """Without a browser; K-18's reminders when due and overdue."""
    seen["path"] = None
    assert capture_calendar.schedule() == 1
    assert capture_calendar.schedule() == 0
    [due] = reminders()
    assert due.to == cast.anna.email
    assert "No browser" in due.body
    with time_machine.travel(timezone.now() + timedelta(days=15), tick=True):
        assert capture_calendar.schedule() == 2
        assert capture_calendar.schedule() == 0
    overdue = reminders().exclude(pk=due.pk)
    assert {one.to for one in overdue} == {cast.anna.email, cast.hanna.email}
    assert all(one.subject.startswith("Overdue") for one in overdue)
    assert CaptureReminder.objects.count() == 2


def test_the_calendar_takes_four_queries_for_any_number_of_channels(
    cast: Cast, school_channel: Channel, django_assert_max_num_queries: Any
) -> None:
    from tests import make

    for _ in range(4):
        make.channel(cast.anna, cast.schools)
    with django_assert_max_num_queries(4):
        assert len(capture_calendar.plans(Channel.objects.all())) == 5


# -- Who


def test_owners_and_archivists_see_captures_and_strangers_do_not(
    school_channel: Channel, cast: Cast, client: Client, seen: dict[str, Any]
) -> None:
    done = run(school_channel)
    pages = [
        reverse("captures:channel", args=[school_channel.pk]),
        reverse("captures:upload", args=[school_channel.pk]),
        reverse("captures:file", args=[done.pk, 0]),
    ]
    for person, status in (
        (cast.anna, 200),
        (cast.hanna, 200),
        (cast.arkiv, 200),
        (cast.chief, 200),
        (cast.bo, 404),
        (cast.otto, 404),
    ):
        client.force_login(person)
        assert [client.get(page).status_code for page in pages] == [status] * 3


@pytest.mark.parametrize(
    "words", ["skolavslutning", "avslutningen", "matsedel", "kuntakokous", "skolans"]
)
def test_a_capture_is_found_by_the_words_of_its_page(
    school_channel: Channel,
    cast: Cast,
    client: Client,
    seen: dict[str, Any],
    words: str,
) -> None:
    """K-18: on the calendar by who sees the channel, in the reading room by all words
    of the page."""
    done = run(school_channel)
    assert done.record is not None
    told = done.record.facts["capture"]["text"]
    assert told == "Matsedel\nSkolavslutningen är den 12 juni.\ufffd Kuntakokous."
    for person, number in ((cast.anna, 1), (cast.arkiv, 1), (cast.bo, 0)):
        client.force_login(person)
        page = client.post(reverse("captures:search"), {"q": words})
        assert [one.capture for one in page.context["found"]] == [done] * number
    client.force_login(cast.anna)
    gone = client.post(reverse("captures:search"), {"q": "badhus"})
    assert "No captured page has these words" in gone.content.decode()
    client.force_login(cast.arkiv)
    reading = client.post(
        reverse("admin:archive_record_changelist"), {"q": words, "kind": "capture"}
    )
    assert [row.record_id for row in reading.context["rows"]] == [done.record_id]


def test_a_captured_page_with_a_secrecy_marking_shows_nothing_of_itself(
    school_channel: Channel, cast: Cast, client: Client, seen: dict[str, Any]
) -> None:
    done = run(school_channel)
    assert done.record is not None
    marking.mark(
        record=done.record,
        by="x",
        secrecy="OSL 21:1",
        classification="",
        diary_number="",
        remark="",
    )
    client.force_login(cast.anna)
    page = client.post(reverse("captures:search"), {"q": "matsedel"}).content.decode()
    assert "Closed: open the record" in page
    assert "12 juni" not in page


def test_before_a_major_change_the_page_is_captured_with_a_note(
    school_channel: Channel, cast: Cast, client: Client, seen: dict[str, Any]
) -> None:
    client.force_login(cast.anna)
    address = reverse("captures:ask", args=[school_channel.pk])
    answer = client.post(address, {"reason": "change", "note": " "})
    assert answer.status_code == 422
    assert "what is going to change" in answer.content.decode()
    assert client.post(address, {"reason": "scheduled"}).status_code == 422
    client.post(address, {"reason": "change", "note": "New platform"})
    assert Capture.objects.get().note == "New platform"
    assert client.post(address, {"reason": "asked"}).status_code == 422

"""Files that come with messages are fetched from anywhere and trusted nowhere."""

from __future__ import annotations

import contextlib
import http.server
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from archive import files, pictures
from channels import attachments
from channels.attachments import Missing
from channels.models import Attachment
from channels.platforms import http as ours
from channels.platforms.base import Attached, Transient
from tests import make

PHOTO = make.picture("JPEG", "crimson", (400, 300))


def bomb() -> bytes:
    """A picture of 2.5 thousand million pixels in a few kilobytes."""

    def chunk(name: bytes, content: bytes) -> bytes:
        whole = name + content
        return (
            struct.pack(">I", len(content))
            + whole
            + struct.pack(">I", zlib.crc32(whole))
        )

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000))
        + chunk(b"IEND", b"")
    )


class Platform(http.server.BaseHTTPRequestHandler):
    asked: list[str] = []
    sent = 0

    def do_GET(self) -> None:
        Platform.asked.append(self.path)
        match self.path:
            case "/photo.jpg":
                self.answer(200, PHOTO, "image/jpeg")
            case "/lying.jpg":
                self.answer(200, b"<script>alert(1)</script>", "image/jpeg")
            case "/drawing.svg":
                self.answer(200, b"<svg onload='alert(1)'/>", "image/svg+xml")
            case "/png-called-gif":
                self.answer(200, make.picture("PNG"), "image/gif")
            case "/cut.png":
                self.answer(
                    200, make.picture("PNG", size=(300, 300))[:-40], "image/png"
                )
            case "/bomb.png":
                self.answer(200, bomb(), "image/png")
            case "/moved":
                self.answer(302, b"", "", Location="/photo.jpg")
            case "/round":
                self.answer(302, b"", "", Location="/round")
            case "/closed":
                self.answer(403, b"no", "text/plain")
            case "/broken":
                self.answer(503, b"later", "text/plain")
            case "/huge":
                self.endless(told=True)
            case "/huge-untold":
                self.endless(told=False)
            case "/trickle":
                self.send_response(200)
                self.end_headers()
                with contextlib.suppress(OSError):
                    for _turn in range(200):
                        self.wfile.write(b" ")
                        self.wfile.flush()
                        time.sleep(0.02)
            case "/silent":
                time.sleep(2)
            case _:
                self.answer(404, b"nothing", "text/plain")

    def answer(self, status: int, body: bytes, mime: str, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", mime)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def endless(self, *, told: bool) -> None:
        """50 MB."""
        self.send_response(200)
        if told:
            self.send_header("Content-Length", str(50_000_000))
        self.end_headers()
        with contextlib.suppress(OSError):
            for _turn in range(50):
                self.wfile.write(b"x" * 1_000_000)
                Platform.sent += 1_000_000

    def log_message(self, *_args: object) -> None:
        return


@pytest.fixture
def platform() -> Iterator[str]:
    Platform.asked, Platform.sent = [], 0
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Platform)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def had(address: str, **changes: Any) -> attachments.Got:
    one = Attached(id="1", address=address, **changes)
    return attachments.fetch([one])[one]


@pytest.mark.django_db
def test_the_bytes_are_kept_under_their_digest_with_the_type_they_have(platform: str):
    got = had(f"{platform}/photo.jpg")
    assert (got.sha256, got.size) == (files.digest_of(PHOTO), len(PHOTO))
    assert (got.mime, got.width, got.height) == ("image/jpeg", 400, 300)
    assert b"".join(files.chunks(got.sha256)) == PHOTO
    assert pictures.look(got.blurred).mime == "image/jpeg"
    assert max(pictures.size(got.blurred)) == pictures.BLURRED_PIXELS


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "mime", "shown"),
    [
        ("lying.jpg", "application/octet-stream", False),
        ("drawing.svg", "application/octet-stream", False),
        ("png-called-gif", "image/png", True),
        ("cut.png", "image/png", False),
        ("bomb.png", "image/png", False),
    ],
)
def test_what_the_platform_says_of_a_file_proves_nothing(
    platform: str, path: str, mime: str, shown: bool
):
    """Kept as it came, and shown as a picture only when it opens as one."""
    got = had(f"{platform}/{path}", mime="image/jpeg")
    assert (got.mime, got.width is not None) == (mime, shown)
    assert got.missing == ""
    assert bool(got.blurred) == shown


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "why", "detail"),
    [
        ("gone.jpg", Missing.NOT_FOUND, "HTTP 404"),
        ("closed", Missing.REFUSED, "HTTP 403"),
        ("broken", Missing.UNREACHABLE, "HTTP 503"),
        ("round", Missing.NO_ADDRESS, "HTTP 302"),
        ("huge", Missing.TOO_LARGE, str(attachments.MOST_BYTES)),
        ("huge-untold", Missing.TOO_LARGE, str(attachments.MOST_BYTES)),
    ],
)
def test_what_cannot_be_had_is_named_with_the_reason(
    platform: str, path: str, why: Missing, detail: str
):
    got = had(f"{platform}/{path}")
    assert got.missing == why
    assert detail in got.detail
    assert (got.sha256, got.size, got.mime) == ("", None, "")
    assert Platform.sent < 40_000_000


@pytest.mark.django_db
def test_a_server_that_says_nothing_or_trickles_is_left(
    platform: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ours, "LONGEST", 0.2)
    monkeypatch.setattr(ours, "TIMEOUT", httpx.Timeout(0.3, connect=0.3))
    for path in ("silent", "trickle"):
        assert had(f"{platform}/{path}").missing == Missing.UNREACHABLE


@pytest.mark.django_db
def test_a_slow_server_does_not_hold_up_a_whole_batch(
    platform: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(attachments, "LONGEST", -1)
    assert had(f"{platform}/photo.jpg").missing == Missing.UNREACHABLE
    assert Platform.asked == []


@pytest.mark.django_db
def test_a_redirect_is_followed_and_checked_like_an_address(platform: str, settings):
    assert had(f"{platform}/moved").size == len(PHOTO)
    settings.ALLOW_PRIVATE_ADDRESSES = False
    Platform.asked = []
    assert had(f"{platform}/photo.jpg").missing == Missing.NO_ADDRESS
    assert had("file:///etc/passwd").missing == Missing.NO_ADDRESS
    assert Platform.asked == []


@pytest.mark.django_db
def test_what_is_told_to_be_too_large_is_not_asked_for(platform: str):
    assert had(f"{platform}/photo.jpg", size=10**9).missing == Missing.TOO_LARGE
    assert had("").missing == Missing.NO_ADDRESS
    assert Platform.asked == []


@pytest.mark.django_db
def test_the_same_file_is_asked_for_once(platform: str):
    one = Attached(id="1", address=f"{platform}/photo.jpg")
    attachments.fetch([one, one])
    assert Platform.asked == ["/photo.jpg"]


@pytest.mark.django_db
def test_a_connector_reads_what_needs_its_credential():
    def read() -> bytes:
        raise Transient("no connection")

    one = Attached(id="1", address="https://social.example/1.png", read=read)
    assert attachments.fetch([one])[one].missing == Missing.UNREACHABLE
    kept = make.attached(make.picture())
    assert attachments.fetch([kept])[kept].mime == "image/png"
    large = make.attached(b"x" * (attachments.MOST_BYTES + 1))
    assert attachments.fetch([large])[large].missing == Missing.TOO_LARGE


def test_a_file_is_named_without_any_path():
    def named(name: str, mime: str = "image/png") -> str:
        return attachments.file_name(Attachment(position=2, name=name, mime=mime))

    assert named("bild.png") == "bild.png"
    assert named("../../etc/passwd") == "passwd"
    assert named("C:\\bilder\\katt.gif") == "katt.gif"
    assert named("a\r\nSet-Cookie: x.png") == "aSet-Cookie: x.png"
    assert named("") == "2.png"
    assert named("..", "application/octet-stream") == "2"

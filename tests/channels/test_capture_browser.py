"""A real Chromium captures real pages, and is kept from all that is not public."""

from __future__ import annotations

import io
import ipaddress
import json
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from channels.capturing import browser
from channels.capturing.browser import NotCaptured
from channels.capturing.gate import Gate
from channels.platforms import http
from tests.peers.browser import chromium
from tests.peers.missing import missing
from tests.peers.pages import Page, Pages, serving

WALL = """<!doctype html><html lang="sv"><title>Skolans vägg</title>
<h1>Skolans vägg</h1><p>Här skriver skolan om matsedeln och om skolavslutningen.</p>
<img src="/bild.svg" alt=""><div style="height:2500px"></div>
<script>fetch('/sent.json').then(a => a.json()).then(d => {
  document.body.append(d.text) })</script>"""
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="80"/>'


@pytest.fixture
def site(settings: Any) -> Iterator[Pages]:
    found = chromium()
    if found is None:
        missing("Chromium", "no browser on this machine")
    settings.CAPTURE_BROWSER = found
    settings.ALLOW_PRIVATE_ADDRESSES = True
    with serving() as pages:
        pages.pages |= {
            "/": Page(WALL),
            "/bild.svg": Page(PICTURE, mime="image/svg+xml"),
            "/sent.json": Page('{"text": "Sist kom detta."}', mime="application/json"),
            "/old": Page(status=301, headers={"Location": "/newer"}),
            "/newer": Page(status=302, headers={"Location": "/"}),
        }
        yield pages


@pytest.fixture
def visit(site: Pages) -> browser.Visit:
    return browser.visit(f"{site.address}/old")


@pytest.fixture
def as_files(visit: browser.Visit, tmp_path: Path) -> Path:
    (tmp_path / "page.wacz").write_bytes(visit.packed)
    with zipfile.ZipFile(tmp_path / "page.wacz") as package:
        package.extractall(tmp_path / "unpacked")
    return tmp_path


def tool(name: str, *arguments: object) -> str:
    program = Path(sys.executable).parent / name
    done = subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_page_is_kept_as_picture_as_pdf_and_with_its_way_there(
    site: Pages, visit: browser.Visit
) -> None:
    """K-18: address, time, software and redirects go along."""
    assert (visit.status, visit.title) == (200, "Skolans vägg")
    assert visit.final_address == f"{site.address}/"
    assert visit.redirects == [
        (f"{site.address}/old", 301, f"{site.address}/newer"),
        (f"{site.address}/newer", 302, f"{site.address}/"),
    ]
    assert visit.software.startswith("Chromium 1")
    assert visit.started_at <= visit.finished_at
    assert visit.png.startswith(b"\x89PNG")
    width, height = (int.from_bytes(visit.png[at : at + 4]) for at in (16, 20))
    assert width == browser.WIDTH
    assert height == visit.height > 2500
    assert visit.pdf.startswith(b"%PDF-")
    assert visit.refused == []
    assert "om skolavslutningen." in visit.text
    assert "Sist kom detta." in visit.text
    assert "fetch(" not in visit.text


def test_outsiders_accept_the_web_archive(as_files: Path) -> None:
    """`warcio check` reads every digest; `wacz validate` the package."""
    warc = as_files / "unpacked" / "archive" / "data.warc.gz"
    assert "fail" not in tool("warcio", "check", "-v", warc).lower()
    said = tool("wacz", "validate", "-f", as_files / "page.wacz")
    assert "Valid" in said or "valid" in said


def test_the_web_archive_holds_every_answer_and_the_index_points_at_it(
    as_files: Path, site: Pages
) -> None:
    unpacked = as_files / "unpacked"
    raw = (unpacked / "archive" / "data.warc.gz").read_bytes()
    bodies = {}
    for record in ArchiveIterator(io.BytesIO(raw)):
        if record.rec_type == "response":
            bodies[record.rec_headers["WARC-Target-URI"]] = (
                record.http_headers.get_statuscode(),
                record.content_stream().read(),
            )
    assert bodies[f"{site.address}/old"][0] == "301"
    assert bodies[f"{site.address}/"] == ("200", WALL.encode())
    assert bodies[f"{site.address}/bild.svg"][1] == PICTURE.encode()
    assert json.loads(bodies[f"{site.address}/sent.json"][1])["text"]
    lines = (unpacked / "indexes" / "index.cdx").read_text().splitlines()
    assert lines == sorted(lines)
    for line in lines:
        _key, _time, entry = line.split(" ", 2)
        place = json.loads(entry)
        start, length = int(place["offset"]), int(place["length"])
        [one] = ArchiveIterator(io.BytesIO(raw[start : start + length]))
        assert one.rec_headers["WARC-Target-URI"] == place["url"]


def test_a_changed_byte_in_the_web_archive_is_named(as_files: Path) -> None:
    """Damage in the middle of the WARC: both tools refuse."""
    package = as_files / "page.wacz"
    data = bytearray(package.read_bytes())
    with zipfile.ZipFile(package) as archive:
        warc = archive.getinfo("archive/data.warc.gz")
    data[warc.header_offset + warc.file_size // 2] ^= 1
    package.write_bytes(data)
    with pytest.raises(AssertionError):
        tool("wacz", "validate", "-f", package)


FAILURES = {
    "status": Page("<h1>Gone</h1>" + "words " * 40, status=404),
    "empty": Page("<title>Nothing</title><div></div>"),
    "login": Page("<h1>Logga in</h1><form><input><input type=password></form>"),
    "consent": Page(
        "<p>" + "Sidans text. " * 60 + "</p><div role=dialog style='position:fixed;"
        "inset:80px;background:white'>Vi använder kakor. <button>Godkänn</button></div>"
    ),
}


@pytest.mark.parametrize("code", FAILURES)
def test_what_is_not_the_page_is_no_capture_and_is_shown(
    code: str, site: Pages
) -> None:
    """K-18: a capture fails loudly, with a picture of what was seen."""
    site.pages["/page"] = FAILURES[code]
    with pytest.raises(NotCaptured) as told:
        browser.visit(f"{site.address}/page")
    assert told.value.code == code
    assert told.value.seen.startswith(b"\xff\xd8")


def test_a_small_banner_about_cookies_hides_nothing(site: Pages) -> None:
    site.pages["/page"] = Page(
        "<p>" + "Sidans text. " * 60 + "</p><div style='position:fixed;bottom:0;"
        "height:60px;width:100%'>Vi använder kakor.</div>"
    )
    assert browser.visit(f"{site.address}/page").status == 200


def test_an_address_that_leads_to_another_site_is_no_capture(
    site: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    _name(monkeypatch, "other.example")
    site.pages["/away"] = Page(
        status=302, headers={"Location": f"http://other.example:{site.port}/"}
    )
    with pytest.raises(NotCaptured) as told:
        browser.visit(f"{site.address}/away")
    assert (told.value.code, told.value.detail) == ("elsewhere", "other.example")


def test_nobody_at_home_is_told_and_not_waited_for(site: Pages) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(NotCaptured) as told:
            browser.visit(f"http://127.0.0.1:{port}/")
    assert told.value.code in ("unreachable", "status")


# -- Nothing but the public internet


def _name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """`name` counts as a public host; every other is checked as ever, but that numbers
    are not asked of a name server, which the wall around the tests would see."""
    really, look_up = http.checked_addresses, socket.getaddrinfo

    def resolve(host: str, port: int, *more: Any, **named: Any) -> Any:
        if host[:1].isdigit() or ":" in host:
            return [(2, 1, 6, "", (str(ipaddress.ip_address(host)), port))]
        return look_up(host, port, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    def checked(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host == name else really(host, port)

    monkeypatch.setattr(http, "checked_addresses", checked)


def test_a_page_that_tries_every_way_in_gets_nowhere(
    site: Pages, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Pictures, frames, scripts, styles, sockets, workers, redirects and files, at this
    machine by all its names, at private networks and at a cloud's metadata."""
    settings.ALLOW_PRIVATE_ADDRESSES = False
    _name(monkeypatch, "wall.example")
    (tmp_path / "secret.txt").write_text("the secret of the machine")
    with serving() as secret:
        secret.pages["/secret"] = Page("the secret of the network")
        names = [
            "127.0.0.1",
            "localhost",
            "[::1]",
            "127.1",
            "2130706433",
            "0.0.0.0",
            "[::ffff:127.0.0.1]",
        ]
        inside = [f"http://{name}:{secret.port}/secret" for name in names]
        inside += [
            "http://169.254.169.254/latest/",
            "http://10.0.0.1/",
            "http://[fd00::1]/",
        ]
        tags = "".join(
            f'<img src="{one}"><iframe src="{one}"></iframe>'
            f'<script src="{one}"></script><link rel=stylesheet href="{one}">'
            f'<link rel=prefetch href="{one}"><link rel=preconnect href="{one}">'
            for one in inside
        )
        sockets = json.dumps([one.replace("http:", "ws:") for one in inside])
        site.pages["/attack"] = Page(
            f"<p>{'An ordinary page. ' * 20}</p>{tags}"
            f'<iframe src="file://{tmp_path}/secret.txt"></iframe>'
            f'<iframe src="view-source:file://{tmp_path}/secret.txt"></iframe>'
            f'<img src="/jump"><iframe src="/jump"></iframe>'
            f"<script>for (const one of {json.dumps(inside)}) {{"
            "fetch(one, {mode: 'no-cors'}).catch(() => 0);"
            "navigator.sendBeacon(one, 'x'); window.open(one);}"
            f"for (const one of {sockets})"
            " { try { new WebSocket(one) } catch {} }"
            "const c = new RTCPeerConnection({iceServers: [{urls: "
            f"'stun:127.0.0.1:{secret.port}'}}]}}); c.createDataChannel('x');"
            "c.createOffer().then(o => c.setLocalDescription(o));</script>"
        )
        site.pages["/jump"] = Page(status=302, headers={"Location": inside[0]})
        visit = browser.visit(f"http://wall.example:{site.port}/attack")
    assert secret.asked == []
    assert visit.status == 200
    assert f"127.0.0.1:{secret.port}" in visit.refused
    assert "169.254.169.254:80" in visit.refused
    everything = b"".join(one.body for one in visit.responses)
    assert b"the secret" not in everything
    assert f"http://wall.example:{site.port}/jump" in {
        one.address for one in visit.responses
    }


@pytest.mark.parametrize("start", ["redirect", "address", "script"])
def test_the_page_itself_cannot_be_one_of_ours(
    start: str, site: Pages, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False
    _name(monkeypatch, "wall.example")
    with serving() as secret:
        secret.pages["/secret"] = Page("the secret " * 50)
        inside = f"{secret.address}/secret"
        site.pages["/redirect"] = Page(status=302, headers={"Location": inside})
        site.pages["/script"] = Page(f"<script>location = '{inside}'</script>")
        address = f"http://wall.example:{site.port}/{start}"
        with pytest.raises(NotCaptured):
            browser.visit(inside if start == "address" else address)
    assert secret.asked == []


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "chrome://version", "data:,x"]
)
def test_only_web_addresses_are_visited(address: str, site: Pages) -> None:
    with pytest.raises(NotCaptured):
        browser.visit(address)


def test_a_name_that_changes_its_address_is_connected_where_it_was_checked(
    site: Pages, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the answer that was checked is the one that is used."""
    settings.ALLOW_PRIVATE_ADDRESSES = False
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    tried: list[tuple[str, int]] = []

    def resolve(host: str, port: int, **_more: Any) -> list[Any]:
        return [(2, 1, 6, "", (next(answers), port))]

    def connect(place: tuple[str, int], _timeout: float) -> socket.socket:
        tried.append(place)
        raise OSError("the internet is not here")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    gate = Gate.__new__(Gate)
    with pytest.raises(Exception, match="no connection"):
        gate.connect("rebind.example", site.port)
    assert tried == [("93.184.216.34", site.port)]
    with pytest.raises(http.Invalid):
        gate.connect("rebind.example", site.port)
    assert len(tried) == 1


def test_the_gate_takes_apart_what_it_is_asked(site: Pages) -> None:
    """As another program on the machine might ask."""
    with Gate() as gate:
        port = int(gate.address.rsplit(":", 1)[1])
        for line, status in {
            f"GET {site.address}/ HTTP/1.1": b"200",
            f"CONNECT 127.0.0.1:{site.port} HTTP/1.1": b"200",
            "GET / HTTP/1.1": b"400",
            "GET ftp://127.0.0.1/ HTTP/1.1": b"400",
            "CONNECT nowhere HTTP/1.1": b"400",
            "nonsense": b"400",
        }.items():
            with socket.create_connection(("127.0.0.1", port), 5) as line_to:
                line_to.sendall(line.encode() + b"\r\nHost: x\r\n\r\n")
                assert line_to.recv(4096).split(b" ")[1] == status, line


def test_a_browser_that_is_not_there_is_none(settings: Any, tmp_path: Path) -> None:
    settings.CAPTURE_BROWSER = str(tmp_path / "nothing")
    assert browser.path() is None
    with pytest.raises(browser.NoBrowser):
        browser.visit("https://example.org/")

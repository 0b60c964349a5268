"""A real browser goes to a page and brings back what a visitor saw (K-18).

Chromium without a window, a profile or a cookie, every request of it through the gate.
The page is read to its end, then kept as picture, as PDF and as everything that was
received. A page that is not the channel's is no capture: NotCaptured says what stood
there instead and brings a picture of it.
"""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings

from channels.capturing import wacz
from channels.capturing.gate import Gate

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright, Request

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
WIDTH, HEIGHT = 1280, 900
# Chromium draws no higher picture.
HIGHEST = 16_000
SCREENS = 15
LONGEST_S = 90.0
LOAD_S = 40.0
QUIET_S = 1.0
LEAST_LETTERS = 20
# A page with a login field and less than this beside it is a door.
LOGIN_LETTERS = 1_500

ARGUMENTS = (
    "--disable-quic",
    "--dns-prefetch-disable",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    # Nothing may be sent past the gate: no name is resolved here, no UDP leaves.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
)


class NoBrowser(Exception):
    """No browser is installed: captures are only by manual upload."""


class NotCaptured(Exception):
    """What came is not the page. `code` is one of Capture.Failure, `seen` a JPEG."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        status: int | None = None,
        seen: bytes = b"",
    ) -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail
        self.status = status
        self.seen = seen


@dataclass(slots=True, kw_only=True)
class Visit:
    """What was seen at an address; times are UTC, `redirects` (from, status, to)."""

    address: str
    started_at: datetime
    finished_at: datetime | None = None
    final_address: str = ""
    status: int = 0
    title: str = ""
    text: str = ""
    software: str = ""
    height: int = 0
    is_cut: bool = False
    redirects: list[tuple[str, int, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    responses: list[wacz.Response] = field(default_factory=list)
    png: bytes = b""
    pdf: bytes = b""
    packed: bytes = b""


def path() -> str | None:
    """Where Chromium or Chrome is: CAPTURE_BROWSER, else the system's; None without
    one. A name that CAPTURE_BROWSER gives and that is not there counts as none."""
    if settings.CAPTURE_BROWSER:
        return settings.CAPTURE_BROWSER if _runs(settings.CAPTURE_BROWSER) else None
    for name in NAMES:
        found = shutil.which(name)
        # A script that only names a snap starts nothing here.
        if found and "snap" not in Path(found).resolve().parts:
            return found
    return next((one for one in MACOS if _runs(one)), None)


def _runs(file: str) -> bool:
    return os.access(file, os.X_OK) and Path(file).is_file()


def visit(address: str, *, language: str = "sv", zone: str = "UTC") -> Visit:
    """Go there and keep everything; at most about LONGEST_S seconds.

    NoBrowser, or NotCaptured with what was seen instead. Call it outside transactions.
    """
    program = path()
    if program is None:
        raise NoBrowser
    # Playwright keeps a loop in its thread, which Django's connections refuse.
    with ThreadPoolExecutor(1, "capture") as thread:
        return thread.submit(_visit, program, address, language, zone).result()


def _visit(program: str, address: str, language: str, zone: str) -> Visit:
    from playwright.sync_api import Error, sync_playwright

    if urlsplit(address).scheme not in ("http", "https"):
        raise NotCaptured("unreachable", "not a web address")
    with (
        tempfile.TemporaryDirectory(prefix="kanalvakt-capture-") as home,
        Gate() as gate,
        sync_playwright() as playwright,
    ):
        try:
            browser = _launch(playwright, program, gate, home)
        except Error as error:
            raise NotCaptured("browser", _first_line(error)) from error
        try:
            context = browser.new_context(
                viewport={"width": WIDTH, "height": HEIGHT},
                locale=language,
                timezone_id=zone,
                service_workers="block",
                accept_downloads=False,
                reduced_motion="reduce",
            )
            page = context.new_page()
            context.on("page", lambda other: other.close())
            return _Reading(page, gate, browser.version, address).run()
        except Error as error:
            raise NotCaptured("browser", _first_line(error)) from error
        finally:
            browser.close()


def _launch(playwright: Playwright, program: str, gate: Gate, home: str) -> Browser:
    return playwright.chromium.launch(
        executable_path=program,
        args=list(ARGUMENTS),
        chromium_sandbox=settings.CAPTURE_SANDBOX,
        proxy={"server": gate.address, "bypass": "<-loopback>"},
        # The page's browser has no business with our secrets.
        env={"PATH": os.environ.get("PATH", ""), "HOME": home, "LANG": "C.UTF-8"},
        timeout=30_000,
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200]


class _Reading:
    """One page from its first byte to its last."""

    def __init__(self, page: Page, gate: Gate, version: str, address: str) -> None:
        self._page = page
        self._gate = gate
        self._end = time.monotonic() + LONGEST_S
        self._finished: list[tuple[Request, datetime]] = []
        self._under_way = 0
        self._visit = Visit(
            address=address,
            started_at=datetime.now(UTC),
            software=f"Chromium {version}, {platform.system()} {platform.machine()}",
        )
        page.on("request", self._begun)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._lost)

    def _begun(self, _request: Request) -> None:
        self._under_way += 1

    def _ended(self, request: Request) -> None:
        self._under_way -= 1
        self._finished.append((request, datetime.now(UTC)))

    def _lost(self, _request: Request) -> None:
        self._under_way -= 1

    def run(self) -> Visit:
        from playwright.sync_api import Error

        page, visit = self._page, self._visit
        try:
            response = page.goto(visit.address, wait_until="commit", timeout=30_000)
        except Error as error:
            raise self._fault("unreachable", self._why(error)) from error
        if response is None:
            raise self._fault("unreachable")
        self._read(LOAD_S, until_loaded=True)
        visit.status = response.status
        visit.final_address = page.url
        visit.redirects = _redirects(response.request)
        visit.title = page.title()[:300]
        self._judge()
        self._scroll()
        self._keep()
        visit.refused = self._gate.refused
        visit.finished_at = datetime.now(UTC)
        visit.packed = wacz.pack(
            responses=visit.responses,
            address=visit.final_address,
            title=visit.title or visit.final_address,
            software=f"Kanalvakt, {visit.software}",
        )
        return visit

    def _read(self, seconds: float, *, until_loaded: bool = False) -> None:
        """Take in bodies while they are there, until nothing more comes."""
        end = min(self._end, time.monotonic() + seconds)
        quiet_since = time.monotonic()
        while (now := time.monotonic()) < end:
            self._page.wait_for_timeout(100)
            if self._finished or self._under_way > 0:
                quiet_since = now
            self._take_in()
            if now - quiet_since < QUIET_S:
                continue
            if not until_loaded or self._page.evaluate("document.readyState") == (
                "complete"
            ):
                return

    def _take_in(self) -> None:
        from playwright.sync_api import Error

        while self._finished:
            request, at = self._finished.pop(0)
            try:
                response = request.response()
                if response is None or not request.url.startswith("http"):
                    continue
                redirect = 300 <= response.status < 400
                body = b"" if redirect else response.body()
                headers = [(h["name"], h["value"]) for h in response.headers_array()]
            except Error:
                continue  # the page went on and the browser let go of it
            self._visit.responses.append(
                wacz.Response(
                    address=request.url,
                    method=request.method,
                    status=response.status,
                    reason=response.status_text,
                    headers=headers,
                    body=body,
                    at=at,
                )
            )

    def _judge(self) -> None:
        """Whether this is the page that was asked for, and not a door before it."""
        visit = self._visit
        if visit.status != 200:
            raise self._fault("status", str(visit.status))
        if not _same_site(visit.address, visit.final_address):
            raise self._fault("elsewhere", urlsplit(visit.final_address).hostname or "")
        found: dict[str, Any] = self._page.evaluate(_LOOK)
        if found["password"] and found["letters"] < LOGIN_LETTERS:
            raise self._fault("login")
        if found["consent"]:
            raise self._fault("consent")
        if found["letters"] < LEAST_LETTERS and not found["pictures"]:
            raise self._fault("empty")

    def _scroll(self) -> None:
        """Down to the end, so that what loads late is there, and up again."""
        for screen in range(1, SCREENS + 1):
            at_end = self._page.evaluate(
                "y => { scrollTo(0, y); return y + innerHeight >= "
                "document.documentElement.scrollHeight }",
                screen * HEIGHT,
            )
            self._page.wait_for_timeout(120)
            self._take_in()
            if at_end or time.monotonic() > self._end:
                break
        self._read(8.0)
        self._page.evaluate("scrollTo(0, 0)")

    def _keep(self) -> None:
        page, visit = self._page, self._visit
        height = int(page.evaluate("document.documentElement.scrollHeight"))
        visit.height, visit.is_cut = height, height > HIGHEST
        clip: dict[str, Any] = {}
        if visit.is_cut:
            clip["clip"] = {"x": 0, "y": 0, "width": WIDTH, "height": HIGHEST}
        # As a reader sees it: what is hidden, and what scripts say, is no part of it.
        visit.text = str(page.evaluate("document.body?.innerText ?? ''"))
        visit.png = page.screenshot(
            full_page=True, animations="disabled", timeout=30_000, **clip
        )
        page.emulate_media(media="screen")
        visit.pdf = page.pdf(
            format="A4",
            print_background=True,
            display_header_footer=True,
            margin={"top": "15mm", "bottom": "15mm", "left": "8mm", "right": "8mm"},
        )
        self._take_in()

    def _why(self, error: Exception) -> str:
        if self._gate.refused:
            return "refused: " + ", ".join(self._gate.refused)
        return _first_line(error)

    def _fault(self, code: str, detail: str = "") -> NotCaptured:
        from playwright.sync_api import Error

        try:
            seen = self._page.screenshot(type="jpeg", quality=60, timeout=10_000)
        except Error:
            seen = b""
        return NotCaptured(code, detail, status=self._visit.status or None, seen=seen)


def _redirects(last: Request) -> list[tuple[str, int, str]]:
    chain = []
    request = last
    while (before := request.redirected_from) is not None:
        answer = before.response()
        chain.append((before.url, answer.status if answer else 0, request.url))
        request = before
    return chain[::-1]


def _same_site(asked: str, came: str) -> bool:
    """The same host, or one a part of the other: www.example.org and example.org."""
    one, other = (_host(address) for address in (asked, came))
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _host(address: str) -> str:
    host = (urlsplit(address).hostname or "").lower()
    return host.removeprefix("www.").removeprefix("m.")


# A consent page is what lies over the middle of the window, fixed or by itself most of
# it, and speaks of consent; a small banner at an edge hides nothing.
_LOOK = r"""() => {
  const visible = one => {
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    return box.width > 1 && box.height > 1 && style.visibility !== 'hidden';
  };
  const words = /cookie|kakor|samtyck|consent|informasjonskaps|samtykke/i;
  const covers = one => {
    const box = one.getBoundingClientRect();
    return box.width * box.height > 0.25 * innerWidth * innerHeight;
  };
  let consent = /(^|[./])consent\./.test(location.hostname);
  for (let one = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
       one && !consent; one = one.parentElement) {
    const over = ['fixed', 'sticky'].includes(getComputedStyle(one).position)
      || one.matches('dialog, [role=dialog], [role=alertdialog]');
    consent = over && covers(one) && words.test(one.innerText || '');
  }
  return {
    password: [...document.querySelectorAll('input[type=password]')].some(visible),
    consent,
    letters: (document.body?.innerText || '').trim().length,
    pictures: [...document.images].filter(i => i.naturalWidth > 100).length,
  };
}"""

"""A real Chromium on the live server.

`page` fails its test when the console tells of an error or the Content-Security-Policy
refused something. `check(page, name)` runs axe wide and narrow and keeps a screenshot
of each under `test-artifacts/`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection, connections
from playwright.sync_api import ConsoleMessage, Page

from tests import make
from tests.peers.browser import chromium
from tests.peers.missing import missing

# Playwright's loop runs in this thread; Django would otherwise refuse the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ARTIFACTS = Path(__file__).resolve().parents[2] / "test-artifacts"
WIDE, NARROW = (1280, 900), (320, 700)
RULES = (
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "wcag22a",
    "wcag22aa",
    "best-practice",
)
# A page that says 4xx in words is no fault; Chromium tells of it all the same.
_MEANT = "Failed to load resource: the server responded with a status of 4"

Check = Callable[..., None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("e2e")


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any],
) -> dict[str, Any]:
    path = chromium()
    if path is None:
        missing("Chromium", "no browser on this machine")
    return {
        **browser_type_launch_args,
        "executable_path": path,
        "args": ["--no-sandbox", "--disable-dev-shm-usage"],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    width, height = WIDE
    return {
        **browser_context_args,
        "viewport": {"width": width, "height": height},
        "locale": "en-GB",
        "timezone_id": "Europe/Stockholm",
        "reduced_motion": "reduce",
    }


@pytest.fixture(scope="session")
def base_url() -> None:
    """The plugin's own is written in a way that our pytest warns of; each test takes
    `address` instead."""


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    told: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_MEANT):
            told.append(message.text)

    page.on("console", hear)
    asked: set[Any] = set()
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda one: asked.add(one))
    page.on("requestfinished", lambda one: asked.discard(one))
    page.on("requestfailed", lambda one: asked.discard(one))
    page.set_default_timeout(15_000)
    yield page
    # What a page fetches ahead must not meet a database that is gone.
    end = time.monotonic() + 10
    while asked and not page.is_closed() and time.monotonic() < end:
        page.wait_for_timeout(20)
    if not page.is_closed():
        page.goto("about:blank")
    assert not told, "the browser's console tells of: " + "; ".join(told)


@pytest.fixture
def address(
    live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The live server's address, which our own pages also believe in."""
    settings.BASE_URL = live_server.url
    # A browser keeps its lines open, and each would keep one to the database.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    yield str(live_server.url)
    # A request that the browser has given up is still answered.
    end = time.monotonic() + 10
    while _at_work() and time.monotonic() < end:
        time.sleep(0.02)


def _at_work() -> bool:
    """Whether a thread of the live server still has the database open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend')"
        )
        found: bool = cursor.fetchone()[0]
    return found


@pytest.fixture
def sign_in(page: Page, address: str) -> Callable[[Any], None]:
    """Signs a person of the cast in through the login page."""

    def sign_in(person: Any) -> None:
        page.context.clear_cookies()
        page.goto(f"{address}/admin/login/")
        page.fill("[name=username]", person.username)
        page.fill("[name=password]", make.PASSWORD)
        page.click("[type=submit]")
        page.wait_for_url("**/admin/")

    return sign_in


@pytest.fixture(scope="session")
def check() -> Check:
    axe = Axe()

    def check(page: Page, name: str) -> None:
        """Fails on any finding of axe and on sideways scrolling, at both widths."""
        ARTIFACTS.mkdir(exist_ok=True)
        before = page.viewport_size
        faults = []
        for width, height in (WIDE, NARROW):
            page.set_viewport_size({"width": width, "height": height})
            suffix = "" if width == WIDE[0] else f"-{width}"
            page.screenshot(path=ARTIFACTS / f"{name}{suffix}.png", full_page=True)
            found = axe.run(
                page,
                options={
                    "runOnly": {"type": "tag", "values": list(RULES)},
                    # It would write style sheets, which our policy refuses.
                    "preload": False,
                },
            )
            for violation in found.response["violations"]:
                places = [" ".join(node["target"]) for node in violation["nodes"]]
                faults.append(f"{width}px {violation['id']}: {', '.join(places)}")
            scrolled = page.evaluate(
                "document.documentElement.scrollWidth"
                " - document.documentElement.clientWidth"
            )
            if scrolled > 0:
                faults.append(f"{width}px scrolls {scrolled}px sideways")
        if before:
            page.set_viewport_size(before)
        assert not faults, f"{name} on {page.url}: " + "; ".join(faults)

    return check

"""Where Chromium is: the system's, else the one Playwright brought."""

import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def chromium() -> str | None:
    """Path of a Chromium or Chrome, or None."""
    for name in NAMES:
        found = shutil.which(name)
        # Ubuntu's `chromium-browser` may be a script that only names a snap.
        if found and "snap" not in Path(found).resolve().parts:
            return found
    for path in MACOS:
        if Path(path).exists():
            return path
    return _of_playwright()


def _of_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None

"""Gets what the tests meet for real: a browser, Go, WordPress in two versions.

Takes what is there; else installs it, as far as the rights of whoever runs it go.
Prints a line for each peer that cannot be had, and under CI=true fails for it:
a gate that passed without its peers has tested nothing.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLAYGROUND = "@wp-playground/wordpress-builds@0.9.19"
PLAYGROUND_FOLDER = ROOT / "node_modules" / "@wp-playground" / "wordpress-builds"
WORDPRESS_FOLDER = Path("/usr/share/wordpress")

_apt_updated = False


def _quietly(*command: str, timeout_s: int = 900) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout_s,
            check=False,
            text=True,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    if done.returncode:
        print(f"  {' '.join(command)} failed:")
        for line in done.stdout.splitlines()[-5:]:
            print(f"    {line}")
    return done.returncode == 0


def _apt(*packages: str) -> bool:
    """Install packages of the distribution; False without the right or the tool."""
    global _apt_updated
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    if not _apt_updated:
        _apt_updated = _quietly("apt-get", "update", "-q")
    return _quietly(
        "apt-get", "install", "-y", "-q", "--no-install-recommends", *packages
    )


def _browser() -> str:
    from tests.peers.browser import chromium

    if chromium() is None:
        _quietly(
            sys.executable, "-m", "playwright", "install", "chromium", timeout_s=300
        )
    if chromium() is None:
        _apt("chromium")
    return "" if chromium() else "Chromium, for the tests in a browser"


def _php() -> bool:
    return shutil.which("php") is not None


def _extension(name: str) -> bool:
    if not _php():
        return False
    done = subprocess.run(["php", "-m"], capture_output=True, text=True, check=False)
    return name in done.stdout.lower().split()


def _go() -> str:
    from tests.peers import golang

    if not golang.is_there():
        _apt("golang-go", "golang-golang-x-mod-dev")
    return "" if golang.is_there() else "Go's checker of transparency logs"


def _wordpress_with_mariadb() -> str:
    def there() -> bool:
        return (
            _extension("mysqli")
            and shutil.which("mariadbd") is not None
            and (WORDPRESS_FOLDER / "wp-load.php").exists()
        )

    if not there():
        _apt("wordpress", "php-cli", "php-mysql", "mariadb-server")
    return "" if there() else "WordPress with PHP and MariaDB"


def _wordpress_with_sqlite() -> str:
    def there() -> bool:
        return _extension("sqlite3") and PLAYGROUND_FOLDER.is_dir()

    if not _extension("sqlite3"):
        _apt("php-cli", "php-sqlite3")
    if not PLAYGROUND_FOLDER.is_dir():
        if shutil.which("npm") is None:
            _apt("npm")
        _quietly(
            *("npm", "install", "--no-save", "--no-package-lock", "--ignore-scripts"),
            *("--no-audit", "--no-fund", "--prefix", str(ROOT), PLAYGROUND),
        )
    return "" if there() else "a second version of WordPress, with PHP and SQLite"


PEERS: tuple[Callable[[], str], ...] = (
    _browser,
    _go,
    _wordpress_with_mariadb,
    _wordpress_with_sqlite,
)


def get_all() -> list[str]:
    """Get every peer; returns the names of those that cannot be had."""
    return [missing for get in PEERS if (missing := get())]


def main() -> int:
    missing = get_all()
    for name in missing:
        print(f"Missing for the tests: {name}.")
    return 1 if missing and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())

"""A real worker over the test's own database, to be killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

from config.embedded import BASE_DIR

PATIENCE_S = 90.0


class Worker:
    """One Celery worker with one process, in a group of its own; with `beat` it also
    sweeps by itself as in service."""

    def __init__(self, folder: Path, *, beat: bool = False) -> None:
        self.log = folder / "worker.log"
        self._from = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "celery", "--app", "config.celery"),
                    *("worker", "--concurrency", "1", "--without-gossip"),
                    *("--without-mingle", "--hostname", f"{time.monotonic_ns()}@%h"),
                    *(("--beat", "--schedule", str(folder / "beat")) if beat else ()),
                ],
                cwd=BASE_DIR,
                env={**os.environ, "DATABASE_URL": _database(), "LOG_LEVEL": "INFO"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(lambda: " ready." in self.said(), "a worker to be ready")

    def said(self) -> str:
        return self.log.read_bytes()[self._from :].decode(errors="replace")

    def kill(self) -> None:
        """As the machine does when it dies: nobody is asked, nothing is tidied up."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


@contextlib.contextmanager
def worker(folder: Path, *, beat: bool = False) -> Iterator[Worker]:
    one = Worker(folder, beat=beat)
    try:
        yield one
    finally:
        one.kill()


def wait_until(happened: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.1)


def _database() -> str:
    """The address of the database that the tests were given, not of the one in the
    environment."""
    name = str(connection.settings_dict["NAME"])
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()

"""Starts the real launcher on a folder and a port of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from config import supervision
from config.embedded import BASE_DIR, Embedded
from tests.peers.services import free_port

PATIENCE_S = 120.0
_CONFIGURED = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "STATIC_HASHED", "EMAIL_URL")


def environment(var: Path, **given: str) -> dict[str, str]:
    """Of someone who has configured nothing but what is given."""
    inherited = {k: v for k, v in os.environ.items() if k not in _CONFIGURED}
    return {
        **inherited,
        "ENV_FILE": os.devnull,
        "KANALVAKT_VAR": str(var),
        "PORT": str(free_port()),
        **given,
    }


class Launched:
    """One `python -m config.run`, in a process group of its own like a terminal's."""

    def __init__(self, var: Path, **given: str) -> None:
        self.var = var
        self.environment = environment(var, **given)
        self.url = f"http://127.0.0.1:{self.environment['PORT']}"
        var.mkdir(parents=True, exist_ok=True)
        self._output: IO[str] = (var / "terminal.txt").open("a+")
        self._from = self._output.seek(0, os.SEEK_END)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.run"],
            cwd=BASE_DIR,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def printed(self) -> str:
        self._output.seek(self._from)
        return self._output.read()

    def wait_until_printed(self, text: str) -> None:
        self._wait(lambda: text in self.printed(), f"“{text}” to be printed")

    def wait_until_ready(self) -> dict[str, Any]:
        def ready() -> bool:
            return self.get("/readyz")[0] == 200

        self._wait(ready, "/readyz to answer 200")
        answer: dict[str, Any] = json.loads(self.get("/readyz")[1])
        return answer

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def _wait(self, question: Any, what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not question():
            assert self.process.poll() is None, f"It stopped: {self.printed()}"
            assert time.monotonic() < deadline, f"No {what}: {self.printed()}"
            time.sleep(0.1)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.ended()

    def kill_group(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def ended(self) -> int:
        try:
            return self.process.wait(PATIENCE_S)
        finally:
            self._output.flush()

    def close(self) -> None:
        self._output.close()


@contextlib.contextmanager
def launched(var: Path, **given: str) -> Iterator[Launched]:
    """Whatever the test does, nothing of it is left running."""
    run = Launched(var, **given)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            run.kill_group()
        run.close()
        clear(var)


def clear(var: Path) -> None:
    supervision.end(supervision.leftovers(var), patience_s=1)
    Embedded(var).stop_valkey()
    Embedded(var).stop_postgres()


def running(var: Path) -> list[str]:
    """Everything that still runs for this folder, in words."""
    servers = Embedded(var)
    found = [" ".join(p.cmdline()) for p in supervision.leftovers(var)]
    found += ["postgres"] * (servers.postgres_pid() is not None)
    found += ["valkey"] * (servers.valkey_pid() is not None)
    return found

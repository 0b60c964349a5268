"""Decisions over HTTP on the production server: each seals its record and commits."""

from __future__ import annotations

import django

django.setup()

import contextlib  # noqa: E402
import http.client  # noqa: E402
import os  # noqa: E402
import re  # noqa: E402
import socket  # noqa: E402
import statistics  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Iterator, Sequence  # noqa: E402
from concurrent.futures import ThreadPoolExecutor  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from typing import TypeVar  # noqa: E402
from urllib.parse import urlencode  # noqa: E402

from django.conf import settings  # noqa: E402

from benchmarks import _figures as figures  # noqa: E402
from channels.platforms.base import Batch  # noqa: E402
from moderation import intake  # noqa: E402
from moderation.models import Case, Decision  # noqa: E402
from policies.models import Rule  # noqa: E402

EACH = 300
WARM = 10
"""Decisions of each client before the measured ones."""

Thing = TypeVar("Thing")


class Officer:
    """A browser's part: one connection kept open, cookies, the form's token."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.cookies: dict[str, str] = {}
        page = self.ask("GET", "/admin/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        self.ask(
            "POST",
            "/admin/login/",
            {
                "csrfmiddlewaretoken": token[1],
                "username": "officer",
                "password": figures.PASSWORD,
                "next": "/admin/",
            },
        )
        self.token = self.cookies[settings.CSRF_COOKIE_NAME]

    def ask(self, method: str, path: str, data: dict[str, str] | None = None) -> str:
        headers = {
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "Host": "127.0.0.1",
        }
        body = None
        if data is not None:
            body = urlencode(data)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        for line in answer.msg.get_all("Set-Cookie") or []:
            name, _equals, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.status = answer.status
        return answer.read().decode()

    def remove(self, case: int, rule: int) -> None:
        self.ask(
            "POST",
            f"/admin/desk/{case}/remove/",
            {
                "csrfmiddlewaretoken": self.token,
                "turn": "0",
                "rule": str(rule),
                "reason": "Swears at staff.",
                "confirmed": "on",
            },
        )
        assert self.status == 302, self.status


@dataclass(frozen=True)
class Took:
    """Seconds of each decision, and of all from the first to the last."""

    each: list[float]
    all: float

    @property
    def rate(self) -> float:
        return len(self.each) / self.all


def together(parts: Sequence[Took]) -> Took:
    each = [seconds for part in parts for seconds in part.each]
    return Took(each, sum(part.all for part in parts))


def spread(
    acts: Sequence[Callable[[Thing], object]], things: list[Thing], each: int
) -> Took:
    """Let every act, one a client, work on its share of ``each`` of the things at the
    same time; they are taken from the list. What an act raises, this raises."""
    for act in acts:
        for _turn in range(WARM):
            act(things.pop())
    shares = [[things.pop() for _n in range(each // len(acts))] for _act in acts]

    def work(act: Callable[[Thing], object], share: list[Thing]) -> list[float]:
        return [figures.timed(lambda thing=thing: act(thing)) for thing in share]

    with ThreadPoolExecutor(len(acts)) as pool:
        start = time.perf_counter()
        took = [one for part in pool.map(work, acts, shares) for one in part]
        return Took(took, time.perf_counter() - start)


def measure(port: int, clients: int, cases: list[int], rule: int) -> None:
    officers = [Officer(port) for _client in range(clients)]
    acts = [lambda case, o=officer: o.remove(case, rule) for officer in officers]
    took = spread(acts, cases, EACH)
    # The same server's shortest answer in the same minute: how fast the machine is.
    bare = [
        figures.timed(lambda: officers[0].ask("GET", "/healthz")) for _ in took.each
    ]
    theirs = {1: 114, 4: 170}[clients]
    figures.say(
        f"decisions with their sealed records over HTTP, {clients} clients",
        took.rate,
        "decisions/s",
        f"Ozone 0.4.2 on such a machine, {theirs}/s, keeps no content",
        took.rate / theirs,
        p95_ms=round(figures.p95(took.each) * 1000, 2),
        median_ms=round(statistics.median(took.each) * 1000, 2),
        healthz_median_ms=round(statistics.median(bare) * 1000, 2),
    )


def prepare(number: int) -> tuple[list[int], int]:
    """That many comments that came in on a channel, and the rule they break."""
    officer, department = figures.town()
    channel = figures.channel(officer, department, "bench-web")
    intake.receive(channel=channel, batch=Batch(changes=figures.items(number, "web")))
    cases = Case.objects.filter(channel=channel).values_list("pk", flat=True)
    return list(cases), Rule.objects.get(code="K-20.6").pk


@contextlib.contextmanager
def server() -> Iterator[int]:
    """The production server on a free port, while the context lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "python:config.web"],
        env={**os.environ, "HOST": "127.0.0.1", "PORT": str(port)},
    )
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def main() -> None:
    cases, rule = prepare(2 * EACH + 100)
    waiting = list(cases)
    with server() as port:
        for clients in (1, 4):
            measure(port, clients, waiting, rule)
    assert Decision.objects.filter(case__in=cases).exclude(record=None).count()


def _wait(port: int) -> None:
    for _turn in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("The server did not start.")


if __name__ == "__main__":
    main()

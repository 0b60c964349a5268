"""The servers that tests run against: PostgreSQL, Valkey and SMTP, all real."""

import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from config.embedded import Embedded

# A test's data is worth nothing after a power cut: nothing waits for the disk.
FAST_POSTGRES = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
}
FAST_VALKEY = {"appendfsync": "no"}
_PREFIX = "kanalvakt-tests-"


@dataclass
class Services:
    """PostgreSQL and Valkey under one folder; each can be stopped and started."""

    folder: Path
    embedded: Embedded = field(init=False)

    def __post_init__(self) -> None:
        self.embedded = Embedded(self.folder)

    @property
    def database_url(self) -> str:
        return self.embedded.database_url

    @property
    def redis_url(self) -> str:
        return self.embedded.redis_url

    def start(self) -> None:
        self.start_postgres()
        self.start_valkey()

    def stop(self) -> None:
        self.stop_valkey()
        self.stop_postgres()

    def start_postgres(self) -> None:
        self.embedded.start_postgres(FAST_POSTGRES)

    def stop_postgres(self) -> None:
        self.embedded.stop_postgres()

    def start_valkey(self) -> None:
        self.embedded.start_valkey(FAST_VALKEY)

    def stop_valkey(self) -> None:
        self.embedded.stop_valkey()


def prepare_scratch() -> Services:
    """A folder of this process for servers; `discard` takes it away again."""
    _discard_orphans()
    root = Path(tempfile.gettempdir()).resolve()
    return Services(Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=root)))


def start_scratch() -> Services:
    """Fresh servers in a folder of this process."""
    services = prepare_scratch()
    services.start()
    return services


def discard(services: Services) -> None:
    services.stop()
    shutil.rmtree(services.folder, ignore_errors=True)


@contextmanager
def scratch() -> Iterator[Services]:
    """Servers of a test's own, for what would disturb the others."""
    services = start_scratch()
    try:
        yield services
    finally:
        discard(services)


def _discard_orphans() -> None:
    """Take away what a killed test run left behind."""
    for folder in Path(tempfile.gettempdir()).resolve().glob(f"{_PREFIX}*"):
        owner = re.match(rf"{_PREFIX}(\d+)-", folder.name)
        if owner is None or _alive(int(owner[1])):
            continue
        discard(Services(folder))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class SmtpServer:
    """A real SMTP server that keeps what it is given.

    `refuse_with` set to an answer such as `"451 4.3.0 try later"` makes it refuse
    every mail with that answer.
    """

    def __init__(self) -> None:
        from aiosmtpd.controller import Controller

        self.mails: list[EmailMessage] = []
        self.refuse_with: str | None = None
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuse_with is not None:
            return self.refuse_with
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()


@contextmanager
def smtp_server() -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()

"""Loaded before everything else: servers, settings and the wall around the tests.

The settings are read while pytest starts, so PostgreSQL and Valkey must run, and the
environment must name them, before the first conftest is imported.
"""

import ipaddress
import os
import socket
import sys
from collections.abc import Generator
from typing import Any

import pytest

from tests.peers import missing
from tests.peers import services as peers

SERVICES = pytest.StashKey[peers.Services]()
# What a developer's shell or `.env` may hold; the tests run with none of it.
_NOT_INHERITED = (
    "ALLOWED_HOSTS",
    "BASE_URL",
    "BEHIND_PROXY",
    "CREDENTIALS_KEY",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_URL",
    "HOST",
    "LANGUAGE_CODE",
    "LOG_LEVEL",
    "PORT",
    "SECRET_KEY_FALLBACKS",
    "TIME_ZONE",
)
_LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyname")


class BlockedSocket(RuntimeError):
    """A test called another machine. Not an OSError, so that no retry swallows it."""


def _is_here(host: Any) -> bool:
    if host in (None, "", b"", "localhost", "ip6-localhost", socket.gethostname()):
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(text.split("%")[0])
    except ValueError:
        return text.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _wall(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and address and not _is_here(address[0]):
            raise BlockedSocket(f"A test called {address[0]}.")
    elif event in _LOOKUPS and not _is_here(arguments[0]):
        raise BlockedSocket(f"A test looked up {arguments[0]}.")


def _only_hands_out(config: pytest.Config) -> bool:
    """Whether the tests run in other processes (`-n 2`), each with its own servers."""
    asked = getattr(config.known_args_namespace, "numprocesses", None)
    return bool(asked) and "PYTEST_XDIST_WORKER" not in os.environ


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config,
) -> Generator[None, None, None]:
    services = peers.prepare_scratch()
    if not _only_hands_out(early_config):
        services.start()
    # Served from their sources; the folder of collected ones must only be there.
    (services.folder / "static").mkdir()
    early_config.stash[SERVICES] = services
    early_config.add_cleanup(lambda: peers.discard(services))
    for name in _NOT_INHERITED:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    os.environ |= {
        "ENV_FILE": os.devnull,
        "KANALVAKT_VAR": str(services.folder),
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
        "SECRET_KEY": "only-for-tests-" + "k" * 50,
        "STATIC_HASHED": "off",
        "ALLOW_PRIVATE_ADDRESSES": "on",
        "LANGUAGE_CODE": "en",
        "UNDO_SECONDS": "0",
    }
    sys.addaudithook(_wall)
    return (yield)


@pytest.hookimpl
def pytest_sessionfinish(session: pytest.Session) -> None:
    told = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["missing"] = sorted(missing.NAMES)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What another process could not test is missing here, too."""
    missing.NAMES.update(getattr(node, "workeroutput", {}).get("missing", ()))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if missing.NAMES:
        names = "; ".join(sorted(missing.NAMES))
        terminalreporter.write_line(f"Not tested, because it is missing here: {names}.")


@pytest.fixture(scope="session")
def services(pytestconfig: pytest.Config) -> peers.Services:
    """The PostgreSQL and the Valkey of this test run."""
    return pytestconfig.stash[SERVICES]


@pytest.fixture
def smtp() -> Generator[peers.SmtpServer, None, None]:
    """A real SMTP server; `smtp.url` is its EMAIL_URL, `smtp.mails` what it got."""
    with peers.smtp_server() as server:
        yield server

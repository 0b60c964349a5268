"""`make run`: everything on one machine, from nothing to a page that answers.

1. Settings read and checked; what is wrong is said in a sentence.
2. What a killed start left running is ended; our address is taken.
3. PostgreSQL and Valkey of our own, unless DATABASE_URL and REDIS_URL name others.
4. Texts compiled, static files collected, migrations applied.
5. The demonstration municipality, once, where nothing is configured.
6. Web server, worker and beat as children that are started again when they die.
7. On Ctrl-C or SIGTERM all of it stops in the opposite order.
"""

import contextlib
import errno
import fcntl
import hashlib
import io
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING

from config import embedded, logs, supervision, welcome
from config.account import EmbeddedError
from config.welcome import say

if TYPE_CHECKING:
    from django.conf import LazySettings

ANSWER_TIMEOUT_S = 60
STOP_PATIENCE_S = 25
LOOK_AFTER_S = 0.25
LARGEST_LOG = 10 * 1024 * 1024


class CannotRun(Exception):
    """Why the start stops; the message is for a person."""


class Stop(BaseException):
    """Ctrl-C or SIGTERM, at whatever point it comes."""


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError

    try:
        from django.conf import settings

        _run(settings)
    except (CannotRun, CommandError, ImproperlyConfigured, EmbeddedError) as error:
        print(f"kanalvakt: {error}", file=sys.stderr, flush=True)
        return 2
    except Stop:
        return 0
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    # A second signal while stopping changes nothing: the stop has a time limit.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Stop


def _run(settings: "LazySettings") -> None:
    import django

    django.setup()
    _check(databases=[])
    with _only_one(settings.VAR):
        supervision.end(supervision.leftovers(settings.VAR), patience_s=5)
        with (
            _address(settings.HOST, settings.PORT) as listener,
            _servers(settings) as use,
            _log(settings) as output,
        ):
            _prepare(settings)
            supervisor = supervision.Supervisor(say)
            supervisor.children = _children(settings, listener, output)
            try:
                supervisor.start()
                _wait_for_answer(settings, supervisor)
                welcome.greet(settings)
                while True:
                    time.sleep(LOOK_AFTER_S)
                    supervisor.look_after()
                    _look_after_servers(settings, use)
            except Stop:
                say("Stopping …")
                raise
            finally:
                supervisor.stop(patience_s=STOP_PATIENCE_S)


@contextlib.contextmanager
def _only_one(var: Path) -> Iterator[None]:
    var.mkdir(parents=True, exist_ok=True)
    with (var / "run.lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotRun(
                f"Kanalvakt is running from {var} already. Stop it first, or give "
                "this one a folder of its own with KANALVAKT_VAR."
            ) from error
        yield


@contextlib.contextmanager
def _address(host: str, port: int) -> Iterator[socket.socket]:
    """The listening socket, bound before anything is started and lent to Gunicorn.

    So a taken port is found at once, and callers wait instead of being refused while
    the web server starts or is started again.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(512)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotRun(
                f"Port {port} is taken by another program. Stop that one, or choose "
                f"another port: PORT={port + 1} make run"
            ) from error
        if error.errno == errno.EACCES:
            raise CannotRun(
                f"Port {port} may only be opened by root. Choose one above 1023: "
                "PORT=8000 make run"
            ) from error
        raise CannotRun(f"The address {host}:{port} cannot be used: {error}") from error
    with listener:
        yield listener


@contextlib.contextmanager
def _servers(settings: "LazySettings") -> Iterator[embedded.Use]:
    use = embedded.Use(settings.SERVICES)
    try:
        _start_servers(settings, use)
        yield use
    finally:
        use.stop()


def _start_servers(settings: "LazySettings", use: embedded.Use) -> None:
    wanted = {
        "postgres": settings.EMBEDDED_DATABASE,
        "valkey": settings.EMBEDDED_BROKER,
    }
    if any(wanted.values()):
        use.start(**wanted)


def _look_after_servers(settings: "LazySettings", use: embedded.Use) -> None:
    servers = settings.SERVICES
    died = []
    if settings.EMBEDDED_DATABASE and servers.postgres_pid() is None:
        died.append("PostgreSQL")
    if settings.EMBEDDED_BROKER and servers.valkey_pid() is None:
        died.append("Valkey")
    for name in died:
        say(f"{name} stopped; starting it again.")
    if died:
        _start_servers(settings, use)


def _prepare(settings: "LazySettings") -> None:
    from django.core.management import call_command
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise CannotRun(
            "The database of DATABASE_URL does not answer, or does not let us in."
        ) from error
    _check_broker()
    _check(databases=["default"])
    call_command("compile_texts", verbosity=0)
    _collect_static(settings)
    call_command("migrate", interactive=False, verbosity=0)
    if settings.DEMONSTRATION:
        _load_demonstration(settings)
    # The children open connections of their own.
    connection.close()


def _check(*, databases: list[str]) -> None:
    from django.core import checks

    from config.checks import sentences

    messages = checks.run_checks(databases=databases)
    grave = [m for m in messages if m.is_serious() and not m.is_silenced()]
    if grave:
        raise CannotRun("\nkanalvakt: ".join(sentences(grave)))
    if databases:
        for sentence in sentences([m for m in messages if not m.is_silenced()]):
            say(f"Note: {sentence}")


def _check_broker() -> None:
    from django.core.cache import cache

    try:
        cache.get("start")
    except Exception as error:
        raise CannotRun(
            "The broker of REDIS_URL does not answer, or does not let us in."
        ) from error


def _collect_static(settings: "LazySettings") -> None:
    """Collect and compress only when a file, or a package that has some, changed."""
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = os.stat(storage.path(path))
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    stamp = settings.VAR / "static.stamp"
    if stamp.is_file() and stamp.read_text() == digest.hexdigest():
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(digest.hexdigest())


def _load_demonstration(settings: "LazySettings") -> None:
    """Fill an empty database, and keep the passwords that were made for it.

    One transaction, and the file is written before it is committed: a start that is
    killed half-way leaves neither municipality nor accounts without passwords.
    """
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import transaction

    if get_user_model().objects.exists():
        return
    say("Loading the demonstration municipality …")
    printed = io.StringIO()
    with transaction.atomic():
        call_command("load_demonstration", stdout=printed)
        path = welcome.accounts(settings)
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(printed.getvalue())


@contextlib.contextmanager
def _log(settings: "LazySettings") -> Iterator[IO[bytes] | None]:
    """Where we and the children write: a file in the demonstration, so that the
    terminal stays readable, else standard error, for whoever collects logs there."""
    if not settings.DEMONSTRATION:
        yield None
        return
    path = settings.VAR / "log" / "kanalvakt.jsonl"
    path.parent.mkdir(exist_ok=True)
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".jsonl.1"))
    with path.open("ab", buffering=0) as output, path.open("a") as own:
        logs.configure(settings.LOG_LEVEL, own)
        try:
            yield output
        finally:
            logs.configure(settings.LOG_LEVEL)


def _children(
    settings: "LazySettings", listener: socket.socket, output: IO[bytes] | None
) -> list[supervision.Child]:
    environment = {
        **os.environ,
        "KANALVAKT_VAR": str(settings.VAR),
        supervision.MARK: str(settings.VAR),
        "PYTHONUNBUFFERED": "1",
    }
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--quiet", "--app", "config.celery"]
    # One worker process on one broker has nobody to gossip with.
    quiet_worker = ["--without-gossip", "--without-mingle"]
    name = f"{os.getpid()}@%h"
    bind = f"fd://{listener.fileno()}"
    return [
        supervision.Child(
            "The web server",
            [*python, "gunicorn", "--config", "python:config.web", "--bind", bind],
            environment,
            output,
            keep_open=[listener.fileno()],
        ),
        supervision.Child(
            "The worker",
            [*celery, "worker", *quiet_worker, "--hostname", name],
            environment,
            output,
        ),
        supervision.Child(
            "The beat",
            [*celery, "beat", "--pidfile", ""],
            environment,
            output,
        ),
    ]


def _wait_for_answer(
    settings: "LazySettings", supervisor: supervision.Supervisor
) -> None:
    """Until /healthz answers; the listening socket alone would accept too early."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)
    question = f"GET /healthz HTTP/1.0\r\nHost: {settings.ALLOWED_HOSTS[0]}\r\n\r\n"
    deadline = time.monotonic() + ANSWER_TIMEOUT_S
    while time.monotonic() < deadline:
        supervisor.look_after()
        if max(child.deaths for child in supervisor.children) >= 3:
            break
        with (
            contextlib.suppress(OSError),
            socket.create_connection((host, settings.PORT), timeout=1) as call,
            call.makefile("rb") as answer,
        ):
            call.sendall(question.encode())
            if b" 200 " in answer.readline():
                return
        time.sleep(0.05)
    raise CannotRun(
        "The web server does not answer. What it said is in "
        + (
            str(settings.VAR / "log" / "kanalvakt.jsonl")
            if settings.DEMONSTRATION
            else "the log above"
        )
    )


if __name__ == "__main__":
    sys.exit(main())

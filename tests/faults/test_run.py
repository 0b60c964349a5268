"""`make run` itself: starts, stops, and survives what a machine does to it."""

import os
import re
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from config import supervision
from config.embedded import Embedded
from tests.faults.launching import Launched, clear, launched, running
from tests.peers.services import scratch

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """One folder for the module: its first start makes the database, others adopt."""
    with tempfile.TemporaryDirectory(prefix="kanalvakt-run-") as folder:
        path = Path(folder).resolve() / "var"
        yield path
        clear(path)


def _kill(pid: int | None) -> None:
    assert pid is not None
    victim = psutil.Process(pid)
    victim.kill()
    assert not supervision.wait_until_gone([victim], patience_s=5)


def test_from_nothing_to_ready_once_and_nothing_is_left_after_a_stop(var: Path) -> None:
    with launched(var) as run:
        run.wait_until_printed("Ctrl-C stops it.")
        assert run.get("/healthz") == (200, "ok\n")
        assert run.wait_until_ready() == {
            "ready": True,
            "database": "ok",
            "broker": "ok",
            "migrations": "ok",
            "beat": "ok",
        }
        accounts = var / "demonstration-accounts.txt"
        assert accounts.stat().st_mode & 0o777 == 0o600
        printed = run.printed().split()
        for password in accounts.read_text().split():
            assert password in printed
        assert (var / "secret-key").stat().st_mode & 0o777 == 0o600
        links = re.findall(r"http://localhost:\d+(/\S*)", run.printed())
        assert len(links) >= 4
        assert {run.get(link)[0] for link in links} == {200}, links

        second = Launched(var)
        assert second.ended() == 2
        assert "is running from" in second.printed()
        second.close()

        assert run.stop() == 0
        assert running(var) == []


def test_after_a_kill_of_the_whole_group_the_next_start_recovers(var: Path) -> None:
    with launched(var) as first:
        first.wait_until_printed("Ctrl-C stops it.")
        first.kill_group()
        orphans = running(var)
        assert "postgres" in orphans
        assert len(orphans) > 2, "web server and worker go on without their launcher"

        # The database and the broker are killed too, their lock files stay behind.
        servers = Embedded(var)
        _kill(servers.postgres_pid())
        _kill(servers.valkey_pid())
        assert (var / "postgres" / "postmaster.pid").exists()

        # On the very port that the orphaned web server held.
        with launched(var, PORT=first.environment["PORT"]) as second:
            second.wait_until_printed("Ctrl-C stops it.")
            second.wait_until_ready()
            assert second.stop(signal.SIGINT) == 0
        assert running(var) == []


def test_what_dies_is_started_again_and_it_is_said(var: Path) -> None:
    with launched(var) as run:
        run.wait_until_ready()
        children = {p.pid for p in supervision.leftovers(var)}
        leaders = [p for p in supervision.leftovers(var) if os.getsid(p.pid) == p.pid]
        assert len(leaders) == 3
        for leader in leaders:
            leader.kill()
        _kill(Embedded(var).postgres_pid())

        for name in ("The web server", "The worker", "The beat"):
            run.wait_until_printed(f"{name} stopped (killed by SIGKILL)")
        run.wait_until_printed("PostgreSQL stopped; starting it again.")
        run.wait_until_ready()
        assert children.isdisjoint(p.pid for p in supervision.leftovers(var))

        # The broker too, with all it held: the next heartbeat must come anew.
        _kill(Embedded(var).valkey_pid())
        run.wait_until_printed("Valkey stopped; starting it again.")
        patient = Retry(ConstantBackoff(0.1), retries=100)
        with redis.Redis.from_url(
            Embedded(var).redis_url,
            retry=patient,
            retry_on_error=[redis.ConnectionError],
        ) as client:
            client.flushall()
        run.wait_until_ready()
        assert run.stop() == 0
    assert running(var) == []


def test_with_servers_of_ones_own_nothing_is_embedded_and_nothing_preloaded(
    tmp_path: Path,
) -> None:
    with scratch() as servers:
        given = {
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
            "SECRET_KEY": "abcdefghij" * 6,
        }
        with launched(tmp_path / "var", **given) as run:
            run.wait_until_printed("Ctrl-C stops it.")
            assert "manage.py first_administrator" in run.printed()
            assert not (tmp_path / "var" / "postgres").exists()
            assert not (tmp_path / "var" / "valkey").exists()
            assert run.get("/demonstration/mail/")[0] == 404
            run.wait_until_ready()
            with psycopg.connect(servers.database_url) as connection:
                people = connection.execute("select count(*) from channels_user")
                assert people.fetchone() == (0,)
            assert run.stop() == 0
            assert running(tmp_path / "var") == []
        assert servers.embedded.postgres_pid() is not None, "not ours to stop"


def test_a_taken_port_gets_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with launched(tmp_path / "var", PORT=str(port)) as run:
            assert run.ended() == 2
            assert run.printed() == (
                f"kanalvakt: Port {port} is taken by another program. Stop that one, "
                f"or choose another port: PORT={port + 1} make run\n"
            )
            assert running(tmp_path / "var") == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"DATABASE_URL": "mysql://localhost/x", "SECRET_KEY": "abcdefghij" * 6},
            "DATABASE_URL must be a PostgreSQL",
        ),
        (
            {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"},
            "SECRET_KEY is missing.",
        ),
        (
            {
                "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x",
                "SECRET_KEY": "short",
            },
            "SECRET_KEY is too short or too regular.",
        ),
        (
            {
                "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x",
                "SECRET_KEY": "abcdefghij" * 6,
            },
            "The database of DATABASE_URL does not answer",
        ),
        ({"REDIS_URL": "http://localhost"}, "REDIS_URL must begin with"),
        ({"PORT": "eighty"}, "PORT must be a whole number"),
        ({"BASE_URL": "kanaler.example.org"}, "BASE_URL must be the public address"),
        ({"TIME_ZONE": "Europe/Kalix"}, "TIME_ZONE"),
        ({"LANGUAGE_CODE": "fi"}, "LANGUAGE_CODE must be sv"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL"),
        ({"EMAIL_URL": "carrier-pigeon://x"}, "EMAIL_URL"),
        ({"SECRET_KEY_FILE": "/does/not/exist"}, "SECRET_KEY_FILE names a file"),
        ({"CREDENTIALS_KEY": "short"}, "CREDENTIALS_KEY is too short"),
    ],
)
def test_broken_settings_stop_the_start_with_a_sentence(
    given: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    with launched(tmp_path / "var", **given) as run:
        assert run.ended() == 2
        assert sentence in run.printed()
        assert "Traceback" not in run.printed()
        assert running(tmp_path / "var") == []

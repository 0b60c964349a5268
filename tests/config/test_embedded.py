"""The servers of our own: started, adopted, shared, recovered, stopped."""

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from config.embedded import Embedded, Use
from config.supervision import wait_until_gone

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def servers() -> Iterator[Embedded]:
    # Deep enough that a Unix socket inside would have too long an address.
    with tempfile.TemporaryDirectory(prefix="kanalvakt-embedded-") as folder:
        deep = Path(folder).resolve() / ("kommunens-egen-mapp-" * 5)
        found = Embedded(deep)
        yield found
        found.stop_valkey()
        found.stop_postgres()


def _answers(servers: Embedded) -> bool:
    with psycopg.connect(servers.database_url) as connection:
        one = connection.execute("select 1").fetchone()
    client = redis.Redis.from_url(servers.redis_url)
    try:
        return one == (1,) and bool(client.ping())
    finally:
        client.close()


def test_they_start_and_the_last_user_stops_them(servers: Embedded) -> None:
    first, second = Use(servers), Use(servers)
    first.start()
    pids = servers.postgres_pid(), servers.valkey_pid()
    second.start()
    assert (servers.postgres_pid(), servers.valkey_pid()) == pids, "adopted"
    assert _answers(servers)
    first.stop()
    assert _answers(servers), "the second still needs them"
    second.stop()
    assert servers.postgres_pid() is None
    assert servers.valkey_pid() is None


def test_nobody_else_reaches_them(servers: Embedded) -> None:
    use = Use(servers)
    use.start()
    try:
        mode = servers.sockets.stat().st_mode
        assert stat.S_IMODE(mode) == 0o700
        for pid in (servers.postgres_pid(), servers.valkey_pid()):
            kinds = {c.status for c in psutil.Process(pid).net_connections("inet")}
            assert psutil.CONN_LISTEN not in kinds, "no port of the network is open"
    finally:
        use.stop()


def test_they_come_back_after_being_killed(servers: Embedded) -> None:
    use = Use(servers)
    use.start()
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("create table if not exists kept (n int)")
        connection.execute("insert into kept values (1)")
    for pid in (servers.postgres_pid(), servers.valkey_pid()):
        assert pid is not None
        victim = psutil.Process(pid)
        victim.kill()
        wait_until_gone([victim], patience_s=5)
    assert servers.postgres_pid() is None

    use.start()
    try:
        assert _answers(servers)
        with psycopg.connect(servers.database_url) as connection:
            row = connection.execute("select count(*) > 0 from kept").fetchone()
        assert row == (True,)
    finally:
        use.stop()


def test_a_lock_file_that_names_a_stranger_is_not_believed(servers: Embedded) -> None:
    lock = servers.pgdata / "postmaster.pid"
    stranger = os.getpid()
    lock.write_text(f"{stranger}\n{servers.pgdata}\n0\n5432\n/tmp\n\n\nready\n")
    assert servers.postgres_pid() is None
    use = Use(servers)
    use.start(valkey=False)
    try:
        assert servers.postgres_pid() not in (None, stranger)
    finally:
        use.stop()


def test_a_start_that_was_killed_half_way_begins_again(tmp_path: Path) -> None:
    servers = Embedded(tmp_path.resolve() / "var")
    servers.pgdata.mkdir(parents=True)
    (servers.pgdata / "half").write_text("of a database")
    use = Use(servers)
    use.start(valkey=False)
    try:
        assert (servers.pgdata / "PG_VERSION").exists()
        assert not (servers.pgdata / "half").exists()
    finally:
        use.stop()

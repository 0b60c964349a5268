"""Real WordPress sites for the tests, in two versions.

* The distribution's package over MariaDB: `apt-get install -y --no-install-recommends
  wordpress php-cli php-mysql mariadb-server`
* A later version over SQLite, out of an npm package:
  `apt-get install -y --no-install-recommends php-cli php-sqlite3` and
  `npm install --no-save --ignore-scripts @wp-playground/wordpress-builds@0.9.19`

Both run by PHP's own server on a free port of the loopback address, as root or as an
ordinary user, each server in a process group of its own. `tools/peers.py` installs.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.peers.missing import missing
from tests.peers.services import free_port

PREFIX = "kanalvakt-wordpress-"
SMALL_LOG = "--innodb-log-file-size=8M"
HERE = Path(__file__).resolve().parent
DEBIAN = Path("/usr/share/wordpress")
PLAYGROUND = (
    HERE.parent.parent / "node_modules" / "@wp-playground" / "wordpress-builds" / "src"
)
CONFIG = """<?php
{database}
define('DB_CHARSET','utf8mb4'); define('DB_COLLATE','');
foreach (['AUTH','SECURE_AUTH','LOGGED_IN','NONCE'] as $n) {{
    define($n.'_KEY',$n.'k'); define($n.'_SALT',$n.'s');
}}
$table_prefix='wp_';
define('WP_HOME','http://127.0.0.1:{port}');
define('WP_SITEURL','http://127.0.0.1:{port}');
define('WP_TEST_DIR','{folder}');
define('WP_ENVIRONMENT_TYPE','local');
define('WP_HTTP_BLOCK_EXTERNAL',true);
define('AUTOMATIC_UPDATER_DISABLED',true);
define('DISABLE_WP_CRON',true);
if(!defined('ABSPATH')) define('ABSPATH',__DIR__.'/');
require_once ABSPATH.'wp-settings.php';
"""


@dataclass
class Site:
    """One running WordPress. `user` may moderate, `weak` is a reader's password."""

    folder: Path
    port: int
    user: str = "moderator"
    password: str = ""
    weak: str = ""
    version: str = ""
    groups: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def login(self) -> dict[str, str]:
        """What a channel's credential holds."""
        return {"username": self.user, "application_password": self.password}

    # -- what citizens and editors do ----------------------------------------------

    def post(self, title: str, text: str = "Ett inlägg.") -> int:
        return int(
            self.rest(
                "POST",
                "posts",
                {"title": title, "content": text, "excerpt": text, "status": "publish"},
            )["id"]
        )

    def comment(
        self,
        post: int,
        text: str,
        *,
        name: str = "Kim",
        parent: int = 0,
        agent: str = "Citizen/1.0",
    ) -> int:
        """A visitor comments through the site's own form; answers its number."""
        answer = self.form(post, text, name=name, parent=parent, agent=agent)
        assert answer.status_code == 302, (answer.status_code, answer.text[-500:])
        number = re.search(r"#comment-(\d+)", answer.headers["location"])
        assert number is not None, answer.headers["location"]
        return int(number[1])

    def form(
        self,
        post: int,
        text: str,
        *,
        name: str = "Kim",
        parent: int = 0,
        agent: str = "Citizen/1.0",
    ) -> httpx.Response:
        return httpx.post(
            f"{self.base}/wp-comments-post.php",
            data={
                "comment": text,
                "author": name,
                "email": f"{name.lower()}@example.org",
                "url": "https://kim.example.org",
                "comment_post_ID": str(post),
                "comment_parent": str(parent),
            },
            headers={"User-Agent": agent},
            timeout=30,
        )

    def comment_by_rest(self, post: int, text: str, *, name: str = "Kim") -> int:
        """A visitor without an account comments through the REST API."""
        answer = httpx.post(
            f"{self.base}/wp-json/wp/v2/comments",
            json={
                "post": post,
                "content": text,
                "author_name": name,
                "author_email": f"{name.lower()}@example.org",
            },
            timeout=30,
        )
        assert answer.status_code == 201, (answer.status_code, answer.text[:500])
        return int(answer.json()["id"])

    def edit(self, comment: int, text: str) -> None:
        self.rest("POST", f"comments/{comment}", {"content": text})

    def set_status(self, comment: int, status: str) -> None:
        self.rest("POST", f"comments/{comment}", {"status": status})

    def delete(self, comment: int) -> None:
        self.rest("DELETE", f"comments/{comment}?force=true", {})

    def stored(self, comment: int) -> dict[str, Any] | None:
        """The comment as WordPress' own code reads it from its database."""
        found: dict[str, Any] | None = json.loads(
            self.php(f"echo json_encode(get_comment({comment}, ARRAY_A));")
        )
        return found

    def php(self, code: str) -> str:
        """Runs code inside this WordPress, as a plugin or its database would."""
        load = (
            "$_SERVER['SERVER_PROTOCOL']='HTTP/1.1'; $_SERVER['HTTP_HOST']='localhost';"
            "$_SERVER['REQUEST_METHOD']='GET'; $_SERVER['REQUEST_URI']='/';"
            f"require '{self.folder}/site/wp-load.php';"
        )
        done = subprocess.run(
            ["php", "-d", "memory_limit=-1", "-r", load + code],
            capture_output=True,
            env=_php_env(),
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.decode()

    def public_page(self, post: int) -> str:
        """What everybody sees."""
        answer = httpx.get(f"{self.base}/?p={post}", follow_redirects=True, timeout=30)
        assert answer.status_code == 200
        return answer.text

    def replies_to(self, comment: int) -> list[str]:
        rows = self.rest("GET", f"comments?parent={comment}&context=edit&per_page=100")
        return [row["content"]["raw"] for row in rows]

    def rest(self, method: str, path: str, data: Any = None) -> Any:
        answer = httpx.request(
            method,
            f"{self.base}/wp-json/wp/v2/{path}",
            json=data,
            auth=(self.user, self.password),
            timeout=30,
        )
        assert answer.status_code < 300, (answer.status_code, answer.text[:500])
        return answer.json()

    # -- making it fail ------------------------------------------------------------

    def fail(
        self,
        method: str,
        path: str,
        *,
        status: int = 0,
        code: str = "made_up",
        when: str = "before",
        sleep: int = 0,
        times: int = 1,
        headers: dict[str, str] | None = None,
        body: str | None = None,
    ) -> None:
        """The next `times` calls fail before the work or after it was done; with
        `sleep` alone they only hang."""
        fault = {
            "method": method,
            "path": path,
            "status": status,
            "code": code,
            "when": when,
            "sleep": sleep,
            "times": times,
            "headers": headers or {},
        }
        if body is not None:
            fault["body"] = body
        (self.folder / "fault.json").write_text(json.dumps(fault))

    def mend(self) -> None:
        (self.folder / "fault.json").unlink(missing_ok=True)
        (self.folder / "flood").unlink(missing_ok=True)
        (self.folder / "requests.log").unlink(missing_ok=True)

    def flood_limit(self) -> None:
        (self.folder / "flood").touch()

    def requests(self) -> list[str]:
        log = self.folder / "requests.log"
        return log.read_text().splitlines() if log.exists() else []

    # -- life ----------------------------------------------------------------------

    def start_web(self) -> None:
        router = HERE / "wordpress_router.php"
        site = self.folder / "site"
        self.run(
            ["php", "-S", f"127.0.0.1:{self.port}", "-t", str(site), str(router)],
            "php.log",
            _php_env(workers=4),
        )
        _wait_for_port(self.port)

    def run(
        self, command: list[str], log: str, env: dict[str, str] | None = None
    ) -> None:
        """Starts a server of the site in a process group of its own."""
        with (self.folder / log).open("ab") as file:
            self.groups.append(
                subprocess.Popen(
                    command,
                    env=env,
                    stdout=file,
                    stderr=file,
                    start_new_session=True,
                )
            )

        self._remember()

    def stop_web(self) -> None:
        group = self.groups.pop()
        _end(group.pid)
        group.wait(timeout=10)
        _until(lambda: not _listens(self.port), "The end of PHP's web server")

    def restart(self) -> None:
        self.stop_web()
        self.start_web()

    def stop(self) -> None:
        for group in reversed(self.groups):
            _end(group.pid)
            group.wait(timeout=10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _remember(self) -> None:
        """So that the next run ends them if this one is killed."""
        pids = "\n".join(str(group.pid) for group in self.groups)
        (self.folder / "groups").write_text(pids)


def debian_site() -> Site:
    """The distribution's WordPress over MariaDB."""
    if not _php_can("mysqli") or not shutil.which("mariadbd") or not DEBIAN.is_dir():
        missing("WordPress", "wordpress, php-cli, php-mysql, mariadb-server")
    site = _fresh("mariadb")
    data, sock = site.folder / "db", site.folder / "db.sock"
    as_user = ["--user=root"] if os.geteuid() == 0 else []
    subprocess.run(
        [
            *("mariadb-install-db", "--no-defaults", *as_user, "--skip-test-db"),
            SMALL_LOG,
            *("--auth-root-authentication-method=normal", f"--datadir={data}"),
        ],
        check=True,
        capture_output=True,
    )
    site.run(
        [
            *("mariadbd", "--no-defaults", *as_user, f"--datadir={data}"),
            *(f"--socket={sock}", "--skip-networking", "--skip-log-bin"),
            *("--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M"),
            *(SMALL_LOG, f"--pid-file={site.folder}/db.pid"),
        ],
        "db.log",
    )
    login = ["mariadb", "--no-defaults", "-u", "root", f"--socket={sock}"]
    make = (
        "create database wp; create user wp@localhost identified by 'wp';"
        "grant all on wp.* to wp@localhost"
    )
    ask = [*login, "-e", "select 1"]
    _until(lambda: subprocess.run(ask, capture_output=True).returncode == 0, "MariaDB")
    subprocess.run([*login, "-e", make], check=True, capture_output=True)
    shutil.copytree(
        DEBIAN,
        site.folder / "site",
        ignore=shutil.ignore_patterns("wp-includes", "wp-content"),
    )
    # The larger half is only read.
    (site.folder / "site" / "wp-includes").symlink_to(DEBIAN / "wp-includes")
    content = site.folder / "site" / "wp-content"
    shutil.copytree("/var/lib/wordpress/wp-content", content, symlinks=False)
    _set_up(
        site,
        "define('DB_NAME','wp'); define('DB_USER','wp'); define('DB_PASSWORD','wp');"
        f"define('DB_HOST','localhost:{sock}');",
    )
    return site


def playground_site() -> Site:
    """A later WordPress over SQLite."""
    archive = PLAYGROUND / "wordpress" / "wp-6.5.zip"
    if not _php_can("pdo_sqlite") or not archive.exists():
        missing("a second WordPress", "npm's @wp-playground/wordpress-builds")
    site = _fresh("sqlite")
    root = site.folder / "site"
    with zipfile.ZipFile(archive) as files:
        files.extractall(root)
    shutil.rmtree(root / "wp-content" / "database", ignore_errors=True)
    plugin = PLAYGROUND / "sqlite-database-integration"
    target = root / "wp-content" / "mu-plugins" / "sqlite-database-integration"
    with zipfile.ZipFile(plugin / "sqlite-database-integration.zip") as files:
        files.extractall(site.folder / "plugin")
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(next((site.folder / "plugin").iterdir()), target)
    copy = (target / "db.copy").read_text()
    copy = copy.replace("{SQLITE_IMPLEMENTATION_FOLDER_PATH}", str(target))
    copy = copy.replace("{SQLITE_PLUGIN}", "sqlite-database-integration/load.php")
    (root / "wp-content" / "db.php").write_text(copy)
    _set_up(
        site,
        "define('DB_NAME','wp'); define('DB_USER','wp'); define('DB_PASSWORD','wp');"
        "define('DB_HOST','localhost');",
    )
    return site


def _php_can(extension: str) -> bool:
    if not shutil.which("php"):
        return False
    done = subprocess.run(["php", "-m"], capture_output=True, text=True, check=False)
    return extension in done.stdout.lower().split()


def _set_up(site: Site, database: str) -> None:
    root = site.folder / "site"
    if not any((root / "wp-content" / "themes").glob("*/style.css")):
        theme = root / "wp-content" / "themes" / "plain"
        shutil.copytree(HERE / "wordpress_theme", theme)
    (root / "wp-config.php").write_text(
        CONFIG.format(database=database, port=site.port, folder=site.folder)
    )
    plugins = root / "wp-content" / "mu-plugins"
    plugins.mkdir(exist_ok=True)
    shutil.copy(HERE / "wordpress_site.php", plugins / "kanalvakt-tests.php")
    done = subprocess.run(
        [
            *("php", str(HERE / "wordpress_install.php")),
            *(f"127.0.0.1:{site.port}", str(root)),
        ],
        capture_output=True,
        env=_php_env(),
        check=False,
    )
    lines = done.stdout.decode().strip().splitlines()
    assert lines, done.stderr
    assert lines[-1].startswith("{"), done.stdout + done.stderr
    logins = json.loads(lines[-1])
    site.password, site.weak = logins["password"], logins["weak"]
    site.version = logins["version"]
    site.start_web()


def _fresh(name: str) -> Site:
    _end_orphans()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-{name}-"))
    return Site(folder, free_port())


def _php_env(workers: int = 0) -> dict[str, str]:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    if workers:
        environment["PHP_CLI_SERVER_WORKERS"] = str(workers)
    return environment


def _wait_for_port(port: int) -> None:
    _until(lambda: _listens(port), "PHP's web server")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until(happened: Callable[[], bool], name: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            raise RuntimeError(f"{name} did not come")
        time.sleep(0.05)


def _end(group: int) -> None:
    """The whole group at once: PHP's server leaves its workers behind otherwise, and
    nothing of these sites is worth a quiet end."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _end_orphans() -> None:
    """What a killed test run left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = int(folder.name.removeprefix(PREFIX).split("-")[0])
        groups = folder / "groups"
        if psutil.pid_exists(owner):
            continue
        for pid in groups.read_text().split() if groups.exists() else ():
            with contextlib.suppress(psutil.Error):
                if str(folder) in " ".join(psutil.Process(int(pid)).cmdline()):
                    _end(int(pid))
        shutil.rmtree(folder, ignore_errors=True)

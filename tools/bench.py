"""`make bench`: runs benchmarks/*.py on fresh servers; one JSON object a line.

The database is as durable as in real use: every commit waits for the disk.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from config.embedded import Embedded

ROOT = Path(__file__).resolve().parent.parent
# Run by `make bench-words`, which measures word data, and by `make bench-web`, which
# installs the one it compares with.
ON_ITS_OWN = {"words", "words_peer", "ozone"}


def names() -> list[str]:
    found = sorted(p.stem for p in (ROOT / "benchmarks").glob("[a-z]*.py"))
    return [name for name in found if name not in ON_ITS_OWN]


def main(wanted: list[str]) -> int:
    folder = Path(tempfile.mkdtemp(prefix="kanalvakt-bench-")).resolve()
    services = Embedded(folder)
    environment = {
        **os.environ,
        "ENV_FILE": os.devnull,
        "KANALVAKT_VAR": str(folder),
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
        "SECRET_KEY": secrets.token_urlsafe(64),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_LEVEL": "WARNING",
    }
    python = [sys.executable]
    codes = []
    try:
        services.start_postgres()
        services.start_valkey()
        for command in (
            ["manage.py", "compile_texts", "--verbosity", "0"],
            ["manage.py", "collectstatic", "--no-input", "--verbosity", "0"],
            ["manage.py", "migrate", "--no-input", "--verbosity", "0"],
        ):
            subprocess.run([*python, *command], cwd=ROOT, env=environment, check=True)
        for name in wanted or names():
            command = [*python, "-m", f"benchmarks.{name}"]
            codes.append(subprocess.call(command, cwd=ROOT, env=environment))
    finally:
        services.stop_valkey()
        services.stop_postgres()
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if any(codes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

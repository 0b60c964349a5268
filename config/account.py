"""The account that PostgreSQL runs as, which refuses to run as root."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

SERVER_USER = "kanalvakt"


class EmbeddedError(Exception):
    """A server of our own could not be started; the message is for a person."""


def uid_of(user: str | None) -> int:
    return os.geteuid() if user is None else pwd.getpwnam(user).pw_uid


def server_user() -> str | None:
    """Account that PostgreSQL runs as; None means our own.

    PostgreSQL refuses to run as root, so root lends it an account without rights,
    made once, or `nobody` where accounts cannot be made.
    """
    if os.geteuid() != 0:
        return None
    for name in (SERVER_USER, "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            if name == SERVER_USER and shutil.which("useradd"):
                made = subprocess.run(
                    ["useradd", "--system", "--no-create-home", SERVER_USER],
                    capture_output=True,
                    check=False,
                )
                if made.returncode == 0:
                    return SERVER_USER
        else:
            return name
    raise EmbeddedError("PostgreSQL does not run as root: start as an ordinary user.")


def let_pass(path: Path) -> None:
    """Let the server's account walk through the folders above `path`.

    Only the right to pass (o+x), not to list or read, and only where it is missing.
    """
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)


def let_read(folder: Path) -> None:
    """Let it read, and run, what a narrow umask kept to root inside `folder`."""
    for path in (folder, *folder.rglob("*")):
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        wanted = mode | 0o004 | (0o001 if mode & 0o100 else 0)
        if wanted != mode:
            path.chmod(wanted)

"""Beside an unfinished package: the digests of its files that are finished, so that
going on need not read them again.

They count as long as the machine has not been started anew: what a process had written
when it was stopped is there, what a machine had is not sure to be. A file of another
size or time than noted is read again too.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

NAME = "unfinished-files.txt"
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def _boot() -> str:
    """Names this run of the machine; "" where nothing does."""
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return ""


class Finished:
    """The finished files of the package in `folder`; several threads may add."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / NAME
        self._lock = Lock()
        self._noted: dict[str, tuple[str, str]] = {}
        boot = _boot()
        first = f"machine {boot}"
        lines = self._path.read_text("utf-8").split("\n") if self._path.exists() else []
        if boot and lines[:1] == [first]:
            # The last line may be half a one.
            for line in lines[1:-1]:
                digest, state, name = line.split(" ", 2)
                self._noted[name] = (digest, state)
        else:
            self._path.write_text(f"{first}\n", "utf-8")

    def digest(self, name: str) -> str:
        """The SHA-256 of a finished file in hex; "" when it is not known to be one."""
        digest, state = self._noted.get(name, ("", ""))
        return digest if digest and state == self._state(name) else ""

    def size(self, name: str) -> int:
        return (self._folder / name).stat().st_size

    def add(self, name: str, digest: str) -> None:
        line = f"{digest} {self._state(name)} {name}\n"
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(line)

    def forget(self) -> None:
        self._path.unlink()

    def _state(self, name: str) -> str:
        try:
            found = (self._folder / name).stat()
        except FileNotFoundError:
            return ""
        return f"{found.st_size}-{found.st_mtime_ns}"

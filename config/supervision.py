"""Child processes that are kept alive, and found again after a killed start."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

# Every child carries this mark in its environment with the folder it works for, so
# that a later start knows its own from all other processes of the machine.
MARK = "KANALVAKT_CHILD_OF"
LONGEST_PAUSE_S = 60.0
# One that lived this long was well; its next death starts at the shortest pause.
WELL_AFTER_S = 60.0


def leftovers(var: Path) -> list[psutil.Process]:
    """Processes that an earlier start of this folder left running."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(var) and process.pid != os.getpid():
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def end(processes: Iterable[psutil.Process], *, patience_s: float) -> None:
    """Ask, wait, then kill. Returns when all are gone."""
    alive = list(processes)
    for process in alive:
        _signal(process, signal.SIGTERM)
    for process in wait_until_gone(alive, patience_s=patience_s):
        _signal(process, signal.SIGKILL)
    wait_until_gone(alive, patience_s=5)


def wait_until_gone(
    processes: Iterable[psutil.Process], *, patience_s: float
) -> list[psutil.Process]:
    """Returns those that are still there. A zombie is gone: only its parent, which
    may be busy, has not noticed yet."""
    deadline = time.monotonic() + patience_s
    alive = [process for process in processes if _is_there(process)]
    while alive and time.monotonic() < deadline:
        time.sleep(0.02)
        alive = [process for process in alive if _is_there(process)]
    return alive


def _is_there(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)


@dataclass
class Child:
    """One process that must run; `name` is how a person is told of it."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    output: IO[bytes] | None = None
    keep_open: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    start_again_at: float | None = None

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches the launcher alone, which then stops
        # its children in order.
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=self.output,
            env=self.environment,
            pass_fds=tuple(self.keep_open),
            start_new_session=True,
        )
        self.started_at = time.monotonic()
        self.start_again_at = None

    @property
    def code(self) -> int | None:
        """Exit code, or None while it runs."""
        return None if self.process is None else self.process.poll()


@dataclass
class Supervisor:
    """Starts children again when they die, with a growing pause, and says so."""

    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)

    def start(self) -> None:
        for child in self.children:
            child.start()

    def look_after(self) -> None:
        """One round; to be called a few times a second."""
        now = time.monotonic()
        for child in self.children:
            if child.start_again_at is not None:
                if now >= child.start_again_at:
                    child.start()
            elif child.code is not None:
                lived = now - child.started_at
                child.deaths = 1 if lived > WELL_AFTER_S else child.deaths + 1
                pause = min(2.0 ** (child.deaths - 1), LONGEST_PAUSE_S)
                child.start_again_at = now + pause
                # Its own children may outlive a killed parent.
                self._end_group(child, patience_s=5)
                self.say(
                    f"{child.name} stopped ({_how(child.code)}); "
                    f"starting it again in {pause:.0f} s."
                )

    def stop(self, *, patience_s: float) -> None:
        groups = [p for child in self.children for p in _group(child)]
        leaders = {c.process.pid for c in self.children if c.process is not None}
        for process in groups:
            # The members learn it from their leader; told twice, Celery drops what
            # it is doing.
            if process.pid in leaders:
                _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + patience_s
        for child in self.children:
            if child.process is not None:
                try:
                    child.process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    child.process.kill()
                    child.process.wait()
        end(
            [p for p in groups if p.pid not in leaders and p.is_running()], patience_s=2
        )

    @staticmethod
    def _end_group(child: Child, *, patience_s: float) -> None:
        end(_group(child), patience_s=patience_s)


def _group(child: Child) -> list[psutil.Process]:
    """The child and all that it started."""
    if child.process is None:
        return []
    members = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == child.process.pid:
                members.append(process)
        except (ProcessLookupError, PermissionError):
            continue
    return members


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"

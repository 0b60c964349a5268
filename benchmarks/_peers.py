"""The other screens of words: installed once, asked in a process of their own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "var" / "bench-words"
"""An environment and a node_modules of their own, kept between runs."""
PATIENCE = 900
"""Seconds that one peer may take to install, and to answer all sets."""

Answer = tuple[float, bool, list[tuple[int, int]] | None]
"""Microseconds, whether the text was marked, and where if the peer tells."""


class Missing(Exception):
    """A peer that cannot be had or does not finish, with the reason as a sentence."""


@dataclass(frozen=True)
class Peer:
    """``package`` is its name where it is installed from; ``of`` what it looks for."""

    name: str
    package: str
    of: str = "words"
    slow: bool = False
    node: bool = False


PEERS = (
    Peer("glin-profanity", "glin-profanity"),
    Peer("better-profanity", "better-profanity", slow=True),
    Peer("alt-profanity-check", "alt-profanity-check", slow=True),
    Peer("presidio (patterns)", "presidio-analyzer", of="numbers"),
    Peer("obscenity", "obscenity", node=True),
    Peer("leo-profanity", "leo-profanity", node=True),
)


def say(sentence: str) -> None:
    """A line of progress; the table alone goes to standard output."""
    print(f"bench-words: {sentence}", file=sys.stderr, flush=True)


def wanted() -> dict[str, str]:
    """Each package as its installer is told it, with the version the table names."""
    lines = (ROOT / "requirements" / "bench-words.txt").read_text().splitlines()
    python = {line.split("==")[0]: line for line in lines if line[:1].isalpha()}
    text = (ROOT / "requirements" / "bench-words.json").read_text()
    node = json.loads(text)["dependencies"]
    return python | {name: f"{name}@{version}" for name, version in node.items()}


def install(peer: Peer) -> None:
    """Install ``peer`` unless an earlier run did.

    Raises:
        Missing: it cannot be had; the others can still be asked.
    """
    version = wanted()[peer.package]
    stamp = PLACE / f"installed-{peer.package}"
    if stamp.exists() and stamp.read_text() == version:
        return
    say(f"installing {version} …")
    began = time.monotonic()
    PLACE.mkdir(parents=True, exist_ok=True)
    if peer.node:
        npm = shutil.which("npm")
        if npm is None:
            raise Missing("npm is not installed")
        (PLACE / "package.json").write_text('{"private": true}\n')
        command = [npm, "install", "--no-audit", "--no-fund", "--no-save", version]
        # Without --no-save's company, npm takes away what the last call installed.
        others = [other for other in PEERS if other.node and other is not peer]
        command += [wanted()[other.package] for other in others if _stamped(other)]
    else:
        python = PLACE / "bin" / "python"
        if not python.exists():
            venv.create(PLACE, with_pip=True)
        command = [str(python), "-m", "pip", "--disable-pip-version-check"]
        command += ["--no-input", "install", "--quiet", version]
    try:
        subprocess.run(
            command,
            cwd=PLACE,
            check=True,
            timeout=PATIENCE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    except subprocess.TimeoutExpired as error:
        raise Missing(f"not installed within {PATIENCE} s") from error
    except subprocess.CalledProcessError as error:
        raise Missing(f"not installed: {_last_line(error.stderr)}") from error
    stamp.write_text(version)
    say(f"installed {version} in {time.monotonic() - began:.0f} s")


def _stamped(peer: Peer) -> bool:
    return (PLACE / f"installed-{peer.package}").exists()


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def ask(peer: Peer, sets: Sequence[Sequence[str]]) -> list[list[Answer]]:
    """What ``peer`` answers to each set: one process for all, since some take seconds
    to start.

    Raises:
        Missing: it fails, or does not finish in time.
    """
    here = Path(__file__).resolve().parent
    if peer.node:
        node = shutil.which("node")
        if node is None:
            raise Missing("node is not installed")
        # It looks for its packages beside where it lies.
        shutil.copy(here / "words_peer.cjs", PLACE / "words_peer.cjs")
        command = [node, str(PLACE / "words_peer.cjs"), peer.name]
    else:
        command = [
            str(PLACE / "bin" / "python"),
            str(here / "words_peer.py"),
            peer.name,
        ]
    with subprocess.Popen(
        command,
        cwd=PLACE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        late = threading.Timer(PATIENCE, process.kill)
        late.start()
        errors: list[str] = []
        reader = threading.Thread(target=lambda: errors.extend(process.stderr or ()))
        reader.start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(sets))
        process.stdin.close()
        answers: list[list[Answer]] = []
        for line in process.stdout:
            answers.append(json.loads(line))
            if len(answers) % 10 == 0:
                say(f"{peer.name}: {len(answers)} of {len(sets)} sets")
        process.wait()
        reader.join()
        in_time = late.is_alive()
        late.cancel()
    if len(answers) < len(sets):
        if not in_time:
            raise Missing(f"did not finish within {PATIENCE} s")
        raise Missing(f"failed: {_last_line(''.join(errors))}")
    return answers

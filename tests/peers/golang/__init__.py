"""Go's own checker of transparency logs, as the distribution packs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

PACKAGES = Path("/usr/share/gocode")
_SUMDB = PACKAGES / "src" / "golang.org" / "x" / "mod" / "sumdb" / "tlog"


class Question(NamedTuple):
    vkey: str
    proof: str
    leaf: bytes


def is_there() -> bool:
    return shutil.which("go") is not None and _SUMDB.is_dir()


def build(folder: Path) -> Path:
    """The checker as a program in `folder`; nothing is fetched."""
    program = folder / "check"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GOCACHE": str(folder / "cache"),
        "GOPATH": str(PACKAGES),
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "CGO_ENABLED": "0",
    }
    source = Path(__file__).with_name("check.go")
    subprocess.run(
        ["go", "build", "-o", str(program), str(source)],
        env=environment,
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return program


def answers(program: Path, questions: Iterable[Question]) -> list[str]:
    """`ok INDEX SIZE` or what is wrong, for each question."""
    asked = [
        {"vkey": q.vkey, "proof": q.proof, "leaf": b64encode(q.leaf).decode()}
        for q in questions
    ]
    done = subprocess.run(
        [str(program)],
        input=json.dumps(asked),
        text=True,
        capture_output=True,
        check=True,
    )
    return done.stdout.splitlines()

"""What the world may hold against us: checkpoint, tiles and key in a public folder.

The folder is served as it is and copied by others. It does not go back when the
database is restored: that is what makes it worth comparing with.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from archive import tiles
from archive.keys import Reign, of_size
from archive.notes import Checkpoint, NoteError

CHECKPOINT = "checkpoint"
KEY = "log-key.txt"
KEYS = "log-keys.txt"


def folder() -> Path:
    return Path(settings.ARCHIVE_PUBLIC_DIR)


def latest(known: Sequence[Reign]) -> Checkpoint | None:
    """The checkpoint published last; NoteError when the key of its time has not signed
    it. A change of key that was not published yet leaves the key before it."""
    try:
        note = (folder() / CHECKPOINT).read_text("utf-8")
    except FileNotFoundError:
        return None
    said = Checkpoint.parse(note)
    for verifier in of_size(known, said.size):
        verifier.open(note)
        if said.origin != verifier.name:
            raise NoteError("the published checkpoint is of another log")
    return said


def publish(note: str, changed: tiles.Tiles, vkeys: Sequence[str]) -> None:
    """Tiles first, the checkpoint that needs them last. `vkeys` has the oldest first;
    the newest stands alone in a file of its own, where verifiers look for it."""
    for (level, n), hashes in changed.items():
        _put(tiles.path(level, n, len(hashes) // 32), hashes)
    _put(KEYS, "".join(f"{vkey}\n" for vkey in vkeys).encode())
    _put(KEY, f"{vkeys[-1]}\n".encode())
    _put(CHECKPOINT, note.encode())


def _put(name: str, data: bytes) -> None:
    path = folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{uuid4().hex}")
    fresh.write_bytes(data)
    fresh.replace(path)

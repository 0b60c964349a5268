"""What the world may hold against us: checkpoint, tiles and key in a public folder.

The folder is served as it is and copied by others. It does not go back when the
database is restored: that is what makes it worth comparing with.
"""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from django.conf import settings

from archive import tiles
from archive.notes import Checkpoint, NoteError, Verifier

CHECKPOINT = "checkpoint"
KEY = "log-key.txt"


def folder() -> Path:
    return Path(settings.ARCHIVE_PUBLIC_DIR)


def latest(verifier: Verifier) -> Checkpoint | None:
    """The checkpoint published last; NoteError when it is not signed by our key."""
    try:
        note = (folder() / CHECKPOINT).read_text("utf-8")
    except FileNotFoundError:
        return None
    checkpoint = Checkpoint.parse(verifier.open(note))
    if checkpoint.origin != verifier.name:
        raise NoteError("the published checkpoint is of another log")
    return checkpoint


def publish(note: str, changed: tiles.Tiles, vkey: str) -> None:
    """Tiles first, the checkpoint that needs them last."""
    for (level, n), hashes in changed.items():
        _put(tiles.path(level, n, len(hashes) // 32), hashes)
    _put(KEY, f"{vkey}\n".encode())
    _put(CHECKPOINT, note.encode())


def _put(name: str, data: bytes) -> None:
    path = folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{uuid4().hex}")
    fresh.write_bytes(data)
    fresh.replace(path)

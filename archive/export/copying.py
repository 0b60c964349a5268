"""The attachments of a package: copied under the SHA-256 of their bytes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, cast

from archive import files
from archive.export.faults import ExportError
from archive.export.side_notes import Finished

if TYPE_CHECKING:
    from io import BufferedReader

BLOCK_BYTES = 1 << 20


def write(
    folder: Path, wanted: list[tuple[str, int, str]], finished: Finished
) -> dict[str, str]:
    """{name in the package: SHA-256} of the files given as (SHA-256, size, type)."""
    payload = {}
    for digest, size, _mime in wanted:
        name = f"data/files/{digest[:2]}/{digest}"
        path = folder / name
        if finished.digest(name) != digest:
            there = path.stat().st_size if path.exists() else -1
            # What an interrupted export left is hashed; anything but the whole is
            # redone.
            if there != size or _hash_of(path) != digest:
                _copy(digest, path)
            finished.add(name, digest)
        payload[name] = digest
    return payload


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        hash_ = sha256()
        while block := file.read(BLOCK_BYTES):
            hash_.update(block)
    return hash_.hexdigest()


def _copy(digest: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    hash_ = sha256()
    # One block of memory for all: to ask for it anew costs more than to fill it.
    block = memoryview(bytearray(BLOCK_BYTES))
    try:
        with files.open_kept(digest) as kept, path.open("wb", buffering=0) as file:
            while size := cast("BufferedReader", kept).readinto(block):
                hash_.update(block[:size])
                file.write(block[:size])
    except FileNotFoundError as error:
        raise ExportError(f"the attachment {digest} is missing") from error
    if hash_.hexdigest() != digest:
        raise ExportError(f"the attachment {digest} was changed")

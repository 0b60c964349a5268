"""A folder as one ZIP file, made while it is read: nothing is written, little held."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BLOCK_BYTES = 1 << 20


class _Sink(io.RawIOBase):
    """What the ZIP is written to; it cannot be sought in, so sizes follow the data."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def zipped(folder: Path, name: str) -> Iterator[bytes]:
    """The bytes of a ZIP that holds the folder under `name`; stored, for what weighs
    is pictures and text that receivers want as it is."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if not path.is_file():
                continue
            inside = f"{name}/{path.relative_to(folder).as_posix()}"
            info = zipfile.ZipInfo.from_file(path, inside)
            with path.open("rb") as source, archive.open(info, "w") as target:
                while block := source.read(BLOCK_BYTES):
                    target.write(block)
                    yield sink.take()
    yield sink.take()

"""A BagIt bag (RFC 8493) of a selection of records: written in one pass, hashed
meanwhile.

The bag grows in `OUT.partial` and takes its name when it is whole. Records are written
with a note of how far they came, so that an interrupted export goes on from there; of
what is finished the digest is noted too, so that going on costs the unfinished only.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from archive import entries, keys
from archive.export import copying, markings, source, tables
from archive.export.copying import BLOCK_BYTES
from archive.export.faults import ExportError
from archive.export.selection import Selection
from archive.export.side_notes import Finished
from archive.export.source import Place, Sealed
from archive.models import Checkpoint, LogEntry, Package

log = structlog.get_logger()
NOTE_EVERY_CHUNKS = 10
TURN_S = 0.0005
DATA = Path(__file__).parent / "data"


class _File:
    """A file of the bag that is hashed while it is written, from `size` on."""

    def __init__(self, bag: Path, name: str, size: int = 0) -> None:
        self.name = name
        self.size = size
        self._hash = sha256()
        path = bag / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("r+b" if size else "wb")
        for block in _blocks(self._file.read, size):
            self._hash.update(block)
        self._file.truncate(size)
        self._file.seek(size)

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> str:
        self._file.close()
        return self._hash.hexdigest()


def _blocks(read: Callable[[int], bytes], size: int) -> Iterator[bytes]:
    while size:
        block = read(min(size, BLOCK_BYTES))
        if not block:
            raise ExportError("a part of the unfinished export is gone")
        size -= len(block)
        yield block


@dataclass(slots=True)
class Bag:
    """A bag being written: its folder and what its manifests must list."""

    folder: Path
    finished: Finished
    payload: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    octets: int = 0

    def take(self, name: str, digest: str, size: int) -> None:
        """What is finished goes on the manifests."""
        if name.startswith("data/"):
            self.payload[name] = digest
            self.octets += size
        else:
            self.tags[name] = digest

    def has(self, name: str) -> bool:
        """Whether an interrupted export has finished the file: it is taken as it is."""
        digest = self.finished.digest(name)
        if digest:
            self.take(name, digest, self.finished.size(name))
        return bool(digest)

    @contextmanager
    def file(self, name: str, size: int = 0) -> Iterator[_File]:
        file = _File(self.folder, name, size)
        try:
            yield file
        finally:
            digest = file.close()
        self.take(name, digest, file.size)

    def put(self, name: str, data: bytes) -> None:
        with self.file(name) as file:
            file.write(data)


def write(
    *,
    selection: Selection,
    out: Path,
    by: str,
    note: str = "",
    id_: UUID | None = None,
    tell: Callable[[int], None] | None = None,
) -> Package:
    """Export the selection to the new folder `out`; the package is logged and
    registered.

    `id_` becomes the package's id; `tell` is called with the number of records written
    so far. Where a time-stamping authority is named it stamps the manifest; when it
    does not answer the package goes without.

    ExportError when `out` exists, when an unfinished export there is of another
    selection, when an attachment is missing or was changed, or when the selection has
    become another one while it was written.
    """
    if out.exists():
        raise ExportError(f"{out} exists")
    folder = out.with_name(f"{out.name}.partial")
    folder.mkdir(parents=True, exist_ok=True)
    bag = Bag(folder, Finished(folder))
    wanted = list(source.files(selection))
    # Hashing and copying let go of the interpreter: a thread beside us does the files,
    # another reads ahead.
    with _short_turns(), ThreadPoolExecutor(1) as beside:
        copying_files = beside.submit(copying.write, folder, wanted, bag.finished)
        count = _write_records(bag, selection, tell or (lambda _records: None))
        _write_log(bag, selection, count)
        _write_lines(bag, "data/markings.jsonl", markings.lines(selection))
        _write_checkpoint(bag)
        bag.payload |= copying_files.result()
    bag.octets += sum(size for _digest, size, _mime in wanted)
    for name in ("README.txt", "verify.py"):
        bag.put(f"data/{name}", (DATA / name).read_bytes())
    bag.put("data/selection.json", _json(selection.as_dict()))
    bag.put("data/records.csv-metadata.json", _json(tables.csvw("records.csv")))
    package = Package(
        id=id_ or uuid4(),
        format=Package.Format.BAGIT,
        starts_at=selection.start,
        ends_at=selection.end,
        filters=selection.filters,
        records=count,
        files=len(wanted),
        octets=bag.octets,
        made_at=entries.to_millisecond(timezone.now()),
        made_by=by,
        note=note,
    )
    _write_tags(bag, package)
    (bag.folder / _PROGRESS).unlink()
    bag.finished.forget()
    with transaction.atomic():
        package.save(force_insert=True)
        entries.append(
            [
                entries.Entry(
                    type=LogEntry.Type.EXPORT,
                    record_id=None,
                    commitment=bytes.fromhex(package.manifest_sha256),
                )
            ],
            moment=package.made_at,
        )
        bag.folder.rename(out)
    return package


@contextmanager
def _short_turns() -> Iterator[None]:
    """A thread that reads and one that copies ask for the interpreter often and keep it
    briefly: at Python's own pace each would wait for the one that writes."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


_PROGRESS = "unfinished.json"
_JSONL, _CSV = "data/records.jsonl", "data/records.csv"


def _write_records(bag: Bag, selection: Selection, tell: Callable[[int], None]) -> int:
    progress = _progress(bag.folder, selection)
    count: int = progress["records"]
    if all(bag.finished.digest(name) for name in (_JSONL, _CSV)):
        bag.has(_JSONL)
        bag.has(_CSV)
        tell(count)
        return count
    after = Place(*progress["after"])
    sizes = progress["sizes"]
    with (
        bag.file(_JSONL, sizes[_JSONL]) as lines,
        bag.file(_CSV, sizes[_CSV]) as table,
    ):

        def note(after: Place) -> None:
            lines.sync()
            table.sync()
            progress["sizes"] = {_JSONL: lines.size, _CSV: table.size}
            progress["records"] = count
            progress["after"] = after
            fresh = bag.folder / f"{_PROGRESS}.new"
            fresh.write_bytes(_json(progress))
            fresh.replace(bag.folder / _PROGRESS)
            tell(count)

        if not table.size:
            table.write(tables.heading().encode())
        for number, chunk in enumerate(source.records(selection, after), 1):
            lines.write(b"".join(map(_line, chunk)))
            table.write("".join(map(_row, chunk)).encode())
            count += len(chunk)
            after = chunk[-1].place
            if number % NOTE_EVERY_CHUNKS == 0:
                note(after)
        note(after)
    for name in (_JSONL, _CSV):
        bag.finished.add(name, bag.payload[name])
    return count


def _progress(folder: Path, selection: Selection) -> dict[str, Any]:
    mine = selection.as_dict()
    try:
        progress: dict[str, Any] = json.loads((folder / _PROGRESS).read_bytes())
    except FileNotFoundError:
        return {
            "selection": mine,
            "after": [selection.start.isoformat(), source.NO_ID],
            "records": 0,
            "sizes": {_JSONL: 0, _CSV: 0},
        }
    if progress.get("selection") != mine:
        raise ExportError(f"{folder} holds an unfinished export of another selection")
    return progress


def _line(record: Sealed) -> bytes:
    """One line of records.jsonl. The document is spliced in, byte for byte as sealed.

    The digests follow from document and salts; they are given where these are not all
    there any more.
    """
    digests = b""
    if record.state != "sealed":
        digests = b',"field_digests":%b' % record.field_digests.encode()
    return (
        b'{"id":"%b","state":"%b","commitment":"%b","salts":%b,"document":%b%b}\n'
        % (
            record.id.encode(),
            record.state.encode(),
            record.commitment.hex().encode(),
            (record.salts or "null").encode(),
            record.canonical or b"null",
            digests,
        )
    )


def _row(record: Sealed) -> str:
    return tables.line(record.canonical, record.salts, id=record.id, state=record.state)


def _write_log(bag: Bag, selection: Selection, count: int) -> None:
    """The entries about the records; ExportError when these are no longer the same."""
    name, sealed = "data/log.jsonl", 0
    if bag.has(name):
        return
    with bag.file(name) as file:
        for chunk in source.entries(selection):
            sealed += sum(_SEALED in entry.leaf for entry in chunk)
            file.write(b"".join(map(_entry, chunk)))
    if sealed != count:
        raise ExportError(
            "records were sealed, marked or disposed of meanwhile, and the selection "
            "has become another: ask for it again"
        )
    bag.finished.add(name, bag.payload[name])


_SEALED = b'"type":"record.create"'


def _entry(entry: source.Logged) -> bytes:
    place = b"null" if entry.seq is None else str(entry.seq).encode()
    return b'{"seq":%b,"leaf":%b}\n' % (place, entry.leaf)


def _write_lines(bag: Bag, name: str, pieces: Iterable[bytes]) -> None:
    if bag.has(name):
        return
    with bag.file(name) as file:
        for piece in pieces:
            file.write(piece)
    bag.finished.add(name, bag.payload[name])


def _write_checkpoint(bag: Bag) -> None:
    """The signed checkpoint and the hashes of all its leaves, which give its root."""
    checkpoint = Checkpoint.objects.first()
    if checkpoint is None:
        return
    bag.put("data/checkpoint.txt", checkpoint.note.encode())
    bag.put("data/log-key.txt", f"{keys.verifier()}\n".encode())
    for token in checkpoint.tokens.all():
        bag.put(f"data/checkpoint-{token.pk}.tsr", bytes(token.response))
    with bag.file("data/leaf-hashes.bin") as file:
        for hashes in source.leaf_hashes(checkpoint.size):
            file.write(hashes)


def _write_tags(bag: Bag, package: Package) -> None:
    """Bag declaration, description and manifests (RFC 8493 section 2)."""
    bag.put("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    description = {
        "Bag-Software-Agent": "Kanalvakt",
        "Bagging-Date": f"{package.made_at:%Y-%m-%d}",
        "Payload-Oxum": f"{bag.octets}.{len(bag.payload)}",
        "External-Identifier": str(package.id),
        "Internal-Sender-Description": (
            f"{package.records} records sealed from {package.starts_at.isoformat()} "
            f"and before {package.ends_at.isoformat()}; log {entries.origin()}"
        ),
        # Our own label (RFC 8493 section 2.2.2 allows any).
        "Selection": "; ".join(
            f"{name} = {value}" for name, value in package.filters.items()
        )
        or "every record of the time",
    }
    bag.put("bag-info.txt", _tag_lines(description.items()))
    manifest = _manifest(bag.payload)
    bag.put("manifest-sha256.txt", manifest)
    package.manifest_sha256 = sha256(manifest).hexdigest()
    _stamp(bag, package, manifest)
    bag.put("tagmanifest-sha256.txt", _manifest(bag.tags))


def _stamp(bag: Bag, package: Package, manifest: bytes) -> None:
    """An outsider's word on when the manifest, and so the whole payload, was there."""
    if not settings.ARCHIVE_TSA_URL:
        return
    from archive import timestamps  # loads a library that nothing else here needs

    try:
        answer = timestamps.ask(manifest)
    except timestamps.StampError as error:
        log.warning("export_not_stamped", package=str(package.pk), error=str(error))
        return
    package.stamp, package.stamped_at = answer
    bag.put("manifest-sha256.txt.tsr", package.stamp)


def _tag_lines(pairs: Iterable[tuple[str, str]]) -> bytes:
    # A line break would begin another label.
    lines = (f"{label}: {' '.join(value.split())}\n" for label, value in pairs)
    return "".join(lines).encode()


def _manifest(digests: dict[str, str]) -> bytes:
    return "".join(f"{digests[n]}  {n}\n" for n in sorted(digests)).encode()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def discard_unfinished(out: Path) -> None:
    """Remove what an export to `out` left unfinished."""
    shutil.rmtree(out.with_name(f"{out.name}.partial"), ignore_errors=True)

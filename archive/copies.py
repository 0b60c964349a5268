"""What is given out of a record: fields with their masks, files, painted pictures."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from archive import canonical, files, labels, masking, paragraphs, pictures, proving
from archive.masking import Mask, Shown
from archive.models import DisclosureMask, DisclosurePick, Record, RecordFile

# A larger picture is not read into memory; it is given or withheld whole.
PICTURE_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class FileCopy:
    """A file as it is given out; `data` only of a picture that was painted over."""

    position: str
    name: str
    mime: str
    size: int
    state: str  # "whole", "painted" or "withheld"
    data: bytes = b""
    grounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """A record as it is given out; `grounds` are numbered from 1 in its blocks."""

    record: Record
    fields: tuple[Shown, ...]
    files: tuple[FileCopy, ...]
    grounds: tuple[str, ...]
    hidden: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def masked(self) -> bool:
        return bool(self.grounds)

    @property
    def leftovers(self) -> list[tuple[str, str]]:
        """(pointer, text) where words that are masked elsewhere can still be read."""
        return masking.leftovers(self.fields, self.hidden)

    @property
    def masks(self) -> dict[str, str]:
        """Field → paragraphs, of all fields that are not shown whole; with the numbers
        that stand behind the blocks of a field that is shown in part."""
        found = {}
        for one in self.fields:
            if one.state == "hidden":
                found[one.path] = "; ".join(one.grounds)
            elif one.state == "partly":
                found[one.path] = "; ".join(
                    f"[{self.grounds.index(ground) + 1}] {ground}"
                    for ground in one.grounds
                )
        return found

    @property
    def partly(self) -> dict[str, Any]:
        return {one.path: one.value for one in self.fields if one.state == "partly"}

    def as_json(self) -> dict[str, Any]:
        return proving.disclosed(self.record, masks=self.masks, partly=self.partly)


def of_pick(pick: DisclosurePick) -> Copy:
    """The copy that a pick's masks give. NoSuchText for a mask that fits nothing."""
    return of_record(pick.record, list(pick.masks.all()))


def of_record(record: Record, masks: Sequence[DisclosureMask] = ()) -> Copy:
    fields = dict(canonical.flatten(record.document))
    on_text: list[Mask] = []
    on_file: dict[str, list[DisclosureMask]] = {}
    for mask in masks:
        if position := file_position(mask.path):
            on_file.setdefault(position, []).append(mask)
        else:
            basis = paragraphs.cited(mask.paragraph)
            on_text.append(Mask(mask.path, basis, mask.starts, mask.ends))
    kept = {str(file.position): file for file in record.files.all()}
    copies = tuple(
        _file_copy(kept[position], on_file.pop(position, []))
        for position in sorted(kept, key=int)
    )
    if on_file:
        raise masking.NoSuchText(f"/files/{next(iter(on_file))}")
    withheld = [one for one in copies if one.state == "withheld"]
    # Its name and checksum would tell of a file that nobody is to see.
    on_text += [
        Mask(f"/files/{one.position}/{part}", basis)
        for one in withheld
        for basis in one.grounds
        for part in ("name", "sha256")
    ]
    erased = set(record.field_digests) - set(fields)
    shown = {one.path: one for one in masking.shown(fields, on_text, erased)}
    grounds = masking.grounds(on_text)
    grounds += [g for one in copies for g in one.grounds if g not in grounds]
    return Copy(
        record=record,
        fields=tuple(shown[path] for path in labels.in_order(shown)),
        files=copies,
        grounds=tuple(dict.fromkeys(grounds)),
        hidden=frozenset(masking.hidden_words(fields, on_text)),
    )


def file_position(path: str) -> str:
    """The position of the file that `/files/N` stands for; empty for a field."""
    steps = path.split("/")
    return steps[2] if len(steps) == 3 and steps[1] == "files" else ""


def _file_copy(file: RecordFile, masks: Sequence[DisclosureMask]) -> FileCopy:
    about = {
        "position": str(file.position),
        "name": file.name,
        "mime": file.mime,
        "size": file.size,
        "grounds": tuple(
            dict.fromkeys(paragraphs.cited(mask.paragraph) for mask in masks)
        ),
    }
    regions = [mask.region for mask in masks if mask.region is not None]
    if not masks:
        return FileCopy(**about, state="whole")  # type: ignore[arg-type]
    if len(regions) < len(masks):
        return FileCopy(**about, state="withheld")  # type: ignore[arg-type]
    data, mime = pictures.painted(read(file), regions)
    changed = about | {"mime": mime, "size": len(data)}
    return FileCopy(**changed, state="painted", data=data)  # type: ignore[arg-type]


def read(file: RecordFile) -> bytes:
    """The bytes of a picture. NotAPicture when it is none, or too large for one."""
    if file.mime not in pictures.TYPES or file.size > PICTURE_BYTES:
        raise pictures.NotAPicture(file.mime)
    return b"".join(files.chunks(file.sha256))


def fingerprint(copies: Iterable[Copy]) -> str:
    """SHA-256 of everything that would be given out: what somebody looked at is what
    goes out, or nothing does."""
    seen = [
        [
            copy.as_json(),
            [
                [f.position, f.state, sha256(f.data).hexdigest(), *f.grounds]
                for f in copy.files
            ],
        ]
        for copy in copies
    ]
    return sha256(canonical.dumps(seen)).hexdigest()


def write_zip(copies: Sequence[Copy], paper: bytes, name: str, out: IO[bytes]) -> None:
    """The PDF, and a folder for each record: the masked copy with proof and verifier,
    its files, and pictures painted over. NoProof when a record has none yet."""
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed,
        tempfile.TemporaryDirectory() as scratch,
    ):
        packed.writestr(f"{name}/{name}.pdf", paper)
        packed.writestr(f"{name}/README.txt", _read_me())
        for number, copy in enumerate(copies, 1):
            folder = Path(scratch) / f"{number:04}"
            proving.write(
                copy.record,
                folder,
                masks=copy.masks,
                partly=copy.partly,
                withheld=[one.position for one in copy.files if one.state != "whole"],
            )
            for one in copy.files:
                if one.state == "painted":
                    (folder / "painted").mkdir(exist_ok=True)
                    ending = one.mime.rpartition("/")[2]
                    (folder / "painted" / f"{one.position}.{ending}").write_bytes(
                        one.data
                    )
            for file in sorted(folder.rglob("*")):
                if file.is_file():
                    inside = file.relative_to(folder).as_posix()
                    packed.write(file, f"{name}/{number:04}/{inside}")


def _read_me() -> str:
    lines = [
        _("The PDF is for reading; each numbered folder holds one record."),
        _("Start verify.py in such a folder with Python to check the record."),
        _("Every field under “fields” in record.json can be checked."),
        _("A masked field shows its paragraph and a digest that cannot be undone."),
        _("What is “shown” of a field masked in part cannot be checked by itself."),
        _("Pictures under “painted” are new copies in which regions were blackened."),
    ]
    return "\n".join(lines) + "\n"


def as_stream(data: bytes) -> IO[bytes]:
    return io.BytesIO(data)

"""Proofs for outsiders: a folder that shows what was sealed, and that it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from archive import canonical, files, keys, tree
from archive.models import Checkpoint, LogEntry, Record
from archive.notes import tlog_proof

VERIFIER = Path(__file__).parent / "export" / "data" / "verify.py"


class NoProof(Exception):
    """The record cannot be proved now; the text says why."""


def disclosed(
    record: Record, *, masks: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The record with some fields masked: every other field can still be checked.

    `masks` gives the legal paragraph for the JSON pointer of each field to be hidden;
    of such a field only the digest is told, which without its salt says nothing.
    KeyError names a field that the record does not have. Erased fields are masked with
    an empty paragraph.
    """
    masks = dict(masks or {})
    digests: dict[str, str] = record.field_digests
    for path in masks:
        if path not in digests:
            raise KeyError(path)
    fields = dict(canonical.flatten(record.document))
    salts = record.salts or {}
    return {
        "record_id": str(record.id),
        "commitment": bytes(record.commitment).hex(),
        "fields": [
            [salts[path], path, value]
            for path, value in fields.items()
            if path not in masks
        ],
        "masked": [
            {"path": path, "digest": digest, "legal_basis": masks.get(path, "")}
            for path, digest in sorted(digests.items())
            if path in masks or path not in fields
        ],
    }


def proof(record_id: UUID) -> tuple[bytes, str, Checkpoint]:
    """(leaf bytes, tlog-proof file, checkpoint) of the entry of a record's sealing.

    NoProof when the entry is newer than the last checkpoint.
    """
    entry = LogEntry.objects.get(record_id=record_id, type=LogEntry.Type.CREATE)
    checkpoint = Checkpoint.objects.first()
    if entry.seq is None or checkpoint is None or entry.seq >= checkpoint.size:
        raise NoProof(_("No checkpoint has been signed since the record was sealed."))
    hashes = tree.inclusion_proof(entry.seq, checkpoint.size)
    text = tlog_proof(entry.seq, hashes, checkpoint.note)
    return bytes(entry.leaf_bytes), text, checkpoint


def write(record: Record, out: Path, *, masks: Mapping[str, str] | None = None) -> None:
    """Write record, leaf, proof, checkpoint, key and verifier to the new folder `out`.

    Attachments go along unless a part of their description is masked.
    """
    leaf, text, checkpoint = proof(record.id)
    shown = disclosed(record, masks=masks)
    out.mkdir(parents=True)
    (out / "record.json").write_text(
        json.dumps(shown, ensure_ascii=False, indent=1) + "\n", "utf-8"
    )
    (out / "leaf.json").write_bytes(leaf)
    (out / "record.tlog-proof").write_text(text, "utf-8")
    (out / "checkpoint.txt").write_text(checkpoint.note, "utf-8")
    (out / "log-key.txt").write_text(f"{keys.verifier()}\n", "utf-8")
    (out / "verify.py").write_bytes(VERIFIER.read_bytes())
    for token in checkpoint.tokens.all():
        (out / f"checkpoint-{token.pk}.tsr").write_bytes(bytes(token.response))
    hidden = {field["path"] for field in shown["masked"]}
    for position, file in record.document.get("files", {}).items():
        if not any(path.startswith(f"/files/{position}/") for path in hidden):
            (out / "files").mkdir(exist_ok=True)
            with (out / "files" / file["sha256"]).open("wb") as copy:
                for chunk in files.chunks(file["sha256"]):
                    copy.write(chunk)

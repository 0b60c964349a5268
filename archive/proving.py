"""Proofs for outsiders: a folder that shows what was sealed, and that it was."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from archive import canonical, files, keys, tree
from archive.models import CheckpointToken, Record
from archive.notes import tlog_proof

VERIFIER = Path(__file__).parent / "export" / "data" / "verify.py"


class Proof(NamedTuple):
    """The leaf's bytes, the C2SP proof file, and the checkpoint that it leads to."""

    leaf: bytes
    text: str
    size: int
    note: str


class NoProof(Exception):
    """The record cannot be proved now; the text says why."""


def disclosed(
    record: Record,
    *,
    masks: Mapping[str, str] | None = None,
    partly: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The record with some fields masked: every other field can still be checked.

    `masks` gives the legal paragraph for the JSON pointer of each field to be hidden;
    of such a field only the digest is told, which without its salt says nothing.
    KeyError names a field that the record does not have. Erased fields are masked with
    an empty paragraph and say that they were erased.

    `partly` gives, for some of the masked fields, what of them may be read. A digest
    covers a whole field, so that is our word alone and is marked as not provable.
    """
    masks, partly = dict(masks or {}), dict(partly or {})
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
            | ({"shown": partly[path], "provable": False} if path in partly else {})
            | ({} if path in fields else {"erased": True})
            for path, digest in sorted(digests.items())
            if path in masks or path not in fields
        ],
    }


_SEALING = """
SELECT e.leaf_bytes, e.seq, c.size, c.note
FROM archive_logentry e
LEFT JOIN LATERAL (
    SELECT size, note FROM archive_checkpoint ORDER BY size DESC LIMIT 1
) c ON true
WHERE e.record_id = %s AND e.type = 'record.create'
"""


def proof(record_id: UUID) -> Proof:
    """The proof that a record's sealing is in the log that the newest checkpoint signs.

    NoProof when the entry is newer than that.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SEALING, [record_id])
        row = cursor.fetchone()
    if row is None or row[1] is None or row[2] is None or row[1] >= row[2]:
        raise NoProof(_("No checkpoint has been signed since the record was sealed."))
    leaf, index, size, note = row
    hashes = tree.inclusion_proof(index, size)
    return Proof(bytes(leaf), tlog_proof(index, hashes, note), size, note)


def write(
    record: Record,
    out: Path,
    *,
    masks: Mapping[str, str] | None = None,
    partly: Mapping[str, Any] | None = None,
    withheld: Collection[str] = (),
) -> None:
    """Write record, leaf, proof, checkpoint, key and verifier to the new folder `out`.

    Attachments go along unless a part of their description is masked, or their
    position is `withheld`.
    """
    leaf, text, size, note = proof(record.id)
    shown = disclosed(record, masks=masks, partly=partly)
    out.mkdir(parents=True)
    (out / "record.json").write_text(
        json.dumps(shown, ensure_ascii=False, indent=1) + "\n", "utf-8"
    )
    (out / "leaf.json").write_bytes(leaf)
    (out / "record.tlog-proof").write_text(text, "utf-8")
    (out / "checkpoint.txt").write_text(note, "utf-8")
    (out / "log-key.txt").write_text(f"{keys.verifier()}\n", "utf-8")
    (out / "verify.py").write_bytes(VERIFIER.read_bytes())
    for token in CheckpointToken.objects.filter(checkpoint__size=size):
        (out / f"checkpoint-{token.pk}.tsr").write_bytes(bytes(token.response))
    hidden = {field["path"] for field in shown["masked"]}
    for position, file in record.document.get("files", {}).items():
        if position not in withheld and not any(
            path.startswith(f"/files/{position}/") for path in hidden
        ):
            (out / "files").mkdir(exist_ok=True)
            with (out / "files" / file["sha256"]).open("wb") as copy:
                for chunk in files.chunks(file["sha256"]):
                    copy.write(chunk)

#!/usr/bin/env python3
"""Checks an exported package, or a record with its proof, with Python alone.

    python3 verify.py            checks the folder that this file lies in
    python3 verify.py FOLDER     checks that folder
    --key FILE                   trusts the log's key in FILE, got from elsewhere,
                                 instead of the log-key.txt that came along

Ends with status 0 when everything is sound, else names what is wrong and ends with 1.
Python 3.9 or newer; nothing to install, nothing is fetched.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

BLOCK = 1 << 20
Words = dict[str, str]


class Unsound(Exception):
    """Something that is not as it was; the text names it."""


# -- JSON in the form of RFC 8785 --


def canonical(value: object) -> bytes:
    """Bytes of RFC 8785 for what a record may hold: no fractions, no big numbers."""
    return _text(value).encode("utf-8")


def _text(value: object) -> str:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(_text(k) + ":" + _text(value[k]) for k in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, float):
        raise Unsound("a number with a fraction")
    return json.dumps(value, ensure_ascii=False)


def fields(document: dict[str, Any], parent: str = "") -> Iterator[tuple[str, Any]]:
    """(JSON pointer, value) of each member that is not a non-empty object."""
    for key, value in document.items():
        path = parent + "/" + key.replace("~", "~0").replace("/", "~1")
        if isinstance(value, dict) and value:
            yield from fields(value, path)
        else:
            yield path, value


def digest(salt: str, path: str, value: object) -> str:
    return hashlib.sha256(canonical([salt, path, value])).hexdigest()


def commitment(digests: Iterable[str]) -> str:
    return hashlib.sha256(canonical(sorted(digests))).hexdigest()


# -- The Merkle tree of RFC 6962 --


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: bytes) -> bytes:
    """Root over the leaf hashes; `hashes` is bytes, 32 a leaf."""
    level = [hashes[i : i + 32] for i in range(0, len(hashes), 32)]
    level = level or [hashlib.sha256(b"").digest()]
    while len(level) > 1:
        pairs = [node_hash(*level[i : i + 2]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) & ~1 :]
    return level[0]


def root_by_proof(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """Root that an inclusion proof leads to (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        raise Unsound("the place is outside the log")
    at, last, found = index, size - 1, leaf
    for other in proof:
        if last == 0:
            raise Unsound("the proof is too long")
        if at & 1 or at == last:
            found = node_hash(other, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, other)
        at, last = at >> 1, last >> 1
    if last:
        raise Unsound("the proof is too short")
    return found


# -- Ed25519 (RFC 8032, section 6), checking only --

Point = tuple[int, int, int, int]
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def _add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    x, y, z, w = f - e, h - g, h + g, f + e
    return x * y % P, z * w % P, y * z % P, x * w % P


def _times(number: int, point: Point) -> Point:
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = _add(total, point)
        point = _add(point, point)
        number >>= 1
    return total


def _point(data: bytes) -> Point:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        raise Unsound("not a point of the curve")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (not x and sign):
        raise Unsound("not a point of the curve")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


_BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this is the key's Ed25519 signature of the message."""
    if len(public) != 32 or len(signature) != 64:
        return False
    try:
        key, first = _point(public), _point(signature[:32])
    except Unsound:
        return False
    second = int.from_bytes(signature[32:], "little")
    if second >= L:
        return False
    hash_ = hashlib.sha512(signature[:32] + public + message).digest()
    a = _times(second, _BASE)
    b = _add(first, _times(int.from_bytes(hash_, "little") % L, key))
    return not (a[0] * b[2] - b[0] * a[2]) % P and not (a[1] * b[2] - b[1] * a[2]) % P


# -- Signed checkpoints (C2SP) --


def open_checkpoint(note: str, key: str) -> tuple[str, int, bytes]:
    """(origin, size, root) of a checkpoint that the key `name+id+base64` has signed."""
    text, gap, signatures = note.rpartition("\n\n")
    text += "\n"
    try:
        name, identity, encoded = key.strip().split("+", 2)
        public = base64.b64decode(encoded, validate=True)
        origin, size, root = text.split("\n")[:3]
        leaves, hash_ = int(size), base64.b64decode(root, validate=True)
        lines = [line.split(" ") for line in signatures.splitlines()]
        tried = [
            base64.b64decode(line[2], validate=True)
            for line in lines
            if line[:2] == ["\u2014", name]
        ]
    except (ValueError, IndexError):
        raise Unsound("the checkpoint or the log's key cannot be read") from None
    expected = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    if expected.hex() != identity or public[:1] != b"\x01" or not gap:
        raise Unsound("the log's key is not what it says")
    if not any(
        s[:4] == expected and signed(public[1:], text.encode(), s[4:]) for s in tried
    ):
        raise Unsound("the checkpoint is not signed by the log's key")
    return origin, leaves, hash_


# -- A record with its proof --


def check_proof(folder: Path, key: str) -> str:
    """record.json, leaf.json, record.tlog-proof and the log's key belong together."""
    record = json.loads((folder / "record.json").read_text("utf-8"))
    digests = [digest(*field) for field in record["fields"]]
    digests += [field["digest"] for field in record["masked"]]
    if commitment(digests) != record["commitment"]:
        raise Unsound("record.json: a field was changed, added or left out")
    leaf = (folder / "leaf.json").read_bytes()
    content = json.loads(leaf)
    if content["commitment"] != record["commitment"]:
        raise Unsound("leaf.json: belongs to another record")
    if content["record_id"] != record["record_id"]:
        raise Unsound("leaf.json: names another record")
    text = (folder / "record.tlog-proof").read_text("utf-8")
    head, gap, note = text.partition("\n\n")
    header, index, *hashes = head.split("\n")
    if header != "c2sp.org/tlog-proof@v1" or not gap or index[:6] != "index ":
        raise Unsound("record.tlog-proof: cannot be read")
    origin, size, root = open_checkpoint(note, key)
    if origin != content["log"]:
        raise Unsound("record.tlog-proof: comes from another log")
    try:
        proof = [base64.b64decode(line, validate=True) for line in hashes]
        found = root_by_proof(leaf_hash(leaf), int(index[6:]), size, proof)
    except ValueError:
        raise Unsound("record.tlog-proof: cannot be read") from None
    if found != root:
        raise Unsound("record.tlog-proof: does not lead to the signed root")
    for position, file in sorted(_files_of(record).items()):
        path = folder / "files" / file.get("sha256", "")
        if "sha256" in file and path.is_file() and _sha256(path) != file["sha256"]:
            raise Unsound(f"file {position} was changed")
    erased = ", ".join(one["path"] for one in record["masked"] if one.get("erased"))
    partly = sum("shown" in field for field in record["masked"])
    note = f" ({partly} of them shown in part, unproved)" if partly else ""
    note += f"; among these, erased by decision: {erased}" if erased else ""
    return (
        f"record {record['record_id']}: {len(record['fields'])} fields shown, "
        f"{len(record['masked'])} masked{note}; sealed {content['ts']}; "
        f"log {origin} of {size} entries"
    )


def _files_of(record: dict[str, Any]) -> dict[str, dict[str, Any]]:
    files: dict[str, dict[str, Any]] = {}
    for _salt, path, value in record["fields"]:
        parts = path.split("/")
        if parts[1] == "files" and len(parts) == 4:
            files.setdefault(parts[2], {})[parts[3]] = value
    return files


# -- A whole package --


def check_package(bag: Path, key: str) -> str:
    """Manifests, every record, every entry and the log that they stand in."""
    faults: list[str] = []
    listed = check_manifests(bag, faults)
    data = bag / "data"
    commitments, decided, tree = check_log(data, key, faults)
    count, erased = 0, list[str]()
    with (data / "records.jsonl").open("rb") as lines:
        for count, line in enumerate(lines, 1):
            try:
                erased += check_record(json.loads(line), commitments, decided, listed)
            except Unsound as fault:
                faults.append(str(fault))
            except (ValueError, KeyError, TypeError, AttributeError):
                faults.append(f"records.jsonl: line {count} cannot be read")
    check_markings(data, faults)
    faults += [
        f"record {one}: in the log but not in the package" for one in commitments
    ]
    if faults:
        raise Unsound("\n".join(faults))
    return "\n".join([f"{len(listed)} files, {count} records, {tree}", *erased])


def check_manifests(bag: Path, faults: list[str]) -> Words:
    listed = {}
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        for line in (bag / name).read_text("utf-8").splitlines():
            expected, path = line.split(None, 1)
            listed[path] = expected
            if not (bag / path).is_file():
                faults.append(f"{path}: is missing")
            elif _sha256(bag / path) != expected:
                faults.append(f"{path}: was changed")
    for file in sorted(bag.rglob("*")):
        name = file.relative_to(bag).as_posix()
        known = name in listed or name == "tagmanifest-sha256.txt"
        if file.is_file() and not known:
            faults.append(f"{name}: was added")
    return listed


def _sha256(path: Path) -> str:
    hash_ = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            hash_.update(block)
    return hash_.hexdigest()


def check_log(data: Path, key: str, faults: list[str]) -> tuple[Words, set[str], str]:
    """({record id: commitment}, ids that a decision is of, words about the tree)."""
    hashes, tree = b"", "no checkpoint yet"
    if (data / "checkpoint.txt").is_file():
        hashes = (data / "leaf-hashes.bin").read_bytes()
        key = key or (data / "log-key.txt").read_text("utf-8")
        try:
            note = (data / "checkpoint.txt").read_text("utf-8")
            origin, size, root = open_checkpoint(note, key)
            if len(hashes) != 32 * size or root_of(hashes) != root:
                faults.append("leaf-hashes.bin: does not give the signed root")
            tree = f"log {origin} of {size} entries"
        except Unsound as fault:
            faults.append(f"checkpoint.txt: {fault}")
    commitments, decided = {}, set()
    with (data / "log.jsonl").open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
                leaf, place = entry["leaf"], entry["seq"]
                hash_ = leaf_hash(canonical(leaf))
                if leaf["type"] == "record.create":
                    commitments[leaf["record_id"]] = leaf["commitment"]
                if leaf["type"] in ("erasure", "disposal"):
                    decided.add(leaf["record_id"])
            except (ValueError, KeyError, TypeError, Unsound):
                faults.append(f"log.jsonl: line {number} cannot be read")
                continue
            if place is None or 32 * place >= len(hashes):
                continue  # newer than the checkpoint
            if hashes[32 * place : 32 * place + 32] != hash_:
                faults.append("entry {}: was changed or moved".format(leaf["entry_id"]))
    return commitments, decided, tree


def check_markings(data: Path, faults: list[str]) -> None:
    """Every marking is in the log, and every logged one is there."""
    log = (data / "log.jsonl").read_bytes().splitlines()
    leaves = [json.loads(line)["leaf"] for line in log if b'"record.amend"' in line]
    logged = {(leaf["record_id"], leaf["commitment"]) for leaf in leaves}
    path = data / "markings.jsonl"
    lines = path.read_bytes().splitlines() if path.is_file() else []
    for number, line in enumerate(lines, 1):
        try:
            one = json.loads(line)
            of = one["marking"]["record"]
            found = commitment([digest(one["salt"], "/marking", one["marking"])])
            if (of, found) not in logged:
                faults.append(f"record {of}: a marking is not the one in the log")
            logged.discard((of, found))
        except (ValueError, KeyError, TypeError, Unsound):
            faults.append(f"markings.jsonl: line {number} cannot be read")
    faults += [f"record {of}: a marking is missing" for of, _found in sorted(logged)]


def check_record(
    record: dict[str, Any], commitments: Words, decided: set[str], listed: Words
) -> list[str]:
    name = "record {}".format(record["id"])
    logged = commitments.pop(record["id"], None)
    digests = record.get("field_digests")
    document = record["document"] or {}
    if document and document["record"].get("id", record["id"]) != record["id"]:
        raise Unsound(f"{name}: holds another record")
    found: dict[str, str] = {}
    for path, value in fields(document):
        if path not in record["salts"]:
            raise Unsound(f"{name}: the salt of {path} is missing")
        found[path] = digest(record["salts"][path], path, value)
        if digests is not None and digests.get(path) != found[path]:
            raise Unsound(f"{name}: {path} was changed")
    if commitment((digests or found).values()) != record["commitment"]:
        raise Unsound(f"{name}: does not match its commitment")
    gone = sorted(set(digests or {}) - set(found))
    if gone and record["id"] not in decided:
        raise Unsound(f"{name}: {gone[0]} is gone and no decision is in the log")
    if logged != record["commitment"]:
        other = "the log has another commitment" if logged else "is not in the log"
        raise Unsound(f"{name}: {other}")
    for file in document.get("files", {}).values():
        path = "data/files/{}/{}".format(file["sha256"][:2], file["sha256"])
        if listed.get(path) != file["sha256"]:
            raise Unsound("{}: its file {} is missing".format(name, file["sha256"]))
    said = f"{name}: erased by decision: {', '.join(gone)}"
    return [said] if gone and document else []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--key", type=Path)
    options = parser.parse_args()
    folder = options.folder or Path(__file__).resolve().parent
    key = options.key.read_text("utf-8") if options.key else ""
    try:
        if (folder / "record.json").is_file():
            key = key or (folder / "log-key.txt").read_text("utf-8")
            said = check_proof(folder, key)
        else:
            if (folder.parent / "bagit.txt").is_file():
                folder = folder.parent
            said = check_package(folder, key)
    except (Unsound, OSError, ValueError, KeyError, TypeError) as fault:
        print(fault if isinstance(fault, Unsound) else f"cannot be checked: {fault}")
        return 1
    print(f"sound: {said}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Proof folders and packages, checked by the verifier that goes along."""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import bagit as outside_bagit
import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import canonical, files, proving, sequencer
from archive.export import bagit
from archive.models import Checkpoint, Record
from archive.sealing import FileFacts, seal_many
from tests.archive.samples import sealing
from tests.archive.test_bagit_export import EVER

pytestmark = pytest.mark.django_db
SENDER = {
    f"/facts/sender/{name}": "OSL 21 kap. 1 §"
    for name in ("name", "handle", "platform_id", "profile_url")
}


@pytest.fixture
def outside(settings: Any, tmp_path: Path) -> Path:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    return tmp_path


@pytest.fixture
def record(db: None, outside: Path) -> Record:
    digest, size = files.keep(io.BytesIO(b"a picture"))
    file = FileFacts(sha256=digest, size=size, mime="image/png", name="bild.png")
    records = seal_many([sealing(n, files=[file]) for n in range(300)], by="Anna Ek")
    sequencer.run()
    return Record.objects.get(id=records[123].id)


def check(folder: Path, *arguments: object) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", folder / "verify.py", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_whole_record_is_proved(record: Record, outside: Path) -> None:
    call_command("prove", str(record.id), out=outside / "proof", stdout=io.StringIO())
    status, said = check(outside / "proof")
    assert status == 0
    assert f"record {record.id}" in said
    assert "0 masked" in said
    assert (outside / "proof/files").is_dir()


def test_a_masked_copy_is_proved_and_tells_nothing_of_what_is_masked(
    record: Record, outside: Path
) -> None:
    call_command(
        "prove",
        str(record.id),
        out=outside / "proof",
        mask=[f"{path}={paragraph}" for path, paragraph in SENDER.items()],
        stdout=io.StringIO(),
    )
    status, said = check(outside / "proof")
    assert status == 0
    assert "4 masked" in said
    everything = b"".join(
        path.read_bytes() for path in (outside / "proof").rglob("*") if path.is_file()
    )
    for hidden in ("Åsa Öberg", "author/asa", record.salts["/facts/sender/name"]):
        assert hidden.encode() not in everything
    assert "OSL 21 kap. 1 §".encode() in everything


def test_a_masked_file_name_keeps_the_file_back(record: Record, outside: Path) -> None:
    proving.write(record, outside / "proof", masks={"/files/0/name": "OSL 21:1"})
    assert not (outside / "proof/files").exists()
    assert check(outside / "proof")[0] == 0


@given(data=st.data())
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
def test_any_masking_leaves_the_commitment_provable(
    record: Record, data: st.DataObject
) -> None:
    paths = sorted(record.field_digests)
    masks = dict.fromkeys(data.draw(st.sets(st.sampled_from(paths))), "§")
    shown = proving.disclosed(record, masks=masks)
    digests = [canonical.field_digest(*field) for field in shown["fields"]]
    digests += [field["digest"] for field in shown["masked"]]
    assert canonical.commitment(digests).hex() == shown["commitment"]
    assert {path for _, path, _ in shown["fields"]} | set(masks) == set(paths)
    assert not {path for _, path, _ in shown["fields"]} & set(masks)


def bend(name: str, old: str, new: str) -> Any:
    def damage(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), "utf-8")

    return damage


def _flip(name: str) -> Any:
    def damage(folder: Path) -> None:
        path = next(folder.glob(name))
        data = bytearray(path.read_bytes())
        data[-3] ^= 1
        path.write_bytes(bytes(data))

    return damage


def _drop_hash(folder: Path) -> None:
    path = folder / "record.tlog-proof"
    lines = path.read_text("utf-8").split("\n")
    path.write_text("\n".join(lines[:2] + lines[3:]), "utf-8")


def _unmask(folder: Path) -> None:
    path = folder / "record.json"
    record = json.loads(path.read_text("utf-8"))
    masked = record["masked"].pop()
    record["fields"].append(["A" * 22, masked["path"], "Somebody Else"])
    path.write_text(json.dumps(record), "utf-8")


DAMAGE = {
    "a changed field": (bend("record.json", "Rektorn", "Rektorm"), "field was changed"),
    "a changed salt": (
        bend("record.json", '"fields": [\n  [\n   "', '"fields": [\n  [\n   "x'),
        "field was changed",
    ),
    "a changed masked digest": (
        bend("record.json", '"digest": "', '"digest": "0'),
        "field was changed",
    ),
    "a forged unmasked value": (_unmask, "field was changed"),
    "a changed commitment": (
        bend("record.json", '"commitment": "', '"commitment": "0'),
        "field was changed",
    ),
    "another record's leaf": (
        bend("leaf.json", '"record_id":"', '"record_id":"0'),
        "another record",
    ),
    "a back-dated leaf": (bend("leaf.json", '"ts":"20', '"ts":"19'), "signed root"),
    "another commitment in the leaf": (
        bend("leaf.json", '"commitment":"', '"commitment":"0'),
        "another record",
    ),
    "another place": (
        bend("record.tlog-proof", "index 123", "index 122"),
        "signed root",
    ),
    "a place outside": (
        bend("record.tlog-proof", "index 123", "index 999"),
        "outside the log",
    ),
    "a hash left out": (_drop_hash, "proof"),
    "a checkpoint of another size": (
        bend("record.tlog-proof", "\n300\n", "\n301\n"),
        "not signed",
    ),
    "another origin": (
        bend("record.tlog-proof", "localhost/archive\n300", "localhost/elsewhere\n300"),
        "not signed",
    ),
    "no signature": (bend("record.tlog-proof", "\n— ", "\n- "), "not signed"),
    "another key": (bend("log-key.txt", "localhost", "elsewhere"), "key"),
    "another header": (bend("record.tlog-proof", "@v1", "@v2"), "cannot be read"),
    "a changed file": (_flip("files/*"), "file 0 was changed"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_to_a_proof_is_named(name: str, record: Record, outside: Path) -> None:
    damage, named = DAMAGE[name]
    proving.write(record, outside / "proof", masks={"/facts/sender/name": "OSL 21:1"})
    damage(outside / "proof")
    status, said = check(outside / "proof")
    assert status == 1
    assert named in said


def test_the_key_may_come_from_elsewhere(record: Record, outside: Path) -> None:
    proving.write(record, outside / "proof")
    key = outside / "public" / "log-key.txt"
    assert check(outside / "proof", "--key", key)[0] == 0
    forged = outside / "forged.txt"
    forged.write_text(key.read_text().replace("localhost", "somewhere"))
    assert check(outside / "proof", "--key", forged)[0] == 1


def test_what_no_checkpoint_covers_is_not_proved_yet(
    record: Record, outside: Path
) -> None:
    [newer] = seal_many([sealing()], by="x")
    with pytest.raises(CommandError, match="checkpoint"):
        call_command("prove", str(newer.id), out=outside / "proof")
    assert not (outside / "proof").exists()


@pytest.mark.parametrize(
    "mask", ["/facts/sender/shoe_size=OSL 21:1", "/facts/sender/name"]
)
def test_a_mask_must_fit_and_have_its_paragraph(
    mask: str, record: Record, outside: Path
) -> None:
    with pytest.raises(CommandError):
        call_command("prove", str(record.id), out=outside / "proof", mask=[mask])
    assert not (outside / "proof").exists()


@pytest.fixture
def bag(record: Record, outside: Path) -> Path:
    bagit.write(selection=EVER, out=outside / "bag", by="x")
    return outside / "bag" / "data"


def test_a_package_is_checked_down_to_the_signature(bag: Path) -> None:
    status, said = check(bag)
    assert status == 0
    assert "log localhost/archive of 300 entries" in said


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (_flip("leaf-hashes.bin"), "does not give the signed root"),
        (bend("checkpoint.txt", "\n300\n", "\n299\n"), "not signed by the log's key"),
        (bend("log-key.txt", "localhost", "elsewhere"), "key is not what it says"),
        (bend("log.jsonl", '"ts":"20', '"ts":"19'), "was changed or moved"),
        (bend("log.jsonl", '"seq":1,', '"seq":2,'), "was changed or moved"),
        (bend("log.jsonl", '"prev_leaf":null', '"prev_leaf":""'), "was changed or"),
    ],
)
def test_damage_to_a_package_is_named_though_its_manifests_were_redone(
    damage: Any, named: str, bag: Path
) -> None:
    damage(bag)
    outside_bagit.Bag(str(bag.parent)).save(manifests=True)
    status, said = check(bag)
    assert status == 1
    assert named in said


def test_our_signature_is_accepted_by_openssl(record: Record, outside: Path) -> None:
    """An implementation of Ed25519 that is neither ours nor the library's."""
    openssl = shutil.which("openssl")
    assert openssl
    note = Checkpoint.objects.get().note
    text, _, line = note.partition("\n\n")
    signature = base64.b64decode(line.split()[-1])[4:]
    (outside / "text").write_text(text + "\n", "utf-8")
    (outside / "signature").write_bytes(signature)
    key = outside / "public.pem"
    text_file, signature_file = outside / "text", outside / "signature"
    for command in (
        f"pkey -in {outside}/key.pem -pubout -out {key}",
        f"pkeyutl -verify -pubin -inkey {key} -rawin -in {text_file} "
        f"-sigfile {signature_file}",
    ):
        subprocess.run([openssl, *command.split()], check=True, capture_output=True)

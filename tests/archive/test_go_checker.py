"""Go's `sumdb/note` and `sumdb/tlog` accept our notes and proofs, and nothing else."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from archive import keys, proving, sequencer
from archive.models import Record
from archive.sealing import seal_many
from tests.archive.samples import sealing
from tests.peers import golang
from tests.peers.golang import Question, answers
from tests.peers.missing import missing

pytestmark = pytest.mark.django_db
# Not a power of two, more than a tile: proofs of many shapes.
SIZE = 300


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not golang.is_there():
        missing("Go's checker of logs", "golang-go, golang-golang-x-mod-dev")
    return golang.build(tmp_path_factory.mktemp("go"))


@pytest.fixture
def records(settings: Any, tmp_path: Path) -> list[Record]:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    made = seal_many([sealing(n) for n in range(SIZE)], by="x")
    sequencer.run()
    return made


def question(record: Record) -> Question:
    proof = proving.proof(record.pk)
    return Question(str(keys.verifier()), proof.text, proof.leaf)


def test_every_proof_is_accepted(records: list[Record], program: Path) -> None:
    told = answers(program, map(question, records))
    assert told == [f"ok {index} {SIZE}" for index in range(SIZE)]


def test_any_change_is_refused(records: list[Record], program: Path) -> None:
    vkey, proof, leaf = question(records[77])
    head, _, note = proof.partition("\n\n")
    lines = head.split("\n")
    other = base64.b64encode(bytes(32)).decode()
    changed = {
        "leaf": Question(vkey, proof, leaf + b" "),
        "place": Question(vkey, proof.replace("index 77", "index 78"), leaf),
        "hash": Question(
            vkey, "\n".join([*lines[:2], other, *lines[3:]]) + f"\n\n{note}", leaf
        ),
        "hash left out": Question(vkey, "\n".join(lines[:-1]) + f"\n\n{note}", leaf),
        "size": Question(vkey, proof.replace(f"\n{SIZE}\n", f"\n{SIZE + 1}\n"), leaf),
        "name of the log": Question(
            vkey, proof.replace("localhost/", "elsewhere/"), leaf
        ),
        "signature": Question(vkey, proof[:-6] + "AAAA=\n", leaf),
        "key": Question(vkey[:-4] + "AAA=", proof, leaf),
    }
    told = dict(zip(changed, answers(program, changed.values()), strict=True))
    assert not {name for name, said in told.items() if said.startswith("ok")}, told


def test_after_a_change_of_key_both_keys_open_the_handing_over(
    records: list[Record], program: Path
) -> None:
    """Whoever trusts the old key is led to the new one; later notes need the new."""
    old = keys.verifier()
    before = question(records[0])
    sequencer.change_key(by="Chef (chef)")
    new = keys.verifier()
    assert new != old
    vkey, proof, leaf = question(records[0])
    assert vkey == str(new)
    told = answers(
        program,
        [before, Question(vkey, proof, leaf), Question(str(old), proof, leaf)],
    )
    assert told == [f"ok 0 {SIZE}", f"ok 0 {SIZE + 1}", f"ok 0 {SIZE + 1}"]
    seal_many([sealing(1)], by="x")
    sequencer.run()
    later = question(records[0])
    told = answers(program, [later, Question(str(old), later.proof, later.leaf)])
    assert told[0] == f"ok 0 {SIZE + 2}"
    assert not told[1].startswith("ok")

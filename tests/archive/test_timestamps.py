"""Stamps by a time-stamping authority that `openssl ts` plays on this machine."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import bagit as outside
import pytest
import time_machine

from archive import sequencer, timestamps, verification
from archive.export import bagit
from archive.models import Checkpoint, CheckpointToken, Package
from archive.sealing import seal_many
from tests.archive.samples import sealing
from tests.archive.test_bagit_export import EVER
from tests.archive.test_verify_archive import behind_the_back

pytestmark = pytest.mark.django_db

CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
ess_cert_id_chain = no
tsa_name = no
ordering = no
accuracy = secs:1
[extensions]
extendedKeyUsage = critical,timeStamping
"""


def openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def make_authority(folder: Path) -> None:
    folder.mkdir()
    (folder / "config").write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    key = ["-newkey", "rsa:2048", "-nodes"]
    openssl(
        *["req", "-x509", *key, "-days", 30, "-subj", "/CN=Test root"],
        *["-keyout", folder / "root.key", "-out", folder / "root.pem"],
    )
    openssl(
        *["req", *key, "-subj", "/CN=Test authority"],
        *["-keyout", folder / "tsa.key", "-out", folder / "tsa.csr"],
    )
    openssl(
        *["x509", "-req", "-in", folder / "tsa.csr", "-CA", folder / "root.pem"],
        *["-CAkey", folder / "root.key", "-CAcreateserial", "-days", 30],
        *["-extfile", folder / "config", "-extensions", "extensions"],
        *["-out", folder / "tsa.pem"],
    )


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tsa") / "authority"
    make_authority(folder)
    return folder


class Desk(BaseHTTPRequestHandler):
    folder: Path
    answer = "stamp"

    def do_POST(self) -> None:
        query = self.rfile.read(int(self.headers["Content-Length"]))
        (self.folder / "query").write_bytes(query)
        if self.answer == "stamp":
            openssl(
                *["ts", "-reply", "-config", self.folder / "config"],
                *["-queryfile", self.folder / "query"],
                *["-out", self.folder / "reply"],
            )
        if self.answer == "error":
            self.send_error(503)
            return
        body = (self.folder / "reply").read_bytes()
        if self.answer == "nonsense":
            body = b"<html>closed</html>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def desk(authority: Path, settings: Any, tmp_path: Path) -> Iterator[type[Desk]]:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    handler = type("ThisDesk", (Desk,), {"folder": authority})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.ARCHIVE_TSA_URL = f"http://127.0.0.1:{server.server_port}/"
    settings.ARCHIVE_TSA_CERTIFICATES = authority / "root.pem"
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def checkpoint(desk: type[Desk]) -> Checkpoint:
    seal_many([sealing(n) for n in range(3)], by="x")
    return sequencer.run()


def test_a_checkpoint_is_stamped_and_openssl_agrees(
    checkpoint: Checkpoint, tmp_path: Path, settings: Any
) -> None:
    token = timestamps.stamp(checkpoint)
    (tmp_path / "note").write_text(checkpoint.note, "utf-8")
    (tmp_path / "token.tsr").write_bytes(bytes(token.response))
    openssl(
        *["ts", "-verify", "-in", tmp_path / "token.tsr", "-data", tmp_path / "note"],
        *["-CAfile", settings.ARCHIVE_TSA_CERTIFICATES],
    )
    assert verification.verify().faults == []


def test_a_stamp_is_due_daily_and_only_when_the_log_has_grown(
    checkpoint: Checkpoint,
) -> None:
    assert timestamps.due() == checkpoint
    token = timestamps.stamp(checkpoint)
    assert timestamps.due() is None
    seal_many([sealing()], by="x")
    grown = sequencer.run()
    assert timestamps.due() is None
    with time_machine.travel(token.stamped_at + timestamps.EVERY, tick=False):
        assert timestamps.due() == grown


@pytest.mark.parametrize("answer", ["error", "nonsense", "replay"])
def test_a_bad_answer_is_refused_and_not_kept(
    answer: str, checkpoint: Checkpoint, desk: type[Desk]
) -> None:
    if answer == "replay":
        timestamps.stamp(checkpoint)
        seal_many([sealing()], by="x")
        checkpoint = sequencer.run()
    kept = CheckpointToken.objects.count()
    desk.answer = answer
    with pytest.raises(timestamps.StampError):
        timestamps.stamp(checkpoint)
    assert CheckpointToken.objects.count() == kept


def test_an_authority_that_nobody_answers_for_is_refused(
    checkpoint: Checkpoint, settings: Any, tmp_path: Path
) -> None:
    make_authority(tmp_path / "other")
    settings.ARCHIVE_TSA_CERTIFICATES = tmp_path / "other" / "root.pem"
    with pytest.raises(timestamps.StampError, match="does not verify"):
        timestamps.stamp(checkpoint)


@pytest.mark.parametrize("damage", ["token", "note"])
def test_a_changed_stamp_or_note_is_named(damage: str, checkpoint: Checkpoint) -> None:
    timestamps.stamp(checkpoint)
    if damage == "token":
        behind_the_back(
            "UPDATE archive_checkpointtoken SET response = set_byte(response, "
            "length(response) - 9, get_byte(response, length(response) - 9) # %s)",
            1,
        )
    else:
        behind_the_back("UPDATE archive_checkpoint SET note = note || %s", " ")
    faults = verification.verify().faults
    assert "token-wrong" in {fault.code for fault in faults}


def export(out: Path) -> Package:
    return bagit.write(selection=EVER, out=out, by="x")


def test_an_export_is_stamped_and_openssl_agrees(
    checkpoint: Checkpoint, tmp_path: Path, settings: Any
) -> None:
    package = export(tmp_path / "bag")
    stamp = tmp_path / "bag" / "manifest-sha256.txt.tsr"
    assert stamp.read_bytes() == bytes(package.stamp)
    openssl(
        *["ts", "-verify", "-in", stamp],
        *["-data", tmp_path / "bag" / "manifest-sha256.txt"],
        *["-CAfile", settings.ARCHIVE_TSA_CERTIFICATES],
    )
    outside.Bag(str(tmp_path / "bag")).validate()
    assert verification.verify().faults == []


def test_an_export_goes_without_a_stamp_when_the_authority_is_silent(
    checkpoint: Checkpoint, desk: type[Desk], tmp_path: Path
) -> None:
    desk.answer = "error"
    package = export(tmp_path / "bag")
    assert (package.stamp, package.stamped_at) == (None, None)
    assert not (tmp_path / "bag" / "manifest-sha256.txt.tsr").exists()
    outside.Bag(str(tmp_path / "bag")).validate()


@pytest.mark.parametrize(
    "damage",
    [
        "stamp = set_byte(stamp, length(stamp) - 9,"
        " get_byte(stamp, length(stamp) - 9) # 1)",
        "manifest_sha256 = repeat('0', 64)",
    ],
)
def test_a_changed_stamp_of_an_export_is_named(
    damage: str, checkpoint: Checkpoint, tmp_path: Path
) -> None:
    package = export(tmp_path / "bag")
    behind_the_back(f"UPDATE archive_package SET {damage} WHERE id = %s", package.pk)
    faults = verification.verify().faults
    assert [(fault.code, fault.where) for fault in faults] == [
        ("token-wrong", f"export {package.pk}")
    ]

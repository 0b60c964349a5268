"""The log's public addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from archive import keys, log, sequencer, tiles, tree
from archive.models import LogEntry
from archive.notes import Checkpoint, Verifier
from archive.sealing import seal_many
from tests.archive.samples import sealing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def outside(settings: Any, tmp_path: Path) -> Path:
    settings.ARCHIVE_KEY_FILE = tmp_path / "key.pem"
    settings.ARCHIVE_PUBLIC_DIR = tmp_path / "public"
    return tmp_path


def fetch(name: str) -> bytes:
    response = Client().get(f"/log/{name}")
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def test_anybody_can_follow_the_log_from_its_public_files() -> None:
    """An outsider holds a checkpoint, comes back later and proves that nothing before
    it was changed, from the addresses alone."""
    seal_many([sealing(n) for n in range(70)], by="x")
    sequencer.run()
    verifier = Verifier.parse(fetch("log-key.txt").decode())
    held = Checkpoint.parse(verifier.open(fetch("checkpoint").decode()))
    seal_many([sealing(n) for n in range(230)], by="x")
    sequencer.run()
    now = Checkpoint.parse(verifier.open(fetch("checkpoint").decode()))
    got = {
        (level, n): fetch(tiles.path(level, n, width))
        for (level, n), width in tiles.all_of(now.size)
    }
    node = tiles.reader(got)
    assert (held.size, now.size) == (70, 300)
    assert log.subtree(node, 0, now.size) == now.root
    proof = log.consistency_proof(node, held.size, now.size)
    assert proof == tree.consistency_proof(held.size, now.size)
    log.check_consistency(held.size, held.root, now.size, now.root, proof)


def test_a_checkpoint_is_fresh_and_a_tile_is_kept() -> None:
    seal_many([sealing(n) for n in range(3)], by="x")
    sequencer.run()
    checkpoint = Client().get("/log/checkpoint")
    assert checkpoint["Cache-Control"] == "no-cache"
    assert checkpoint["Content-Type"].startswith("text/plain")
    tile = Client().get("/log/tile/0/000.p/3")
    assert "immutable" in tile["Cache-Control"]
    checkpoint.close()
    tile.close()


@pytest.mark.parametrize(
    "name",
    ["checkpoint", "tile/0/000", "../key.pem", "%2e%2e/key.pem", "tile/0/../../x", ""],
)
def test_what_is_not_published_is_not_there(name: str, outside: Path) -> None:
    seal_many([sealing()], by="x")
    keys.signer()
    assert (outside / "key.pem").exists()
    assert Client().get(f"/log/{name}").status_code == 404
    assert LogEntry.objects.filter(seq__isnull=False).count() == 0


def test_nothing_is_written_by_way_of_the_public_log() -> None:
    assert Client().post("/log/checkpoint").status_code == 405

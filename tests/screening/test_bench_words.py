"""The benchmark beside other screens names a peer that cannot be had (K-20)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks import _peers as peers


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment without any peer, with this Python as its own."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(peers, "PLACE", tmp_path)
    return tmp_path


def test_each_peer_has_a_fixed_version() -> None:
    wanted = peers.wanted()
    assert {peer.package for peer in peers.PEERS} == wanted.keys()
    assert all("==" in line or "@" in line for line in wanted.values())


@pytest.mark.usefixtures("place")
def test_a_peer_that_fails_is_named_with_its_reason() -> None:
    with pytest.raises(peers.Missing, match="failed: KeyError: 'nobody'"):
        peers.ask(peers.Peer("nobody", "nobody"), [["a text"]])


@pytest.mark.usefixtures("place")
def test_without_npm_the_peers_from_there_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    leo = next(peer for peer in peers.PEERS if peer.name == "leo-profanity")
    with pytest.raises(peers.Missing, match="npm is not installed"):
        peers.install(leo)


def test_what_an_earlier_run_installed_is_not_installed_again(place: Path) -> None:
    glin = peers.PEERS[0]
    (place / "installed-glin-profanity").write_text(peers.wanted()[glin.package])
    before = sorted(place.iterdir())
    peers.install(glin)
    assert sorted(place.iterdir()) == before

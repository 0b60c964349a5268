"""A peer that cannot be had is never passed over in silence."""

from __future__ import annotations

import pytest

from tests.peers import missing, wordpress


@pytest.fixture(autouse=True)
def _own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing, "NAMES", set())


def test_it_fails_the_gate(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="Mastodon is needed"):
        missing.missing("Mastodon", "no such package")


def test_elsewhere_it_is_skipped_and_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(wordpress, "DEBIAN", wordpress.HERE / "nowhere")
    with pytest.raises(pytest.skip.Exception, match="php-mysql"):
        wordpress.debian_site()
    assert sorted(missing.NAMES) == ["WordPress"]

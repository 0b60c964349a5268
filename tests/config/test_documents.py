"""What the documents say is there is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_named_commands_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    known = get_commands()
    for command in re.findall(r"manage\.py ([a-z_]+)", text):
        assert command in known
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z-]+)", text):
        assert re.search(rf"^{target}:", make, re.MULTILINE), target


def test_the_settings_of_the_operations_guide_are_explained() -> None:
    explained = set(
        re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    )
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^([A-Z_]{4,})=", text, re.MULTILINE))
    assert named
    assert {name.removesuffix("_FILE") for name in named} <= explained


def test_every_decision_is_listed() -> None:
    listed = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "docs" / "adr").glob("[0-9]*.md"):
        number = path.name[:4]
        assert f"[{number}]({path.name})" in listed
        assert path.read_text(encoding="utf-8").startswith(f"# {number} ")


def test_the_licence_is_the_one_that_is_declared() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    for name in ("pyproject.toml", "publiccode.yml"):
        assert "EUPL-1.2" in (ROOT / name).read_text(encoding="utf-8")

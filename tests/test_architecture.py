"""The house keeps its walls: floors, file sizes, and what the database refuses."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ["policies", "archive", "channels", "moderation", "config"]


def sources() -> list[Path]:
    return [
        path
        for floor in FLOORS
        for path in sorted((ROOT / floor).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def test_foreign_keys_point_down_only():
    """The import linter does not see string foreign keys: this does."""
    for app in FLOORS[:-1]:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.get_fields():
                if not isinstance(field, models.ForeignKey | models.ManyToManyField):
                    continue
                target = field.related_model._meta.app_label
                if target not in FLOORS:
                    continue
                assert FLOORS.index(target) <= FLOORS.index(app), (
                    f"{model.__name__}.{field.name} points up to {target}"
                )


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.as_posix()[-60:])
def test_no_file_is_too_long_to_read(path: Path):
    assert len(path.read_text().splitlines()) <= 420


def test_every_model_that_names_who_and_when_ties_them():
    """A `…_by` beside its `…_at` is held by a check constraint, unless both are always
    there."""
    for app in ("channels", "moderation"):
        for model in apps.get_app_config(app).get_models():
            if model.__name__.startswith("Historical"):
                continue
            names = {field.name: field for field in model._meta.fields}
            for name, field in names.items():
                pair = names.get(name.removesuffix("_by") + "_at")
                if not name.endswith("_by") or pair is None or not field.null:
                    continue
                held = " ".join(
                    str(c.condition)
                    for c in model._meta.constraints
                    if isinstance(c, models.CheckConstraint)
                )
                assert {name, pair.name} <= set(re.findall(r"\w+", held)), name


def test_no_signal_carries_a_duty():
    """Duties are opened and closed by verbs; a receiver would do it unseen."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ImportFrom):
                continue
            if node.module == "django.db.models.signals":
                assert {alias.name for alias in node.names} == {"post_migrate"}, path


GROWING = {
    "archive_logentry",
    "archive_record",
    "channels_delivery",
    "channels_version",
    "moderation_assignment",
    "moderation_confirmation",
    "moderation_deadlinechange",
    "moderation_decision",
    "moderation_draftstep",
    "moderation_digest",
    "moderation_dutypart",
    "moderation_finding",
    "moderation_handover",
    "moderation_proposal",
    "moderation_referral",
    "moderation_referralevent",
    "moderation_reply",
    "moderation_undoing",
    "policies_ruleversion",
}


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(GROWING))
def test_what_only_grows_has_its_triggers(table: str):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bit_or(tgtype) FROM pg_trigger"
            " WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgenabled <> 'D'",
            [table],
        )
        (kinds,) = cursor.fetchone()
    assert kinds is not None
    assert kinds & 8, "no trigger on DELETE"
    assert kinds & 16, "no trigger on UPDATE"
    assert kinds & 32, "no trigger on TRUNCATE"

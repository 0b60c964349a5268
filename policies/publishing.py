"""Bringing rules into force: the only way a wording gets into the database."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import LANGUAGES, Rule, RuleVersion

KALIX = Path(__file__).parent / "packs" / "kalix.toml"

VERSIONED = ("wording", "explanation", "question", "basis")


class PackError(ValueError):
    """The pack cannot be loaded; the message says which rule and why."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one load changed, as rule codes in the pack's order."""

    added: tuple[str, ...]
    reworded: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


def load_pack(*, path: Path = KALIX, by: str, valid_from: date | None = None) -> Loaded:
    """Load a pack of rules; loading it again changes nothing (K-20, K-22).

    A wording, explanation, question or legal basis that differs from the newest
    version becomes a new version from `valid_from` (today when left out); earlier
    versions stay as they are. Kind, strength, directions, short name and order are
    configuration and are updated with history. Rules the pack does not name are left
    alone, since decisions point at them. All or nothing.

    `by` is the name of the person or command, kept on every version. Raises PackError.
    """
    if not by.strip():
        raise PackError(_("Say who loads the rules."))
    rules = read_pack(path)
    day = valid_from or timezone.localdate()
    outcome: dict[str, list[str]] = {
        "added": [],
        "reworded": [],
        "changed": [],
        "unchanged": [],
    }
    with transaction.atomic():
        stored = {
            rule.code: rule
            for rule in Rule.objects.select_for_update().filter(
                code__in=[entry["id"] for entry in rules]
            )
        }
        for position, entry in enumerate(rules, start=1):
            what = _load_rule(stored.get(entry["id"]), entry, position, by, day)
            outcome[what].append(entry["id"])
    return Loaded(**{key: tuple(codes) for key, codes in outcome.items()})


def opened(path: Path) -> dict[str, Any]:
    """A pack's tables, as TOML has them; PackError when it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise PackError(
            _("The pack %(path)s cannot be read: %(fault)s")
            % {"path": path.name, "fault": fault}
        ) from fault


def read_pack(path: Path) -> list[dict[str, Any]]:
    """The rules of a pack, checked for shape; PackError names the rule and the fault.

    Each has id, slug, kind, strength, directions, wording, explanation, question
    (empty where none is asked) and basis.
    """
    pack = opened(path)
    rules = pack.get("rule", [])
    if not isinstance(rules, list) or not rules:
        raise PackError(_("The pack %(path)s holds no rules.") % {"path": path.name})
    for rule in rules:
        rule.setdefault("question", {})
        wrong = _fault(rule)
        if wrong:
            raise PackError(f"{rule.get('id', '?')}: {wrong}")
    for key in ("id", "slug"):
        values = [rule[key] for rule in rules]
        twice = {value for value in values if values.count(value) > 1}
        if twice:
            raise PackError(f"{min(twice)}: " + _("appears more than once."))
    return rules


def _load_rule(
    rule: Rule | None, entry: dict[str, Any], position: int, by: str, day: date
) -> str:
    settled = {
        "slug": entry["slug"],
        "kind": entry["kind"],
        "strength": entry["strength"],
        "directions": entry["directions"],
        "position": position,
    }
    words = {key: entry[key] for key in VERSIONED}
    if rule is None:
        rule = Rule(code=entry["id"], **settled)
        _save(rule, by)
        _add_version(rule, 1, words, by, day)
        return "added"
    changed = any(getattr(rule, key) != value for key, value in settled.items())
    if changed:
        for key, value in settled.items():
            setattr(rule, key, value)
        _save(rule, by)
    newest = rule.versions.order_by("-number").first()
    if newest and all(getattr(newest, key) == words[key] for key in VERSIONED):
        return "changed" if changed else "unchanged"
    if newest and day < newest.valid_from:
        raise PackError(
            _(
                "%(rule)s: version %(number)s is valid from %(newest)s; "
                "a later version cannot begin on %(day)s."
            )
            % {
                "rule": rule.code,
                "number": newest.number,
                "newest": newest.valid_from,
                "day": day,
            }
        )
    _add_version(rule, newest.number + 1 if newest else 1, words, by, day)
    return "reworded"


def _save(rule: Rule, by: str) -> None:
    # simple_history reads this attribute and keeps it beside the new row.
    rule._change_reason = by[:100]  # type: ignore[attr-defined]
    rule.save()


def _add_version(
    rule: Rule, number: int, words: dict[str, Any], by: str, day: date
) -> None:
    RuleVersion.objects.create(
        rule=rule, number=number, valid_from=day, created_by=by, **words
    )


def _fault(rule: dict[str, Any]) -> str:
    """What is wrong with one rule of a pack, or ""."""
    for key in ("id", "slug"):
        if not isinstance(rule.get(key), str) or not rule[key]:
            return _("“%(key)s” is missing.") % {"key": key}
    if rule.get("kind") not in Rule.Kind.values:
        return _("the kind must be one of %(kinds)s.") % {
            "kinds": ", ".join(Rule.Kind.values)
        }
    if rule.get("strength") not in Rule.Strength.values:
        return _("the strength must be one of %(strengths)s.") % {
            "strengths": ", ".join(Rule.Strength.values)
        }
    directions = rule.get("directions")
    if (
        not isinstance(directions, list)
        or not directions
        or not set(directions) <= set(Rule.Direction.values)
    ):
        return _("the directions must be incoming, outgoing or both.")
    for key in ("wording", "explanation"):
        if not _in_every_language(rule.get(key)):
            return _("“%(key)s” must be given in %(languages)s.") % {
                "key": key,
                "languages": ", ".join(LANGUAGES),
            }
    if rule["question"] and not _in_every_language(rule["question"]):
        return _("“%(key)s” must be given in %(languages)s.") % {
            "key": "question",
            "languages": ", ".join(LANGUAGES),
        }
    return _basis_fault(rule.get("basis"))


def _in_every_language(texts: Any) -> bool:
    return (
        isinstance(texts, dict)
        and set(texts) == set(LANGUAGES)
        and all(isinstance(text, str) and text.strip() for text in texts.values())
    )


def _basis_fault(basis: Any) -> str:
    if not isinstance(basis, list) or not basis:
        return _("a legal basis is missing.")
    for statute in basis:
        if not all(
            isinstance(statute.get(key), str)
            for key in ("country", "law", "section", "from")
        ):
            return _("a legal basis needs country, law, section and from.")
        try:
            begins = date.fromisoformat(statute["from"])
            ends = date.fromisoformat(statute["to"]) if "to" in statute else None
        except (TypeError, ValueError):
            return _("the dates of a legal basis are written YYYY-MM-DD.")
        if ends and ends < begins:
            return _("a legal basis cannot end before it begins.")
    return ""

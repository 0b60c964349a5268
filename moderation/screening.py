"""The pure screening joined to the stored rules: hits become findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moderation.models import Case, Finding
from policies.models import Rule, RuleVersion
from policies.screening import screen

if TYPE_CHECKING:
    from channels.models import Version


def current_rules() -> dict[str, RuleVersion]:
    """Rule code -> the version in force now, in two queries."""
    return {rule.code: rule.current for rule in Rule.objects.with_versions()}


def find(case: Case, version: Version, rules: dict[str, RuleVersion]) -> list[Finding]:
    """Unsaved findings in one version; a hit of a rule that the municipality does not
    have is none of its business."""
    return [
        Finding(
            case=case,
            version=version,
            rule_version=rules[hit.rule],
            start=hit.start,
            end=hit.end,
            entry=hit.entry[:200],
            kind=hit.kind,
            confidence=hit.confidence,
            language=hit.language,
            sentences=hit.explanation.as_dict(),
            engine=hit.engine,
        )
        for hit in screen(version.text).hits
        if hit.rule in rules and hit.end > hit.start
    ]

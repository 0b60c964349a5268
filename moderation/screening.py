"""The pure screening joined to the stored rules: hits become findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from moderation import learning, ranks
from moderation.models import Case, Finding
from policies import wording
from policies.models import Rule, RuleVersion
from policies.screening import Ruleset, screen
from policies.screening.ranking import Model

if TYPE_CHECKING:
    from channels.models import Version


@dataclass(frozen=True, slots=True)
class InForce:
    """What a batch is screened by: each rule's wording by its code, the words, and what
    was learned under the rules."""

    versions: dict[str, RuleVersion]
    words: Ruleset
    rankings: list[Model]


def current_rules() -> InForce:
    """The rules and words in force now, and what was learned: in four queries."""
    return InForce(
        versions={rule.code: rule.current for rule in Rule.objects.with_versions()},
        words=wording.in_force(),
        rankings=learning.of_rules(),
    )


def find(case: Case, version: Version, rules: InForce) -> list[Finding]:
    """Unsaved findings in one version; a hit of a rule that the municipality does not
    have is none of its business. Each keeps the engine and word list that made it.
    What the desk is narrowed by is noted on the case, which the caller saves."""
    screening = screen(version.text, ruleset=rules.words)
    hits = [
        hit
        for hit in screening.hits
        if hit.rule in rules.versions and hit.end > hit.start
    ]
    case.language = screening.languages[0][:5] if screening.languages else ""
    case.rules = sorted({hit.rule for hit in hits})
    case.likeness = ranks.likeness(case.message, version.text, rules.rankings)
    return [
        Finding(
            case=case,
            version=version,
            rule_version=rules.versions[hit.rule],
            start=hit.start,
            end=hit.end,
            entry=hit.entry[:200],
            kind=hit.kind,
            confidence=hit.confidence,
            language=hit.language,
            sentences=hit.explanation.as_dict(),
            engine=screening.engine,
        )
        for hit in hits
    ]

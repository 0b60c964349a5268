"""Rules with their wordings, and what the municipality changed in the word list."""

from policies.models.rule import LANGUAGES, Rule, RuleQuerySet, RuleVersion
from policies.models.word import WordChange, WordVersion

__all__ = [
    "LANGUAGES",
    "Rule",
    "RuleQuerySet",
    "RuleVersion",
    "WordChange",
    "WordVersion",
]

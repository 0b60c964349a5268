"""The rules and words a screening goes by, as one immutable, versioned value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

from policies.screening.compounds import Splitter
from policies.screening.languages import known_forms
from policies.screening.lexicon import Lexicon, compile_lexicon
from policies.screening.model import Entry
from policies.screening.phrases import PhraseStage
from policies.screening.vocabulary import built_in, innocent_words
from policies.screening.words import WordStage

ENGINE_VERSION: Final = "1.1"

RULES: Final = frozenset(
    {f"K-20.{number}" for number in range(1, 8)}
    | {f"K-22.{number}" for number in range(1, 7)}
)


INCOMING_ONLY: Final = frozenset({"K-22.4", "K-22.6"})
"""Rules about what others write; the municipality sets its own topic."""


@dataclass(frozen=True)
class Ruleset:
    """Words and rules in force. ``rules`` are the ids whose hits are reported."""

    version: str
    rules: frozenset[str]
    entries: tuple[Entry, ...]

    @property
    def engine(self) -> str:
        """What each hit keeps about its maker: engine and word-list version."""
        return f"{ENGINE_VERSION}+{self.version}"

    @cached_property
    def lexicon(self) -> Lexicon:
        return compile_lexicon(self.entries, known_forms(), innocent_words())

    @cached_property
    def words(self) -> WordStage:
        """The word stage over these entries; built on first use."""
        known = known_forms()
        splitter = Splitter(self.lexicon, known, innocent_words())
        phrases = self.phrases
        return WordStage(
            self.lexicon, known, splitter, phrases.classes(), phrases.endings
        )

    @cached_property
    def phrases(self) -> PhraseStage:
        """The phrase stage over these entries; built on first use."""
        return PhraseStage(self.lexicon)

    def reports(self, rule: str, direction: str) -> bool:
        """Whether hits of ``rule`` are wanted for texts of ``direction``."""
        return rule in self.rules and (
            direction == "incoming" or rule not in INCOMING_ONLY
        )

    @staticmethod
    @cache
    def default() -> Ruleset:
        """The words that come with the software, with all rules on."""
        return Ruleset(version="builtin", rules=RULES, entries=tuple(built_in()))

    def with_changes(
        self,
        add: Iterable[Entry] = (),
        remove: Iterable[str] = (),
        rules: Iterable[str] | None = None,
        version: str = "changed",
    ) -> Ruleset:
        """A copy with entries added (or replaced, by id) and removed."""
        entries = {entry.id: entry for entry in self.entries}
        for entry in add:
            entries[entry.id] = entry
        for name in remove:
            entries.pop(name, None)
        return Ruleset(
            version=version,
            rules=self.rules if rules is None else frozenset(rules),
            entries=tuple(entries.values()),
        )

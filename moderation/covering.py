"""What an officer is not shown before asking for it: depictions of violence and
pornography that the screening or the public tells of (K-20)."""

from __future__ import annotations

import re
from collections.abc import Iterable

# The rule on violence and pornography; its code is the guideline's own.
COVERED_RULES = frozenset({"K-20.3"})
# A report is free text: the beginnings of words by which people tell of it.
_TOLD = re.compile(
    r"\b(?:våld|vold|vald|viol|misshand|mishand|tortyr|tortur|torture|halshug|behead"
    r"|blod|blood|gore|avrätt|henrett|execut|porr|porn|naken|naked|nude|sexuell|sexual"
    r"|övergrepp|overgrep|abuse|lemläst|lemlest|mutilat)",
    re.IGNORECASE,
)


def is_covered(rules: Iterable[str], reports: Iterable[str] = ()) -> bool:
    """Whether a text stands behind a button: by the codes of the rules found in it, or
    by what the public's reports on it say."""
    return not COVERED_RULES.isdisjoint(rules) or any(
        _TOLD.search(what) for what in reports
    )

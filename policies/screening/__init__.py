"""Screening of comments: text in, hits out. Pure Python, no Django, no network.

>>> from policies.screening import screen
>>> [hit.matched for hit in screen("Vilken skitkommun!").hits]
['skitkommun']
"""

from policies.screening.engine import screen
from policies.screening.model import Entry, Explanation, Hit, Screening
from policies.screening.ruleset import ENGINE_VERSION, Ruleset

__all__ = [
    "ENGINE_VERSION",
    "Entry",
    "Explanation",
    "Hit",
    "Ruleset",
    "Screening",
    "screen",
]

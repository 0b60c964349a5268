"""How the archive's pages say things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import template

from archive import canonical, labels

register = template.Library()

register.filter("moment", labels.moment)
register.filter("field_label", labels.label)
register.filter("field_words", labels.words)
register.filter("spelt_out", labels.spelt_out)


@register.filter
def place_of(grounds: Sequence[str], ground: str) -> int:
    """The number behind a block, counted from 1."""
    return grounds.index(ground) + 1


@register.filter
def as_lines(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, words) of every fact, in the order in which people read them."""
    fields = dict(canonical.flatten({"facts": facts}))
    return [
        (labels.label(path), labels.words(fields[path]))
        for path in labels.in_order(fields)
        if fields[path] != {}
    ]

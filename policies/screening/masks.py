"""Words with some letters behind signs: ``f*tta``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from policies.screening import evasion
from policies.screening.lexicon import Form, Lexicon


def masked(
    core: str, lexicon: Lexicon, number: Callable[[str], int]
) -> tuple[Form, ...] | None:
    """What ``f*tta`` or ``k#k`` stands for: letters replaced by signs, one for one.

    ``number`` tells known words from others: below 0 if no language has one.
    """
    signs = [index for index, char in enumerate(core) if not char.isalnum()]
    if not signs or not _may_mask(core, signs):
        return None
    shown = len(core) - len(signs)
    ends = 0 not in signs and len(core) - 1 not in signs
    if shown < 1 or (3 * shown < len(core) and not (ends and shown >= 2)):
        return None
    found = list(_shaped(core, signs, lexicon))
    if signs == [len(core) - 1] and number(core[:-1]) >= 0:
        # perhaps only a footnote mark after a whole word
        found = [
            form
            for form in found
            if (form.how == "word" and form.entry.severity == 3)
            or core[:-1] in lexicon.forms
        ]
    if 2 * shown < len(core) and not ends:
        found = [form for form in found if form.entry.severity == 3]
    return _settle_mask(found) if found else None


def _shaped(core: str, signs: list[int], lexicon: Lexicon) -> Iterator[Form]:
    shapes = lexicon.shapes
    size = len(core)
    if 0 in signs:
        heads = [key for key in shapes if key[0] == size]
    else:
        heads = [(size, core[0])]
    visible = [(at, char) for at, char in enumerate(core) if at not in signs]
    for key in heads:
        for form in shapes.get(key, ()):
            if all(form.text[at] == char for at, char in visible):
                yield form


def _may_mask(core: str, signs: list[int]) -> bool:
    """Whether the signs in ``core`` may stand for letters rather than punctuate."""
    if core[0] in evasion.SURE_MASKS:
        return len(signs) == 1
    if not core[0].isalnum():
        return False
    if any(core[index] in evasion.SURE_MASKS for index in signs):
        return True
    (first, *others) = signs
    inside = 0 < first < len(core) - 1
    return inside and not others and core[first] in evasion.MASKS


def _settle_mask(found: Iterable[Form]) -> tuple[Form, ...]:
    """The likeliest words behind a mask: the gravest, shortest names first."""
    order = sorted(found, key=lambda form: (-form.entry.severity, form.how != "word"))
    return tuple(order[:4])

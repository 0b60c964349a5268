"""The desk's own keys, beside those of the verbs: the help on `?` is made from both,
and script reads from the page which key does what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Key:
    """`shown` are the keys as they are drawn; `does` is what they do, in words."""

    shown: tuple[str, ...]
    does: str | Promise


EVERYWHERE = (
    Key(("?",), _("this help")),
    Key(("g",), _("back to the desk")),
    Key(("Ctrl", "Enter"), _("send the form you write in")),
)
QUEUE_KEYS = (
    Key(("j", "k"), _("next and previous in the list; the arrows too")),
    Key(("Enter",), _("open the message")),
    Key(("x",), _("tick the message, or take the tick away")),
    Key(("a",), _("tick all on the page that nothing was found in")),
    Key(("e",), _("keep what is ticked")),
    Key(("z",), _("undo what you just kept")),
    Key(("/",), _("to the filters")),
    *EVERYWHERE,
)
CASE_KEYS = (
    Key(("n",), _("next message")),
    Key(("1", "…", "9"), _("choose the rule, when hiding or removing")),
    Key(("v",), _("show what is covered or masked")),
    Key(("y",), _("show the pictures, and hide them again")),
    *EVERYWHERE,
)

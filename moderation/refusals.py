"""May this person do this to this case now? "" or the sentence why not.

The greyed button and the refused request say the same words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from channels.models import Mandate
from channels.platforms import PLATFORMS

if TYPE_CHECKING:
    from channels.models import User
    from moderation.models import Case
    from moderation.verbs import Verb


class Refused(PermissionDenied):
    """Why it cannot be done, as a sentence for the person. Nothing was changed."""


def refusal(
    case: Case,
    verb: Verb,
    user: User,
    *,
    mandate: Mandate | None = None,
    asked: bool = False,
) -> str:
    """Asks who (permission, mandate), then when (state, kind), then the platform.

    `mandate` spares the look-up when the caller has it; with `asked` the caller has
    looked, and None means that there is none.
    """
    if not user.has_perm(verb.permission):
        return _("Your account may not do this.")
    if mandate is None and (asked or mandate_of(case, user) is None):
        return _("You have no mandate in force for %(channel)s.") % {
            "channel": case.channel
        }
    if not case.channel.is_active:
        return _("%(channel)s is not in use.") % {"channel": case.channel}
    message = case.message
    if message.is_ours:
        return _("This is the municipality's own message.")
    if message.kind not in verb.kinds:
        return _("A direct message is a received record and cannot be taken away.")
    if case.state not in verb.sources:
        return _("The message is %(state)s.") % {"state": case.get_state_display()}
    if message.purged_at and not message.outside_at and (verb.act or verb.record):
        return _("Its words were emptied on %(day)s. Fetch them anew first.") % {
            "day": date_format(localtime(message.purged_at), "SHORT_DATE_FORMAT")
        }
    if verb.act and not PLATFORMS[case.channel.platform].path:
        return _(
            "%(channel)s is only imported into: this has to be done on the platform."
        ) % {"channel": case.channel}
    return ""


def mandate_of(case: Case, user: User) -> Mandate | None:
    return (
        Mandate.objects.in_force()
        .filter(person=user, channel_id=case.channel_id)
        .order_by("pk")
        .first()
    )


def overtaken(case: Case, turn: int | None) -> str:
    """Why a form made at an earlier `turn` no longer holds; "" when it does."""
    if turn is None or turn == case.turn:
        return ""
    last = case.decisions.select_related("by").order_by("-at", "-id").first()
    if last is None:
        return _("Something has happened to this message since you opened it.")
    return _("%(person)s decided “%(verb)s” at %(time)s, after you opened this.") % {
        "person": last.by,
        "verb": last.get_verb_display(),
        "time": date_format(localtime(last.at), "H:i"),
    }

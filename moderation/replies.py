"""Answers given on duty (K-7, K-13, K-14) and cases passed on (K-13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from channels import delivery, letters
from channels.models import Mandate
from moderation.decisions import locked, settle
from moderation.duties import close_duties
from moderation.models import Case, Handover, Reply
from moderation.refusals import Refused, mandate_of, overtaken, refusal
from moderation.verbs import VERBS
from policies import wording
from policies.screening import screen

if TYPE_CHECKING:
    from channels.models import User

LONGEST = 8_000
# How sure the screening must be before it stops our own text (K-10, K-11).
STOPS_AT = 0.7
# An answer may name an office's address and telephone; a person's number never.
MAY_STAND = frozenset({"email", "phone", "address", "advertising", "politics"})


@transaction.atomic
def reply(*, case: Case, by: User, text: str, turn: int | None = None) -> Reply:
    """Answers under the message in the municipality's name, signed by the officer and
    department (K-7). Our own text is held to the same rules (K-10, K-11)."""
    case = locked(case)
    verb = VERBS["reply"]
    mandate = mandate_of(case, by)
    text = text.strip()
    why_not = (
        overtaken(case, turn)
        or refusal(case, verb, by, mandate=mandate)
        or _text_refusal(text)
    )
    if why_not or mandate is None:
        raise Refused(why_not)
    sent = delivery.enqueue(
        message=case.message, act=verb.act, by=by, text=signed(text, case, by)
    )
    answer = Reply.objects.create(case=case, delivery=sent, mandate=mandate, by=by)
    close_duties(case=case, kinds=verb.closes, by=by, how=verb.name)
    settle(case)
    return answer


def signed(text: str, case: Case, by: User) -> str:
    """K-7, M-R1: it is always clear who speaks, and for whom."""
    return f"{text}\n\n/ {by}, {case.channel.department.name}"


def _text_refusal(text: str) -> str:
    if not text:
        return _("Write an answer first.")
    if len(text) > LONGEST:
        return _("The answer is too long: %(is)d of at most %(most)d characters.") % {
            "is": len(text),
            "most": LONGEST,
        }
    language = translation.get_language() or "en"
    words = wording.in_force()
    for hit in screen(text, ruleset=words, direction="outgoing").hits:
        if hit.confidence >= STOPS_AT and hit.kind not in MAY_STAND:
            return _("Your own text may not be sent like this. %(why)s") % {
                "why": hit.sentence(language[:2])
            }
    return ""


@transaction.atomic
def hand_over(
    *, case: Case, by: User, to: User, note: str, turn: int | None = None
) -> Handover:
    """To a colleague with a mandate on the channel, who learns of it by e-mail."""
    case = locked(case)
    why_not = overtaken(case, turn) or refusal(case, VERBS["hand_over"], by)
    if not why_not and not note.strip():
        why_not = _("Write a note to %(person)s.") % {"person": to}
    if not why_not and to == by:
        why_not = _("The message is with you already.")
    mandates = Mandate.objects.in_force().filter(person=to, channel=case.channel_id)
    if not why_not and not mandates.exists():
        why_not = _("%(person)s has no mandate in force for %(channel)s.") % {
            "person": to,
            "channel": case.channel,
        }
    if why_not:
        raise Refused(why_not)
    handover = Handover.objects.create(case=case, to=to, note=note.strip(), by=by)
    Case.objects.filter(pk=case.pk).update(assigned_to=to)
    settle(case)
    with translation.override(to.language):
        letters.write(
            to=to,
            subject=_("A message on %(channel)s is handed over to you")
            % {"channel": case.channel},
            body=_("%(person)s hands over a message to you:\n%(link)s\n")
            % {"person": by, "link": f"{settings.BASE_URL}{case.get_absolute_url()}"},
        )
    return handover

"""Answers given on duty (K-7, K-13, K-14) and cases passed on (K-13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from channels import delivery, letters
from channels.platforms import PLATFORMS
from moderation import assignment
from moderation.answer_checks import Checked, Warned, check
from moderation.decisions import locked, settle
from moderation.duties import close_duties, part_done
from moderation.models import Case, DraftStep, Duty, DutyPart, Handover, Reply
from moderation.refusals import Refused, mandate_of, overtaken, refusal
from moderation.signature import signed
from moderation.verbs import VERBS

if TYPE_CHECKING:
    from collections.abc import Collection

    from channels.models import User
    from moderation.models import Draft

# No platform of ours takes more; each has its own limit (`Platform.longest_reply`).
LONGEST = max(platform.longest_reply for platform in PLATFORMS.values())


class NotConfirmed(Refused):
    """The screening warns: the officer has to say that it is sent all the same."""

    def __init__(self, warnings: list[Warned]) -> None:
        self.warnings = warnings
        super().__init__(" ".join(warning.sentence for warning in warnings))


@transaction.atomic
def reply(
    *,
    case: Case,
    by: User,
    text: str,
    turn: int | None = None,
    tells: Collection[str] = (),
    all_the_same: bool = False,
    released_by: User | None = None,
) -> Reply:
    """Answers under the message in the municipality's name, signed by the officer with
    role, department and official contact (K-7).

    Our own text is held to the same rules (K-10, K-11): what they prohibit is refused,
    politics, single cases and personal data raise NotConfirmed until `all_the_same` is
    said. `tells` are the duties that the words meet besides: "refer" (a formal enquiry
    is needed, M-R4), "document" (the duty to document, M-R5), "register" (please write
    to the mailbox, K-17). `released_by` is the second reader.
    """
    case = locked(case)
    verb = VERBS["reply"]
    mandate = mandate_of(case, by)
    text = text.strip()
    draft = case.drafts.open().filter(writer=by).first()
    checked = Checked()
    why_not = overtaken(case, turn) or refusal(case, verb, by, mandate=mandate)
    if not why_not:
        why_not = _unread(case, draft, released_by)
    if not why_not:
        checked = check(text, case=case, whole=signed(text, case, by))
        why_not = " ".join(dict.fromkeys(checked.stops))
    if why_not or mandate is None:
        raise Refused(why_not)
    if checked.warnings and not all_the_same:
        raise NotConfirmed(checked.warnings)
    sent = delivery.enqueue(
        message=case.message,
        act=verb.act,
        by=by,
        text=signed(text, case, by),
        grace=settings.UNDO_SECONDS,
    )
    answer = Reply.objects.create(
        case=case,
        delivery=sent,
        mandate=mandate,
        by=by,
        draft=draft,
        released_by=released_by,
        warned=[warning.as_dict() for warning in checked.warnings],
        tells=sorted(tells),
    )
    if draft is not None:
        DraftStep.objects.create(draft=draft, act=DraftStep.Act.SENT, text=text, by=by)
        draft.closed_at, draft.outcome = answer.at, draft.Outcome.SENT
        draft.save(update_fields=["closed_at", "outcome"])
    met = {*verb.closes, *(set(tells) & TOLD)}
    close_duties(case=case, kinds=met, by=by, how=verb.name)
    if Duty.Kind.DOCUMENT in tells:
        part_done(case=case, part=DutyPart.Part.NOTICE, by=by, how=verb.name)
    settle(case)
    return answer


# What words alone can meet, besides the notice of the duty to document.
TOLD = frozenset({Duty.Kind.REFER.value, Duty.Kind.REGISTER.value})


def needs_reader(case: Case, draft: Draft | None) -> bool:
    """The channel asks for a second reader, or the writer has asked for one."""
    return case.channel.second_reader or bool(draft and draft.asked_at)


def _unread(case: Case, draft: Draft | None, released_by: User | None) -> str:
    if released_by is not None or not needs_reader(case, draft):
        return ""
    return _("Somebody else with a mandate for %(channel)s must read it first.") % {
        "channel": case.channel
    }


@transaction.atomic
def hand_over(
    *, case: Case, by: User, to: User, note: str, turn: int | None = None
) -> Handover:
    """To a colleague with a mandate on the channel, or to who covers for them, who
    learns of it by e-mail."""
    case = locked(case)
    why_not = overtaken(case, turn) or refusal(case, VERBS["hand_over"], by)
    if not why_not and not note.strip():
        why_not = _("Write a note to %(person)s.") % {"person": to}
    if not why_not and to == by:
        why_not = _("The message is with you already.")
    if why_not:
        raise Refused(why_not)
    to = assignment.who_answers(to, case.channel)
    if to == by:
        raise Refused(_("You cover for that colleague: the message stays with you."))
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

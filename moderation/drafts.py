"""Answers in the making: kept per case and officer, read by a second person where that
is asked for (M-O2)."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from moderation import replies
from moderation.answer_checks import check
from moderation.decisions import locked
from moderation.models import Draft, DraftStep
from moderation.refusals import Refused, mandate_of, refusal
from moderation.signature import signed
from moderation.verbs import VERBS

if TYPE_CHECKING:
    from channels.models import User
    from moderation.models import Case, Reply

Act = DraftStep.Act


@transaction.atomic
def save(*, case: Case, by: User, text: str, tells: Collection[str] = ()) -> Draft:
    """Keeps what somebody writes, as one draft per case and person. Other words than
    those a second reader was asked about take the question back."""
    case = locked(case)
    why_not = refusal(case, VERBS["reply"], by)
    if not why_not and len(text) > replies.LONGEST:
        why_not = _("The draft is too long to be an answer.")
    if why_not:
        raise Refused(why_not)
    draft = _open(case, by)
    if draft is None:
        if not text.strip():
            raise Refused(_("Write an answer first."))
        return Draft.objects.create(
            case=case, writer=by, text=text, tells=sorted(tells)
        )
    if draft.text != text or draft.tells != sorted(tells):
        draft.text = text
        draft.tells = sorted(tells)
        draft.number += 1
        draft.asked_at = None
    draft.saved_at = timezone.now()
    draft.save()
    return draft


@transaction.atomic
def ask(*, case: Case, by: User, text: str, tells: Collection[str] = ()) -> Draft:
    """Asks for a second reader. What would be stopped is stopped here already."""
    draft = save(case=case, by=by, text=text, tells=tells)
    stops = check(
        draft.text, case=draft.case, whole=signed(draft.text, draft.case, by)
    ).stops
    if stops:
        raise Refused(" ".join(stops))
    if draft.asked_at is None:
        draft.asked_at = timezone.now()
        draft.save(update_fields=["asked_at"])
        _step(draft, Act.ASKED, by)
    return draft


@transaction.atomic
def send_back(*, draft: Draft, by: User, note: str, number: int | None = None) -> Draft:
    """The second reader asks for other words, and says why."""
    draft = _read(draft, by, number)
    if not note.strip():
        raise Refused(_("Say what should be different."))
    draft.asked_at = None
    draft.save(update_fields=["asked_at"])
    _step(draft, Act.SENT_BACK, by, note=note.strip())
    return draft


@transaction.atomic
def release(
    *,
    draft: Draft,
    by: User,
    number: int | None = None,
    turn: int | None = None,
    all_the_same: bool = False,
) -> Reply:
    """The second reader lets it go: it is sent at once, in the writer's name. Raises
    `replies.Warned` when the screening warns and `all_the_same` is not said."""
    draft = _read(draft, by, number)
    _step(draft, Act.RELEASED, by)
    return replies.reply(
        case=draft.case,
        by=draft.writer,
        text=draft.text,
        turn=turn,
        tells=draft.tells,
        all_the_same=all_the_same,
        released_by=by,
    )


@transaction.atomic
def drop(*, draft: Draft, by: User) -> Draft:
    """Only who writes it may."""
    draft = _locked(draft)
    if draft.writer_id != by.pk:
        raise Refused(
            _("Only %(person)s can drop this draft.") % {"person": draft.writer}
        )
    draft.asked_at = None
    close(draft, Draft.Outcome.DROPPED)
    _step(draft, Act.DROPPED, by)
    return draft


def give_back(reply: Reply) -> Draft | None:
    """The words of an answer that was taken back, as its writer's draft: to be mended
    rather than written anew. None where they have begun another one meanwhile. Called
    by `undoing`, under the case's lock."""
    if _open(reply.case, reply.by) is not None or reply.delivery is None:
        return None
    signature = signed("", reply.case, reply.by)
    return Draft.objects.create(
        case=reply.case,
        writer=reply.by,
        text=reply.delivery.text.removesuffix(signature),
        tells=reply.tells,
    )


def close(draft: Draft, outcome: Draft.Outcome) -> None:
    draft.closed_at = timezone.now()
    draft.outcome = outcome
    draft.save(update_fields=["closed_at", "outcome", "asked_at"])


def _open(case: Case, by: User) -> Draft | None:
    return (
        Draft.objects.open()
        .select_for_update(of=("self",))
        .filter(case=case, writer=by)
        .first()
    )


def _locked(draft: Draft) -> Draft:
    found = (
        Draft.objects.open()
        .select_for_update(of=("self",))
        .select_related("case__message", "case__channel__department", "writer")
        .filter(pk=draft.pk)
        .first()
    )
    if found is None:
        raise Refused(_("This draft has been sent or dropped already."))
    return found


def _read(draft: Draft, by: User, number: int | None) -> Draft:
    """The draft under lock, for somebody who may act as its second reader."""
    draft = _locked(draft)
    why_not = refusal(
        draft.case, VERBS["reply"], by, mandate=mandate_of(draft.case, by)
    )
    if not why_not and draft.writer_id == by.pk:
        why_not = _("A second reader is somebody else than the writer.")
    if not why_not and draft.asked_at is None:
        why_not = _("%(person)s is still writing.") % {"person": draft.writer}
    if not why_not and number is not None and number != draft.number:
        why_not = _("%(person)s has changed the text since you read it.") % {
            "person": draft.writer
        }
    if why_not:
        raise Refused(why_not)
    return draft


def _step(draft: Draft, act: DraftStep.Act, by: User, *, note: str = "") -> None:
    DraftStep.objects.create(draft=draft, act=act, text=draft.text, note=note, by=by)

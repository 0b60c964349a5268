"""Comments that have no tie to the municipality's channels (K-16): no public record of
ours, so nothing is owed and nothing archived, and in time their text goes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archive.models import Record
from channels import attachments
from channels.models import Message, Version
from moderation import duties
from moderation.decisions import locked, settle
from moderation.models import Case, Decision, Duty, Finding, Report
from moderation.refusals import Refused, mandate_of, overtaken, refusal
from moderation.reports import close_reports
from moderation.verbs import VERBS

if TYPE_CHECKING:
    from channels.models import Mandate, User
    from moderation.verbs import Verb

PURGED_AT_ONCE = 500


@transaction.atomic
def mark_outside(
    *, case: Case, by: User, reason: str, turn: int | None = None
) -> Decision:
    """The comment stands where the municipality has no part. What was owed on it no
    longer is. Refused for a direct message, which is a received record (K-17), and
    for what is a record of ours already, or that we have answered."""
    case = locked(case)
    verb = VERBS["outside"]
    mandate = _may(case, verb, by, reason, turn)
    if Record.objects.about(case.message.ref).exists():
        raise Refused(_("It is in the archive already, and stays a record."))
    if case.replies.exists():
        raise Refused(_("The municipality has answered it: it is on our channels."))
    now = timezone.now()
    Message.objects.filter(pk=case.message_id).update(outside_at=now, outside_by=by)
    duties.lift(duties=list(case.duties.open()), by=by, how=verb.name)
    close_reports(case=case, by=by, outcome=Report.Outcome.ELSEWHERE)
    return _decided(case, verb, by, mandate, reason)


@transaction.atomic
def mark_inside(
    *, case: Case, by: User, reason: str, turn: int | None = None
) -> Decision:
    """Takes the marking back, as long as the text is there; what was owed is owed
    again, from the same moment."""
    case = locked(case)
    verb = VERBS["inside"]
    mandate = _may(case, verb, by, reason, turn)
    if case.message.purged_at:
        raise Refused(_("The text is gone: nothing can be decided on it any more."))
    lifted = case.duties.filter(
        outcome=Duty.Outcome.LIFTED, closed_with=VERBS["outside"].name
    )
    days = duties.calendar()
    Duty.objects.bulk_create(
        duties.build(
            case,
            duties.Owed(kind, since, why),
            days,
            case.channel.answer_hours,
        )
        for kind, since, why in {
            duty.kind: (duty.kind, duty.since, duty.why)
            for duty in lifted.order_by("closed_at")
        }.values()
    )
    Message.objects.filter(pk=case.message_id).update(outside_at=None, outside_by=None)
    return _decided(case, verb, by, mandate, reason)


def _may(case: Case, verb: Verb, by: User, reason: str, turn: int | None) -> Mandate:
    mandate = mandate_of(case, by)
    why_not = overtaken(case, turn) or refusal(case, verb, by, mandate=mandate)
    if not why_not and not reason.strip():
        why_not = _("Say why.")
    if why_not or mandate is None:
        raise Refused(why_not)
    return mandate


def _decided(
    case: Case, verb: Verb, by: User, mandate: Mandate, reason: str
) -> Decision:
    decision = Decision.objects.create(
        case=case,
        verb=verb.name,
        reason=reason.strip(),
        was=case.state,
        mandate=mandate,
        by=by,
    )
    settle(case, state=verb.target)
    return decision


@transaction.atomic
def purge() -> int:
    """Empties comments that have been outside our channels for longer than
    OUTSIDE_KEPT_DAYS: text, sender, files and what the screening quoted. Places stay,
    so that they are not read in anew. Answers how many, at most 500 at once."""
    before = timezone.now() - timedelta(days=settings.OUTSIDE_KEPT_DAYS)
    keys = list(
        Message.objects.filter(outside_at__lt=before, purged_at=None)
        .order_by("outside_at", "id")
        .values_list("pk", flat=True)[:PURGED_AT_ONCE]
    )
    Version.objects.filter(message__in=keys).update(text="", raw=b"")
    Finding.objects.filter(case__message__in=keys).update(sentences={})
    Message.objects.filter(pk__in=keys).update(
        text="",
        author_id="",
        author_name="",
        author_handle="",
        author_url="",
        attachments_count=0,
        purged_at=timezone.now(),
    )
    attachments.let_go(keys)
    return len(keys)

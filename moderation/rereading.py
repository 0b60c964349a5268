"""The words of a comment fetched anew from its platform, where a rule had emptied them
and something is owed on it again: a report, say. Nobody decides on what they cannot
read, and nothing is sealed without its words (K-15, K-19)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archive import files
from channels.connections import connector_of
from channels.models import Attachment, Message, Version
from channels.platforms.base import Cap, Item, PlatformError, text_digest
from moderation import carried, changes, intake, screening
from moderation.models import Case, Finding
from moderation.refusals import Refused, mandate_of

if TYPE_CHECKING:
    from channels.models import User
    from moderation.carried import Carried

PERMISSION = "moderation.decide_case"


def refusal(case: Case, by: User) -> str:
    """Why it may not be fetched; "" when it may."""
    message = case.message
    if message.purged_at is None or message.outside_at is not None:
        return _("Its words are here.")
    if message.kind != Message.Kind.COMMENT:
        return _("Its record in the archive has the words.")
    if not by.has_perm(PERMISSION) or mandate_of(case, by) is None:
        return _("You have no mandate in force for %(channel)s.") % {
            "channel": case.channel
        }
    if case.due_at is None:
        return _("Nothing is owed on it: its words are not needed.")
    return ""


def read_anew(*, case: Case, by: User) -> Message:
    """Asks the platform, then stores what it says as a version more. The rule counts
    from now on again. Refused when it may not be or the platform has it no longer."""
    why_not = refusal(case, by)
    if why_not:
        raise Refused(why_not)
    item = _fetch(case)
    came = carried.fetch(case.channel, [item] if item.attachments else [], anew=True)
    with transaction.atomic():
        files.hold(came.kept)
        locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        message = (
            Message.objects.select_for_update(of=("self",))
            .select_related("post")
            .get(pk=locked.message_id)
        )
        if message.purged_at is None:
            return message
        _store(locked, message, item, came)
    return message


def _fetch(case: Case) -> Item:
    message = case.message
    try:
        connector = connector_of(case.channel)
        if connector is None or Cap.RECHECK not in connector.capabilities():
            raise Refused(_("This platform cannot be asked for a single comment."))
        batch = connector.recheck([message.platform_ref])
    except PlatformError as error:
        raise Refused(_("The platform did not answer. Try again later.")) from error
    for one in batch.changes:
        if isinstance(one, Item) and one.id == message.external_id:
            return intake.clean(one)
    intake.receive(channel=case.channel, batch=batch)
    raise Refused(_("The comment is no longer on the platform."))


def _store(case: Case, message: Message, item: Item, came: Carried) -> None:
    changes.give_sender_back(message, item)
    message.text, message.digest = item.text, item.digest
    message.versions_count += 1
    message.attachments_count += len(item.attachments)
    message.save(
        update_fields=[
            "text",
            "digest",
            "versions_count",
            "attachments_count",
            *changes.SENDER,
        ]
    )
    version = Version.objects.create(
        message=message,
        number=message.versions_count,
        text=item.text,
        digest=text_digest(item.text),
        raw=item.raw,
        seen_at=timezone.now(),
    )
    if item.attachments:
        Attachment.objects.bulk_create(came.rows([(version, item)]))
    case.message = message
    findings = screening.find(case, version, screening.current_rules())
    Finding.objects.bulk_create(findings)
    case.findings_count = len(findings)
    case.turn += 1
    case.save(update_fields=["findings_count", "rules", "language", "likeness", "turn"])

"""Duties met by a person's own hand: another way than through the platform, by a record
in the archive, by the registrar's system (K-13, K-17, M-R4, M-R5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from archive.models import Record
from archive.sealing import seal
from channels import attachments
from channels.models import Municipality
from moderation import facts, kinds
from moderation.decisions import locked, settle
from moderation.duties import close, part_done
from moderation.models import Duty, DutyPart
from moderation.refusals import Refused, mandate_of, overtaken, refusal
from moderation.verbs import VERBS

if TYPE_CHECKING:
    from channels.models import Mandate, User
    from moderation.models import Case

# A comment that is archived for what it says, until an archivist says otherwise.
RETENTION = "registered-comment"
# What can be done by telephone, by hand, or on a platform that is only imported from.
OTHERWISE = frozenset({*Duty.REPLY, DutyPart.Part.NOTICE, DutyPart.Part.REFERRAL})
# Records that hold the message with its sender and thread.
WHOLE = (
    Record.Kind.COMMENT,
    Record.Kind.DIRECT_MESSAGE,
    Record.Kind.HIDE,
    Record.Kind.REMOVAL,
)


@transaction.atomic
def meet(
    *, case: Case, by: User, what: str, note: str, turn: int | None = None
) -> None:
    """What is owed to the sender, or one part of documenting ("notice", "referral"),
    was done another way. `note` says how, when and to whom: it is the proof."""
    case = locked(case)
    verb = VERBS["meet"]
    note = note.strip()
    why_not = overtaken(case, turn) or refusal(case, verb, by)
    if not why_not and what not in OTHERWISE:
        why_not = _("This is not done another way.")
    if not why_not and not note:
        why_not = _("Say how it was done, when and to whom.")
    part = what in DutyPart.Part.values
    kind = Duty.Kind.DOCUMENT if part else what
    duty = case.duties.open().filter(kind=kind).first()
    if not why_not and duty is None:
        why_not = _("That is not owed on this message.")
    if not why_not and part and duty and duty.parts.filter(part=what).exists():
        why_not = _("That is done already.")
    if why_not or duty is None:
        raise Refused(why_not)
    if part:
        part_done(case=case, part=what, by=by, how=verb.name, note=note)
    else:
        close(duty, by=by, how=verb.name, note=note)
    settle(case)


@transaction.atomic
def register(
    *, case: Case, by: User, number: str = "", turn: int | None = None
) -> Record:
    """The direct message is in the ordinary system, under `number` where it has one
    there (K-17). Proof is the record that was sealed when the text came in, the
    newest where it was edited; it is answered."""
    case = locked(case)
    verb = VERBS["register"]
    why_not = overtaken(case, turn) or refusal(case, verb, by)
    duty = case.duties.open().filter(kind=Duty.Kind.REGISTER).first()
    if not why_not and duty is None:
        why_not = _("That is not owed on this message.")
    record = whole_record(case)
    if not why_not and record is None:
        why_not = _("The message has no sealed record: tell an administrator.")
    if why_not or duty is None or record is None:
        raise Refused(why_not)
    close(duty, by=by, how=verb.name, note=number.strip(), record=record)
    settle(case)
    return record


@transaction.atomic
def seal_record(*, case: Case, by: User, turn: int | None = None) -> Record:
    """The message as it stands, with sender and thread, is in the archive; the record
    part of documenting is done with it (M-R5). A record that holds the text as it
    stands already is not made twice."""
    case = locked(case)
    verb = VERBS["seal"]
    mandate = mandate_of(case, by)
    why_not = overtaken(case, turn) or refusal(case, verb, by, mandate=mandate)
    if why_not or mandate is None:
        raise Refused(why_not)
    record = whole_record(case) or _seal(case, by, mandate)
    part_done(
        case=case,
        part=DutyPart.Part.RECORD,
        by=by,
        how=verb.name,
        record=record,
    )
    settle(case)
    return record


def whole_record(case: Case) -> Record | None:
    """The newest record that holds the message as its text stands now."""
    newest = case.message.versions.order_by("-number").only("seen_at").first()
    if newest is None:
        return None
    since = newest.seen_at
    if case.message.attachments_count:
        # A file that was out of reach at first belongs to it too.
        came = newest.attachments.exclude(sha256="").order_by("-noted_at").first()
        since = max(since, came.noted_at) if came else since
    return (
        Record.objects.about(case.message.ref)
        .without_content()
        .filter(kind__in=WHOLE, sealed_at__gte=since)
        .exclude(state=Record.State.DISPOSED)
        .last()
    )


def _seal(case: Case, by: User, mandate: Mandate) -> Record:
    message = case.message
    parents = facts.parents_of([message])
    attached = attachments.of_messages([message]).get(message.pk, [])
    content = facts.of_message(
        message,
        channel=case.channel,
        municipality=Municipality.objects.first(),
        versions=message.versions.defer("raw").order_by("number"),
        parent=parents.get((message.channel_id, message.parent_id_there)),
        attachments=attached,
    )
    content["registration"] = {
        "kinds": kinds.kinds_of(case),
        "officer": by.signature,
        "mandate": f"{mandate.pk} ({mandate.starts_on.isoformat()}–)",
        "registered_at": facts.utc(timezone.now()),
    }
    with override(None):
        return seal(
            kind=Record.Kind.COMMENT,
            subject=message.ref,
            facts=content,
            files=attachments.as_files(attached),
            retention=RETENTION,
            by=by.signature,
        )

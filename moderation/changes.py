"""Messages whose text or pictures are others than last time: a version more, never one
less."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

from channels import attachments
from channels.models import Attachment, Delivery, Message, Version
from channels.platforms.base import text_digest
from moderation import duties, facts, proposing, screening
from moderation.arrivals import seal_direct_messages
from moderation.models import Case, Duty, Finding, Proposal

if TYPE_CHECKING:
    from channels.models import Channel
    from channels.platforms.base import Item
    from moderation.carried import Carried

# What is out of sight or not ours asks nothing more, whatever it says by now.
AT_REST = frozenset({Case.State.HIDDEN, Case.State.REMOVED, Case.State.OUTSIDE})

# What a message has again when its words are read anew after they were emptied.
SENDER = ("author_id", "author_name", "author_handle", "author_url", "purged_at")


def give_sender_back(message: Message, item: Item) -> None:
    message.purged_at = None
    message.author_id = item.author.id
    message.author_name = item.author.name
    message.author_handle = item.author.handle
    message.author_url = item.author.url


def store_edits(
    *, channel: Channel, edited: Sequence[tuple[Message, Item]], came: Carried
) -> None:
    """In the caller's transaction. Each new text is screened; what was decided on the
    old one is looked at anew when the new one has findings, or a picture that nobody
    has looked at. An edited direct message is sealed anew beside the record of what
    first arrived. What was emptied and is edited after that has words and a sender
    again."""
    now = timezone.now()
    versions = []
    for message, item in edited:
        if message.purged_at is not None:
            give_sender_back(message, item)
        message.text = item.text
        message.digest = item.digest
        message.edited_at = item.edited_at or now
        message.versions_count += 1
        message.attachments_count += len(item.attachments)
        versions.append(
            Version(
                message=message,
                number=message.versions_count,
                text=item.text,
                digest=text_digest(item.text),
                raw=item.raw,
                seen_at=now,
            )
        )
    messages = [message for message, _item in edited]
    columns = ["text", "digest", "edited_at", "versions_count", "attachments_count"]
    Message.objects.bulk_update(messages, [*columns, *SENDER])
    Version.objects.bulk_create(versions)
    if any(item.attachments for _message, item in edited):
        pairs = zip(versions, (item for _message, item in edited), strict=True)
        Attachment.objects.bulk_create(came.rows(list(pairs)))
    by_message: dict[int, list[Version]] = {message.pk: [] for message in messages}
    for version in Version.objects.filter(message__in=messages).order_by("number"):
        by_message[version.message_id].append(version)
    attached = attachments.of_messages(messages)
    seal_direct_messages(
        channel=channel, messages=messages, versions=by_message, attached=attached
    )
    unseen = {
        message.pk
        for message in messages
        if _has_new_files(attached.get(message.pk, ()), message.versions_count)
    }
    _look_again(channel, messages, versions, unseen)


def fill_gaps(
    *, channel: Channel, same: Sequence[tuple[Message, Item]], came: Carried
) -> None:
    """In the caller's transaction. A direct message whose missing file has come is
    sealed anew with it."""
    here = {message.pk: message for message, _item in same}
    filled = attachments.fill(
        (gap, got) for gap, got in came.gaps if gap.version.message_id in here
    )
    keys = {gap.version.message_id for gap in filled}
    messages = [here[pk] for pk in keys if here[pk].kind == Message.Kind.DM]
    if not messages:
        return
    versions: dict[int, list[Version]] = {message.pk: [] for message in messages}
    for version in Version.objects.filter(message__in=messages).order_by("number"):
        versions[version.message_id].append(version)
    seal_direct_messages(
        channel=channel,
        messages=messages,
        versions=versions,
        attached=attachments.of_messages(messages),
    )


def _has_new_files(attached: Sequence[Attachment], newest: int) -> bool:
    """Whether the newest version has a file that no version before it had."""
    before = {one.platform_id for one in attached if one.version.number < newest}
    return any(
        one.version.number == newest and one.platform_id not in before
        for one in attached
    )


def _look_again(
    channel: Channel,
    messages: Sequence[Message],
    versions: Sequence[Version],
    unseen: Collection[int],
) -> None:
    now = timezone.now()
    cases = {
        case.message_id: case
        for case in Case.objects.select_for_update().filter(message__in=messages)
    }
    known: dict[int, list[Duty]] = {case.pk: [] for case in cases.values()}
    for duty in Duty.objects.filter(case__in=cases.values()):
        known[duty.case_id].append(duty)
    before = _before(versions)
    spared = _spared(messages)
    parents = facts.parents_of(messages)
    days = duties.calendar()
    rules = screening.current_rules()
    all_findings: list[Finding] = []
    proposals: list[Proposal] = []
    opened: list[Duty] = []
    for message, version in zip(messages, versions, strict=True):
        case = cases[message.pk]
        case.message = message
        case.turn += 1
        if message.is_ours:
            continue
        findings = screening.find(case, version, rules)
        all_findings += findings
        case.findings_count = len(findings)
        owed = []
        if message.pk in spared:
            # Taken away was another text: this one stands, and is decided on anew.
            case.state = Case.State.NEW
            owed.append(duties.Owed(Duty.Kind.REVIEW, now, []))
        elif case.state in AT_REST:
            continue
        if (
            max((finding.confidence for finding in findings), default=0.0)
            >= (duties.WORTH_A_LOOK)
            or message.pk in unseen
        ):
            case.state = Case.State.NEW
            owed.append(duties.Owed(Duty.Kind.REVIEW, now, []))
        direct = message.kind == Message.Kind.DM
        if direct:
            # What it says now is a received public record too (K-17).
            owed.append(duties.Owed(Duty.Kind.REGISTER, now, []))
        if not duties.is_history(message.posted_at, message.received_at):
            parent = parents.get((message.channel_id, message.parent_id_there))
            proposal = proposing.propose(message, parent)
            proposals.append(proposing.stored(case, version, proposal, now))
            owed += proposing.after_edit(
                duties.called_for(proposal, direct=direct, since=now),
                known[case.pk],
                changed=proposing.says_another_thing(
                    before.get(message.pk, ""), message.text
                ),
            )
        open_now = {duty.kind for duty in known[case.pk] if duty.closed_at is None}
        for one in owed:
            if one.kind not in open_now:
                open_now.add(one.kind)
                duty = duties.build(case, one, days, channel.answer_hours)
                opened.append(duty)
                case.due_at = min(case.due_at or duty.due_at, duty.due_at)
    Finding.objects.bulk_create(all_findings)
    Proposal.objects.bulk_create(proposals)
    Duty.objects.bulk_create(opened)
    Case.objects.bulk_update(
        cases.values(),
        ["state", "due_at", "findings_count", "turn", "language", "rules", "likeness"],
    )


def _spared(messages: Sequence[Message]) -> set[int]:
    """Messages whose removal or hiding was decided and will not be done, since it was
    decided on another text than they have (`channels.delivery` refuses it)."""
    newest = (
        Delivery.objects.filter(
            message__in=messages, act__in=(Delivery.Act.HIDE, Delivery.Act.DELETE)
        )
        .order_by("message", "-id")
        .distinct("message")
    )
    return {
        delivery.message_id
        for delivery in newest
        if delivery.state == Delivery.State.WAITING or delivery.refused_as_edited
    }


def _before(versions: Sequence[Version]) -> dict[int, str]:
    """Message -> the text it had before the new version."""
    return dict(
        Version.objects.filter(
            message__in=[version.message_id for version in versions],
            number=models.F("message__versions_count") - 1,
        ).values_list("message", "text")
    )

"""Messages whose text is another than last time: a version more, never one less."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

from channels.models import Delivery, Message, Version
from moderation import duties, facts, proposing, screening
from moderation.arrivals import seal_direct_messages
from moderation.models import Case, Duty, Finding, Proposal

if TYPE_CHECKING:
    from channels.models import Channel
    from channels.platforms.base import Item

# What is out of sight or not ours asks nothing more, whatever it says by now.
AT_REST = frozenset({Case.State.HIDDEN, Case.State.REMOVED, Case.State.OUTSIDE})


def store_edits(*, channel: Channel, edited: Sequence[tuple[Message, Item]]) -> None:
    """In the caller's transaction. Each new text is screened; what was decided on the
    old one is looked at anew when the new one has findings. An edited direct message
    is sealed anew beside the record of what first arrived."""
    now = timezone.now()
    versions = []
    for message, item in edited:
        message.text = item.text
        message.digest = item.digest
        message.edited_at = item.edited_at or now
        message.versions_count += 1
        versions.append(
            Version(
                message=message,
                number=message.versions_count,
                text=item.text,
                digest=item.digest,
                raw=item.raw,
                seen_at=now,
            )
        )
    messages = [message for message, _item in edited]
    Message.objects.bulk_update(
        messages, ["text", "digest", "edited_at", "versions_count"]
    )
    Version.objects.bulk_create(versions)
    by_message: dict[int, list[Version]] = {message.pk: [] for message in messages}
    for version in Version.objects.filter(message__in=messages).order_by("number"):
        by_message[version.message_id].append(version)
    seal_direct_messages(channel=channel, messages=messages, versions=by_message)
    _look_again(channel, messages, versions)


def _look_again(
    channel: Channel, messages: Sequence[Message], versions: Sequence[Version]
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
        if max((finding.confidence for finding in findings), default=0.0) >= (
            duties.WORTH_A_LOOK
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
        ["state", "due_at", "findings_count", "turn", "language", "rules"],
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

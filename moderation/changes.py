"""Messages whose text is another than last time: a version more, never one less."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from channels.models import Message, Version
from moderation import duties, screening
from moderation.arrivals import seal_direct_messages
from moderation.models import Case, Duty, Finding

if TYPE_CHECKING:
    from channels.models import Channel
    from channels.platforms.base import Item


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
    _look_again(messages, versions)


def _look_again(messages: Sequence[Message], versions: Sequence[Version]) -> None:
    cases = {
        case.message_id: case
        for case in Case.objects.select_for_update().filter(message__in=messages)
    }
    under_review = set(
        Duty.objects.filter(
            case__in=cases.values(), kind=Duty.Kind.REVIEW, closed_at=None
        ).values_list("case_id", flat=True)
    )
    days = duties.calendar()
    rules = screening.current_rules()
    all_findings: list[Finding] = []
    opened: list[Duty] = []
    for message, version in zip(messages, versions, strict=True):
        case = cases[message.pk]
        case.turn += 1
        if message.is_ours:
            continue
        findings = screening.find(case, version, rules)
        all_findings += findings
        case.findings_count = len(findings)
        strongest = max((finding.confidence for finding in findings), default=0.0)
        decided = case.state in (Case.State.HIDDEN, Case.State.REMOVED)
        if strongest < duties.WORTH_A_LOOK or decided:
            continue
        case.state = Case.State.NEW
        if case.pk not in under_review:
            owed = duties.Owed(Duty.Kind.REVIEW, timezone.now(), [])
            duty = duties.build(case, owed, days)
            opened.append(duty)
            case.due_at = min(case.due_at or duty.due_at, duty.due_at)
    Finding.objects.bulk_create(all_findings)
    Duty.objects.bulk_create(opened)
    Case.objects.bulk_update(
        cases.values(), ["state", "due_at", "findings_count", "turn"]
    )

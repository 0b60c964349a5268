"""Messages seen for the first time, stored with all that follows in few statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from archive.models import Record
from archive.sealing import Sealing, seal_many
from channels.attachments import as_files
from channels.models import Attachment, Message, Municipality, Post, Version
from channels.platforms.base import Seen, text_digest
from moderation import duties, facts, proposing, reports, screening
from moderation.models import Case, Duty, Finding, Proposal

if TYPE_CHECKING:
    from channels.models import Channel
    from channels.platforms.base import Item
    from moderation.carried import Carried

# Who seals what nobody decided: the intake itself, on arrival.
INTAKE = "Kanalvakt (intake)"
RETENTION = "received-direct-message"


def store(
    *, channel: Channel, items: Sequence[Item], source: str, came: Carried
) -> list[Case]:
    """In the caller's transaction. The items are clean and all of them new; `came`
    holds what became of their files."""
    now = timezone.now()
    posts = _posts(channel, items)
    messages = Message.objects.bulk_create(
        [
            Message(
                channel=channel,
                kind=item.kind,
                external_id=item.id,
                parent_id_there=item.parent_id,
                post=posts.get(item.post.id) if item.post else None,
                author_id=item.author.id,
                author_name=item.author.name,
                author_handle=item.author.handle,
                author_url=item.author.url,
                is_ours=item.is_ours,
                text=item.text,
                digest=item.digest,
                attachments_count=len(item.attachments),
                permalink=item.permalink,
                posted_at=item.created_at,
                edited_at=item.edited_at,
                received_at=now,
                source=source,
                visibility=(item.state or Seen.VISIBLE).value,
            )
            for item in items
        ]
    )
    versions = Version.objects.bulk_create(
        [
            Version(
                message=message,
                number=1,
                text=message.text,
                digest=text_digest(item.text) if item.attachments else message.digest,
                raw=item.raw,
                seen_at=now,
            )
            for message, item in zip(messages, items, strict=True)
        ]
    )
    attached: dict[int, list[Attachment]] = {}
    if any(item.attachments for item in items):
        rows = came.rows(list(zip(versions, items, strict=True)))
        for row in Attachment.objects.bulk_create(rows):
            attached.setdefault(row.version.message_id, []).append(row)
    records = seal_direct_messages(
        channel=channel,
        versions={
            message.pk: [version]
            for message, version in zip(messages, versions, strict=True)
        },
        messages=messages,
        attached=attached,
    )
    return _open_cases(channel, messages, versions, records)


def _open_cases(
    channel: Channel,
    messages: Sequence[Message],
    versions: Sequence[Version],
    records: dict[int, Record],
) -> list[Case]:
    days = duties.calendar()
    rules = screening.current_rules()
    parents = facts.parents_of(messages)
    cases: list[Case] = []
    all_findings: list[Finding] = []
    all_duties: list[Duty] = []
    proposals: list[Proposal] = []
    for message, version in zip(messages, versions, strict=True):
        case = Case(
            message=message,
            channel=channel,
            opened_at=message.received_at,
            received_record=records.get(message.pk),
        )
        cases.append(case)
        if message.is_ours:
            continue
        findings = screening.find(case, version, rules)
        case.findings_count = len(findings)
        all_findings += findings
        proposal = None
        if not duties.is_history(message.posted_at, message.received_at):
            parent = parents.get((message.channel_id, message.parent_id_there))
            proposal = proposing.propose(message, parent)
            proposals.append(
                proposing.stored(case, version, proposal, message.received_at)
            )
        for owed in duties.owed(
            proposal=proposal,
            direct=message.kind == Message.Kind.DM,
            posted_at=message.posted_at,
            received_at=message.received_at,
            strongest=max((finding.confidence for finding in findings), default=0.0),
        ):
            duty = duties.build(case, owed, days, channel.answer_hours)
            all_duties.append(duty)
            case.due_at = min(case.due_at or duty.due_at, duty.due_at)
    Case.objects.bulk_create(cases)
    Finding.objects.bulk_create(all_findings)
    Proposal.objects.bulk_create(proposals)
    Duty.objects.bulk_create(all_duties)
    reports.place_waiting(cases)
    return cases


def seal_direct_messages(
    *,
    channel: Channel,
    messages: Sequence[Message],
    versions: dict[int, list[Version]],
    attached: Mapping[int, list[Attachment]],
) -> dict[int, Record]:
    """Message key -> record. A direct message is a received public record the moment
    it arrives (K-17): it does not wait for anybody."""
    direct = [m for m in messages if m.kind == Message.Kind.DM and not m.is_ours]
    if not direct:
        return {}
    municipality = Municipality.objects.first()
    parents = facts.parents_of(direct)
    sealings = [
        Sealing(
            kind=Record.Kind.DIRECT_MESSAGE,
            subject=message.ref,
            facts=facts.of_message(
                message,
                channel=channel,
                municipality=municipality,
                versions=versions[message.pk],
                parent=parents.get((message.channel_id, message.parent_id_there)),
                attachments=attached.get(message.pk, ()),
            ),
            files=as_files(attached.get(message.pk, ())),
            retention=RETENTION,
        )
        for message in direct
    ]
    records = seal_many(sealings, by=INTAKE)
    return {m.pk: record for m, record in zip(direct, records, strict=True)}


def _posts(channel: Channel, items: Sequence[Item]) -> dict[str, Post]:
    wanted = {item.post.id: item.post for item in items if item.post}
    if not wanted:
        return {}
    Post.objects.bulk_create(
        [
            Post(
                channel=channel,
                external_id=post.id,
                title=post.title,
                text=post.text,
                url=post.url[:1000],
                posted_at=post.posted_at,
            )
            for post in wanted.values()
        ],
        update_conflicts=True,
        unique_fields=["channel", "external_id"],
        update_fields=["title", "text", "url"],
    )
    found = Post.objects.filter(channel=channel, external_id__in=wanted)
    return {post.external_id: post for post in found}

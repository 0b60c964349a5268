"""A message as it goes into the archive: who said what, where, and what we decided.

Plain dictionaries of text, so that the archive knows no model of ours. The keys are
those of the record format (docs/records.md).
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from channels.attachments import as_files
from channels.models import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from channels.models import (
        Attachment,
        Channel,
        Mandate,
        Municipality,
        User,
        Version,
    )
    from policies.models import RuleVersion

Facts = dict[str, Any]


def of_message(
    message: Message,
    *,
    channel: Channel,
    municipality: Municipality | None,
    versions: Iterable[Version],
    parent: Message | None = None,
    attachments: Sequence[Attachment] = (),
) -> Facts:
    """The message in its thread with all its versions and all that is known of the
    sender (K-19: content and information on the sender). `attachments` are those of
    all versions; the record's files are `channels.attachments.as_files` of them."""
    post = message.post
    content: Facts = {
        "message": {
            "platform": channel.platform,
            "channel": channel.slug,
            "channel_name": channel.name,
            "channel_address": channel.address,
            "department": channel.department.name,
            "municipality": municipality.name if municipality else "",
            "kind": message.kind,
            "platform_id": message.external_id,
            "parent_id": message.parent_id_there,
            "permalink": message.permalink,
            "text": message.text,
            "posted_at": utc(message.posted_at),
            "edited_at": utc(message.edited_at),
            "received_at": utc(message.received_at),
            "source": message.source,
            "versions": [
                {
                    "number": version.number,
                    "text": version.text,
                    "sha256": version.digest,
                    "seen_at": utc(version.seen_at),
                }
                for version in versions
            ],
        },
        "sender": {
            "name": message.author_name,
            "handle": message.author_handle,
            "platform_id": message.author_id,
            "profile_url": message.author_url,
        },
        "context": {
            "post": {
                "platform_id": post.external_id,
                "title": post.title,
                "text": post.text,
                "url": post.url,
            }
            if post
            else None,
            "parent": {
                "platform_id": parent.external_id,
                "sender": parent.author_name,
                "text": parent.text,
            }
            if parent
            else None,
        },
    }
    if attachments:
        content["message"]["attachments"] = _attached(attachments)
    return content


def _attached(attachments: Sequence[Attachment]) -> list[Facts]:
    """Which version had which of the record's files, by its JSON pointer there; and
    which files we have not, and why. No digest: it would tell of a picture that is
    masked."""
    places = {file.sha256: n for n, file in enumerate(as_files(attachments))}
    return [
        {
            "version": one.version.number,
            "number": one.position,
            "platform_id": one.platform_id,
            "told_type": one.told_mime,
            **(
                {"file": f"/files/{places[one.sha256]}"}
                if one.sha256
                else {
                    "name": one.name,
                    "address": one.address,
                    "missing": " ".join(filter(None, (one.missing, one.detail))),
                }
            ),
        }
        for one in attachments
    ]


def of_decision(
    *,
    verb: str,
    by: User,
    mandate: Mandate,
    reason: str,
    rule_version: RuleVersion | None,
    wording: str,
    legal_basis: str,
    at: datetime,
) -> Facts:
    return {
        "verb": verb,
        "rule": rule_version.rule.code if rule_version else "",
        "rule_version": rule_version.number if rule_version else None,
        "rule_wording": wording,
        "legal_basis": legal_basis,
        "reason": reason,
        "officer": by.signature,
        "mandate": f"{mandate.pk} ({mandate.starts_on.isoformat()}–)",
        "decided_at": utc(at),
    }


def parents_of(messages: Sequence[Message]) -> dict[tuple[int, str], Message]:
    """(channel, id there) -> the message answered, in one query for any number."""
    wanted = {(m.channel_id, m.parent_id_there) for m in messages if m.parent_id_there}
    if not wanted:
        return {}
    found = Message.objects.filter(
        channel_id__in={channel for channel, _id in wanted},
        external_id__in={external_id for _channel, external_id in wanted},
    )
    return {(m.channel_id, m.external_id): m for m in found}


def utc(moment: datetime | None) -> str | None:
    """UTC with milliseconds and Z: the form of every time in a record."""
    if moment is None:
        return None
    return (
        moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )

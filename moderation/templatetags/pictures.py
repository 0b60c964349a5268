"""The pictures and other files of a message, where a page of the desk shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from channels import attachments

if TYPE_CHECKING:
    from channels.models import Attachment, Message

register = template.Library()


@register.inclusion_tag("desk/pictures.html")
def pictures_of(
    message: Message, number: int | None = None, *, key: str = ""
) -> dict[str, Any]:
    """Those of the version with that number, or of the newest. `key` shows them all.
    Asks the database once a message, and not at all where there are none."""
    found = _all_of(message)
    number = number or message.versions_count
    shown = [one for one in found if one.version.number == number]
    return {
        "case": message.case.pk if shown else None,
        "files": shown,
        "pictures": [one.pk for one in shown if one.is_picture],
        "sender": message.author_name,
        "ours": message.is_ours,
        "key": key,
    }


@register.filter
def file_name(one: Attachment) -> str:
    return attachments.file_name(one)


@register.filter
def place_in(one: Attachment, keys: list[int]) -> int:
    """1 for the first picture of the message, and so on."""
    return keys.index(one.pk) + 1


def _all_of(message: Message) -> list[Attachment]:
    if not message.attachments_count:
        return []
    found: list[Attachment] | None = getattr(message, "_files_shown", None)
    if found is None:
        found = attachments.of_messages([message]).get(message.pk, [])
        message._files_shown = found  # type: ignore[attr-defined]
    return found

"""What the public may know of each channel (K-1, K-3, K-4, K-15, K-24)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language

from channels.models import Channel, Municipality

if TYPE_CHECKING:
    from collections.abc import Iterable

# In the order of the table; the JSON has the same names.
COLUMNS = (
    "name",
    "platform",
    "address",
    "page",
    "department",
    "purpose",
    "comment_purpose",
    "takes_comments",
    "takes_direct_messages",
    "answer_within",
    "contact",
)


def listed() -> list[Channel]:
    """The channels in use, by department and name as people sort them."""
    channels = Channel.objects.active().select_related("department", "owner")
    return sorted(
        channels,
        key=lambda channel: (
            alphabetical(channel.department.name),
            alphabetical(channel.name),
        ),
    )


def contact_of(channel: Channel, municipality: Municipality | None) -> str:
    """The department's address, else the municipality's for unsuitable comments."""
    if channel.department.email:
        return channel.department.email
    return municipality.contact_email if municipality else ""


def address_of(channel: Channel) -> str:
    """Where visitors find the channel: a practice wall is a page of our own."""
    if channel.platform == "practice":
        return f"{settings.BASE_URL}{reverse('wall', args=[channel.slug])}"
    return channel.address


def rows(
    channels: Iterable[Channel], municipality: Municipality | None
) -> list[dict[str, str | bool]]:
    """One row a channel, ready for JSON or a table; `answer_within` is
    "next working day", "4 working hours", or "" where nobody can write (K-14)."""
    return [
        {
            "name": channel.name,
            "platform": str(channel.get_platform_display()),
            "address": address_of(channel),
            "page": f"{settings.BASE_URL}{channel.get_absolute_url()}",
            "department": channel.department.name,
            "purpose": channel.purpose,
            "comment_purpose": channel.comment_purpose,
            "takes_comments": channel.takes_comments,
            "takes_direct_messages": channel.takes_direct_messages,
            "answer_within": _answer_within(channel),
            "contact": contact_of(channel, municipality),
        }
        for channel in channels
    ]


def _answer_within(channel: Channel) -> str:
    if not (channel.takes_comments or channel.takes_direct_messages):
        return ""
    hours = channel.answer_hours
    return f"{hours} working hours" if hours else "next working day"


def cell(value: str | bool) -> str:
    """A value as a table program takes it: text that begins like a formula is kept
    text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def alphabetical(text: str) -> str:
    """A key that sorts as the page's language does: å, ä, ö in Swedish, æ, ø, å in
    Norwegian, after z."""
    norwegian = get_language() in {"nb", "nn", "no"}
    return text.casefold().translate(_NORWEGIAN if norwegian else _SWEDISH)


# "{" is the character after "z".
_SWEDISH = str.maketrans(
    {"å": "{0", "ä": "{1", "æ": "{1", "ö": "{2", "ø": "{2", "é": "e", "ü": "y"}
)
_NORWEGIAN = str.maketrans(
    {"æ": "{0", "ä": "{0", "ø": "{1", "ö": "{1", "å": "{2", "é": "e", "ü": "y"}
)

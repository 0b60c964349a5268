"""Who sees to a channel's connection with its platform (K-9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from channels.platforms import PLATFORMS

if TYPE_CHECKING:
    from channels.models import Channel, User


def refusal(channel: Channel, user: User) -> str:
    """Why the person does not see to the channel's connection; "" when they do.
    Nothing is asked of a platform before the head has approved the channel."""
    if not channel.is_active:
        return _("The channel is not in use.")
    if not PLATFORMS[channel.platform].path:
        return _("This channel is only imported into.")
    if user.pk not in {
        channel.owner_id,
        channel.login_holder_id,
        channel.department.head_id,
    }:
        return _("Only the owner, the login holder and the head see to the connection.")
    return ""

"""From a channel to the connector that speaks with its platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels import credentials
from channels.platforms import connect
from channels.platforms.base import AuthExpired

if TYPE_CHECKING:
    from channels.models import Channel
    from channels.platforms.base import Connector


class LoginMissing(AuthExpired):
    """Nobody has entered one yet, or not all of it: the platform was not asked."""


def connector_of(channel: Channel) -> Connector | None:
    """None for a channel that is only imported into. Raises AuthExpired when the
    credential is missing or can no longer be opened."""
    try:
        secrets = credentials.values_of(channel)
        return connect(
            channel.platform,
            address=channel.address,
            channel=channel.slug,
            secrets=secrets,
        )
    except credentials.CredentialUnreadable as error:
        raise AuthExpired("the kept credential cannot be opened") from error
    except TypeError as error:
        raise LoginMissing("the credential is missing or incomplete") from error

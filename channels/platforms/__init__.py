"""The registry of platforms: a new one is a file here and a line below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from channels.platforms.base import Connector


@dataclass(frozen=True, slots=True)
class Platform:
    """`path` is "module.Class"; empty where messages only come by import.

    `settings` names what the class is made with: field -> (label, is it secret).
    `longest_reply` counts characters (code points), the signature with them.
    """

    label: str | Promise
    path: str = ""
    settings: Mapping[str, tuple[str | Promise, bool]] | None = None
    longest_reply: int = 5_000


PLATFORMS: dict[str, Platform] = {
    "wordpress": Platform(
        "WordPress",
        "channels.platforms.wordpress.WordPress",
        {
            "username": (_("User name at WordPress"), False),
            "application_password": (_("Application password"), True),
        },
        # WordPress itself refuses above 65,525 bytes; no answer needs so many.
        longest_reply=8_000,
    ),
    "practice": Platform(
        _("Practice wall"), "channels.platforms.practice.PracticeWall"
    ),
    "import": Platform(_("Imported files")),
}


def choices() -> list[tuple[str, str | Promise]]:
    return [(key, platform.label) for key, platform in PLATFORMS.items()]


def connect(
    platform: str, *, address: str, channel: str, secrets: Mapping[str, Any]
) -> Connector | None:
    """The connector of a platform; None where there is nothing to connect to.

    `address` is the channel's address, `channel` its slug, `secrets` the settings
    that `Platform.settings` names.
    """
    path = PLATFORMS[platform].path
    if not path:
        return None
    module, name = path.rsplit(".", 1)
    connector: Connector = getattr(import_module(module), name)(
        address=address, channel=channel, **secrets
    )
    return connector

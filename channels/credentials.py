"""Platform credentials at rest: encrypted with a key that is not in the database."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from channels import connecting
from channels.models import Channel, Credential

if TYPE_CHECKING:
    from collections.abc import Mapping

    from channels.models import User


class CredentialUnreadable(Exception):
    """The key has changed since the credential was kept: it must be entered anew."""


@transaction.atomic
def keep(*, channel: Channel, values: Mapping[str, str], by: User) -> Credential:
    """Stores what a connector of this channel's platform is made with: by owner, login
    holder or head of an approved channel. PermissionDenied says why not."""
    why_not = connecting.refusal(channel, by)
    if why_not:
        raise PermissionDenied(why_not)
    sealed = _box().encrypt(json.dumps(dict(values)).encode())
    credential, _made = Credential.objects.update_or_create(
        channel=channel,
        defaults={"sealed": sealed, "kept_by": by, "kept_at": timezone.now()},
    )
    # A fresh credential is a reason to try again.
    channel.stream.paused_at = None
    channel.stream.last_error = ""
    channel.stream.failures = 0
    channel.stream.next_poll_at = timezone.now()
    channel.stream.save()
    return credential


def values_of(channel: Channel) -> dict[str, str]:
    """The credential in the clear, {} when there is none; never log it."""
    credential = Credential.objects.filter(channel=channel).first()
    if credential is None:
        return {}
    try:
        opened = _box().decrypt(bytes(credential.sealed))
    except InvalidToken as error:
        raise CredentialUnreadable(channel.slug) from error
    values: dict[str, str] = json.loads(opened)
    return values


def _box() -> Fernet:
    derived = HKDF(
        algorithm=SHA256(), length=32, salt=None, info=b"kanalvakt credentials"
    ).derive((settings.CREDENTIALS_KEY or settings.SECRET_KEY).encode())
    return Fernet(base64.urlsafe_b64encode(derived))

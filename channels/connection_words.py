"""What came of speaking with a platform, in words for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from channels.connections import LoginMissing
from channels.platforms.base import (
    Ambiguous,
    AuthExpired,
    Forbidden,
    NotFound,
    NotSupported,
    PlatformError,
    RateLimited,
    Transient,
)

if TYPE_CHECKING:
    from channels.platforms.base import Author


def failed(error: PlatformError) -> str:
    """What went wrong and what to do; the platform's own code at the end."""
    match error:
        case LoginMissing():
            text = _("No login has been entered yet. Enter it first.")
        case AuthExpired():
            text = _("The platform does not accept the login. Enter it anew.")
        case Forbidden():
            text = _(
                "The platform knows the account but does not let it moderate. Give it "
                "the rights there."
            )
        case NotFound():
            text = _("Nothing was found at the channel's address. Is it right?")
        case RateLimited():
            text = _("The platform asks us to wait. Try again in a while.")
        case Transient() | Ambiguous():
            text = _("The platform cannot be reached just now. Try again in a while.")
        case NotSupported():
            text = _("The platform does not offer what is needed.")
        case _unknown:
            text = _("The platform answered in a way we do not understand.")
    return f"{text} ({error.code})" if error.code else text


def succeeded(author: Author) -> str:
    name = author.name or author.handle or author.id
    if author.name and author.handle and author.handle != author.name:
        name = f"{author.name} ({author.handle})"
    return _("It works: the platform knows us as %(name)s.") % {"name": name}

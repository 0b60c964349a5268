"""What a person does with an act that its platform has not done: send it once more, or
take it off the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from channels import delivery as outbox
from moderation.models.case import channels_seen_by
from moderation.refusals import Refused

if TYPE_CHECKING:
    from channels.models import Delivery, User


def try_again(*, delivery: Delivery, by: User) -> Delivery:
    """Raises Refused with a sentence when it does not wait, PermissionDenied when this
    person may not."""
    _may(by, delivery)
    try:
        return outbox.try_again(delivery=delivery, by=by)
    except outbox.Refused as why_not:
        raise Refused(str(why_not)) from why_not


def leave(*, delivery: Delivery, by: User) -> Delivery:
    """It was seen to by hand, or is let be; the record stays. Raises Refused."""
    _may(by, delivery)
    try:
        return outbox.withdraw(delivery=delivery, by=by)
    except outbox.Refused as why_not:
        raise Refused(str(why_not)) from why_not


def may_settle(by: User) -> None:
    """Raises PermissionDenied."""
    if not by.has_perm("moderation.settle_delivery"):
        raise PermissionDenied(_("Your account may not do this."))


def _may(by: User, delivery: Delivery) -> None:
    may_settle(by)
    if delivery.message.channel_id not in channels_seen_by(by):
        raise Refused(_("You do not see that message."))

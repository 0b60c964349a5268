"""An act taken out of the outbox before its platform was told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from channels.delivery import Refused
from channels.models import Delivery

if TYPE_CHECKING:
    from datetime import datetime

    from channels.models import User


def can_be_taken_back(delivery: Delivery) -> bool:
    """Nobody has begun to tell the platform. Only true for sure under the row's lock:
    a worker counts the attempt before it calls."""
    return delivery.state == Delivery.State.WAITING and delivery.attempts == 0


def take_back(*, delivery: Delivery, by: User, at: datetime | None = None) -> Delivery:
    """In the caller's transaction. Waits for a worker that is just claiming the row,
    and raises Refused when it was first: what may have been sent is not taken back."""
    row = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    if not can_be_taken_back(row):
        raise Refused(_("The platform has been told already."))
    now = at or timezone.now()
    row.state = Delivery.State.WITHDRAWN
    row.settled_at = row.withdrawn_at = now
    row.withdrawn_by = by
    row.save(update_fields=["state", "settled_at", "withdrawn_at", "withdrawn_by"])
    return row

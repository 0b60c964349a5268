"""What one person proposes and another settles, on a page: its register, and the two
ways in which it ends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet

from archive.retention import NotAllowed

if TYPE_CHECKING:
    from django import forms

    from archive.guards import PersonRequest

ROWS = 50


def newest(rows: QuerySet, after: str) -> tuple[list[Any], UUID | None]:
    """(a page of what was proposed, the newest first; the key after which the next one
    begins, if there is more). `after` comes from an address; what is no key of these
    rows begins anew."""
    place = None
    with contextlib.suppress(ValueError):
        place = rows.filter(pk=UUID(after)).first()
    if place is not None:
        at = place.proposed_at
        rows = rows.filter(Q(proposed_at__lt=at) | Q(proposed_at=at, pk__lt=place.pk))
    found = list(rows.order_by("-proposed_at", "-pk")[: ROWS + 1])
    return found[:ROWS], found[ROWS - 1].pk if len(found) > ROWS else None


def confirmed(
    request: PersonRequest, form: forms.Form, confirm: Callable[[], Any], said: str
) -> bool:
    """Whether it is done; why not stands at the form."""
    if not form.is_valid():
        return False
    try:
        confirm()
    except NotAllowed as why_not:
        form.add_error(None, str(why_not))
        return False
    messages.success(request, said)
    return True


def cancelled(request: PersonRequest, cancel: Callable[[], Any], said: str) -> None:
    try:
        cancel()
    except NotAllowed as why_not:
        messages.error(request, str(why_not))
    else:
        messages.success(request, said)

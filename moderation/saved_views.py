"""Views of the desk that an officer keeps under a name. Only their own, at most
`SavedView.MOST`; exactly one or none of them opens the desk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from archive import prepared
from channels.models import User
from moderation.models import SavedView
from moderation.refusals import Refused

if TYPE_CHECKING:
    from moderation.desk_filters import Filters


def saved_of(owner: User) -> list[SavedView]:
    """By name. The desk asks on every page, so the database knows the statement."""
    return with_these(owner)[0]


def with_these(
    owner: User, *others: tuple[str, prepared.Values]
) -> tuple[list[SavedView], list[list[tuple[Any, ...]]]]:
    """The views, and the rows of other statements asked for in the same packet."""
    statement, load = _reading()
    found, *rest = prepared.several((statement, [owner.pk]), *others)
    return [load(row) for row in found], rest


@cache
def _reading() -> tuple[str, Callable[[Sequence[Any]], Any]]:
    columns = ", ".join(prepared.columns(SavedView, "view"))
    return (
        f"SELECT {columns} FROM moderation_savedview view"
        " WHERE owner_id = %s ORDER BY name, id",
        prepared.loader(SavedView),
    )


@transaction.atomic
def save(*, owner: User, name: str, filters: Filters) -> SavedView:
    """Under a new name, or in place of what had that name. Raises Refused when the
    name is empty or the list is full."""
    name = _named(name)
    _one_at_a_time(owner)
    views = {view.name: view for view in SavedView.objects.of(owner)}
    view = views.get(name)
    if view is None:
        if len(views) >= SavedView.MOST:
            raise Refused(
                _("At most %(most)d views can be saved. Delete one first.")
                % {"most": SavedView.MOST}
            )
        view = SavedView(owner=owner, name=name)
    view.filters = filters.query
    view.save()
    return view


@transaction.atomic
def rename(*, view: SavedView, name: str, by: User) -> SavedView:
    name = _named(name)
    _one_at_a_time(by)
    if SavedView.objects.of(by).filter(name=name).exclude(pk=view.pk).exists():
        raise Refused(_("You have a view of that name already."))
    view.name = name
    view.save(update_fields=["name"])
    return view


@transaction.atomic
def open_with(*, view: SavedView, by: User, on: bool) -> SavedView:
    """The desk opens with this view, or no longer does."""
    _one_at_a_time(by)
    SavedView.objects.of(by).filter(is_default=True).update(is_default=False)
    if on:
        SavedView.objects.filter(pk=view.pk).update(is_default=True)
    view.is_default = on
    return view


def delete(*, view: SavedView) -> None:
    view.delete()


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refused(_("Give the view a name."))
    if len(name) > 60:
        raise Refused(_("The name is too long: at most 60 characters."))
    return name


def _one_at_a_time(owner: User) -> None:
    """Two clicks of the same person do not make twenty-one views."""
    User.objects.select_for_update().only("pk").get(pk=owner.pk)

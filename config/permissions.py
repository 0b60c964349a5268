"""Who a person is and what they may do, read together once a request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import Q

from archive import prepared

if TYPE_CHECKING:
    from channels.models import User

_MAY = """ARRAY(
    SELECT kind.app_label || '.' || permission.codename
    FROM auth_permission permission
    JOIN django_content_type kind ON kind.id = permission.content_type_id
    WHERE permission.id IN (
        SELECT permission_id FROM channels_user_user_permissions
        WHERE user_id = person.id
        UNION
        SELECT allowed.permission_id
        FROM channels_user_groups membership
        JOIN auth_group_permissions allowed USING (group_id)
        WHERE membership.user_id = person.id
    )
)"""

# What was read of a person together with the session that they are about to be asked
# for by; used once.
_ahead: ContextVar[Sequence[Any] | None] = ContextVar("person read ahead", default=None)


def columns() -> str:
    """Of `channels_user person`, its key first: what `read_ahead` takes."""
    return f"{', '.join(prepared.columns(get_user_model(), 'person'))}, {_MAY}"


def read_ahead(row: Sequence[Any] | None) -> None:
    """The person that a session was just found to be of."""
    _ahead.set(row)


class OneQueryBackend(ModelBackend):
    def get_user(self, user_id: Any) -> User | None:
        """The person of a session, with their permissions beside."""
        row = _ahead.get()
        _ahead.set(None)
        if row is None or row[0] != int(user_id):
            rows = prepared.rows(_reading(), [int(user_id)])
            if not rows:
                return None
            [row] = rows
        user: User = _loader()(row[:-1])
        if not self.user_can_authenticate(user):
            return None
        if not user.is_superuser:
            user._perm_cache = set(row[-1])  # type: ignore[attr-defined]
        return user

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """The person's own permissions and those of their groups together."""
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if user_obj.is_superuser:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):
            rows = Permission.objects.filter(
                Q(user=user_obj.pk) | Q(group__user=user_obj.pk)
            ).values_list("content_type__app_label", "codename")
            user_obj._perm_cache = {f"{app}.{name}" for app, name in rows.order_by()}
        found: set[str] = user_obj._perm_cache
        return found


@cache
def _reading() -> str:
    return f"SELECT {columns()} FROM channels_user person WHERE person.id = %s"


@cache
def _loader() -> Callable[[Sequence[Any]], Any]:
    return prepared.loader(get_user_model())

"""Taking, putting back and giving away a message, as the desk's page asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import Mandate, User
from moderation import assignment
from moderation.desk_forms import TurnForm

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from moderation.models import Case


class AssignForm(TurnForm):
    to = forms.ModelChoiceField(
        label=gettext_lazy("To"),
        queryset=User.objects.none(),
        error_messages={"required": gettext_lazy("Choose a colleague.")},
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)
        people = mandated(case)
        if case.assigned_to_id is not None:
            people = people.exclude(pk=case.assigned_to_id)
        field.queryset = people


def mandated(case: Case) -> QuerySet[User]:
    """Who may answer on the case's channel today."""
    mandates = Mandate.objects.in_force(timezone.localdate())
    return User.objects.filter(
        pk__in=mandates.filter(channel=case.channel_id).values("person"),
        is_active=True,
    ).order_by("first_name", "last_name", "pk")


def _claim(one: Case, by: User, data: dict[str, Any]) -> str:
    assignment.claim(case=one, by=by, turn=data["turn"])
    return _("The message is with you.")


def _release(one: Case, by: User, data: dict[str, Any]) -> str:
    assignment.release(case=one, by=by, turn=data["turn"])
    return _("Put back for whoever comes first.")


def _assign(one: Case, by: User, data: dict[str, Any]) -> str:
    meant = data["to"]
    done = assignment.assign(case=one, by=by, to=meant, turn=data["turn"])
    if done.instead_of_id:
        return _("%(person)s is away: the message is with %(cover)s.") % {
            "person": meant,
            "cover": done.to,
        }
    return _("The message is with %(person)s.") % {"person": done.to}


ACTS: dict[str, Callable[[Case, User, dict[str, Any]], str]] = {
    "claim": _claim,
    "release": _release,
    "assign": _assign,
}

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels.models import Mandate, User
from moderation import absences

if TYPE_CHECKING:
    from django.db.models import QuerySet


class AbsenceForm(forms.Form):
    """One's own absence; a head may choose whose."""

    person = forms.ModelChoiceField(
        label=_("Who is away"), queryset=User.objects.none(), empty_label=None
    )
    starts_on = forms.DateField(
        label=_("First day away"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Enter the first day.")},
    )
    ends_on = forms.DateField(
        label=_("Last day away"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Enter the last day.")},
    )
    cover = forms.ModelChoiceField(
        label=_("Covered by"),
        queryset=User.objects.none(),
        empty_label=_("Choose a colleague"),
        help_text=_("Somebody with a mandate on the same channels."),
        error_messages={"required": _("Choose who covers.")},
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = absences.people_of(by) | User.objects.filter(pk=by.pk)
        self._offer("person", people)
        self._offer(
            "cover",
            User.objects.filter(
                pk__in=Mandate.objects.in_force().values("person"), is_active=True
            ),
        )
        self.initial.setdefault("person", by.pk)
        if not absences.people_of(by).exists():
            self.fields["person"].widget = forms.HiddenInput()

    def _offer(self, name: str, people: QuerySet[User]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people.order_by("first_name", "last_name", "pk").distinct()

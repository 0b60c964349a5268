"""Forms of answers and referrals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moderation.desk_forms import TurnForm
from moderation.models import Duty
from moderation.replies import LONGEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moderation.referrals import Destination

# What an answer may tell of besides, by the duty that it meets so.
TELLS = {
    Duty.Kind.REFER.value: _("It tells the sender that a formal enquiry is needed"),
    Duty.Kind.DOCUMENT.value: _(
        "It tells the sender that the municipality has to document the matter"
    ),
    Duty.Kind.REGISTER.value: _(
        "It asks the sender to write to the authority's mailbox"
    ),
}


class AnswerForm(TurnForm):
    text = forms.CharField(
        label=_("Answer"),
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=LONGEST,
        error_messages={"required": _("Write an answer first.")},
    )
    tells = forms.MultipleChoiceField(
        label=_("The answer also"),
        choices=list(TELLS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class ReleaseForm(TurnForm):
    """Carries which saving of the draft was read."""

    number = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class SendBackForm(forms.Form):
    number = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("What should be different"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        error_messages={"required": _("Say what should be different.")},
    )


class ReferForm(TurnForm):
    to = forms.ChoiceField(
        label=_("To"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whom the message is passed on to.")},
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("Goes with the message. What should they know?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
    )
    instead_of = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, destinations: Sequence[Destination], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.destinations = {one.key: one for one in destinations}
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.key, one.name) for one in destinations]


class GiveBackForm(forms.Form):
    reason = forms.CharField(
        label=_("Why they sent it back"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        error_messages={"required": _("Say why it was sent back.")},
    )

"""Forms of the register: a proposal, a mandate, a platform's login."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AdminUserCreationForm
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.models import Channel, Mandate, User
from channels.platforms import PLATFORMS

if TYPE_CHECKING:
    ChannelModelForm = forms.ModelForm[Channel]
    MandateModelForm = forms.ModelForm[Mandate]
else:
    ChannelModelForm = MandateModelForm = forms.ModelForm


class ChannelForm(ChannelModelForm):
    """A proposal, and later the changes that owner and head make."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "address" in self.fields:
            self.fields["address"].required = False
            self.fields["address"].help_text = gettext_lazy(
                "Where visitors find it. A practice wall gets its address by itself."
            )
        if "purpose" in self.fields:
            for name in ("purpose", "comment_purpose"):
                self.fields[name].widget.attrs["rows"] = 4

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "address" in self.fields and not data.get("address"):
            if data.get("platform") == "practice" and data.get("slug"):
                data["address"] = f"{settings.BASE_URL}/wall/{data['slug']}/"
            elif "address" not in self.errors:
                self.add_error("address", _("Say where visitors find the channel."))
        return data


class MandateForm(MandateModelForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        person, channel = data.get("person"), data.get("channel")
        if (
            person
            and channel
            and Mandate.objects.filter(
                person=person, channel=channel, ends_on=None
            ).exists()
        ):
            self.add_error(
                "person",
                _("%(person)s has a mandate on this channel already.")
                % {"person": person},
            )
        if "ends_on" in self.fields:
            ends_on = data.get("ends_on")
            if not ends_on:
                self.add_error("ends_on", _("Say on which day the mandate ends."))
            elif ends_on < self.instance.starts_on:
                self.add_error("ends_on", _("A mandate cannot end before it starts."))
        return data


class PersonCreationForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "email")


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text=gettext_lazy("Told to the one who proposed the channel."),
        error_messages={"required": gettext_lazy("Say why the channel is refused.")},
    )


class LoginForm(forms.Form):
    """What a platform's connector is made with. Secrets are written, never shown."""

    def __init__(
        self, *args: Any, platform: str, kept: dict[str, str] | None = None, **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        for name, (label, secret) in (PLATFORMS[platform].settings or {}).items():
            widget: forms.Widget = (
                forms.PasswordInput(attrs={"autocomplete": "new-password"})
                if secret
                else forms.TextInput(attrs={"autocomplete": "off"})
            )
            self.fields[name] = forms.CharField(
                label=str(label),
                max_length=4000,
                widget=widget,
                initial="" if secret else (kept or {}).get(name, ""),
            )

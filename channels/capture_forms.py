from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.captures import MOST_FILES, Kept
from channels.capturing.kinds import ENDINGS, kind_of
from channels.guards import PlainText
from channels.models import Capture

LARGEST = 200 * 1024 * 1024
REASONS = [
    choice
    for choice in Capture.Reason.choices
    if choice[0] != Capture.Reason.SCHEDULED.value
]


class AskForm(forms.Form):
    """A capture now; before a major change with a word on what will change."""

    reason = forms.ChoiceField(label=gettext_lazy("Why"), choices=REASONS)
    note = PlainText(label=gettext_lazy("Note"), max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("reason") == Capture.Reason.CHANGE and not cleaned.get("note"):
            self.add_error("note", _("Say what is going to change."))
        return cleaned


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; the value is a list of `Kept`."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if len(given) > MOST_FILES:
            raise forms.ValidationError(
                _("Upload at most %(count)d files.") % {"count": MOST_FILES}
            )
        if sum(one.size for one in given) > LARGEST:
            raise forms.ValidationError(
                _("The files are larger than %(size)d MB together.")
                % {"size": LARGEST // 1024 // 1024}
            )
        given = [super(FilesField, self).clean(one, initial) for one in given]
        if not given:
            raise forms.ValidationError(_("Choose at least one file."))
        return [self._kept(one) for one in given]

    def _kept(self, file: Any) -> Kept:
        data = file.read()
        kind = kind_of(data)
        if kind is None:
            raise forms.ValidationError(
                _("“%(name)s” is not a whole PNG, JPEG, PDF, WACZ, WARC or MHTML file.")
                % {"name": file.name}
            )
        stem = PurePath(file.name).stem.split(".")[0][:200] or "capture"
        return Kept(name=f"{stem}{ENDINGS[kind]}", mime=kind, data=data)


class UploadForm(AskForm):
    """A capture made by hand, with what the browser would have told of it."""

    uploads = FilesField(
        label=gettext_lazy("Files"),
        help_text=gettext_lazy(
            "Pictures (PNG, JPEG), PDF, saved pages (MHTML) or web archives (WACZ, "
            "WARC)."
        ),
    )
    address = forms.URLField(
        label=gettext_lazy("Address of the page"),
        max_length=1000,
        assume_scheme="https",
    )
    captured_at = forms.DateTimeField(
        label=gettext_lazy("Captured"),
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
    )
    software = PlainText(
        label=gettext_lazy("Made with"),
        max_length=200,
        help_text=gettext_lazy("The program and its version, such as Firefox 140."),
    )
    field_order = ("uploads", "address", "captured_at", "software", "reason", "note")

    def clean_captured_at(self) -> Any:
        moment = self.cleaned_data["captured_at"]
        if moment > timezone.now():
            raise forms.ValidationError(
                _("The capture cannot have been made in the future.")
            )
        return moment

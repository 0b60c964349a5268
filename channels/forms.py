"""Forms of the practice wall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from channels import wall_pictures
from channels.guards import GuardedForm, PlainText

if TYPE_CHECKING:
    from channels.models import WallEntry

LONGEST = 5000


class ManyPictures(forms.FileInput):
    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Any number of files that open as pictures; cleaned into `wall_pictures.Picture`.
    One that does not is named, and the others are not lost for it in words."""

    widget = ManyPictures(attrs={"accept": ",".join(wall_pictures.TYPES)})

    def clean(self, data: Any, initial: Any = None) -> list[wall_pictures.Picture]:
        sent = [one for one in data or [] if one]
        if len(sent) > wall_pictures.MOST:
            raise ValidationError(
                _("Choose at most %(most)d pictures."),
                params={"most": wall_pictures.MOST},
            )
        found, wrong = [], []
        for one in sent:
            try:
                found.append(wall_pictures.received(super().clean(one, initial)))
            except ValidationError as error:
                wrong.append(error)
        if wrong:
            raise ValidationError(wrong)
        return found


class TextForm(GuardedForm):
    """`has` is the number of pictures that stand there already."""

    text = PlainText(
        label=_("Text"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        required=False,
    )
    pictures = PicturesField(
        label=_("Pictures"),
        help_text=_(
            "If you like: up to 4, at most 8 MB each (PNG, JPEG, WebP, GIF). What a "
            "camera writes into a JPEG, such as the place, is left out."
        ),
        required=False,
        max_length=1000,
        error_messages={
            "empty": _("A file without content cannot be sent."),
            "max_length": _("The name of a file is too long."),
        },
    )
    field_order: tuple[str, ...] = ("text", "pictures")
    has = 0

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        sent = cleaned.get("pictures") or []
        if not cleaned.get("text") and not (sent or self.has or self.errors):
            self.add_error("text", _("Write something first."))
        if len(sent) + self.has > wall_pictures.MOST:
            self.add_error(
                "pictures",
                _("A comment has at most %(most)d pictures.")
                % {"most": wall_pictures.MOST},
            )
        return cleaned

    def shown_again(self) -> GuardedForm:
        """No browser sends a chosen file back to the form it came from."""
        if self.is_bound and self.files and not self.has_error("pictures"):
            self.add_error("pictures", _("Choose your pictures once more."))
        return super().shown_again()


class EditForm(TextForm):
    """One's own comment; `without` are the keys of pictures that are to go."""

    without = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args: Any, entry: WallEntry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.there = list(entry.pictures.all())
        self.fields["without"].choices = [  # type: ignore[attr-defined]
            (one.pk, one.name) for one in self.there
        ]

    def clean(self) -> dict[str, Any]:
        gone = self.cleaned_data.get("without") or []
        self.has = len(self.there) - len(gone)
        return super().clean()


class CommentForm(TextForm):
    """Also for answers and direct messages."""

    name = PlainText(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Say what we may call you.")},
    )
    field_order = ("name", "text", "pictures")


class MessageForm(CommentForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Your message")
        self.fields["text"].help_text = _(
            "Only the municipality reads it. Leave out health and identity numbers."
        )

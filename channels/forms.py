"""Forms of the practice wall."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from channels.guards import GuardedForm, PlainText

LONGEST = 5000


class TextForm(GuardedForm):
    text = PlainText(
        label=_("Text"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write something first.")},
    )


class CommentForm(TextForm):
    """Also for answers and direct messages."""

    name = PlainText(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Say what we may call you.")},
    )
    field_order = ("name", "text")


class MessageForm(CommentForm):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Your message")
        self.fields["text"].help_text = _(
            "Only the municipality reads it. Leave out health and identity numbers."
        )

"""Forms of the public: a report, and the question what became of it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from channels.guards import GuardedForm, PlainText
from moderation.models.report import ALPHABET


class ReportForm(GuardedForm):
    address = PlainText(
        label=_("Address of the comment"),
        help_text=_(
            "Copy the link to the comment, if you can. If not, say where it is."
        ),
        max_length=1000,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}
        ),
        error_messages={"required": _("Say where the comment is.")},
    )
    what = PlainText(
        label=_("What is wrong with it"),
        help_text=_("A sentence is enough."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Say what is wrong with the comment.")},
    )
    contact = PlainText(
        label=_("How we can reach you (optional)"),
        help_text=_(
            "E-mail or telephone, if we may ask you something. You can follow your "
            "report without it."
        ),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
    )
    field_order = ("address", "what", "contact")


class ReceiptForm(forms.Form):
    receipt = PlainText(
        label=_("Receipt number"),
        help_text=_("Twelve letters and digits, such as 4KTR-9WXP-2MHD."),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": _("Write the receipt number.")},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.label_suffix = ""

    def clean_receipt(self) -> str:
        """With or without hyphens and blanks, in any case."""
        code = "".join(
            c for c in self.cleaned_data["receipt"].upper() if c not in " -–\u00a0"
        )
        if len(code) != 12 or not set(code) <= set(ALPHABET):
            raise forms.ValidationError(
                _("A receipt number has twelve letters and digits. Check it.")
            )
        return f"{code[:4]}-{code[4:8]}-{code[8:]}"

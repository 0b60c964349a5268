"""Forms of the disclosure workbench."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archive import paragraphs
from archive.models import DisclosureRequest

EVERYWHERE = ""
MARKED = "span"


class RequestForm(forms.Form):
    asked = forms.CharField(
        label=_("What is asked for"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    received_on = forms.DateField(
        label=_("Received on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    kind = forms.ChoiceField(
        label=_("What kind"),
        choices=DisclosureRequest.Kind.choices,
        initial=DisclosureRequest.Kind.PUBLIC,
    )
    law = forms.ChoiceField(label=_("Law"), choices=DisclosureRequest.Law.choices)
    requester = forms.CharField(
        label=_("Who asks"),
        help_text=_("Leave it empty unless they said so: nobody has to."),
        required=False,
        max_length=300,
    )
    contact = forms.CharField(
        label=_("Where the answer goes"), required=False, max_length=300
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["received_on"].initial = timezone.localdate()
        last = DisclosureRequest.objects.order_by("-id").first()
        if last is not None:
            self.fields["law"].initial = last.law
        elif timezone.get_default_timezone_name() == "Europe/Oslo":
            self.fields["law"].initial = DisclosureRequest.Law.NO


class ParagraphForm(forms.Form):
    """The base of every form that masks: a mask without a paragraph is none."""

    paragraph = forms.ChoiceField(label=_("Legal paragraph"))

    def __init__(self, *args: Any, law: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.id, str(one)) for one in paragraphs.of_law(law)]
        field = self.fields["paragraph"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Choose …")), *choices]


class WordsForm(ParagraphForm):
    words = forms.CharField(
        label=_("Words"),
        help_text=_("In any case, also inside longer words."),
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    within = forms.CharField(label=_("Where"), required=False, max_length=500)
    # Filled by the page's script when a place in a text is marked.
    path = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)
    start = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    end = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    field_order = ("words", "within", "paragraph")


class FieldsForm(ParagraphForm):
    fields_masked = forms.MultipleChoiceField(
        error_messages={"required": _("Tick at least one field.")}
    )

    def __init__(self, *args: Any, paths: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["fields_masked"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(path, path) for path in paths]


class RegionForm(ParagraphForm):
    """Pixels of the picture as it is shown; x and y from its upper left corner."""

    position = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    x = forms.IntegerField(label=_("From the left"), min_value=0)
    y = forms.IntegerField(label=_("From the top"), min_value=0)
    width = forms.IntegerField(label=_("Width"), min_value=1)
    height = forms.IntegerField(label=_("Height"), min_value=1)

    field_order = ("x", "y", "width", "height", "paragraph")


class FileForm(ParagraphForm):
    position = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class GiveForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why something is masked"),
        help_text=_("The decision tells it to whoever asks."),
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    despite_leftovers = forms.BooleanField(
        label=_("I have looked at each of these places; they may be read."),
        required=False,
    )
    confirmed = forms.BooleanField(
        label=_("I have looked through what is shown on this page."),
        error_messages={"required": _("Look it through first, then tick the box.")},
    )


class RefuseForm(forms.Form):
    grounds = forms.MultipleChoiceField(
        label=_("Legal paragraphs"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None when there is no such record."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("In your own words; it stands in the letter."),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    confirmed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, law: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["grounds"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(one.id, str(one)) for one in paragraphs.of_law(law)]


class SenderForm(forms.Form):
    sender = forms.CharField(
        label=_("Handle or id on the platform"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_("Why direct messages are opened"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

"""What the desk asks for when a duty is confirmed, waived, met by hand or redated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from moderation import waiving
from moderation.desk_forms import TurnForm
from moderation.meeting import OTHERWISE
from moderation.models import Duty, DutyPart, ReplyKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moderation.models import Case

LONGEST_NOTE = 2000
# As browsers write a moment that a person has chosen.
MOMENT = "%Y-%m-%dT%H:%M"


class ConfirmForm(TurnForm):
    pass


class SealForm(TurnForm):
    pass


class CorrectForm(TurnForm):
    kinds = forms.MultipleChoiceField(
        label=_("What is it?"),
        choices=ReplyKind.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one kind.")},
    )


class WaiveForm(TurnForm):
    """`what` is a duty and a reason, as "answer:nothing_asked"."""

    what = forms.ChoiceField(
        label=_("What is waived, and why"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is waived, and why.")},
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=LONGEST_NOTE)

    def __init__(
        self,
        *args: Any,
        case: Case,
        duties: Sequence[Duty],
        kinds: list[str],
        **kwargs: Any,
    ) -> None:
        """`never` are the duties of the case that cannot be waived, with why."""
        super().__init__(*args, **kwargs)
        self.never: list[tuple[str, str]] = []
        offered = []
        for duty in duties:
            choices, why_not = waiving.choices(case, duty, kinds)
            name = capfirst(str(duty.get_kind_display()))
            if why_not:
                self.never.append((name, why_not))
            offered += [
                (f"{duty.kind}:{one.reason}", f"{name}: {one.label} ({one.clause})")
                for one in choices
            ]
        field = self.fields["what"]
        assert isinstance(field, forms.ChoiceField)
        if self.is_bound:
            # What is not offered is refused by the verb, which says why.
            field.choices = [
                (f"{kind}:{reason}", f"{kind}:{reason}")
                for kind in Duty.Kind.values
                for reason in Duty.Waiver.values
            ]
        self.offered = offered
        if not self.is_bound:
            field.choices = offered

    def clean_what(self) -> tuple[str, str]:
        kind, _colon, reason = str(self.cleaned_data["what"]).partition(":")
        return kind, reason


class MeetForm(TurnForm):
    what = forms.ChoiceField(
        label=_("What was done"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what was done.")},
    )
    note = forms.CharField(
        label=_("How, when and to whom"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=LONGEST_NOTE,
        error_messages={"required": _("Say how it was done, when and to whom.")},
    )

    def __init__(
        self, *args: Any, duties: Sequence[Duty], done: set[str], **kwargs: Any
    ) -> None:
        """`done` are the parts of documenting that are done."""
        super().__init__(*args, **kwargs)
        self.offered: list[tuple[str, str]] = []
        for duty in duties:
            name = capfirst(str(duty.get_kind_display()))
            if duty.kind == Duty.Kind.DOCUMENT:
                self.offered += [
                    (part.value, f"{name}: {part.label}")
                    for part in DutyPart.Part
                    if part.value in OTHERWISE and part.value not in done
                ]
            elif duty.kind in OTHERWISE:
                self.offered.append((duty.kind, name))
        field = self.fields["what"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = (
            [(one, one) for one in sorted(OTHERWISE)] if self.is_bound else self.offered
        )
        if len(self.offered) == 1 and not self.is_bound:
            self.initial.setdefault("what", self.offered[0][0])


class RegisterForm(TurnForm):
    number = forms.CharField(
        label=_("Number in the ordinary system"),
        help_text=_("Where the message has one there."),
        required=False,
        max_length=100,
    )


class RedateForm(TurnForm):
    kind = forms.ChoiceField(
        label=_("Which deadline"),
        choices=Duty.Kind.choices,
        error_messages={"required": _("Choose which deadline.")},
    )
    due_at = forms.DateTimeField(
        label=_("Due"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        error_messages={
            "required": _("Say when it is due."),
            "invalid": _("Say the day and the time when it is due."),
        },
    )
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=LONGEST_NOTE,
        error_messages={"required": _("Say why the deadline is corrected.")},
    )


class OutsideForm(TurnForm):
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=LONGEST_NOTE,
        error_messages={"required": _("Say why.")},
    )

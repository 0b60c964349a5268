from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from channels.models import Mandate, Municipality, User
from moderation.replies import LONGEST
from policies.models import Rule

if TYPE_CHECKING:
    from collections.abc import Collection

    from moderation.models import Case


class TurnForm(forms.Form):
    """Carries how far the case had come when the form was made."""

    turn = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class KeepForm(TurnForm):
    pass


class RuleField(forms.ModelChoiceField):
    """Answers the rule by its key alone: the verb reads it under lock, and refuses one
    that is not there."""

    def to_python(self, value: Any) -> Rule | None:
        if value in self.empty_values:
            return None
        if not str(value).isdecimal() or len(str(value)) > 9:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice"
            )
        return Rule(pk=int(value))


class GroundForm(TurnForm):
    """Hide or remove: the rule that is broken and why, in words (K-19, K-23)."""

    rule = RuleField(
        label=_("Rule that the message breaks"),
        queryset=Rule.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the rule that the message breaks.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("A sentence that the sender could read. It is kept for good."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={
            "required": _("Say why, in a sentence that the sender could read.")
        },
    )
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, found: Collection[int] = (), **kwargs: Any) -> None:
        """`found` are the rules that the screening names: they stand first."""
        super().__init__(*args, **kwargs)
        self.found = frozenset(found)
        field = self.fields["rule"]
        assert isinstance(field, forms.ModelChoiceField)
        # Asked for only when the form is shown: a decision needs one rule, not all.
        field.choices = self._rules
        if len(found) == 1 and not self.is_bound:
            self.initial.setdefault("rule", next(iter(found)))

    def _rules(self) -> list[tuple[int, str]]:
        rules = list(Rule.objects.for_direction("incoming").with_versions())
        # What was chosen stays in sight when the form comes back.
        chosen = str(self.data.get("rule", ""))
        rules.sort(
            key=lambda rule: (
                str(rule.pk) != chosen,
                rule.pk not in self.found,
                rule.position,
            )
        )
        return [(rule.pk, rule_words(rule)) for rule in rules]


class RestoreForm(TurnForm):
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        error_messages={"required": _("Say why it may be seen again.")},
    )


class ReplyForm(TurnForm):
    text = forms.CharField(
        label=_("Answer"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST,
        error_messages={"required": _("Write an answer first.")},
    )


class HandOverForm(TurnForm):
    to = forms.ModelChoiceField(label=_("To"), queryset=User.objects.none())
    note = forms.CharField(
        label=_("Note"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000
    )

    def __init__(self, *args: Any, case: Case, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = (
            User.objects.filter(
                pk__in=Mandate.objects.in_force(timezone.localdate())
                .filter(channel=case.channel_id)
                .values("person"),
                is_active=True,
            )
            .exclude(pk=by.pk)
            .order_by("first_name", "last_name")
        )


class PlaceForm(forms.Form):
    address = forms.CharField(
        label=_("Address of the message, or its number at the desk"), max_length=1000
    )


def rule_words(rule: Rule) -> str:
    return f"{rule.code} {rule.current.wording_in(get_language() or 'en')}"


def country() -> str:
    municipality = Municipality.objects.only("country").first()
    return municipality.country if municipality else "SE"

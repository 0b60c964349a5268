"""Retention rules, as the archivist writes them. They are edited here, in the topmost
layer, since only here all the names are known that records get from the code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from archive import handing_out, retention_names
from archive.models import Record, RetentionRule
from channels import captures
from channels.admin_base import RegisterAdmin
from moderation import arrivals, decisions, meeting, referrals

if TYPE_CHECKING:
    from django.utils.functional import Promise

    FormBase = forms.ModelForm[RetentionRule]
else:
    FormBase = forms.ModelForm

# What the code writes into a record → what such records are.
NAMES: dict[str, str | Promise] = {
    decisions.RETENTION: gettext_lazy("Messages that we hid, removed or restored"),
    arrivals.RETENTION: gettext_lazy("Direct messages received"),
    meeting.RETENTION: gettext_lazy("Comments registered as records"),
    referrals.RETENTION: gettext_lazy("Messages passed on to another unit"),
    captures.RETENTION: gettext_lazy("Captures of our channels' pages"),
    handing_out.RETENTION: gettext_lazy("Disposal decisions and disclosures"),
}
# A rule for a kind has a name that no record carries.
_FOR_KIND = "kind-"


def words_for(slug: str) -> str:
    """Which records carry the name, as a person says it."""
    return str(NAMES.get(slug, slug))


class RetentionRuleForm(FormBase):
    """A new rule is for what records name, or for a kind; that never changes after."""

    applies_to = forms.ChoiceField(
        label=gettext_lazy("Records"),
        help_text=gettext_lazy(
            "Where several rules fit a record, the longest time wins. Only records "
            "without a rule are listed."
        ),
    )

    class Meta:
        model = RetentionRule
        fields = ("title", "years", "starts", "basis")
        widgets = {
            "title": AdminTextInputWidget(attrs={"class": "vLargeTextField"}),
            "basis": AdminTextInputWidget(attrs={"class": "vLargeTextField"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.fields.pop("applies_to", None)
        if "applies_to" in self.fields:
            self.fields["applies_to"].choices = _choices()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        told = super().clean()
        chosen = self.cleaned_data.get("applies_to", "")
        if chosen:
            self.instance.slug = chosen
            if chosen.startswith(_FOR_KIND):
                self.instance.kind = chosen.removeprefix(_FOR_KIND)
        return told


def _choices() -> list[Any]:
    """What has no rule yet: by the name in the records, and by their kind."""
    taken = set(RetentionRule.objects.values_list("slug", flat=True))
    slugs = [*NAMES, *(one.slug for one in retention_names.carried())]
    kinds = [(f"{_FOR_KIND}{kind}", label) for kind, label in Record.Kind.choices]
    named = [(slug, words_for(slug)) for slug in dict.fromkeys(slugs)]
    return [
        ("", _("Choose")),
        (_("By what the records name"), [one for one in named if one[0] not in taken]),
        (_("Every record of a kind"), [one for one in kinds if one[0] not in taken]),
    ]


class RetentionRuleAdmin(RegisterAdmin):
    """How long records are kept, and by which decision (archive.retention)."""

    form = RetentionRuleForm
    list_display = ("title", "records", "time", "basis")
    ordering = ("title", "pk")
    change_list_template = "archive/retention_rules.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        first = "records" if obj else "applies_to"
        return (first, "title", "years", "starts", "basis")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("records",) if obj else ()

    def get_form(
        self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        # `applies_to` is the form's own field: the model has nothing of that name.
        kwargs["fields"] = ("title", "years", "starts", "basis")
        return super().get_form(request, obj, change, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        """From the list of what has no rule: the name, and a title to begin with."""
        initial = super().get_changeform_initial_data(request)
        wanted = request.GET.get("applies_to", "")
        return {"title": words_for(wanted) if wanted in NAMES else "", **initial}

    @admin.display(description=gettext_lazy("records"))
    def records(self, rule: RetentionRule) -> str:
        """`Direct messages received`; for a kind `Every record: reply sent by us`."""
        if not rule.kind:
            return words_for(rule.slug)
        kind = dict(Record.Kind.choices).get(rule.kind, rule.kind)
        return _("Every record of the kind “%(kind)s”") % {"kind": kind}

    @admin.display(description=gettext_lazy("kept for"), ordering="years")
    def time(self, rule: RetentionRule) -> str:
        if rule.years is None:
            return _("For ever")
        if rule.starts == RetentionRule.Start.YEAR_END:
            said = ngettext(
                "%(years)d year from the end of the year of sealing",
                "%(years)d years from the end of the year of sealing",
                rule.years,
            )
        else:
            said = ngettext(
                "%(years)d year from the day of sealing",
                "%(years)d years from the day of sealing",
                rule.years,
            )
        return said % {"years": rule.years}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("archive.delete_retentionrule")

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """A rule that records follow is changed, not taken away."""
        rule = self.get_object(request, object_id)
        if (
            rule is not None
            and self.has_delete_permission(request, rule)
            and retention_names.is_in_use(rule)
        ):
            messages.error(
                request,
                _(
                    "Records follow this rule, so it cannot be deleted. Change its "
                    "time instead, with the decision that says so."
                ),
            )
            return redirect("admin:archive_retentionrule_change", rule.pk)
        return super().delete_view(request, object_id, extra_context)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        missing = [
            {
                "slug": one.slug,
                "words": words_for(one.slug),
                "count": one.count,
                "more": one.more,
            }
            for one in retention_names.without_rule()
        ]
        shown = {"title": _("Retention rules"), "missing": missing}
        return super().changelist_view(request, {**shown, **(extra_context or {})})

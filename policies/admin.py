"""Rules are read here; they change by loading a pack, never by typing in a form."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .models import Rule, RuleVersion


class ReadOnly:
    """A person may look; adding, changing and deleting are answered with no."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class VersionInline(ReadOnly, admin.TabularInline):
    model = RuleVersion
    template = "admin/policies/versions.html"
    fields = ("number", "valid_from", "words", "sees", "ground", "created_by")
    readonly_fields = ("words", "sees", "ground")
    ordering = ("-number",)
    extra = 0

    @admin.display(description=_("wording"))
    def words(self, version: RuleVersion) -> str:
        return version.wording_in(get_language() or "en")

    @admin.display(description=_("what the software can see"))
    def sees(self, version: RuleVersion) -> str:
        return version.explanation_in(get_language() or "en")

    @admin.display(description=_("legal basis"))
    def ground(self, version: RuleVersion) -> str:
        today = timezone.localdate()
        return " · ".join(
            f"{country}: {version.legal_basis(country, today)}"
            for country in ("SE", "NO")
        )


@admin.register(Rule)
class RuleAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("code", "words", "kind", "strength", "sent")
    list_filter = ("kind", "strength")
    search_fields = ("code", "slug")
    fields = ("code", "slug", "kind", "strength", "sent")
    readonly_fields = ("sent",)
    inlines = (VersionInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return Rule.objects.with_versions()

    @admin.display(description=_("wording"))
    def words(self, rule: Rule) -> str:
        return rule.current.wording_in(get_language() or "en")

    @admin.display(description=_("directions"))
    def sent(self, rule: Rule) -> str:
        return ", ".join(
            str(Rule.Direction(direction).label) for direction in rule.directions
        )

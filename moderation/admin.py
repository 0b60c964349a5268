"""Configuration of the desk, kept by the information unit: answer templates and the
addresses that messages are passed on to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from channels.admin_base import RegisterAdmin
from channels.platforms import PLATFORMS
from moderation.models import AnswerTemplate, ReferralAddress

if TYPE_CHECKING:
    from django.http import HttpRequest


@admin.register(AnswerTemplate)
class AnswerTemplateAdmin(RegisterAdmin):
    list_display = ("name", "kind", "language", "start", "fits", "in_use")
    list_filter = ("language", "kind", "in_use")
    search_fields = ("name", "text")
    ordering = ("language", "kind", "name", "pk")
    # All that come with the software, in five languages, and some of one's own.
    list_per_page = 100
    fields = ("kind", "language", "name", "text", "in_use")

    @admin.display(description=_("text"))
    def start(self, template: AnswerTemplate) -> str:
        return Truncator(template.text).chars(80)

    @admin.display(description=_("fits on"))
    def fits(self, template: AnswerTemplate) -> str:
        """Platforms whose longest answer has room for it, before it is signed."""
        return ", ".join(
            str(platform.label)
            for platform in PLATFORMS.values()
            if platform.path and len(template.text) <= platform.longest_reply
        )


@admin.register(ReferralAddress)
class ReferralAddressAdmin(RegisterAdmin):
    list_display = ("name", "kind", "email", "department", "in_use")
    list_select_related = ("department",)
    list_filter = ("kind", "in_use")
    search_fields = ("name", "email")
    ordering = ("kind", "name", "pk")
    fields = ("kind", "name", "email", "department", "in_use")

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        return {"kind": "officer", **super().get_changeform_initial_data(request)}

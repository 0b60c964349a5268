"""The web admin: rooms in the order people use them, a front page of what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archive.models import DisclosureRequest
from channels.models import Channel, Municipality
from moderation import desk_pages, team_pages

if TYPE_CHECKING:
    from channels.models import User

# (label, url name, permission that shows it)
ROOMS = (
    (_("Desk"), "desk:queue", "moderation.view_case"),
    (_("Reports"), "desk:reports", "moderation.view_report"),
    (_("Needs a person"), "desk:stuck", "moderation.view_case"),
    (_("Team"), "desk:overdue", "moderation.view_case"),
    (_("Figures"), "desk:figures", "moderation.view_case"),
    (_("Channels"), "admin:channels_channel_changelist", "channels.view_channel"),
    (_("Captures"), "captures:calendar", "channels.view_channel"),
    (_("Records"), "admin:archive_record_changelist", "archive.view_record"),
    (_("Disclosure"), "disclosure:register", "archive.handle_disclosures"),
    (_("Keeping"), "keeping:due", "archive.view_disposal"),
    (_("Rules"), "admin:policies_rule_changelist", "policies.view_rule"),
    (_("Words"), "words:index", "policies.edit_words"),
)
# Pages that belong to a room without lying below its address.
ALSO = {"admin:archive_retentionrule_changelist": "keeping:due"}


class KanalvaktSite(AdminSite):
    site_title = _("Kanalvakt")
    site_header = _("Kanalvakt")
    index_title = _("Today")
    enable_nav_sidebar = False

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """As Django's own, less the list of all models with everybody's rights to
        them: it is for a sidebar that we do not have, and costs more than the desk."""
        script_name = request.META["SCRIPT_NAME"]
        return {
            "site_title": self.site_title,
            "site_header": self.site_header,
            "site_url": script_name or self.site_url,
            "has_permission": self.has_permission(request),
            "available_apps": [],
            "is_popup": False,
            "is_nav_sidebar_enabled": False,
            "log_entries": [],
            "rooms": list(self._rooms(request)) if request.user.is_staff else [],
        }

    def _rooms(self, request: HttpRequest) -> Any:
        rooms = []
        for label, name, permission in ROOMS:
            if not request.user.has_perm(permission):
                continue
            try:
                rooms.append((label, reverse(name)))
            except NoReverseMatch:
                continue
        # The reports' address lies inside the desk's: we are in the longest that fits.
        fits = [url for _label, url in rooms if request.path.startswith(url)]
        fits += [
            reverse(room)
            for page, room in ALSO.items()
            if request.path.startswith(reverse(page))
        ]
        here = max(fits, key=len, default=None)
        for label, url in rooms:
            yield {"label": label, "url": url, "here": url == here}

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """What waits for this person, above the registers."""
        user = cast("User", request.user)
        context: dict[str, Any] = {
            "municipality": Municipality.objects.first(),
            "proposals": Channel.objects.waiting()
            .filter(department__head=user)
            .select_related("department", "proposed_by")[:20],
            **(extra_context or {}),
        }
        if user.has_perm("moderation.view_case"):
            context["work"] = desk_pages.work(user)
            context["headed"] = team_pages.headed_late(user)
            context["away"] = team_pages.away_today(user)
        if user.has_perm("archive.handle_disclosures"):
            waiting = DisclosureRequest.objects.open()
            late = waiting.filter(due_at__lt=timezone.now()).count()
            context["disclosures"] = {"open": waiting.count(), "late": late}
        return super().index(request, context)

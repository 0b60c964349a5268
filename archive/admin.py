"""Records are read here, found and checked; nothing is edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from archive import lists, openings
from archive.faults import sentence
from archive.handling_views import closed
from archive.models import Record
from archive.record_words import standing
from archive.search_forms import looked_for, page
from archive.verification import verify_record

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Record]
else:
    Base = admin.ModelAdmin


@admin.register(Record)
class RecordAdmin(Base):
    """The archive's reading room."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Search by keyset, the newest first. What is looked for travels in a POST:
        a name must not lie in an address or a log."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        sent = request.POST if request.method == "POST" else None
        form, rows, words = looked_for(sent)
        after = sent.get("after", "") if sent is not None else ""
        found, count, next_place = page(words, rows, after)
        return render(
            request,
            "archive/records.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Records"),
                "form": form,
                "rows": found,
                "lines": lists.rows(found),
                "count": count,
                "next_place": next_place,
                "searched": sent is not None,
            },
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One record with its facts, and whether its seal holds at this moment. Direct
        messages and records with a secrecy marking ask for a reason first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            record = Record.objects.get(pk=UUID(object_id))
        except (ValueError, Record.DoesNotExist) as error:
            raise Http404(_("There is no such record.")) from error
        by = cast("Any", request.user).signature
        if openings.still_closed([record.pk], by):
            return closed(request, record)
        faults = verify_record(record)
        facts = record.facts
        return render(
            request,
            "archive/record.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Record"),
                "record": record,
                "facts": facts,
                "files": record.files.order_by("position"),
                **standing(record),
                "others": Record.objects.filter(subject=record.subject)
                .exclude(pk=record.pk)
                .order_by("sealed_at"),
                "faults": [sentence(fault) for fault in faults],
                "commitment": bytes(record.commitment).hex(),
                "markings": record.markings.all()[:20],
                "openings": record.openings.all()[:20],
            },
        )

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A record has no history of edits: it has the log."""
        return self.change_view(request, object_id)

"""Records are read here, found and checked; nothing is edited."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from archive import search
from archive.faults import sentence
from archive.models import LogEntry, Record, RecordSearch
from archive.models.search import PAGE_ROWS, Place
from archive.verification import verify_record

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Record]
else:
    Base = admin.ModelAdmin

CAP = 1_000


class SearchForm(forms.Form):
    q = forms.CharField(label=gettext_lazy("Words"), required=False, max_length=200)
    channel = forms.CharField(
        label=gettext_lazy("Channel"), required=False, max_length=200
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        required=False,
        choices=[("", gettext_lazy("All")), *Record.Kind.choices],
    )
    since = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=gettext_lazy("To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


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
        form = SearchForm(sent)
        rows, words = RecordSearch.objects.all(), ""
        if sent is not None and form.is_valid():
            rows, words = _within(form.cleaned_data), form.cleaned_data["q"]
        elif sent is not None:
            rows = rows.none()
        after = _place(sent.get("after", "") if sent is not None else "")
        page = search.page(words, within=rows, after=after, rows=PAGE_ROWS + 1)
        more = len(page) > PAGE_ROWS
        page = page[:PAGE_ROWS]
        for row in page:
            row.kind_words = dict(Record.Kind.choices).get(row.kind, row.kind)  # type: ignore[attr-defined]
        count = search.count(words, within=rows, cap=CAP + 1)
        return render(
            request,
            "archive/records.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Records"),
                "form": form,
                "rows": page,
                "count": f"{CAP}+" if count > CAP else str(count),
                "next_place": _signed(page[-1]) if more else "",
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
        """One record with its facts, and whether its seal holds at this moment."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            record = Record.objects.get(pk=UUID(object_id))
        except (ValueError, Record.DoesNotExist) as error:
            raise Http404(_("There is no such record.")) from error
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
                "entries": LogEntry.objects.filter(record_id=record.pk).order_by("id"),
                "others": Record.objects.filter(subject=record.subject)
                .exclude(pk=record.pk)
                .order_by("sealed_at"),
                "faults": [sentence(fault) for fault in faults],
                "commitment": bytes(record.commitment).hex(),
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


def _within(wanted: dict[str, Any]) -> Any:
    rows = RecordSearch.objects.all()
    if wanted["channel"]:
        rows = rows.filter(channel=wanted["channel"])
    if wanted["kind"]:
        rows = rows.filter(kind=wanted["kind"])
    if wanted["since"]:
        rows = rows.filter(sealed_at__gte=_midnight(wanted["since"]))
    if wanted["until"]:
        end = datetime.combine(wanted["until"], time.max)
        rows = rows.filter(sealed_at__lte=timezone.make_aware(end))
    return rows


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _signed(row: RecordSearch) -> str:
    return signing.dumps([row.sealed_at.isoformat(), str(row.record_id)], salt="rows")


def _place(text: str) -> Place | None:
    if not text:
        return None
    try:
        sealed_at, record_id = signing.loads(text, salt="rows")
    except signing.BadSignature:
        return None
    return Place(datetime.fromisoformat(sealed_at), UUID(record_id))

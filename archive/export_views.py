"""Exports: asked for, watched, fetched; and one record with its proof."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from archive import files, openings, proving
from archive.downloads import attachment
from archive.export import jobs
from archive.export.selection import FILTERS, SECRECY, words_of
from archive.export.streaming import zipped
from archive.guards import allowed, page_of
from archive.models import ExportJob, Record, RecordFile
from archive.retention import NotAllowed

if TYPE_CHECKING:
    from archive.guards import PersonRequest

ROWS = 50
RECORD = "admin:archive_record_change"


class ExportForm(forms.Form):
    first = forms.DateField(
        label=gettext_lazy("Sealed from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        label=gettext_lazy("to, with that day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    channel = forms.CharField(
        label=gettext_lazy("Channel"), required=False, max_length=200
    )
    department = forms.CharField(
        label=gettext_lazy("Department"), required=False, max_length=200
    )
    rule = forms.CharField(label=gettext_lazy("Rule"), required=False, max_length=64)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        required=False,
        choices=[("", gettext_lazy("All")), *Record.Kind.choices],
    )
    classification = forms.CharField(
        label=gettext_lazy("Classification"), required=False, max_length=100
    )
    secrecy = forms.ChoiceField(
        label=gettext_lazy("Secrecy marking"),
        required=False,
        choices=[("", gettext_lazy("All")), *SECRECY.items()],
    )
    note = forms.CharField(
        label=gettext_lazy("What for"),
        help_text=gettext_lazy("It stands in the register of exports."),
        max_length=300,
    )

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in FILTERS]

    @property
    def narrowing_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name in FILTERS]

    @property
    def is_narrowed(self) -> bool:
        return any(self.data.get(name) for name in FILTERS)


@require_http_methods(["GET", "POST"])
@allowed("archive.add_package")
def exports(request: PersonRequest) -> HttpResponse:
    """The jobs, the newest first, and the form for another."""
    sent = request.POST if request.method == "POST" else None
    form = ExportForm(sent, initial=_last_year())
    if request.method == "POST" and form.is_valid():
        try:
            told = form.cleaned_data
            jobs.ask(
                first=told["first"],
                last=told["last"],
                note=told["note"],
                filters={name: told[name] for name in FILTERS},
                by=request.user.signature,
            )
        except NotAllowed as why_not:
            form.add_error(None, str(why_not))
        else:
            messages.success(
                request, _("On the list. It is written in the background.")
            )
            return redirect("keeping:exports")
    listed = list(ExportJob.objects.select_related("package")[:ROWS])
    for one in listed:
        one.narrowed = words_of(one.filters)  # type: ignore[attr-defined]
    return page_of(
        request,
        "archive/exports.html",
        status=422 if form.errors else 200,
        title=_("Exports"),
        jobs=listed,
        is_working=any(one.state in ("waiting", "running") for one in listed),
        kept_days=jobs.KEPT.days,
        form=form,
    )


@require_GET
@allowed("archive.add_package")
def download(request: PersonRequest, pk: UUID) -> HttpResponseBase:
    """The finished bag as one ZIP, made while it is sent."""
    job = get_object_or_404(ExportJob, pk=pk, state=ExportJob.State.DONE)
    folder = jobs.folder(job)
    if not folder.is_dir():
        raise Http404(_("The files of this export are not here any longer."))
    name = f"archive-{job.first}-{job.last}"
    return attachment(zipped(folder, name), name=f"{name}.zip", mime="application/zip")


@require_POST
@allowed("archive.add_package")
def clean(request: PersonRequest, pk: UUID) -> HttpResponse:
    job = get_object_or_404(ExportJob, pk=pk)
    try:
        jobs.clean(job=job)
    except NotAllowed as why_not:
        messages.error(request, str(why_not))
    else:
        messages.success(
            request, _("Cleaned away; the register keeps that it was made.")
        )
    return redirect("keeping:exports")


@require_GET
@allowed("archive.view_record")
def proof(request: PersonRequest, record_id: UUID) -> HttpResponseBase:
    """One record with everything that an outsider needs to check it."""
    record = get_object_or_404(Record, pk=record_id)
    if openings.still_closed([record.pk], request.user.signature):
        return redirect(RECORD, record.pk)  # there it asks for the reason
    try:
        proving.proof(record.pk)
    except proving.NoProof as why_not:
        messages.error(request, str(why_not))
        return redirect(RECORD, record.pk)
    name = f"record-{record.pk}"
    return attachment(_proved(record, name), name=f"{name}.zip", mime="application/zip")


@require_GET
@allowed("archive.view_record")
def file(request: PersonRequest, record_id: UUID, position: int) -> HttpResponseBase:
    """A file of a record, to be kept."""
    if openings.still_closed([record_id], request.user.signature):
        return redirect(RECORD, record_id)
    wanted = get_object_or_404(RecordFile, record=record_id, position=position)
    return attachment(
        files.chunks(wanted.sha256),
        name=wanted.name,
        mime=wanted.mime,
        size=wanted.size,
    )


def _proved(record: Record, name: str) -> Iterator[bytes]:
    with tempfile.TemporaryDirectory(prefix="kanalvakt-proof-") as folder:
        proving.write(record, Path(folder) / name)
        yield from zipped(Path(folder) / name, name)


def _last_year() -> dict[str, object]:
    today = timezone.localdate()
    end = today.replace(month=1, day=1) - timedelta(days=1)
    return {"first": end.replace(month=1, day=1), "last": end}

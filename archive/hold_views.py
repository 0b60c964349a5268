"""Holds: what is kept whatever its rule says, and why; set on a record, released."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from archive import retention
from archive.guards import allowed, page_of
from archive.models import Hold, Record
from archive.retention import NotAllowed

if TYPE_CHECKING:
    from archive.guards import PersonRequest

ROWS = 50
RECORD = "admin:archive_record_change"


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy(
            "It stays when the record is disposed of: name the matter, no person."
        ),
        max_length=300,
    )


@require_GET
@allowed("archive.view_hold")
def holds(request: PersonRequest) -> HttpResponse:
    """What is held now, or what was; the newest first."""
    tab = "released" if request.GET.get("tab") == "released" else "in-force"
    rows = Hold.objects.select_related("record").order_by("-id")
    rows = rows.in_force() if tab == "in-force" else rows.exclude(released_at=None)
    after = request.GET.get("after", "")
    if after.isdecimal() and len(after) < 19:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows.defer("record__canonical", "record__salts",
                            "record__field_digests")[: ROWS + 1])  # fmt: skip
    return page_of(
        request,
        "archive/holds.html",
        title=_("Holds"),
        tab=tab,
        holds=found[:ROWS],
        next_place=found[ROWS - 1].pk if len(found) > ROWS else None,
        may_release=request.user.has_perm("archive.change_hold"),
    )


@require_http_methods(["GET", "POST"])
@allowed("archive.add_hold")
def hold(request: PersonRequest, record_id: UUID) -> HttpResponse:
    record = get_object_or_404(Record.objects.without_content(), pk=record_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            retention.hold(
                record=record, by=request.user.signature, **form.cleaned_data
            )
        except NotAllowed as why_not:
            form.add_error(None, str(why_not))
        else:
            messages.success(
                request, _("Held: nothing of it goes until it is released.")
            )
            return redirect(RECORD, record.pk)
    return page_of(
        request,
        "archive/hold.html",
        status=422 if form.errors else 200,
        title=_("Hold the record"),
        record=record,
        form=form,
    )


@require_http_methods(["GET", "POST"])
@allowed("archive.change_hold")
def release(request: PersonRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(Hold.objects.select_related("record"), pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            retention.release(hold=one, by=request.user.signature, **form.cleaned_data)
        except NotAllowed as why_not:
            form.add_error(None, str(why_not))
        else:
            messages.success(request, _("Released: the record's rule counts again."))
            return redirect("keeping:holds")
    return page_of(
        request,
        "archive/hold_release.html",
        status=422 if form.errors else 200,
        title=_("Release the hold"),
        hold=one,
        record=one.record,
        form=form,
    )

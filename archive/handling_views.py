"""Opening what is closed, marking a record, and the log of who opened what and why."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from archive import marking, openings
from archive.guards import allowed, page_of
from archive.models import Record, RecordMarking, RecordOpening
from archive.retention import NotAllowed

if TYPE_CHECKING:
    from archive.guards import PersonRequest

ROWS = 100
RECORD = "admin:archive_record_change"


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why do you open it?"),
        help_text=gettext_lazy("It is kept with your name, for the archivist to see."),
        max_length=300,
        min_length=3,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class MarkingForm(forms.ModelForm):
    class Meta:
        model = RecordMarking
        fields = marking.FIELDS
        help_texts = {
            "remark": gettext_lazy(
                "Such as a correction. It stays when the record is disposed of, so do "
                "not repeat what stands in the record."
            ),
        }
        widgets = {"remark": forms.Textarea(attrs={"rows": 4})}


def closed(
    request: HttpRequest,
    record: Record,
    *,
    form: ReasonForm | None = None,
    action: str = "",
    number: int = 1,
) -> HttpResponse:
    """The door of direct messages or secret records: nothing of them, only the form.

    `action` is where the reason is sent, `number` how many records it opens.
    """
    return page_of(
        request,
        "archive/record_closed.html",
        status=422 if form is not None and form.is_bound else 200,
        title=_("Say why you open it"),
        record=record,
        message=Record.objects.filter(
            subject=record.subject, kind=Record.Kind.DIRECT_MESSAGE
        ).exists(),
        form=form or ReasonForm(),
        action=action or reverse("disclosure:open", args=[record.pk]),
        number=number,
    )


@require_POST
@allowed("archive.view_record")
def open_record(request: PersonRequest, record_id: UUID) -> HttpResponse:
    """Log the reason, then go on to the record."""
    record = get_object_or_404(Record.objects.without_content(), pk=record_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return closed(request, record, form=form)
    openings.write(
        records=[record],
        reason=form.cleaned_data["reason"],
        by=request.user.signature,
    )
    return redirect(RECORD, record.pk)


@require_http_methods(["GET", "POST"])
@allowed("archive.view_record")
def mark(request: PersonRequest, record_id: UUID) -> HttpResponse:
    """Secrecy, classification, diary number and remark; the sealed bytes stay."""
    if not request.user.has_perm("archive.add_recordmarking"):
        raise PermissionDenied(_("Your account does not mark records."))
    record = get_object_or_404(Record.objects.without_content(), pk=record_id)
    form = MarkingForm(request.POST or None, instance=marking.newest(record))
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in marking.FIELDS}
        try:
            marking.mark(record=record, by=request.user.signature, **said)
        except NotAllowed as why_not:
            form.add_error(None, str(why_not))
        else:
            messages.success(request, _("The marking counts from now on."))
            return redirect(RECORD, record.pk)
    return page_of(
        request,
        "archive/record_mark.html",
        status=422 if form.errors else 200,
        title=_("Mark the record"),
        record=record,
        form=form,
    )


@require_GET
@allowed("archive.handle_disclosures")
def opened(request: PersonRequest) -> HttpResponse:
    """Who opened what, when and why; the newest first."""
    after = request.GET.get("after", "")
    rows = RecordOpening.objects.order_by("-id")
    if after.isdecimal() and len(after) < 19:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows[: ROWS + 1])
    return page_of(
        request,
        "archive/openings.html",
        title=_("Openings"),
        openings=found[:ROWS],
        next_place=found[ROWS - 1].pk if len(found) > ROWS else None,
    )

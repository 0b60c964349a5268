"""Erasing single fields of a record: choose and look, propose, the second person, the
register."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from archive import erasure, labels, openings
from archive.guards import allowed, page_of
from archive.models import Erasure, Record
from archive.retention import NotAllowed
from archive.second_person import cancelled, confirmed, newest

if TYPE_CHECKING:
    from archive.guards import PersonRequest

RECORD = "admin:archive_record_change"


class ChoiceForm(forms.Form):
    fields_chosen = forms.MultipleChoiceField(
        label=gettext_lazy("Fields that go"), widget=forms.CheckboxSelectMultiple
    )
    basis = forms.CharField(
        label=gettext_lazy("Legal ground"),
        help_text=gettext_lazy("Such as article 17 of the GDPR, with the decision."),
        max_length=300,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy(
            "It is sealed and stays: do not repeat what is to be erased."
        ),
        max_length=300,
    )

    def __init__(self, record: Record, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["fields_chosen"].choices = [  # type: ignore[attr-defined]
            (path, f"{labels.label(path)}: {labels.words(value)[:200]}")
            for path, value in erasure.erasable(record).items()
        ]


class ConfirmForm(forms.Form):
    sure = forms.BooleanField(
        label=gettext_lazy(
            "I have looked through the fields. What stands in them is to go for good."
        )
    )


@require_http_methods(["GET", "POST"])
@allowed("archive.add_disposal")
def erase(request: PersonRequest, record_id: UUID) -> HttpResponse:
    """Which fields, why, and what it would look like: `look` proposes nothing."""
    record = get_object_or_404(Record, pk=record_id)
    if openings.still_closed([record.pk], request.user.signature):
        return redirect(RECORD, record.pk)  # there it asks for the reason
    if record.state == Record.State.DISPOSED:
        messages.error(request, _("The record has been disposed of already."))
        return redirect(RECORD, record.pk)
    form = ChoiceForm(record, request.POST if request.method == "POST" else None)
    going: list[erasure.Going] = []
    if request.method == "POST" and "look" in request.POST:
        going = erasure.preview(record, request.POST.getlist("fields_chosen"))
    elif request.method == "POST" and form.is_valid():
        made = _propose(request, record, form)
        if made is not None:
            messages.success(
                request, _("Proposed. Somebody else has to confirm it now.")
            )
            return redirect("keeping:erasure", made.pk)
    return page_of(
        request,
        "archive/erase.html",
        status=422 if form.errors and not going else 200,
        title=_("Erase single fields"),
        record=record,
        form=form,
        going=going,
        others=Record.objects.filter(subject=record.subject)
        .exclude(pk=record.pk)
        .count(),
    )


def _propose(
    request: PersonRequest, record: Record, form: ChoiceForm
) -> Erasure | None:
    told = form.cleaned_data
    try:
        return erasure.propose(
            record=record,
            paths=told["fields_chosen"],
            basis=told["basis"],
            reason=told["reason"],
            by=request.user.signature,
        )
    except NotAllowed as why_not:
        form.add_error(None, str(why_not))
        return None


@require_GET
@allowed("archive.view_disposal")
def erasures(request: PersonRequest) -> HttpResponse:
    """The register, the newest first: fields and grounds, never what stood there."""
    found, following = newest(Erasure.objects.all(), request.GET.get("after", ""))
    return page_of(
        request,
        "archive/erasures.html",
        title=_("Erased fields"),
        erasures=[(one, _names(one)) for one in found],
        next_place=following,
    )


@require_GET
@allowed("archive.view_disposal")
def show(request: PersonRequest, pk: UUID) -> HttpResponse:
    return _show(request, _one(pk))


@require_POST
@allowed("archive.change_disposal")
def confirm(request: PersonRequest, pk: UUID) -> HttpResponse:
    one = _one(pk)
    form = ConfirmForm(request.POST)
    settle = partial(erasure.confirm, erasure=one, by=request.user.signature)
    said = _("Erased. The decision is sealed, the rest still proves.")
    if confirmed(request, form, settle, said):
        return redirect("keeping:erasure", one.pk)
    return _show(request, one, form, status=422)


@require_POST
@allowed("archive.change_disposal")
def cancel(request: PersonRequest, pk: UUID) -> HttpResponse:
    one = _one(pk)
    settle = partial(erasure.cancel, erasure=one, by=request.user.signature)
    cancelled(request, settle, _("Cancelled: the record stays as it is."))
    return redirect("keeping:erasure", one.pk)


def _one(pk: UUID) -> Erasure:
    return get_object_or_404(Erasure.objects.select_related("record"), pk=pk)


def _names(one: Erasure) -> list[str]:
    return [labels.label(path) for path in labels.in_order(one.fields)]


def _show(
    request: PersonRequest,
    one: Erasure,
    form: ConfirmForm | None = None,
    status: int = 200,
) -> HttpResponse:
    is_open = one.state == Erasure.State.PROPOSED
    closed = bool(openings.still_closed([one.record_id], request.user.signature))
    return page_of(
        request,
        "archive/erasure.html",
        status=status,
        title=_("Erasure of fields"),
        one=one,
        names=_names(one),
        going=erasure.preview(one.record, one.fields) if is_open and not closed else [],
        closed=closed and is_open,
        form=form or ConfirmForm(),
        is_open=is_open,
        is_own=one.proposed_by == request.user.signature,
        may_settle=request.user.has_perm("archive.change_disposal"),
    )

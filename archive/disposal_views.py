"""Disposal: list with preview, proposal, the second person, the register."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from archive import disposal, disposal_lists
from archive.guards import allowed, page_of
from archive.models import Disposal, Record, RetentionRule
from archive.retention import NotAllowed
from archive.second_person import cancelled, confirmed, newest

if TYPE_CHECKING:
    from archive.guards import PersonRequest

SHOWN = 200


class ProposalForm(forms.Form):
    """A decision on the list as it was looked through: `seen` is its seal."""

    rule = forms.CharField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput)
    decision = forms.CharField(
        label=gettext_lazy("Decision number"),
        help_text=gettext_lazy("Of the decision that lets these records go."),
        max_length=100,
    )
    basis = forms.CharField(
        label=gettext_lazy("Ground"),
        help_text=gettext_lazy("Such as the place in the records schedule."),
        max_length=300,
    )


class ConfirmForm(forms.Form):
    sure = forms.BooleanField(
        label=gettext_lazy(
            "I have looked through the list. The content is to go for good."
        )
    )


@require_http_methods(["GET", "POST"])
@allowed("archive.view_disposal")
def due(request: PersonRequest) -> HttpResponse:
    """What could go, and the proposal that it does."""
    sent = request.POST if request.method == "POST" else request.GET
    rule = sent.get("rule", "")[:64]
    found = disposal_lists.candidates(rule)
    start = {"rule": rule, "seen": found.seal}
    form = ProposalForm(
        request.POST if request.method == "POST" else None, initial=start
    )
    may_propose = request.user.has_perm("archive.add_disposal")
    if request.method == "POST" and not may_propose:
        raise PermissionDenied(_("Your account proposes no disposals."))
    if request.method == "POST" and form.is_valid():
        made = _propose(request, form, found)
        if made is not None:
            messages.success(
                request, _("Proposed. Somebody else has to confirm it now.")
            )
            return redirect("keeping:disposal", made.pk)
    return page_of(
        request,
        "archive/disposal_due.html",
        status=422 if form.errors else 200,
        title=_("Disposal list"),
        found=found,
        shown=disposal_lists.SHOWN,
        rows=found.rows(),
        rule=rule,
        form=form,
        may_propose=may_propose,
        no_rules=not found.records and not RetentionRule.objects.exists(),
    )


def _propose(
    request: PersonRequest, form: ProposalForm, found: disposal_lists.Candidates
) -> Disposal | None:
    told = form.cleaned_data
    if told["seen"] != found.seal:
        form.data = {**form.data.dict(), "seen": found.seal}  # type: ignore[attr-defined]
        form.add_error(
            None, _("The list has changed meanwhile. Look through it again.")
        )
        return None
    try:
        return disposal.propose(
            records=found.records,
            decision=told["decision"],
            basis=told["basis"],
            by=request.user.signature,
        )
    except NotAllowed as why_not:
        form.add_error(None, str(why_not))
        return None


@require_GET
@allowed("archive.view_disposal")
def register(request: PersonRequest) -> HttpResponse:
    """Every disposal, the newest first: what was proposed, confirmed, cancelled."""
    rows = Disposal.objects.select_related("sealed")
    found, following = newest(rows, request.GET.get("after", ""))
    return page_of(
        request,
        "archive/disposal_register.html",
        title=_("Disposals"),
        disposals=[(one, one.items.count()) for one in found],
        next_place=following,
    )


@require_GET
@allowed("archive.view_disposal")
def show(request: PersonRequest, pk: UUID) -> HttpResponse:
    return _show(request, get_object_or_404(Disposal, pk=pk))


@require_POST
@allowed("archive.change_disposal")
def confirm(request: PersonRequest, pk: UUID) -> HttpResponse:
    one = get_object_or_404(Disposal, pk=pk)
    form = ConfirmForm(request.POST)
    settle = partial(disposal.confirm, disposal=one, by=request.user.signature)
    said = _("Carried out. The decision is sealed, the content is gone.")
    if confirmed(request, form, settle, said):
        return redirect("keeping:disposal", one.pk)
    return _show(request, one, form, status=422)


@require_POST
@allowed("archive.change_disposal")
def cancel(request: PersonRequest, pk: UUID) -> HttpResponse:
    one = get_object_or_404(Disposal, pk=pk)
    settle = partial(disposal.cancel, disposal=one, by=request.user.signature)
    cancelled(request, settle, _("Cancelled: everything on the list stays."))
    return redirect("keeping:disposal", one.pk)


def _show(
    request: PersonRequest,
    one: Disposal,
    form: ConfirmForm | None = None,
    status: int = 200,
) -> HttpResponse:
    items = list(one.items.all()[:SHOWN])
    kinds = dict(Record.Kind.choices)
    content = {row.found.pk: row for row in disposal_lists.rows_of(items)}
    for item in items:
        item.kind_words = kinds.get(item.kind, item.kind)  # type: ignore[attr-defined]
        item.content = content.get(item.record_id)  # type: ignore[attr-defined]
    return page_of(
        request,
        "archive/disposal.html",
        status=status,
        title=_("Disposal %(number)s") % {"number": one.decision},
        one=one,
        items=items,
        count=one.items.count(),
        form=form or ConfirmForm(),
        is_open=one.state == Disposal.State.PROPOSED,
        is_own=one.proposed_by == request.user.signature,
        may_settle=request.user.has_perm("archive.change_disposal"),
    )

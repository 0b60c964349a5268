"""What waits for a person beside the messages: deliveries that failed, and reports
that name no message we know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from channels.models import Delivery
from moderation import reports as report_verbs
from moderation import settling
from moderation.desk_forms import PlaceForm
from moderation.desk_parts import page_of
from moderation.desk_views import at_the_desk
from moderation.models import Case, Report
from moderation.models.case import channels_seen_by
from moderation.refusals import Refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from moderation.desk_views import DeskRequest

SHOWN = 100


def _stuck(request: DeskRequest) -> QuerySet[Delivery]:
    return Delivery.objects.stuck().filter(
        message__channel__in=channels_seen_by(request.user)
    )


@require_GET
@at_the_desk
def stuck(request: DeskRequest) -> HttpResponse:
    rows = _stuck(request).select_related(
        "message__channel", "message__case", "enqueued_by"
    )
    return page_of(
        request,
        "desk/stuck.html",
        title=_("Needs a person"),
        deliveries=rows.order_by("-settled_at")[:SHOWN],
        may_settle=request.user.has_perm("moderation.settle_delivery"),
    )


@require_POST
@at_the_desk
def try_again(request: DeskRequest, pk: int) -> HttpResponse:
    one = _to_settle(request, pk)
    try:
        settling.try_again(delivery=one, by=request.user)
    except Refused as why_not:
        messages.error(request, str(why_not))
    else:
        messages.success(request, _("On its way once more."))
    return redirect("desk:stuck")


@require_POST
@at_the_desk
def leave(request: DeskRequest, pk: int) -> HttpResponse:
    one = _to_settle(request, pk)
    try:
        settling.leave(delivery=one, by=request.user)
    except Refused as why_not:
        messages.error(request, str(why_not))
    else:
        messages.success(request, _("Taken off the list; the record stays."))
    return redirect("desk:stuck")


def _to_settle(request: DeskRequest, pk: int) -> Delivery:
    settling.may_settle(request.user)
    return get_object_or_404(
        Delivery.objects.filter(message__channel__in=channels_seen_by(request.user)),
        pk=pk,
    )


@require_GET
@at_the_desk
def reports(request: DeskRequest) -> HttpResponse:
    open_ones = Report.objects.visible_to(request.user).open()
    closed = Report.objects.visible_to(request.user).exclude(closed_at=None)
    return page_of(
        request,
        "desk/reports.html",
        title=_("Reports"),
        reports=open_ones.select_related("channel", "case").order_by(
            "received_at", "id"
        )[:SHOWN],
        closed=closed.select_related("channel", "closed_by")[:20],
    )


@require_GET
@at_the_desk
def report(request: DeskRequest, pk: int) -> HttpResponse:
    return _show(request, _visible(request, pk), PlaceForm())


@require_POST
@at_the_desk
def place(request: DeskRequest, pk: int) -> HttpResponse:
    one = _visible(request, pk)
    form = PlaceForm(request.POST)
    if form.is_valid():
        case = _case_named(request, form.cleaned_data["address"])
        if case is None:
            form.add_error("address", _("No message is known by that address."))
        else:
            try:
                report_verbs.place(report=one, case=case, by=request.user)
            except Refused as why_not:
                form.add_error(None, str(why_not))
            else:
                messages.success(request, _("The report stands beside its message."))
                return redirect(case)
    return _show(request, one, form, status=422)


@require_POST
@at_the_desk
def dismiss(request: DeskRequest, pk: int) -> HttpResponse:
    one = _visible(request, pk)
    try:
        report_verbs.dismiss(report=one, by=request.user)
    except Refused as why_not:
        messages.error(request, str(why_not))
    else:
        messages.success(request, _("Closed: not on one of our channels."))
    return redirect("desk:reports")


def _case_named(request: DeskRequest, address: str) -> Case | None:
    cases = Case.objects.visible_to(request.user)
    if address.isdecimal() and len(address) < 18:
        return cases.filter(pk=int(address)).first()
    message = report_verbs.message_at(address)
    return cases.filter(message=message).first() if message else None


def _visible(request: DeskRequest, pk: int) -> Report:
    return get_object_or_404(
        Report.objects.visible_to(request.user).select_related("channel", "case"),
        pk=pk,
    )


def _show(
    request: DeskRequest, one: Report, form: PlaceForm, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "report": one,
        "form": form,
        "may_place": report_verbs.may_sort(request.user),
    }
    return page_of(
        request, "desk/report.html", title=_("Report"), status=status, **context
    )

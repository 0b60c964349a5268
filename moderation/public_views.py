"""A citizen reports a comment and follows the report: no login, no script needed.

The receipt number is the only key to a report. It travels in bodies and in one cookie
of half an hour, never in an address or a log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from channels import guards
from moderation import duties, reports
from moderation.forms import ReceiptForm, ReportForm
from moderation.models import Report

if TYPE_CHECKING:
    from datetime import datetime

COOKIE = "receipt"
COOKIE_AGE_S = 30 * 60
# A school's or a library's visitors share one network.
MOST_REPORTS = 30
MOST_QUESTIONS = 100
WITHIN_S = 60 * 60


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@guards.small_requests
def report(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        start = {"address": request.GET.get("address", "")[:1000]}
        return render(
            request, "public/report.html", {"form": ReportForm(initial=start)}
        )
    form = ReportForm(request.POST)
    status = 422
    if form.is_valid():
        if not guards.too_many(request, "report", most=MOST_REPORTS, seconds=WITHIN_S):
            made = reports.receive_once(
                address=form.cleaned_data["address"],
                what=form.cleaned_data["what"],
                contact=form.cleaned_data["contact"],
            )
            return _remember(redirect("report-received"), made.receipt)
        form.add_error(None, guards.come_back_later())
        status = 429
    return render(
        request, "public/report.html", {"form": form.shown_again()}, status=status
    )


@never_cache
@require_safe
def received(request: HttpRequest) -> HttpResponse:
    """The receipt, for as long as one needs to write it down or print it."""
    receipt = request.get_signed_cookie(
        COOKIE, default="", salt=COOKIE, max_age=COOKIE_AGE_S
    )
    one = Report.objects.filter(receipt=receipt).first() if receipt else None
    return render(
        request,
        "public/report_received.html",
        {"report": one, "due_at": _due_at(one) if one else None},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@guards.small_requests
def status(request: HttpRequest) -> HttpResponse:
    """What became of a report, in words; never what the comment said."""
    if request.method != "POST":
        return render(request, "public/report_status.html", {"form": ReceiptForm()})
    form = ReceiptForm(request.POST)
    one, code = None, 422
    if guards.too_many(request, "status", most=MOST_QUESTIONS, seconds=WITHIN_S):
        form.add_error(None, guards.come_back_later())
        code = 429
    elif form.is_valid():
        one = Report.objects.filter(receipt=form.cleaned_data["receipt"]).first()
        if one is None:
            unknown = _("No report has this number. Check that it is written right.")
            form.add_error("receipt", ValidationError(unknown, code="unknown"))
    return render(
        request,
        "public/report_status.html",
        {
            "form": form,
            "report": one,
            "due_at": _due_at(one) if one else None,
            "now": timezone.now(),
        },
        status=200 if one else code,
    )


def _due_at(report: Report) -> datetime:
    """By when somebody will have decided: the next working day (K-14)."""
    return duties.calendar().due(report.received_at).due_at


def _remember(response: HttpResponse, receipt: str) -> HttpResponse:
    response.set_signed_cookie(
        COOKIE,
        receipt,
        salt=COOKIE,
        max_age=COOKIE_AGE_S,
        path=reverse("report-received"),
        httponly=True,
        secure=settings.HTTPS,
        samesite="Lax",
    )
    return response

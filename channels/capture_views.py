"""The calendar of captures: what was captured, what is due, what failed and why."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import admin, messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from archive import files
from archive.downloads import attachment
from archive.models import Place
from channels import capture_calendar, capture_search, captures
from channels.capture_forms import AskForm, UploadForm
from channels.capturing import browser
from channels.directory import address_of
from channels.models import Capture, Channel

if TYPE_CHECKING:
    from channels.models import User

    class CaptureRequest(HttpRequest):
        user: User


SHOWN = 50


@require_GET
def calendar(request: CaptureRequest) -> HttpResponse:
    mine = captures.channels_for(request.user)
    plans = capture_calendar.plans(mine)
    return _page(
        request,
        "captures/calendar.html",
        title=_("Captures"),
        plans=plans,
        overdue=sum(plan.is_overdue for plan in plans),
        has_browser=browser.path() is not None,
    )


@require_http_methods(["GET", "POST"])
def search(request: CaptureRequest) -> HttpResponse:
    """By words on the page, sent in a POST: a name must not lie in an address."""
    words = request.POST.get("q", "").strip()[:200]
    after = _place(request.POST.get("after", ""))
    found, place = (
        capture_search.found(words, by=request.user, after=after)
        if (words)
        else ([], None)
    )
    return _page(
        request,
        "captures/search.html",
        title=_("Search captured pages"),
        words=words,
        found=found,
        next_place=signing.dumps(
            [place.sealed_at.isoformat(), str(place.record_id)], salt=_PLACES
        )
        if place
        else "",
    )


_PLACES = "captures.search"


def _place(text: str) -> Place | None:
    try:
        sealed_at, record_id = signing.loads(text, salt=_PLACES)
    except signing.BadSignature:
        return None
    return Place(datetime.fromisoformat(sealed_at), UUID(record_id))


@require_GET
def channel(request: CaptureRequest, pk: int) -> HttpResponse:
    return _channel(request, _mine(request, pk))


@require_POST
def ask(request: CaptureRequest, pk: int) -> HttpResponse:
    one = _mine(request, pk)
    form = AskForm(request.POST)
    if form.is_valid():
        try:
            captures.ask(channel=one, by=request.user, **form.cleaned_data)
        except captures.Refused as why_not:
            form.add_error(None, str(why_not))
        else:
            messages.success(
                request, _("On the list: the capture is made within a few minutes.")
            )
            return redirect("captures:channel", one.pk)
    return _channel(request, one, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: CaptureRequest, pk: int) -> HttpResponse:
    one = _mine(request, pk)
    status = 200
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                captures.upload(channel=one, by=request.user, **form.cleaned_data)
            except captures.Refused as why_not:
                form.add_error(None, str(why_not))
            else:
                messages.success(request, _("The capture is sealed in the archive."))
                return redirect("captures:channel", one.pk)
        status = 422
    else:
        now = timezone.localtime().replace(second=0, microsecond=0)
        form = UploadForm(initial={"address": address_of(one), "captured_at": now})
    return _page(
        request,
        "captures/upload.html",
        title=_("Upload a capture"),
        status=status,
        channel=one,
        form=form,
    )


@require_GET
def seen(request: CaptureRequest, pk: int) -> HttpResponse:
    """The picture of what stood there instead of the page."""
    one = get_object_or_404(Capture.objects.visible_to(request.user), pk=pk)
    if not one.seen:
        raise Http404(_("There is no picture of this."))
    response = HttpResponse(bytes(one.seen), content_type="image/jpeg")
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
def file(request: CaptureRequest, pk: int, position: int) -> HttpResponseBase:
    """One file of a capture, to be kept and never shown as a page of ours."""
    one = get_object_or_404(Capture.objects.visible_to(request.user), pk=pk)
    if one.record is None:
        raise Http404(_("There is no such file."))
    wanted = one.record.files.filter(position=position).first()
    if wanted is None:
        raise Http404(_("There is no such file."))
    return attachment(
        files.chunks(wanted.sha256),
        name=wanted.name,
        mime=wanted.mime,
        size=wanted.size,
    )


def _mine(request: CaptureRequest, pk: int) -> Channel:
    mine = captures.channels_for(request.user).select_related("department", "owner")
    return get_object_or_404(mine, pk=pk)


def _channel(
    request: CaptureRequest,
    one: Channel,
    form: AskForm | None = None,
    status: int = 200,
) -> HttpResponse:
    mine = Channel.objects.filter(pk=one.pk)
    newest = Capture.objects.filter(channel=one).select_related("record", "asked_by")
    return _page(
        request,
        "captures/channel.html",
        title=_("Captures of %(channel)s") % {"channel": one.name},
        status=status,
        channel=one,
        plan=next(iter(capture_calendar.plans(mine)), None),
        captures=list(newest.prefetch_related("record__files")[:SHOWN]),
        form=form or AskForm(),
        has_browser=browser.path() is not None,
        may_read=request.user.has_perm("archive.view_record"),
    )


def _page(
    request: HttpRequest, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    everywhere = admin.site.each_context(request)
    return render(request, template, {**everywhere, **context}, status=status)

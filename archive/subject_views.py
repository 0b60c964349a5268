"""Everything that one sender is held by, in one step: the data-subject request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from archive import copies, disclosure, labels, lists, openings, proving
from archive.disclosure_forms import SenderForm
from archive.disclosure_views import uuids
from archive.guards import disclosing, page_of
from archive.models import DisclosureRequest, Record, RecordSearch
from archive.retention import NotAllowed

if TYPE_CHECKING:
    from archive.guards import PersonRequest

CAP = 500


def held_by(known: str) -> list[RecordSearch]:
    """The newest records of a sender known by handle or by id on the platform, with
    what the same account is held by under its earlier handles."""
    known = known.strip()
    rows = RecordSearch.objects.all()
    ids = set(
        rows.filter(sender_handle=known)
        .exclude(sender_id="")
        .values_list("sender_id", flat=True)
        .distinct()
    )
    found: dict[Any, RecordSearch] = {}
    for way in (
        rows.filter(sender_id__in=ids | {known}),
        rows.filter(sender_handle=known),
    ):
        newest = way.order_by("-sealed_at").defer("words", "endings")[: CAP + 1]
        found |= {row.record_id: row for row in newest}
    newest_first = sorted(found.values(), key=lambda row: row.place, reverse=True)
    return newest_first[: CAP + 1]


@require_http_methods(["GET", "POST"])
@disclosing
def sender(request: PersonRequest) -> HttpResponse:
    """Who is looked for travels in a POST: a name must not lie in an address."""
    form = SenderForm(request.POST or None)
    found: list[RecordSearch] = []
    if request.method == "POST" and form.is_valid():
        found = held_by(form.cleaned_data["sender"])
        step = request.POST.get("step", "")
        if step in _STEPS:
            try:
                return _STEPS[step](request, request.POST.getlist("record"), form)
            except NotAllowed as why_not:
                form.add_error(None, str(why_not))
    lines = lists.rows(found[:CAP])
    return page_of(
        request,
        "archive/disclosure_sender.html",
        status=422 if form.errors else 200,
        title=_("All about one sender"),
        form=form,
        lines=lines,
        more=len(found) > CAP,
        cap=CAP,
        closed=any(line.closed for line in lines),
        searched=form.is_bound and "sender" in form.cleaned_data,
        requests=DisclosureRequest.objects.open().order_by("-id")[:20],
    )


def _to_request(
    request: PersonRequest, sent: list[str], form: SenderForm
) -> HttpResponse:
    wanted = request.POST.get("request", "")
    one = (
        DisclosureRequest.objects.open().filter(pk=int(wanted)).first()
        if wanted.isdecimal() and len(wanted) < 19
        else None
    )
    if one is None:
        raise NotAllowed(_("Choose the request that the records belong to."))
    picked = disclosure.pick(
        request=one, records=_some(sent), by=request.user.signature
    )
    messages.success(request, labels.count_words(len(picked)))
    return redirect("disclosure:request", one.pk)


def _records(request: PersonRequest, sent: list[str], form: SenderForm) -> list[Record]:
    """The ticked records; the closed ones among them are thereby opened, and logged."""
    ids = _some(sent)[:CAP]
    by = request.user.signature
    found = Record.objects.in_bulk(ids)
    shut = openings.still_closed(ids, by)
    if shut:
        openings.write(
            records=[found[pk] for pk in shut if pk in found],
            reason=form.cleaned_data["reason"],
            by=by,
        )
    return [found[pk] for pk in ids if pk in found]


def _some(sent: list[str]) -> list[Any]:
    ids = uuids(sent)
    if not ids:
        raise NotAllowed(_("Tick at least one record."))
    return ids


def _json(request: PersonRequest, sent: list[str], form: SenderForm) -> HttpResponse:
    records = _records(request, sent, form)
    text = json.dumps(
        [proving.disclosed(record) for record in records], ensure_ascii=False, indent=1
    )
    return _attached(f"{text}\n".encode(), "application/json", "json")


def _pdf(request: PersonRequest, sent: list[str], form: SenderForm) -> HttpResponse:
    records = _records(request, sent, form)
    from archive import paper  # loads libraries that nothing else here needs

    data = paper.copy_of_records(
        title=_("All about one sender"),
        authority="",
        facts=[
            (_("Made by"), request.user.signature),
            (_("Contents"), labels.count_words(len(records))),
        ],
        copies=[copies.of_record(record) for record in records],
    )
    return _attached(data, "application/pdf", "pdf")


def _attached(data: bytes, mime: str, ending: str) -> HttpResponse:
    response = HttpResponse(data, content_type=mime)
    response.headers["Content-Disposition"] = f'attachment; filename="sender.{ending}"'
    return response


_STEPS = {"request": _to_request, "json": _json, "pdf": _pdf}

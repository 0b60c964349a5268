"""The register of disclosure requests, one request, its records, how it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from archive import copies, disclosure, files, handing_out, lists, paragraphs
from archive.disclosure_forms import GiveForm, RefuseForm, RequestForm
from archive.guards import disclosing, page_of
from archive.masking_views import closed_picks
from archive.models import DisclosureDecision, DisclosureRequest, RecordSearch
from archive.retention import NotAllowed
from archive.search_forms import looked_for, page

if TYPE_CHECKING:
    from archive.guards import PersonRequest

ROWS = 50
SHOWN = 200
GET_POST = require_http_methods(["GET", "POST"])


@require_GET
@disclosing
def register(request: PersonRequest) -> HttpResponse:
    """What is open, the most urgent first, or what is settled, the newest first."""
    tab = "settled" if request.GET.get("tab") == "settled" else "open"
    number = request.GET.get("number", "").strip()
    if found := _numbered(number):
        return redirect("disclosure:request", found.pk)
    rows = DisclosureRequest.objects.all()
    after = _after(request.GET.get("after", ""))
    if tab == "open":
        rows = rows.open().due_first()
        if after is not None:
            place = (after.due_at, after.pk)
            rows = rows.filter(TupleGreaterThan(Tuple(F("due_at"), F("id")), place))
    else:
        rows = rows.filter(settled_at__isnull=False).order_by("-id")
        if after is not None:
            rows = rows.filter(pk__lt=after.pk)
    found_rows = list(rows[: ROWS + 1])
    return page_of(
        request,
        "archive/disclosure_list.html",
        title=_("Disclosure"),
        tab=tab,
        number=number,
        requests=found_rows[:ROWS],
        next_place=found_rows[ROWS - 1].pk if len(found_rows) > ROWS else None,
    )


def _after(text: str) -> DisclosureRequest | None:
    if not text.isdecimal() or len(text) > 18:
        return None
    return DisclosureRequest.objects.filter(pk=int(text)).first()


def _numbered(text: str) -> DisclosureRequest | None:
    year, _dash, number = text.partition("-")
    if not (year.isdecimal() and number.isdecimal() and len(text) < 12):
        return None
    return DisclosureRequest.objects.filter(year=int(year), number=int(number)).first()


@GET_POST
@disclosing
def new(request: PersonRequest) -> HttpResponse:
    form = RequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = disclosure.receive(**form.cleaned_data, by=request.user.signature)
        except NotAllowed as why_not:
            form.add_error(None, str(why_not))
        else:
            said = _("Request %(number)s is in the register.") % {"number": made.label}
            messages.success(request, said)
            return redirect("disclosure:request", made.pk)
    return page_of(
        request,
        "archive/disclosure_new.html",
        status=422 if form.errors else 200,
        title=_("New request"),
        form=form,
    )


@require_GET
@disclosing
def show(request: PersonRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(DisclosureRequest, pk=pk)
    picks = list(one.picks.select_related("record").prefetch_related("masks")[:SHOWN])
    found = RecordSearch.objects.in_bulk([pick.record_id for pick in picks])
    rows = {row.found.record_id: row for row in lists.rows(found.values())}
    return page_of(
        request,
        "archive/disclosure_request.html",
        title=_("Request %(number)s") % {"number": one.label},
        one=one,
        late=one.is_late(),
        picks=[(pick, rows.get(pick.record_id)) for pick in picks],
        count=one.picks.count(),
        left=one.picks.filter(checked_at=None).count(),
        events=one.events.order_by("-id")[:SHOWN],
        decision=DisclosureDecision.objects.filter(request=one)
        .select_related("sealed")
        .first(),
    )


@GET_POST
@disclosing
def pick(request: PersonRequest, pk: int) -> HttpResponse:
    """Look for records and put the ticked ones into the request. What is looked for
    travels in a POST: a name must not lie in an address or a log."""
    one = get_object_or_404(DisclosureRequest.objects.open(), pk=pk)
    sent = request.POST if request.method == "POST" else None
    form, rows, words = looked_for(sent)
    if sent is not None and sent.get("step") == "pick":
        _try(request, lambda: _pick(request, one, sent.getlist("record")))
    after = sent.get("after", "") if sent is not None else ""
    found, count, next_place = page(words, rows, after)
    there = set(one.picks.values_list("record_id", flat=True))
    return page_of(
        request,
        "archive/disclosure_pick.html",
        title=_("Pick records"),
        one=one,
        form=form,
        lines=[(row, row.found.record_id in there) for row in lists.rows(found)],
        count=count,
        picked=len(there),
        after=after,
        next_place=next_place,
        searched=sent is not None,
    )


def _pick(request: PersonRequest, one: DisclosureRequest, sent: list[str]) -> str:
    picked = disclosure.pick(
        request=one, records=uuids(sent), by=request.user.signature
    )
    return ngettext(
        "%(count)d record picked. It stays until the request is settled.",
        "%(count)d records picked. They stay until the request is settled.",
        len(picked),
    ) % {"count": len(picked)}


def uuids(sent: list[str]) -> list[UUID]:
    """NotAllowed for what is no record's number."""
    try:
        return [UUID(one) for one in sent]
    except ValueError:
        raise NotAllowed(_("There is no such record.")) from None


def _try(request: PersonRequest, act: Callable[[], str]) -> bool:
    try:
        messages.success(request, act())
    except NotAllowed as why_not:
        messages.error(request, str(why_not))
        return False
    return True


@require_POST
@disclosing
def unpick(request: PersonRequest, pk: int, pick_id: int) -> HttpResponse:
    one = get_object_or_404(DisclosureRequest, pk=pk)
    picked = get_object_or_404(one.picks, pk=pick_id)

    def act() -> str:
        disclosure.unpick(pick=picked, by=request.user.signature)
        return _("The record is no longer part of the request.")

    _try(request, act)
    return redirect("disclosure:request", pk)


@require_POST
@disclosing
def withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(DisclosureRequest, pk=pk)

    def act() -> str:
        if not request.POST.get("confirmed"):
            raise NotAllowed(_("Tick that the request was withdrawn."))
        disclosure.withdraw(request=one, by=request.user.signature)
        return _("The request is settled as withdrawn.")

    _try(request, act)
    return redirect("disclosure:request", pk)


@GET_POST
@disclosing
def refuse(request: PersonRequest, pk: int) -> HttpResponse:
    """The form, then the letter's words once more, then the refusal."""
    one = get_object_or_404(DisclosureRequest.objects.open(), pk=pk)
    form = RefuseForm(request.POST or None, law=one.law)
    sure = False
    if request.method == "POST" and form.is_valid():
        sure = True
        if form.cleaned_data["confirmed"]:
            try:
                handing_out.refuse(
                    request=one,
                    grounds=form.cleaned_data["grounds"],
                    reason=form.cleaned_data["reason"],
                    by=request.user.signature,
                )
            except NotAllowed as why_not:
                form.add_error(None, str(why_not))
                sure = False
            else:
                messages.success(request, _("Refused; the letter is ready to send."))
                return redirect("disclosure:request", pk)
    return page_of(
        request,
        "archive/disclosure_refuse.html",
        status=422 if form.errors else 200,
        title=_("Refuse request %(number)s") % {"number": one.label},
        one=one,
        form=form,
        sure=sure,
        cited=[paragraphs.cited(g) for g in form.cleaned_data["grounds"]]
        if sure
        else [],
        appeal=paragraphs.appeal(one.law),
        dated=paragraphs.dated(),
    )


@GET_POST
@disclosing
def preview(request: PersonRequest, pk: int) -> HttpResponse:
    """Exactly what would be given out; from here it is given."""
    one = get_object_or_404(DisclosureRequest.objects.open(), pk=pk)
    if door := closed_picks(request, one):
        return door
    given = handing_out.copies_of(one)
    seen = copies.fingerprint(given)
    form = GiveForm(request.POST or None, initial={"seen": seen})
    if request.method == "POST" and form.is_valid():
        try:
            handing_out.give_out(
                request=one,
                seen=form.cleaned_data["seen"],
                reason=form.cleaned_data["reason"],
                despite_leftovers=form.cleaned_data["despite_leftovers"],
                by=request.user.signature,
            )
        except NotAllowed as why_not:
            form.add_error(None, str(why_not))
        else:
            messages.success(
                request, _("Given out: sealed, logged and ready to fetch.")
            )
            return redirect("disclosure:request", pk)
    return page_of(
        request,
        "archive/disclosure_preview.html",
        status=422 if form.errors else 200,
        title=_("What would be given out"),
        one=one,
        form=form,
        seen=seen,
        picks=list(zip(one.picks.order_by("id"), given, strict=True)),
        masked=any(copy.masked for copy in given),
        leftovers=any(copy.leftovers for copy in given),
        ready=one.state == DisclosureRequest.State.MASKED,
    )


@require_GET
@disclosing
def draft(request: PersonRequest, pk: int) -> HttpResponse:
    """The PDF as it would be given out now, without a reason."""
    one = get_object_or_404(DisclosureRequest.objects.open(), pk=pk)
    if door := closed_picks(request, one):
        return door
    given = handing_out.copies_of(one)
    paper = handing_out.as_paper(one, given, reason="", by=request.user.signature)
    response = HttpResponse(paper, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{one.label}.pdf"'
    return response


@require_POST
@disclosing
def fetch(request: PersonRequest, pk: int, position: int) -> HttpResponseBase:
    """A file that was given out. Fetching is logged, so it is a button, not a link."""
    one = get_object_or_404(DisclosureRequest, pk=pk)
    try:
        file = handing_out.fetch(
            request=one, position=position, by=request.user.signature
        )
    except NotAllowed as why_not:
        messages.error(request, str(why_not))
        return redirect("disclosure:request", pk)
    response = FileResponse(
        files.open_kept(file.sha256),
        as_attachment=True,
        filename=file.name,
        content_type=file.mime,
    )
    return response

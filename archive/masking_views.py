"""One picked record: its words, fields and files are masked, and looked through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from archive import (
    canonical,
    copies,
    labels,
    masking,
    openings,
    paragraphs,
    pictures,
)
from archive.disclosure_forms import (
    EVERYWHERE,
    MARKED,
    FieldsForm,
    FileForm,
    RegionForm,
    WordsForm,
)
from archive.guards import disclosing, page_of
from archive.handling_views import ReasonForm, closed
from archive.masking_steps import FIELDS_ID, STEPS, WORDS_ID, Refused
from archive.models import (
    DisclosureMask,
    DisclosurePick,
    DisclosureRequest,
    Record,
)
from archive.retention import NotAllowed

if TYPE_CHECKING:
    from archive.guards import PersonRequest

# Of the record itself and of its files: seldom masked, folded away.
ABOUT = ("/record/", "/files/")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text, and whether a mask hides it."""

    text: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A field on the masking page; `texts` are its texts with what is hidden."""

    path: str
    label: str
    state: str
    texts: list[tuple[str, str, list[Piece]]]
    words: str

    @property
    def about(self) -> bool:
        return self.path.startswith(ABOUT)


def closed_picks(request: PersonRequest, one: DisclosureRequest) -> HttpResponse | None:
    """The door, when a record of the request is closed for this person; one reason
    opens all of them."""
    picked = list(one.picks.values_list("record_id", flat=True))
    shut = openings.still_closed(picked, request.user.signature)
    if not shut:
        return None
    first = Record.objects.without_content().get(pk=min(shut))
    return closed(
        request,
        first,
        form=ReasonForm(
            initial={
                "reason": _("Disclosure request %(number)s") % {"number": one.label}
            }
        ),
        action=reverse("disclosure:open-picks", args=[one.pk]),
        number=len(shut),
    )


@require_POST
@disclosing
def open_picks(request: PersonRequest, pk: int) -> HttpResponse:
    """One reason for all closed records of a request, logged for each."""
    one = get_object_or_404(DisclosureRequest, pk=pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        picked = list(one.picks.values_list("record_id", flat=True))
        shut = openings.still_closed(picked, request.user.signature)
        openings.write(
            records=list(Record.objects.without_content().filter(pk__in=shut)),
            reason=form.cleaned_data["reason"],
            by=request.user.signature,
        )
    else:
        messages.error(request, _("Say why you open it."))
    return redirect("disclosure:request", pk)


@require_http_methods(["GET", "POST"])
@disclosing
def mask(request: PersonRequest, pk: int, pick_id: int) -> HttpResponse:
    """Everything that can be done with one picked record."""
    one = get_object_or_404(DisclosureRequest.objects.open(), pk=pk)
    pick = get_object_or_404(one.picks.select_related("request", "record"), pk=pick_id)
    if door := closed_picks(request, one):
        return door
    refused: Refused | None = None
    if request.method == "POST":
        step = request.POST.get("step", "")
        if step not in STEPS:
            raise Http404
        try:
            done = STEPS[step](request, pick)
        except NotAllowed as why_not:
            messages.error(request, str(why_not))
            done = ""
        if isinstance(done, tuple):
            refused = done
        elif step == "check" and done:
            messages.success(request, done)
            return redirect(_next(one))
        else:
            if done:
                messages.success(request, done)
            return redirect("disclosure:mask", pk, pick_id)
    return _page(request, pick, refused)


def _next(one: DisclosureRequest) -> str:
    """The next record that nobody has looked through, or what would be given out."""
    left = one.picks.filter(checked_at=None).order_by("id").first()
    if left is None:
        return reverse("disclosure:preview", args=[one.pk])
    return reverse("disclosure:mask", args=[one.pk, left.pk])


def _page(
    request: PersonRequest, pick: DisclosurePick, refused: Refused | None
) -> HttpResponse:
    one = pick.request
    copy = copies.of_pick(pick)
    fields = dict(canonical.flatten(pick.record.document))
    law = one.law
    forms_: dict[str, Any] = {
        "words": WordsForm(law=law, auto_id=WORDS_ID),
        "fields": FieldsForm(law=law, paths=list(fields), auto_id=FIELDS_ID),
    }
    if refused:
        forms_[refused[0]] = refused[1]
    masks = list(pick.masks.all())
    lines = _lines(copy, fields, masks)
    neighbours = list(one.picks.order_by("id").values_list("pk", flat=True))
    return page_of(
        request,
        "archive/disclosure_mask.html",
        status=422 if refused else 200,
        title=_("Mask a record"),
        one=one,
        pick=pick,
        record=pick.record,
        copy=copy,
        lines=lines,
        first_lines=[line for line in lines if not line.about],
        about_lines=[line for line in lines if line.about],
        files=[_file(one, file, forms_, refused) for file in copy.files],
        leftovers=[(labels.label(path), text) for path, text in copy.leftovers],
        masks=[(m, _about(m), paragraphs.cited(m.paragraph)) for m in masks],
        words_form=forms_["words"],
        fields_form=forms_["fields"],
        everywhere=EVERYWHERE,
        marked=MARKED,
        place=neighbours.index(pick.pk) + 1,
        among=len(neighbours),
        left=one.picks.filter(checked_at=None).count(),
        dated=paragraphs.dated(),
    )


def _file(
    one: DisclosureRequest,
    file: copies.FileCopy,
    forms_: Mapping[str, Any],
    refused: Refused | None,
) -> dict[str, Any]:
    start = {"position": file.position}
    prefix = f"file{file.position}"
    region = RegionForm(law=one.law, initial=start, auto_id=f"{prefix}-%s")
    whole = FileForm(law=one.law, initial=start, auto_id=f"{prefix}-whole-%s")
    if refused and refused[1].data.get("position") == file.position:
        region = refused[1] if refused[0] == "region" else region  # type: ignore[assignment]
        whole = refused[1] if refused[0] == "file" else whole  # type: ignore[assignment]
    return {
        "file": file,
        "picture": file.mime in pictures.TYPES and file.state != "withheld",
        "region": region,
        "whole": whole,
    }


def _lines(
    copy: copies.Copy, fields: Mapping[str, Any], masks: Sequence[DisclosureMask]
) -> list[Line]:
    spans: dict[str, list[tuple[int, int]]] = {}
    for one in masks:
        if one.starts is not None and one.ends is not None:
            spans.setdefault(one.path, []).append((one.starts, one.ends))
        elif one.region is None:
            spans.setdefault(one.path, []).append((0, 1 << 30))
    lines = []
    for shown in copy.fields:
        value = fields.get(shown.path)
        # Times are read by the local clock; a part of one is not masked.
        whole = shown.state == "whole" and labels.words(value) != value
        lines.append(
            Line(
                path=shown.path,
                label=labels.label(shown.path),
                state=shown.state,
                texts=[
                    (
                        path,
                        _inside(path, shown.path),
                        _pieces(text, spans.get(path, [])),
                    )
                    for path, text in masking.texts(value, shown.path)
                    if isinstance(value, list) or not whole
                ],
                words=labels.words(value),
            )
        )
    return lines


def _inside(path: str, field: str) -> str:
    """Where in a list a text stands: "2, text"; empty for a field of its own."""
    if path == field:
        return ""
    steps = masking.parts(path[len(field) :])
    return ", ".join(
        str(int(step) + 1) if step.isdecimal() else labels.member(step)
        for step in steps
    )


def _pieces(text: str, spans: Sequence[tuple[int, int]]) -> list[Piece]:
    hidden = [False] * len(text)
    for start, end in spans:
        for index in range(start, min(end, len(text))):
            hidden[index] = True
    pieces: list[Piece] = []
    at = 0
    while at < len(text):
        end = at
        while end < len(text) and hidden[end] == hidden[at]:
            end += 1
        pieces.append(Piece(text[at:end], hidden[at]))
        at = end
    return pieces


def _about(mask: DisclosureMask) -> str:
    """What a mask hides, without the words."""
    position = copies.file_position(mask.path)
    if mask.region is not None:
        x, y, width, height = mask.region
        return _("File %(number)d, region %(width)d × %(height)d at %(x)d, %(y)d") % {
            "number": int(position) + 1,
            "width": width,
            "height": height,
            "x": x,
            "y": y,
        }
    if position:
        return _("File %(number)d, withheld") % {"number": int(position) + 1}
    name = labels.label(mask.path)
    if mask.starts is None or mask.ends is None:
        return _("%(field)s, all of it") % {"field": name}
    return _("%(field)s, characters %(start)d to %(end)d") % {
        "field": name,
        "start": mask.starts + 1,
        "end": mask.ends,
    }


@require_GET
@disclosing
def picture(
    request: PersonRequest, pk: int, pick_id: int, position: int
) -> HttpResponse:
    """A picture as it would be given out: upright, bare, with its regions black."""
    one = get_object_or_404(DisclosureRequest.objects.open(), pk=pk)
    pick = get_object_or_404(one.picks.select_related("record"), pk=pick_id)
    if closed_picks(request, one):
        raise Http404
    file = get_object_or_404(pick.record.files, position=position)
    masks = pick.masks.filter(path=f"/files/{position}")
    if any(mask.region is None for mask in masks):
        raise Http404
    try:
        data, mime = pictures.painted(
            copies.read(file), [mask.region for mask in masks if mask.region]
        )
    except pictures.NotAPicture as error:
        raise Http404 from error
    return HttpResponse(data, content_type=mime)

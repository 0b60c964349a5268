"""What the forms of the masking page do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from archive import disclosure
from archive.disclosure_forms import (
    MARKED,
    FieldsForm,
    FileForm,
    RegionForm,
    WordsForm,
)
from archive.models import DisclosurePick
from archive.retention import NotAllowed

if TYPE_CHECKING:
    from django import forms

    from archive.guards import PersonRequest

# Several forms on one page ask for the same things.
WORDS_ID, FIELDS_ID = "words-%s", "fields-%s"
# The name of the form that was filled in wrongly, and the form.
Refused = tuple[str, "forms.Form"]


def _words(request: PersonRequest, pick: DisclosurePick) -> str | Refused:
    form = WordsForm(request.POST, law=pick.request.law, auto_id=WORDS_ID)
    if not form.is_valid():
        return "words", form
    sent = form.cleaned_data
    by = request.user.signature
    if sent["within"] == MARKED:
        disclosure.mask(
            pick=pick,
            path=sent["path"],
            start=sent["start"],
            end=sent["end"],
            paragraph=sent["paragraph"],
            by=by,
        )
        return _("Masked at the marked place.")
    masks = disclosure.mask_words(
        pick=pick,
        words=sent["words"],
        within=sent["within"],
        paragraph=sent["paragraph"],
        by=by,
    )
    return ngettext(
        "Masked at %(count)d place.", "Masked at %(count)d places.", len(masks)
    ) % {"count": len(masks)}


def _fields(request: PersonRequest, pick: DisclosurePick) -> str | Refused:
    known = list(pick.record.field_digests)
    form = FieldsForm(
        request.POST, law=pick.request.law, paths=known, auto_id=FIELDS_ID
    )
    if not form.is_valid():
        return "fields", form
    wanted = form.cleaned_data["fields_masked"]
    disclosure.mask_fields(
        pick=pick,
        paths=wanted,
        paragraph=form.cleaned_data["paragraph"],
        by=request.user.signature,
    )
    return ngettext(
        "%(count)d field masked.", "%(count)d fields masked.", len(wanted)
    ) % {"count": len(wanted)}


def _region(request: PersonRequest, pick: DisclosurePick) -> str | Refused:
    position = request.POST.get("position", "")
    form = RegionForm(
        request.POST, law=pick.request.law, auto_id=f"file{position[:4]}-%s"
    )
    if not form.is_valid():
        return "region", form
    sent = form.cleaned_data
    disclosure.mask_region(
        pick=pick,
        position=sent["position"],
        region=[sent["x"], sent["y"], sent["width"], sent["height"]],
        paragraph=sent["paragraph"],
        by=request.user.signature,
    )
    return _("The region is black in the copy; the original is untouched.")


def _whole_file(request: PersonRequest, pick: DisclosurePick) -> str | Refused:
    position = request.POST.get("position", "")
    form = FileForm(
        request.POST, law=pick.request.law, auto_id=f"file{position[:4]}-whole-%s"
    )
    if not form.is_valid():
        return "file", form
    disclosure.mask(
        pick=pick,
        path=f"/files/{form.cleaned_data['position']}",
        paragraph=form.cleaned_data["paragraph"],
        by=request.user.signature,
    )
    return _("The file is withheld.")


def _unmask(request: PersonRequest, pick: DisclosurePick) -> str:
    sent = [one for one in request.POST.getlist("mask") if one.isdecimal()]
    masks = list(pick.masks.filter(pk__in=[int(one) for one in sent if len(one) < 19]))
    if not masks:
        raise NotAllowed(_("Tick the masks to be taken away."))
    disclosure.unmask(masks=masks, by=request.user.signature)
    return ngettext(
        "%(count)d mask taken away.", "%(count)d masks taken away.", len(masks)
    ) % {"count": len(masks)}


def _check(request: PersonRequest, pick: DisclosurePick) -> str:
    disclosure.check(pick=pick, by=request.user.signature)
    return _("Looked through.")


STEPS: dict[str, Callable[[Any, DisclosurePick], str | Refused]] = {
    "words": _words,
    "fields": _fields,
    "region": _region,
    "file": _whole_file,
    "unmask": _unmask,
    "check": _check,
}

"""Referring: to whom, what became of it, and letters that did not arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from channels import letters
from channels.delivery import Refused as LetterRefused
from channels.models import Letter
from moderation import referrals
from moderation.answer_forms import GiveBackForm, ReferForm
from moderation.answer_pages import refer_box
from moderation.answer_views import visible
from moderation.desk_parts import page_of, part_of
from moderation.desk_views import at_the_desk
from moderation.models import Case, Referral
from moderation.refusals import Refused, refusal
from moderation.verbs import VERBS

if TYPE_CHECKING:
    from moderation.desk_views import DeskRequest

SHOWN = 100


@require_http_methods(["GET", "POST"])
@at_the_desk
def refer(request: DeskRequest, pk: int) -> HttpResponse:
    """`instead` in the address names a referral that came to nothing."""
    case = visible(request.user, pk)
    if request.method == "GET":
        return _show(request, case, instead_of=_of(case, request.GET.get("instead")))
    if refusal(case, VERBS["refer"], request.user):
        return _show(request, case, status=409)
    form = ReferForm(request.POST, destinations=referrals.destinations(case))
    if not form.is_valid():
        return _show(request, case, form, status=422)
    data = form.cleaned_data
    instead_of = _of(case, str(data["instead_of"] or ""))
    to = form.destinations[data["to"]]
    try:
        referrals.refer(
            case=case,
            by=request.user,
            to=to,
            note=data["note"],
            turn=data["turn"],
            instead_of=instead_of,
        )
    except Refused as why_not:
        form.add_error(None, str(why_not))
        return _show(request, case, form, instead_of=instead_of, status=409)
    messages.success(
        request, _("Record sealed; the message goes to %(name)s.") % {"name": to.name}
    )
    return redirect(f"{reverse('desk:next')}?done={case.pk}")


@require_POST
@at_the_desk
def again(request: DeskRequest, pk: int) -> HttpResponse:
    return _take_further(
        request, pk, referrals.try_again, _("The letter is on its way once more.")
    )


@require_POST
@at_the_desk
def arrived(request: DeskRequest, pk: int) -> HttpResponse:
    return _take_further(
        request, pk, referrals.arrived, _("Noted: the letter has arrived.")
    )


@require_POST
@at_the_desk
def give_back(request: DeskRequest, pk: int) -> HttpResponse:
    referral = _referral(request, pk)
    form = GiveBackForm(request.POST)
    if not form.is_valid():
        why_not = _("Say why it was sent back.")
        return _show(request, referral.case, refused=why_not, status=422)
    try:
        referrals.give_back(
            referral=referral, by=request.user, reason=form.cleaned_data["reason"]
        )
    except Refused as error:
        return _show(request, referral.case, refused=str(error), status=409)
    messages.success(request, _("Noted: it is owed again."))
    return redirect(referral.case)


@require_GET
@at_the_desk
def stuck_letters(request: DeskRequest) -> HttpResponse:
    """Letters that are nobody's referral: to colleagues, and from the register."""
    may = request.user.has_perm("moderation.settle_delivery")
    found = (
        Letter.objects.stuck().filter(referral=None) if may else Letter.objects.none()
    )
    return page_of(
        request,
        "desk/letters.html",
        title=_("Letters that did not arrive"),
        letters=list(found.defer("body").order_by("-written_at", "-id")[:SHOWN]),
        shown=SHOWN,
        may=may,
    )


@require_POST
@at_the_desk
def letter(request: DeskRequest, pk: int, do: str) -> HttpResponse:
    """`do` is "again" or "leave"."""
    if not request.user.has_perm("moderation.settle_delivery"):
        raise PermissionDenied(_("Your account may not do this."))
    one = get_object_or_404(Letter.objects.filter(referral=None), pk=pk)
    act = letters.try_again if do == "again" else letters.leave
    try:
        act(letter=one, by=request.user)
    except LetterRefused as why_not:
        messages.error(request, str(why_not))
    else:
        messages.success(
            request,
            _("The letter is on its way once more.")
            if do == "again"
            else _("The letter leaves the list."),
        )
    return redirect("desk:letters")


def _take_further(
    request: DeskRequest, pk: int, act: Callable[..., Referral], done: str
) -> HttpResponse:
    referral = _referral(request, pk)
    try:
        act(referral=referral, by=request.user)
    except Refused as why_not:
        return _show(request, referral.case, refused=str(why_not), status=409)
    messages.success(request, done)
    return redirect(referral.case)


def _referral(request: DeskRequest, pk: int) -> Referral:
    referral = get_object_or_404(Referral, pk=pk)
    referral.case = visible(request.user, referral.case_id)
    return referral


def _of(case: Case, pk: str | None) -> Referral | None:
    if not pk or not pk.isdecimal() or len(pk) > 18:
        return None
    return get_object_or_404(case.referrals.select_related("letter"), pk=int(pk))


def _show(
    request: DeskRequest,
    case: Case,
    form: ReferForm | None = None,
    *,
    instead_of: Referral | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    return part_of(
        request,
        "desk/referring.html",
        status=status,
        title=_("Refer a message on %(channel)s") % {"channel": case.channel},
        message=case.message,
        case=case,
        box={
            **refer_box(case, request.user, form=form, instead_of=instead_of),
            "refused": refused,
            "opened": True,
        },
    )

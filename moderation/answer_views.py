"""Answering: drafts, templates, the second reader, and what is sent all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from moderation import drafts, replies
from moderation.answer_forms import AnswerForm, ReleaseForm, SendBackForm
from moderation.answer_pages import answer_box
from moderation.desk_parts import part_of
from moderation.desk_views import at_the_desk
from moderation.models import Case, Draft
from moderation.refusals import Refused, refusal
from moderation.verbs import VERBS

if TYPE_CHECKING:
    from typing import Any

    from channels.models import User
    from moderation.answer_checks import Warned
    from moderation.desk_views import DeskRequest


@require_http_methods(["GET", "POST"])
@at_the_desk
def answer(request: DeskRequest, pk: int) -> HttpResponse:
    """The answer to one message on a page of its own: where templates are chosen
    without script, and where what was refused or warned of is read."""
    case = visible(request.user, pk)
    if request.method == "GET":
        return _show(request, case)
    if refusal(case, VERBS["reply"], request.user):
        return _show(request, case, status=409)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _show(request, case, form, status=422)
    wish = request.POST.get("do", "send")
    try:
        done = _do(wish, case, request.user, form.cleaned_data)
    except replies.NotConfirmed as warned:
        return _show(request, case, form, warnings=warned.warnings, status=422)
    except Refused as why_not:
        form.add_error(None, str(why_not))
        return _show(request, visible(request.user, pk), form, status=409)
    messages.success(request, done)
    if wish == "save":
        return redirect(case)
    return redirect(f"{reverse('desk:next')}?done={case.pk}")


def _do(wish: str, case: Case, by: User, data: dict[str, Any]) -> str:
    words = {"case": case, "by": by, "text": data["text"], "tells": data["tells"]}
    if wish == "save":
        drafts.save(**words)
        return _("Draft saved. Your colleagues can see it.")
    if wish == "ask":
        drafts.ask(**words)
        return _("A second reader is asked for. It is sent when they release it.")
    replies.reply(**words, turn=data["turn"], all_the_same=wish == "send-all-the-same")
    return _("The answer is on its way.")


@require_POST
@at_the_desk
def save_draft(request: DeskRequest, pk: int) -> HttpResponse:
    """For the open page: keeps what is being written."""
    case = visible(request.user, pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"saved": ""}, status=422)
    data = form.cleaned_data
    draft = drafts.save(
        case=case, by=request.user, text=data["text"], tells=data["tells"]
    )
    when = date_format(localtime(draft.saved_at), "TIME_FORMAT")
    return JsonResponse({"saved": _("Draft saved %(when)s.") % {"when": when}})


@require_POST
@at_the_desk
def release(request: DeskRequest, pk: int) -> HttpResponse:
    draft = _draft(request.user, pk)
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        raise PermissionDenied(_("The form is not whole. Open the message anew."))
    data = form.cleaned_data
    try:
        drafts.release(
            draft=draft,
            by=request.user,
            number=data["number"],
            turn=data["turn"],
            all_the_same=request.POST.get("do") == "send-all-the-same",
        )
    except replies.NotConfirmed as warned:
        return _show(
            request, draft.case, warnings=warned.warnings, reading=draft, status=422
        )
    except Refused as why_not:
        return _show(request, draft.case, refused=str(why_not), status=409)
    messages.success(
        request,
        _("Released. %(person)s's answer is on its way.") % {"person": draft.writer},
    )
    return redirect(f"{reverse('desk:next')}?done={draft.case_id}")


@require_POST
@at_the_desk
def send_back(request: DeskRequest, pk: int) -> HttpResponse:
    draft = _draft(request.user, pk)
    form = SendBackForm(request.POST)
    if not form.is_valid():
        why_not = _("Say what should be different.")
        return _show(request, draft.case, refused=why_not, status=422)
    try:
        drafts.send_back(draft=draft, by=request.user, **form.cleaned_data)
    except Refused as why_not:
        return _show(request, draft.case, refused=str(why_not), status=409)
    messages.success(request, _("Sent back to %(person)s.") % {"person": draft.writer})
    return redirect(draft.case)


@require_POST
@at_the_desk
def drop(request: DeskRequest, pk: int) -> HttpResponse:
    draft = _draft(request.user, pk)
    try:
        drafts.drop(draft=draft, by=request.user)
    except Refused as why_not:
        return _show(request, draft.case, refused=str(why_not), status=409)
    messages.success(request, _("Draft dropped."))
    return redirect(draft.case)


def visible(user: User, pk: int) -> Case:
    return get_object_or_404(
        Case.objects.seen_by(user).select_related(
            "message__post", "channel__department", "assigned_to"
        ),
        pk=pk,
    )


def _draft(user: User, pk: int) -> Draft:
    draft = get_object_or_404(Draft.objects.select_related("writer"), pk=pk)
    draft.case = visible(user, draft.case_id)
    return draft


def _show(
    request: DeskRequest,
    case: Case,
    form: AnswerForm | None = None,
    *,
    warnings: list[Warned] | None = None,
    reading: Draft | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    asked = {
        name: request.GET[name]
        for name in ("template", "language")
        if name in request.GET
    }
    return part_of(
        request,
        "desk/answering.html",
        status=status,
        title=_("Answer on %(channel)s") % {"channel": case.channel},
        message=case.message,
        case=case,
        box={
            **answer_box(case, request.user, form=form, asked=asked),
            "warnings": list(dict.fromkeys(warnings or [])),
            "reading": reading,
            "refused": refused,
            "opened": True,
        },
    )

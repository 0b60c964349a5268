"""The desk: what is due, one message at a time, and the acts on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from moderation import (
    assignment_acts,
    decisions,
    desk_pages,
    presence,
    replies,
    undoing,
    word_pages,
)
from moderation.assignment_acts import AssignForm
from moderation.covering import is_covered
from moderation.desk_filters import Filters
from moderation.desk_forms import (
    GroundForm,
    HandOverForm,
    KeepForm,
    ReplyForm,
    RestoreForm,
    TurnForm,
    country,
)
from moderation.desk_keys import CASE_KEYS
from moderation.desk_parts import here, is_ahead, part_of
from moderation.models import Case
from moderation.refusals import Refused, mandate_of, refusal
from moderation.tallies import tallies
from moderation.verbs import VERBS, Verb
from policies.models import Rule
from policies.screening.model import SHOWN_MASKED

if TYPE_CHECKING:
    from channels.models import User

    class DeskRequest(HttpRequest):
        user: User


P = ParamSpec("P")
View = Callable[Concatenate[Any, P], HttpResponse]


def at_the_desk(view: View[P]) -> View[P]:
    """Signed in, in the municipality's service, and with a place at the desk."""

    @wraps(view)
    def guarded(
        request: DeskRequest, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if not request.user.has_perm("moderation.view_case"):
            raise PermissionDenied(_("Your account has no place at the desk."))
        # Asked for now: Django's stand-in would look the person up at each word.
        request.user = getattr(request, "_cached_user", request.user)
        return view(request, *args, **kwargs)

    return cast("View[P]", guarded)


@require_GET
@at_the_desk
def case(request: DeskRequest, pk: int) -> HttpResponse:
    return _show(request, _visible(request, pk), done=just_done(request))


@require_GET
@at_the_desk
def looking(request: DeskRequest, pk: int) -> HttpResponse:
    """For the open page: who else looks, and whether it is still the newest."""
    one = _visible(request, pk)
    others = presence.look(one, request.user)
    return JsonResponse({"others": _others(others), "turn": one.turn})


def act(request: DeskRequest, one: Case, verb: str) -> HttpResponse | None:
    """One verb on one case, of which the key is enough: None when it is done. What is
    refused is shown on the page, with what was written still in the form."""
    # The verb itself reads the message under lock and asks for the mandate, without
    # which nobody sees it; refusing asks who may look.
    pk = one.pk
    if verb in ("hand_over", "assign"):
        one = _visible(request, pk)
    form = _form(VERBS[verb], one, request.user, data=request.POST)
    if not form.is_valid():
        return _show(request, _visible(request, pk), {verb: form}, status=422)
    if VERBS[verb].harmful and not form.cleaned_data.get("confirmed"):
        return _ask(request, _visible(request, pk), VERBS[verb], form)
    try:
        done = _ACTS[verb](one, request.user, form.cleaned_data)
    except Case.DoesNotExist as error:
        raise Http404 from error
    except Refused as why_not:
        one = _visible(request, pk)
        form.add_error(None, str(why_not))
        return _show(request, one, {verb: form}, status=409)
    messages.success(request, done)
    return None


def _keep(one: Case, by: User, data: dict[str, Any]) -> str:
    decisions.keep(case=one, by=by, turn=data["turn"])
    return _("Kept.")


def _hide(one: Case, by: User, data: dict[str, Any]) -> str:
    decisions.hide(
        case=one, by=by, rule=data["rule"], reason=data["reason"], turn=data["turn"]
    )
    return _("Record sealed; the message is being hidden.")


def _remove(one: Case, by: User, data: dict[str, Any]) -> str:
    decisions.remove(
        case=one, by=by, rule=data["rule"], reason=data["reason"], turn=data["turn"]
    )
    return _("Record sealed; the message is being removed.")


def _restore(one: Case, by: User, data: dict[str, Any]) -> str:
    decisions.restore(case=one, by=by, reason=data["reason"], turn=data["turn"])
    return _("The message is being made visible again.")


def _reply(one: Case, by: User, data: dict[str, Any]) -> str:
    replies.reply(case=one, by=by, text=data["text"], turn=data["turn"])
    return _("The answer is on its way.")


def _hand_over(one: Case, by: User, data: dict[str, Any]) -> str:
    done = replies.hand_over(
        case=one, by=by, to=data["to"], note=data["note"], turn=data["turn"]
    )
    return _("Handed over to %(person)s.") % {"person": done.to}


def _undo(one: Case, by: User, data: dict[str, Any]) -> str:
    undoing.undo(case=one, by=by, turn=data["turn"])
    return _("Undone. The platform was not told; the record of it stays.")


_ACTS: dict[str, Callable[[Case, User, dict[str, Any]], str]] = {
    "keep": _keep,
    "hide": _hide,
    "remove": _remove,
    "restore": _restore,
    "reply": _reply,
    "hand_over": _hand_over,
    "undo": _undo,
    **assignment_acts.ACTS,
}


def _form(
    verb: Verb, one: Case, by: User, data: Any = None, found: list[int] | None = None
) -> TurnForm:
    start = {"turn": one.turn}
    if verb.needs_ground:
        return GroundForm(data, initial=start, found=found or [])
    if verb.name == "restore":
        return RestoreForm(data, initial=start)
    if verb.name == "reply":
        return ReplyForm(data, initial=start)
    if verb.name == "hand_over":
        return HandOverForm(data, initial=start, case=one, by=by)
    if verb.name == "assign":
        return AssignForm(data, initial=start, case=one)
    return KeepForm(data, initial=start)


def _visible(request: DeskRequest, pk: int) -> Case:
    return get_object_or_404(
        Case.objects.seen_by(request.user).select_related(
            "message__post", "channel__department", "assigned_to"
        ),
        pk=pk,
    )


def _show(
    request: DeskRequest,
    one: Case,
    bound: dict[str, TurnForm] | None = None,
    status: int = 200,
    filters: Filters | None = None,
    done: Done | None = None,
) -> HttpResponse:
    filters = filters or here(request)
    message = one.message
    version = message.versions.order_by("-number").first()
    findings = list(
        one.findings.filter(version=version)
        .select_related("rule_version__rule")
        .order_by("start", "end", "id")
    )
    for finding in findings:
        if version is not None:
            finding.version = version
    mandate = mandate_of(one, request.user)
    found = list(dict.fromkeys(f.rule_version.rule_id for f in findings))
    refusals = {
        name: refusal(one, verb, request.user, mandate=mandate)
        for name, verb in VERBS.items()
    }
    bound = bound or {}
    forms = {
        name: bound.get(name) or _form(verb, one, request.user, found=found)
        for name, verb in VERBS.items()
        if not refusals[name] or name in bound
    }
    # Hide and remove share their ground: one form with two buttons.
    ground = next((forms[name] for name in ("hide", "remove") if name in bound), None)
    ground = ground or forms.get("hide") or forms.get("remove")
    words = request.GET.get("words") == "shown"
    slurs = {finding.matched for finding in findings if finding.kind in SHOWN_MASKED}
    reports = list(one.reports.all())
    following = desk_pages.next_due(request.user, one, filters)
    return part_of(
        request,
        "desk/case.html",
        status=status,
        address=_address(one, filters, done),
        title=_("Message on %(channel)s") % {"channel": one.channel},
        case=one,
        message=message,
        pieces=desk_pages.pieces(message.text, findings, words=words),
        words=words,
        words_query=urlencode({**filters.asked, **({} if words else _IN_FULL)}),
        covered=not words and is_covered(one.rules, (r.what for r in reports)),
        has_masked=bool(slurs),
        hidden=() if words else slurs,
        findings=findings,
        counted=tallies(finding.entry for finding in findings),
        resemblances=word_pages.resemblances(one, findings, words=words),
        country=country(),
        duties=list(one.duties.order_by("closed_at", "due_at")),
        decisions=list(
            one.decisions.select_related(
                "by", "rule_version__rule", "delivery", "undoing__by"
            )
        ),
        replies=list(one.replies.select_related("by", "delivery", "undoing__by")),
        handovers=list(one.handovers.select_related("by", "to")),
        reports=reports,
        versions=list(message.versions.defer("raw").order_by("-number")[:20]),
        thread=desk_pages.thread_of(message),
        sender=desk_pages.earlier_of_sender(message),
        others="" if is_ahead(request) else _others(presence.look(one, request.user)),
        verbs=VERBS,
        refusals=refusals,
        forms=forms,
        ground=ground,
        undoable=undoing.undoable(one, request.user),
        in_view=filters.in_view,
        following=following,
        done=done,
        keys=CASE_KEYS,
    )


# Neighbouring views show a case in the same way.
show, visible = _show, _visible

_IN_FULL = {"words": "shown"}


@dataclass(frozen=True, slots=True)
class Done:
    """What was dealt with a moment ago, and the act on it that can be taken back."""

    case: Case
    act: undoing.Act | None


def just_done(request: DeskRequest, pk: str = "") -> Done | None:
    """Named in the address, so that it can be opened again or undone at once."""
    pk = pk or request.GET.get("done", "")
    if not pk.isdecimal() or len(pk) > 18:
        return None
    cases = Case.objects.visible_to(request.user).select_related("channel")
    one = cases.filter(pk=int(pk)).first()
    return Done(one, undoing.undoable(one, request.user)) if one else None


def _address(one: Case, filters: Filters, done: Done | None) -> str:
    asked = {**filters.asked, **({"done": str(done.case.pk)} if done else {})}
    return one.get_absolute_url() + (f"?{urlencode(asked)}" if asked else "")


def _ask(request: DeskRequest, one: Case, verb: Verb, form: TurnForm) -> HttpResponse:
    """What cannot be undone is asked once more, with all that will be kept."""
    filters = here(request)
    why_not = refusal(one, verb, request.user)
    if why_not:
        form.add_error(None, why_not)
        return _show(request, one, {verb.name: form}, status=409)
    return part_of(
        request,
        "desk/confirm.html",
        title=_("Remove this message?"),
        case=one,
        message=one.message,
        verb=verb,
        form=form,
        rule=get_object_or_404(Rule, pk=form.cleaned_data["rule"].pk),
        reason=form.cleaned_data["reason"],
        covered=is_covered(one.rules),
        in_view=filters.in_view,
        address=_address(one, filters, None),
    )


def _others(names: list[str]) -> str:
    if not names:
        return ""
    return ngettext(
        "%(names)s has this message open too.",
        "%(names)s have this message open too.",
        len(names),
    ) % {"names": ", ".join(names)}

"""Keeping, for the desk's own copies: rules for how long their words stay, what each
would empty, and the register of what went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max, Min, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from archive.guards import allowed, page_of
from moderation import purge_rules, purging
from moderation.models import Emptied, Purge, PurgeRule
from moderation.models.purge import LONGEST_MONTHS
from moderation.refusals import Refused

if TYPE_CHECKING:
    from channels.models import User

    class DeskRequest(HttpRequest):
        user: User


ROWS = 30
VERSIONS = 100


class RuleForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("Messages"),
        choices=Emptied.choices,
        widget=forms.RadioSelect,
        initial=Emptied.COMMENT,
    )
    months = forms.IntegerField(
        label=gettext_lazy("Months after the message was settled"),
        help_text=gettext_lazy("Leave it empty to end the emptying."),
        min_value=1,
        max_value=LONGEST_MONTHS,
        required=False,
    )
    starts_on = forms.DateField(
        label=gettext_lazy("Begins on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    basis = forms.CharField(
        label=gettext_lazy("Decision"),
        help_text=gettext_lazy(
            "The municipality's decision, with its number and the place in the "
            "records schedule."
        ),
        max_length=300,
    )


class ConfirmForm(forms.Form):
    sure = forms.BooleanField(
        label=gettext_lazy("I have seen what would go. It cannot be brought back.")
    )


class StopForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why it is stopped"), max_length=300)


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for one kind of message now, and what is to come."""

    kind: str
    label: str
    now: PurgeRule | None
    next: PurgeRule | None
    proposed: PurgeRule | None


@require_http_methods(["GET", "POST"])
@allowed("moderation.view_purgerule")
def rules(request: DeskRequest) -> HttpResponse:
    """What holds, every version there has been, and the form for another."""
    may_propose = request.user.has_perm(purge_rules.PROPOSE)
    sent = request.POST if request.method == "POST" else None
    first = {"starts_on": timezone.localdate() + timedelta(days=14)}
    form = RuleForm(sent, initial=first)
    forecast = None
    if request.method == "POST" and not may_propose:
        raise PermissionDenied(_("Your account proposes no rules for messages."))
    if request.method == "POST" and form.is_valid():
        if "look" in request.POST:
            forecast = _foreseen(form)
        else:
            made = _propose(request, form)
            if made is not None:
                messages.success(
                    request, _("Proposed. Somebody else has to confirm it now.")
                )
                return redirect("purging:rule", made.pk)
    return page_of(
        request,
        "purging/rules.html",
        status=422 if form.errors else 200,
        title=_("Messages at the desk"),
        standing=_standing(),
        versions=[_worded(one) for one in _versions()],
        form=form,
        forecast=forecast,
        may_propose=may_propose,
    )


def _foreseen(form: RuleForm) -> purging.Forecast | None:
    told = form.cleaned_data
    if told["months"] is None:
        form.add_error("months", _("Say how many months, to see what would go."))
        return None
    before = purge_rules.before(told["months"], told["starts_on"])
    return purging.foresee(told["kind"], before)


def _propose(request: DeskRequest, form: RuleForm) -> PurgeRule | None:
    try:
        return purge_rules.propose(by=request.user, **form.cleaned_data)
    except Refused as why_not:
        form.add_error(None, str(why_not))
        return None


@require_GET
@allowed("moderation.view_purgerule")
def rule(request: DeskRequest, pk: int) -> HttpResponse:
    return _show(request, get_object_or_404(PurgeRule, pk=pk))


@require_POST
@allowed(purge_rules.CONFIRM)
def confirm(request: DeskRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(PurgeRule, pk=pk)
    form = ConfirmForm(request.POST)
    if form.is_valid():
        try:
            purge_rules.confirm(rule=one, by=request.user)
        except Refused as why_not:
            form.add_error(None, str(why_not))
        else:
            messages.success(request, _("Confirmed."))
            return redirect("purging:rule", one.pk)
    return _show(request, one, form=form, status=422)


@require_POST
@allowed("moderation.view_purgerule")
def cancel(request: DeskRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(PurgeRule, pk=pk)
    try:
        purge_rules.cancel(rule=one, by=request.user)
    except Refused as why_not:
        messages.error(request, str(why_not))
    else:
        messages.success(request, _("Cancelled: nothing changes."))
    return redirect("purging:rule", one.pk)


@require_POST
@allowed(purge_rules.CONFIRM)
def stop(request: DeskRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(PurgeRule, pk=pk)
    form = StopForm(request.POST)
    if form.is_valid():
        try:
            purge_rules.stop(
                rule=one, reason=form.cleaned_data["reason"], by=request.user
            )
        except Refused as why_not:
            form.add_error(None, str(why_not))
        else:
            messages.success(request, _("Stopped: nothing more goes by this rule."))
            return redirect("purging:rule", one.pk)
    return _show(request, one, stop_form=form, status=422)


@require_GET
@allowed("moderation.view_purgerule")
def register(request: DeskRequest) -> HttpResponse:
    """What went, round by round, the newest first."""
    rounds = (
        Purge.objects.values("run_at", "rule")
        .annotate(
            first=Min("pk"),
            before=Min("before"),
            done_at=Max("done_at"),
            **{name: Sum(name) for name in FIGURES},
        )
        .order_by("-run_at", "-first")
    )
    after = request.GET.get("after", "")
    if after.isdecimal() and len(after) < 19:
        last = Purge.objects.filter(pk=int(after)).first()
        if last is not None:
            rounds = rounds.filter(run_at__lt=last.run_at)
    found = list(rounds[: ROWS + 1])
    rules_by_key = PurgeRule.objects.in_bulk([one["rule"] for one in found])
    rows: list[dict[str, Any]] = [
        {**one, "rule": _worded(rules_by_key[one["rule"]])} for one in found[:ROWS]
    ]
    return page_of(
        request,
        "purging/register.html",
        title=_("Emptied messages"),
        rounds=rows,
        next_place=rows[-1]["first"] if len(found) > ROWS else None,
    )


# The figures of a round, as the register has them.
FIGURES = ("messages", "versions", "findings", "files", "drafts", "reports", "notes")


def _show(
    request: DeskRequest,
    one: PurgeRule,
    *,
    form: ConfirmForm | None = None,
    stop_form: StopForm | None = None,
    status: int = 200,
) -> HttpResponse:
    is_open = one.state == PurgeRule.State.PROPOSED
    kept = one.foreseen.get("kept", {})
    return page_of(
        request,
        "purging/rule.html",
        status=status,
        title=_("%(messages)s, version %(number)d")
        % {"messages": one.get_kind_display(), "number": one.number},
        one=_worded(one),
        is_open=is_open,
        is_own=one.proposed_by_id == request.user.pk,
        may_confirm=request.user.has_perm(purge_rules.CONFIRM),
        may_cancel=request.user.has_perm(purge_rules.PROPOSE)
        or request.user.has_perm(purge_rules.CONFIRM),
        may_stop=one.state == PurgeRule.State.CONFIRMED and one.stopped_at is None,
        forecast=purge_rules.on_first_day(one) if is_open else None,
        foreseen=one.foreseen,
        foreseen_kept=[
            (purging.KEEPERS[name].words, count)
            for name, count in kept.items()
            if name in purging.KEEPERS
        ],
        emptied=one.purges.aggregate(**{name: Sum(name) for name in FIGURES}),
        form=form or ConfirmForm(),
        stop_form=stop_form or StopForm(),
    )


def _versions() -> list[PurgeRule]:
    return list(
        PurgeRule.objects.select_related("proposed_by", "settled_by").order_by("-pk")[
            :VERSIONS
        ]
    )


def _standing() -> list[Standing]:
    today = timezone.localdate()
    now = {one.kind: _worded(one) for one in PurgeRule.objects.in_force(today)}
    coming: dict[str, PurgeRule] = {}
    for one in PurgeRule.objects.to_come(today):
        coming.setdefault(one.kind, _worded(one))
    proposed = {
        one.kind: _worded(one)
        for one in PurgeRule.objects.filter(state=PurgeRule.State.PROPOSED)
    }
    return [
        Standing(kind, str(label), now.get(kind), coming.get(kind), proposed.get(kind))
        for kind, label in Emptied.choices
    ]


def _worded(one: PurgeRule) -> PurgeRule:
    one.words = time_words(one.months)  # type: ignore[attr-defined]
    return one


def time_words(months: int | None) -> str:
    """`emptied 24 months after the message was settled`."""
    if months is None:
        return _("not emptied")
    return ngettext(
        "emptied %(months)d month after the message was settled",
        "emptied %(months)d months after the message was settled",
        months,
    ) % {"months": months}

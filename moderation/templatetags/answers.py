"""The boxes for answering and referring, and what became of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from moderation import answer_pages

if TYPE_CHECKING:
    from moderation.models import Case, Referral

register = template.Library()


@register.inclusion_tag("desk/answer.html", takes_context=True)
def answer_box(context: template.Context) -> dict[str, Any]:
    request, case = context["request"], context["case"]
    asked = {
        name: request.GET[name]
        for name in ("template", "language")
        if name in request.GET
    }
    return _with_token(
        context, {"box": answer_pages.answer_box(case, request.user, asked=asked)}
    )


@register.inclusion_tag("desk/refer.html", takes_context=True)
def refer_box(context: template.Context) -> dict[str, Any]:
    request, case = context["request"], context["case"]
    return _with_token(context, {"box": answer_pages.refer_box(case, request.user)})


@register.inclusion_tag("desk/referrals.html", takes_context=True)
def referrals_of(context: template.Context, case: Case) -> dict[str, Any]:
    return {
        "referrals": answer_pages.referrals_of(case),
        "perms": context.get("perms"),
    }


@register.inclusion_tag("desk/to_read.html", takes_context=True)
def answers_to_read(context: template.Context) -> dict[str, Any]:
    """Answers of colleagues that wait for a second reader."""
    return {"drafts": answer_pages.to_read(context["request"].user)}


@register.filter
def state_words(referral: Referral) -> str:
    """What is known of a referral, in a few words."""
    failure = referral.failure
    if failure is not None:
        return failure.get_act_display()
    if referral.letter.left_at:
        return str(referral.events.model.Act.ARRIVED.label)
    return str(referral.letter.state.label)


@register.filter
def told_by(tells_of: dict[str, str], kind: str) -> str:
    """The duty that a template of this kind tells of."""
    return tells_of.get(kind, "")


def _with_token(context: template.Context, shown: dict[str, Any]) -> dict[str, Any]:
    return {
        **shown,
        "csrf_token": context.get("csrf_token"),
        "request": context["request"],
        "user": context["request"].user,
    }

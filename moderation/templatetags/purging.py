"""Words that a rule has emptied, on their page; rules that wait for somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from archive.models import Record
from moderation import purge_rules, rereading
from moderation.models import PurgeRule

if TYPE_CHECKING:
    from django.template.context import Context

    from channels.models import User
    from moderation.models import Case

register = template.Library()


@register.inclusion_tag("purging/emptied.html", takes_context=True)
def emptied(context: Context, case: Case) -> dict[str, Any]:
    """Says when the words went and what still has them; offers to fetch them anew."""
    user: User = context["user"]
    message = case.message
    return {
        "csrf_token": context.get("csrf_token"),
        "case": case,
        "message": message,
        "is_sealed": Record.objects.filter(subject=message.ref).exists(),
        "may_fetch": not rereading.refusal(case, user),
    }


@register.simple_tag(takes_context=True)
def rules_to_confirm(context: Context) -> list[PurgeRule]:
    """Proposed by others, for who may confirm them."""
    user: User = context["user"]
    if not user.has_perm(purge_rules.CONFIRM):
        return []
    proposed = PurgeRule.objects.filter(state=PurgeRule.State.PROPOSED)
    return list(proposed.exclude(proposed_by=user).order_by("pk"))

"""Who has a message, on its own page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from moderation import assignment, team_pages
from moderation.models import Absence
from moderation.models.team import holders

if TYPE_CHECKING:
    from django.template.context import Context

    from channels.models import User
    from moderation.models import Case

register = template.Library()


@register.inclusion_tag("team/lies_with.html", takes_context=True)
def lies_with(context: Context, case: Case) -> dict[str, Any]:
    """The box on the case's page: with whom, and taking, putting back, giving away."""
    user: User = context["user"]
    refusals, forms = context["refusals"], context["forms"]
    holder = case.assigned_to
    away = None
    if holder is not None:
        away = (
            Absence.objects.in_force()
            .filter(person=holder)
            .select_related("cover")
            .first()
        )
    return {
        "csrf_token": context.get("csrf_token"),
        "case": case,
        "verbs": context["verbs"],
        "forms": forms,
        "user": user,
        "holder": holder,
        "mine": holder == user,
        "covered": holder is not None and holder != user and holder.pk in holders(user),
        "away": team_pages.away_words(away) if away else "",
        "refusals": {
            "claim": refusals["claim"] or assignment.claim_refusal(case, user),
            "release": refusals["release"] or assignment.release_refusal(case, user),
            "assign": refusals["assign"],
        },
    }


@register.inclusion_tag("team/assignments.html")
def assignments_of(case: Case) -> dict[str, Any]:
    """Lines of the case's history: taken, put back, assigned."""
    return {
        "assignments": case.assignments.select_related("by", "to", "instead_of")[:100]
    }

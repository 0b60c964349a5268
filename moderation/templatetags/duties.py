"""What is owed, on the desk's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from moderation import duty_pages

if TYPE_CHECKING:
    from django.template import Context

register = template.Library()


@register.simple_tag(takes_context=True)
def what_is_owed(context: Context) -> dict[str, Any]:
    """For desk/duties.html and desk/kinds.html, as `owing`. Takes `case`, `request`,
    from `forms` those that came back with errors, and what the page does not show in
    full (`hidden`, `covered`)."""
    return duty_pages.box(
        context["case"],
        context["request"].user,
        context.get("forms") or {},
        hidden=context.get("hidden") or (),
        covered=bool(context.get("covered")),
    )

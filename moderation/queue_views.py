"""The queue: what is due, narrowed as the officer likes, and the views they saved."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from channels.models import Channel
from moderation import desk_pages, ranks
from moderation.desk_filters import DEADLINES, LANGUAGES, ORDERS, TABS, Filters
from moderation.desk_forms import rule_words
from moderation.desk_keys import QUEUE_KEYS
from moderation.desk_parts import part_of
from moderation.desk_views import Done, at_the_desk, just_done
from moderation.models import Duty, SavedView
from moderation.row_shapes import lines
from moderation.saved_views import with_these
from policies.models import Rule

if TYPE_CHECKING:
    from channels.models import User
    from moderation.desk_views import DeskRequest

RULES_KEPT = 60  # seconds that the names of the rules are kept at hand
KEPT = "kept_at_the_desk"  # in the session: what was kept in bulk a moment ago


@require_GET
@at_the_desk
def queue(request: DeskRequest) -> HttpResponse:
    views, channels = _views_and_channels(request.user)
    if not request.GET:
        opening = next((view for view in views if view.is_default), None)
        if opening is not None and opening.filters:
            return redirect(f"{reverse('desk:queue')}?{opening.filters}")
    return _show(request, Filters.read(request.GET), views, channels)


def show(
    request: DeskRequest, filters: Filters, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The queue in answer to something else than its own address."""
    views, channels = _views_and_channels(request.user)
    return _show(request, filters, views, channels, status=status, **more)


def _show(
    request: DeskRequest,
    filters: Filters,
    views: list[SavedView],
    channels: list[tuple[int, str, bool]],
    *,
    status: int = 200,
    done: Done | None = None,
    **more: Any,
) -> HttpResponse:
    """`done` is what was dealt with a moment ago, when the address does not name it."""
    user, done = request.user, done or just_done(request)
    may_be_ordered = ranks.is_on()
    if filters.order and not may_be_ordered:
        filters = filters.but(order="")
    names = {pk: name for pk, name, _in_use in channels}
    may_keep = user.has_perm("moderation.decide_case")
    page = desk_pages.page(
        user,
        filters,
        request.GET.get("after", ""),
        channels=names,
        ticks=may_keep,
    )
    active = tuple((pk, name) for pk, name, in_use in channels if in_use)
    boxed = may_keep and any(row.tick for row in page.rows)
    query = filters.query
    return part_of(
        request,
        "desk/queue.html",
        status=status,
        address=_address(request, filters, done),
        title=_("Desk"),
        filters=filters,
        query=query,
        prefix=f"{query}&" if query else "",
        in_view=filters.in_view,
        tabs=[
            (key, label, filters.but(tab=key).query or "tab=due")
            for key, label in TABS.items()
        ],
        filter_form=_filter_form(
            filters, active, _rules(), may_be_ordered, get_language() or "en"
        ),
        views=views,
        view=next((view for view in views if view.filters == query), None),
        views_full=len(views) >= SavedView.MOST,
        page=page,
        may_keep=boxed,
        lines=lines(
            page.rows,
            in_view=filters.in_view,
            boxed=boxed,
            ticked=request.GET.get("tick") == "all",
        ),
        work=page.work,
        nothing_at_all=not active,
        key_help=_key_help(get_language() or "en"),
        done=done,
        kept=_kept(request),
        **more,
    )


def _address(request: DeskRequest, filters: Filters, done: Done | None) -> str:
    """Of a queue that answers a form, the one that shows the same when asked for."""
    if request.method == "GET":
        return request.get_full_path()
    asked = {**filters.asked, **({"done": str(done.case.pk)} if done else {})}
    return f"{reverse('desk:queue')}?{urlencode(asked or {'tab': 'due'})}"


def _views_and_channels(
    user: User,
) -> tuple[list[SavedView], list[tuple[int, str, bool]]]:
    """The person's views; and key, name and whether it is in use, of every channel they
    see, which the counts then need not ask for. One packet."""
    columns = ("pk", "name", "decision", "closed_at")
    visible = Channel.objects.visible_to(user).order_by("name").values_list(*columns)
    views, [found] = with_these(user, visible.query.sql_with_params())
    channels = [
        (pk, name, decision == Channel.Decision.APPROVED and closed is None)
        for pk, name, decision, closed in found
    ]
    user._channels_seen = [pk for pk, *_rest in channels]  # type: ignore[attr-defined]
    return views, channels


@lru_cache(maxsize=256)
def _filter_form(
    filters: Filters,
    channels: tuple[tuple[int, str], ...],
    rules: tuple[tuple[str, str], ...],
    may_be_ordered: bool,
    language: str,
) -> SafeString:
    """Some forty choices that are the same on page after page."""
    return render_to_string(
        "desk/filters.html",
        {
            "filters": filters,
            "channels": channels,
            "kinds": Duty.Kind.choices,
            "rules": rules,
            "languages": LANGUAGES.items(),
            "deadlines": DEADLINES.items(),
            "orders": ORDERS.items() if may_be_ordered else (),
        },
    )


@lru_cache(maxsize=8)
def _key_help(language: str) -> SafeString:
    return render_to_string("desk/keys.html", {"keys": QUEUE_KEYS})


def _rules() -> tuple[tuple[str, str], ...]:
    """Code and wording of the rules that a comment can break, as the filter lists
    them; remembered for a minute, for they change once a year."""
    language = get_language() or "en"
    asked_at, known = _KNOWN.get(language, (0.0, ()))
    if not known or time.monotonic() - asked_at > RULES_KEPT:
        rules = Rule.objects.for_direction("incoming").with_versions()
        ordered = sorted(rules, key=lambda rule: rule.position)
        known = tuple((rule.code, rule_words(rule)[:60]) for rule in ordered)
        _KNOWN[language] = time.monotonic(), known
    return known


_KNOWN: dict[str, tuple[float, tuple[tuple[str, str], ...]]] = {}


def _kept(request: DeskRequest) -> list[str]:
    """What was kept in bulk a moment ago, shown once with a button to undo it."""
    kept: list[str] = request.session.pop(KEPT, None) or []
    return kept

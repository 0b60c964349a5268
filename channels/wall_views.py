"""The practice wall as its visitors see it: anyone may comment and write messages.

A visitor is known by a random key in a signed cookie, set when they first write; it
lets them find their own messages and correct their own comments, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from archive import downloads
from channels import guards, wall_pictures, wall_threads
from channels.forms import CommentForm, EditForm, MessageForm
from channels.models import Channel, WallEntry, WallPicture, WallPost

if TYPE_CHECKING:
    from channels.guards import GuardedForm

COOKIE = "wall"
COOKIE_AGE_S = 180 * 24 * 60 * 60
# A class of officers training in one room shares one network.
MOST_WRITINGS = 60
WRITINGS_WITHIN_S = 10 * 60

writes = require_http_methods(["GET", "HEAD", "POST"])
# One too many and one too large still get their answer in the form.
with_pictures = guards.with_files_up_to(
    (wall_pictures.MOST + 2) * wall_pictures.MOST_BYTES
)


@never_cache
@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    channel = _switched_on(slug)
    return render(
        request,
        "public/wall.html",
        {
            "channel": channel,
            "posts": wall_threads.posts(channel, _key(request)),
            "base_url": settings.BASE_URL,
        },
    )


@never_cache
@writes
@with_pictures
def comment(request: HttpRequest, slug: str, post: int) -> HttpResponse:
    channel = _open_for(slug, "takes_comments")
    under = get_object_or_404(WallPost, channel=channel, pk=post)
    return _comment(request, channel, under, None)


@never_cache
@writes
@with_pictures
def answer(request: HttpRequest, slug: str, entry: int) -> HttpResponse:
    channel = _open_for(slug, "takes_comments")
    parent = get_object_or_404(
        _seen(channel, WallEntry.Kind.COMMENT).select_related("post"), pk=entry
    )
    if parent.post is None:
        raise Http404
    return _comment(request, channel, parent.post, parent)


def _comment(
    request: HttpRequest, channel: Channel, post: WallPost, parent: WallEntry | None
) -> HttpResponse:
    form = CommentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and _may_be_sent(request, form):
        key = _key(request) or _new_key(form)
        entry = wall_threads.once(
            channel=channel,
            kind=WallEntry.Kind.COMMENT,
            author_name=form.cleaned_data["name"],
            author_key=key,
            text=form.cleaned_data["text"],
            post=post,
            parent=parent,
            pictures=form.cleaned_data["pictures"],
        )
        messages.success(request, _("Your comment is on the wall."))
        return _remember(redirect(_place(entry)), key)
    return _form_page(
        request,
        "public/wall_comment.html",
        form,
        {"channel": channel, "post": post, "parent": parent},
    )


@never_cache
@writes
@with_pictures
def edit(request: HttpRequest, slug: str, entry: int) -> HttpResponse:
    """One's own comment, as long as it is seen."""
    channel = _open_for(slug, "takes_comments")
    own = get_object_or_404(
        _seen(channel, WallEntry.Kind.COMMENT).filter(is_ours=False),
        pk=entry,
        author_key=_key_or_404(request),
    )
    form = EditForm(
        request.POST or None,
        request.FILES or None,
        initial={"text": own.text},
        entry=own,
    )
    if request.method == "POST" and _may_be_sent(request, form):
        if wall_threads.edited(
            entry=own,
            text=form.cleaned_data["text"],
            author_key=_key(request),
            pictures=form.cleaned_data["pictures"],
            without=form.cleaned_data["without"],
        ):
            messages.success(request, _("Your comment has been changed."))
        else:
            messages.error(request, _("The comment can no longer be changed."))
        return redirect(_place(own))
    return _form_page(
        request, "public/wall_edit.html", form, {"channel": channel, "entry": own}
    )


@never_cache
@writes
@with_pictures
def direct_messages(request: HttpRequest, slug: str) -> HttpResponse:
    """What this visitor has written to the municipality, the answers, and a form."""
    channel = _open_for(slug, "takes_direct_messages")
    form = MessageForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and _may_be_sent(request, form):
        key = _key(request) or _new_key(form)
        wall_threads.once(
            channel=channel,
            kind=WallEntry.Kind.DM,
            author_name=form.cleaned_data["name"],
            author_key=key,
            text=form.cleaned_data["text"],
            pictures=form.cleaned_data["pictures"],
        )
        messages.success(
            request,
            _("Your message has been sent. The answer will be shown on this page."),
        )
        return _remember(redirect("wall-messages", slug=slug), key)
    return _form_page(
        request,
        "public/wall_messages.html",
        form,
        {
            "channel": channel,
            "conversation": wall_threads.own_messages(channel, _key(request)),
        },
    )


@never_cache
@require_safe
def picture(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """As long as its entry is seen; of a direct message only by who wrote it."""
    channel = _switched_on(slug)
    one = get_object_or_404(
        WallPicture.objects.select_related("entry"),
        pk=pk,
        entry__channel=channel,
        entry__state=WallEntry.State.VISIBLE,
    )
    if one.entry.kind == WallEntry.Kind.DM and one.entry.author_key != _key_or_404(
        request
    ):
        raise Http404
    return downloads.shown(one.sha256, name=one.name, mime=one.mime, size=one.size)


def _form_page(
    request: HttpRequest, template: str, form: GuardedForm, context: dict[str, object]
) -> HttpResponse:
    status = 200
    if form.is_bound:
        status = 429 if form.has_error("__all__", "too_many") else 422
    return render(
        request, template, {**context, "form": form.shown_again()}, status=status
    )


def _may_be_sent(request: HttpRequest, form: GuardedForm) -> bool:
    if not form.is_valid():
        return False
    if guards.too_many(request, "wall", most=MOST_WRITINGS, seconds=WRITINGS_WITHIN_S):
        form.add_error(None, guards.come_back_later())
        return False
    return True


def _switched_on(slug: str) -> Channel:
    """The wall stands open only while its channel is in use (K-6)."""
    return get_object_or_404(
        Channel.objects.active().select_related("department"),
        slug=slug,
        platform="practice",
    )


def _open_for(slug: str, takes: str) -> Channel:
    channel = _switched_on(slug)
    if not getattr(channel, takes):
        raise Http404
    return channel


def _seen(channel: Channel, kind: str) -> wall_threads.Entries:
    return WallEntry.objects.filter(
        channel=channel, kind=kind, state=WallEntry.State.VISIBLE
    )


def _place(entry: WallEntry) -> str:
    return f"{reverse('wall', args=[entry.channel.slug])}#entry-{entry.pk}"


def _key(request: HttpRequest) -> str:
    """The visitor's key, "" before they have written anything."""
    return str(request.get_signed_cookie(COOKIE, default="", salt="wall"))


def _key_or_404(request: HttpRequest) -> str:
    key = _key(request)
    if not key:
        raise Http404
    return key


def _new_key(form: GuardedForm) -> str:
    """The same for the same form, so that one sent twice is one visitor's."""
    return salted_hmac("wall", form.cleaned_data["stamp"]).hexdigest()[:32]


def _remember(response: HttpResponse, key: str) -> HttpResponse:
    response.set_signed_cookie(
        COOKIE,
        key,
        salt="wall",
        max_age=COOKIE_AGE_S,
        path=reverse("wall", args=["-"]).removesuffix("-/"),
        httponly=True,
        secure=settings.HTTPS,
        samesite="Lax",
    )
    return response

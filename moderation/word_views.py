"""The word list in the admin: look up, try, change with a preview, take back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from moderation import desk_pages, word_pages
from moderation.desk_parts import page_of
from moderation.word_forms import (
    KINDS,
    LANGUAGES,
    SEVERITIES,
    EntryForm,
    TryForm,
    WhyForm,
)
from policies import wording
from policies.models import Rule, WordChange, WordVersion
from policies.screening import Entry, Ruleset, screen
from policies.screening.model import SHOWN_MASKED, masked

if TYPE_CHECKING:
    from moderation.desk_views import DeskRequest

P = ParamSpec("P")
View = Callable[Concatenate[Any, P], HttpResponse]
EDIT = "policies.edit_words"
VERSIONS = 50


def of_the_words(view: View[P]) -> View[P]:
    """For the information unit, which answers for the words."""

    @wraps(view)
    def guarded(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.has_perm(EDIT):
            raise PermissionDenied(_("Your account may not change the word list."))
        return view(request, *args, **kwargs)

    return guarded


@require_GET
@of_the_words
def index(request: DeskRequest) -> HttpResponse:
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isdecimal() and 0 < len(asked) < 6 else 1
    query, kind = request.GET.get("q", "")[:60], request.GET.get("kind", "")
    own, words = request.GET.get("own") == "on", request.GET.get("words") == "shown"
    params = request.GET.copy()
    for name in ("page", "words"):
        params.pop(name, None)
    return page_of(
        request,
        "words/index.html",
        title=_("Words"),
        found=word_pages.entries(
            query=query, kind=kind, own=own, page=max(page, 1), words=words
        ),
        query=query,
        kind=kind,
        own=own,
        words=words,
        kinds=KINDS,
        languages=LANGUAGES,
        params=params.urlencode(),
        newest=WordVersion.objects.order_by("-number").first(),
    )


@require_http_methods(["GET", "POST"])
@of_the_words
def add(request: DeskRequest) -> HttpResponse:
    return _edit(request, None, _("Add a word"))


@require_http_methods(["GET", "POST"])
@of_the_words
def change(request: DeskRequest, entry: str) -> HttpResponse:
    return _edit(request, _entry(entry), _("Change a word"))


@require_http_methods(["GET", "POST"])
@of_the_words
def remove(request: DeskRequest, entry: str) -> HttpResponse:
    one = _entry(entry)
    return _settle(request, [wording.remove(one.id)], title=_("Remove a word"))


@require_http_methods(["GET", "POST"])
@of_the_words
def restore(request: DeskRequest, entry: str) -> HttpResponse:
    """Back to how the entry came with the software."""
    if all(one.id != entry for one in Ruleset.default().entries):
        raise Http404
    return _settle(
        request, [wording.restore(entry)], title=_("Put a word back as it came")
    )


@require_http_methods(["GET", "POST"])
@of_the_words
def try_text(request: DeskRequest) -> HttpResponse:
    """What the words in force say about a text; nothing is stored."""
    form = TryForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "title": _("Try a text")}
    if form.is_valid():
        text = form.cleaned_data["text"]
        words = request.POST.get("words") == "shown"
        screening = screen(text, ruleset=wording.in_force())
        rules = {rule.code: rule for rule in Rule.objects.with_versions()}
        hits = [hit for hit in screening.hits if hit.rule in rules]
        slurs = {hit.matched for hit in hits if hit.kind in SHOWN_MASKED}
        hidden = () if words else slurs
        language = (get_language() or "en")[:2]
        context |= {
            "tried": text,
            "pieces": desk_pages.pieces(text, hits, words=words),
            "hits": [
                {
                    "rule": rules[hit.rule].current,
                    "confidence": hit.confidence,
                    "sentence": _shown(hit.sentence(language), hidden),
                }
                for hit in hits
            ],
            "languages": [LANGUAGES.get(code, code) for code in screening.languages],
            "engine": screening.engine,
            "has_masked": bool(slurs),
            "words": words,
        }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return page_of(request, "words/try.html", status=status, **context)


@require_GET
@of_the_words
def history(request: DeskRequest) -> HttpResponse:
    versions = WordVersion.objects.order_by("-number").select_related("undoes")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 10:
        versions = versions.filter(number__lt=int(before))
    rows = list(versions.prefetch_related("changes", "undone_by")[: VERSIONS + 1])
    return page_of(
        request,
        "words/history.html",
        title=_("Versions of the word list"),
        versions=rows[:VERSIONS],
        further=rows[VERSIONS - 1].number if len(rows) > VERSIONS else None,
        words=request.GET.get("words") == "shown",
    )


@require_http_methods(["GET", "POST"])
@of_the_words
def undo(request: DeskRequest, number: int) -> HttpResponse:
    version = get_object_or_404(WordVersion, number=number)
    title = _("Take back version %(number)s") % {"number": number}
    try:
        changes = wording.reversal(version)
    except wording.WordingError as why_not:
        messages.error(request, str(why_not))
        return redirect("words:history")
    return _settle(request, changes, title=title, undoes=version)


def _edit(request: DeskRequest, entry: Entry | None, title: str) -> HttpResponse:
    posted = request.method == "POST"
    form = EntryForm(request.POST if posted else None, entry=entry)
    if posted and form.is_valid() and request.POST.get("step") != "edit":
        try:
            return _settle(request, form.changes(), title=title, form=form)
        except wording.WordingError as why_not:
            form.add_error(None, str(why_not))
    return page_of(
        request,
        "words/entry.html",
        status=422 if posted and form.errors else 200,
        title=title,
        form=form,
        entry=entry,
    )


def _settle(
    request: DeskRequest,
    changes: Sequence[wording.Change],
    *,
    title: str,
    form: EntryForm | None = None,
    undoes: WordVersion | None = None,
) -> HttpResponse:
    """Shows what the changes would do; publishes them when that was asked for. Raises
    WordingError only where there is a form to say it in."""
    publishing = request.POST.get("step") == "publish"
    why = WhyForm(
        request.POST if publishing else None, initial={"after": wording.newest_number()}
    )
    refused = ""
    if publishing and why.is_valid():
        try:
            version = _publish(request, changes, why.cleaned_data, undoes)
        except wording.WordingError as why_not:
            refused = str(why_not)
        else:
            done = _("Version %(number)s of the word list is in force.")
            messages.success(request, done % {"number": version})
            return redirect("words:index")
    words = request.POST.get("words") == "shown"
    try:
        preview = word_pages.preview(request.user, changes, words=words)
    except wording.WordingError as why_not:
        if form is not None:
            raise
        messages.error(request, str(why_not))
        return redirect("words:index")
    return page_of(
        request,
        "words/preview.html",
        status=409 if refused else 422 if why.errors else 200,
        title=title,
        changes=changes,
        preview=preview,
        form=form,
        why=why,
        # Looked at anew: the next publication goes by the newest version.
        after=wording.newest_number(),
        refused=refused,
        undoes=undoes,
        words=words,
        kinds=KINDS,
        languages=LANGUAGES,
        severities=SEVERITIES,
        actions=WordChange.Action,
    )


def _publish(
    request: DeskRequest,
    changes: Sequence[wording.Change],
    data: dict[str, Any],
    undoes: WordVersion | None,
) -> WordVersion:
    by = request.user.signature
    if undoes is not None:
        return wording.undo(
            version=undoes, by=by, note=data["why"], after=data["after"]
        )
    return wording.publish(
        changes=changes, note=data["why"], by=by, after=data["after"]
    )


def _entry(name: str) -> Entry:
    for entry in wording.in_force().entries:
        if entry.id == name:
            return entry
    raise Http404


def _shown(sentence: str, slurs: Iterable[str]) -> str:
    """The sentence with slurs masked, its own or of a hit that overlaps it."""
    for slur in slurs:
        sentence = sentence.replace(slur, masked(slur))
    return sentence

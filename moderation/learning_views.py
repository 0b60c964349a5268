"""What was learned under each rule, and the button that learns now."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from kombu.exceptions import OperationalError

from moderation import learning as verbs
from moderation import ranks, tasks
from moderation.desk_parts import page_of
from moderation.word_views import of_the_words
from policies.screening.learning import DECISIONS_NEEDED, OF_CLASS_NEEDED

if TYPE_CHECKING:
    from moderation.desk_views import DeskRequest


@require_GET
@of_the_words
def learning(request: DeskRequest) -> HttpResponse:
    return page_of(
        request,
        "words/learning.html",
        title=_("Learning"),
        states=verbs.states(),
        kinds=verbs.states_of_kinds(),
        decisions_needed=DECISIONS_NEEDED,
        of_class_needed=OF_CLASS_NEEDED,
        most=verbs.MOST,
    )


@require_POST
@of_the_words
def train(request: DeskRequest) -> HttpResponse:
    """At once where it takes a moment, else by the worker."""
    states = [*verbs.states(), *verbs.states_of_kinds()]
    if not any(state.enough for state in states):
        messages.warning(
            request,
            _(
                "There is not enough to learn from yet: a rule or a kind of message "
                "needs %(decisions)s decisions, %(of_class)s of them under it and as "
                "many not."
            )
            % {"decisions": DECISIONS_NEEDED, "of_class": OF_CLASS_NEEDED},
        )
    elif max(state.decisions for state in states) > verbs.AT_ONCE:
        try:
            tasks.learn.delay(by=request.user.pk)
        except OperationalError:
            messages.error(
                request,
                _("The background work cannot be reached. Try again in a while."),
            )
        else:
            messages.success(request, _("The training has begun; it takes a minute."))
    else:
        number = len(verbs.learn(by=request.user))
        if number:
            _score_anew()
            done = ngettext(
                "Trained %(number)s ranking.",
                "Trained %(number)s rankings.",
                number,
            )
            messages.success(request, done % {"number": number})
        else:
            messages.info(
                request, _("Nothing has been decided since the last training.")
            )
    return redirect("words:learning")


def _score_anew() -> None:
    """The desk's order follows when the worker gets to it, at the latest by night."""
    ranks.forget()
    with suppress(OperationalError):
        tasks.score_anew.delay()

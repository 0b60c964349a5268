"""What keeps robots away from forms without login: no puzzle, no script, no cookie.

A hidden field that only robots fill in, a signed time at which the form was made, and
a count per neighbourhood of addresses. Nobody is turned away unheard: a form that looks
wrong comes back with what was written still in it.
"""

from __future__ import annotations

import ipaddress
import math
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

import structlog
from django import forms
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.hints import unreachable

log = structlog.get_logger()

FASTEST_S = 3
OLDEST_S = 2 * 60 * 60
# The longest form of ours is a few thousand letters; this leaves room for any script.
MOST_BYTES = 128 * 1024
# The same words sent again within this time are the same words, sent twice.
SAME_WITHIN = timedelta(hours=2)

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

_LEFT_OUT = {code: None for code in range(32) if chr(code) not in "\t\n\r"} | {
    127: None
}


class PlainText(forms.CharField):
    """Text as a person types it: NUL and other control characters left out, a lone
    surrogate replaced, line ends made one kind. HTML stays text."""

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        text = text.encode("utf-8", "replace").decode("utf-8").translate(_LEFT_OUT)
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text.strip() if self.strip else text


class GuardedForm(forms.Form):
    """A form that anyone may send."""

    more = forms.CharField(
        required=False,
        label=gettext_lazy("Leave this field empty"),
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    stamp = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stamp"].initial = new_stamp
        self.label_suffix = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("more"):
            self.add_error(
                None,
                _(
                    "This looked like an automatic message. Check what you wrote and "
                    "send it once more."
                ),
            )
        age = _age(str(cleaned.get("stamp") or ""))
        if age is None:
            self.add_error(
                None,
                _(
                    "The form had been open for too long. What you wrote is still "
                    "here: send it once more."
                ),
            )
        elif age < FASTEST_S and not self.errors:
            self.add_error(
                None, _("That was very quick. Wait a few seconds and send it again.")
            )
        return cleaned

    def shown_again(self) -> GuardedForm:
        """What was written, with a fresh stamp and the trap empty."""
        if self.is_bound:
            data: Any = dict(self.data.items())
            data[self.add_prefix("more")] = ""
            if _age(str(data.get(self.add_prefix("stamp"), ""))) is None:
                data[self.add_prefix("stamp")] = new_stamp()
            self.data = data
        return self


def new_stamp() -> str:
    """When the form was made, signed; no two forms have the same."""
    return signing.dumps(
        [int(time.time()), secrets.token_hex(8)], salt="channels.guards"
    )


def _age(stamp: str) -> float | None:
    """Seconds since the form was made; None when nobody of ours made it, or too long
    ago."""
    try:
        made, _nonce = signing.loads(stamp, salt="channels.guards", max_age=OLDEST_S)
    except signing.BadSignature:
        return None
    return time.time() - float(made)


def too_many(request: HttpRequest, what: str, *, most: int, seconds: int) -> bool:
    """Counts this request for its neighbourhood; True when it was one too many.

    The cache holds a keyed hash, no address. When the cache is away nobody is refused:
    a citizen's word weighs more than a robot's.
    """
    place = neighbourhood(request)
    if not place:
        return False
    key = "guard:" + salted_hmac(f"guard {what}", place).hexdigest()[:32]
    try:
        cache.add(key, 0, seconds)
        return cache.incr(key) > most
    except ValueError:  # ran out between the two calls
        return False
    except unreachable() as error:
        log.warning("rate_not_counted", what=what, error=type(error).__name__)
        return False


def come_back_later() -> ValidationError:
    """For a form's own errors; the page is answered with 429."""
    return ValidationError(
        _("Many messages have come from your network. Wait a while and send it again."),
        code="too_many",
    )


def neighbourhood(request: HttpRequest) -> str:
    """The /24 or /56 network that the request comes from; "" when not known."""
    given = request.META.get("REMOTE_ADDR", "")
    if getattr(settings, "SECURE_PROXY_SSL_HEADER", None):
        # Behind our own proxy: the last name in the list is the one it wrote itself.
        given = request.headers.get("X-Forwarded-For", given).split(",")[-1].strip()
    try:
        address = ipaddress.ip_address(given.split("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    bits = 24 if address.version == 4 else 56
    return str(ipaddress.ip_network((address, bits), strict=False))


def small_requests(view: View[P]) -> View[P]:
    """Answers 413 in words to what no form of ours could send."""
    return _guarded(view, lambda request: _length(request) > MOST_BYTES)


def with_files_up_to(most: int) -> Callable[[View[P]], View[P]]:
    """The same for a form with files: `most` bytes with them, and without them no more
    than any other form."""

    def too_much(request: HttpRequest) -> bool:
        if _length(request) > most:
            return True
        sent = [one for name in request.FILES for one in request.FILES.getlist(name)]
        return _length(request) - sum(one.size or 0 for one in sent) > MOST_BYTES

    return lambda view: _guarded(view, too_much)


def _length(request: HttpRequest) -> float:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(length) if length.isdecimal() else math.inf


def _guarded(view: View[P], too_much: Callable[[HttpRequest], bool]) -> View[P]:
    @wraps(view)
    def guarded(
        request: HttpRequest, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if too_much(request):
            return render(request, "413.html", status=413)
        return view(request, *args, **kwargs)

    return cast("View[P]", guarded)

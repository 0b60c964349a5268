"""Middleware of our own: the request log and the Permissions-Policy header."""

import re
import time
import uuid
from collections.abc import Callable
from functools import cache

import structlog
from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponse]

log = structlog.get_logger("kanalvakt.request")

# A proxy's id is taken over, so that both logs can be read together, if it is one.
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Asked every few seconds by whoever watches the service.
_WATCHED = frozenset({"healthz", "readyz"})
# What no page of ours uses, no page may use.
_NOT_USED = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
)
PERMISSIONS_POLICY = ", ".join(f"{name}=()" for name in _NOT_USED)


def request_log(get_response: GetResponse) -> GetResponse:
    """One line a request: method, route, status, milliseconds and the request's id.

    The route is the pattern (`receipt/<str:number>/`), never the address itself,
    which may hold a receipt number, a search or a token.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = get_response(request)
            match = request.resolver_match
            if match is None or match.route not in _WATCHED:
                log.info(
                    "request",
                    method=request.method,
                    route=match.route if match is not None else None,
                    status=response.status_code,
                    ms=round((time.perf_counter() - started) * 1000, 1),
                )
        response["X-Request-ID"] = request_id
        return response

    return middleware


class ContentPolicy(CSPMiddleware):
    """The Content-Security-Policy. It is put together once: no page has one of its own,
    nor a nonce, for there is no inline script to be let through."""

    def process_request(self, request: HttpRequest) -> None:
        return

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.headers.setdefault(HEADER, _content_policy())
        return response


@cache
def _content_policy() -> str:
    return build_policy()


def permissions_policy(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    return middleware

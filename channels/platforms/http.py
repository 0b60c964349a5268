"""One way out to the platforms: time-outs, sizes, and no way in to our own network.

The address of a WordPress site is typed in by a person: before a call its host is
resolved, private ranges are refused, and the call goes to the very address that was
checked, so that a second answer of the name server changes nothing. Proxies of the
environment are not used for the same reason. Certificates are checked against the
system's own authorities.

Nothing is followed: a redirect would carry the credential to where it points.
"""

from __future__ import annotations

import functools
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from channels.platforms.base import (
    Ambiguous,
    Invalid,
    Transient,
    Undocumented,
)

TIMEOUT = httpx.Timeout(15.0, connect=5.0)
# A server that trickles is left after this many seconds.
LONGEST = 60.0
LARGEST = 32 * 1024 * 1024
AGENT = "Kanalvakt (municipal moderation)"
# IPv6 addresses with an IPv4 address in their last bits (RFC 6052).
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class TooLarge(Undocumented):
    """The answer to a read is larger than the caller takes."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Raises Undocumented on anything but JSON; lone surrogates are let through."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Undocumented(
                f"the answer is not JSON (HTTP {self.status})", code=str(self.status)
            ) from error

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait as the platform asks, by number or by date (RFC 9110)."""
        text = self.headers.get("retry-after", "").strip()
        if text.isdecimal():
            return float(text[:9])
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def call(
    method: str,
    url: str,
    *,
    auth: tuple[str, str] | None = None,
    params: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    largest: int | None = None,
) -> Answer:
    """One request without redirects. `data` is sent as JSON; an answer of more than
    `largest` bytes (LARGEST when not told) is left where it is.

    Raises Transient when nothing can have happened, Ambiguous when a write was sent
    and no whole answer came back, TooLarge on a larger answer to a read, Invalid when
    the address or the text cannot be sent at all.
    """
    scheme, host, port = _parts(url)
    if scheme == "http" and auth and not settings.ALLOW_PRIVATE_ADDRESSES:
        raise Invalid("the address must begin with https://, a password goes with it")
    default = {"http": 80, "https": 443}[scheme]
    named = f"[{host}]" if ":" in host else host
    extra = {
        "Host": named if port == default else f"{named}:{port}",
        "User-Agent": AGENT,
        **(headers or {}),
    }
    try:
        content = json.dumps(dict(data), ensure_ascii=False).encode() if data else None
    except UnicodeEncodeError as error:
        raise Invalid("the text holds half a character") from error
    if content is not None:
        extra["Content-Type"] = "application/json"
    unreached: httpx.HTTPError | None = None
    for address in checked_addresses(host, port):
        try:
            return _send(
                httpx.Request(
                    method,
                    httpx.URL(url).copy_with(host=address),
                    params=dict(params) if params else None,
                    content=content,
                    headers=extra,
                    extensions={"sni_hostname": host, "timeout": TIMEOUT.as_dict()},
                ),
                auth,
                largest or LARGEST,
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            unreached = error  # nothing was sent: the host's next address
        except httpx.HTTPError as error:
            what = f"no whole answer ({type(error).__name__})"
            raise (Transient if method == "GET" else Ambiguous)(what) from error
        except TooLarge as error:
            if method == "GET":
                raise
            raise Ambiguous(str(error)) from error
    raise Transient(f"no connection ({type(unreached).__name__})") from unreached


def _send(request: httpx.Request, auth: tuple[str, str] | None, largest: int) -> Answer:
    # A client of its own for each call: a connection kept open to an address that two
    # hosts share would carry the one's request under the other's certificate.
    with httpx.Client(trust_env=False, verify=_authorities()) as client:
        answer = client.send(
            request,
            auth=httpx.BasicAuth(*auth) if auth else None,
            stream=True,
            follow_redirects=False,
        )
        try:
            return Answer(answer.status_code, answer.headers, _read(answer, largest))
        finally:
            answer.close()


def _read(answer: httpx.Response, largest: int) -> bytes:
    told = answer.headers.get("content-length", "")
    if told.isdecimal() and len(told) < 19 and int(told) > largest:
        raise TooLarge(f"the answer is larger than {largest} bytes")
    end = time.monotonic() + LONGEST
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > largest:
            raise TooLarge(f"the answer is larger than {largest} bytes")
        if time.monotonic() > end:
            raise httpx.ReadTimeout("trickles")
    return bytes(body)


@functools.cache
def _authorities() -> ssl.SSLContext:
    return ssl.create_default_context()


def _parts(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise Invalid("the address cannot be read") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Invalid("the address must begin with https:// or http://")
    if "@" in parts.netloc:
        raise Invalid("the address must not hold a user name")
    return parts.scheme, parts.hostname, port


def checked_addresses(host: str, port: int) -> list[str]:
    """The addresses of the host, if it may be called."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Transient("the host name is not found") from error
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    # One private address among public ones is an attack, not a choice.
    if not settings.ALLOW_PRIVATE_ADDRESSES and not all(map(is_public, addresses)):
        raise Invalid("the address leads into a private network", code="private")
    return addresses


def is_public(text: str) -> bool:
    """Whether an IP address lies in the public internet, also where an IPv4 address is
    wrapped into an IPv6 one (mapped, 6to4, Teredo, NAT64)."""
    address = ipaddress.ip_address(text.split("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            wrapped.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        inner = [one for one in wrapped if one is not None]
        if inner:
            return all(is_public(str(one)) for one in inner)
    return address.is_global and not address.is_multicast

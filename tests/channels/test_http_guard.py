"""Addresses typed in by people are no way into our own network."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from channels.platforms import http as ours
from channels.platforms.base import Invalid, PlatformError, Transient, Undocumented


class Handler(http.server.BaseHTTPRequestHandler):
    seen: list[str] = []

    def do_GET(self) -> None:
        Handler.seen.append(self.headers["Host"])
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/secret")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        if self.path == "/huge":
            try:
                for _turn in range(64):
                    self.wfile.write(b"x" * 1_000_000)
            except OSError:
                return
        else:
            self.wfile.write(b"{}")

    def log_message(self, *_args: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[str]:
    Handler.seen = []
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


PRIVATE = [
    "http://127.0.0.1/",
    "http://localhost/",
    "http://[::1]/",
    "http://0.0.0.0/",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_our_own_network_is_refused(address: str, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    with pytest.raises(PlatformError) as error:
        ours.call("GET", address)
    assert isinstance(error.value, Invalid | Transient)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.1.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "fe80::1",
        "fd00::1",
        "::ffff:10.0.0.1",
    ],
)
def test_which_addresses_are_ours(address: str):
    assert not ours._is_public(address)


def test_public_addresses_are_let_through():
    assert ours._is_public("193.10.64.1")
    assert ours._is_public("2001:6b0::1")


@pytest.mark.parametrize("name", ["2130706433", "0x7f.1", "intern.example"])
def test_a_name_that_leads_to_us_is_refused(name: str, settings, monkeypatch):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    found = [(0, 0, 0, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(ours.socket, "getaddrinfo", lambda *_a, **_k: found)
    with pytest.raises(Invalid):
        ours.call("GET", f"http://{name}/")


def test_one_private_address_among_public_ones_is_refused(settings, monkeypatch):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    monkeypatch.setattr(
        ours.socket,
        "getaddrinfo",
        lambda *_a, **_k: [
            (0, 0, 0, "", ("193.10.64.1", 80)),
            (0, 0, 0, "", ("10.0.0.1", 80)),
        ],
    )
    with pytest.raises(Invalid):
        ours.call("GET", "http://both.example/")


@pytest.mark.parametrize("address", ["ftp://x.example/", "file:///etc/passwd", "x"])
def test_only_the_web_is_called(address: str):
    with pytest.raises(Invalid):
        ours.call("GET", address)


def test_the_host_is_named_though_the_checked_address_is_called(server: str):
    port = server.rpartition(":")[2]
    assert ours.call("GET", f"http://localhost:{port}/").status == 200
    assert Handler.seen == [f"localhost:{port}"]


def test_a_redirect_is_not_followed(server: str):
    assert ours.call("GET", f"{server}/away").status == 302


def test_an_endless_answer_is_cut_off(server: str):
    with pytest.raises(Undocumented):
        ours.call("GET", f"{server}/huge")

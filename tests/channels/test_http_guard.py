"""Addresses typed in by people are no way into our own network."""

from __future__ import annotations

import contextlib
import http.server
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from channels.platforms import http as ours
from channels.platforms.base import Ambiguous, Invalid, PlatformError, Transient


class Handler(http.server.BaseHTTPRequestHandler):
    seen: list[str] = []

    def do_GET(self) -> None:
        Handler.seen.append(self.headers["Host"])
        if self.path == "/late":
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                for _turn in range(100):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.05)
            return
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

    do_POST = do_GET

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
        "::1",
        "0.0.0.0",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "fe80::1%eth0",
    ],
)
def test_which_addresses_are_ours(address: str):
    assert not ours.is_public(address)


def test_public_addresses_are_let_through():
    assert ours.is_public("64:ff9b::c10a:4001")
    assert ours.is_public("193.10.64.1")
    assert ours.is_public("2001:6b0::1")


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


def test_a_name_is_looked_up_once_and_the_checked_address_is_called(
    server: str, monkeypatch: pytest.MonkeyPatch
):
    """A name server that answers otherwise the second time changes nothing."""
    asked = []

    def lookup(host: str, port: int, **_more: object) -> list:
        asked.append(host)
        return [(0, 0, 0, "", ("127.0.0.1" if len(asked) == 1 else "10.0.0.1", port))]

    monkeypatch.setattr(ours.socket, "getaddrinfo", lookup)
    found = ours.checked_addresses("site.example", 80)
    assert (found, asked) == (["127.0.0.1"], ["site.example"])
    asked.clear()
    monkeypatch.setattr(ours, "_send", lambda request, *_how: request)
    request = ours.call("GET", "http://site.example/x", params={"a": "b"})
    assert request.url == "http://127.0.0.1/x?a=b"
    assert request.headers["Host"] == "site.example"
    assert asked == ["site.example"]


def test_the_next_address_of_a_host_is_tried_when_one_does_not_answer(
    server: str, monkeypatch: pytest.MonkeyPatch
):
    port = int(server.rpartition(":")[2])
    monkeypatch.setattr(
        ours, "checked_addresses", lambda _host, _port: ["127.0.0.2", "127.0.0.1"]
    )
    assert ours.call("GET", f"http://both.example:{port}/").status == 200
    assert Handler.seen == [f"both.example:{port}"]


def test_the_certificate_must_be_of_the_named_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The address is called, the name is checked: both at once."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "site.localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("site.localhost")]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    pem = serialization.Encoding.PEM
    file.write_bytes(
        certificate.public_bytes(pem)
        + key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    trusting = ssl.create_default_context(cafile=str(file))
    monkeypatch.setattr(ours, "_authorities", lambda: trusting)
    monkeypatch.setattr(ours, "checked_addresses", lambda _h, _p: ["127.0.0.1"])
    try:
        port = httpd.server_port
        assert ours.call("GET", f"https://site.localhost:{port}/").status == 200
        with pytest.raises(Transient):
            ours.call("GET", f"https://other.localhost:{port}/")
        monkeypatch.setattr(ours, "_authorities", ssl.create_default_context)
        with pytest.raises(Transient):
            ours.call("GET", f"https://site.localhost:{port}/")
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def test_a_password_never_travels_in_the_clear(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    with pytest.raises(Invalid):
        ours.call("GET", "http://193.10.64.1/", auth=("user", "password"))


@pytest.mark.parametrize(
    "address",
    ["http://user:pass@127.0.0.1/", "http://127.0.0.1:99999/", "http://[::1/"],
)
def test_an_address_that_cannot_be_right_is_refused(address: str):
    with pytest.raises(Invalid):
        ours.call("GET", address)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_is_not_followed(server: str, method: str):
    answer = ours.call(method, f"{server}/away", auth=("user", "password"))
    assert answer.status == 302
    assert len(Handler.seen) == 1


def test_an_endless_answer_is_cut_off(server: str):
    with pytest.raises(ours.TooLarge):
        ours.call("GET", f"{server}/huge")
    with pytest.raises(Ambiguous):
        ours.call("POST", f"{server}/huge")


def test_an_answer_that_trickles_is_left(server: str, monkeypatch):
    monkeypatch.setattr(ours, "LONGEST", 0.3)
    with pytest.raises(Transient):
        ours.call("GET", f"{server}/late")
    with pytest.raises(Ambiguous):
        ours.call("POST", f"{server}/late")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("", None), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)],
)
def test_how_long_to_wait(header: str, seconds: float | None):
    assert ours.Answer(429, {"retry-after": header}, b"").retry_after == seconds

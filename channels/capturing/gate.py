"""The only way out for the browser that captures pages: a proxy that asks who is there.

The page that is captured is somebody else's and may send the browser anywhere: into our
own network, to the machine itself, by a redirect, a picture, a script, or a name whose
address changes between two answers. With a proxy the browser resolves no name. The gate
does, refuses every address that is not public, and connects to the very address that it
checked. What was refused is told, and stands in the record.
"""

from __future__ import annotations

import selectors
import socket
import socketserver
import threading
from types import TracebackType
from typing import Self, cast
from urllib.parse import urlsplit

from channels.platforms import http
from channels.platforms.base import Invalid, Transient

CONNECT_S = 10.0
# A page's own long-polling may stay quiet; the whole visit ends long before.
IDLE_S = 60.0
LONGEST_HEAD = 64 * 1024
MOST_BYTES = 512 * 1024 * 1024
PIECE = 64 * 1024
_HOP = (b"connection", b"proxy-connection", b"proxy-authorization", b"keep-alive")


class Gate:
    """Open between `with Gate() as gate` and its end, on a port of this machine."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self.carried = 0
        self._server = _Server(("127.0.0.1", 0), _Passage)
        self._server.gate = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}
        )

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to a checked address; Invalid or Transient without one."""
        for address in http.checked_addresses(host, port):
            try:
                return socket.create_connection((address, port), CONNECT_S)
            except OSError:
                continue
        raise Transient("no connection")

    def refuse(self, place: str) -> None:
        if place not in self.refused:
            self.refused.append(place)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False
    gate: Gate

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up in the middle is nothing to tell of."""


class _Passage(socketserver.BaseRequestHandler):
    """One connection of the browser."""

    request: socket.socket

    def handle(self) -> None:
        gate = cast("_Server", self.server).gate
        self.request.settimeout(IDLE_S)
        head, rest = self._head()
        line, _, fields = head.partition(b"\r\n")
        words = line.split(b" ")
        if len(words) != 3:
            return self._answer(b"400 Bad Request")
        method, target, version = words
        try:
            host, port, path = _place(method, target)
        except ValueError:
            return self._answer(b"400 Bad Request")
        try:
            there = gate.connect(host, port)
        except Invalid:
            gate.refuse(f"{host}:{port}")
            return self._answer(b"403 Forbidden")
        except Transient:
            return self._answer(b"502 Bad Gateway")
        with there:
            there.settimeout(IDLE_S)
            if method == b"CONNECT":
                self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                # One request a connection: the next may be for another host.
                kept = [
                    one
                    for one in fields.split(b"\r\n")
                    if one and one.partition(b":")[0].strip().lower() not in _HOP
                ]
                start = b" ".join((method, path.encode(), version))
                there.sendall(
                    b"\r\n".join([start, *kept, b"Connection: close", b"", b""])
                )
            if rest:
                there.sendall(rest)
            self._carry(there, gate)
        return None

    def _head(self) -> tuple[bytes, bytes]:
        read = b""
        while b"\r\n\r\n" not in read:
            piece = self.request.recv(PIECE)
            if not piece or len(read) > LONGEST_HEAD:
                return b"", b""
            read += piece
        head, _, rest = read.partition(b"\r\n\r\n")
        return head, rest

    def _answer(self, status: bytes) -> None:
        self.request.sendall(
            b"HTTP/1.1 "
            + status
            + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )

    def _carry(self, there: socket.socket, gate: Gate) -> None:
        """Bytes both ways until one side is silent, ends, or it has been enough."""
        with selectors.DefaultSelector() as ready:
            ready.register(self.request, selectors.EVENT_READ, there)
            ready.register(there, selectors.EVENT_READ, self.request)
            while events := ready.select(IDLE_S):
                for key, _ in events:
                    piece = cast("socket.socket", key.fileobj).recv(PIECE)
                    if not piece or gate.carried > MOST_BYTES:
                        return
                    gate.carried += len(piece)
                    key.data.sendall(piece)


def _place(method: bytes, target: bytes) -> tuple[str, int, str]:
    """(host, port, path) of a proxy request; ValueError when it names none."""
    text = target.decode("ascii")
    if method == b"CONNECT":
        parts = urlsplit(f"//{text}")
        if not parts.hostname or parts.port is None:
            raise ValueError("no host and port")
        return parts.hostname, parts.port, ""
    parts = urlsplit(text)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError("not an http address")
    path = parts.path or "/"
    return (
        parts.hostname,
        parts.port or 80,
        path + (f"?{parts.query}" if parts.query else ""),
    )

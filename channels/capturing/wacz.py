"""What a browser received as WARC (ISO 28500), packed as WACZ 1.1.1. Pure of Django.

A WACZ is a ZIP with `archive/` (the WARC), `indexes/` (CDXJ), `pages/` and
`datapackage.json`, which has the SHA-256 of each. Any replay program opens it.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

VERSION = "1.1.1"
TYPE = "application/wacz"
_WARC, _INDEX, _PAGES = "archive/data.warc.gz", "indexes/index.cdx", "pages/pages.jsonl"
# The body is kept as the browser understood it, so these no longer describe it.
_OF_TRANSFER = ("content-encoding", "transfer-encoding", "content-length")


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer to the browser, its body decoded."""

    address: str
    method: str
    status: int
    reason: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    at: datetime

    @property
    def mime(self) -> str:
        for name, value in self.headers:
            if name.lower() == "content-type":
                return value.partition(";")[0].strip().lower() or "unk"
        return "unk"


def pack(
    *, responses: Sequence[Response], address: str, title: str, software: str
) -> bytes:
    """The WACZ of a visit; `address` is the page that a reader is to begin with."""
    warc, index = _warc(responses, software)
    started = min((one.at for one in responses), default=datetime.now(UTC))
    page = {"id": uuid4().hex, "url": address, "ts": _iso(started), "title": title}
    header = {"format": "json-pages-1.0", "id": "pages", "title": "Pages"}
    pages = "".join(
        json.dumps(one, ensure_ascii=False) + "\n" for one in (header, page)
    )
    parts = {_PAGES: pages.encode(), _INDEX: index, _WARC: warc}
    package = _json(
        {
            "profile": "data-package",
            "wacz_version": VERSION,
            "title": title,
            "software": software,
            "created": _iso(datetime.now(UTC)),
            "mainPageURL": address,
            "mainPageDate": _iso(started),
            "resources": [
                {
                    "name": path.rpartition("/")[2],
                    "path": path,
                    "hash": f"sha256:{sha256(data).hexdigest()}",
                    "bytes": len(data),
                }
                for path, data in parts.items()
            ],
        }
    )
    digest = {
        "path": "datapackage.json",
        "hash": f"sha256:{sha256(package).hexdigest()}",
    }
    out = io.BytesIO()
    # Stored: readers fetch pieces of the WARC by their place in the file.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path, data in parts.items():
            archive.writestr(path, data)
        archive.writestr("datapackage.json", package)
        archive.writestr("datapackage-digest.json", _json(digest))
    return out.getvalue()


def _warc(responses: Sequence[Response], software: str) -> tuple[bytes, bytes]:
    """(WARC, CDXJ): each record is a gzip member of its own."""
    info = f"software: {software}\r\nformat: WARC File Format 1.1\r\n".encode()
    out = [
        _record(
            "warcinfo",
            info,
            ("WARC-Date", _iso(datetime.now(UTC))),
            ("WARC-Filename", _WARC.rpartition("/")[2]),
            ("Content-Type", "application/warc-fields"),
        )
    ]
    place = len(out[0])
    lines = []
    for one in responses:
        payload = f"sha256:{sha256(one.body).hexdigest()}"
        packed = _record(
            "response",
            _http(one) + one.body,
            ("WARC-Target-URI", one.address),
            ("WARC-Date", _iso(one.at)),
            ("WARC-Payload-Digest", payload),
            ("Content-Type", "application/http; msgtype=response"),
        )
        out.append(packed)
        entry = {
            "url": one.address,
            "mime": one.mime,
            "status": str(one.status),
            "digest": payload,
            "length": str(len(packed)),
            "offset": str(place),
            "filename": _WARC.rpartition("/")[2],
        }
        place += len(packed)
        if one.method == "GET":  # an answer to a form has no address to ask for it by
            stamp = f"{one.at.astimezone(UTC):%Y%m%d%H%M%S}"
            lines.append(f"{sort_key(one.address)} {stamp} {json.dumps(entry)}\n")
    return b"".join(out), "".join(sorted(lines)).encode()


def _record(type_: str, block: bytes, *fields: tuple[str, str]) -> bytes:
    head = [
        "WARC/1.1",
        f"WARC-Type: {type_}",
        f"WARC-Record-ID: <urn:uuid:{uuid4()}>",
        *(f"{name}: {value}" for name, value in fields),
        f"WARC-Block-Digest: sha256:{sha256(block).hexdigest()}",
        f"Content-Length: {len(block)}",
    ]
    start = "".join(f"{line}\r\n" for line in head).encode()
    return gzip.compress(start + b"\r\n" + block + b"\r\n\r\n", mtime=0)


def _http(one: Response) -> bytes:
    """Status line and headers as HTTP/1.1, whatever version carried them."""
    lines = [f"HTTP/1.1 {one.status} {one.reason}"]
    for name, joined in one.headers:
        named = f"X-Archive-Orig-{name}" if name.lower() in _OF_TRANSFER else name
        lines += [f"{named}: {value.strip()}" for value in joined.split("\n")]
    lines.append(f"Content-Length: {len(one.body)}")
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


def sort_key(address: str) -> str:
    """`https://www.Example.org/A?b` as `org,example)/a?b` (SURT, as CDX sorts)."""
    parts = urlsplit(address)
    host = re.sub(r"^www\d*\.", "", (parts.hostname or "").lower())
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    query = "&".join(sorted(parts.query.lower().split("&"))) if parts.query else ""
    labels = host if re.fullmatch(r"[\d.]+", host) else ",".join(host.split(".")[::-1])
    path = parts.path.lower().rstrip("/") or "/"
    return f"{labels}{port}){path}" + (f"?{query}" if query else "")


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"

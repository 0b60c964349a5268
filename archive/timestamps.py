"""Time stamps of checkpoints by an outside authority (RFC 3161).

A stamp shows that a checkpoint, and with it everything in the log before it, was there
at that time, whoever runs the database and whoever holds the log's key.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx
from cryptography import x509
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from archive.checking import Fault
from archive.models import Checkpoint, CheckpointToken, Package

EVERY = timedelta(days=1)
TIMEOUT_S = 30
CONTENT_TYPE = "application/timestamp-query"


class StampError(Exception):
    """The authority gave no valid stamp; the text says why."""


def due() -> Checkpoint | None:
    """The newest checkpoint, when the last stamp is a day old and it has none."""
    newest = Checkpoint.objects.first()
    last = CheckpointToken.objects.order_by("stamped_at").last()
    if newest is None or (last is not None and last.checkpoint_id == newest.pk):
        return None
    if last is not None and timezone.now() - last.stamped_at < EVERY:
        return None
    return newest


def stamp(checkpoint: Checkpoint) -> CheckpointToken:
    """Have the checkpoint's note stamped and keep the stamp; as `ask`."""
    response, moment = ask(checkpoint.note.encode())
    return CheckpointToken.objects.create(
        checkpoint=checkpoint,
        authority=settings.ARCHIVE_TSA_URL,
        response=response,
        stamped_at=moment,
    )


def ask(data: bytes) -> tuple[bytes, datetime]:
    """(RFC 3161 response, its time) of the authority at ARCHIVE_TSA_URL for the data.

    Call it outside a transaction: it waits for another machine. StampError when there
    is no answer or one that does not verify.
    """
    request = (
        TimestampRequestBuilder()
        .data(data)
        .hash_algorithm(HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    try:
        answer = httpx.post(
            settings.ARCHIVE_TSA_URL,
            content=request.as_bytes(),
            headers={"Content-Type": CONTENT_TYPE},
            timeout=TIMEOUT_S,
        ).raise_for_status()
        response = decode_timestamp_response(answer.content)
        if response.tst_info.nonce != request.nonce:
            raise StampError(_("The time stamp answers another request."))
    except (httpx.HTTPError, ValueError) as error:
        raise StampError(
            _("The time-stamping authority gave no answer (%s).") % error
        ) from error
    check(response.as_bytes(), sha256(data).digest())
    return response.as_bytes(), response.tst_info.gen_time


def check(response: bytes, digest: bytes) -> None:
    """StampError unless this is a stamp by an authority that we trust, of what has the
    SHA-256 `digest` (32 bytes).

    Some authorities write what strict readers refuse; `openssl ts` is asked then.
    """
    roots = x509.load_pem_x509_certificates(
        Path(settings.ARCHIVE_TSA_CERTIFICATES).read_bytes()
    )
    try:
        decoded: TimeStampResponse = decode_timestamp_response(response)
        verifier = VerifierBuilder()
        for root in roots:
            verifier = verifier.add_root_certificate(root)
        verifier.build().verify(decoded, digest)
    except (VerificationError, ValueError) as error:
        if not _openssl_accepts(response, digest):
            raise StampError(_("The time stamp does not verify.")) from error


def _openssl_accepts(response: bytes, digest: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        stamp_file = Path(folder, "response.tsr")
        stamp_file.write_bytes(response)
        command = ["openssl", "ts", "-verify", "-in", str(stamp_file)]
        command += ["-digest", digest.hex()]
        command += ["-CAfile", str(settings.ARCHIVE_TSA_CERTIFICATES)]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except FileNotFoundError:
            return False
    return done.returncode == 0


def faults() -> Iterator[Fault]:
    """The stamps that do not verify (any more)."""
    for token in CheckpointToken.objects.select_related("checkpoint").iterator():
        digest = sha256(token.checkpoint.note.encode()).digest()
        if not _holds(bytes(token.response), digest):
            yield Fault("token-wrong", f"checkpoint {token.checkpoint.size}")
    for package in Package.objects.exclude(stamp=None).iterator():
        digest = bytes.fromhex(package.manifest_sha256)
        if not _holds(bytes(package.stamp or b""), digest):
            yield Fault("token-wrong", f"export {package.pk}")


def _holds(response: bytes, digest: bytes) -> bool:
    try:
        check(response, digest)
    except StampError:
        return False
    return True

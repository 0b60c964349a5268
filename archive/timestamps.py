"""Time stamps of checkpoints by an outside authority (RFC 3161).

A stamp shows that a checkpoint, and with it everything in the log before it, was there
at that time, whoever runs the database and whoever holds the log's key.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from datetime import timedelta
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
from archive.models import Checkpoint, CheckpointToken

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
    """Ask the authority at ARCHIVE_TSA_URL for a stamp of the note, check and keep it.

    Call it outside a transaction: it waits for another machine. StampError when there
    is no answer or one that does not verify; nothing is kept then.
    """
    note = checkpoint.note.encode()
    request = (
        TimestampRequestBuilder()
        .data(note)
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
    check(response.as_bytes(), note)
    return CheckpointToken.objects.create(
        checkpoint=checkpoint,
        authority=settings.ARCHIVE_TSA_URL,
        response=response.as_bytes(),
        stamped_at=response.tst_info.gen_time,
    )


def check(response: bytes, note: bytes) -> None:
    """StampError unless this is a stamp of the note by an authority that we trust.

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
        verifier.build().verify_message(decoded, note)
    except (VerificationError, ValueError) as error:
        if not _openssl_accepts(response, note):
            raise StampError(_("The time stamp does not verify.")) from error


def _openssl_accepts(response: bytes, note: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        stamp_file, data = Path(folder, "response.tsr"), Path(folder, "note")
        stamp_file.write_bytes(response)
        data.write_bytes(note)
        command = f"openssl ts -verify -in {stamp_file} -data {data} -CAfile".split()
        command.append(str(settings.ARCHIVE_TSA_CERTIFICATES))
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except FileNotFoundError:
            return False
    return done.returncode == 0


def faults() -> Iterator[Fault]:
    """The stamps that do not verify (any more)."""
    for token in CheckpointToken.objects.select_related("checkpoint").iterator():
        try:
            check(bytes(token.response), token.checkpoint.note.encode())
        except StampError:
            yield Fault("token-wrong", f"checkpoint {token.checkpoint.size}")

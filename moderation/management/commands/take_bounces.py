"""Letters that came back: the mail server pipes each report in, or leaves it in a
Maildir."""

from __future__ import annotations

import mailbox
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from moderation.referrals import take_bounce

# sysexits.h: the mail server keeps the report and tries again.
TRY_LATER = 75


class Command(BaseCommand):
    help = (
        "Read delivery status messages (RFC 3464) from standard input, one at a time, "
        "or from a Maildir, and mark the letters they speak of as returned."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--maildir", type=Path, help="read what is new there, and mark it as seen"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        maildir: Path | None = options["maildir"]
        if maildir is None:
            try:
                taken = int(take_bounce(sys.stdin.buffer.read()))
            except Error as error:
                raise CommandError(
                    f"The report was not taken: {type(error).__name__}.",
                    returncode=TRY_LATER,
                ) from error
            seen = 1
        else:
            if not (maildir / "new").is_dir():
                raise CommandError(f"{maildir} is no Maildir.")
            taken, seen = self._read(maildir)
        self.stdout.write(f"reports read: {seen}, letters returned: {taken}")

    def _read(self, path: Path) -> tuple[int, int]:
        folder = mailbox.Maildir(path, create=False)
        taken = seen = 0
        for key in sorted(folder.keys()):
            message = folder.get_message(key)
            if message.get_subdir() != "new":
                continue
            taken += take_bounce(folder.get_bytes(key))
            seen += 1
            message.set_subdir("cur")
            message.set_flags("S")
            folder[key] = message
        return taken, seen

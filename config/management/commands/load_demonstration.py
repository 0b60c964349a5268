from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.demonstration import load

ALLOWED = "KANALVAKT_DEMONSTRATION"


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """A line of log for each wall and file says nothing to whoever waits here."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.WARNING)
    try:
        yield
    finally:
        root.setLevel(level)


class Command(BaseCommand):
    help = (
        "Fills an empty database with the demonstration municipality and prints its "
        "accounts, one a line: role, user name and password between tabs. On a "
        f"database of one's own only with {ALLOWED}=1. Loading twice changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if load.is_there():
            self.stderr.write("The demonstration municipality is there already.")
            return
        if not settings.DEMONSTRATION and os.environ.get(ALLOWED) != "1":
            raise CommandError(
                "The demonstration is kept apart from real use. To load it into the "
                f"empty database of DATABASE_URL all the same, set {ALLOWED}=1."
            )
        if not load.is_empty():
            raise CommandError(
                "The database is not empty: the demonstration is never mixed with "
                "what others have entered."
            )
        with _quietly():
            accounts = load.load()
        for account in accounts:
            self.stdout.write(
                "\t".join([account.role, account.username, account.password])
            )

"""What a started Kanalvakt says in the terminal."""

import contextlib
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.conf import LazySettings


def say(text: str = "") -> None:
    print(text, flush=True)


def accounts(settings: "LazySettings") -> Path:
    """Where the passwords made for the demonstration are kept."""
    path: Path = settings.VAR / "demonstration-accounts.txt"
    return path


def greet(settings: "LazySettings") -> None:
    say()
    say(f"Kanalvakt answers at {settings.BASE_URL}/")
    if settings.DEMONSTRATION:
        _welcome_to_the_demonstration(settings)
    else:
        from django.contrib.auth import get_user_model

        if not get_user_model().objects.exists():
            say("Nobody can log in yet: .venv/bin/python manage.py first_administrator")
    say("Ctrl-C stops it.")


def _welcome_to_the_demonstration(settings: "LazySettings") -> None:
    say()
    with contextlib.suppress(FileNotFoundError):
        say("Accounts (role, user name, password):")
        lines = accounts(settings).read_text().splitlines()
        rows = [line.split("\t") for line in lines if line.strip()]
        widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
        for row in rows:
            say("  " + "  ".join(map(str.ljust, row, widths)).rstrip())
    base = settings.BASE_URL
    say()
    say("What to try:")
    say(f"  1. Write a comment as a citizen: {base}/wall/vinterhamn/")
    say(f"  2. Log in as the first communications officer: {base}/admin/desk/")
    say("     What is due stands first. Open a message with marked words, remove it")
    say("     and say why: a sealed record is made before the platform is told.")
    say("  3. Log in as the archivist, find the record, and check that nobody changed")
    say("     a byte of it: .venv/bin/python manage.py verify_archive")
    say(f"  4. Read the mail that would have been sent: {base}/demonstration/mail/")
    say()
    say(f"All it keeps is in {settings.VAR}; delete that folder to begin again.")
    say(f"Its log is {settings.VAR}/log/kanalvakt.jsonl")

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from moderation import rescreening


class Command(BaseCommand):
    help = (
        "Screens the undecided messages anew, after the words or rules have changed. "
        "What was found before stays with the version that made it; what is new is "
        "added and comes to the desk. Running it twice adds nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            default=rescreening.DAYS,
            help="how old a message on which nothing is owed may be (%(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        done = rescreening.Round(0, 0, 0, 0)
        for done in rescreening.rescreen(days=options["days"]):
            self.stdout.write(f"{done.looked_at} of {done.total} messages")
        self.stdout.write(
            f"{done.looked_at} messages looked at, {done.found} new findings, "
            f"{done.opened} new reviews."
        )

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policies.publishing import KALIX, PackError, load_pack


class Command(BaseCommand):
    help = "Load a pack of rules; a changed wording becomes a new version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", nargs="?", type=Path, default=KALIX)
        parser.add_argument("--by", default="manage.py load_rules")
        parser.add_argument("--valid-from", type=date.fromisoformat)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_pack(
                path=options["path"],
                by=options["by"],
                valid_from=options["valid_from"],
            )
        except PackError as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(
            f"added {len(loaded.added)}, reworded {len(loaded.reworded)}, "
            f"changed {len(loaded.changed)}, unchanged {len(loaded.unchanged)}"
        )

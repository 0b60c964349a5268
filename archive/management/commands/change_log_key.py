from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from archive import keys, sequencer


class Command(BaseCommand):
    help = "Sign the archive's log with a new key from now on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", required=True, help="who changes it, for the log")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            checkpoint = sequencer.change_key(by=options["by"])
        except (sequencer.Refusal, keys.KeyTrouble) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("From %(size)d entries on the log is signed by %(key)s.")
            % {"size": checkpoint.size, "key": keys.verifier()}
        )
        self.stdout.write(
            _("Back up the new key file. The old key is not needed any longer.")
        )

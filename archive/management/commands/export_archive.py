from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from archive import sequencer
from archive.export import bagit
from archive.export.faults import ExportError
from archive.export.selection import FILTERS, SECRECY, Selection
from archive.keys import KeyTrouble
from archive.models import Record


class Command(BaseCommand):
    help = "Export the records sealed on the given days, the last one included."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=["bagit"], default="bagit")
        parser.add_argument("--from", dest="first", type=_day, required=True)
        parser.add_argument("--to", dest="last", type=_day, required=True)
        for name in ("channel", "department", "rule", "classification"):
            parser.add_argument(
                f"--{name}", default="", help="only records with exactly this one"
            )
        parser.add_argument(
            "--kind",
            default="",
            choices=["", *Record.Kind.values],
            metavar="KIND",
            help=f"only records of a kind: {', '.join(Record.Kind.values)}",
        )
        parser.add_argument(
            "--secrecy",
            default="",
            choices=["", *SECRECY],
            metavar="WHICH",
            help=f"by the secrecy marking: {' or '.join(SECRECY)}",
        )
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument(
            "--by", default=_("command line"), help="who exports, for the register"
        )
        parser.add_argument("--note", default="", help="why, for the register")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["last"] < options["first"]:
            raise CommandError(_("The last day is before the first."))
        try:
            sequencer.run()  # so that the checkpoint that goes along covers all of it
        except (sequencer.Refusal, KeyTrouble) as error:
            self.stderr.write(str(error))
        try:
            package = bagit.write(
                selection=Selection.of_days(
                    options["first"],
                    options["last"],
                    {name: options.get(name) or "" for name in FILTERS},
                ),
                out=options["out"],
                by=options["by"],
                note=options["note"],
            )
        except ExportError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("%(records)d records and %(files)d files, %(octets)d bytes, in %(out)s")
            % {
                "records": package.records,
                "files": package.files,
                "octets": package.octets,
                "out": options["out"],
            }
        )


def _day(text: str) -> date:
    return date.fromisoformat(text)

"""Exit status 0 when everything is as it was sealed, else 1 and what is not."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from archive import verification
from archive.faults import sentence


class Command(BaseCommand):
    help = "Check every record, file and log entry of the archive."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--processes", type=int, default=os.cpu_count() or 1, metavar="N"
        )
        parser.add_argument(
            "--without-files", action="store_true", help="do not read attachments"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = verification.verify(
            processes=options["processes"], with_files=not options["without_files"]
        )
        for fault in report.faults:
            self.stdout.write(sentence(fault))
        checked = _("%(records)d records, %(files)d files, %(entries)d log entries") % {
            "records": report.records,
            "files": report.files,
            "entries": report.entries,
        }
        if report.erased:
            self.stdout.write(
                ngettext(
                    "%(count)d record has fields that were erased by decision.",
                    "%(count)d records have fields that were erased by decision.",
                    report.erased,
                )
                % {"count": report.erased}
            )
        if report.faults:
            count = len(report.faults)
            raise CommandError(
                ngettext(
                    "%(count)d fault in %(checked)s.",
                    "%(count)d faults in %(checked)s.",
                    count,
                )
                % {"count": count, "checked": checked}
            )
        self.stdout.write(_("Everything is as it was sealed: %s.") % checked)

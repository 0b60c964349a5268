from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from archive import proving
from archive.models import Record


class Command(BaseCommand):
    help = "Write a record with everything an outsider needs to check it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("record", type=UUID, metavar="RECORD")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument(
            "--mask",
            action="append",
            default=[],
            metavar="FIELD=PARAGRAPH",
            help="hide a field, such as '/facts/sender/name=OSL 21:1'; repeatable",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        if out.exists():
            raise CommandError(_("%s exists.") % out)
        masks = dict(mask.partition("=")[::2] for mask in options["mask"])
        if not all(masks.values()):
            raise CommandError(_("Each mask needs its legal paragraph."))
        try:
            record = Record.objects.get(id=options["record"])
            proving.write(record, out, masks=masks)
        except Record.DoesNotExist as error:
            raise CommandError(_("There is no such record.")) from error
        except KeyError as error:
            raise CommandError(_("The record has no field %s.") % error) from error
        except proving.NoProof as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("Check it with: python3 %s") % (out / "verify.py"))

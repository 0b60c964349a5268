from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import islice
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels.models import Channel
from channels.platforms.base import Batch, Refused
from moderation import imports, intake

BATCH = 500


class Command(BaseCommand):
    help = (
        "Receives messages from a file: JSON lines, or CSV with the same columns. "
        "Lines that cannot be received are named and left out; then the exit code "
        "is 1. Importing the same file again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the file, or - for standard input")
        parser.add_argument("--channel", required=True, help="the channel's short name")

    def handle(self, *args: Any, **options: Any) -> None:
        channel = self._channel(options["channel"])
        try:
            with self._open(options["file"]) as stream:
                self._import(channel, imports.read(stream))
        except imports.FileError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            reason = error.strerror or "it cannot be read"
            raise CommandError(f"{options['file']}: {reason}.") from error

    def _channel(self, slug: str) -> Channel:
        channel = Channel.objects.filter(slug=slug).first()
        if channel is None:
            known = Channel.objects.active().order_by("slug")
            names = ", ".join(known.values_list("slug", flat=True)) or "none"
            raise CommandError(f"There is no channel {slug!r}. In use: {names}.")
        if not channel.is_active:
            raise CommandError(
                f"The channel {slug!r} is not in use: nothing is received before the "
                "head of the department has approved it, or after it was closed."
            )
        return channel

    def _open(self, name: str) -> Any:
        if name == "-":
            stream: IO[bytes] = sys.stdin.buffer
            return nullcontext(stream)
        return open(name, "rb")

    def _import(
        self, channel: Channel, lines: Iterator[imports.Line | imports.Broken]
    ) -> None:
        read = new = changed = unchanged = refused = 0
        while some := list(islice(lines, BATCH)):
            items = []
            broken = []
            for line in some:
                where = f"line {line.number}"
                if isinstance(line, imports.Broken):
                    broken.append(Refused(where, line.error))
                else:
                    try:
                        items.append(intake.clean(line.item))
                        continue
                    except intake.ItemError as error:
                        broken.append(Refused(line.item.id or where, str(error)))
                self.stderr.write(f"{where}: {broken[-1].error}")
            received = intake.receive(
                channel=channel,
                batch=Batch(changes=items, refused=broken, source="import"),
            )
            read += len(some)
            new += received.new
            changed += received.changed
            unchanged += received.unchanged
            refused += len(received.refused)
        self.stdout.write(
            f"{read} read: {new} new, {changed} changed, {unchanged} known already, "
            f"{refused} refused."
        )
        if refused:
            raise CommandError(
                f"{refused} of {read} were refused; see the lines above."
            )

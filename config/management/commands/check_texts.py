from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import texts

SHOWN = 40


class Command(BaseCommand):
    help = "Fails when a text lacks its translation, or a translation its text."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        found: list[str] = []
        for language in texts.LANGUAGES:
            try:
                found += texts.faults(settings.BASE_DIR, language)
            except texts.CannotCollect as error:
                raise CommandError(str(error)) from error
        if found:
            for sentence in found[:SHOWN]:
                self.stderr.write(sentence)
            raise CommandError(
                f"{len(found)} faults in the translations; `manage.py make_texts` "
                "adds what is missing to the catalogues."
            )
        self.stdout.write("The translations are complete.")

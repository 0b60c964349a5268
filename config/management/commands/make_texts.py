from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import texts


class Command(BaseCommand):
    help = "Brings the translation catalogues up to date, keeping what is translated."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        for language in texts.LANGUAGES:
            try:
                total, waiting = texts.complete(settings.BASE_DIR, language)
            except texts.CannotCollect as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"{language}: {total} texts, {waiting} not translated.")

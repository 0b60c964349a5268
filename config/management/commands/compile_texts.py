from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config import texts


class Command(BaseCommand):
    help = "Compiles the translations that changed (locale/*.po to .mo)."
    requires_system_checks = []

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        written = texts.compile_all(settings.BASE_DIR)
        if verbosity:
            self.stdout.write(f"{written} catalogues compiled.")

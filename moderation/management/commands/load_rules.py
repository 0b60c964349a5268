"""`load_rules` of the floor below, and the words to begin an answer with."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from moderation.answer_templates import load_starters
from policies.management.commands.load_rules import Command as LoadRules
from policies.publishing import PackError


class Command(LoadRules):
    help = "Load a pack of rules, and the answer templates that are not there yet."

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        try:
            added = load_starters(by=options["by"])
        except PackError as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(f"answer templates added: {added}")

import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils.translation import gettext as _


class Command(BaseCommand):
    help = (
        "Makes the first account, with every right. Asks for what is not given; "
        "the password is asked for or read from ADMINISTRATOR_PASSWORD, never taken "
        "as an argument, where others could read it. Refuses once an account exists."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", default=os.environ.get("ADMINISTRATOR_EMAIL"))
        parser.add_argument("--name", default=os.environ.get("ADMINISTRATOR_NAME"))
        parser.add_argument(
            "--no-input",
            action="store_false",
            dest="interactive",
            help="Ask nothing; fail when something is missing.",
        )

    def handle(
        self,
        *args: Any,
        email: str | None,
        name: str | None,
        interactive: bool,
        **options: Any,
    ) -> None:
        User = get_user_model()
        self._refuse_if_anyone_exists()
        password = os.environ.get("ADMINISTRATOR_PASSWORD")
        try:
            email = email or self._ask(_("E-mail address"), interactive)
            validate_email(email)
            name = name or self._ask(_("Name"), interactive)
            given, _space, family = name.strip().partition(" ")
            user = User(
                username=email.lower(),
                email=email.lower(),
                first_name=given,
                last_name=family.strip(),
                is_staff=True,
                is_superuser=True,
            )
            password = password or self._ask_password(interactive)
            validate_password(password, user)
            user.set_password(password)
            user.full_clean(exclude=["password"])
            with transaction.atomic():
                with connection.cursor() as cursor:
                    # Two commands at once: the second waits here, then refuses.
                    cursor.execute(
                        f"lock table {connection.ops.quote_name(User._meta.db_table)}"
                        " in share row exclusive mode"
                    )
                self._refuse_if_anyone_exists()
                user.save()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(
            _("The account %(username)s is made.") % {"username": user.username}
        )

    @staticmethod
    def _refuse_if_anyone_exists() -> None:
        if get_user_model().objects.exists():
            raise CommandError(
                _(
                    "There are accounts already; an administrator makes further ones "
                    "in the application."
                )
            )

    @staticmethod
    def _ask(what: str, interactive: bool) -> str:
        answer = input(f"{what}: ").strip() if interactive else ""
        if not answer:
            raise CommandError(_("%(what)s is missing.") % {"what": what})
        return answer

    @staticmethod
    def _ask_password(interactive: bool) -> str:
        if not interactive:
            raise CommandError(_("ADMINISTRATOR_PASSWORD is missing."))
        password = getpass.getpass(_("Password") + ": ")
        if password != getpass.getpass(_("Password again") + ": "):
            raise CommandError(_("The two passwords differ."))
        return password

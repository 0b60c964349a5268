"""System checks of the settings: each with an id, a sentence and what to do.

Errors stop the start, warnings are printed. The demonstration is held to less: it
listens to this machine alone and keeps nothing real.
"""

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

from channels.capturing import browser

SHORTEST_SECRET = 50
SHORTEST_CREDENTIALS_KEY = 32
OLDEST_POSTGRESQL = 140000
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def sentences(messages: Sequence[CheckMessage]) -> list[str]:
    """The messages as lines for a person."""
    return [f"{m.msg} {m.hint or ''}".strip() + f" ({m.id})" for m in messages]


@register("settings")
def check_settings(**_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if 0 < len(settings.CREDENTIALS_KEY) < SHORTEST_CREDENTIALS_KEY:
        found.append(
            Error(
                "CREDENTIALS_KEY is too short to protect the platforms' logins.",
                hint=f"Give at least {SHORTEST_CREDENTIALS_KEY} random characters.",
                id="kanalvakt.E001",
            )
        )
    if not os.access(settings.VAR, os.W_OK):
        found.append(
            Error(
                f"The folder {settings.VAR} cannot be written to.",
                hint="Give it to the account that runs Kanalvakt, or set KANALVAKT_VAR "
                "to another folder.",
                id="kanalvakt.E002",
            )
        )
    if settings.DEMONSTRATION:
        return found + _check_demonstration()
    return found + _check_real_use()


def _check_demonstration() -> list[CheckMessage]:
    if settings.HOST in LOOPBACK:
        return []
    return [
        Warning(
            f"The demonstration listens on {settings.HOST}, where others reach it.",
            hint="Its accounts are made for trying things out; keep it to 127.0.0.1.",
            id="kanalvakt.W001",
        )
    ]


def _check_real_use() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.DEBUG:
        found.append(
            Error(
                "DEBUG is on while DATABASE_URL names a real database.",
                hint="Error pages would show citizens' messages. Turn it off.",
                id="kanalvakt.E010",
            )
        )
    if len(settings.SECRET_KEY) < SHORTEST_SECRET or len(set(settings.SECRET_KEY)) < 5:
        found.append(
            Error(
                "SECRET_KEY is too short or too regular.",
                hint="Make one with: python3 -c "
                '"import secrets; print(secrets.token_urlsafe(64))"',
                id="kanalvakt.E011",
            )
        )
    if "*" in settings.ALLOWED_HOSTS:
        found.append(
            Error(
                "ALLOWED_HOSTS answers to every name.",
                hint="Name the addresses that people use, separated by commas.",
                id="kanalvakt.E012",
            )
        )
    if not settings.HTTPS and urlsplit(settings.BASE_URL).hostname not in LOOPBACK:
        found.append(
            Warning(
                "BASE_URL begins with http://, so passwords travel readable.",
                hint="Put HTTPS before Kanalvakt and set BASE_URL to https://….",
                id="kanalvakt.W011",
            )
        )
    if browser.path() is None:
        found.append(
            Warning(
                "No Chromium is found, so captures of the channels' pages are only "
                "made by hand and uploaded.",
                hint="Install it, or name it in CAPTURE_BROWSER.",
                id="kanalvakt.W014",
            )
        )
    if settings.HTTPS and not hasattr(settings, "SECURE_PROXY_SSL_HEADER"):
        found.append(
            Warning(
                "BASE_URL begins with https://, but BEHIND_PROXY is off.",
                hint="Kanalvakt does not speak HTTPS itself; with BEHIND_PROXY=on it "
                "believes its proxy's X-Forwarded-Proto.",
                id="kanalvakt.W012",
            )
        )
    return found


@register(Tags.database)
def check_database(
    databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "select current_setting('server_version_num')::int,"
                " current_setting('server_encoding')"
            )
            version, encoding = cursor.fetchone()
            # In another encoding the letters could not even be asked for.
            folds = False
            if encoding == "UTF8":
                cursor.execute("select lower('ÅÄÖÆØ') = 'åäöæø'")
                (folds,) = cursor.fetchone()
        if version < OLDEST_POSTGRESQL:
            found.append(
                Error(
                    f"PostgreSQL {version // 10000} is too old.",
                    hint="Version 14 or newer is needed.",
                    id="kanalvakt.E020",
                )
            )
        if encoding != "UTF8":
            found.append(
                Error(
                    f"The database is encoded in {encoding}.",
                    hint="Create it with ENCODING 'UTF8'.",
                    id="kanalvakt.E021",
                )
            )
        elif not folds:
            found.append(
                Error(
                    "The database does not know that å is the small letter of Å, so "
                    "searches would miss Swedish and Norwegian names.",
                    hint="Create it with a UTF-8 locale: TEMPLATE template0 "
                    "LOCALE 'sv_SE.UTF-8' or 'C.UTF-8'.",
                    id="kanalvakt.E022",
                )
            )
    return found

#!/usr/bin/env python3
"""Django's commands. Starts the embedded servers for their time where nothing else
is configured, and says what is wrong with the settings in a sentence."""

import gc
import os
import sys

# These read files only; starting a database for them would be waiting for nothing.
WITHOUT_SERVERS = {
    *("check", "check_texts", "collectstatic", "compile_texts"),
    *("diffsettings", "help", "make_texts", "version"),
}


# Loading makes a few hundred thousand objects that all stay: to look through them for
# rubbish every 700 is a sixth of the start of each command.
GC_EVERY = 50_000


def main() -> int:
    gc.set_threshold(GC_EVERY)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from config import embedded
    from config.account import EmbeddedError

    use = None
    try:
        from django.conf import settings

        wanted = WITHOUT_SERVERS.isdisjoint(sys.argv[1:2])
        if wanted and (settings.EMBEDDED_DATABASE or settings.EMBEDDED_BROKER):
            use = embedded.start(
                settings.VAR,
                postgres=settings.EMBEDDED_DATABASE,
                valkey=settings.EMBEDDED_BROKER,
            )
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, EmbeddedError) as error:
        print(f"kanalvakt: {error}", file=sys.stderr)
        return 2
    finally:
        if use is not None:
            use.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Gunicorn's configuration: threads, one loaded application, JSON logs."""

import logging
import os
from typing import Any

from django.conf import settings
from gunicorn.glogging import Logger as GunicornLogger

from config import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Logger(GunicornLogger):  # type: ignore[misc]
    """Gunicorn's words through our own JSON logs; requests are logged by us."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        logs.configure(settings.LOG_LEVEL)
        logging.captureWarnings(True)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.access_log.handlers.clear()
        self.access_log.disabled = True


wsgi_app = "config.wsgi:application"
bind = [f"{settings.HOST}:{settings.PORT}"]
worker_class = "gthread"
workers = settings.WEB_PROCESSES
threads = settings.WEB_THREADS
# Loaded once and shared by the workers: half the memory and half the start.
preload_app = True
timeout = 60
graceful_timeout = 15
keepalive = 5
control_socket_disable = True
logger_class = Logger
accesslog = None
errorlog = "-"

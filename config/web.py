"""Gunicorn's configuration: threads, one loaded application, JSON logs."""

import logging
import os
import time
from typing import Any

from django.conf import settings
from gunicorn.glogging import Logger as GunicornLogger
from gunicorn.workers.gthread import ThreadWorker

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


class Worker(ThreadWorker):  # type: ignore[misc]
    """Leaves a new connection to a process that holds fewer: a browser keeps its own
    open, and a few of them in one process would share its interpreter lock while the
    other processes idle."""

    def accept(self, listener: Any) -> None:
        time.sleep(STEP_BACK_S * min(self.nr_conns, MOST_STEPS))
        # What another took meanwhile is no longer there: the worker knows that case.
        super().accept(listener)


# Longer than it takes an idle process to wake, far shorter than a person notices.
STEP_BACK_S, MOST_STEPS = 0.002, 5

wsgi_app = "config.wsgi:application"
bind = [f"{settings.HOST}:{settings.PORT}"]
worker_class = Worker
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

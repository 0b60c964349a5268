import logging
import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("kanalvakt")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _keep_our_logs(**_: Any) -> None:
    """Celery leaves logging alone once someone answers: `config.logs` has set it."""


@celeryd_init.connect
def _warnings_into_the_log(**_: Any) -> None:
    logging.captureWarnings(True)


@beat_init.connect
def _first_heartbeat(**_: Any) -> None:
    # Else `/readyz` would wait a whole round for the first sign of life.
    app.send_task("config.tasks.heartbeat", retry=False, ignore_result=True)

import time

from celery import shared_task
from django.core.cache import cache

HEARTBEAT_KEY = "heartbeat"


@shared_task(name="config.tasks.heartbeat")
def heartbeat() -> None:
    """Sign of life of beat, broker and worker together, read by `/readyz`."""
    cache.set(HEARTBEAT_KEY, time.time(), timeout=24 * 60 * 60)

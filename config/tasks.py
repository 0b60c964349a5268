import time

from celery import shared_task
from django.core.cache import cache

from config.sessions import SessionStore

HEARTBEAT_KEY = "heartbeat"


@shared_task(name="config.tasks.heartbeat")
def heartbeat() -> None:
    """Sign of life of beat, broker and worker together, read by `/readyz`."""
    cache.set(HEARTBEAT_KEY, time.time(), timeout=24 * 60 * 60)


@shared_task(name="config.tasks.forget_logins")
def forget_logins() -> None:
    """Sessions that have run out go: nobody comes back to them."""
    SessionStore.clear_expired()

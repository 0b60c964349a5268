"""Background work: hints only, and a missing broker holds nobody up."""

import kombu.exceptions
import pytest
from celery.schedules import crontab
from django.conf import settings

from config.celery import app
from config.tasks import heartbeat
from tests.peers.services import Services

DAY = 24 * 60 * 60


def test_every_scheduled_task_exists_and_none_outlives_its_use() -> None:
    app.loader.import_default_modules()
    schedule = app.conf.beat_schedule
    assert {entry["task"] for entry in schedule.values()} <= set(app.tasks)
    for entry in schedule.values():
        every = entry["schedule"]
        seconds = DAY if isinstance(every, crontab) else every
        assert entry["options"]["expires"] <= 2 * seconds


def test_a_slow_task_is_ended_before_it_would_be_delivered_twice() -> None:
    options = app.conf.broker_transport_options
    assert app.conf.task_time_limit < options["visibility_timeout"]
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit
    assert (app.conf.accept_content, app.conf.result_backend) == (["json"], None)


def test_the_process_sends_through_our_broker() -> None:
    assert heartbeat.app.conf.broker_url == settings.CELERY_BROKER_URL
    assert settings.CELERY_BROKER_URL.startswith("redis+socket:///")


@pytest.mark.faults
def test_sending_fails_at_once_while_the_broker_is_away(services: Services) -> None:
    heartbeat.delay()
    services.stop_valkey()
    try:
        with pytest.raises(kombu.exceptions.OperationalError):
            heartbeat.delay()
    finally:
        services.start_valkey()
    heartbeat.delay()

from __future__ import annotations

from celery import shared_task

from channels import capture_calendar, captures, delivery, letters


@shared_task(name="channels.tasks.deliver_due")
def deliver_due() -> int:
    return delivery.deliver_due()


@shared_task(name="channels.tasks.send_letters")
def send_letters() -> int:
    return letters.send_due()


@shared_task(name="channels.tasks.forget_letters")
def forget_letters() -> int:
    return letters.forget_sent()


@shared_task(name="channels.tasks.plan_captures")
def plan_captures() -> int:
    return capture_calendar.schedule()


@shared_task(name="channels.tasks.capture_next")
def capture_next() -> None:
    captures.run_next()

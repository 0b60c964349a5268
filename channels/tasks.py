from __future__ import annotations

from celery import shared_task

from channels import delivery, letters


@shared_task(name="channels.tasks.deliver_due")
def deliver_due() -> int:
    return delivery.deliver_due()


@shared_task(name="channels.tasks.send_letters")
def send_letters() -> int:
    return letters.send_due()

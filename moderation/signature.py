"""Who speaks, for whom, and where they are reached: at the end of each answer (K-7,
M-R1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from channels.models import Municipality
from channels.platforms import PLATFORMS

if TYPE_CHECKING:
    from channels.models import User
    from moderation.models import Case


def signed(text: str, case: Case, by: User) -> str:
    """The answer as it is sent: name, role, department and the official address."""
    who = [str(by), by.job_title, case.channel.department.name, official_contact(case)]
    return f"{text}\n\n/ {', '.join(part for part in who if part)}"


def official_contact(case: Case) -> str:
    """The department's address, else the municipality's (K-7, K-15)."""
    if case.channel.department.email:
        return case.channel.department.email
    municipality = Municipality.objects.only("contact_email").first()
    if municipality and municipality.contact_email:
        return municipality.contact_email
    return str(settings.DEFAULT_FROM_EMAIL)


def longest(case: Case) -> int:
    """Characters that the platform takes in one answer, signature and all."""
    return PLATFORMS[case.channel.platform].longest_reply

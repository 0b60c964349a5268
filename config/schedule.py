"""What the beat asks for, and how often. Each task looks for what is due in PostgreSQL:
asking twice, or an hour late, does no harm."""

from typing import Any

from celery.schedules import crontab

# Seconds between two rounds.
_ROUNDS = {
    "archive.tasks.sequence": 60.0,
    "archive.tasks.stamp": 3600.0,
    "archive.tasks.export_next": 20.0,
    "archive.tasks.clean_exports": 3600.0,
    "moderation.tasks.poll_due": 10.0,
    "moderation.tasks.write_digests": 300.0,
    "moderation.tasks.see_to_referrals": 20.0,
    "channels.tasks.deliver_due": 10.0,
    "channels.tasks.send_letters": 20.0,
    "channels.tasks.capture_next": 30.0,
    "channels.tasks.plan_captures": 3600.0,
    "config.tasks.heartbeat": 15.0,
}
_HOUR = 60 * 60
# At a time of day, and how long a task that was not taken still counts.
_AT = {
    "moderation.tasks.purge_outside": (crontab(minute="25"), _HOUR),
    # At night: what one hour does not suffice for goes in the next.
    "moderation.tasks.purge_settled": (crontab(hour="0-5", minute="45"), _HOUR),
    # At night: letters of a month ago are emptied.
    "channels.tasks.forget_letters": (crontab(hour="2", minute="10"), 4 * _HOUR),
    # At night: sessions that have run out.
    "config.tasks.forget_logins": (crontab(hour="2", minute="40"), 4 * _HOUR),
    # At night: the ranking learned from the day's decisions.
    "moderation.tasks.learn": (crontab(hour="1", minute="40"), 4 * _HOUR),
}

# What is not taken within two rounds is dropped: the next round says the same.
BEAT: dict[str, dict[str, Any]] = {
    name: {"task": name, "schedule": seconds, "options": {"expires": 2 * seconds}}
    for name, seconds in _ROUNDS.items()
} | {
    name: {"task": name, "schedule": when, "options": {"expires": expires}}
    for name, (when, expires) in _AT.items()
}

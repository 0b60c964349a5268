"""How the desk's pages say things."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from moderation import saying
from moderation.desk_forms import rule_words as words_of_rule
from policies.screening.model import masked
from policies.workdays import reason_name

if TYPE_CHECKING:
    from archive.models import Record
    from channels.models import Delivery
    from moderation.models import Decision, Finding
    from policies.models import Rule, RuleVersion

register = template.Library()


@register.filter
def is_past(moment: datetime) -> bool:
    return moment < timezone.now()


register.filter("due_words", saying.due_words)
register.filter("excerpt", saying.excerpt)


@register.filter
def clock(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%H:%M:%S")


@register.filter
def is_web(address: str) -> bool:
    """Whether an address from outside may be linked to: no `javascript:`."""
    return urlsplit(address).scheme in ("http", "https") if address else False


@register.filter
def percent(number: float) -> str:
    return f"{round(number * 100)} %"


@register.filter
def sentence(finding: Finding, hidden: Collection[str]) -> str:
    """Why a place is marked; the slurs `hidden` in it, its own or of a finding that
    overlaps it, keep their letters hidden until asked for."""
    text = finding.sentence
    for slur in hidden:
        text = text.replace(slur, masked(slur))
    return text


@register.filter
def wording(version: RuleVersion) -> str:
    return version.wording_in(get_language() or "en")


@register.filter
def basis(version: RuleVersion, country: str) -> str:
    return version.legal_basis(country, timezone.localdate())


@register.filter
def rule_words(rule: Rule) -> str:
    return words_of_rule(rule)


@register.filter
def calendar_day(iso: str) -> str:
    """`2026-11-22` as the language writes a day of the year."""
    return date_format(date.fromisoformat(iso), "MONTH_DAY_FORMAT")


@register.filter
def day_reason(key: str) -> str:
    return reason_name(key, (get_language() or "en")[:2])


@register.filter
def record_url(record: Record) -> str:
    return _record(record.pk)


@register.filter
def record_url_of(decision: Decision) -> str:
    return _record(decision.record_id)


def _record(pk: object) -> str:
    try:
        return reverse("admin:archive_record_change", args=[pk])
    except NoReverseMatch:
        return ""


@register.filter
def failure_words(delivery: Delivery) -> str:
    """What went wrong and what to do, without the platform's jargon."""
    kind = delivery.error.partition(":")[0]
    if kind == "AuthExpired":
        return _(
            "The platform does not accept the channel's login. Enter a new one on the "
            "channel's page."
        )
    if kind == "Forbidden":
        return _("The channel's login may not do this on the platform.")
    if kind == "NotFound":
        return _("The message is no longer on the platform.")
    if kind == "NotSupported":
        return _("The platform has no way to do this.")
    if kind == "Invalid":
        return _("The platform refuses what was sent.")
    if kind in ("Transient", "RateLimited"):
        return _("The platform could not be reached for a long time.")
    if kind == "Ambiguous":
        return _("The platform did not answer: look there whether it has been done.")
    return _("Something unexpected happened.")

"""What every public page knows without its view having to say it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, get_language_info

from channels.models import Municipality

register = template.Library()


@register.simple_tag
def municipality() -> Municipality | None:
    """The municipality of this installation, None before it has been entered."""
    return Municipality.objects.first()


@register.filter
def in_its_own_words(code: str) -> str:
    """The language's own name: what one who reads no other looks for."""
    return str(get_language_info(code)["name_local"]).capitalize()


@register.filter
def is_web(address: object) -> bool:
    """Only http and https are made into links, whatever was stored."""
    try:
        return urlsplit(str(address or "")).scheme in {"http", "https"}
    except ValueError:
        return False


@register.filter
def without_scheme(address: object) -> str:
    """An address as people write it."""
    return str(address or "").split("://", 1)[-1].rstrip("/")


@register.filter
def day(moment: date | None) -> str:
    """21 november 2026, in the order and with the point that the language has."""
    if not moment:
        return ""
    pattern = "j. F Y" if get_language() in {"nb", "nn", "no"} else "j F Y"
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment)
    return date_format(moment, pattern)


@register.filter
def day_and_time(moment: datetime | None) -> str:
    if not moment:
        return ""
    return f"{day(moment)}, {date_format(timezone.localtime(moment), 'H:i')}"


@register.inclusion_tag("public/field.html")
def field(bound: Any) -> dict[str, Any]:
    """One field with its label, hint and errors tied to it for assistive technology."""
    return {"field": bound}

"""What every public page knows without its view having to say it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import template
from django.utils.translation import get_language_info

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


@register.inclusion_tag("public/field.html")
def field(bound: Any) -> dict[str, Any]:
    """One field with its label, hint and errors tied to it for assistive technology."""
    return {"field": bound}

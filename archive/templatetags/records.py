"""How the archive's pages say things."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format

register = template.Library()


@register.filter
def moment(sealed: object) -> str:
    """A sealed time (ISO 8601, UTC) as the reader's clock showed it; what is not a
    time is shown as it was sealed."""
    try:
        local = timezone.localtime(datetime.fromisoformat(str(sealed)))
    except ValueError:
        return str(sealed)
    return f"{date_format(local, 'SHORT_DATE_FORMAT')} {local:%H:%M:%S}"

"""What records can be looked for by: the reading room and the picking of records."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, NamedTuple
from uuid import UUID

from django import forms
from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archive import search
from archive.models import Place, Record, RecordSearch
from archive.models.search import PAGE_ROWS, RecordSearchQuerySet

# More are said to be more.
CAP = 200


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


def _text(label: Any, length: int = 200) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=length)


class SearchForm(forms.Form):
    q = _text(_("Words"))
    channel = _text(_("Channel"))
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("", _("All")), *Record.Kind.choices],
    )
    since = _day(_("From"))
    until = _day(_("To"))
    sender = _text(_("Sender's handle or id"), 300)
    rule = _text(_("Rule"), 64)
    officer = _text(_("Officer"))
    diary_number = _text(_("Diary number"), 100)
    classification = _text(_("Classification"), 100)
    secret = forms.BooleanField(label=_("Secrecy marking"), required=False)

    # Asked for seldom: folded away until one of them is used.
    FURTHER = ("sender", "rule", "officer", "diary_number", "classification", "secret")

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.FURTHER]

    @property
    def further_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name in self.FURTHER]

    @property
    def further_used(self) -> bool:
        return any(self.data.get(name) for name in self.FURTHER)


def within(wanted: dict[str, Any]) -> RecordSearchQuerySet:
    """The search data that the form's cleaned data limits to."""
    rows: RecordSearchQuerySet = RecordSearch.objects.all()
    for name in ("channel", "kind", "rule", "officer", "diary_number"):
        if wanted[name]:
            rows = rows.filter(**{name: wanted[name].strip()})
    if wanted["classification"]:
        rows = rows.filter(classification=wanted["classification"].strip())
    if wanted["secret"]:
        rows = rows.exclude(secrecy="")
    if wanted["sender"]:
        known = wanted["sender"].strip()
        rows = rows.of_sender(platform_id=known, handle=known)
    if wanted["since"]:
        rows = rows.filter(sealed_at__gte=_clock(wanted["since"], time.min))
    if wanted["until"]:
        rows = rows.filter(sealed_at__lte=_clock(wanted["until"], time.max))
    return rows


def along(wanted: dict[str, Any]) -> RecordSearchQuerySet | None:
    """Of several limits the time and the first of the others, which one index gives in
    the order of time; None where there are not several."""
    used = [name for name in NARROW if wanted[name]]
    if len(used) < 2:
        return None
    fewer = {name: "" for name in NARROW if name != used[0]}
    return within({**wanted, **fewer, "secret": False})


# What single indexes are for, the narrowest first.
NARROW = (
    "sender",
    "diary_number",
    "classification",
    "officer",
    "rule",
    "channel",
    "kind",
)


class Limits(NamedTuple):
    """The rows that a search is limited to; `along` as in `archive.search.page`."""

    rows: RecordSearchQuerySet
    along: RecordSearchQuerySet | None = None


def limits(wanted: dict[str, Any]) -> Limits:
    return Limits(within(wanted), along(wanted))


def looked_for(sent: Any) -> tuple[SearchForm, Limits, str]:
    """(form, limits, words) of a search; `sent` is what was posted, None before."""
    form = SearchForm(sent)
    rows: RecordSearchQuerySet = RecordSearch.objects.all()
    if sent is None:
        return form, Limits(rows), ""
    if not form.is_valid():
        return form, Limits(rows.none()), ""
    return form, limits(form.cleaned_data), form.cleaned_data["q"]


def _clock(day: date, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))


def page(words: str, limits: Limits, after: str) -> tuple[list[RecordSearch], str, str]:
    """(rows, how many there are in words, the signed place of the next page)."""
    limited, along = limits
    found = search.page(
        words, within=limited, along=along, after=_place(after), rows=PAGE_ROWS + 1
    )
    more = len(found) > PAGE_ROWS
    if not more and not after:
        shown = str(len(found))
    elif along is not None:
        # Several limits at once have no index that could count: a page, and more.
        shown = f"{PAGE_ROWS}+"
    else:
        count = search.count(words, within=limited, cap=CAP + 1)
        shown = f"{CAP}+" if count > CAP else str(count)
    found = found[:PAGE_ROWS]
    return found, shown, _signed(found[-1]) if more else ""


def _signed(row: RecordSearch) -> str:
    return signing.dumps([row.sealed_at.isoformat(), str(row.record_id)], salt="rows")


def _place(text: str) -> Place | None:
    if not text:
        return None
    try:
        sealed_at, record_id = signing.loads(text, salt="rows")
    except signing.BadSignature:
        return None
    return Place(datetime.fromisoformat(sealed_at), UUID(record_id))

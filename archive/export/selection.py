"""Which records an export is of: a span of sealing, narrowed as the search is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archive.models import Record

MARKED, UNMARKED = "marked", "unmarked"
LABELS: dict[str, Any] = {
    "channel": _("Channel"),
    "department": _("Department"),
    "rule": _("Rule"),
    "kind": _("Kind"),
    "classification": _("Classification"),
    "secrecy": _("Secrecy marking"),
}
SECRECY: dict[str, Any] = {
    MARKED: _("only with a secrecy marking"),
    UNMARKED: _("only without a secrecy marking"),
}
# What the database compares: the kind stands in the record itself, the rest in the
# search data, which a record has as long as it has content.
_CONDITIONS = {
    "channel": "s.channel = %s",
    "department": "s.department = %s",
    "rule": "s.rule = %s",
    "kind": "r.kind = %s",
    "classification": "s.classification = %s",
}
_SECRECY = {MARKED: "s.secrecy <> ''", UNMARKED: "s.secrecy = ''"}


@dataclass(frozen=True, slots=True)
class Selection:
    """Sealed at or after `start` and before `end`; an empty filter limits nothing.

    Any filter but the kind leaves out what has been disposed of: nothing is known of it
    any more but that it existed.
    """

    start: datetime
    end: datetime
    channel: str = ""
    department: str = ""
    rule: str = ""
    kind: str = ""
    classification: str = ""
    secrecy: str = ""

    @classmethod
    def of_days(
        cls, first: date, last: date, filters: Mapping[str, str] | None = None
    ) -> Selection:
        """Whole days, the last one included, in the current time zone."""
        midnight = time(tzinfo=timezone.get_current_timezone())
        return cls(
            datetime.combine(first, midnight),
            datetime.combine(last + timedelta(days=1), midnight),
            **(filters or {}),
        )

    @property
    def filters(self) -> dict[str, str]:
        """Those that limit, by name."""
        return {name: value for name in FILTERS if (value := getattr(self, name))}

    @property
    def source(self) -> str:
        """The tables, with the record as `r`."""
        if set(self.filters) - {"kind"}:
            return "archive_record r JOIN archive_recordsearch s ON s.record_id = r.id"
        return "archive_record r"

    @property
    def condition(self) -> str:
        """What limits to the filters, beginning with AND; its values are `values`."""
        wanted = [_CONDITIONS[name] for name in self.filters if name in _CONDITIONS]
        if self.secrecy:
            wanted.append(_SECRECY[self.secrecy])
        return "".join(f" AND {one}" for one in wanted)

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(v for name, v in self.filters.items() if name in _CONDITIONS)

    def as_dict(self) -> dict[str, str]:
        """For the package: what an outsider needs to know of what was chosen."""
        return {
            "sealed_from": self.start.isoformat(),
            "sealed_before": self.end.isoformat(),
        } | self.filters


FILTERS = tuple(one.name for one in fields(Selection) if one.name in LABELS)


def words_of(filters: Mapping[str, str]) -> list[tuple[str, str]]:
    """(label, value) of each filter, as a person reads them."""
    kinds = dict(Record.Kind.choices)
    shown = {"kind": kinds, "secrecy": SECRECY}
    return [
        (str(LABELS[name]), str(shown.get(name, {}).get(value, value)))
        for name, value in filters.items()
        if name in LABELS
    ]

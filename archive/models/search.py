from __future__ import annotations

import re
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.fields.tuple_lookups import (
    Tuple,
    TupleGreaterThanOrEqual,
    TupleLessThan,
)
from django.utils.translation import gettext_lazy as _

LANGUAGES = ("simple", "swedish", "norwegian", "finnish", "english")
PAGE_ROWS = 50
# Shorter words are too many to be looked for inside others.
COMPOUND_LETTERS = 5
_UNWANTED = re.compile(r'(?:^|\s)-("[^"]*"|\S+)')


class Place(NamedTuple):
    """A row's place in the order of lists, newest first: where the next page begins."""

    sealed_at: datetime
    record_id: UUID


class RecordSearchQuerySet(models.QuerySet["RecordSearch"]):
    def search(self, text: str) -> Self:
        """Records with all words of `text`, in any of the languages.

        Takes "quoted phrases", OR and -not. A single word is also found as the first
        and the last part of a compound: `skola` in skolavslutning and grundskola.
        """
        text = text.replace("\x00", "").strip()
        # What is a stop word in one language would undo a "-" in the others.
        wanted = _UNWANTED.sub(" ", text).strip()
        found = self
        for unwanted in _UNWANTED.findall(text):
            found = found.exclude(words=_in_any_language(unwanted))
        if not wanted:
            return found
        matches = Q(words=_in_any_language(wanted))
        word = wanted.casefold()
        if len(word) >= COMPOUND_LETTERS and word.isalnum():
            matches |= Q(words=_prefix(word)) | Q(endings=_prefix(word[::-1]))
        return found.filter(matches)

    def between(self, start: datetime, end: datetime) -> Self:
        """Sealed at or after `start` and before `end`."""
        return self.filter(sealed_at__gte=start, sealed_at__lt=end)

    def of_sender(self, *, platform_id: str = "", handle: str = "") -> Self:
        """Everything that is held by one sender (data-subject request)."""
        sender = Q()
        if platform_id:
            sender |= Q(sender_id=platform_id)
        if handle:
            sender |= Q(sender_handle=handle)
        return self.filter(sender) if sender else self.none()

    def before(self, place: Place | None) -> Self:
        """What comes after a place in lists, which run from the newest on."""
        if place is None:
            return self
        columns = Tuple(F("sealed_at"), F("record_id"))
        return self.filter(TupleLessThan(columns, tuple(place)))

    def since(self, place: Place) -> Self:
        """What comes in lists before a place, or at it."""
        columns = Tuple(F("sealed_at"), F("record_id"))
        return self.filter(TupleGreaterThanOrEqual(columns, tuple(place)))

    def page(self, after: Place | None = None, rows: int = PAGE_ROWS) -> Self:
        """The `rows` newest after a place: as fast on the last page as on the first.

        With words to search for use `archive.search.page`.
        """
        newest = self.before(after).order_by("-sealed_at", "-record_id")
        return newest.defer("words", "endings")[:rows]

    def capped_count(self, cap: int = 1_000) -> int:
        """The number of rows, or `cap` when there are at least so many."""
        return self.order_by()[:cap].count()


def _in_any_language(text: str) -> Any:
    queries = (
        SearchQuery(text, config=language, search_type="websearch")
        for language in LANGUAGES
    )
    return reduce(or_, queries)


def _prefix(word: str) -> SearchQuery:
    return SearchQuery(f"{word}:*", config="simple", search_type="raw")


class RecordSearch(models.Model):
    """What lists and search read: disposable, rebuilt from the records at any time.

    `words` holds the text stemmed as Swedish, Norwegian, Finnish and English and
    unstemmed, and the names unstemmed; `endings` its words backwards, so that the last
    part of a compound is found as quickly as the first.
    """

    record = models.OneToOneField(
        "archive.Record",
        verbose_name=_("record"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="search",
    )
    kind = models.CharField(_("kind"), max_length=32)
    sealed_at = models.DateTimeField(_("sealed at"))
    channel = models.CharField(_("channel"), max_length=200, blank=True)
    department = models.CharField(_("department"), max_length=200, blank=True)
    sender_name = models.CharField(_("sender"), max_length=300, blank=True)
    sender_handle = models.CharField(_("handle"), max_length=300, blank=True)
    sender_id = models.CharField(_("sender's id"), max_length=300, blank=True)
    rule = models.CharField(_("rule"), max_length=64, blank=True)
    officer = models.CharField(_("officer"), max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)
    posted_at = models.DateTimeField(_("posted at"), null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    # From the record's newest marking, not from what was sealed.
    secrecy = models.CharField(_("secrecy"), max_length=200, blank=True, db_default="")
    classification = models.CharField(
        _("classification"), max_length=100, blank=True, db_default=""
    )
    diary_number = models.CharField(
        _("diary number"), max_length=100, blank=True, db_default=""
    )
    words = models.GeneratedField(
        expression=SearchVector(
            "text",
            "sender_name",
            "sender_handle",
            "channel",
            "officer",
            config="simple",
        )
        + SearchVector("text", config="swedish")
        + SearchVector("text", config="norwegian")
        + SearchVector("text", config="finnish")
        + SearchVector("text", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    endings = models.GeneratedField(
        expression=Func(
            Value("simple"),
            Func(F("text"), function="reverse"),
            function="to_tsvector",
            template="%(function)s(%(expressions)s)",
            arg_joiner="::regconfig, ",
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = RecordSearchQuerySet.as_manager()

    class Meta:
        verbose_name = _("search data")
        verbose_name_plural = _("search data")
        indexes = [
            models.Index(fields=["sealed_at", "record"], name="archive_search_sealed"),
            GinIndex(fields=["words"], name="archive_search_words"),
            GinIndex(fields=["endings"], name="archive_search_endings"),
            models.Index(
                fields=["sender_id", "sealed_at"], name="archive_search_sender"
            ),
            models.Index(
                fields=["sender_handle", "sealed_at"], name="archive_search_handle"
            ),
            models.Index(
                fields=["channel", "sealed_at", "record"], name="archive_search_channel"
            ),
            models.Index(
                fields=["rule", "sealed_at", "record"], name="archive_search_rule"
            ),
            models.Index(
                fields=["kind", "sealed_at", "record"], name="archive_search_kind"
            ),
            models.Index(
                fields=["officer", "sealed_at", "record"], name="archive_search_officer"
            ),
            models.Index(
                fields=["sealed_at", "record"],
                condition=~Q(secrecy=""),
                name="archive_search_secrecy",
            ),
            models.Index(
                fields=["classification", "sealed_at", "record"],
                condition=~Q(classification=""),
                name="archive_search_class",
            ),
            models.Index(
                fields=["diary_number", "sealed_at", "record"],
                condition=~Q(diary_number=""),
                name="archive_search_diary",
            ),
        ]

    def __str__(self) -> str:
        return str(self.record_id)

    @property
    def place(self) -> Place:
        return Place(self.sealed_at, self.record_id)

"""The municipality's own changes to the word list, version by version.

The words that come with the software are data in `policies.screening`; here stands
only what was added, replaced and taken away since. Rows are added and never changed
(trigger), so that a finding's engine version can always be read back as words.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from policies.screening import Entry


def _words(label: Any) -> ArrayField:
    return ArrayField(
        models.CharField(max_length=200), verbose_name=label, default=list, blank=True
    )


class WordVersion(models.Model):
    """One publication of changes: from then on the screening goes by it."""

    number = models.PositiveIntegerField(_("version"), unique=True)
    note = models.TextField(_("note"), help_text=_("Why the words were changed."))
    undoes = models.ForeignKey(
        "self",
        verbose_name=_("takes back"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="undone_by",
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    created_by = models.CharField(_("created by"), max_length=150)

    class Meta:
        verbose_name = _("word list version")
        verbose_name_plural = _("word list versions")
        ordering: ClassVar = ["-number"]
        permissions: ClassVar = [("edit_words", _("Can change the word list"))]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="policies_wordversion_number_from_one",
                condition=Q(number__gte=1),
            ),
            models.CheckConstraint(
                name="policies_wordversion_who_when_and_why",
                condition=~Q(created_by="") & Q(created_at__isnull=False) & ~Q(note=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)


class WordChange(models.Model):
    """One entry added or replaced, taken away, or put back as it came."""

    class Action(models.TextChoices):
        ADD = "add", _("added")
        REMOVE = "remove", _("removed")
        RESTORE = "restore", _("as it came with the software")

    version = models.ForeignKey(
        WordVersion, models.PROTECT, related_name="changes", verbose_name=_("version")
    )
    action = models.CharField(_("what was done"), max_length=8, choices=Action)
    # `sv:skit`, as findings name it.
    entry = models.CharField(_("entry"), max_length=200)
    term = models.CharField(_("word"), max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=40, blank=True)
    rule = models.CharField(_("rule"), max_length=20, blank=True)
    severity = models.PositiveSmallIntegerField(_("severity"), default=2)
    languages = _words(_("languages"))
    not_in = _words(_("innocent word in"))
    paradigm = models.CharField(_("inflection"), max_length=20, default="-")
    head = models.BooleanField(_("may end a compound"), default=False)
    modifiers = _words(_("shapes that may begin a compound"))
    directed = models.BooleanField(_("counts only at somebody"), default=False)
    guards = _words(_("innocent beside"))
    forms = _words(_("further forms"))
    without = _words(_("forms that do not count"))
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("change of a word")
        verbose_name_plural = _("changes of words")
        ordering: ClassVar = ["version", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "entry"], name="policies_wordchange_entry_once"
            ),
            models.CheckConstraint(
                name="policies_wordchange_added_whole",
                condition=~Q(action="add")
                | (
                    ~Q(term="")
                    & ~Q(kind="")
                    & ~Q(rule="")
                    & Q(severity__range=(1, 3))
                    & Q(languages__len__gte=1)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.entry}"

    @classmethod
    def adding(cls, entry: Entry) -> WordChange:
        """Unsaved and without a version yet."""
        return cls(
            action=cls.Action.ADD,
            entry=entry.id,
            term=entry.term,
            kind=entry.kind,
            rule=entry.rule,
            severity=entry.severity,
            languages=list(entry.languages),
            not_in=list(entry.not_in),
            paradigm=entry.paradigm,
            head=entry.head,
            modifiers=list(entry.modifiers),
            directed=entry.directed,
            guards=list(entry.guards),
            forms=list(entry.forms),
            without=list(entry.without),
            note=entry.note,
        )

    def as_entry(self) -> Entry:
        """The added entry as the screening takes it."""
        return Entry(
            term=self.term,
            kind=self.kind,
            rule=self.rule,
            languages=tuple(self.languages),
            not_in=tuple(self.not_in),
            severity=self.severity,
            paradigm=self.paradigm,
            head=self.head,
            modifiers=tuple(self.modifiers),
            directed=self.directed,
            guards=tuple(self.guards),
            forms=tuple(self.forms),
            without=tuple(self.without),
            note=self.note,
        )

from __future__ import annotations

import string
from typing import TYPE_CHECKING, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from channels.platforms import PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Iterable

# What a template may leave open; filled in by `moderation.answer_templates`.
FIELDS = (
    "sender_name",
    "officer",
    "department",
    "municipality",
    "channel",
    "official_contact",
    "registrar",
)


class AnswerTemplateQuerySet(models.QuerySet["AnswerTemplate"]):
    def in_use(self) -> Self:
        return self.filter(in_use=True)

    def of(self, kinds: Iterable[str], language: str) -> Self:
        return self.filter(kind__in=list(kinds), language=language)


class AnswerTemplate(models.Model):
    """Words to begin an answer with, per kind and language (M-R3): kept by the
    information unit."""

    class Kind(models.TextChoices):
        THANK = "thank", _("thanks for praise")
        ANSWER = "answer", _("answer to a question or to criticism")
        CORRECT = "correct", _("correction of wrong facts")
        REFER = "refer", _("a formal enquiry is needed")
        DOCUMENT = "document", _("notice of the duty to document")
        MAILBOX = "mailbox", _("please write to the authority's mailbox")
        RECOMMENDATION = "recommend", _("pointing to the chief executive's proposal")
        POLITICAL = "political", _("passed to the political secretariat")

    class Language(models.TextChoices):
        SWEDISH = "sv", "Svenska"
        BOKMAAL = "nb", "Norsk bokmål"
        NYNORSK = "nn", "Norsk nynorsk"
        ENGLISH = "en", "English"
        FINNISH = "fi", "Suomi"

    # Names the one that came with the software; a template of one's own has none.
    code = models.CharField(
        max_length=40, unique=True, null=True, blank=True, editable=False
    )
    kind = models.CharField(_("kind of answer"), max_length=10, choices=Kind)
    language = models.CharField(_("language"), max_length=2, choices=Language)
    name = models.CharField(_("name"), max_length=80)
    text = models.TextField(
        _("text"),
        help_text=_(
            "Fields in braces are filled in: {sender_name}, {officer}, {department}, "
            "{municipality}, {channel}, {official_contact}, {registrar}. The signature "
            "is added by itself."
        ),
    )
    in_use = models.BooleanField(_("offered at the desk"), default=True)
    history = HistoricalRecords()

    objects = AnswerTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer template")
        verbose_name_plural = _("answer templates")
        ordering: ClassVar = ["language", "kind", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "language", "name"], name="answer_template_name_once"
            ),
            models.CheckConstraint(
                name="answer_template_has_text", condition=~Q(text="")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        wrong = text_fault(self.text)
        if wrong:
            raise ValidationError({"text": wrong})


def text_fault(text: str) -> str:
    """What is wrong with a template's text, as a sentence; "" when nothing is."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return _t("A brace stands alone. Write {{ or }} for a brace in the text.")
    for _words, field, spec, conversion in parts:
        if field is None:
            continue
        if field not in FIELDS or spec or conversion:
            return _t("“%(field)s” is no field. There are: %(fields)s.") % {
                "field": f"{{{field}}}",
                "fields": ", ".join(f"{{{name}}}" for name in FIELDS),
            }
    longest = max(platform.longest_reply for platform in PLATFORMS.values())
    if len(text) > longest:
        return _t("No platform takes an answer of more than %(most)d characters.") % {
            "most": longest
        }
    return ""


class DraftQuerySet(models.QuerySet["Draft"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def waiting_for_reader(self) -> Self:
        return self.open().filter(asked_at__isnull=False)


class Draft(models.Model):
    """An answer that somebody writes; colleagues see it (M-O2). `number` counts its
    savings: a second reader releases what they have read and nothing later."""

    class Outcome(models.TextChoices):
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("dropped")

    case = models.ForeignKey(
        "moderation.Case", on_delete=models.PROTECT, related_name="drafts"
    )
    writer = models.ForeignKey(
        "channels.User", on_delete=models.PROTECT, related_name="drafts"
    )
    text = models.TextField(_("text"), blank=True)
    # What the answer tells of besides, and so meets: kinds of duty (M-R4, M-R5, K-17).
    tells = models.JSONField(default=list, blank=True)
    number = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)
    # A second reader is asked for; saving other words takes it back.
    asked_at = models.DateTimeField(_("second reader asked for"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering: ClassVar = ["started_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "writer"],
                condition=Q(closed_at=None),
                name="one_open_draft_per_case_and_writer",
            ),
            models.CheckConstraint(
                name="draft_closed_somehow",
                condition=Q(closed_at=None, outcome="")
                | (Q(closed_at__isnull=False) & ~Q(outcome="")),
            ),
        ]
        indexes: ClassVar = [
            # What waits for a second reader, the longest first.
            models.Index(
                fields=["asked_at", "id"],
                name="draft_asked",
                condition=Q(closed_at=None, asked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} · {self.writer}"


class DraftStep(models.Model):
    """What happened to a draft: who wrote which words, who read and released them, who
    sent them in spite of which warnings. Only grows."""

    class Act(models.TextChoices):
        ASKED = "asked", _("asked for a second reader")
        SENT_BACK = "sent_back", _("sent back")
        RELEASED = "released", _("released")
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("dropped")

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="steps")
    act = models.CharField(_("act"), max_length=10, choices=Act)
    text = models.TextField(_("text"), blank=True)
    note = models.TextField(_("note"), blank=True)
    by = models.ForeignKey(
        "channels.User",
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("step of a draft")
        verbose_name_plural = _("steps of drafts")
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="draft_sent_back_with_a_note",
                condition=~Q(act="sent_back", note=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()} · {self.by}"

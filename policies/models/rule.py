"""The rules a municipality has promised to moderate by, and every wording they had.

A finding and a decision point at a `RuleVersion`, never at a `Rule` alone: what was
decided in May must still say, years later, which words and which law it rested on.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

LANGUAGES = ["sv", "nb", "nn", "en"]


class RuleQuerySet(models.QuerySet["Rule"]):
    def prohibited(self) -> RuleQuerySet:
        """The seven kinds that hold on every channel (K-20)."""
        return self.filter(kind=Rule.Kind.PROHIBITED)

    def additions(self) -> RuleQuerySet:
        """The kinds a channel may switch on after approval (K-21, K-22)."""
        return self.filter(kind=Rule.Kind.ADDITION)

    def for_direction(self, direction: str) -> RuleQuerySet:
        """Rules for `incoming` comments (K-20) or `outgoing` answers (K-10)."""
        return self.filter(directions__contains=[direction])

    def with_versions(self) -> RuleQuerySet:
        """Versions newest first in one more query, so that `current` asks no more."""
        return self.prefetch_related(
            models.Prefetch(
                "versions", queryset=RuleVersion.objects.order_by("rule", "-number")
            )
        )


class Rule(models.Model):
    class Kind(models.TextChoices):
        PROHIBITED = "prohibited", _("prohibited")
        ADDITION = "addition", _("approved addition")

    class Strength(models.TextChoices):
        STRONG = "strong", _("the software sees it well")
        MEDIUM = "medium", _("the software sees some of it")
        WEAK = "weak", _("only a person can tell")

    class Direction(models.TextChoices):
        INCOMING = "incoming", _("incoming")
        OUTGOING = "outgoing", _("outgoing")

    code = models.CharField(
        _("code"),
        max_length=20,
        unique=True,
        help_text=_("The clause of the guidelines, for example K-20.6."),
    )
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    strength = models.CharField(_("strength"), max_length=8, choices=Strength.choices)
    directions = ArrayField(
        models.CharField(max_length=8, choices=Direction.choices),
        verbose_name=_("directions"),
        help_text=_("Incoming: comments and messages. Outgoing: our own answers."),
    )
    position = models.PositiveSmallIntegerField(_("order"))

    # The user model lives in a layer above this one and has foreign keys of its own
    # down to here, so the history keeps the person's key and no foreign key.
    history = HistoricalRecords(
        history_user_id_field=models.CharField(max_length=64, null=True),
    )

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                name="policies_rule_has_a_direction",
                condition=Q(directions__len__gte=1)
                & Q(directions__contained_by=["incoming", "outgoing"]),
            ),
            models.CheckConstraint(
                name="policies_rule_kind_known",
                condition=Q(kind__in=["prohibited", "addition"]),
            ),
            models.CheckConstraint(
                name="policies_rule_strength_known",
                condition=Q(strength__in=["strong", "medium", "weak"]),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def current(self) -> RuleVersion:
        """The newest version; RuleVersion.DoesNotExist before the first is loaded."""
        # Sorted here when prefetched, so that a page of rules costs two queries.
        if "versions" in getattr(self, "_prefetched_objects_cache", {}):
            versions = sorted(self.versions.all(), key=lambda v: -v.number)
            if versions:
                return versions[0]
        return self.versions.order_by("-number")[:1].get()

    def version_on(self, day: date) -> RuleVersion:
        """The version that was in force on a day; DoesNotExist when none was yet."""
        in_force = self.versions.filter(valid_from__lte=day)
        return in_force.order_by("-number")[:1].get()


class RuleVersion(models.Model):
    """One wording of one rule. Rows are added and never changed (trigger)."""

    rule = models.ForeignKey(
        Rule, models.PROTECT, related_name="versions", verbose_name=_("rule")
    )
    number = models.PositiveSmallIntegerField(_("version"))
    wording = models.JSONField(_("wording"), help_text=_("One text per language."))
    explanation = models.JSONField(
        _("what the software can see"), help_text=_("One text per language.")
    )
    question = models.JSONField(
        _("question to the officer"),
        default=dict,
        blank=True,
        help_text=_("Asked where only a person can tell. One text per language."),
    )
    basis = models.JSONField(
        _("legal basis"),
        help_text=_("A list of country, law, section, from and to."),
    )
    valid_from = models.DateField(_("valid from"), default=timezone.localdate)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    created_by = models.CharField(
        _("created by"),
        max_length=150,
        help_text=_("The person or command that brought in this wording."),
    )

    class Meta:
        verbose_name = _("rule version")
        verbose_name_plural = _("rule versions")
        ordering = ["rule__position", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "number"], name="policies_ruleversion_number_once"
            ),
            models.CheckConstraint(
                name="policies_ruleversion_number_from_one", condition=Q(number__gte=1)
            ),
            models.CheckConstraint(
                name="policies_ruleversion_every_language",
                condition=Q(wording__has_keys=LANGUAGES)
                & Q(explanation__has_keys=LANGUAGES),
            ),
            models.CheckConstraint(
                name="policies_ruleversion_who_and_when",
                condition=~Q(created_by="") & Q(created_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule.code} v{self.number}"

    def wording_in(self, lang: str) -> str:
        """The rule's words in a language, else in English (`nb-NO` reads as `nb`)."""
        return _in_language(self.wording, lang)

    def explanation_in(self, lang: str) -> str:
        """What the software can and cannot see of this rule, in a language."""
        return _in_language(self.explanation, lang)

    def question_in(self, lang: str) -> str:
        """The checklist question for a rule only a person can judge, or ""."""
        return _in_language(self.question, lang) if self.question else ""

    def legal_basis(self, country: str, on: date) -> str:
        """The statutes in force in a country on a day, as one line.

        Sections stand in the pack's order, joined with "; ". "" for a country the
        rule has no basis in. `to` is the last day a statute was in force.
        """
        return "; ".join(
            f"{basis['law']} {basis['section']}".strip()
            for basis in self.basis
            if basis["country"] == country
            and date.fromisoformat(basis["from"]) <= on
            and (not basis.get("to") or on <= date.fromisoformat(basis["to"]))
        )


def _in_language(texts: dict[str, Any], lang: str) -> str:
    short = lang.replace("_", "-").split("-")[0].lower()
    # "no" is what browsers send for Bokmål.
    short = "nb" if short == "no" else short
    return str(texts.get(short) or texts["en"])

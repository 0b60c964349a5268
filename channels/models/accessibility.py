from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class AccessibilityStatement(models.Model):
    """What the municipality says of how accessible its public pages are: one row.

    Sweden: lag (2018:1937) om tillgänglighet till digital offentlig service, which asks
    for status, shortcomings with their reasons, dates, method and contact. Norway:
    forskrift (2013-06-21 nr. 732) om universell utforming av IKT, by which the
    statement itself is made at uustatus.no and linked to.
    """

    class Status(models.TextChoices):
        FULLY = "fully", _("fully compliant")
        PARTLY = "partly", _("partly compliant")
        NOT = "not", _("not compliant")

    class Method(models.TextChoices):
        SELF = "self", _("assessed by the municipality itself")
        OUTSIDE = "outside", _("assessed by an outside party")

    status = models.CharField(
        _("compliance"), max_length=10, choices=Status, blank=True
    )
    method = models.CharField(_("method"), max_length=10, choices=Method, blank=True)
    assessed_on = models.DateField(_("assessed on"), null=True, blank=True)
    shortcomings = models.TextField(
        _("what is not accessible"),
        blank=True,
        help_text=_(
            "One on a line: what, for whom it is a hindrance, why it is so, and when "
            "it is mended."
        ),
    )
    contact_email = models.EmailField(
        _("where shortcomings are reported"),
        blank=True,
        help_text=_("Empty: the address for unsuitable comments."),
    )
    contact_phone = models.CharField(_("telephone"), max_length=40, blank=True)
    central_url = models.URLField(
        _("statement at uustatus.no"),
        blank=True,
        help_text=_("Norwegian municipalities make their statement there."),
    )
    only = models.BooleanField(default=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("accessibility statement")
        verbose_name_plural = _("accessibility statement")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["only"], name="statement_is_one"),
            models.CheckConstraint(condition=Q(only=True), name="statement_only"),
            models.CheckConstraint(
                condition=Q(status="", assessed_on=None, method="")
                | (~Q(status="") & ~Q(method="") & Q(assessed_on__isnull=False)),
                name="statement_assessed_sometime_somehow",
                violation_error_message=_(
                    "Compliance, method and day of the assessment belong together."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(_("Accessibility statement"))

    @property
    def lines(self) -> list[str]:
        """The shortcomings, one each."""
        return [line.strip() for line in self.shortcomings.splitlines() if line.strip()]

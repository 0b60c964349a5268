from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class User(AbstractUser):
    """A person in the municipality's service. What they may do comes from groups,
    from mandates on channels and from heading a department."""

    email = models.EmailField(_("e-mail address"), unique=True)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    language = models.CharField(
        _("language"),
        max_length=5,
        choices=[("sv", "Svenska"), ("nb", "Norsk bokmål"), ("en", "English")],
        default="sv",
    )
    department = models.ForeignKey(
        "channels.Department",
        verbose_name=_("department"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
    )
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def signature(self) -> str:
        """How the person stands in records: name, title and account."""
        name = str(self)
        role = f", {self.job_title}" if self.job_title else ""
        return f"{name}{role} ({self.username})"


class Municipality(models.Model):
    """The municipality this installation belongs to: one row."""

    class Country(models.TextChoices):
        SWEDEN = "SE", _("Sweden")
        NORWAY = "NO", _("Norway")

    name = models.CharField(_("name"), max_length=120)
    country = models.CharField(
        _("country"), max_length=2, choices=Country, default=Country.SWEDEN
    )
    timezone = models.CharField(
        _("time zone"), max_length=40, default="Europe/Stockholm"
    )
    office_opens = models.TimeField(_("office opens"), default=time(8))
    office_closes = models.TimeField(
        _("office closes"),
        default=time(17),
        help_text=_("An answer is never due while the office is closed."),
    )
    website = models.URLField(_("website"), blank=True)
    contact_email = models.EmailField(
        _("address for unsuitable comments"),
        blank=True,
        help_text=_("Shown on the public pages (Kalix, last paragraph)."),
    )
    registrar_email = models.EmailField(_("registrar's mailbox"), blank=True)
    refers_direct_messages = models.BooleanField(
        _("direct messages go to the registrar by themselves"),
        default=False,
        help_text=_(
            "On arrival, to the registrar's mailbox (K-17). Otherwise an officer "
            "passes each one on."
        ),
    )
    information_chief = models.ForeignKey(
        User,
        verbose_name=_("information chief"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    only = models.BooleanField(default=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipality")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["only"], name="municipality_is_one"),
            models.CheckConstraint(condition=Q(only=True), name="municipality_only"),
            models.CheckConstraint(
                condition=Q(office_opens__lt=models.F("office_closes")),
                name="municipality_opens_before_it_closes",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ClosingDay(models.Model):
    """A day the municipality keeps closed besides the country's own holidays."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, related_name="closing_days"
    )
    date = models.DateField(_("date"))
    reason = models.CharField(_("reason"), max_length=120)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("closing day")
        verbose_name_plural = _("closing days")
        ordering: ClassVar = ["date"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["municipality", "date"], name="closing_day_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.date}: {self.reason}"


class Department(models.Model):
    """A department decides on its own channels through its head (K-6)."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    slug = models.SlugField(_("short name"), unique=True)
    head = models.ForeignKey(
        User,
        verbose_name=_("head of the department"),
        on_delete=models.PROTECT,
        related_name="heads",
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

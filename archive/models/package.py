from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _


class Package(models.Model):
    """The register of exports: what left the archive, when, by whom."""

    class Format(models.TextChoices):
        BAGIT = "bagit", _("BagIt with JSON Lines and CSV")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    format = models.CharField(_("format"), max_length=16, choices=Format.choices)
    starts_at = models.DateTimeField(_("sealed from"))
    ends_at = models.DateTimeField(_("sealed before"))
    filters = models.JSONField(_("selection"), default=dict, blank=True)
    records = models.PositiveBigIntegerField(_("records"))
    files = models.PositiveBigIntegerField(_("files"))
    octets = models.PositiveBigIntegerField(_("size in bytes"))
    manifest_sha256 = models.CharField(_("SHA-256 of the manifest"), max_length=64)
    note = models.CharField(_("note"), max_length=300, blank=True)
    made_at = models.DateTimeField(_("made at"), db_index=True)
    made_by = models.CharField(_("made by"), max_length=200)
    # What a time-stamping authority says of the manifest (RFC 3161).
    stamp = models.BinaryField(_("time stamp"), null=True)
    stamped_at = models.DateTimeField(_("stamped at"), null=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.format} {self.made_at:%Y-%m-%d}"

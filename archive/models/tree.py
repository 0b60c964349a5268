from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tile(models.Model):
    """256 hashes of the tree (C2SP tlog-tiles); the last tile of a level has fewer."""

    level = models.PositiveSmallIntegerField(_("level"))
    n = models.BigIntegerField(_("number"))
    hashes = models.BinaryField(_("hashes"))

    class Meta:
        verbose_name = _("tile")
        verbose_name_plural = _("tiles")
        constraints = [
            models.UniqueConstraint(fields=["level", "n"], name="archive_tile_place"),
        ]

    def __str__(self) -> str:
        return f"{self.level}/{self.n}"


class LogKey(models.Model):
    """A public key of the log, as `name+id+base64`; the private one is a file.

    The newest signs. `from_size` is the first size of the log that it signed, together
    with the key before it; 0 for the log's first key.
    """

    vkey = models.CharField(_("verifier key"), max_length=300, unique=True)
    made_at = models.DateTimeField(_("made at"))
    from_size = models.BigIntegerField(_("signs from"), default=0, db_default=0)
    made_by = models.CharField(_("made by"), max_length=200, blank=True, db_default="")

    class Meta:
        verbose_name = _("log key")
        verbose_name_plural = _("log keys")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.vkey


class Checkpoint(models.Model):
    """A signed statement of the log's size and root; never two for one size."""

    size = models.BigIntegerField(_("entries"), unique=True)
    root = models.BinaryField(_("root"), max_length=32)
    note = models.TextField(_("signed note"))
    signed_at = models.DateTimeField(_("signed at"))

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        ordering = ["-size"]

    def __str__(self) -> str:
        return str(self.size)


class CheckpointToken(models.Model):
    """What a time-stamping authority (RFC 3161) says about a checkpoint's note."""

    checkpoint = models.ForeignKey(
        Checkpoint,
        verbose_name=_("checkpoint"),
        on_delete=models.PROTECT,
        related_name="tokens",
    )
    authority = models.CharField(_("authority"), max_length=300)
    response = models.BinaryField(_("time-stamp response"))
    stamped_at = models.DateTimeField(_("stamped at"))

    class Meta:
        verbose_name = _("time stamp")
        verbose_name_plural = _("time stamps")
        ordering = ["stamped_at"]

    def __str__(self) -> str:
        return f"{self.authority} {self.stamped_at:%Y-%m-%d %H:%M}"

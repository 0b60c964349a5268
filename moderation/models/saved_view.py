from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def of(self, owner: object) -> Self:
        return self.filter(owner=owner).order_by("name", "id")


class SavedView(models.Model):
    """A choice of messages at the desk that an officer has given a name.

    `filters` is the address's query as `desk_filters.Filters.query` writes it: it
    names no person and holds no text of a message.
    """

    MOST = 20  # for one officer: a list that can still be read

    owner = models.ForeignKey(
        "channels.User", on_delete=models.CASCADE, related_name="saved_views"
    )
    name = models.CharField(_("name"), max_length=60)
    filters = models.CharField(max_length=300)
    # What the desk opens with; the first tab when there is none.
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "name"], name="saved_view_name_once"
            ),
            models.UniqueConstraint(
                fields=["owner"],
                condition=Q(is_default=True),
                name="one_saved_view_opens_the_desk",
            ),
        ]

    def __str__(self) -> str:
        return self.name

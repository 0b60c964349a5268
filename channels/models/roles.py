from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

if TYPE_CHECKING:
    from django.contrib.auth.models import Group  # noqa: F401


class StartingRole(models.Model):
    """A group that the software made once, and the permissions that it has been given
    by itself: each once, so that what a person takes away stays away (docs/adr/0010).
    """

    name = models.CharField(max_length=150, unique=True)
    # None: the municipality has deleted the group, and it does not come back.
    group: models.ForeignKey[Any, Any] = models.ForeignKey(
        "auth.Group", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # Such as "archive.add_hold".
    given = ArrayField(models.CharField(max_length=150), default=list)

    def __str__(self) -> str:
        return self.name

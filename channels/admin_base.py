"""What every page of the register has in common."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from simple_history.admin import SimpleHistoryAdmin
from simple_history.models import DeletedObject
from simple_history.template_utils import HistoricalRecordContextHelper

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    from channels.models import User

    class Base(SimpleHistoryAdmin, ModelAdmin[Any]):  # type: ignore[misc]
        """The library has no types; what it does not override is Django's."""

    class ContextHelper(HistoricalRecordContextHelper):  # type: ignore[misc]
        """As above."""

        model: Any

else:
    Base = SimpleHistoryAdmin
    ContextHelper = HistoricalRecordContextHelper


class ReadableValues(ContextHelper):
    """A change as a person says it: days by the calendar, choices by name, nothing
    for nothing."""

    def prepare_delta_change_value(self, change: Any, value: Any) -> Any:
        value = super().prepare_delta_change_value(change, value)
        field = self.model._meta.get_field(change.field)
        if value is None or (isinstance(value, DeletedObject) and value.pk is None):
            return ""
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, datetime):
            return date_format(timezone.localtime(value), "DATETIME_FORMAT")
        choices = dict(getattr(field, "flatchoices", None) or ())
        return str(choices.get(value, value)) if choices else value


class RegisterAdmin(Base):
    """History is read here and never brought back by a button: that would go past the
    verbs. Nothing is deleted, since what was said and decided points to it; it is
    closed, ended or switched off instead."""

    list_per_page = 50
    show_full_result_count = False
    actions: Any = None

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_historical_record_context_helper(
        self, request: HttpRequest, historical_record: Any
    ) -> ReadableValues:
        return ReadableValues(self.model, historical_record)

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied(_("An earlier version is read, not brought back."))
        response: HttpResponse = super().history_form_view(
            request, object_id, version_id, extra_context
        )
        return response


def person(request: HttpRequest) -> User:
    """Whoever is signed in: admin pages are shown to nobody else."""
    user: User = request.user  # type: ignore[assignment]
    return user

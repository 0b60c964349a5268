"""Roles and rights in the words of the one who reads them.

Django keeps both in the database in English and shows them as they are kept.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group, Permission
from django.forms import ModelMultipleChoiceField
from django.utils.translation import gettext_lazy as _

from archive.models import RetentionRule
from config.retention_admin import RetentionRuleAdmin

_RIGHTS = {
    "add": _("may add: %(what)s"),
    "change": _("may change: %(what)s"),
    "delete": _("may delete: %(what)s"),
    "view": _("may see: %(what)s"),
}


def right(permission: Permission) -> str:
    """`Channels | may add: channel`; a right of our own in its own words."""
    content = permission.content_type
    model = content.model_class()
    if model is None:
        return str(permission)
    own = dict(model._meta.permissions)
    verb = permission.codename.partition("_")[0]
    if permission.codename in own:
        said = str(own[permission.codename])
    elif verb in _RIGHTS:
        said = str(_RIGHTS[verb]) % {"what": model._meta.verbose_name}
    else:
        said = permission.name
    return f"{content.app_labeled_name.partition(' | ')[0]} | {said}"


class RightsField(ModelMultipleChoiceField):
    def label_from_instance(self, obj: Permission) -> str:
        return right(obj)


class RoleAdmin(GroupAdmin):
    def formfield_for_manytomany(
        self, db_field: Any, request: Any = None, **kwargs: Any
    ) -> Any:
        if db_field.name == "permissions":
            kwargs["form_class"] = RightsField
            # Nobody is given rights to the history: it writes itself.
            kwargs["queryset"] = Permission.objects.exclude(
                content_type__model__startswith="historical"
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)


admin.site.unregister(Group)
admin.site.register(Group, RoleAdmin)
admin.site.register(RetentionRule, RetentionRuleAdmin)

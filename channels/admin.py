"""The register: municipality, departments, people, mandates, posts on our own walls.
The channels themselves are in `channels.channel_admin`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from channels import channel_admin, registration
from channels.admin_base import RegisterAdmin, person
from channels.admin_forms import MandateForm, PersonCreationForm
from channels.models import (
    AccessibilityStatement,
    Channel,
    ClosingDay,
    Department,
    Mandate,
    Municipality,
    User,
    WallPost,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

    ClosingDayInlineBase = admin.StackedInline[ClosingDay, Municipality]
    WallPostAdminBase = admin.ModelAdmin[WallPost]
else:
    ClosingDayInlineBase = admin.StackedInline
    WallPostAdminBase = admin.ModelAdmin

admin.site.register(Channel, channel_admin.ChannelAdmin)


class ClosingDayInline(ClosingDayInlineBase):
    model = ClosingDay
    extra = 1

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("channels.change_municipality")

    has_change_permission = has_add_permission
    has_delete_permission = has_add_permission

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


@admin.register(Municipality)
class MunicipalityAdmin(RegisterAdmin):
    """One row: the municipality this installation belongs to."""

    list_display = ("name", "country", "contact_email", "information_chief")
    list_select_related = ("information_chief",)
    inlines = (ClosingDayInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Municipality.objects.exists()

    def formfield_for_foreignkey(
        self, db_field: Any, request: Any, **kwargs: Any
    ) -> Any:
        return super().formfield_for_foreignkey(
            db_field, request, **kwargs, queryset=channel_admin.colleagues()
        )


@admin.register(AccessibilityStatement)
class AccessibilityStatementAdmin(RegisterAdmin):
    """One row, shown to everybody at /accessibility/."""

    list_display = ("__str__", "status", "assessed_on")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return (
            super().has_add_permission(request)
            and not AccessibilityStatement.objects.exists()
        )


@admin.register(Department)
class DepartmentAdmin(RegisterAdmin):
    list_display = ("name", "head", "email")
    list_select_related = ("head",)
    search_fields = ("name",)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else {"slug": ("name",)}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("slug",) if obj else ()

    def formfield_for_foreignkey(
        self, db_field: Any, request: Any, **kwargs: Any
    ) -> Any:
        return super().formfield_for_foreignkey(
            db_field, request, **kwargs, queryset=channel_admin.colleagues()
        )


@admin.register(Mandate)
class MandateAdmin(RegisterAdmin):
    """Given and ended by the head of the department alone (K-6)."""

    form = MandateForm
    list_display = ("person", "channel", "starts_on", "ends_on", "decided_by")
    list_select_related = ("person", "channel", "decided_by")
    ordering = ("channel__name", "person__first_name", "pk")
    search_fields = ("person__first_name", "person__last_name", "channel__name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mandate]:
        seen = Channel.objects.visible_to(person(request))
        return Mandate.objects.filter(channel__in=seen.values("pk"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return super().has_view_permission(request) or self._is_head(request)
        return self.get_queryset(request).filter(pk=obj.pk).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._is_head(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return self._is_head(request)
        return obj.ends_on is None and (
            obj.channel.department.head_id == person(request).pk
        )

    def _is_head(self, request: HttpRequest) -> bool:
        return person(request).heads.exists()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ("channel", "person", "starts_on")
        return (*fields, "ends_on", "decided_by", "decided_at") if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return ("channel", "person", "starts_on", "decided_by", "decided_at")

    def formfield_for_foreignkey(
        self, db_field: Any, request: Any, **kwargs: Any
    ) -> Any:
        if db_field.name == "channel":
            kwargs["queryset"] = Channel.objects.filter(
                department__head=person(request), closed_at=None
            )
        else:
            kwargs["queryset"] = channel_admin.colleagues()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if change:
            ends_on = form.cleaned_data["ends_on"]
            obj.refresh_from_db()
            registration.end_mandate(mandate=obj, by=person(request), ends_on=ends_on)
            return
        made = registration.give_mandate(
            channel=obj.channel,
            person=obj.person,
            by=person(request),
            starts_on=obj.starts_on,
        )
        obj.pk = made.pk
        obj.refresh_from_db()


@admin.register(User)
class PersonAdmin(RegisterAdmin, UserAdmin):
    """People are switched off, never deleted: their decisions bear their names."""

    add_form = PersonCreationForm
    list_display = (
        "username",
        "first_name",
        "last_name",
        "job_title",
        "department",
        "is_active",
    )
    list_select_related = ("department",)
    list_filter = ("is_active", "groups", "department")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        (
            _("In the municipality"),
            {"fields": ("department", "job_title", "language")},
        ),
        (
            _("What the person may do"),
            {
                "fields": ("is_active", "is_staff", "groups", "is_superuser"),
                "description": _(
                    "Somebody who leaves is made inactive; their decisions stay."
                ),
            },
        ),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        (
            _("In the municipality"),
            {"fields": ("department", "job_title", "language")},
        ),
        (_("What the person may do"), {"fields": ("is_staff", "groups")}),
        (
            _("Password"),
            {"fields": ("usable_password", "password1", "password2")},
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.is_superuser and not person(request).is_superuser:
            return False
        return bool(super().has_change_permission(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        more = () if person(request).is_superuser else ("is_superuser",)
        return (*self.readonly_fields, *more)

    def formfield_for_manytomany(
        self, db_field: Any, request: Any, **kwargs: Any
    ) -> Any:
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(WallPost)
class WallPostAdmin(WallPostAdminBase):
    """What the municipality posts on its own walls, by those with a mandate there."""

    list_display = ("title", "start", "channel", "posted_at")
    list_select_related = ("channel",)
    ordering = ("-posted_at", "-pk")
    fields = ("channel", "title", "text")
    actions = None
    show_full_result_count = False

    @admin.display(description=_("text"))
    def start(self, post: WallPost) -> str:
        return Truncator(post.text).chars(80)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WallPost]:
        seen = Channel.objects.visible_to(person(request))
        return WallPost.objects.filter(channel__in=seen.values("pk"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_staff) and self._walls(request).exists()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return self.has_module_permission(request)
        return self.get_queryset(request).filter(pk=obj.pk).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return self.has_module_permission(request)
        return self._walls(request).filter(pk=obj.channel_id).exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("channel",) if obj else ()

    def formfield_for_foreignkey(
        self, db_field: Any, request: Any, **kwargs: Any
    ) -> Any:
        kwargs["queryset"] = self._walls(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _walls(self, request: HttpRequest) -> QuerySet[Channel]:
        """Walls in use on which this person speaks for the municipality."""
        user = person(request)
        mandates = Mandate.objects.in_force().filter(person=user)
        return (
            Channel.objects.active()
            .filter(platform="practice")
            .filter(Q(pk__in=mandates.values("channel")) | Q(department__head=user))
        )

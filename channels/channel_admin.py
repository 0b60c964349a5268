"""The channel's page in the register: proposed with a form, everything after that by
buttons that post to the verbs of `channels.registration` (K-3, K-4, K-6, K-8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from channels import (
    connecting,
    connection_words,
    credentials,
    registration,
    streams,
)
from channels.admin_base import RegisterAdmin, person
from channels.admin_forms import ChannelForm, LoginForm, RefuseForm
from channels.connections import connector_of
from channels.models import Channel, Credential, Stream, User
from channels.platforms.base import PlatformError

if TYPE_CHECKING:
    from django.db.models import QuerySet

# What was approved stays as it was approved; a login would follow a changed address.
FIXED = ("slug", "platform", "address", "department")
DESCRIBED = (
    "name",
    "purpose",
    "takes_comments",
    "comment_purpose",
    "takes_direct_messages",
    "second_reader",
    "answer_hours",
    "owner",
    "login_holder",
)


class InUseFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("waiting", gettext_lazy("waits for a decision")),
            ("active", gettext_lazy("in use")),
            ("refused", gettext_lazy("refused")),
            ("closed", gettext_lazy("closed")),
        ]

    def queryset(self, request: Any, channels: Any) -> Any:
        match self.value():
            case "waiting":
                return channels.waiting()
            case "active":
                return channels.active()
            case "refused":
                return channels.filter(decision=Channel.Decision.REFUSED)
            case "closed":
                return channels.exclude(closed_at=None)
        return channels


class ChannelAdmin(RegisterAdmin):
    form = ChannelForm
    list_display = ("name", "platform", "department", "owner", "about", "state")
    list_select_related = ("department", "owner")
    list_filter = (InUseFilter, "platform", "department")
    search_fields = ("name", "purpose")
    ordering = ("name", "pk")
    sortable_by = ("name",)
    view_on_site = False
    change_form_template = "admin/channels/channel/change_form.html"

    # -- The list -------------------------------------------------------------------

    @admin.display(description=gettext_lazy("purpose"))
    def about(self, channel: Channel) -> str:
        return Truncator(channel.purpose).chars(80)

    @admin.display(description=gettext_lazy("state"))
    def state(self, channel: Channel) -> str:
        return state_of(channel)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Channel]:
        return Channel.objects.visible_to(person(request))

    # -- Who sees and changes --------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("channels.view_channel")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return request.user.has_perm("channels.view_channel")
        return self.get_queryset(request).filter(pk=obj.pk).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("channels.propose_channel")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and not may_not_change(obj, person(request))

    # -- The form --------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        where = ("name", *FIXED[:3])
        who = ("department", "owner", "login_holder")
        what = (
            "purpose",
            "takes_comments",
            "comment_purpose",
            "takes_direct_messages",
            "second_reader",
            "answer_hours",
        )
        return (
            (_("Where"), {"fields": where}),
            (_("Who"), {"fields": who}),
            (_("What for"), {"fields": what}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return FIXED if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else {"slug": ("name",)}

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        user = person(request)
        return {
            "owner": user.pk,
            "login_holder": user.pk,
            "department": user.department_id,
            **super().get_changeform_initial_data(request),
        }

    def formfield_for_foreignkey(
        self, db_field: Any, request: Any, **kwargs: Any
    ) -> Any:
        if db_field.related_model is User:
            kwargs["queryset"] = colleagues()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        registration.propose(channel=obj, by=person(request))
        messages.info(
            request,
            _("%(head)s, head of %(department)s, decides and is told by e-mail.")
            % {"head": obj.department.head, "department": obj.department},
        )

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if obj is not None:
            context.update(panels(obj, person(request)))
            context.update(
                title=str(obj), subtitle=None, show_save_and_add_another=False
            )
        return super().render_change_form(request, context, add, change, form_url, obj)

    # -- Buttons ---------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<int:pk>/{name.replace('_', '-')}/",
                self.admin_site.admin_view(self._button(act)),
                name=f"channels_channel_{name}",
            )
            for name, act in BUTTONS.items()
        ]
        return [*own, *super().get_urls()]

    def _button(self, act: Button) -> Any:
        @require_POST
        @sensitive_post_parameters()
        def button(request: HttpRequest, pk: int) -> HttpResponse:
            """Posts one act; what is refused is said on the channel's page."""
            channel = get_object_or_404(
                self.get_queryset(request).select_related("department__head"), pk=pk
            )
            try:
                messages.success(request, act(request, channel))
            except registration.Refused as why_not:
                messages.error(request, str(why_not))
            except PlatformError as error:
                messages.error(request, connection_words.failed(error))
            return redirect("admin:channels_channel_change", pk)

        return button


Button = Callable[[HttpRequest, Channel], str]


def approve(request: HttpRequest, channel: Channel) -> str:
    registration.approve(channel=channel, by=person(request))
    return _("Approved: %(channel)s is in use.") % {"channel": channel}


def refuse(request: HttpRequest, channel: Channel) -> str:
    form = RefuseForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    registration.refuse(channel=channel, by=person(request), reason=reason)
    return _("Refused. The one who proposed it is told why.")


def close(request: HttpRequest, channel: Channel) -> str:
    registration.close(channel=channel, by=person(request))
    return _("Closed. What was said there stays in the archive.")


def login(request: HttpRequest, channel: Channel) -> str:
    """Keeps a new login; the old one is written over."""
    _refuse_unless_connecting(channel, person(request))
    form = LoginForm(request.POST, platform=channel.platform)
    if not form.fields or not form.is_valid():
        raise registration.Refused(_("Fill in every part of the login."))
    credentials.keep(channel=channel, values=form.cleaned_data, by=person(request))
    return _("The login is kept, encrypted. Check now whether it works.")


def check(request: HttpRequest, channel: Channel) -> str:
    """Asks the platform who we are: network, with no transaction open."""
    _refuse_unless_connecting(channel, person(request))
    connector = connector_of(channel)
    if connector is None:
        raise registration.Refused(_("This channel is only imported into."))
    return connection_words.succeeded(connector.check())


def resume(request: HttpRequest, channel: Channel) -> str:
    _refuse_unless_connecting(channel, person(request))
    streams.resume(channel=channel, by=person(request))
    return _("The channel is read again within a minute.")


BUTTONS: dict[str, Button] = {
    "approve": approve,
    "refuse": refuse,
    "close": close,
    "login": login,
    "check": check,
    "resume": resume,
}


def panels(channel: Channel, user: User) -> dict[str, Any]:
    """What the channel's page shows above its form."""
    kept = Credential.objects.filter(channel=channel).select_related("kept_by").first()
    open_values: dict[str, str] = {}
    unreadable = False
    why_not_connect = connecting.refusal(channel, user)
    if kept and not why_not_connect:
        try:
            open_values = credentials.values_of(channel)
        except credentials.CredentialUnreadable:
            unreadable = True
    return {
        "channel": channel,
        "state": state_of(channel),
        "why_not_decide": registration.refusal(channel, user),
        "why_not_change": may_not_change(channel, user),
        "why_not_close": may_not_close(channel, user),
        "why_not_connect": why_not_connect,
        "refuse_form": RefuseForm(auto_id="refuse_%s"),
        "login_form": LoginForm(
            platform=channel.platform, kept=open_values, auto_id="login_%s"
        ),
        "credential": kept,
        "unreadable": unreadable,
        "stream": Stream.objects.filter(channel=channel).first(),
        "mandates": channel.mandates.select_related("person", "decided_by").order_by(
            "-starts_on", "pk"
        )[:100],
        "is_head": channel.department.head_id == user.pk,
    }


def state_of(channel: Channel) -> str:
    if channel.closed_at:
        return _("closed")
    if not channel.decision:
        return _("waits for a decision")
    return _("in use") if channel.is_active else channel.get_decision_display()


def may_not_change(channel: Channel, user: User) -> str:
    """Owner and head keep the entry up to date (K-8); until the decision also the one
    who proposed it."""
    people = {channel.owner_id, channel.department.head_id}
    if not channel.decision:
        people.add(channel.proposed_by_id)
    if channel.closed_at:
        return _("The channel is closed.")
    if user.pk not in people:
        return _("Only the owner and the head of the department change the entry.")
    return ""


def may_not_close(channel: Channel, user: User) -> str:
    if channel.closed_at:
        return _("The channel is closed already.")
    if user.pk not in {channel.owner_id, channel.department.head_id}:
        return _("Only the head of the department or the owner closes it.")
    return ""


def _refuse_unless_connecting(channel: Channel, user: User) -> None:
    why_not = connecting.refusal(channel, user)
    if why_not:
        raise registration.Refused(why_not)


def colleagues() -> QuerySet[User]:
    """People in service, by name."""
    return User.objects.filter(is_active=True).order_by(
        "first_name", "last_name", "username"
    )

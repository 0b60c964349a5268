"""The roles a municipality starts with: groups as data. The code asks for permissions
only; a municipality may change, add and remove groups as it likes, and its changes are
never undone from here. A permission that is added here reaches an existing installation
at its next migrate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps as installed
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

if TYPE_CHECKING:
    from django.contrib.auth.models import Group

# Group name -> permissions. The names are shown translated where the group still has
# its first name.
ROLES: dict[str, tuple[str, ...]] = {
    "Communications officer": (
        "channels.propose_channel",
        "channels.view_channel",
        "channels.view_department",
        "moderation.answer_case",
        "moderation.decide_case",
        "moderation.settle_delivery",
        "moderation.view_case",
        "moderation.view_report",
        "policies.view_rule",
    ),
    "Head of department": (
        "channels.propose_channel",
        "channels.view_channel",
        "channels.view_department",
        "channels.view_mandate",
        "channels.add_mandate",
        "channels.change_mandate",
        "moderation.view_case",
        "moderation.view_report",
        "policies.view_rule",
    ),
    "Information chief": (
        "channels.add_accessibilitystatement",
        "channels.change_accessibilitystatement",
        "channels.propose_channel",
        "channels.see_every_channel",
        "channels.view_channel",
        "channels.view_department",
        "channels.view_mandate",
        "moderation.add_answertemplate",
        "moderation.add_referraladdress",
        "moderation.change_answertemplate",
        "moderation.change_purgerule",
        "moderation.change_referraladdress",
        "moderation.settle_delivery",
        "moderation.view_case",
        "moderation.view_purgerule",
        "moderation.view_report",
        "policies.edit_words",
        "policies.view_rule",
    ),
    "Archivist": (
        "archive.add_disposal",
        "archive.add_hold",
        "archive.add_package",
        "archive.add_recordmarking",
        "archive.add_retentionrule",
        "archive.change_disposal",
        "archive.change_hold",
        "archive.change_retentionrule",
        "archive.delete_retentionrule",
        "archive.handle_disclosures",
        "archive.view_disposal",
        "archive.view_hold",
        "archive.view_record",
        "archive.view_retentionrule",
        "channels.view_channel",
        "moderation.add_purgerule",
        "moderation.change_purgerule",
        "moderation.view_purgerule",
        "policies.view_rule",
    ),
    "Registrar": (
        "archive.add_hold",
        "archive.add_recordmarking",
        "archive.handle_disclosures",
        "archive.view_disposal",
        "archive.view_hold",
        "archive.view_record",
        "channels.view_channel",
        "policies.view_rule",
    ),
}

# The groups' names in the database stay English keys.
NAMES = {
    "Communications officer": _("Communications officer"),
    "Head of department": _("Head of department"),
    "Information chief": _("Information chief"),
    "Archivist": _("Archivist"),
    "Registrar": _("Registrar"),
}


def shown_name(group: Group) -> str:
    return str(NAMES.get(group.name, group.name))


def ensure_roles(**_signal: Any) -> None:
    """Makes each group once, and gives it each permission once: those that a new
    version brings come by themselves, and what a person has taken away, changed or
    deleted stays as they left it (docs/adr/0010)."""
    from django.contrib.auth.models import Group, Permission

    from channels.models import StartingRole

    if not installed.is_installed("moderation"):
        return
    with override(None):
        known = {
            f"{permission.content_type.app_label}.{permission.codename}": permission
            for permission in Permission.objects.select_related("content_type")
        }
        made = {role.name: role for role in StartingRole.objects.all()}
        for name, permissions in ROLES.items():
            if not set(permissions) <= set(known):
                # Permissions appear app by app while migrating; the last call has all.
                continue
            role = made.get(name)
            if role is None:
                group, is_ours = Group.objects.get_or_create(name=name)
                # One that somebody else made under the name is theirs.
                given = [] if is_ours else sorted(permissions)
                role = StartingRole.objects.create(name=name, group=group, given=given)
            new = set(permissions) - set(role.given)
            if not new:
                continue
            if role.group is not None:
                role.group.permissions.add(*(known[one] for one in new))
            role.given = sorted({*role.given, *new})
            role.save(update_fields=["given"])

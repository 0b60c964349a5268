"""A channel's way into the register: proposed, decided on, closed (K-6, K-8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from channels import letters
from channels.models import Channel, Mandate, Municipality, Stream

if TYPE_CHECKING:
    from datetime import date

    from channels.models import User


class Refused(PermissionDenied):
    """Why it cannot be done, as a sentence for the person."""


@transaction.atomic
def propose(*, channel: Channel, by: User) -> Channel:
    """Enters an unsaved channel as a proposal; the department's head learns of it by
    e-mail. Nothing is read from it before the head approves."""
    if not by.has_perm("channels.propose_channel"):
        raise Refused(_("You may not propose channels."))
    channel.proposed_by = by
    channel.proposed_at = timezone.now()
    channel.decision = ""
    channel.decided_by = channel.decided_at = None
    channel.full_clean()
    channel.save()
    Stream.objects.create(channel=channel)
    head = channel.department.head
    with translation.override(head.language):
        letters.write(
            to=head,
            subject=_("A channel waits for your decision: %(name)s")
            % {"name": channel.name},
            body=_(
                "%(person)s proposes the channel %(name)s (%(platform)s) for "
                "%(department)s.\n\nPurpose: %(purpose)s\n\n"
                "Approve or refuse it here:\n%(link)s\n"
            )
            % {
                "person": by,
                "name": channel.name,
                "platform": channel.get_platform_display(),
                "department": channel.department,
                "purpose": channel.purpose,
                "link": link_to(channel),
            },
        )
    return channel


def refusal(channel: Channel, by: User) -> str:
    """Why this person may not decide on the channel; "" when they may."""
    if channel.closed_at:
        return _("The channel is closed.")
    if channel.decision:
        return _("The channel has been decided on already.")
    if channel.department.head_id != by.pk:
        return _("Only %(head)s, head of %(department)s, decides on this channel.") % {
            "head": channel.department.head,
            "department": channel.department,
        }
    return ""


@transaction.atomic
def approve(*, channel: Channel, by: User) -> Channel:
    """The head of the department, and nobody else, lets the channel into use."""
    return _decide(channel, by, Channel.Decision.APPROVED, "")


@transaction.atomic
def refuse(*, channel: Channel, by: User, reason: str) -> Channel:
    if not reason.strip():
        raise Refused(_("Say why the channel is refused."))
    return _decide(channel, by, Channel.Decision.REFUSED, reason.strip())


def _decide(channel: Channel, by: User, decision: str, reason: str) -> Channel:
    channel = Channel.objects.select_for_update(of=("self",)).get(pk=channel.pk)
    why_not = refusal(channel, by)
    if why_not:
        raise Refused(why_not)
    channel.decision = decision
    channel.decision_reason = reason
    channel.decided_by = by
    channel.decided_at = timezone.now()
    channel.save()
    told = {channel.proposed_by, channel.owner}
    chief = _information_chief()
    if chief is not None and decision == Channel.Decision.APPROVED:
        told.add(chief)  # K-8: a new channel is reported to the information chief
    for person in sorted(told - {by}, key=lambda person: person.pk):
        with translation.override(person.language):
            letters.write(
                to=person,
                subject=_("%(name)s: %(decision)s")
                % {"name": channel.name, "decision": channel.get_decision_display()},
                body=_(
                    "%(head)s has decided on the channel %(name)s: %(decision)s.\n"
                    "%(reason)s\n\n"
                    "Owner: %(owner)s, %(email)s\nAddress: %(address)s\n%(link)s\n"
                )
                % {
                    "head": by,
                    "name": channel.name,
                    "decision": channel.get_decision_display(),
                    "reason": reason,
                    "owner": channel.owner,
                    "email": channel.owner.email,
                    "address": channel.address,
                    "link": link_to(channel),
                },
            )
    return channel


@transaction.atomic
def close(*, channel: Channel, by: User) -> Channel:
    """Takes a channel out of use; what was said there stays."""
    channel = Channel.objects.select_for_update(of=("self",)).get(pk=channel.pk)
    if channel.closed_at:
        raise Refused(_("The channel is closed already."))
    if by.pk not in {channel.department.head_id, channel.owner_id}:
        raise Refused(_("Only the head of the department or the owner closes it."))
    channel.closed_at = timezone.now()
    channel.closed_by = by
    channel.save()
    return channel


@transaction.atomic
def give_mandate(
    *, channel: Channel, person: User, by: User, starts_on: date | None = None
) -> Mandate:
    """A clear assignment from the head of the department (K-6)."""
    if channel.department.head_id != by.pk:
        raise Refused(
            _("Only %(head)s, head of %(department)s, gives mandates here.")
            % {"head": channel.department.head, "department": channel.department}
        )
    open_ones = channel.mandates.select_for_update().filter(person=person, ends_on=None)
    if open_ones.exists():
        raise Refused(
            _("%(person)s has a mandate on this channel already.") % {"person": person}
        )
    mandate = Mandate(
        channel=channel,
        person=person,
        decided_by=by,
        starts_on=starts_on or timezone.localdate(),
    )
    mandate.save()
    return mandate


@transaction.atomic
def end_mandate(*, mandate: Mandate, by: User, ends_on: date | None = None) -> Mandate:
    """Ends on the given day, today unless said; a past day is refused."""
    if mandate.channel.department.head_id != by.pk:
        raise Refused(_("Only the head of the department ends mandates here."))
    day = ends_on or timezone.localdate()
    if day < mandate.starts_on:
        raise Refused(_("A mandate cannot end before it starts."))
    mandate.ends_on = day
    mandate.save()
    return mandate


def link_to(channel: Channel) -> str:
    path = reverse("admin:channels_channel_change", args=[channel.pk])
    return f"{settings.BASE_URL}{path}"


def _information_chief() -> User | None:
    municipality = Municipality.objects.select_related("information_chief").first()
    return municipality.information_chief if municipality else None

"""Whether the municipality has spoken already, to this sender or in this thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from channels.models import Delivery, Message
from moderation.models import Duty, Reply

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from moderation.models import Case


def sender_answered(case: Case) -> bool:
    """Whether the sender has had an answer in this dialogue: under the same post, or
    among the direct messages; sent and confirmed by the platform, or given another
    way, as by telephone (M-R2c)."""
    return _answered(_of_sender(case.message))


def thread_answered(case: Case) -> bool:
    """Whether the municipality has said something in the thread since the message
    came: the whole post's, or that of the direct messages with the sender."""
    message = case.message
    if message.post_id is None:
        return sender_answered(case)
    thread = Message.objects.filter(channel=message.channel_id, post=message.post_id)
    ours = thread.filter(is_ours=True, posted_at__gt=message.posted_at)
    return ours.exists() or _answered(thread)


def sender_asked_before(case: Case) -> bool:
    """Whether an earlier message of the sender in this dialogue has been answered."""
    message = case.message
    return _answered(
        _of_sender(message)
        .filter(posted_at__lte=message.posted_at)
        .exclude(pk=message.pk)
    )


def _of_sender(message: Message) -> QuerySet[Message]:
    if not message.author_id:
        return Message.objects.filter(pk=message.pk)
    return Message.objects.filter(
        channel=message.channel_id,
        kind=message.kind,
        author_id=message.author_id,
        post=message.post_id,
    )


def _answered(messages: QuerySet[Message]) -> bool:
    sent = Reply.objects.filter(
        case__message__in=messages, delivery__state=Delivery.State.DONE
    )
    otherwise = Duty.objects.filter(
        Q(kind=Duty.Kind.ANSWER) | Q(kind=Duty.Kind.CORRECT),
        case__message__in=messages,
        outcome=Duty.Outcome.MET,
        closed_with="meet",
    )
    return sent.exists() or otherwise.exists()

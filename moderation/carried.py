"""What came with the messages of a batch besides their text, had before anything of the
batch is stored: the network waits for nobody's lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Q

from archive import files
from channels import attachments
from channels.attachments import Got, Missing
from channels.models import Attachment, Message

if TYPE_CHECKING:
    from channels.models import Channel, Version
    from channels.platforms.base import Attached, Item


@dataclass(frozen=True, slots=True)
class Carried:
    """`got`: what became of each file. `gaps`: rows of messages that have not changed
    whose file was out of reach at an earlier reading, with what became of it now."""

    got: dict[Attached, Got] = field(default_factory=dict)
    gaps: list[tuple[Attachment, Got]] = field(default_factory=list)

    @property
    def kept(self) -> list[tuple[str, int]]:
        """(digest, size) of the files that the batch will name."""
        every = [*self.got.values(), *(got for _gap, got in self.gaps)]
        return [(one.sha256, one.size or 0) for one in every if one.sha256]

    def rows(self, pairs: Sequence[tuple[Version, Item]]) -> list[Attachment]:
        """Unsaved, of new versions."""
        return [
            row
            for version, item in pairs
            for row in attachments.rows(version, item.attachments, self.got)
        ]


NOTHING = Carried()


def fetch(channel: Channel, items: Sequence[Item], *, anew: bool = False) -> Carried:
    """`items` are those that carry something. What a message had already is not asked
    for again, save what was out of reach; unless it is read `anew` after its files were
    let go of."""
    if not items:
        return NOTHING
    here = Q(channel=channel, external_id__in={item.id for item in items})
    digests = {
        (kind, id_): digest
        for kind, id_, digest in Message.objects.filter(here).values_list(
            "kind", "external_id", "digest"
        )
    }
    had: dict[tuple[str, str, str], Attachment] = {}
    if digests:
        for row in (
            Attachment.objects.filter(
                version__message__channel=channel,
                version__message__external_id__in=[id_ for _kind, id_ in digests],
            )
            .select_related("version__message")
            .defer("version__text", "version__raw", "version__message__text")
            .order_by("version__number")
        ):
            message = row.version.message
            had[message.kind, message.external_id, row.platform_id] = row
    got: dict[Attached, Got] = {}
    asked: list[Attached] = []
    again: list[tuple[Attachment, Attached]] = []
    for item in items:
        changed = anew or digests.get((item.kind, item.id)) != item.digest
        for one in item.attachments[: attachments.MOST_FILES]:
            earlier = had.get((item.kind, item.id, one.id))
            if changed:
                if earlier is not None and files.is_kept(earlier.sha256):
                    got[one] = attachments.got_from(earlier)
                else:
                    asked.append(one)
            elif earlier is not None and earlier.missing == Missing.UNREACHABLE:
                again.append((earlier, one))
                asked.append(one)
    fetched = attachments.fetch(asked)
    return Carried({**got, **fetched}, [(row, fetched[one]) for row, one in again])

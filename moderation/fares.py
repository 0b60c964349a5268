"""How proposals fare: how often people agree with each kind (K-23)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from moderation.models import ReplyKind
from moderation.models.case import channels_seen_by

if TYPE_CHECKING:
    from channels.models import User

# The newest that are counted: enough for a share, few enough to be quick.
COUNTED = 10_000

_SQL = """
WITH newest AS MATERIALIZED (
    SELECT case_id, kinds, proposal_id
    FROM moderation_confirmation
    ORDER BY at DESC, id DESC
    LIMIT %s
), seen AS (
    SELECT c.kinds AS said, p.kinds AS proposed
    FROM newest c
    JOIN moderation_proposal p ON p.id = c.proposal_id
    JOIN moderation_case k ON k.id = c.case_id
    WHERE k.channel_id = ANY(%s)
)
SELECT name,
       count(*) FILTER (WHERE was_proposed),
       count(*) FILTER (WHERE was_proposed AND was_said),
       count(*) FILTER (WHERE was_said AND NOT was_proposed)
FROM seen, unnest(%s::text[]) AS name,
     LATERAL (SELECT seen.said ? name AS was_said,
                     seen.proposed @> jsonb_build_array(
                         jsonb_build_object('kind', name)) AS was_proposed) one
GROUP BY name
"""


@dataclass(frozen=True, slots=True)
class Fare:
    """`share` is kept of proposed, None when the kind was never proposed; `missed`
    counts messages of the kind that were not proposed as such."""

    label: str
    proposed: int
    kept: int
    missed: int

    @property
    def share(self) -> float | None:
        return self.kept / self.proposed if self.proposed else None


def fares(user: User) -> list[Fare]:
    """Per kind, over the newest 10,000 confirmations: those on channels one sees."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [COUNTED, channels_seen_by(user), ReplyKind.values])
        found = {name: numbers for name, *numbers in cursor.fetchall()}
    return [
        Fare(str(kind.label), *found.get(kind.value, (0, 0, 0))) for kind in ReplyKind
    ]

"""How often people agreed with an entry: a count beside each finding (Beta(1, 1))."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from policies.screening.calibration import Tally

# Findings of an entry that are looked at, the newest first: what people thought of
# late, and the same short time however many there are.
COUNTED = 1000

# One for each entry, so that the planner knows how usual each one is.
_NEWEST = """(
    SELECT entry, case_id, version_id, rule_version_id, found_at
    FROM moderation_finding
    WHERE entry = %s
    ORDER BY case_id DESC
    LIMIT %s
)"""

# A finding is spoken on by the newest decision on its message that was not undone, when
# the text that was decided on was the one that it was made in. Taken away under the
# finding's own rule, it was upheld; kept or made visible again, it was not; taken away
# under another rule, nobody has said.
_SQL = """
SELECT found.entry,
       count(DISTINCT found.case_id)
           FILTER (WHERE decided.verb IN ('hide', 'remove')),
       count(DISTINCT found.case_id)
FROM ({newest}) AS found
CROSS JOIN LATERAL (
    SELECT verb, rule_version_id, at
    FROM moderation_decision AS one
    WHERE case_id = found.case_id
      AND verb IN ('keep', 'hide', 'remove', 'restore')
      AND NOT EXISTS (SELECT FROM moderation_undoing WHERE decision_id = one.id)
    ORDER BY at DESC, id DESC
    LIMIT 1
) AS decided
JOIN policies_ruleversion AS ours ON ours.id = found.rule_version_id
LEFT JOIN policies_ruleversion AS theirs ON theirs.id = decided.rule_version_id
WHERE found.found_at <= decided.at
  AND (decided.verb IN ('keep', 'restore') OR theirs.rule_id = ours.rule_id)
  AND NOT EXISTS (
    SELECT 1
    FROM channels_version AS seen
    JOIN channels_version AS later
      ON later.message_id = seen.message_id AND later.number > seen.number
    WHERE seen.id = found.version_id AND later.seen_at <= decided.at
  )
GROUP BY found.entry
"""


def tallies(entries: Iterable[str]) -> dict[str, Tally]:
    """Entry -> how often its hits were upheld among its newest findings, in one query.
    An entry that nobody has decided on has an empty tally."""
    wanted = sorted(set(entries))
    counted = {entry: Tally() for entry in wanted}
    if wanted:
        with connection.cursor() as cursor:
            newest = " UNION ALL ".join([_NEWEST] * len(wanted))
            asked = [value for entry in wanted for value in (entry, COUNTED)]
            cursor.execute(_SQL.format(newest=newest), asked)
            for entry, upheld, seen in cursor.fetchall():
                counted[entry] = Tally(upheld=upheld, seen=seen)
    return counted

"""One worker at a time gives entries their places, then signs how far the log came.

1. Under an advisory lock: entries without a place get the next ones, and the tiles
   grow. Commit.
2. The new tree must begin with the last signed one, in the database and in public.
3. The checkpoint is signed and stored, one for each size. Commit.
4. Tiles, then the checkpoint, are published.

A crash between any two steps is made good by the next run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archive import entries, keys, notes, publication, tiles, tree
from archive.models import Checkpoint, LogEntry

LOCK = 0x6B616E616C  # any number, as long as nobody else takes it
BATCH = 10_000


class Refusal(Exception):
    """The log is not signed; the text says what does not fit and what to do."""


def run() -> Checkpoint | None:
    """Order what is new, sign and publish.

    Returns the newest checkpoint; None when the log is empty or another worker is at
    it. Refusal when what is kept contradicts what was signed or published.
    """
    with _alone() as alone:
        if not alone:
            return None
        while _order(BATCH) == BATCH:
            pass
        checkpoint = _sign()
        if checkpoint is not None:
            _publish(checkpoint)
        return checkpoint


@contextmanager
def _alone() -> Iterator[bool]:
    """Hold the lock of the session: it outlives commits and goes with a lost one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        [got] = cursor.fetchone()
        try:
            yield got
        finally:
            if got:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


@transaction.atomic
def _order(limit: int) -> int:
    """Give up to `limit` entries their places; returns how many got one."""
    rows = list(
        LogEntry.objects.filter(seq=None)
        .order_by("id")
        .values_list("id", "leaf_hash")[:limit]
    )
    if not rows:
        return 0
    start = tree.size()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE archive_logentry e SET seq = %s + p.n - 1 "
            "FROM unnest(%s::bigint[]) WITH ORDINALITY AS p(id, n) WHERE e.id = p.id",
            [start, [id_ for id_, _ in rows]],
        )
    try:
        partial = tree.load(tiles.edge(start))
        grown = tiles.grow(start, partial, [bytes(hash_) for _, hash_ in rows])
    except tiles.TilesError as error:
        raise Refusal(
            _("The log's tiles do not fit its %(size)d entries (%(error)s).")
            % {"size": start, "error": error}
        ) from error
    tree.save(grown)
    return len(rows)


@transaction.atomic
def _sign() -> Checkpoint | None:
    size = tree.size()
    signer = keys.signer() if size else None
    if signer is None:
        _refuse_when_behind(0, keys.verifier())
        return None
    _refuse_when_behind(size, signer.verifier)
    last = Checkpoint.objects.first()
    if last is not None:
        if last.size > size:
            raise Refusal(
                _("The log has %(size)d entries, but %(signed)d were signed already.")
                % {"size": size, "signed": last.size}
            )
        if tree.root(last.size) != bytes(last.root):
            raise Refusal(
                _("The first %(signed)d entries are not those that were signed.")
                % {"signed": last.size}
            )
        if last.size == size:
            return last
    root = tree.root(size)
    text = notes.Checkpoint(entries.origin(), size, root).text
    return Checkpoint.objects.create(
        size=size, root=root, note=signer.sign(text), signed_at=timezone.now()
    )


def _refuse_when_behind(size: int, verifier: notes.Verifier | None) -> None:
    """What is public must be a beginning of what is kept: else a restore lost some."""
    if verifier is None:
        if (publication.folder() / publication.CHECKPOINT).exists():
            raise Refusal(
                _("A checkpoint is published, but this database has signed none.")
            )
        return
    try:
        published = publication.latest(verifier)
    except notes.NoteError as error:
        raise Refusal(
            _("The published checkpoint is not this log's (%(error)s).")
            % {"error": error}
        ) from error
    if published is None:
        return
    if published.size > size:
        raise Refusal(
            _(
                "This database is behind: %(published)d entries were published, it "
                "has %(size)d. Restore a newer copy; nothing is signed until then."
            )
            % {"published": published.size, "size": size}
        )
    if tree.root(published.size) != published.root:
        raise Refusal(
            _("The first %(published)d entries are not those that were published.")
            % {"published": published.size}
        )


def _publish(checkpoint: Checkpoint) -> None:
    verifier = keys.verifier()
    if verifier is None:
        return
    published = publication.latest(verifier)
    before = 0 if published is None else published.size
    if published is not None and before == checkpoint.size:
        return
    changed = tree.load(_changed(before, checkpoint.size))
    publication.publish(checkpoint.note, changed, str(verifier))


def _changed(before: int, after: int) -> Iterator[tiles.TileId]:
    """The tiles that grew between two sizes."""
    level = 0
    while after:
        for n in range(before // tiles.WIDTH, -(-after // tiles.WIDTH)):
            yield level, n
        before, after = before // tiles.WIDTH, after // tiles.WIDTH
        level += 1

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
from hashlib import sha256

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archive import entries, keys, notes, publication, tiles, tree
from archive.models import Checkpoint, LogEntry, LogKey

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


def change_key(*, by: str) -> Checkpoint:
    """From now on a new key signs. The entry `key.rotate` says so in the log, and the
    checkpoint that first holds it is signed by the old key and the new one: whoever
    trusts the old key is led to the new. Checkpoints of before stay as they were.

    Refusal when another worker is at it, or when nothing has been signed yet.
    """
    with _alone() as alone:
        if not alone:
            raise Refusal(_("The log is just being signed. Try again in a moment."))
        while _order(BATCH) == BATCH:
            pass
        before = _sign()
        if before is None:
            raise Refusal(_("Nothing has been signed yet: there is no key to change."))
        _publish(before)
        checkpoint = _hand_over(by)
        keys.take_up()
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


@contextmanager
def standing_still() -> Iterator[None]:
    """Nothing is ordered, signed or published while inside; several may be inside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [LOCK])


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
    _refuse_when_behind(size)
    if signer is None:
        return None
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


@transaction.atomic
def _hand_over(by: str) -> Checkpoint:
    """The log tells of the new key, and both keys sign that it does."""
    old, new = keys.signer(), keys.prepare_next()
    now = entries.to_millisecond(timezone.now())
    entries.append(
        [
            entries.Entry(
                type=LogEntry.Type.KEY_ROTATE.value,
                record_id=None,
                commitment=sha256(str(new.verifier).encode()).digest(),
            )
        ],
        moment=now,
    )
    while _order(BATCH) == BATCH:
        pass
    size = tree.size()
    LogKey.objects.create(
        vkey=str(new.verifier), made_at=now, from_size=size, made_by=by
    )
    root = tree.root(size)
    note = new.sign(notes.Checkpoint(entries.origin(), size, root).text)
    return Checkpoint.objects.create(
        size=size, root=root, note=old.sign_too(note), signed_at=now
    )


def _refuse_when_behind(size: int) -> None:
    """What is public must be a beginning of what is kept: else a restore lost some."""
    known = keys.reigns()
    if not known:
        if (publication.folder() / publication.CHECKPOINT).exists():
            raise Refusal(
                _("A checkpoint is published, but this database has signed none.")
            )
        return
    try:
        published = publication.latest(known)
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
    known = keys.reigns()
    if not known:
        return
    published = publication.latest(known)
    before = 0 if published is None else published.size
    if published is not None and before == checkpoint.size:
        return
    changed = tree.load(_changed(before, checkpoint.size))
    publication.publish(
        checkpoint.note, changed, [str(reign.verifier) for reign in known]
    )


def _changed(before: int, after: int) -> Iterator[tiles.TileId]:
    """The tiles that grew between two sizes."""
    level = 0
    while after:
        for n in range(before // tiles.WIDTH, -(-after // tiles.WIDTH)):
            yield level, n
        before, after = before // tiles.WIDTH, after // tiles.WIDTH
        level += 1

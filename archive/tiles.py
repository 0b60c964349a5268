"""The tree in tiles of 256 hashes (C2SP tlog-tiles, height 8). Pure Python.

Tile (level, n) holds the hashes of the complete subtrees at tree level 8 * level with
indexes 256 n to 256 n + 255; the last tile of a level may hold fewer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from hashlib import sha256

from archive.log import HASH_BYTES

HEIGHT = 8
WIDTH = 1 << HEIGHT
TILE_BYTES = WIDTH * HASH_BYTES

TileId = tuple[int, int]
Tiles = dict[TileId, bytes]


class TilesError(ValueError):
    """A tile that is missing or too short for the tree it should belong to."""


def edge(size: int) -> list[TileId]:
    """The last, partial tile of each level in a tree of `size` leaves."""
    tiles = []
    level = 0
    while size:
        if size % WIDTH:
            tiles.append((level, size // WIDTH))
        size //= WIDTH
        level += 1
    return tiles


def all_of(size: int) -> Iterable[tuple[TileId, int]]:
    """(tile, width) of every tile in a tree of `size` leaves."""
    level = 0
    while size:
        for n in range(size // WIDTH):
            yield (level, n), WIDTH
        if size % WIDTH:
            yield (level, size // WIDTH), size % WIDTH
        size //= WIDTH
        level += 1


def grow(size: int, partial: Mapping[TileId, bytes], leaves: Iterable[bytes]) -> Tiles:
    """The tiles that are new or longer once `leaves` follow a tree of `size` leaves.

    `partial` holds the tiles of `edge(size)`; TilesError when one is not as wide as
    the size says.
    """
    changed: Tiles = {}
    level = 0
    hashes = list(leaves)
    while hashes or size:
        start = size % WIDTH
        begun = partial.get((level, size // WIDTH), b"") if start else b""
        if len(begun) != start * HASH_BYTES:
            raise TilesError(f"tile {level}/{size // WIDTH} is not {start} wide")
        if not hashes:
            break
        joined = begun + b"".join(hashes)
        first = size // WIDTH
        above = []
        for n, offset in enumerate(range(0, len(joined), TILE_BYTES), first):
            tile = joined[offset : offset + TILE_BYTES]
            changed[level, n] = tile
            if len(tile) == TILE_BYTES:
                above.append(_pyramid(tile)[HEIGHT][0])
        hashes, size, level = above, first, level + 1
    return changed


def needed(size: int, *indexes: int) -> set[TileId]:
    """The tiles that proofs for these leaves in a tree of `size` leaves touch."""
    tiles = set()
    level = 0
    while size >> HEIGHT * level:
        last = (size >> HEIGHT * level) - 1
        for index in (*indexes, size - 1):
            tiles.add((level, min(index >> HEIGHT * level, last) >> HEIGHT))
        level += 1
    return tiles


def reader(tiles: Mapping[TileId, bytes]) -> Callable[[int, int], bytes]:
    """`node(level, index)` for `archive.log`; TilesError when no tile holds it."""

    def node(level: int, index: int) -> bytes:
        above, height = divmod(level, HEIGHT)
        first = index << height
        rows = _pyramid(tiles.get((above, first // WIDTH), b""))
        at = (first % WIDTH) >> height
        if height >= len(rows) or at >= len(rows[height]):
            raise TilesError(f"tile {above}/{first // WIDTH} is too short")
        return rows[height][at]

    return node


@lru_cache(maxsize=256)
def _pyramid(tile: bytes) -> list[list[bytes]]:
    """The complete subtrees over a tile's hashes, by height. Tiles are asked for again
    and again: the upper ones by every proof."""
    row = [tile[i : i + HASH_BYTES] for i in range(0, len(tile), HASH_BYTES)]
    if row and len(row[-1]) != HASH_BYTES:
        row.pop()
    rows = []
    while row:
        rows.append(row)
        pairs = zip(row[::2], row[1::2], strict=False)
        row = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return rows


def path(level: int, n: int, width: int = WIDTH) -> str:
    """Where a tile is published: `tile/0/x001/234`, `tile/0/000.p/7` when partial."""
    parts = [f"{n % 1000:03d}"]
    while n >= 1000:
        n //= 1000
        parts.insert(0, f"x{n % 1000:03d}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(parts)}{partial}"

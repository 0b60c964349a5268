"""The Merkle tree of RFC 6962 section 2.1, over SHA-256. Pure Python.

Proofs are lists of 32-byte hashes from the leaf's side up. Trees are read through a
function `node(level, index)`, so that a proof touches few nodes, whatever keeps them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

# The hash of the complete subtree over leaves [index * 2^level, (index + 1) * 2^level).
Node = Callable[[int, int], bytes]


class ProofError(ValueError):
    """A proof that does not prove what it should."""


def leaf_hash(leaf: bytes) -> bytes:
    """MTH({d}) = SHA-256(0x00 || d)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


class Growing:
    """A tree that grows at its end; only the peaks are held."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, hash_: bytes, level: int = 0) -> None:
        """The next leaf, or the next complete subtree of 2^level leaves, where the size
        is a multiple of that."""
        carry = (self.size >> level) + 1
        self.size += 1 << level
        while not carry & 1:
            hash_ = node_hash(self._peaks.pop(), hash_)
            carry >>= 1
        self._peaks.append(hash_)

    def root(self) -> bytes:
        return _fold(self._peaks)


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """MTH of the tree over these leaf hashes."""
    tree = Growing()
    for hash_ in leaf_hashes:
        tree.add(hash_)
    return tree.root()


def _fold(peaks: Sequence[bytes]) -> bytes:
    """The root over complete subtrees, largest first."""
    if not peaks:
        return EMPTY_ROOT
    *rest, top = peaks
    for peak in reversed(rest):
        top = node_hash(peak, top)
    return top


def _peaks(start: int, end: int) -> list[tuple[int, int]]:
    """(level, index) of the complete subtrees that make up leaves [start, end)."""
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        parts.append((level, start >> level))
        start += 1 << level
    return parts


def subtree(node: Node, start: int, end: int) -> bytes:
    """MTH(D[start:end]) where start is a multiple of the next power of two."""
    return _fold([node(level, index) for level, index in _peaks(start, end)])


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 section 2.1.1."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(subtree(node, middle, end))
            end = middle
        else:
            proof.append(subtree(node, start, middle))
            start = middle
    return proof[::-1]


def consistency_proof(node: Node, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 6962 section 2.1.2."""
    if not 0 < old <= new:
        raise ValueError(f"no proof from {old} to {new}")
    proof: list[bytes] = []
    start, end = 0, new
    whole = True  # the old tree is a complete subtree, known to who asks
    while old - start != end - start:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(subtree(node, middle, end))
            end = middle
        else:
            proof.append(subtree(node, start, middle))
            start = middle
            whole = False
    if not whole:
        proof.append(subtree(node, start, end))
    return proof[::-1]


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def root_from_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes]
) -> bytes:
    """The root that the proof leads to from leaf hash `leaf` (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofError("the place is outside the tree")
    at, last = index, size - 1
    hash_ = leaf
    for other in proof:
        if last == 0:
            raise ProofError("the proof is too long")
        if at & 1 or at == last:
            hash_ = node_hash(other, hash_)
            while at and not at & 1:
                at >>= 1
                last >>= 1
        else:
            hash_ = node_hash(hash_, other)
        at >>= 1
        last >>= 1
    if last:
        raise ProofError("the proof is too short")
    return hash_


def check_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """ProofError unless the new tree begins with the old one (RFC 9162 2.1.4.2)."""
    if not 0 < old <= new:
        raise ProofError("the old tree is not the smaller one")
    if old == new:
        if proof or old_root != new_root:
            raise ProofError("two roots for one size")
        return
    path = list(proof)
    if not old & (old - 1):
        path.insert(0, old_root)
    if not path:
        raise ProofError("the proof is too short")
    at, last = old - 1, new - 1
    while at & 1:
        at >>= 1
        last >>= 1
    from_old = from_new = path[0]
    for other in path[1:]:
        if last == 0:
            raise ProofError("the proof is too long")
        if at & 1 or at == last:
            from_old = node_hash(other, from_old)
            from_new = node_hash(other, from_new)
            while at and not at & 1:
                at >>= 1
                last >>= 1
        else:
            from_new = node_hash(from_new, other)
        at >>= 1
        last >>= 1
    if last or from_old != old_root or from_new != new_root:
        raise ProofError("the trees are not consistent")

"""The tree and its proofs, held against an independent implementation."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from archive import log, tiles

LEAVES = [f"leaf {number}".encode() for number in range(700)]
HASHES = [log.leaf_hash(leaf) for leaf in LEAVES]
SIZES = st.integers(1, len(LEAVES))


def outside(size: int) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for leaf in LEAVES[:size]:
        tree.append_entry(leaf)
    return tree


def node_of(size: int) -> log.Node:
    return tiles.reader(tiles.grow(0, {}, HASHES[:size]))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 77, 255, 256, 257, 511, 700])
def test_roots_are_those_of_pymerkle(size: int) -> None:
    assert log.root(HASHES[:size]) == outside(size).get_root(size)
    assert log.subtree(node_of(size), 0, size) == log.root(HASHES[:size])


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    """RFC 6962 section 2.1."""
    assert log.root([]) == sha256(b"").digest()


@given(st.data(), SIZES)
def test_every_inclusion_proof_leads_to_the_root(
    data: st.DataObject, size: int
) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = log.inclusion_proof(node_of(size), index, size)
    root = log.root(HASHES[:size])
    assert log.root_from_inclusion(HASHES[index], index, size, proof) == root
    assert log.root_from_inclusion(HASHES[index - 1], index, size, proof) != root or (
        size == 1
    )


@pytest.mark.parametrize(
    ("index", "size"), [(0, 1), (3, 7), (5, 8), (76, 77), (0, 300)]
)
def test_inclusion_proofs_are_those_of_pymerkle(index: int, size: int) -> None:
    """pymerkle counts from 1 and puts the leaf itself before the path."""
    expected = outside(size).prove_inclusion(index + 1, size).path[1:]
    assert log.inclusion_proof(node_of(size), index, size) == expected


@given(st.data(), SIZES)
def test_a_bent_inclusion_proof_is_refused(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = log.inclusion_proof(node_of(size), index, size)
    root = log.root(HASHES[:size])
    bent = [
        (index, size, [*proof, bytes(32)]),
        (index + size, size, proof),
        (-1, size, proof),
    ]
    if proof:
        bent += [
            (index, size, proof[:-1]),
            (index, size, [bytes(32), *proof[1:]]),
            (index ^ 1, size, proof),
        ]
    for at, of, hashes in bent:
        try:
            assert log.root_from_inclusion(HASHES[index], at, of, hashes) != root
        except log.ProofError:
            continue


@given(st.data(), SIZES)
def test_every_consistency_proof_holds(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(1, new))
    proof = log.consistency_proof(node_of(new), old, new)
    roots = log.root(HASHES[:old]), log.root(HASHES[:new])
    log.check_consistency(old, roots[0], new, roots[1], proof)
    with pytest.raises(log.ProofError):
        log.check_consistency(old, bytes(32), new, roots[1], proof)
    with pytest.raises(log.ProofError):
        log.check_consistency(old, roots[0], new, bytes(32), proof)
    with pytest.raises(log.ProofError):
        log.check_consistency(old, roots[0], new, roots[1], [*proof, bytes(32)])
    if proof:
        with pytest.raises(log.ProofError):
            log.check_consistency(old, roots[0], new, roots[1], proof[:-1])


def test_no_proof_is_made_for_what_is_not_there() -> None:
    with pytest.raises(ValueError, match="no leaf 3"):
        log.inclusion_proof(node_of(3), 3, 3)
    with pytest.raises(ValueError, match="no proof from 0"):
        log.consistency_proof(node_of(3), 0, 3)
    with pytest.raises(log.ProofError, match="smaller"):
        log.check_consistency(4, b"", 3, b"", [])


@given(st.lists(st.integers(0, 300), max_size=5))
def test_tiles_grow_to_the_same_tree_in_any_steps(steps: list[int]) -> None:
    kept: tiles.Tiles = {}
    size = 0
    for step in steps:
        new = HASHES[size : size + step]
        partial = {tile: kept[tile] for tile in tiles.edge(size)}
        kept |= tiles.grow(size, partial, new)
        size += len(new)
    assert kept == tiles.grow(0, {}, HASHES[:size])
    assert {tile: len(kept[tile]) // 32 for tile in kept} == dict(tiles.all_of(size))


@given(st.data(), SIZES)
def test_a_proof_touches_no_other_tiles(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    kept = tiles.grow(0, {}, HASHES[:size])
    few = {tile: kept[tile] for tile in tiles.needed(size, index)}
    proof = log.inclusion_proof(tiles.reader(few), index, size)
    assert proof == log.inclusion_proof(tiles.reader(kept), index, size)


def test_a_tree_of_three_levels_of_tiles() -> None:
    size = 66_000
    hashes = [sha256(b"%d" % n).digest() for n in range(size)]
    kept = tiles.grow(0, {}, hashes)
    assert {level for level, _ in kept} == {0, 1, 2}
    few = {tile: kept[tile] for tile in tiles.needed(size, 12_345)}
    assert len(few) <= 6
    proof = log.inclusion_proof(tiles.reader(few), 12_345, size)
    root = log.root(hashes)
    assert log.root_from_inclusion(hashes[12_345], 12_345, size, proof) == root


def test_a_tile_that_does_not_fit_is_refused() -> None:
    kept = tiles.grow(0, {}, HASHES[:10])
    with pytest.raises(tiles.TilesError):
        tiles.grow(10, {(0, 0): kept[0, 0][:-32]}, HASHES[10:12])
    with pytest.raises(tiles.TilesError):
        tiles.grow(10, {}, HASHES[10:12])
    with pytest.raises(tiles.TilesError):
        tiles.reader({})(0, 0)


def test_tiles_are_published_where_the_standard_says() -> None:
    """C2SP tlog-tiles: groups of three digits, partial tiles with their width."""
    assert tiles.path(0, 0) == "tile/0/000"
    assert tiles.path(1, 1_234_067) == "tile/1/x001/x234/067"
    assert tiles.path(0, 273, 112) == "tile/0/273.p/112"

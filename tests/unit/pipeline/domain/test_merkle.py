"""RFC 6962 trees: the published vectors, and every proof checked against a plain definition."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.merkle import (
    consistency_proof,
    consistent,
    includes,
    inclusion_proof,
    leaf_hash,
    root,
)

ENTRIES = [bytes.fromhex(e) for e in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")] + [
    bytes(range(0x60, 0x70))
]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Heads of the trees over the first 0 to 8 entries, as in the test data of the Certificate Transparency code."""


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_heads_equal_the_published_ones(size: int) -> None:
    assert root(LEAVES[:size]).hex() == ROOTS[size]
    assert plain_root(LEAVES[:size]).hex() == ROOTS[size]


@given(st.integers(0, 200))
def test_growing_leaf_by_leaf_gives_the_defined_head(size: int) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    assert root(leaves) == plain_root(leaves)


@given(st.data())
def test_an_inclusion_proof_holds_for_its_leaf_and_place_only(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    proof, head = inclusion_proof(leaves, index), root(leaves)
    assert includes(leaves[index], index, size, proof, head)
    assert not includes(leaf_hash(b"other"), index, size, proof, head)
    assert not includes(leaves[index], index, size, [*proof, head], head)
    assert not includes(leaves[index], index + size, size, proof, head)
    if size > 1:
        other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index))
        assert not includes(leaves[index], other, size, proof, head)
        assert not includes(leaves[index], index, size, proof[:-1], head)


@given(st.data())
def test_a_consistency_proof_holds_for_a_beginning_only(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    old = data.draw(st.integers(1, size))
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    proof, head, old_head = consistency_proof(leaves, old), root(leaves), root(leaves[:old])
    assert consistent(old, size, old_head, head, proof)
    forked = [*leaves[: old - 1], leaf_hash(b"forged")]
    assert not consistent(old, size, root(forked), head, proof)
    assert not consistent(old, size, old_head, leaf_hash(b"forged"), proof)
    assert not consistent(old, size, old_head, head, [*proof, head])


def test_proofs_outside_the_tree_are_refused() -> None:
    with pytest.raises(IndexError):
        inclusion_proof(LEAVES, 8)
    for size in (0, 9):
        with pytest.raises(ValueError, match="earlier tree"):
            consistency_proof(LEAVES, size)
        assert not consistent(size, 8, LEAVES[0], LEAVES[0], [])

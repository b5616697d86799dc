# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artistguard import proof

# --- the definitions of RFC 6962, section 2.1, word for word and as slow as they are -------------


def split(leaves):
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return leaves[:k], leaves[k:]


def mth(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    left, right = split(leaves)
    return hashlib.sha256(b"\x01" + mth(left) + mth(right)).digest()


def path(m, leaves):
    if len(leaves) == 1:
        return []
    left, right = split(leaves)
    if m < len(left):
        return [*path(m, left), mth(right)]
    return [*path(m - len(left), right), mth(left)]


def subproof(m, leaves, whole):
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    left, right = split(leaves)
    if m <= len(left):
        return [*subproof(m, left, whole), mth(right)]
    return [*subproof(m - len(left), right, False), mth(left)]


def grown(leaves):
    """The frontier and the nodes of a tree, grown leaf by leaf."""
    frontier, nodes = proof.Frontier(), []
    for leaf in leaves:
        nodes += frontier.append(proof.leaf_hash(leaf))
    return frontier, nodes


SOME = [b"leaf %d" % number for number in range(70)]
# Of the reference implementation of Certificate Transparency.
VECTORS = [
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
]


def test_the_known_roots_of_certificate_transparency_come_out():
    frontier, nodes = grown([])
    assert frontier.root == hashlib.sha256().digest()
    for number, (leaf, root) in enumerate(VECTORS, 1):
        nodes += frontier.append(proof.leaf_hash(bytes.fromhex(leaf)))
        assert (frontier.size, frontier.root.hex()) == (number, root)
        assert proof.root_of(nodes.__getitem__, number).hex() == root


def test_the_known_proofs_of_certificate_transparency_come_out():
    _, nodes = grown([bytes.fromhex(leaf) for leaf, _ in VECTORS])
    ends = [
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    inclusion = proof.inclusion_path(nodes.__getitem__, 5, 8)
    assert [each.hex() for each in inclusion] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        *ends,
    ]
    consistency = proof.consistency_path(nodes.__getitem__, 6, 8)
    assert [each.hex() for each in consistency] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        *ends,
    ]


def test_every_tree_and_proof_up_to_a_size_is_what_the_definition_says():
    for size in range(1, 35):
        leaves = SOME[:size]
        frontier, nodes = grown(leaves)
        assert len(nodes) == proof.node_count(size)
        root = mth(leaves)
        assert frontier.root == root
        for index in range(size):
            found = proof.inclusion_path(nodes.__getitem__, index, size)
            assert found == path(index, leaves)
            leaf = proof.leaf_hash(leaves[index])
            assert proof.is_included(leaf, index, size, found, root)
        for old in range(1, size + 1):
            found = proof.consistency_path(nodes.__getitem__, old, size)
            assert found == subproof(old, leaves, True)
            assert proof.is_consistent(old, mth(leaves[:old]), size, root, found)


@settings(deadline=None)
@given(st.data())
def test_nothing_but_the_right_proof_is_taken(data):
    size = data.draw(st.integers(1, 70))
    _, nodes = grown(SOME[:size])
    old = data.draw(st.integers(1, size))
    index = data.draw(st.integers(0, size - 1))
    root, old_root = mth(SOME[:size]), mth(SOME[:old])
    leaf = proof.leaf_hash(SOME[index])
    inclusion = proof.inclusion_path(nodes.__getitem__, index, size)
    consistency = proof.consistency_path(nodes.__getitem__, old, size)
    other = data.draw(st.integers(0, 71))
    if other != index:
        assert not proof.is_included(leaf, other, size, inclusion, root)
    if other not in {old, size}:
        assert not proof.is_consistent(other, old_root, size, root, consistency)
    for good, check in (
        (inclusion, lambda p: proof.is_included(leaf, index, size, p, root)),
        (consistency, lambda p: proof.is_consistent(old, old_root, size, root, p)),
    ):
        assert check(good)
        assert not check([*good, bytes(32)])
        if good:
            place = data.draw(st.integers(0, len(good) - 1))
            assert not check(good[:place] + good[place + 1 :])
            assert not check([*good[:place], bytes(32), *good[place + 1 :]])
    assert not proof.is_included(bytes(32), index, size, inclusion, root)
    assert not proof.is_included(leaf, index, size, inclusion, bytes(32))
    assert not proof.is_consistent(old, bytes(32), size, root, consistency)
    assert not proof.is_consistent(old, old_root, size, bytes(32), consistency)


@pytest.mark.parametrize("old, new", [(0, 0), (0, 5), (6, 5), (-1, 5)])
def test_trees_that_cannot_follow_each_other_are_not_consistent(old, new):
    assert not proof.is_consistent(old, mth(SOME[:old]), new, mth(SOME[:new]), [])


def test_a_proof_reads_no_more_nodes_than_twice_the_height_of_the_tree():
    size = 1_000_003
    reads = []

    def nodes(number):
        assert number < proof.node_count(size)
        reads.append(number)
        return bytes(32)

    for make in (
        lambda: proof.inclusion_path(nodes, 999_999, size),
        lambda: proof.consistency_path(nodes, 700_001, size),
        lambda: proof.root_of(nodes, size),
    ):
        reads.clear()
        make()
        assert 0 < len(reads) <= 2 * size.bit_length()

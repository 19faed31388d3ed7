"""ncpol2sdpa, written independently, finds as many words and moments.

The counts below are those of ncpol2sdpa 1.14.0. Where it is installed (it is GPL, so nothing here depends on it) they
are counted anew.
"""

from __future__ import annotations

import pytest

from keybounds.bounds.correlations.moments import Relaxation, Scenario

# outcomes of Alice's and Bob's settings, level: words, moments without the identity
COUNTS = {
    ((2, 2), (2, 2), "1"): (5, 10),
    ((2, 2), (2, 2), "11"): (9, 16),
    ((2, 2), (2, 2), "2"): (13, 30),
    ((2, 2), (2, 2), "3"): (25, 60),
    ((2, 2), (2, 2, 2), "1"): (6, 15),
    ((2, 2), (2, 2, 2), "11"): (12, 30),
    ((2, 2), (2, 2, 2), "2"): (20, 78),
    ((2, 2), (2, 2, 2), "3"): (52, 318),
    ((2, 2, 2), (2, 2, 2), "2"): (28, 153),
    ((2, 2), (3, 3), "2"): (25, 102),
    ((3, 3), (3, 3), "1"): (9, 32),
    ((3, 3), (3, 3), "11"): (25, 96),
    ((3, 3), (3, 3), "2"): (41, 248),
}


@pytest.mark.parametrize(("alice", "bob", "level"), COUNTS)
def test_as_many_words_and_moments(alice: tuple[int, ...], bob: tuple[int, ...], level: str) -> None:
    relaxation = Relaxation.build(Scenario(alice, bob), level)
    assert (relaxation.size, len(relaxation.moments) - 1) == COUNTS[alice, bob, level]


@pytest.mark.filterwarnings("ignore")  # a library of 2014
@pytest.mark.parametrize(("alice", "bob", "level"), COUNTS)
def test_the_counts_are_those_of_the_peer(alice: tuple[int, ...], bob: tuple[int, ...], level: str) -> None:
    peer = pytest.importorskip("ncpol2sdpa", reason="the GPL peer is not installed")
    A, B = peer.generate_measurements(alice, "A"), peer.generate_measurements(bob, "B")
    a, b = peer.flatten(A), peer.flatten(B)
    relaxation = peer.SdpRelaxation(a + b, verbose=0)
    relaxation.get_relaxation(
        1 if level == "11" else int(level),
        objective=a[0] * b[0],
        substitutions=peer.projective_measurement_constraints(A, B),
        extramonomials=[x * y for x in a for y in b] if level == "11" else None,
    )
    assert (relaxation.block_struct[0], relaxation.n_vars) == COUNTS[alice, bob, level]

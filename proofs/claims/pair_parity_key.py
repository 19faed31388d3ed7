"""Key by hashed pair parities: S(p) = sum_k (prod_{j<k} P_j/2) 1/2 max(0, 1 - p_k^2 - h(2 p_k (1-p_k))).

Hashing the parities of pairs instead of announcing them is vollbrecht2004 for entanglement distillation and
watanabe2007 for key distribution; what is derived here is the rate for these states, with its recursion.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from keybounds.proofs.algebra import dense
from keybounds.proofs.algebra.symbols import binary_entropy, entropy, symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, number, positive, witness
from keybounds.proofs.claim import ProseClaim, Step
from keybounds.proofs.claims.privacy_squeezing_key import branch_structure

Formula = Callable[[Any], Any]


def gain(p: Any) -> Any:
    """1 - p^2 - h(2p(1-p)), for one hashed pair of bits that are bad with probability p."""
    return 1 - p**2 - binary_entropy(2 * p * (1 - p))


def survivors(p: Any) -> Any:
    """(p^2 + (1-p)^2)/2: bits that survive a level, per bit that entered it."""
    return (p**2 + (1 - p) ** 2) / 2


def next_error(p: Any) -> Any:
    """p^2/(p^2 + (1-p)^2): probability that a surviving bit is bad."""
    return p**2 / (p**2 + (1 - p) ** 2)


Branch = tuple[Any, tuple[int, ...], tuple[int, ...]]


def _branches(p: Any) -> list[Branch]:
    """Every course of one pair: probability, Alice's bits, and which of the two are bad."""
    import sympy as sp

    return [
        (sp.Rational(1, 4) * p ** sum(bad) * (1 - p) ** (2 - sum(bad)), bits, bad)
        for bits in itertools.product((0, 1), repeat=2)
        for bad in itertools.product((0, 1), repeat=2)
    ]


def _parities(branch: Branch) -> tuple[int, int]:
    """Alice's parity s and Bob's t."""
    _, (x1, x2), (e1, e2) = branch
    return x1 ^ x2, (x1 ^ e1) ^ (x2 ^ e2)


def _eve(branch: Branch) -> tuple[Any, ...]:
    """What Eve's pointers say: which bits are bad, and those bits."""
    _, bits, bad = branch
    return bad, tuple(x for x, e in zip(bits, bad, strict=True) if e)


def _entropy(p: Any, *views: Callable[[Branch], Any]) -> Any:
    """Entropy of what `views` show of a pair."""
    weights: dict[Any, Any] = {}
    for branch in _branches(p):
        label = tuple(view(branch) for view in views)
        weights[label] = weights.get(label, 0) + branch[0]
    return entropy((weight, 1) for weight in weights.values())


def one_level(gain: Formula, survivors: Formula, next_error: Formula) -> Iterator[Step]:
    """One pair of bits, each bad with probability p independently of the other."""
    p, z = symbol("p"), symbol("z")
    branches = _branches(p)
    matched = [b for b in branches if len(set(_parities(b))) == 1]
    yield holds(
        "the parities s and t differ by e1 + e2, e marking the bad bits: what Bob announces is a function of which are "
        "bad, which Eve's pointers say anyway; a matched pair has both bits good or both bad",
        all(_parities(b)[0] ^ _parities(b)[1] == b[2][0] ^ b[2][1] for b in branches)
        and all(b[2][0] == b[2][1] for b in matched),
        formula=r"s\oplus t = e_1\oplus e_2",
    )
    accepted = sum(b[0] for b in matched)
    yield identity(
        "pairs match with probability P, and each leaves one bit of two",
        accepted / 2,
        survivors(p),
        formula=r"P = p^2 + (1-p)^2",
    )
    yield identity(
        "the bit that is left is bad with probability p^2/P",
        sum(b[0] for b in matched if b[2][0]) / accepted,
        next_error(p),
        formula=r"p' = p^2/P",
    )
    yield identity(
        "it is uniform whether good or bad: both values have the same weight",
        sum(b[0] for b in matched if b[2][0] and b[1][0]),
        sum(b[0] for b in matched if b[2][0] and not b[1][0]),
        formula=r"\Pr[x_1 = 1, e_1 = e_2 = 1] = \Pr[x_1 = 0, e_1 = e_2 = 1]",
    )
    h = binary_entropy(2 * p * (1 - p))
    yield identity(
        "Bob lacks h(2p(1-p)) bits of s, from the joint distribution of s and t",
        _entropy(p, _parities) - _entropy(p, lambda b: _parities(b)[1]),
        h,
        formula=r"H(s|t) = h(2p(1-p))",
    )
    yield identity(
        "Eve lacks 1 - p^2 bits of s: it is uniform for her unless both bits are bad, and then she knows it",
        _entropy(p, lambda b: _parities(b)[0], _eve) - _entropy(p, _eve),
        1 - p**2,
        formula=r"H(s|E) = 1 - p^2",
    )
    yield identity(
        "the difference is the gain of a hashed pair",
        (1 - p**2) - h,
        gain(p),
        formula=r"H(s|E) - H(s|t) = 1 - p^2 - h(2p(1-p))",
    )
    yield positive(
        "p' < p for 0 < p < 1/2",
        (p - p**2 / (p**2 + (1 - p) ** 2)).subs(p, 1 / (2 + z)),
        formula=r"p' < p",
    )


def _independent(vectors: Sequence[int]) -> bool:
    """Whether these vectors over GF(2), the bits of integers, are linearly independent."""
    basis: list[int] = []
    for vector in vectors:
        rest = vector
        for element in basis:
            rest = min(rest, rest ^ element)
        if not rest:
            return False
        basis.append(rest)
    return True


def forest() -> Iterator[Step]:
    """Induct over the levels: a surviving bit is the root of a tree of copies, whose edges are the parities so far."""
    edges1, root1, edges2, root2 = (1 << k for k in range(4))
    parity = root1 ^ root2
    yield holds(
        "let a tree's bits be an invertible linear function of its root's bit and its edges' parities, as for one "
        "copy. Two such trees joined by s = root1 + root2 are again one, with root1: over GF(2) the map of (edges1, "
        "root1, edges2, root2) to (edges1, edges2, s, root1) is invertible",
        _independent([edges1, edges2, parity, root1]),
        formula=r"(r_1, r_2) \mapsto (r_1, r_1\oplus r_2),\quad \det = 1",
    )
    yield holds(
        "by induction the copies of a surviving tree are all good or all bad, as its root's level joins only trees of "
        "the same kind. In a good one Eve knows no bit, so root and edges are uniform and independent; in a bad one "
        "she knows all. A pair of one good and one bad root is dropped; modulo the bad tree's bits, its parity and the "
        "edges of the good tree are independent",
        _independent([edges1, root1]) and _independent([edges1, parity & ~(edges2 | root2)]),
        formula=r"s = r_1\oplus r_2,\quad r_2\text{ known},\quad r_1\text{ uniform given the edges of its tree}",
    )
    yield cited(
        "distinct trees are made of distinct copies, which are independent, and are paired without regard to their "
        "bits: given what matched, the survivors are again independent, bad with probability p', and uniform",
        "textbook",
        formula=r"(x^{(1)}, e^{(1)}), (x^{(2)}, e^{(2)}), \ldots\ \text{i.i.d.}",
    )
    yield cited(
        "so, given which copies are bad and the bits of these, the parities of all levels that are not between two bad "
        "bits are uniform and independent: entropies of levels add up, and one parity tells nothing of others",
        "textbook (chain rule)",
        formula=r"H(s_0, s_1, \ldots|E) = \sum_k H(s_k|E)",
    )


def coding() -> Iterator[Step]:
    """What turns entropies into key."""
    yield cited(
        "random linear hashes of a string of n independent s, of n (H(s|t) + o(1)) bits, let Bob find it with a "
        "failure probability that vanishes with n; that costs at most as many bits of Eve's uncertainty",
        "csiszar1982",
        formula=r"m_k = n_k\,[h(2p_k(1-p_k)) + o(1)]",
    )
    yield cited(
        "two-universal hashing extracts what entropy is left as uniform key; for classical Eve and one-way "
        "announcements it is the Devetak-Winter rate",
        "bennett1995; devetak2005",
        formula=r"K \ge \sum_k \frac{n_k}{N}\left[H(s_k|E) - H(s_k|t_k)\right]",
    )
    yield cited(
        "on a level without gain Alice announces all s: both know which pairs match, and nothing is gained or lost. "
        "Stopping after any level leaves a sum of non-negative terms",
        "textbook",
        formula=r"\frac{n_k}{N} = \frac{1}{2}\prod_{j<k}\frac{P_j}{2},\quad g_k \to \max(0, g_k)",
    )


def protocol(gain: Formula = gain, survivors: Formula = survivors, next_error: Formula = next_error) -> Iterator[Step]:
    """Prove the rate for any state with the branch structure of `privacy_squeezing_key`."""
    yield from one_level(gain, survivors, next_error)
    yield from forest()
    yield from coding()


def derivation(
    gain: Formula = gain, survivors: Formula = survivors, next_error: Formula = next_error
) -> Iterator[Step]:
    """Prove the rate of rho_{d,p}."""
    yield from branch_structure()
    yield from protocol(gain, survivors, next_error)


def numerical(gain: Formula = gain, survivors: Formula = survivors, next_error: Formula = next_error) -> Iterator[Step]:
    """Two levels from the joint distribution of all courses of four copies; one from Eve's dense density matrices."""
    import mpmath as mp
    import sympy as sp

    p = symbol("p")
    matched = 2 * survivors(p)
    stated = gain(p) / 2 + matched**2 / 4 * gain(
        next_error(p)
    )  # of four copies a second level needs both pairs to match
    with mp.workdps(DIGITS + 10):
        yield witness(
            "two levels on four copies, all courses enumerated, p = 1/5",
            number(stated, {p: sp.Rational(1, 5)}),
            _four_copies(mp.mpf(1) / 5),
        )
        yield witness(
            "one pair of dense copies, Eve's density matrices, d = 2, p = 2/5",
            number(gain(p), {p: sp.Rational(2, 5)}),
            _dense_pair(mp.mpf(2) / 5),
        )


def _four_copies(p: Any) -> Any:
    """Eve's uncertainty about the parities of two levels less Bob's, per copy, from probabilities alone."""
    import mpmath as mp

    joint: dict[tuple[Any, Any, Any], Any] = {}
    for bits in itertools.product((0, 1), repeat=4):
        for bad in itertools.product((0, 1), repeat=4):
            received = tuple(x ^ e for x, e in zip(bits, bad, strict=True))
            pairs = [(0, 1), (2, 3)]
            alice = [bits[a] ^ bits[b] for a, b in pairs]
            bob = [received[a] ^ received[b] for a, b in pairs]
            if alice == bob:  # both match: the roots 0 and 2 meet on the second level
                alice.append(bits[0] ^ bits[2])
                bob.append(received[0] ^ received[2])
            eve = (bad, tuple(x for x, e in zip(bits, bad, strict=True) if e))
            label = (tuple(alice), tuple(bob), eve)
            weight = mp.mpf(1) / 16 * p ** sum(bad) * (1 - p) ** (4 - sum(bad))
            joint[label] = joint.get(label, mp.mpf(0)) + weight

    def total(view: Callable[[Any, Any, Any], Any]) -> Any:
        weights: dict[Any, Any] = {}
        for label, weight in joint.items():
            seen = view(*label)
            weights[seen] = weights.get(seen, mp.mpf(0)) + weight
        return dense.entropy(list(weights.values()))

    def first(alice: Any, bob: Any) -> Any:
        return alice[:2], bob[:2]

    eve = total(lambda alice, bob, eve: (alice, eve)) - total(lambda alice, bob, eve: eve)
    # Bob learns the first level's parities before he meets the second's
    bob = total(lambda alice, bob, eve: first(alice, bob)) - total(lambda alice, bob, eve: bob[:2])
    bob += total(lambda alice, bob, eve: (alice, bob)) - total(lambda alice, bob, eve: (first(alice, bob), bob[2:]))
    return (eve - bob) / 4


def _dense_pair(p: Any) -> Any:
    """Devetak-Winter rate of the parity of two copies of the dense rho_{2,p}."""
    import mpmath as mp

    rho = dense.ppt_private_state(2, p)
    labels = [(a, b) for a in (0, 1) for b in (0, 1)]
    single = dict(zip(labels, dense.eve_states(rho, [dense.keys(2, a, b) for a, b in labels]), strict=True))
    eve: dict[tuple[int, int], Any] = {}
    for (a1, b1), (a2, b2) in itertools.product(labels, repeat=2):
        state = dense.kron(single[a1, b1], single[a2, b2])
        parities = (a1 ^ a2, b1 ^ b2)
        eve[parities] = eve[parities] + state if parities in eve else state
    weights = [mp.re(dense.trace(eve[label])) for label in labels]
    given = [eve[s, 0] + eve[s, 1] for s in (0, 1)]
    holevo = dense.entropy(dense.eigenvalues(given[0] + given[1]))
    holevo -= mp.fsum(dense.entropy(dense.eigenvalues(2 * state)) for state in given) / 2
    return 2 - dense.entropy(weights) - holevo


CLAIM = ProseClaim(
    name="pair-parity-key",
    statement="For every d >= 2 and 0 < p <= 1/2, hashed pair parities on copies of rho_{d,p} give the key rate S(p), "
    "with p_0 = p, P_k = p_k^2 + (1-p_k)^2 and p_{k+1} = p_k^2/P_k; the sum may be cut at any level. The same holds "
    "for every state whose measured key bits agree and are secret with probability 1-p, and otherwise differ and are "
    "known to Eve.",
    formula=r"K(\rho_{d,p}) \ge S(p) = \sum_{k\ge 0}\left(\prod_{j<k}\frac{P_j}{2}\right)\frac{1}{2}"
    r"\max\left(0,\, 1 - p_k^2 - h(2p_k(1-p_k))\right)",
    source="this project, after vollbrecht2004 and watanabe2007",
    derivation=derivation,
    witness=numerical,
)

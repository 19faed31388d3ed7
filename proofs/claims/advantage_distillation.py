"""Repetition-code advantage distillation on n copies of rho_{d,p}: ((1-p)^n + p^n)/n (1 - h(q) - q) bits a copy."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense
from keybounds.proofs.algebra.symbols import binary_entropy, entropy, symbol
from keybounds.proofs.checks import DIGITS, cited, identity, number, witness
from keybounds.proofs.claim import ProseClaim, Step
from keybounds.proofs.claims.privacy_squeezing_key import branch_structure, key_rate


def rate(n: Any, p: Any) -> Any:
    """((1-p)^n + p^n)/n (1 - h(q) - q), q = p^n/(p^n + (1-p)^n)."""
    accepted = (1 - p) ** n + p**n
    q = p**n / accepted
    return accepted / n * (1 - binary_entropy(q) - q)


Formula = Callable[[Any, Any], Any]


def derivation(rate: Formula = rate) -> Iterator[Step]:
    """Prove the rate for every n from the branch structure of one copy."""
    import sympy as sp

    n, p, q, z = symbol("n"), symbol("p"), symbol("q"), symbol("z")
    yield from branch_structure()
    yield cited(
        "Alice announces the parities A_1+A_i; Bob accepts if he finds the same ones. Copies err independently, so "
        "this happens if all n bits agree or all n differ, which has these probabilities",
        "maurer1993",
        formula=r"P = (1-p)^n + p^n,\quad q = p^n/P",
    )
    accepted = (1 - p) ** n + p**n
    error = p**n / accepted
    yield identity(
        "the two accepted branches exhaust the accepted weight",
        accepted * error + (1 - p) ** n,
        accepted,
        formula=r"Pq + (1-p)^n = P",
    )
    alice_bob = 2 - entropy([((1 - q) / 2, 2), (q / 2, 2)])
    yield identity(
        "given acceptance and the parities, A_1 is uniform and B_1 differs with probability q",
        alice_bob,
        1 - binary_entropy(q),
        formula=r"I(A_1:B_1) = 1 - h(q)",
    )
    # z: dimension of Eve's (maximally mixed, key-independent) pointers where all bits agree; v: in each all-error word.
    v = symbol("v")
    good, bad = (1 - q) / z, q / (2 * v)
    alice_eve = entropy([(good, z), (bad, 2 * v)]) - entropy([(good, z), (2 * bad, v)])
    yield identity(
        "where all bits agree Eve's state is the same for both values of A_1; where all differ her pointers name it: "
        "whatever their numbers z and v, her Holevo information is q",
        alice_eve,
        q,
        formula=r"I(A_1:E) = q",
    )
    yield cited(
        "one-way public discussion reaches I(A:B) - I(A:E)",
        "devetak2005",
        formula=r"K \ge \frac{P}{n}\left[I(A_1:B_1) - I(A_1:E)\right]",
    )
    yield identity(
        "per copy, with n copies for each accepted bit, that is the stated rate",
        accepted / n * (alice_bob - alice_eve).subs(q, error),
        rate(n, p),
        formula=r"K \ge \frac{(1-p)^n+p^n}{n}\left(1 - h(q) - q\right)",
    )
    yield identity(
        "for n = 1 it is the rate without advantage distillation",
        rate(sp.Integer(1), p),
        key_rate(p),
        formula=r"n = 1:\quad 1 - h(p) - p",
    )


def numerical(rate: Formula = rate) -> Iterator[Step]:
    """Enumerate all words at n = 2 and 3, and take Eve's density matrices on two copies of the dense state at d = 2."""
    import mpmath as mp
    import sympy as sp

    n, p = symbol("n"), symbol("p")
    with mp.workdps(DIGITS + 10):
        chosen = mp.mpf(2) / 5
        for copies in (2, 3):
            stated = number(rate(n, p), {n: copies, p: sp.Rational(2, 5)})
            yield witness(f"enumeration of all words, n = {copies}, p = 2/5", stated, _enumerated(copies, chosen))
        stated = number(rate(n, p), {n: 2, p: sp.Rational(2, 5)})
        yield witness("Eve's states on two dense copies, d = 2, p = 2/5", stated, _two_dense_copies(chosen))


def _enumerated(n: int, p: Any) -> Any:
    """Rate from the joint distribution of all words; Eve sees which copies err, their bits, and the parities."""
    import mpmath as mp

    joint: dict[tuple[int, int, Any], Any] = {}
    for bits in itertools.product((0, 1), repeat=n):
        for errors in itertools.product((0, 1), repeat=n):
            parities = tuple(bit ^ bits[0] for bit in bits)
            received = tuple(bit ^ e for bit, e in zip(bits, errors, strict=True))
            if parities != tuple(bit ^ received[0] for bit in received):
                continue
            eve = (parities, errors, tuple(bit for bit, e in zip(bits, errors, strict=True) if e))
            weight = mp.mpf(1) / 2**n * p ** sum(errors) * (1 - p) ** (n - sum(errors))
            key = (bits[0], received[0], eve)
            joint[key] = joint.get(key, mp.mpf(0)) + weight
    accepted = mp.fsum(joint.values())

    def marginal_entropy(*parts: Callable[[tuple[int, int, Any]], Any]) -> Any:
        weights: dict[Any, Any] = {}
        for key, weight in joint.items():
            label = tuple(part(key) for part in parts)
            weights[label] = weights.get(label, mp.mpf(0)) + weight / accepted
        return dense.entropy(list(weights.values()))

    def alice(key: Any) -> Any:
        return key[0]

    def bob(key: Any) -> Any:
        return key[1], key[2][0]  # his bit, and the parities that all have heard

    def eavesdropper(key: Any) -> Any:
        return key[2]

    gain = marginal_entropy(bob) - marginal_entropy(alice, bob)
    gain += marginal_entropy(alice, eavesdropper) - marginal_entropy(eavesdropper)
    return accepted / n * gain


def _two_dense_copies(p: Any) -> Any:
    """Rate for n = 2 from Eve's density matrices of a purification of rho_{2,p}."""
    import mpmath as mp

    rho = dense.ppt_private_state(2, p)
    labels = list(itertools.product((0, 1), repeat=2))
    single = dict(zip(labels, dense.eve_states(rho, [dense.keys(2, a, b) for a, b in labels]), strict=True))
    accepted, difference = mp.mpf(0), mp.mpf(0)
    for parity in (0, 1):
        eve = {
            (a, b): dense.kron(single[a, b], single[a ^ parity, b ^ parity])
            for a, b in labels  # Bob's parity is Alice's: this is all that he accepts
        }
        weights = {label: mp.re(dense.trace(state)) for label, state in eve.items()}
        total = mp.fsum(weights.values())
        given = [eve[a, 0] + eve[a, 1] for a in (0, 1)]
        alice_bob = 2 - dense.entropy([w / total for w in weights.values()])
        holevo = (
            dense.entropy(dense.eigenvalues((given[0] + given[1]) / total))
            - mp.fsum(dense.entropy(dense.eigenvalues(2 * state / total)) for state in given) / 2
        )
        accepted += total
        difference += total * (alice_bob - holevo)
    return difference / 2


CLAIM = ProseClaim(
    name="advantage-distillation",
    statement="For every d >= 2, 0 < p < 1 and n >= 1, repetition-code advantage distillation on n copies of "
    "rho_{d,p} gives ((1-p)^n + p^n)/n (1 - h(q) - q) key bits a copy, q = p^n/(p^n + (1-p)^n).",
    formula=r"K(\rho_{d,p}) \ge \frac{(1-p)^n+p^n}{n}\left(1 - h(q) - q\right),\quad q = \frac{p^n}{p^n+(1-p)^n}",
    source="this project, after maurer1993",
    derivation=derivation,
    witness=numerical,
)

"""An independent verifier of entropy certificates, and behaviours with an explicit eavesdropper."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx, fmpq

from keybounds.experiments import Behaviour
from keybounds.proofs.certificates.data import Certificate


def _reduced(letters: list[list[int]]) -> tuple[tuple[int, int], ...] | None:
    """A party's product of projectors, reduced by looking for neighbours until there are none left to merge."""
    word = [tuple(letter) for letter in letters]
    while True:
        for i in range(len(word) - 1):
            if word[i][0] == word[i + 1][0]:
                if word[i][1] != word[i + 1][1]:
                    return None
                del word[i]
                break
        else:
            return tuple(word)


def _class(left: Any, right: Any) -> Any:
    """The class {w, w†} of the product left† right; None for 0."""
    parts = [_reduced([*reversed(a), *b]) for a, b in zip(left, right, strict=True)]
    if None in parts:
        return None
    return frozenset({tuple(parts), tuple(part[::-1] for part in parts)})


def _positive(entries: list[int], size: int) -> bool:
    """Whether the matrix with this upper triangle is positive semidefinite: LDLᵀ in ball arithmetic."""
    A = [[arb(0)] * size for _ in range(size)]
    for (i, j), value in zip(itertools.combinations_with_replacement(range(size), 2), entries, strict=True):
        A[i][j] = A[j][i] = arb(value)
    for k in range(size):
        if not A[k][k] > 0:
            return all(value == 0 for row in A[k:] for value in row[k:])
        for i in range(k + 1, size):
            factor = A[i][k] / A[k][k]
            for j in range(k + 1, i + 1):
                A[i][j] -= factor * A[j][k]
                A[j][i] = A[i][j]
    return True


def _weights(nodes: list[Fraction], noise: float, bits: int) -> list[arb]:
    """The weights of the hat functions from antiderivatives of 1/(q+rt) and t/(q+rt), term by term."""
    q = arb(noise)
    r = 1 - 2 * q
    exact = [arb(fmpq(t.numerator, t.denominator)) for t in [Fraction(0), *nodes, Fraction(1)]]

    def xlogx(x: arb) -> arb:
        return x * x.log() if x > 0 else arb(0)

    def second(t: arb) -> arb:
        """A function whose second derivative is 1/(q + rt)."""
        return (xlogx(q + r * t) - (q + r * t)) / (r * r)

    def total(t: arb) -> arb:
        return second(t) + second(1 - t)

    # ∫ hat · F'' = the second divided difference of F
    return [
        (total(c) - total(b)) / (c - b) - (total(b) - total(a)) / (b - a)
        for a, b, c in zip(exact, exact[1:], exact[2:], strict=False)
    ]


def _flips_to_its_negative(functional: list[Any]) -> bool:
    """Whether 1 - E for each projector E turns the functional f into -f, so that f = 0 on flip-invariant devices."""
    total: dict[Any, Fraction] = {}
    for (alice, bob), coefficient in functional:
        value = Fraction(coefficient)
        plain = _class([[], []], [alice, bob])
        total[plain] = total.get(plain, Fraction(0)) + value
        for kept_a in itertools.product((0, 1), repeat=len(alice)):
            for kept_b in itertools.product((0, 1), repeat=len(bob)):
                part = _class(
                    [[], []], [list(itertools.compress(alice, kept_a)), list(itertools.compress(bob, kept_b))]
                )
                total[part] = total.get(part, Fraction(0)) + (-1) ** (sum(kept_a) + sum(kept_b)) * value
    return not any(total.values())


def _verify(document: Mapping[str, Any]) -> arb:
    """Re-derive the bound from the certificate alone; fails where a matrix or a weight is not what it must be."""
    with ctx.workprec(400):
        words = document["words"]
        size = len(words)
        ids: dict[Any, int] = {}
        index = {}
        for i, j in itertools.combinations_with_replacement(range(size), 2):
            key = _class(words[i], words[j])
            index[i, j] = None if key is None else ids.setdefault(key, len(ids))
        one = ids[frozenset({((), ())})]

        def moment(alice: list[list[int]], bob: list[list[int]]) -> int:
            return ids[_class([[], []], [alice, bob])]

        scale = 1 << document["nodes"]["bits"]
        nodes = [Fraction(t, scale) for t in document["nodes"]["t"]]
        assert all(0 < t < 1 for t in nodes)
        assert nodes == sorted(set(nodes))
        weights = [Fraction(w, 1 << document["weights"]["bits"]) for w in document["weights"]["W"]]
        noise, keep = document["noise"], Fraction(document["keep"])
        mirror = "mirrored" in document
        if mirror:
            assert keep == 1
            assert {*document["outcomes"]["alice"], *document["outcomes"]["bob"]} == {2}
            assert all(2 * t < 1 for t in nodes)
            every = _weights([*nodes, *(1 - t for t in reversed(nodes))], noise, document["weights"]["bits"])
            true_weights = [2 * weight for weight in every[: len(nodes)]]
        else:
            true_weights = _weights(nodes, noise, document["weights"]["bits"])
        for claimed, true in zip(weights, true_weights, strict=True):
            assert arb(fmpq(claimed.numerator, claimed.denominator)) <= true
            assert claimed >= 0

        x, y = document["key"]
        A, letters = [[x, 0]], [[[y, b]] for b in range(document["outcomes"]["bob"][y] - 1)]
        kept = [keep if b == 1 else Fraction(1) for b in range(len(letters) + 1)]
        L0: dict[int, Fraction] = {}
        L1: dict[int, Fraction] = {}
        for bob, value in [([], kept[-1]), *((letter, kept[b] - kept[-1]) for b, letter in enumerate(letters))]:
            for vector, k, factor in (
                (L0, moment(A, bob), 1),
                (L1, moment([], bob), keep),
                (L1, moment(A, bob), -keep),
            ):
                vector[k] = vector.get(k, Fraction(0)) + value * factor

        unit = Fraction(1, 2) ** document["dual"]["bits"]

        def sums(entries: list[int]) -> dict[int, Fraction]:
            result = dict.fromkeys(ids.values(), 0)
            pairs = itertools.combinations_with_replacement(range(size), 2)
            for (i, j), value in zip(pairs, entries, strict=True):
                k = index[i, j]
                if k is not None:
                    result[k] += value if i == j else 2 * value
            return {k: value * unit for k, value in result.items()}

        charge = Fraction(0)
        left = dict.fromkeys(ids.values(), Fraction(0))
        for t, weight, X, Y in zip(nodes, weights, document["dual"]["X"], document["dual"]["Y"], strict=True):
            assert _positive(X, size)
            assert _positive(Y, size)
            x_sums, y_sums = sums(X), sums(Y)
            for k in ids.values():
                cost = weight * (t * L1.get(k, 0) - (1 - t) * L0.get(k, 0))
                charge += abs(cost - x_sums[k] + y_sums[k])
                left[k] += weight * (1 - t) * L0.get(k, 0) - y_sums[k]

        value = -charge
        largest: dict[int, Fraction] = {one: Fraction(1)}
        for entry, multiplier in zip(document["known"], document["multipliers"], strict=True):
            kappa = Fraction(multiplier)
            value += min(kappa * Fraction(entry["low"]), kappa * Fraction(entry["high"]))
            if mirror and len(entry["functional"]) > 1:
                assert entry["low"] == entry["high"] == 0
                assert _flips_to_its_negative(entry["functional"])
            for word, coefficient in entry["functional"]:
                left[moment(*word)] -= kappa * Fraction(coefficient)
            if len(entry["functional"]) == 1 and entry["functional"][0][1] == 1.0:
                k = moment(*entry["functional"][0][0])
                weight = L0.get(k, 0) + L1.get(k, 0)
                largest[k] = Fraction(entry["high"] if weight >= 0 else entry["low"])
        value -= sum(map(abs, left.values()))
        weights_of = {k: L0.get(k, 0) + L1.get(k, 0) for k in {*L0, *L1}}
        survival = Fraction(1)
        if largest.keys() >= weights_of.keys():
            survival = min(survival, sum((weight * largest[k] for k, weight in weights_of.items()), Fraction(0)))
        q = arb(noise)
        entropy_of_noise = sum((-p * p.log() for p in (q, 1 - q) if p > 0), arb(0))
        rational = arb(fmpq(value.numerator, value.denominator)) / arb(fmpq(survival.numerator, survival.denominator))
        return (entropy_of_noise + (1 - 2 * q) ** 2 * rational) / arb(2).log()


@pytest.fixture(scope="session")
def verify() -> Callable[[Any], arb]:
    """Of a certificate, or of its data with numbers as doubles."""

    def check(certificate: Mapping[str, Any] | Certificate | None) -> arb:
        assert certificate is not None
        return _verify(certificate.data() if isinstance(certificate, Certificate) else certificate)

    return check


@dataclass(frozen=True)
class Eavesdropped:
    """A quantum behaviour, and the states of the eavesdropper who holds the purification: one per key symbol."""

    behaviour: Behaviour
    symbols: Callable[[float, float], tuple[np.ndarray, np.ndarray]]

    def entropy(self, noise: float, keep: float) -> float:
        """H(Â|E,V) of this eavesdropper, exactly."""

        def unnormalised(rho: np.ndarray) -> float:
            values = np.clip(np.linalg.eigvalsh(rho), 1e-300, None)
            return float(-np.sum(values * np.log2(values)))

        states = self.symbols(noise, keep)
        total = states[0] + states[1]
        survival = float(np.trace(total).real)
        return (sum(map(unnormalised, states)) - unnormalised(total)) / survival


@pytest.fixture(scope="session")
def eavesdropped() -> Callable[[int], Eavesdropped]:
    """Random pairs of qubits shared with Eve, noisy or nearly pure, measured by random projectors; key (0, 0)."""

    def make(seed: int) -> Eavesdropped:
        rng = np.random.default_rng(seed)
        settings_a, settings_b = 2, int(rng.integers(2, 4))
        rank = int(rng.integers(1, 5))
        strength = rng.choice([0.03, 0.3, 1.0])
        amplitudes = rng.normal(size=(4, rank)) + 1j * rng.normal(size=(4, rank))
        amplitudes[:, 1:] *= strength
        psi = amplitudes.reshape(2, 2, rank) / np.linalg.norm(amplitudes)

        def projector() -> np.ndarray:
            vector = rng.normal(size=2) + 1j * rng.normal(size=2)
            vector /= np.linalg.norm(vector)
            return np.outer(vector, vector.conj())

        effects = []
        for count in (settings_a, settings_b):
            clicks = [projector() for _ in range(count)]
            effects.append([[click, np.eye(2) - click] for click in clicks])
        P = np.array(
            [
                [
                    [
                        [np.einsum("abe,ax,by,xye->", psi.conj(), A[i], B[j], psi).real for B in effects[1]]
                        for A in effects[0]
                    ]
                    for j in (0, 1)
                ]
                for i in (0, 1)
            ]
        )

        def symbols(noise: float, keep: float) -> tuple[np.ndarray, np.ndarray]:
            A, B = effects[0][0], effects[1][0]
            raw = [
                k * np.einsum("abe,ax,by,xyf->fe", psi.conj(), A[a], B[0] + keep * B[1], psi)
                for a, k in ((0, 1.0), (1, keep))
            ]
            return (1 - noise) * raw[0] + noise * raw[1], (1 - noise) * raw[1] + noise * raw[0]

        return Eavesdropped(Behaviour(P), symbols)

    return make


@pytest.fixture(scope="session")
def chsh_optimal() -> Callable[[float], Behaviour]:
    """The behaviour that attains the CHSH entropy: E(0,y) = cos φ, E(1,y) = ±C sin φ, tan φ = C = √(S²/4 - 1)."""

    def make(chsh: float) -> Behaviour:
        C = np.sqrt(chsh**2 / 4 - 1)
        phi = np.arctan(C)
        E = np.array([[np.cos(phi)] * 2, [C * np.sin(phi), -C * np.sin(phi)]])
        signs = np.array([[1, -1], [-1, 1]])
        return Behaviour((1 + signs[:, :, None, None] * E) / 4)

    return make

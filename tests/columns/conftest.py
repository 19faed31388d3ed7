"""Tables to bound, and an independent reading of the certificates: density matrices, Fractions and mpmath."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import mpmath
import numpy as np
import pytest

from keybounds.bounds import Bound, Protocol
from keybounds.bounds.upper import attack_ceiling
from keybounds.experiments import Behaviour, IonExperiment, PhotonicExperiment, born, load, qubit_measurement
from keybounds.proofs.certificates import certify
from keybounds.proofs.certificates.data import AttackMixture
from keybounds.proofs.verifier import Verification, verify_text


def werner_table(visibility: float) -> Behaviour:
    """Werner state, CHSH settings at their best, Bob's third setting along Alice's first."""
    phi = np.zeros((4, 4))
    phi[np.ix_([0, 3], [0, 3])] = 0.5
    rho = visibility * phi + (1 - visibility) * np.eye(4) / 4
    alice = [qubit_measurement(angle) for angle in (0, math.pi / 2)]
    bob = [qubit_measurement(angle) for angle in (math.pi / 4, -math.pi / 4, 0)]
    return born(rho, alice, bob)


def random_violating(seed: int) -> Behaviour:
    """A random partly entangled pair, every third one pure, the others noisy; settings near the CHSH optimum."""
    rng = np.random.default_rng(seed)
    theta = rng.uniform(0.4, math.pi / 4)
    psi = np.array([math.cos(theta), 0, 0, math.sin(theta)])
    g = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    noise = g @ g.conj().T
    weight = (0.0, 0.02, 0.1)[seed % 3] * rng.random()
    rho = (1 - weight) * np.outer(psi, psi) + weight * noise / np.trace(noise).real
    chi = math.atan(math.sin(2 * theta))
    alice = np.array([0, math.pi / 2]) + 0.15 * rng.normal(size=2)
    bob = np.array([chi, -chi, 0]) + 0.15 * rng.normal(size=3)
    return born(rho, [qubit_measurement(t) for t in alice], [qubit_measurement(t) for t in bob])


@pytest.fixture(scope="session")
def werner() -> Callable[[float], Behaviour]:
    return werner_table


@pytest.fixture(scope="session")
def violating() -> Callable[[int], Behaviour]:
    return random_violating


@pytest.fixture(scope="session")
def fast_ceiling(shared: Callable[..., Any]) -> Callable[[Behaviour, Protocol], Bound]:
    """`attack_ceiling` of a table and a class, found once for all who ask for the same."""

    def found(behaviour: Behaviour, protocol: Protocol) -> Bound:
        asked = repr((behaviour.P.shape, protocol.to_dict())).encode() + behaviour.P.tobytes()
        bound: Bound = shared(
            f"ceiling {hashlib.sha256(asked).hexdigest()}", lambda: attack_ceiling(behaviour, protocol)
        )
        return bound

    return found


@pytest.fixture(scope="session")
def verified() -> Callable[[Bound, Behaviour], mpmath.mpf]:
    return verified_value


@pytest.fixture(scope="session")
def accepted() -> Callable[[Bound], Verification]:
    """The verdict of the package's verifier on the written document, as JSON."""

    def verdict(bound: Bound) -> Verification:
        return verify_text(json.dumps(certify(bound)))

    return verdict


@pytest.fixture(scope="session")
def ion() -> Behaviour:
    return load("nadlinger2022-link").projection().behaviour


@pytest.fixture(scope="session")
def ion_model() -> Behaviour:
    model = load("nadlinger2022-link").models["bell-diagonal"]
    assert isinstance(model, IonExperiment)
    return model.behaviour()


@pytest.fixture(scope="session")
def photonic() -> Behaviour:
    model = load("liu2022-20m").models["white-noise"]
    assert isinstance(model, PhotonicExperiment)
    return model.behaviour()


# An independent verifier


def projectors(measurement: Mapping[str, Any], bits: int, count: int) -> list[list[list[Fraction]]]:
    """The effects of a measurement of a certificate, by outcome, exact."""
    c, s = measurement["direction"]
    norm = c * c + s * s
    first = [[Fraction(c * c, norm), Fraction(c * s, norm)], [Fraction(c * s, norm), Fraction(s * s, norm)]]
    second = [[(1 if i == j else 0) - first[i][j] for j in (0, 1)] for i in (0, 1)]
    effects = [[[Fraction(0)] * 2 for _ in (0, 1)] for _ in range(count)]
    i, j = measurement["labels"]
    f, g = (Fraction(flip, 1 << bits) for flip in measurement["misprints"])
    assert 0 <= f <= 1
    assert 0 <= g <= 1
    for label, share_first, share_second in ((i, 1 - f, g), (j, f, 1 - g)):
        for row in (0, 1):
            for column in (0, 1):
                effects[label][row][column] += share_first * first[row][column] + share_second * second[row][column]
    return effects


def eve_states(strategy: Mapping[str, Any], bits: int, outcomes: tuple[int, int], pair: tuple[int, int]) -> Any:
    """Eve's unnormalised states [a][b] as 2x2 nested lists of Fractions: Tr_AB[(A ⊗ B ⊗ 1) psi psi^T] / |psi|^2."""
    psi = strategy["state"]
    norm = sum(entry * entry for entry in psi)
    alice = projectors(strategy["alice"][pair[0]], bits, outcomes[0])
    bob = projectors(strategy["bob"][pair[1]], bits, outcomes[1])

    def state(A: Any, B: Any) -> Any:
        return [
            [
                sum(
                    psi[4 * k + 2 * m + e] * A[k][i] * B[m][n] * psi[4 * i + 2 * n + f]
                    for k in (0, 1)
                    for i in (0, 1)
                    for m in (0, 1)
                    for n in (0, 1)
                )
                / norm
                for f in (0, 1)
            ]
            for e in (0, 1)
        ]

    return [[state(A, B) for B in bob] for A in alice]


def spectrum_entropy(matrix: Any) -> mpmath.mpf:
    """-Tr rho log2 rho from mpmath's eigenvalues at 60 digits."""
    entries = mpmath.matrix([[mpmath.mpf(x.numerator) / x.denominator for x in row] for row in matrix])
    return -sum(x * mpmath.log(x, 2) for x in mpmath.eigsy(entries, eigvals_only=True) if x > mpmath.mpf(10) ** -50)


def added(*matrices: Any) -> Any:
    return [[sum((m[i][j] for m in matrices), Fraction(0)) for j in (0, 1)] for i in (0, 1)]


def times(factor: Fraction, matrix: Any) -> Any:
    return [[factor * x for x in row] for row in matrix]


def number(x: Fraction) -> mpmath.mpf:
    return mpmath.mpf(x.numerator) / x.denominator


def plogp(x: Fraction) -> mpmath.mpf:
    return number(x) * mpmath.log(number(x), 2) if x > 0 else mpmath.mpf(0)


def fraction(number: Any) -> Fraction:
    """A double, or what stands for it in a document that was written and read: a dyadic "mpe"."""
    if isinstance(number, str) and "p" in number:
        mantissa, exponent = map(int, number.split("p"))
        return mantissa * Fraction(2) ** exponent
    return Fraction(number)


def exact_protocol(document: Mapping[str, Any]) -> dict[str, Any]:
    settings = [{**one, "noise": fraction(one["noise"])} for one in document["settings"]]
    return {**document, "settings": settings, "keep": fraction(document["keep"])}


def verified_value(bound: Bound, behaviour: Behaviour) -> mpmath.mpf:
    """Check a mixture against its table and the behaviour, and return the ceiling that it proves."""
    certificate = bound.certificate
    assert isinstance(certificate, AttackMixture)
    assert exact_protocol(certificate.protocol) == exact_protocol(bound.scope.protocol.to_dict())
    with mpmath.workdps(60):
        return _verified_value(json.loads(json.dumps(certificate.data())), behaviour)


def relative_entropy(strategy: Mapping[str, Any]) -> mpmath.mpf:
    """D(rho || sigma) of 4x4 matrices, by the eigenvectors of both."""
    psi = mpmath.matrix(strategy["state"]) / mpmath.norm(mpmath.matrix(strategy["state"]))
    rho = mpmath.matrix(4)
    for i, j, e in product(range(4), range(4), range(2)):
        rho[i, j] += psi[2 * i + e] * psi[2 * j + e]
    c, s = (mpmath.mpf(z) for z in strategy["pinching"]["direction"])
    sigma = mpmath.matrix(4)
    for v in (mpmath.matrix([c, s]), mpmath.matrix([-s, c])):
        own = v * v.T / (c * c + s * s)
        sides = (own, mpmath.eye(2)) if strategy["pinching"]["side"] == "alice" else (mpmath.eye(2), own)
        projector = mpmath.matrix(4)
        for i, j, k, m in product(range(2), repeat=4):
            projector[2 * i + k, 2 * j + m] = sides[0][i, j] * sides[1][k, m]
        sigma += projector * rho * projector
    total = mpmath.mpf(0)
    for matrix, sign in ((rho, 1), (sigma, -1)):
        values, vectors = mpmath.eigsy(matrix)
        for k in range(4):
            weight = (vectors[:, k].T * rho * vectors[:, k])[0]
            if values[k] > mpmath.mpf(10) ** -50:
                total += sign * weight * mpmath.log(values[k], 2)
            else:
                assert abs(weight) < mpmath.mpf(10) ** -40
    return total


def _verified_value(certificate: Mapping[str, Any], behaviour: Behaviour) -> mpmath.mpf:
    outcomes = (int(certificate["scenario"]["outcomes"][0]), int(certificate["scenario"]["outcomes"][1]))
    nx, ny = certificate["scenario"]["settings"]
    mixture = certificate["mixture"]
    bits = mixture["grid_bits"]
    points = [(Fraction(p["weight"]), p["alice"], p["bob"]) for p in mixture["points"]]
    strategies = [(Fraction(s["weight"]), s) for s in mixture["strategies"]]
    weights = [w for w, *_ in points] + [w for w, _ in strategies]
    assert min(weights) >= 0
    assert sum(weights) == 1

    def table(pair: tuple[int, int]) -> Any:
        joint = [[Fraction(0)] * outcomes[1] for _ in range(outcomes[0])]
        for weight, a, b in points:
            joint[a[pair[0]]][b[pair[1]]] += weight
        for weight, strategy in strategies:
            for a, row in enumerate(eve_states(strategy, bits, outcomes, pair)):
                for b, rho in enumerate(row):
                    joint[a][b] += weight * (rho[0][0] + rho[1][1])
        return joint

    distance = Fraction(certificate["distance"])
    given = behaviour.collins_gisin
    for pair, claimed in zip(certificate["measured"], certificate["table"], strict=True):
        joint = table(tuple(pair))
        assert [[str(p) for p in row] for row in joint] == claimed
        for a in range(outcomes[0] - 1):
            row = 1 + pair[0] * (outcomes[0] - 1) + a
            assert abs(sum(joint[a]) - Fraction(float(given[row, 0]))) <= distance
            for b in range(outcomes[1] - 1):
                column = 1 + pair[1] * (outcomes[1] - 1) + b
                assert abs(joint[a][b] - Fraction(float(given[row, column]))) <= distance
                assert abs(sum(r[b] for r in joint) - Fraction(float(given[0, column]))) <= distance

    def information(pair: tuple[int, int]) -> mpmath.mpf:
        total = mpmath.mpf(0)
        for weight, strategy in strategies:
            rho = eve_states(strategy, bits, outcomes, pair)
            everything = [m for row in rho for m in row]
            value = sum(spectrum_entropy(added(*row)) for row in rho)
            value += sum(spectrum_entropy(added(*column)) for column in zip(*rho, strict=True))
            value -= spectrum_entropy(added(*everything)) + sum(spectrum_entropy(m) for m in everything)
            total += number(weight) * value
        return total

    def fixed(strategy: Mapping[str, Any]) -> bool:
        sides = [[m["labels"] for m in strategy[party]] for party in ("alice", "bob")]
        return any(all(i == j for i, j in side) for side in sides)

    protocol = certificate["protocol"]
    if protocol["discussion"] in ("completed rounds", "any"):
        proven = []
        if all(fixed(strategy) or "pinching" in strategy for _, strategy in strategies):
            costs = [0 if fixed(strategy) else relative_entropy(strategy) for _, strategy in strategies]
            proven.append(sum((number(w) * c for (w, _), c in zip(strategies, costs, strict=True)), mpmath.mpf(0)))
        if protocol["discussion"] == "completed rounds":
            proven.append(max(information((x, y)) for x in range(nx) for y in range(ny)))
        return min(proven)
    (setting,) = protocol["settings"]
    key = (int(setting["key"][0]), int(setting["key"][1]))
    if protocol["discussion"] == "two-way":
        return information(key)
    q, keep = fraction(setting["noise"]), (Fraction(1), fraction(protocol["keep"]))
    kept = [[keep[a == 1] * keep[b == 1] for b in range(outcomes[1])] for a in range(outcomes[0])]
    total = mpmath.mpf(0)  # p_V H(A|E,V), the deterministic strategies included
    mix = [[1 - q, q], [q, 1 - q]]
    for weight, strategy in strategies:
        rho = eve_states(strategy, bits, outcomes, key)
        sigma = [added(*(times(kept[a][b], rho[a][b]) for b in range(outcomes[1]))) for a in range(outcomes[0])]
        if outcomes[0] == 2:
            sigma = [added(times(mix[c][0], sigma[0]), times(mix[c][1], sigma[1])) for c in (0, 1)]
        total += number(weight) * (sum(map(spectrum_entropy, sigma)) - spectrum_entropy(added(*sigma)))
    for weight, a, b in points:
        survival = weight * kept[a[key[0]]][b[key[1]]]
        total += number(survival) * -(plogp(q) + plogp(1 - q))
    joint = table(key)
    weighed = [[kept[a][b] * joint[a][b] for b in range(outcomes[1])] for a in range(outcomes[0])]
    if outcomes[0] == 2:
        weighed = [[sum(mix[c][a] * weighed[a][b] for a in (0, 1)) for b in range(outcomes[1])] for c in (0, 1)]
    for column in zip(*weighed, strict=True):
        total -= plogp(sum(column)) - sum(plogp(p) for p in column)
    return total

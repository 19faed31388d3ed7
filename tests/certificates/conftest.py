"""A small certificate of every kind and formula, and the value that no sound certificate of its statement can have."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog, minimize_scalar

from keybounds.bounds import (
    Bound,
    Direction,
    Hierarchy,
    Link,
    Scope,
    Status,
    Trust,
    Unit,
    any_discussion,
    completed_rounds,
    one_way,
    two_way,
)
from keybounds.bounds.correlations.moments.words import Scenario
from keybounds.bounds.lower import (
    advantage_distillation,
    channel_hashing,
    chsh_constraint,
    chsh_entropy,
    chsh_rate,
    chsh_table_rate,
    coherent_information,
    conditional_entropy,
    constrained_entropy,
    devetak_winter,
    erasure_rate,
    pair_parity,
    ppt_channel_pair_parity,
    privacy_squeezing,
    pure_loss_rate,
    reconciliation_entropy,
)
from keybounds.bounds.run import FiniteKey
from keybounds.bounds.run.finite_key import finite_key
from keybounds.bounds.upper import (
    LocalWeight,
    amplitude_damping_ceiling,
    channel_transpose_bound,
    choi_relative_entropy,
    chsh_ceiling,
    dephasing_ceiling,
    depolarizing_ceiling,
    erasure_ceiling,
    hull_ceiling,
    local_weight,
    max_rains_information,
    max_relative_entropy,
    mutual_information,
    pair_source_ceiling,
    partial_transpose_bound,
    ppt_channel_ceiling,
    ppt_channel_quantum_ceiling,
    private_state_ceiling,
    pure_loss_ceiling,
    relative_entropy_of_entanglement,
    squashed_entanglement,
    visibility_ceiling,
)
from keybounds.channels.families import depolarizing_choi, werner_holevo_choi
from keybounds.experiments import Behaviour
from keybounds.experiments.photonic import PairSource
from keybounds.proofs import certify
from keybounds.proofs.certificates.data import AttackMixture
from keybounds.proofs.certificates.exact import dyadic
from keybounds.states import PPTPrivateFamily
from keybounds.thing import Thing

NOISE, KEEP = 0.05, 0.9


@dataclass(frozen=True)
class Sample:
    """A bound, its certificate, and the truth about what it bounds, where that is known."""

    bound: Any
    document: dict[str, Any]
    truth: float | None

    @property
    def lower(self) -> bool:
        return bool(self.document["statement"].get("direction", "lower") == "lower")

    def local_share_of(self, tables: dict[tuple[int, ...], NDArray[np.float64]]) -> float:
        """The local weight of tables of bits."""
        return local_share_of(tables)

    @property
    def beyond(self) -> float | None:
        """A value 1e-6 beyond the truth, or a whole bit."""
        if self.truth is None:
            return None
        step = 1.0 if self.document["kind"] == "finite key" else 1e-6
        value = self.truth + (step if self.lower else -step)
        return value if value > 0 else None

    @property
    def false(self) -> dict[str, Any] | None:
        """The document with that value."""
        if self.beyond is None:
            return None
        name = "lower" if self.document["kind"] == "local weight" else "value"
        statement = {**self.document["statement"], name: dyadic(self.beyond)}
        return {**self.document, "statement": statement}

    def allows(self, value: float) -> bool:
        """Whether a value is true, up to the accuracy of the truth."""
        if self.truth is None:
            return False
        return value <= self.truth + 1e-12 if self.lower else value >= self.truth - 1e-12


def born(alice: tuple[float, ...], bob: tuple[float, ...], visibility: float) -> Behaviour:
    """Two qubits with white noise, measured at these angles of a plane."""
    E = visibility * np.array([[math.cos(a - b) for b in bob] for a in alice])
    signs = np.array([[1, -1], [-1, 1]])
    return Behaviour((1 + signs[:, :, None, None] * E) / 4)


def three_setting_behaviour(visibility: float = 0.97) -> Behaviour:
    """The CHSH settings, and y = 2 along Alice's first."""
    return born((0.0, math.pi / 2), (math.pi / 4, -math.pi / 4, 0.0), visibility)


def biased(behaviour: Behaviour) -> Behaviour:
    """One round in twenty prints 0 and 0, another one in fifty 0 and 1: no two entries of a table are equal."""
    certain = np.zeros((2, 2, 1, 1))
    certain[0, 0], certain[0, 1] = 0.05, 0.02
    return Behaviour(0.93 * behaviour.P + certain)


def split(behaviour: Behaviour) -> Behaviour:
    """Bob's outcome 1 told apart into two, by a coin."""
    P = behaviour.P
    return Behaviour(np.stack([P[:, 0], 0.3 * P[:, 1], 0.7 * P[:, 1]], axis=1))


SKEW_KEY, SKEW_TEST = (2, 1), ((1, 2), (0, 2))


def skew_behaviour(visibility: float = 0.97) -> Behaviour:
    """No symmetry to hide behind: the CHSH settings are not the first ones, and the key is Alice's second of them."""
    return born((0.4, 0.0, 1.5), (0.7, 1.45, -0.8), visibility)


def chsh_optimal(chsh: float) -> Behaviour:
    """E(1,y) = cos φ, E(0,y) = ±C sin φ with tan φ = C = sqrt(S²/4 - 1): Alice's second setting is the key's."""
    C = math.sqrt(chsh**2 / 4 - 1)
    phi = math.atan(C)
    E = np.array([[C * math.sin(phi), -C * math.sin(phi)], [math.cos(phi)] * 2])
    signs = np.array([[1, -1], [-1, 1]])
    return Behaviour((1 + signs[:, :, None, None] * E) / 4)


def bell_diagonal(*weights: float) -> NDArray[np.complex128]:
    vectors = np.array([[1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0]]) / math.sqrt(2)
    return np.einsum("k,ki,kj->ij", weights, vectors, vectors).astype(complex)


def random_state(seed: int, size: int, rank: int) -> NDArray[np.complex128]:
    rng = np.random.default_rng(seed)
    g = rng.normal(size=(size, rank)) + 1j * rng.normal(size=(size, rank))
    return g @ g.conj().T / np.linalg.norm(g) ** 2


def antisymmetric(d: int) -> NDArray[np.complex128]:
    swap = np.eye(d * d).reshape(d, d, d, d).swapaxes(2, 3).reshape(d * d, d * d)
    return ((np.eye(d * d) - swap) / (d * (d - 1))).astype(complex)


def entropy(*weights: float) -> float:
    return -sum(w * math.log2(w) for w in weights if w)


def states() -> dict[str, tuple[Bound, float]]:
    """Bounds about states, with the true value of what each bounds."""
    weights = (0.8, 0.1, 0.06, 0.04)
    rho = bell_diagonal(*weights)
    generic = random_state(1, 4, 3)
    searched = relative_entropy_of_entanglement(generic, (2, 2))
    pure = np.zeros((6, 6), dtype=complex)
    psi = np.array([0.6, 0, 0, 0, 0.8, 0])
    pure[:] = np.outer(psi, psi)
    product = np.diag([0.3, 0.2, 0.3, 0.2]).astype(complex)
    phi = np.eye(3).ravel() / math.sqrt(3)
    isotropic = relative_entropy_of_entanglement(
        (0.7 * np.outer(phi, phi) + 0.3 * np.eye(9) / 9).astype(complex), (3, 3)
    )
    symmetric = (np.eye(9) - 3 * antisymmetric(3)) / 6
    werner = (0.7 * antisymmetric(3) + 0.3 * symmetric).astype(complex)
    f = 0.7 + 0.3 / 9
    true_isotropic = math.log2(3) + f * math.log2(f) + (1 - f) * math.log2((1 - f) / 2)
    noisy_pair = bell_diagonal(0.9, 0.05, 0.03, 0.02)  # its key is at least the hashing rate
    choi = depolarizing_choi(0.1, 2)
    fidelity = 1 - 0.075
    return {
        "Bell-diagonal": (relative_entropy_of_entanglement(rho, (2, 2)), 1 - entropy(0.8, 0.2)),
        "isotropic": (isotropic, true_isotropic),
        "Werner": (relative_entropy_of_entanglement(werner, (3, 3)), 1 - entropy(0.7, 0.3)),
        "dephased": (relative_entropy_of_entanglement(pure, (2, 3)), entropy(0.36, 0.64)),
        "product": (relative_entropy_of_entanglement(product, (2, 2), iterations=0), 0.0),
        "ensemble": (searched, searched.diagnostics["lower_estimate"]),
        "Choi": (choi_relative_entropy(choi), 1 - entropy(fidelity, 1 - fidelity)),
        "squashed": (squashed_entanglement(noisy_pair, (2, 2), starts=2), 1 - entropy(0.9, 0.05, 0.03, 0.02)),
        "squashed, antisymmetric": (squashed_entanglement(antisymmetric(3), (3, 3), starts=1), 0.5 * math.log2(3)),
        "squashed, trivial": (squashed_entanglement(pure, (2, 3), starts=0), entropy(0.36, 0.64)),
        "E_max": (max_relative_entropy(choi), 1 - entropy(fidelity, 1 - fidelity)),
        "max-Rains": (max_rains_information(werner_holevo_choi(3)), math.log2(5 / 3)),
        "hashing": (coherent_information(bell_diagonal(0.9, 0.1, 0, 0), (2, 2)), 1 - entropy(0.9, 0.1)),
        "hashing of a channel": (channel_hashing(choi, direction="reverse"), math.inf),
        "partial transpose": (
            partial_transpose_bound(bell_diagonal(0.5, 0.3, 0.1, 0.1), (2, 2)),
            0.0,
        ),
    }


def devices() -> dict[str, tuple[Bound, float]]:
    """Bounds from the dual of a moment relaxation, for the device that attains the CHSH entropy."""
    chsh, key = 2.7, (1, 0)
    attacked = chsh_optimal(chsh)
    behaviour = biased(born((0.0, math.pi / 2), (math.pi / 4, -math.pi / 4, math.pi / 2), 0.97))
    attack = chsh_entropy(Link(chsh, 0.1, key=key)).value
    found = conditional_entropy(attacked, one_way(key), Hierarchy("11", nodes=6))
    rate = devetak_winter(attacked, one_way(key), Hierarchy("11", nodes=4))
    error = attacked.qber(*key)
    processed = one_way((1, 2), noise=NOISE, keep=KEEP)
    kept = devetak_winter(behaviour, processed, Hierarchy("11", nodes=5))
    symbol = conditional_entropy(behaviour, processed, Hierarchy("11", nodes=5))
    three = devetak_winter(split(behaviour), one_way((1, 2), noise=NOISE), Hierarchy("11", nodes=3))
    constrained = constrained_entropy(
        [chsh_constraint(2.6, 2.7)], Scenario.binary(2, 2), one_way(key), Hierarchy("11", nodes=3)
    )
    # outcomes of the key setting are not known, nor then how many rounds survive
    unknown = constrained_entropy(
        [chsh_constraint(2.65, 2.75)],
        Scenario.binary(2, 2),
        one_way(key, noise=NOISE, keep=KEEP),
        Hierarchy("11", nodes=2),
    )
    return {
        "entropy": (found, attack),
        "rate": (rate, attack - entropy(error, 1 - error)),
        "rate with preprocessing": (kept, math.inf),
        "entropy with preprocessing": (symbol, math.inf),
        "entropy, three outcomes": (three, math.inf),
        "entropy of unknown survival": (unknown, math.inf),
        "entropy under constraints": (constrained, chsh_entropy(Link(2.6, 0.1, key=key)).value),
    }


@dataclass(frozen=True)
class Attack:
    """Three qubits of which the adversary holds the last, and for each setting a direction, labels and misprints."""

    weight: Fraction
    state: tuple[int, ...]
    alice: tuple[dict[str, Any], ...]
    bob: tuple[dict[str, Any], ...]
    pinching: dict[str, Any]

    def blocks(self, x: int, y: int) -> NDArray[Any]:
        """The adversary's unnormalised states [a, b, e, e'], exact."""
        found = np.full((2, 2, 2, 2), Fraction(0), dtype=object)
        psi = np.array(self.state, dtype=object).reshape(2, 2, 2)
        sides = [(self.alice[x], self.vectors(self.alice[x])), (self.bob[y], self.vectors(self.bob[y]))]
        size = sum(z * z for z in self.state) * math.prod(c * c + s * s for _, ((c, s), _) in sides)
        for results in itertools.product((0, 1), repeat=2):
            v, w = (np.array(vectors[k], dtype=object) for (_, vectors), k in zip(sides, results, strict=True))
            u = np.einsum("a,b,abe->e", v, w, psi)
            for printed in itertools.product((0, 1), repeat=2):
                share = math.prod(
                    Fraction(wrong if flip else GRID - wrong, GRID)
                    for (one, _), k, flip in zip(sides, results, printed, strict=True)
                    for wrong in [one["misprints"][k]]
                )
                place = tuple(
                    one["labels"][k ^ flip] for (one, _), k, flip in zip(sides, results, printed, strict=True)
                )
                found[place] += share / size * np.outer(u, u)
        return found

    @staticmethod
    def vectors(measurement: dict[str, Any]) -> tuple[tuple[int, int], tuple[int, int]]:
        c, s = measurement["direction"]
        return (c, s), (-s, c)

    def information(self, x: int, y: int) -> float:
        """I(A:B|E)."""
        rho = self.blocks(x, y).astype(float)
        parts = von_neumann(*rho.sum(axis=1)) + von_neumann(*rho.sum(axis=0))
        return parts - von_neumann(rho.sum(axis=(0, 1))) - von_neumann(*rho.reshape(4, 2, 2))

    def privacy(self, x: int, y: int) -> float:
        """p_V H(Â|E,V) with the noise and the post-selection of these samples."""
        kept = np.einsum("a,b,abef->aef", (1, KEEP), (1, KEEP), self.blocks(x, y).astype(float))
        flipped = (1 - NOISE) * kept + NOISE * kept[::-1]
        return von_neumann(*flipped) - von_neumann(kept.sum(axis=0))

    def entanglement(self, pinching: dict[str, Any]) -> float:
        """Relative entropy to the pinching of one side."""
        psi = np.array(self.state, dtype=float).reshape(2, 2, 2) / math.sqrt(sum(z * z for z in self.state))
        frame = np.array(self.vectors(pinching), dtype=float)
        frame /= np.linalg.norm(frame, axis=1)[:, None]
        pinched = np.einsum("sa,abe->sbe" if pinching["side"] == "alice" else "sb,abe->sae", frame, psi)
        own = np.einsum("abe,cde->abcd", psi, psi).reshape(4, 4)
        return von_neumann(*np.einsum("sbe,sce->sbc", pinched, pinched)) - von_neumann(own)

    def least_entanglement(self) -> float:
        """To the best pinching."""

        def cost(angle: float, side: str) -> float:
            return self.entanglement({"side": side, "direction": [math.cos(angle), math.sin(angle)]})

        starts = np.linspace(0, math.pi, 13)
        return min(
            float(minimize_scalar(cost, bounds=ends, args=(side,), method="bounded", options={"xatol": 1e-9}).fun)
            for ends in itertools.pairwise(starts)
            for side in ("alice", "bob")
        )

    def to_dict(self, *, pinched: bool) -> dict[str, Any]:
        return {
            "weight": str(self.weight),
            "state": list(self.state),
            "alice": list(self.alice),
            "bob": list(self.bob),
            **({"pinching": self.pinching} if pinched else {}),
        }


GRID = 1 << 50


def von_neumann(*blocks: NDArray[np.float64]) -> float:
    """-Σ tr ρ log2 ρ of positive matrices."""
    return float(sum(entropy(*(w for w in np.linalg.eigvalsh(block) if w > 1e-15)) for block in blocks))


def mixtures() -> dict[str, tuple[Bound, float]]:
    """Two strategies without any symmetry and a deterministic one, asked about each class of protocols."""

    def printed(*directions: tuple[int, int], labels: tuple[int, int] = (0, 1)) -> tuple[dict[str, Any], ...]:
        misprints = [[0, 0], [GRID // 64, 0], [GRID // 128, GRID // 32]]
        return tuple(
            {"direction": list(v), "labels": list(labels), "misprints": wrong}
            for v, wrong in zip(directions, misprints, strict=False)
        )

    attacks = [
        Attack(
            Fraction(5, 8),
            (6, 1, 0, 1, -1, 0, 5, 1),
            printed((1, 0), (3, 4), (5, 12)),
            printed((2, 1), (2, 5)),
            {"side": "alice", "direction": [7, 1]},
        ),
        Attack(
            Fraction(1, 4),
            (1, 0, 1, 4, 5, -1, 0, 1),
            printed((2, 3), (0, 1), (4, -1), labels=(1, 0)),
            printed((1, 1), (-1, 3), labels=(1, 0)),
            {"side": "bob", "direction": [1, 5]},
        ),
    ]
    point = {"weight": "1/8", "alice": [0, 1, 0], "bob": [1, 0]}
    pairs, key = list(itertools.product(range(3), range(2))), (2, 1)

    def table(x: int, y: int) -> NDArray[Any]:
        mixed = sum(one.weight * np.trace(one.blocks(x, y), axis1=2, axis2=3) for one in attacks)
        mixed[point["alice"][x], point["bob"][y]] += Fraction(1, 8)
        return mixed

    def mean(cost: Callable[[Attack], float]) -> float:
        return sum(float(one.weight) * cost(one) for one in attacks)

    kept = np.einsum("a,b,ab->ab", (1, KEEP), (1, KEEP), table(*key).astype(float))
    flipped = (1 - NOISE) * kept + NOISE * kept[::-1]
    certain = float(Fraction(1, 8)) * KEEP ** (point["alice"][key[0]] + point["bob"][key[1]])
    one_way_cost = mean(lambda one: one.privacy(*key)) + certain * entropy(NOISE, 1 - NOISE)
    one_way_cost -= entropy(*flipped.ravel()) - entropy(*kept.sum(axis=0))
    any_cost, least = mean(lambda one: one.entanglement(one.pinching)), mean(Attack.least_entanglement)
    greatest = max(mean(lambda one, pair=pair: one.information(*pair)) for pair in pairs)
    costs = {
        "mixture": (two_way(key), *[mean(lambda one: one.information(*key))] * 2),
        "mixture, one-way": (one_way(key, noise=NOISE, keep=KEEP), one_way_cost, one_way_cost),
        "mixture, completed rounds": (completed_rounds(), min(greatest, any_cost), min(greatest, least)),
        "mixture, any": (any_discussion(), any_cost, least),
    }
    rows = [[1.0, *(float(table(0, y)[:, 0].sum()) for y in range(2))]]
    rows += [[float(table(x, 0)[0].sum()), *(float(table(x, y)[0, 0]) for y in range(2))] for x in range(3)]
    found = {}
    for name, (protocol, cost, truth) in costs.items():
        strategies = [one.to_dict(pinched=not protocol.settings) for one in attacks]
        certificate = AttackMixture(
            scenario={"outcomes": [2, 2], "settings": [3, 2]},
            measured=[list(pair) for pair in pairs],
            collins_gisin=rows,
            table=[[[str(p) for p in row] for row in table(*pair)] for pair in pairs],
            distance=str(Fraction(1, 2**50)),
            protocol=protocol.to_dict(),
            mixture={"grid_bits": 50, "points": [point], "strategies": strategies},
        )
        thing = Thing.of_numbers("correlations", "a mixture")
        bound = Bound(
            value=cost + 1e-14,
            direction=Direction.UPPER,
            unit=Unit.PER_ROUND,
            scope=Scope(thing=thing, trust=Trust.DEVICE_INDEPENDENT, protocol=protocol),
            status=Status.ENCLOSED,
            method="mixture of two-qubit attacks",
            reference="christandl2021",
            certificate=certificate,
        )
        found[name] = (bound, truth)
    return found


def formulas() -> dict[str, tuple[Bound, float]]:
    """Closed forms: nothing beyond their own value follows."""
    family, edge = PPTPrivateFamily(8, Fraction("0.303")), PPTPrivateFamily(25)
    sectors = PPTPrivateFamily.sectors(3, 4, Fraction("0.49845"))
    behaviour = skew_behaviour()
    link, table = Link(2.7, 0.02, key=(1, 2)), Link.of(behaviour, key=SKEW_KEY, test=SKEW_TEST)
    noisy = Link.of(skew_behaviour(0.85), key=SKEW_KEY, test=SKEW_TEST)
    beside = Link(2.7, 0.02, key=(2, 2))  # a key setting of Alice's that is none of the test: ceilings only
    bounds = {
        "privacy squeezing": privacy_squeezing(edge),
        "advantage distillation": advantage_distillation(edge, copies=2),
        "pair parities": pair_parity(family),
        "trusted ceiling": private_state_ceiling(sectors),
        "published ceiling": partial_transpose_bound(edge, method="published"),
        "transpose ceiling": partial_transpose_bound(edge),
        "transpose ceiling off the edge": partial_transpose_bound(family),
        "transpose ceiling, sectors": partial_transpose_bound(sectors),
        "channel key": ppt_channel_pair_parity(family),
        "channel ceiling": ppt_channel_ceiling(family),
        "channel transpose": channel_transpose_bound(edge),
        "channel, quantum": ppt_channel_quantum_ceiling(family),
        "CHSH entropy": chsh_entropy(Link(2.6, 0.03, key=(1, 2)), 0.01),
        "CHSH rate": chsh_rate(link, NOISE),
        "CHSH rate of a table": chsh_rate(table, NOISE),
        "CHSH and H(A|B)": chsh_table_rate(table, 0.01),
        "two-qubit": chsh_ceiling(beside, two_way(beside.key)),
        "two-qubit E_r": chsh_ceiling(beside, any_discussion()),
        "two-qubit of a table": chsh_ceiling(table, two_way(table.key)),
        "mixture of devices": hull_ceiling(Link(2.4, 0.075, key=(1, 2))),
        "one device": hull_ceiling(link),
        "mixture of devices of a table": hull_ceiling(noisy),
        "singlet": visibility_ceiling(0.8, two_way((0, 2))),
        "singlet, one-way": visibility_ceiling(0.9, one_way((0, 2), noise=0.1)),
        "mutual information": mutual_information(behaviour, two_way(SKEW_KEY)),
        "mutual information, all": mutual_information(behaviour, completed_rounds()),
        "reconciliation": reconciliation_entropy(behaviour, one_way(SKEW_KEY, noise=NOISE, keep=KEEP)),
        "loss rate": pure_loss_rate(0.3),
        "loss ceiling": pure_loss_ceiling(0.3),
        "loss, splitter": pure_loss_ceiling(0.3, method="tgw"),
        "erasure rate": erasure_rate(0.1, 5),
        "erasure": erasure_ceiling(0.1, 5),
        "dephasing": dephasing_ceiling(0.1, 5),
        "depolarising": depolarizing_ceiling(0.1, 5),
        "amplitude damping": amplitude_damping_ceiling(0.3),
        "pair source": pair_source_ceiling(PairSource(0.35, 0.05, (0.87, 0.88))),
    }
    return {name: (bound, bound.value) for name, bound in bounds.items()}


def finite_keys() -> dict[str, tuple[FiniteKey, float]]:
    """Runs of the ion experiment, and n η(ω) - m: without any finite-size term, which no theorem exceeds."""
    link = Link(Fraction("2.64"), Fraction("0.018"), key=(1, 2))
    run = {"rounds": 1_500_000, "gamma": Fraction(13, 256)}
    asymptotic = math.floor(1_500_000 * chsh_entropy(link).value) - finite_key(link, **run).syndrome_length
    methods = {
        "EAT": ("eat-2019", "trevisan"),
        "EAT, Toeplitz": ("eat-2019", "toeplitz"),
        "Rényi": ("renyi", "toeplitz"),
    }
    return {
        name: (finite_key(link, **run, theorem=theorem, extractor=extractor), asymptotic)
        for name, (theorem, extractor) in methods.items()
    }


def scaled(found: dict[str, tuple[Bound, float]]) -> dict[str, tuple[Bound, float]]:
    """The same in other units, at a stated rate."""
    rates = {"rate": (2_500_000, Unit.PER_SECOND), "mixture": (1, Unit.PER_HERALD), "E_max": (0.3, Unit.PER_SECOND)}
    return {
        f"{name} {unit.value}": (found[name][0].scaled(rate, unit), found[name][1] * rate)
        for name, (rate, unit) in rates.items()
    }


def weights() -> dict[str, tuple[LocalWeight, float]]:
    """A noisy singlet in most rounds; its local weight by a linear program."""
    singlet = biased(three_setting_behaviour(0.95))
    gap = without_a_pair(singlet)
    return {
        "local weight": (local_weight(singlet), local_share(singlet)),
        "local weight, unmeasured": (local_weight(gap), local_share(gap)),
    }


def without_a_pair(behaviour: Behaviour) -> Behaviour:
    """The same without the pair (1, 2)."""
    table = behaviour.P.copy()
    table[:, :, 1, 2] = np.nan
    return Behaviour(table, unmeasured=[(1, 2)])


def local_share(behaviour: Behaviour) -> float:
    """The local weight by one linear program over the deterministic points, in doubles."""
    return local_share_of({pair: behaviour.joint(*pair) for pair in np.ndindex(2, 3) if behaviour.measured(*pair)})


def local_share_of(tables: dict[tuple[int, ...], NDArray[np.float64]]) -> float:
    """Of bits, from the tables of the measured pairs of settings."""
    nx, ny = (1 + max(pair[k] for pair in tables) for k in (0, 1))
    columns = [
        np.concatenate([np.outer(np.eye(2)[a[x]], np.eye(2)[b[y]]).ravel() for x, y in tables])
        for a in itertools.product((0, 1), repeat=nx)
        for b in itertools.product((0, 1), repeat=ny)
    ]
    cells = np.concatenate([table.ravel() for table in tables.values()])
    result = linprog(-np.ones(len(columns)), A_ub=np.array(columns).T, b_ub=cells)
    return float(-result.fun)


@pytest.fixture(scope="session")
def samples() -> dict[str, Sample]:
    """A certificate of every kind, each accepted."""
    made: dict[str, Sample] = {}
    found: dict[str, tuple[Any, float]] = {**states(), **devices(), **mixtures(), **formulas()}
    found |= scaled(found)
    for name, (bound, truth) in {**found, **finite_keys(), **weights()}.items():
        made[name] = Sample(bound, certify(bound), truth if math.isfinite(truth) else None)
    return made


@pytest.fixture(scope="session")
def make() -> dict[str, Callable[..., Any]]:
    """The builders of this module."""
    return {"behaviour": three_setting_behaviour, "random_state": random_state}

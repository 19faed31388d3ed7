"""Attacks on each step of the Rényi key length with dense matrices in doubles: none may beat what is claimed."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache, partial

import numpy as np
import pytest
from numpy.typing import NDArray

from keybounds.bounds.run.renyi import entropy_rate
from keybounds.proofs.claims.renyi_privacy_amplification import toeplitz_images

Matrix = NDArray[np.complex128]
Effects = dict[tuple[str, int], list[Matrix]]  # of Alice ("A", x) and Bob ("B", y), on the devices' space

INPUTS = [None, (0, 0), (0, 1), (1, 0), (1, 1)]  # a key round, and the four tests
PARAMETERS = [  # γ, δ, f_0, f_1
    pytest.param((0.25, 1.0, -2.0, 1.0), id="second-order"),
    pytest.param((0.5, 0.3, -4.0, 3.0), id="half-tests"),
    pytest.param((0.05, 0.05, -40.0, 12.0), id="rare-tests"),
]


def power(matrix: Matrix, exponent: float) -> Matrix:
    values, vectors = np.linalg.eigh(matrix)
    powers = np.where(values > 1e-13, np.maximum(values, 1e-13) ** exponent, 0.0)
    return (vectors * powers) @ vectors.conj().T


def sandwiched(tau: Matrix, side: Matrix, alpha: float) -> float:
    return float((np.clip(np.linalg.eigvalsh(side @ tau @ side), 0, None) ** alpha).sum())


def eve(psi: Matrix, effect: Matrix) -> Matrix:
    """Tr_D[(effect x 1) |psi><psi|] for psi[device, Eve]."""
    return psi.T @ effect.T @ psi.conj()


def ceiling(gamma: float, delta: float, f_0: float, f_1: float) -> float:
    """Return the claimed bound on sup G."""
    rate = entropy_rate(gamma, Fraction(delta), f_0, f_1)
    return 2.0 ** (-delta * float(rate.lower()))


def one_round(psi: Matrix, effects: Effects, gamma: float, delta: float, f_0: float, f_1: float) -> float:
    """G of one round."""
    alpha = 1 + delta
    side = power(eve(psi, np.eye(len(psi))), (1 - alpha) / (2 * alpha))
    total = (1 - gamma) * sum(sandwiched(eve(psi, e), side, alpha) for e in effects["A", 0])
    for x, y, a, b in itertools.product((0, 1), repeat=4):
        weight = 2.0 ** (delta * (f_1 if a ^ b == x * y else f_0))
        total += gamma / 4 * weight * sandwiched(eve(psi, effects["A", x][a] @ effects["B", y][b]), side, alpha)
    return total


def chsh(psi: Matrix, effects: Effects) -> float:
    return sum(
        (-1) ** (a + b + x * y) * float(np.trace(eve(psi, effects["A", x][a] @ effects["B", y][b])).real)
        for x, y, a, b in itertools.product((0, 1), repeat=4)
    )


def local(party: str, measurement: Matrix, size: int) -> list[Matrix]:
    """Both effects of a projective measurement given by the projector on outcome 0."""
    other = np.eye(size)
    both = [measurement, np.eye(len(measurement)) - measurement]
    return [np.kron(e, other) if party == "A" else np.kron(other, e) for e in both]


def projector(rng: np.random.Generator, size: int) -> Matrix:
    """A projector of rank size//2 or more, in a random direction."""
    frame, _ = np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))
    rank = size // 2 + int(rng.integers(0, 1 + size % 2))
    return frame[:, :rank] @ frame[:, :rank].conj().T


def random_effects(rng: np.random.Generator, size: int) -> Effects:
    return {(party, x): local(party, projector(rng, size), size) for party in "AB" for x in (0, 1)}


def planar(angle: float) -> Matrix:
    return np.array([[1 + math.cos(angle), math.sin(angle)], [math.sin(angle), 1 - math.cos(angle)]]) / 2 + 0j


def planar_effects(angles: NDArray[np.float64]) -> Effects:
    """Qubits measured along cos Z + sin X: Alice's two angles, then Bob's."""
    order = [("A", 0), ("A", 1), ("B", 0), ("B", 1)]
    return {key: local(key[0], planar(float(t)), 2) for key, t in zip(order, angles, strict=True)}


def bell_state(weights: NDArray[np.float64]) -> Matrix:
    """psi[device, Eve] of a purified Bell-diagonal state: weights of Phi+, Phi-, Psi+, Psi-."""
    vectors = np.array([[1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0]]).T / math.sqrt(2)
    return (vectors * np.sqrt(weights)).astype(complex)


def attaining(c: float) -> tuple[Matrix, Effects]:
    """The device with S = 2 sqrt(1 + C²) about whose outcome Eve knows most."""
    angle = math.atan(c)
    return bell_state(np.array([(1 + c) / 2, (1 - c) / 2, 0, 0])), planar_effects(
        np.array([0, math.pi / 2, angle, -angle])
    )


def climb(
    rng: np.random.Generator, start: NDArray[np.float64], worth: Callable[[NDArray[np.float64]], float], steps: int
) -> float:
    """The best value that random steps, shorter with every failure, find."""
    point, best, size = start, worth(start), 0.5
    for _ in range(steps):
        step = point + size * rng.normal(size=len(point))
        value = worth(step)
        point, best, size = (step, value, size * 1.3) if value > best else (point, best, size * 0.93)
    return best


@pytest.mark.parametrize("parameters", PARAMETERS)
@pytest.mark.parametrize("size", [2, 3, 4])
def test_devices_of_any_dimension_stay_below_the_ceiling(
    parameters: tuple[float, float, float, float], size: int
) -> None:
    # Fails if the reduction to qubits or the treatment of the tests is wrong.
    rng = np.random.default_rng(size)
    limit = ceiling(*parameters)
    for rank in (1, 2, size * size):
        psi = rng.normal(size=(size * size, rank)) + 1j * rng.normal(size=(size * size, rank))
        psi /= np.linalg.norm(psi)
        assert one_round(psi, random_effects(rng, size), *parameters) <= limit * (1 + 1e-9)


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_hill_climbing_strategies_stay_below_the_ceiling(parameters: tuple[float, float, float, float]) -> None:
    rng = np.random.default_rng(3)
    limit = ceiling(*parameters)

    def worth(point: NDArray[np.float64]) -> float:
        weights = point[:4] ** 2 / (point[:4] ** 2).sum()
        return one_round(bell_state(weights), planar_effects(point[4:]), *parameters)

    best = 0.0
    for c in (0.3, 0.7, 0.9):
        start = np.array([math.sqrt((1 + c) / 2), math.sqrt((1 - c) / 2), 0.01, 0.01])
        angles = [0, math.pi / 2, math.atan(c), -math.atan(c)]
        best = max(best, climb(rng, np.concatenate([start, angles]), worth, 150))
    assert best <= limit * (1 + 1e-9)
    assert best > 0.9 * limit  # an attack that comes nowhere near would test nothing


@pytest.mark.parametrize("delta", [1.0, 0.4, 0.02])
def test_hill_climbing_the_lemma(delta: float) -> None:
    # sum_a Q_a <= Q*(S) for any two-qubit device with rank-1 measurements: attained, never beaten.
    rng = np.random.default_rng(5)
    alpha = 1 + delta

    def excess(point: NDArray[np.float64]) -> float:
        psi = (point[:16] + 1j * point[16:32]).reshape(4, 4)
        psi = psi / np.linalg.norm(psi)
        effects = planar_effects(point[32:])
        p = 0.5 + 0.5 * math.sqrt(max(chsh(psi, effects) ** 2 / 4 - 1, 0.0))
        side = power(eve(psi, np.eye(4)), (1 - alpha) / (2 * alpha))
        found = max(sum(sandwiched(eve(psi, e), side, alpha) for e in effects["A", x]) for x in (0, 1))
        claimed = 2.0 ** (1 - alpha) * (p ** (1 / alpha) + (1 - p) ** (1 / alpha)) ** alpha
        return (found - claimed) / delta

    psi, _ = attaining(0.7)
    angles = [0, math.pi / 2, math.atan(0.7), -math.atan(0.7)]
    tight = np.concatenate([psi.real.ravel(), psi.imag.ravel(), angles])
    assert abs(excess(tight)) < 1e-7
    for start in (tight + 0.05 * rng.normal(size=36), rng.normal(size=36), tight + 0.3 * rng.normal(size=36)):
        assert climb(rng, start, excess, 250) <= 1e-7


def outcomes(effects: Effects, setting: tuple[int, int] | None) -> Iterator[tuple[Matrix, bool | None]]:
    """Effects of what enters the sum: Alice's outcome in a key round; a and c, which name b, in a test."""
    if setting is None:
        for effect in effects["A", 0]:
            yield effect, None
        return
    x, y = setting
    for a, b in itertools.product((0, 1), repeat=2):
        yield effects["A", x][a] @ effects["B", y][b], a ^ b == x * y


def two_rounds(
    psi: Matrix,
    first: Effects,
    later: Callable[[object], tuple[Effects, Matrix]],
    gamma: float,
    delta: float,
    f_0: float,
    f_1: float,
) -> float:
    """Return the sum over histories of two rounds; `later` gives the devices and their unitary after a history."""
    alpha = 1 + delta
    side = power(eve(psi, np.eye(len(psi))), (1 - alpha) / (2 * alpha))
    chance = {setting: 1 - gamma if setting is None else gamma / 4 for setting in INPUTS}
    weight = {None: 1.0, False: 2.0 ** (delta * f_0), True: 2.0 ** (delta * f_1)}
    total = 0.0
    for i, j in itertools.product(INPUTS, repeat=2):
        for k, (effect, won) in enumerate(outcomes(first, i)):
            devices, memory = later((i, k))
            after = memory @ effect @ psi
            for second, won_too in outcomes(devices, j):
                q = sandwiched(eve(second @ after, np.eye(len(psi))), side, alpha)
                total += chance[i] * chance[j] * weight[won] * weight[won_too] * q
    return total


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_two_rounds_with_memory_stay_below_the_square(parameters: tuple[float, float, float, float]) -> None:
    # Fails if the chain rule is wrong: the devices keep a common memory, entangled with Eve across the rounds.
    limit = ceiling(*parameters) ** 2
    for seed in range(3):
        rng = np.random.default_rng(seed)
        psi = rng.normal(size=(16, 8)) + 1j * rng.normal(size=(16, 8))
        psi /= np.linalg.norm(psi)

        def later(history: object, seed: int = seed) -> tuple[Effects, Matrix]:
            inner = np.random.default_rng([seed, *repr(history).encode()])
            unitary, _ = np.linalg.qr(inner.normal(size=(16, 16)) + 1j * inner.normal(size=(16, 16)))
            return random_effects(inner, 4), unitary

        assert two_rounds(psi, random_effects(rng, 4), later, *parameters) <= limit * (1 + 1e-9)


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_strategies_that_adapt_after_a_round(parameters: tuple[float, float, float, float]) -> None:
    # Two pairs near the best attack; what is measured on the second depends on what happened to the first.
    rng = np.random.default_rng(11)
    limit = ceiling(*parameters) ** 2
    single = max(one_round(*attaining(c), *parameters) for c in np.linspace(0, 1, 21))
    swap = np.eye(16).reshape(2, 2, 2, 2, 16).transpose(1, 0, 3, 2, 4).reshape(16, 16)  # A1A2B1B2: 1 and 2 swapped

    def pair(c: float, d: float) -> Matrix:
        one, two = (
            bell_state(np.array([(1 + c) / 2, (1 - c) / 2, 0, 0])),
            bell_state(np.array([(1 + d) / 2, (1 - d) / 2, 0, 0])),
        )
        joint = np.einsum("abe,cdf->acbdef", one[:, :2].reshape(2, 2, 2), two[:, :2].reshape(2, 2, 2))
        return joint.reshape(16, 4)

    def on_first(angles: NDArray[np.float64]) -> Effects:
        order = [("A", 0), ("A", 1), ("B", 0), ("B", 1)]
        return {
            key: local(key[0], np.kron(planar(float(t)), np.eye(2)), 4) for key, t in zip(order, angles, strict=True)
        }

    def worth(point: NDArray[np.float64]) -> float:
        c, d = math.cos(point[0]) ** 2, math.cos(point[1]) ** 2

        def later(history: object) -> tuple[Effects, Matrix]:
            turn = point[6:10] * (len(repr(history)) % 3)  # three behaviours, by what happened before
            return on_first(point[2:6] + turn), swap

        return two_rounds(pair(c, d), on_first(point[2:6]), later, *parameters)

    c = max(np.linspace(0, 1, 21), key=lambda c: one_round(*attaining(c), *parameters))
    mixing = math.acos(math.sqrt(c))
    start = np.array([mixing, mixing, 0, math.pi / 2, math.atan(c), -math.atan(c), 0, 0, 0, 0])
    assert worth(start) == pytest.approx(single**2, rel=1e-9)  # independent rounds multiply
    assert climb(rng, start, worth, 25) <= limit * (1 + 1e-9)


@cache
def key_masks(length: int, bits: int) -> NDArray[np.float64]:
    """[a, seed, z]: whether a seed's Toeplitz matrix maps a to z, less the share of z."""
    images = np.array([toeplitz_images(length, bits, a) for a in range(1 << bits)])
    return (images[:, :, None] == np.arange(1 << length)) - 1 / (1 << length)


def hash_distance(states: list[Matrix], length: int, bits: int) -> float:
    """Exact mean over Toeplitz hashes of half the trace norm of (key, E) less uniform key times E."""
    keys = key_masks(length, bits)
    differences = np.tensordot(keys, np.array(states), axes=(0, 0))
    return float(np.abs(np.linalg.eigvalsh(differences)).sum() / (2 * keys.shape[1]))


@pytest.mark.parametrize("delta", [1.0, 0.5, 0.1])
@pytest.mark.parametrize("length", [1, 2])
def test_exact_distances_after_hashing(delta: float, length: int) -> None:
    # Hill climbing for the string and Eve's states on which hashing does worst, against the bound with sigma = rho_E.
    rng = np.random.default_rng(2)
    alpha = 1 + delta

    def ratio(point: NDArray[np.float64]) -> float:
        factors = point.reshape(8, 2, 2, 2)
        factors = factors[:, 0] + 1j * factors[:, 1]
        states = [m @ m.conj().T for m in factors]
        norm = sum(float(np.trace(m).real) for m in states)
        states = [m / norm for m in states]
        side = power(sum(states), (1 - alpha) / (2 * alpha))
        q = sum(sandwiched(m, side, alpha) for m in states)
        bound = 2.0 ** (2 / alpha - 2 + (1 - 1 / alpha) * length) * q ** (1 / alpha)
        return hash_distance(states, length, 3) / bound

    assert climb(rng, rng.normal(size=64), ratio, 60) <= 1


ROUNDS = 3


@cache
def one_step(
    strategy: Callable[[object], tuple[Matrix, Effects]], history: object, setting: tuple[int, int] | None
) -> list[tuple[int, bool | None, Matrix]]:
    """Alice's bit, the test's outcome and Eve's state, for everything that can happen after a history."""
    psi, effects = strategy(history)
    return [
        (k if setting is None else k >> 1, won, eve(psi, effect))
        for k, (effect, won) in enumerate(outcomes(effects, setting))
    ]


def branches(
    strategy: Callable[[object], tuple[Matrix, Effects]], inputs: tuple[tuple[int, int] | None, ...]
) -> dict[object, Matrix]:
    """Eve's states for Alice's string and the tests' outcomes: rounds with fresh pairs, devices that adapt."""
    found: dict[object, Matrix] = {}

    def go(history: tuple[object, ...], a: tuple[int, ...], c: tuple[object, ...], state: Matrix) -> None:
        if len(a) == len(inputs):
            found[a, c] = found.get((a, c), 0) + state
            return
        setting = inputs[len(a)]
        for k, (bit, won, eve_part) in enumerate(one_step(strategy, history, setting)):
            go((*history, (setting, k)), (*a, bit), (*c, won), np.kron(state, eve_part))

    go((), (), (), np.eye(1, dtype=complex))
    return found


def key_distance(
    strategy: Callable[[object], tuple[Matrix, Effects]], gamma: float, scores: tuple[float, float], least: float
) -> float:
    """Exact secrecy of a bit hashed from three, their parity announced, in runs with a score of at least `least`."""
    chance = {setting: 1 - gamma if setting is None else gamma / 4 for setting in INPUTS}
    gain = {None: 0.0, False: scores[0], True: scores[1]}
    total = 0.0
    for inputs in itertools.product(INPUTS, repeat=ROUNDS):
        states = branches(strategy, inputs)
        for c in {c for _, c in states}:
            if sum(gain[won] for won in c) < least:
                continue
            nothing = 0 * next(iter(states.values()))
            strings = list(itertools.product((0, 1), repeat=ROUNDS))
            for parity in (0, 1):
                chosen = [states.get((a, c), nothing) if sum(a) % 2 == parity else nothing for a in strings]
                total += math.prod(chance[i] for i in inputs) * hash_distance(chosen, 1, ROUNDS)
    return total


def classical(history: object) -> tuple[Matrix, Effects]:
    """Devices that always answer 0: Eve knows the string, and a test is won with probability 3/4."""
    return np.eye(4, 1, dtype=complex), planar_effects(np.zeros(4))


def adaptive(seed: int, spread: float, history: object) -> tuple[Matrix, Effects]:
    rng = np.random.default_rng([seed, *repr(history).encode()])
    c = float(rng.uniform(1 - spread, 1))
    psi, _ = attaining(c)
    angles = np.array([0, math.pi / 2, math.atan(c), -math.atan(c)])
    return psi[:, :2], planar_effects(angles + spread * 0.5 * rng.normal(size=4))


@pytest.mark.parametrize(
    ("delta", "f_0", "f_1", "reference", "wins"),
    [(1.0, -30.0, 0.1, 0.95, 0), (1.0, -3.0, 1.5, 0.9, 3), (0.5, -5.0, 2.0, 0.85, 2)],
)
@pytest.mark.parametrize(
    "strategy",
    [classical, partial(adaptive, 0, 1.0), partial(adaptive, 1, 0.05)],
    ids=["classical", "adaptive", "near-ideal"],
)
def test_exact_secrecy_of_a_whole_run(
    delta: float,
    f_0: float,
    f_1: float,
    reference: float,
    wins: int,
    strategy: Callable[[object], tuple[Matrix, Effects]],
) -> None:
    # Three rounds, real hashing, every announcement in Eve's hands: the exact distance against the theorem's eps_PA.
    gamma, alpha = 0.5, 1 + delta
    scores = f_0 + math.log2(1 - reference), f_1 + math.log2(reference)
    least = wins * scores[1]
    rate = float(entropy_rate(gamma, Fraction(delta), f_0, f_1).lower())
    # l = n kappa + s - m - (α/δ) log(1/eps) + 2 with l = m = 1
    claimed = 2.0 ** (delta / alpha * (1 - ROUNDS * rate - least + 1 - 2))
    assert claimed < 1  # else there is nothing to attack
    assert key_distance(strategy, gamma, scores, least - 1e-12) <= claimed

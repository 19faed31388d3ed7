"""Privacy squeezing of any state with key qubits and shields: from below, whatever the decompositions were."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import P_1, Status, Trust, Unit, check_pairs
from keybounds.bounds.lower import coherent_information, privacy_squeezing
from keybounds.bounds.state import privacy_squeezing as module
from keybounds.bounds.state.spectra import certified_state
from keybounds.bounds.upper import relative_entropy_of_entanglement
from keybounds.errors import DimensionError, StateError
from keybounds.states import (
    PPTPrivateFamily,
    bell_diagonal,
    ppt_private_state,
    privacy_squeeze,
    private_bit,
    twist,
    von_neumann_entropy,
)


def entropy(weights: np.ndarray) -> float:
    return -float(sum(w * np.log2(w) for w in np.ravel(weights) if w > 1e-300))


def measured_rate(matrix: np.ndarray, left: int, right: int) -> float:
    """H(X|E) - H(X|Y) of the measured key qubits, Eve holding the purification: what squeezing must stay below."""
    size = len(matrix)
    x, y = np.arange(size) // (2 * left * right), np.arange(size) // right % 2
    pinched = np.where(x[:, None] == x, matrix, 0)
    joint = np.array([[matrix.diagonal().real[(x == a) & (y == b)].sum() for b in (0, 1)] for a in (0, 1)])
    secret = von_neumann_entropy(pinched, (size,)) - von_neumann_entropy(matrix, (size,))
    return secret - entropy(joint) + entropy(joint.sum(axis=0))


def noisy_private_bit(seed: int, left: int, right: int, noise: float, rank: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)

    def state(size: int) -> np.ndarray:
        g = rng.normal(size=(size, rank)) + 1j * rng.normal(size=(size, rank))
        return np.asarray(g @ g.conj().T / np.trace(g @ g.conj().T).real)

    size = left * right
    shapes = rng.normal(size=(2, 2, 2, size, size))
    twisting = np.linalg.qr(shapes[0] + 1j * shapes[1])[0]
    ideal = private_bit(state(size), twisting, dims=(left, right)).full()
    return np.asarray((1 - noise) * ideal + noise * state(4 * size))


@pytest.mark.parametrize(("d", "p"), [(2, None), (3, 0.45), (4, None)])
def test_private_states_have_their_closed_form_from_below(d: int, p: float | None) -> None:
    bound, exact = privacy_squeezing(ppt_private_state(d, p)), float(PPTPrivateFamily(d, p).devetak_winter)
    assert bound.status is Status.NO_KEY
    assert exact - 1e-10 < bound.diagnostics["unclamped"] <= exact + 1e-15


def test_good_private_states_show_their_key_from_the_matrix() -> None:
    # rho_{d,p} with p below the PPT range has key at small d
    from keybounds.states.ppt_private import complex_hadamard, ppt_private_matrix

    matrix = ppt_private_matrix(complex_hadamard(2), 0.05)
    bound = privacy_squeezing(matrix, (2, 2, 2, 2))
    exact = 1 - entropy(np.array([0.95, 0.025, 0.025]))
    assert exact - 1e-10 < bound.value <= exact
    assert (bound.unit, bound.scope.trust, bound.scope.protocol) == (Unit.PER_COPY, Trust.DEVICE_DEPENDENT, P_1)
    assert bound.certificate is None


def test_private_bits_have_one_bit_whatever_the_twisting() -> None:
    matrix = noisy_private_bit(3, 2, 3, 0.0)
    bound = privacy_squeezing(matrix, (2, 2, 2, 3))
    assert 1 - 1e-9 < bound.value <= 1
    assert coherent_information(matrix, (4, 6)).value < 1 - 1e-2, "which hashing of the whole state does not find"


def test_bell_diagonal_states_have_their_hashing_rate() -> None:
    state = qutip.tensor(bell_diagonal([0.9, 0.05, 0.03, 0.02]), qutip.ket2dm(qutip.basis(1, 0)))
    bound = privacy_squeezing(state.full(), (2, 1, 2, 1))
    exact = 1 - entropy(np.array([0.9, 0.05, 0.03, 0.02]))
    assert exact - 1e-12 < bound.value <= exact


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from([(1, 2), (2, 1), (2, 2), (2, 3)]), st.floats(0, 0.4))
def test_never_above_the_rate_of_the_measured_key(seed: int, shields: tuple[int, int], noise: float) -> None:
    left, right = shields
    matrix = noisy_private_bit(seed, left, right, noise)
    bound = privacy_squeezing(matrix, (2, left, 2, right))
    assert bound.diagnostics.get("unclamped", bound.value) <= measured_rate(matrix, left, right) + 1e-10
    squeezed = privacy_squeeze(matrix, (2, left, 2, right)).full()
    key = entropy(np.array([squeezed[0, 0] + squeezed[2, 2], squeezed[1, 1] + squeezed[3, 3]]).real)
    rate = key - von_neumann_entropy(squeezed, (2, 2))
    found = bound.diagnostics.get("unclamped", bound.value)
    assert rate - 1e-9 <= found <= rate + 1e-12, "the squeezed state's own rate"


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10**6))
def test_twisting_changes_nothing(seed: int) -> None:
    matrix = noisy_private_bit(seed, 2, 2, 0.1)
    rng = np.random.default_rng(seed + 1)
    unitaries = np.linalg.qr(rng.normal(size=(2, 2, 4, 4)) + 1j * rng.normal(size=(2, 2, 4, 4)))[0]
    turned = twist(matrix, unitaries, (2, 2, 2, 2))
    assert privacy_squeezing(turned).value == pytest.approx(privacy_squeezing(matrix, (2, 2, 2, 2)).value, abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_a_decomposition_that_lies_makes_it_loose_and_never_wrong(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = noisy_private_bit(seed, 2, 2, 0.05)
    honest = privacy_squeezing(matrix, (2, 2, 2, 2)).value
    rng = np.random.default_rng(seed)

    def lying(block: np.ndarray) -> tuple[np.ndarray, None, np.ndarray]:
        return rng.normal(size=block.shape), None, 5 * rng.normal(size=block.shape) + 0j

    monkeypatch.setattr(module.np.linalg, "svd", lying)
    assert privacy_squeezing(matrix, (2, 2, 2, 2)).value <= honest


def test_trace_norms_are_met_from_below() -> None:
    rng = np.random.default_rng(0)
    for rank in (0, 1, 3, 6):
        block = rng.normal(size=(6, rank)) @ rng.normal(size=(rank, 6)) + 0j
        norm = float(np.linalg.norm(block, "nuc"))
        assert norm - 1e-12 * max(norm, 1) <= float(module.trace_norm_below(block)) <= norm + 1e-12


def test_the_key_stays_below_the_ceilings_of_the_same_state() -> None:
    state = private_bit(np.diag([0.5, 0.3, 0.2, 0.0]), dims=(2, 2)) * 0.9 + 0.1 * qutip.qeye([2, 2, 2, 2]) / 16
    rows = [privacy_squeezing(state), coherent_information(state), relative_entropy_of_entanglement(state)]
    assert [check.holds for check in check_pairs(rows)] == [True, True], "one thing, cut alike"


def test_a_repaired_state_pays_for_the_repair() -> None:
    meant = noisy_private_bit(1, 2, 2, 0.0, rank=1)
    rounded = np.round(meant, 7)
    bound = privacy_squeezing(rounded, (2, 2, 2, 2), atol=1e-5)
    exact = privacy_squeezing(meant, (2, 2, 2, 2))
    assert bound.value < exact.value
    assert 0 < exact.diagnostics["margin"] < 1e-11 < bound.diagnostics["margin"]
    assert bound.diagnostics["repair"] >= float(certified_state(rounded).distance)


def test_bad_input() -> None:
    for dims in ((4, 4), (2, 2, 4), (4, 1, 4, 1), (2, 4, 1, 2)):
        with pytest.raises(DimensionError, match=r"^dims"):
            privacy_squeezing(np.eye(16) / 16, dims)
    with pytest.raises(DimensionError, match=r"^dims"):
        privacy_squeezing(np.eye(16) / 16)
    with pytest.raises(DimensionError, match=r"key qubits with shields"):
        privacy_squeezing(bell_diagonal([1, 0, 0, 0]))
    with pytest.raises(StateError, match="trace 1"):
        privacy_squeezing(np.eye(16), (2, 2, 2, 2))

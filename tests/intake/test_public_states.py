"""What people asked in public about states and channels: the right value, or the refusal that says what is wrong.

Sources stand in each test: issues of public projects, with the convention that they used.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from keybounds.bounds.upper import channel_ceiling, relative_entropy_of_entanglement
from keybounds.errors import AmbiguousInputError, ChannelError, DimensionError, StateError
from keybounds.states import density_matrix, partial_transpose, relative_entropy, von_neumann_entropy

DAMPING = np.array([[[1, 0], [0, math.sqrt(0.7)]], [[0, math.sqrt(0.3)], [0, 0]]])
ISOMETRY = np.eye(3)[:, :2]


def stacked(matrix: np.ndarray) -> np.ndarray:
    """A matrix as a vector, column by column: of a Kraus operator, input before output."""
    return matrix.T.reshape(-1)


CHOI = sum(np.outer(stacked(k), stacked(k)) for k in DAMPING)
OUTPUT_FIRST = sum(np.outer(k.reshape(-1), k.reshape(-1)) for k in DAMPING)


def test_a_channel_in_every_form() -> None:
    """Amplitude damping .3 (QETLAB#18, qutip#83, toqito#1596, QuantumInformation.jl#55)."""
    for form in ((DAMPING,), (CHOI / 2, (2, 2))):
        assert channel_ceiling(*form).value == pytest.approx(0.6033113702, abs=1e-10)
    assert channel_ceiling(ISOMETRY[None]).value == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(
    ("form", "error", "hint"),
    [
        pytest.param((CHOI, (2, 2)), ChannelError, r"trace 2: divide by 2\?", id="trace-d"),
        pytest.param((OUTPUT_FIRST / 2, (2, 2)), ChannelError, "output before input", id="output-first"),
        pytest.param((DAMPING.transpose(0, 2, 1),), ChannelError, "K† for K", id="daggers"),
        pytest.param(([[k, k] for k in DAMPING],), DimensionError, "pairs of left and right", id="pairs"),
        pytest.param(
            (np.outer(stacked(ISOMETRY), stacked(ISOMETRY)) / 2, (3, 2)), ChannelError, r"dims \(2, 3\)", id="dims"
        ),
        pytest.param((np.diag([0.5, 0.1, 0.1, 0.3]), (2, 2)), ChannelError, r"up to 0\.2$", id="no-convention"),
        pytest.param(
            (np.outer(ISOMETRY.reshape(-1), ISOMETRY.reshape(-1)) / 2, (2, 3)),
            ChannelError, "output before input", id="output-first-isometry",
        ),
    ],
)  # fmt: skip
def test_a_channel_in_another_convention_is_named(form, error, hint) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=hint):
        channel_ceiling(*form)


def test_entropies_of_states_of_low_rank() -> None:
    """D(0||+) came out as 53 (qutip#1553), entropies negative or nan (qutip#646, #1919), in nats (pennylane#2772)."""
    zero, plus = np.array([1, 0.0]), np.array([1, 1]) / math.sqrt(2)
    assert relative_entropy(zero, plus, [2]) == math.inf
    for seed in range(20):
        ket = np.random.default_rng(seed).normal(size=4)
        ket /= np.linalg.norm(ket)
        assert 0 <= relative_entropy(ket, ket, [4]) < 1e-12
    assert relative_entropy(zero, np.eye(2) / 2, [2]) == 1
    basis, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(8, 8)))
    state = basis @ np.diag([0.75, 0.25] + [0] * 6) @ basis.T - 1e-17 * np.eye(8)
    assert von_neumann_entropy(state, [8]) == pytest.approx(0.8112781245, abs=1e-10)
    nearly = np.diag([1 - 1e-11, 1e-11])
    assert relative_entropy(np.eye(2) / 2, nearly, [2]) == pytest.approx(17.2706045219, abs=1e-9)
    pair = np.array([math.sqrt(0.9), 0, 0, math.sqrt(0.1)])
    assert relative_entropy_of_entanglement(pair, (2, 2)).value == pytest.approx(0.4689955936, abs=1e-10)


def test_a_ppt_entangled_state_has_a_ceiling_above_zero() -> None:
    """The state beside the unextendible product basis Tiles was called separable (toqito#1506)."""
    e, s = np.eye(3), math.sqrt(0.5)
    tiles = [
        np.kron(e[0], e[0] - e[1]) * s,
        np.kron(e[2], e[1] - e[2]) * s,
        np.kron(e[0] - e[1], e[2]) * s,
        np.kron(e[1] - e[2], e[0]) * s,
        np.ones(9) / 3,
    ]
    state = (np.eye(9) - sum(np.outer(v, v) for v in tiles)) / 4
    assert np.linalg.eigvalsh(partial_transpose(state, (3, 3))).min() > -1e-12
    value = relative_entropy_of_entanglement(state, (3, 3)).value
    assert 0.0709 < value <= 0.07103  # a search over ensembles of its own found .0710249


def test_two_pairs_are_permuted_before_they_are_cut() -> None:
    """Subsystems A1 B1 A2 B2 are not A A' B B' (picos#9, QuantumOpticsBase.jl#97, toqito#1388)."""
    bell = np.array([1, 0, 0, 1]) / math.sqrt(2)
    pairs = np.kron(bell, bell)
    permuted = pairs.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(-1)
    assert relative_entropy_of_entanglement(permuted, (4, 4)).value == pytest.approx(2, abs=1e-9)
    with pytest.raises(AmbiguousInputError, match=r"\(4, 4\) of a state whose first two subsystems are Alice's"):
        relative_entropy_of_entanglement(pairs, (2, 2, 2, 2))
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=(2, 2)), rng.normal(size=(3, 3))
    np.testing.assert_allclose(partial_transpose(np.kron(left, right), (2, 3)), np.kron(left, right.T), atol=1e-15)


def test_a_state_of_another_trace_is_told_by_what_to_divide() -> None:
    with pytest.raises(StateError, match=r"trace 2: divide by 2\?"):
        density_matrix(np.eye(2), [2])

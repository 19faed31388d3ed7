"""The Brown–Fawzi–Fawzi method, written out independently, brackets the same entropy as the integral method.

H(A|E) >= Σ_i w_i/(t_i ln 2) (1 + Σ_a inf <M_a (Z + Z† + (1-t_i) Z†Z) + t_i ZZ†>) over the Gauss–Radau nodes t_i < 1 of
(0, 1]; Z is any operator that commutes with Alice's and Bob's (Quantum 8, 1445 (2024)).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.polynomial import legendre

from keybounds.bounds import Hierarchy, Link, one_way
from keybounds.bounds.lower import chsh_entropy, conditional_entropy
from keybounds.experiments import Behaviour


def radau(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss–Radau nodes and weights on (0, 1] with a node at 1."""
    polynomial = legendre.legsub(legendre.Legendre.basis(count).coef, legendre.Legendre.basis(count - 1).coef)
    nodes = np.sort(legendre.legroots(polynomial).real)
    nodes[-1] = 1.0
    vandermonde = legendre.legvander(nodes, count - 1).T
    weights = np.linalg.solve(vandermonde, [2.0, *[0.0] * (count - 1)])
    return (nodes + 1) / 2, weights / 2


def product(left: tuple[str, str, str], right: tuple[str, str, str]) -> frozenset[tuple[str, str, str]]:
    """The class {w, w†} of left† right; projectors of a party merge, Z = "z" and Z† = "Z" do not."""

    def merge(word: str) -> str:
        return "".join(letter for letter, _ in itertools.groupby(word))

    word = (
        merge(left[0][::-1] + right[0]),
        merge(left[1][::-1] + right[1]),
        left[2][::-1].swapcase() + right[2],
    )
    return frozenset({word, (word[0][::-1], word[1][::-1], word[2][::-1].swapcase())})


def brown_fawzi_fawzi(P: np.ndarray, nodes: int) -> float:
    """The bound on H(A_0|E) for two binary settings a side, all nodes sharing the moments without Z.

    Index set {1, A_x} ⊗ {1, B_y} ⊗ {1, Z, Z†} for each node and outcome of Alice.
    """
    cp = pytest.importorskip("cvxpy")
    words = list(itertools.product(["", "0", "1"], ["", "0", "1"], ["", "z", "Z"]))
    ids: dict[Any, int] = {}
    index = np.array([[ids.setdefault(product(u, v), len(ids)) for v in words] for u in words])

    def moment(alice: str, bob: str, eve: str) -> int:
        return ids[product(("", "", ""), (alice, bob, eve))]

    known = {moment("", "", ""): 1.0}
    for x, k in itertools.product((0, 1), repeat=2):
        known[moment(str(x), "", "")] = P[0, :, x, 0].sum()
        known[moment("", str(k), "")] = P[:, 0, 0, k].sum()
        known[moment(str(x), str(k), "")] = P[0, 0, x, k]
    shared = [k for key, k in ids.items() if all(word[2] == "" for word in key) and k not in known]
    base = cp.Variable(len(shared))
    objective, constraints = 0.0, []
    for t, w in zip(*radau(nodes), strict=True):
        if t == 1.0:
            continue
        objective += w / (t * np.log(2))
        for outcome in (0, 1):
            y = cp.Variable(len(ids))
            constraints.append(cp.reshape(y[index.reshape(-1)], index.shape, order="C") >> 0)
            constraints += [y[k] == value for k, value in known.items()]
            constraints.append(y[shared] == base)

            def effect(eve: str, y: Any = y, outcome: int = outcome) -> Any:
                click = y[moment("0", "", eve)]
                return click if outcome == 0 else y[moment("", "", eve)] - click

            cost = 2 * effect("z") + (1 - t) * effect("Zz") + t * y[moment("", "", "zZ")]
            objective += w / (t * np.log(2)) * cost
    return float(cp.Problem(cp.Minimize(objective), constraints).solve(solver="CLARABEL"))


def test_radau_integrates_polynomials() -> None:
    nodes, weights = radau(5)
    for power in range(9):
        assert weights @ nodes**power == pytest.approx(1 / (power + 1))


@pytest.mark.filterwarnings("ignore:Solution may be inaccurate")  # to 1e-5: the relaxation has next to no interior
@pytest.mark.parametrize("chsh", [pytest.param(2.4, marks=pytest.mark.slow), 2.7])
def test_two_methods_agree_within_their_gaps(chsh_optimal: Callable[[float], Behaviour], chsh: float) -> None:
    """Both are lower bounds on the closed form; neither may pass it, and both must come near.

    A little white noise takes the table off the boundary of the quantum set, where the peer's solver gives out; the
    entropy is convex in the table, so it only falls.
    """
    behaviour = Behaviour(0.9995 * chsh_optimal(chsh).P + 0.0005 / 4)
    exact = chsh_entropy(Link(chsh, 0.0)).value
    other = brown_fawzi_fawzi(behaviour.P, nodes=6)
    own = conditional_entropy(behaviour, one_way((0, 0)), Hierarchy("11", 31))
    assert other < exact + 1e-6
    assert own.value <= exact + 1e-12
    assert exact - 0.015 < other
    assert other - 1e-6 < own.value + own.diagnostics["discretisation_gap"] + 1e-3
    assert abs(other - own.value) < 0.01

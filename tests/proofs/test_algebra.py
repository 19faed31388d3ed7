"""The index calculus and the operator algebra against brute force with Fourier matrices."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from keybounds.proofs.algebra import dense_sectors, family, sectors
from keybounds.proofs.algebra.indices import Monomial, contract
from keybounds.proofs.logic.terms import symbol

Array = NDArray[np.complex128]
DIMENSIONS = (2, 3, 4)


def fourier(d: int) -> Array:
    k = np.arange(d)
    return np.exp(2j * np.pi * np.outer(k, k) / d) / math.sqrt(d)


def value(coefficient: sp.Expr, d: int, p: float = 0.45) -> float:
    return float(sp.sympify(coefficient).subs({symbol("r"): sp.sqrt(d), symbol("p"): p}))


def summed(monomial: Monomial, free: str, d: int, inner: str = "") -> Array:
    """Array over the free indices, summed over the inner ones by brute force."""
    u = fourier(d)
    result = np.zeros((d,) * len(free), dtype=complex)
    for point in itertools.product(range(d), repeat=len(free) + len(inner)):
        at = dict(zip(free + inner, point, strict=True))
        if all(at[i] == at[j] for i, j in monomial.deltas):
            term = value(monomial.coefficient, d)
            term *= math.prod([u[at[i], at[j]] for i, j in monomial.entries])
            term *= math.prod([u[at[i], at[j]].conj() for i, j in monomial.conjugates])
            result[point[: len(free)]] += term
    return result


def shield(name: str, d: int) -> Array:
    """The five shield operators from their definitions, not from `family.letter`."""
    u, identity = fourier(d), np.eye(d)
    v = math.sqrt(d) * np.einsum("ij,il,jk->ijkl", u, identity, identity)
    w = np.einsum("ik,ij,kl->ijkl", u, identity, identity)
    p = np.einsum("ij,jk,kl->ijkl", identity, identity, identity)
    arrays = {"1": np.einsum("ik,jl->ijkl", identity, identity), "V": v, "U": w, "P": p}
    if name.endswith("*"):
        return arrays[name[0]].conj().transpose(2, 3, 0, 1)
    return arrays[name]


def dense(operator: family.Operator, d: int) -> Array:
    result = np.zeros((4, d * d, 4, d * d), dtype=complex)
    for (row, column), parts in operator.items():
        for name, coefficient in parts.items():
            block = value(coefficient, d) * shield(name, d).reshape(d * d, d * d)
            result[int(row, 2), :, int(column, 2), :] += block
    return result.reshape(4 * d * d, 4 * d * d)


@pytest.mark.parametrize("d", DIMENSIONS)
@pytest.mark.parametrize("name", family.LETTERS)
def test_letters_are_the_operators_they_are_called(name: str, d: int) -> None:
    np.testing.assert_allclose(summed(family.letter(name), "ijkl", d), shield(name, d), atol=1e-12)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_products_traces_and_transposes(d: int) -> None:
    # A wrong product would prove wrong spectra for every d.
    p = symbol("p")
    rho = family.rho(p)
    projectors = [
        family.good_projector(),
        family.error_projector(),
        family.sign_projector(1),
        family.sign_projector(-1),
    ]
    transposed = family.partial_transpose(rho)
    expected = dense(rho, d).reshape((2, 2, d, d) * 2).transpose(0, 5, 2, 7, 4, 1, 6, 3).reshape(4 * d * d, 4 * d * d)
    np.testing.assert_allclose(dense(transposed, d), expected, atol=1e-12)
    for operator, projector in [(rho, projectors[0]), (rho, projectors[1]), *((transposed, q) for q in projectors[2:])]:
        product = family.multiply(operator, projector)
        np.testing.assert_allclose(dense(product, d), dense(operator, d) @ dense(projector, d), atol=1e-12)
        assert value(family.trace(projector), d) == pytest.approx(np.trace(dense(projector, d)).real)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_ensemble_average_is_the_average_of_product_vectors(d: int) -> None:
    # The ceiling stands on this average; here it is summed vector by vector, in the order A B A' B'.
    u = fourier(d)
    average = np.zeros((4 * d * d, 4 * d * d), dtype=complex)
    for i, j, k in itertools.product(range(d), range(d), range(3)):
        s = 2 * np.pi * k / 3
        alice, bob = np.zeros((2, d), dtype=complex), np.zeros((2, d), dtype=complex)
        alice[0, i], alice[1, j] = 1, np.exp(1j * s)
        bob[0, j], bob[1, i] = 1, np.exp(1j * (s + np.angle(u[i, j])))
        vector = np.einsum("ai,bj->abij", alice, bob).ravel() / 2
        average += np.outer(vector, vector.conj()) / (3 * d * d)
    np.testing.assert_allclose(dense(family.ensemble_average(), d), average, atol=1e-12)


def test_v_is_unitary_so_that_the_roots_in_the_definition_are_multiples_of_the_identity() -> None:
    one = {("00", "00"): {"1": sp.Integer(1)}}
    v, adjoint = ({("00", "00"): {name: sp.Integer(1)}} for name in ("V", "V*"))
    assert family.equal(family.multiply(v, adjoint), one)
    assert family.equal(family.multiply(adjoint, v), one)


# ------------------------------------------------------------------------------------------------------ unequal sectors


def sector_dense(operator: sectors.Operator, m: int, n: int, p: float = 0.45) -> Array:
    """Letter by letter, on Alice's |0,i>, |1,j> and Bob's |0,j>, |1,i>, from the definitions of the letters."""
    u = fourier(n)[:m]
    result = np.zeros(((m + n) ** 2, (m + n) ** 2), dtype=complex)
    at = {symbol("M"): sp.sqrt(m), symbol("N"): sp.sqrt(n), symbol("p"): p}

    def place(key: str, x: int, y: int) -> int:
        return (x + (m if key[0] == "1" else 0)) * (m + n) + y + (n if key[1] == "1" else 0)

    for (row, column), block in operator.items():
        for name, coefficient in block.items():
            weight = complex(sp.sympify(coefficient).subs(at))
            sizes = {side: tuple({"m": m, "n": n}[one] for one in sectors.SIDES[side]) for side in (row, column)}
            for x, y in np.ndindex(*sizes[row]):
                for z, w in np.ndindex(*sizes[column]):
                    entry = {
                        "1": lambda x=x, y=y, z=z, w=w: (x, y) == (z, w),
                        "V": lambda x=x, y=y, z=z, w=w: (x, y) == (w, z) and math.sqrt(n) * u[x, y],
                        "V*": lambda x=x, y=y, z=z, w=w: (x, y) == (w, z) and math.sqrt(n) * u[z, w].conj(),
                        "P": lambda x=x, y=y, z=z, w=w: x == y == z == w,
                        "U": lambda x=x, y=y, z=z, w=w: x == y and z == w and u[x, z],
                        "U*": lambda x=x, y=y, z=z, w=w: x == y and z == w and u[z, x].conj(),
                        "Q": lambda x=x, y=y, z=z, w=w: x == y and z == w and (u[:, x].conj() @ u[:, z]),
                    }[name]()
                    result[place(row, x, y), place(column, z, w)] += weight * entry
    return result


@pytest.mark.parametrize(("m", "n"), [(2, 3), (3, 3), (2, 4)])
def test_sectors_multiply_as_matrices_do(m: int, n: int) -> None:
    p = symbol("p")
    state = sectors.by_letters(sectors.state(p))
    expected = np.array(dense_sectors.state(m, n, 0.45).tolist(), dtype=complex)
    np.testing.assert_allclose(sector_dense(state, m, n), expected, atol=1e-12)
    turned = sectors.turned(state)
    side = m + n
    flipped = expected.reshape((side,) * 4).transpose(0, 3, 2, 1).reshape(side**2, side**2)
    np.testing.assert_allclose(sector_dense(turned, m, n), flipped, atol=1e-12)
    others = [*sectors.projectors().values(), *sectors.units(), turned]
    for first, second in itertools.product([state, *others], others):
        product = sectors.multiply(first, second)
        np.testing.assert_allclose(
            sector_dense(product, m, n), sector_dense(first, m, n) @ sector_dense(second, m, n), atol=1e-12
        )
    for operator in [state, *others]:
        trace = complex(
            sp.sympify(sectors.trace(operator)).subs({symbol("M"): sp.sqrt(m), symbol("N"): sp.sqrt(n), p: 0.45})
        )
        assert trace == pytest.approx(np.trace(sector_dense(operator, m, n)))


@pytest.mark.parametrize(("m", "n"), [(2, 3), (2, 4)])
def test_average_of_sectors_is_that_of_its_product_vectors(m: int, n: int) -> None:
    average = sector_dense(sectors.by_letters(sectors.ensemble_average()), m, n)
    expected = np.array(dense_sectors.separable_ensemble(m, n, 0.5).tolist(), dtype=complex)
    np.testing.assert_allclose(average, expected, atol=1e-12)


def monomials() -> st.SearchStrategy[tuple[Monomial, str]]:
    """Products of up to two deltas, two entries and two conjugates over four free and three summed indices."""
    index = st.sampled_from("ijklmno")
    pairs = st.lists(st.tuples(index, index), max_size=2).map(tuple)
    return st.builds(
        lambda deltas, entries, conjugates: (Monomial(sp.Integer(1), deltas, entries, conjugates), "mno"),
        pairs, pairs, pairs,
    )  # fmt: skip


@settings(deadline=None, max_examples=80)
@given(monomials())
def test_contraction_agrees_with_brute_force_or_refuses(case: tuple[Monomial, str]) -> None:
    monomial, inner = case
    try:
        found = contract(monomial, inner, symbol("r") ** 2)
    except ValueError:  # a sum that the rules do not resolve
        return
    d = 2
    np.testing.assert_allclose(summed(found, "ijkl", d), summed(monomial, "ijkl", d, inner), atol=1e-10)


def test_what_leaves_the_algebra_raises() -> None:
    with pytest.raises(ValueError, match="not a multiple"):
        family.recognise(Monomial(sp.Integer(1), deltas=(("i", "j"),)))


def witness_value(x: Array, y: Array, d: int, c: float) -> float:
    """tr[(Pi_{00,11} + alpha Pi_+ + beta Pi_-) |xy><xy|] for normalised x, y of shape (2, d)."""
    s = 1 / math.sqrt(d)
    alpha, beta = (1 + c) / (1 + s), (1 - c) / (1 - s)
    u, w = x[0] * y[1], x[1] * y[0]
    overlap = float(np.vdot(u, fourier(d) @ w).real)
    square = float(np.linalg.norm(u) ** 2 + np.linalg.norm(w) ** 2)
    equal = (
        np.linalg.norm(x[0]) ** 2 * np.linalg.norm(y[0]) ** 2 + np.linalg.norm(x[1]) ** 2 * np.linalg.norm(y[1]) ** 2
    )
    return float(equal + (alpha + beta) / 2 * square + (alpha - beta) * overlap)


@settings(deadline=None, max_examples=100)
@given(d=st.integers(2, 7), share=st.floats(0, 1), seed=st.integers(0, 2**32 - 1), sparse=st.booleans())
def test_no_product_vector_exceeds_the_witness(d: int, share: float, seed: int, sparse: bool) -> None:
    # If one did, the "exact" relative entropy of entanglement would be wrong for this d.
    rng = np.random.default_rng(seed)
    x, y = (rng.normal(size=(2, d)) + 1j * rng.normal(size=(2, d)) for _ in range(2))
    if sparse:  # near the maximisers, which have one entry for each key
        x, y = x**8, y**8
    x, y = x / np.linalg.norm(x), y / np.linalg.norm(y)
    s = 1 / math.sqrt(d)
    assert witness_value(x, y, d, s + share * (1 - s)) <= 1 + 1e-12


@pytest.mark.parametrize("d", [2, 3, 5])
def test_the_ensembles_vectors_attain_the_witness(d: int) -> None:
    u = fourier(d)
    for i, j in itertools.product(range(d), repeat=2):
        x, y = np.zeros((2, d), dtype=complex), np.zeros((2, d), dtype=complex)
        x[0, i] = x[1, j] = y[0, j] = 1 / math.sqrt(2)
        y[1, i] = np.exp(1j * np.angle(u[i, j])) / math.sqrt(2)
        assert witness_value(x, y, d, 0.9) == pytest.approx(1, abs=1e-12)

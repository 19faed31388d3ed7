"""Two qubits in the Bell basis, measured in the plane of Z and X: exact matrices."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp

from keybounds.proofs.logic.propositions import UndecidedError


def pauli() -> tuple[Any, Any, Any]:
    """Return X, Y and Z."""
    return sp.Matrix([[0, 1], [1, 0]]), sp.Matrix([[0, -sp.I], [sp.I, 0]]), sp.diag(1, -1)


def bell_vectors() -> list[Any]:
    """Phi+, Phi-, Psi+, Psi-: the columns of an orthogonal matrix."""
    half = 1 / sp.sqrt(2)
    return [half * sp.Matrix(v) for v in ([1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0])]


def rotation(angle: Any) -> Any:
    """Return the rotation of a qubit about Y, which keeps the plane of Z and X."""
    return sp.Matrix([[sp.cos(angle), -sp.sin(angle)], [sp.sin(angle), sp.cos(angle)]])


def planar(angle: Any) -> Any:
    """cos Z + sin X."""
    X, _, Z = pauli()
    return sp.cos(angle) * Z + sp.sin(angle) * X


def in_bell_basis(operator: Any) -> Any:
    """The matrix of an operator on two qubits in the Bell basis."""
    basis = sp.Matrix.hstack(*bell_vectors())
    return (basis.T * operator * basis).applyfunc(sp.expand)


def expectation(weights: Any, operator: Any) -> Any:
    """Tr(rho A) for the Bell-diagonal state with these weights."""
    return sp.expand((sp.diag(*weights) * in_bell_basis(operator)).trace())


def effect(angle: Any, sign: Any) -> Any:
    """(1 + sign (cos Z + sin X) x 1)/2 in the Bell basis."""
    return (sp.eye(4) + sign * in_bell_basis(sp.kronecker_product(planar(angle), sp.eye(2)))) / 2


def _frame(angle: Any, sign: Any) -> Any:
    """Two orthonormal columns, which span the range of `effect`."""
    c, s = sp.cos(angle), sp.sin(angle)
    return sp.Matrix([[1, 0], [sign * c, -sign * s], [sign * s, sign * c], [0, 1]]) / sp.sqrt(2)


def _effect(name: Any) -> tuple[Any, Any]:
    if type(name).__name__ != "effect" or name.args[1] not in (1, -1):
        raise UndecidedError(f"{name} is no effect of a measurement in the plane of Z and X")
    angle, sign = name.args
    return angle, sign


def _zero(matrix: Any) -> bool:
    """Whether a matrix of polynomials in sines and cosines vanishes: s^2 + c^2 = 1 is all that relates these."""
    return all(_vanishes(sp.expand(sp.expand_trig(entry))) for entry in matrix)


def _vanishes(expression: Any) -> bool:
    angles = sorted({one.args[0] for one in expression.atoms(sp.sin, sp.cos)}, key=sp.default_sort_key)
    places = {f(angle): sp.Dummy() for angle in angles for f in (sp.sin, sp.cos)}
    replaced = expression.xreplace(places)
    generators = [*places.values(), *sorted(replaced.free_symbols - set(places.values()), key=str)]
    if not generators:
        return bool(replaced == 0)
    terms = sp.Poly(replaced, *generators, domain="QQ").as_dict()
    for k in range(0, 2 * len(angles), 2):  # sine at k, cosine at k + 1: s^2 = 1 - c^2
        reduced: dict[tuple[int, ...], Any] = {}
        for powers, factor in terms.items():
            squares, left = divmod(powers[k], 2)
            for j in range(squares + 1):
                place = (*powers[:k], left, powers[k + 1] + 2 * j, *powers[k + 2 :])
                reduced[place] = reduced.get(place, 0) + factor * (-1) ** j * sp.binomial(squares, j)
        terms = reduced
    return not any(terms.values())


@lru_cache(maxsize=256)
def is_projector(name: Any) -> bool:
    """Whether P P = P = P^T, P real."""
    matrix = _matrix(name)
    return _zero(matrix * matrix - matrix) and _zero(matrix - matrix.T)


@lru_cache(maxsize=256)
def has_compression(name: Any, entries: Any, first: Any, second: Any, off: Any) -> bool:
    """Whether V^T diag(entries) V = (first, off; off, second) for a frame V of the range of the projector."""
    angle, sign = _effect(name)
    frame, matrix = _frame(angle, sign), effect(angle, sign)
    orthonormal = _zero(frame.T * frame - sp.eye(2)) and _zero(frame * frame.T - matrix)
    stated = sp.Matrix([[first, off], [off, second]])
    return orthonormal and _zero(frame.T * sp.diag(*entries) * frame - stated)


def _matrix(name: Any) -> Any:
    """The matrix, in the basis of Z, of an effect `effect(x, e)` or `both(x, y, e, f)`; signs may be symbols."""
    kind = type(name).__name__
    if kind == "effect":
        angle, sign = name.args
        return sp.kronecker_product((sp.eye(2) + sign * planar(angle)) / 2, sp.eye(2))
    if kind == "both":
        x, y, e, f = name.args
        return sp.kronecker_product((sp.eye(2) + e * planar(x)) / 2, (sp.eye(2) + f * planar(y)) / 2)
    raise UndecidedError(f"{name} is no effect of measurements in the plane of Z and X")


@lru_cache(maxsize=256)
def is_flip(name: Any, other: Any) -> bool:
    """Whether (Y x Y) F (Y x Y) = F'."""
    _, Y, _ = pauli()
    both = sp.kronecker_product(Y, Y)
    return _zero(both * _matrix(name) * both - _matrix(other))


@lru_cache(maxsize=256)
def is_real_effect(name: Any) -> bool:
    """Whether the matrix is real."""
    matrix = _matrix(name)
    return _zero(matrix - matrix.conjugate())


@lru_cache(maxsize=256)
def is_turned(name: Any, other: Any, first: Any, second: Any) -> bool:
    """Whether (R(s) x R(t)) F (R(s) x R(t))^T = F'."""
    turn = sp.kronecker_product(rotation(first), rotation(second))
    return _zero(turn * _matrix(name) * turn.T - _matrix(other))


@lru_cache(maxsize=256)
def turns_blocks(first: Any, second: Any, one: Any, other: Any) -> bool:
    """Whether R(s) x R(t) = R(u) + R(v) on the spans of Phi+, Psi- and of Phi-, Psi+, where Y x Y is -1 and 1."""
    _, Y, _ = pauli()
    vectors = bell_vectors()
    basis = sp.Matrix.hstack(*[vectors[k] for k in (0, 3, 1, 2)])
    turned = basis.T * sp.kronecker_product(rotation(first), rotation(second)) * basis
    signs = basis.T * sp.kronecker_product(Y, Y) * basis
    blocks = sp.diag(rotation(one), rotation(other))
    return _zero(turned - blocks) and _zero(signs - sp.diag(-1, -1, 1, 1)) and _zero(basis - basis.conjugate())


@lru_cache(maxsize=256)
def has_trace(entries: Any, name: Any, value: Any) -> bool:
    """Whether Tr(rho F) is this, rho being Bell-diagonal."""
    return _vanishes(sp.expand(sp.expand_trig(expectation(tuple(entries), _matrix(name)) - value)))


@lru_cache(maxsize=256)
def is_sum(name: Any, first: Any, second: Any) -> bool:
    """Whether an effect is the sum of two."""
    return _zero(_matrix(name) - _matrix(first) - _matrix(second))

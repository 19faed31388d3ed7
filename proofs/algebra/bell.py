"""Two qubits in the Bell basis, measured in the plane of Z and X: exact matrices."""

from __future__ import annotations

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
    return bool(matrix.applyfunc(lambda e: sp.simplify(sp.expand(sp.expand_trig(e)))).is_zero_matrix)


def is_projector(name: Any) -> bool:
    """Whether P P = P = P^T, P real."""
    matrix = effect(*_effect(name))
    return _zero(matrix * matrix - matrix) and _zero(matrix - matrix.T)


def has_compression(name: Any, entries: Any, first: Any, second: Any, off: Any) -> bool:
    """Whether V^T diag(entries) V = (first, off; off, second) for a frame V of the range of the projector."""
    angle, sign = _effect(name)
    frame, matrix = _frame(angle, sign), effect(angle, sign)
    orthonormal = _zero(frame.T * frame - sp.eye(2)) and _zero(frame * frame.T - matrix)
    stated = sp.Matrix([[first, off], [off, second]])
    return orthonormal and _zero(frame.T * sp.diag(*entries) * frame - stated)

"""Two-qubit devices that the claims name, as matrices: statistics and states by exact arithmetic in their symbols."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import sympy as sp

from keybounds.proofs.logic.decide import undefined
from keybounds.proofs.logic.equality import vanishes
from keybounds.proofs.logic.propositions import UndecidedError

_X, _Z = sp.Matrix([[0, 1], [1, 0]]), sp.Matrix([[1, 0], [0, -1]])


class Device(NamedTuple):
    """A real vector of two qubits (rows) and of Eve (columns), observables, and Bob's flip at the key setting.

    The key setting is Alice's first and Bob's last.
    """

    vector: Any
    alice: tuple[Any, ...]
    bob: tuple[Any, ...]
    flip: Any


def interpreted(name: Any) -> Device:
    """The device that `name` stands for.

    Raises
    ------
    UndecidedError
        It is none of these.
    """
    if type(name).__name__ != "tilted":
        raise UndecidedError(f"{name} is no device with known matrices")
    k, flip = name.args
    weight = sp.sqrt(1 + k**2)
    coherence = (1 - k**2) / (1 + k**2)
    length = sp.sqrt(1 + coherence**2)
    columns = [sp.Matrix([1, 0, 0, sign]) * factor for sign, factor in ((1, 1), (-1, k))]
    return Device(
        sp.Matrix.hstack(*columns) / (sp.sqrt(2) * weight),
        (_Z, _X),
        ((_Z + coherence * _X) / length, (_Z - coherence * _X) / length, _Z),
        flip,
    )


def is_sharp(name: Any) -> bool:
    """Whether the vector is real of norm 1 and the observables are symmetric, real and square to 1."""
    device = interpreted(name)
    observables = (*device.alice, *device.bob)
    entries = [entry for matrix in (device.vector, *observables) for entry in matrix]
    if any(undefined(entry, ()) or entry.is_real is False for entry in entries):
        raise UndecidedError("an entry may have no real value")
    return vanishes(sum(entry**2 for entry in device.vector) - 1) and all(
        _zero(one**2 - sp.eye(2)) and _zero(one - one.T) for one in observables
    )


def _zero(matrix: Any) -> bool:
    return all(vanishes(entry) for entry in matrix)


def _effects(observable: Any, flip: Any = 0) -> tuple[Any, Any]:
    half = sp.Rational(1, 2)
    return tuple(half * (sp.eye(2) + sign * (1 - 2 * flip) * observable) for sign in (1, -1))


def _probability(device: Device, a: int, b: int, x: int, y: int) -> Any:
    flip = device.flip if y == len(device.bob) - 1 else 0
    effect = sp.kronecker_product(_effects(device.alice[x])[a], _effects(device.bob[y], flip)[b])
    return (device.vector.T * effect * device.vector).trace()


def reproduces(name: Any, statistics: Any) -> bool:
    """Whether a device has these statistics, for all values of the symbols."""
    from keybounds.proofs import tables

    device = interpreted(name)
    settings = list(itertools.product(range(len(device.alice)), range(len(device.bob))))
    found = {
        (a, b, x, y): _probability(device, a, b, x, y)
        for x, y in settings
        for a, b in itertools.product((0, 1), (0, 1))
    }
    if type(statistics).__name__ == "chsh_and_error":
        chsh, error = statistics.args
        return vanishes(tables.chsh_value(found) - chsh) and vanishes(tables.key_error(found) - error)
    return tables.same(found, tables.interpreted(statistics))


def blocks(operator: Any) -> list[Any]:
    """The diagonal blocks of shared(delta), pinched(shared(delta)) or of a part of outcomes(delta).

    Eve's state for the outcomes a, b is psi* (M_a x N_b) psi, up to a transpose.
    """
    kind = type(operator).__name__
    if kind == "shared":
        vector = interpreted(operator.args[0]).vector
        return [vector * vector.T]
    if kind == "pinched":
        (whole,) = blocks(operator.args[0])
        return [whole[:2, :2], whole[2:, 2:]]  # Alice's qubit first
    if kind == "part" and type(operator.args[0]).__name__ == "outcomes":
        device = interpreted(operator.args[0].args[0])
        systems = {type(one).__name__.removeprefix("system_") for one in operator.args[1:]}
        if systems <= {"A", "B", "E"} and "E" in systems:
            alice, bob = _effects(device.alice[0]), _effects(device.bob[-1], device.flip)
            whole = [sp.eye(2)]
            return [
                device.vector.T * sp.kronecker_product(m, n) * device.vector
                for m in (alice if "A" in systems else whole)
                for n in (bob if "B" in systems else whole)
            ]
    raise UndecidedError(f"{operator} is no state with known matrices")


def has_qubit(operator: Any) -> bool:
    """Whether `operator` is the state that the parties of a known device share: a vector of norm 1 of two qubits."""
    if type(operator).__name__ != "shared":
        raise UndecidedError(f"{operator} is no shared state of a known device")
    return is_sharp(operator.args[0]) and interpreted(operator.args[0]).vector.rows == 4


def has_spectrum(operator: Any, pairs: Any) -> bool:
    """Whether the blocks' characteristic polynomials multiply to that of the eigenvalues, up to a power of x."""
    x = sp.Dummy("x")
    found = sp.Integer(1)
    size = 0
    for block in blocks(operator):
        size += block.rows
        found *= sum(c * x**power for power, c in enumerate(reversed(block.charpoly(x).all_coeffs())))
    count = sum(multiplicity for _, multiplicity in pairs)
    if not (count.is_Integer and count <= size):
        return False
    wanted = sp.Mul(*((x - value) ** multiplicity for value, multiplicity in pairs)) * x ** (size - count)
    difference = sp.Poly(sp.expand(found) - sp.expand(wanted), x)
    return all(vanishes(coefficient) for coefficient in difference.all_coeffs())

"""The executable side of `proofs.notions_channels`: maps on matrix units, marginals, invariances, averages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import family, monomials
from keybounds.proofs.algebra.indices import Monomial, contract
from keybounds.proofs.algebra.interpretation import family_operator
from keybounds.proofs.algebra.monomials import Side, label
from keybounds.proofs.logic.equality import vanishes
from keybounds.proofs.logic.propositions import UndecidedError

_ONE = sp.Integer(1)
_DIMENSION = sp.Symbol("D", positive=True)

# A map M -> <g|M|g2> |f><f2|: these span all linear maps. Its output has the row l and the column j.
_IMAGE = Monomial(_ONE, deltas=(("m", "g"), ("n", "g2"), ("l", "f"), ("j", "f2")))


def _kept(monomial: Monomial) -> Monomial:
    return monomial


def _transpose(monomial: Monomial) -> Monomial:
    return monomial.rename({"l": "j", "j": "l"})


def _map(name: Any) -> Callable[[Monomial], Monomial]:
    known = {"transpose": _transpose, "transposed_output": _transpose, "identity": _kept}
    if type(name).__name__ not in known:
        raise UndecidedError(f"{name} is no map of operators that is known here")
    return known[type(name).__name__]


def keeps_channel_probabilities(effect: Any, output: Any) -> bool:
    """Whether tr[(A (x) f(B)) (id (x) g o Lambda) rho] is as without f and g, on matrix units and maps that span."""
    alice = Monomial(_ONE, deltas=(("i", "a"), ("k", "a2")))  # |a><a2|, rows i, columns k
    bob = Monomial(_ONE, deltas=(("j", "b"), ("l", "b2")))
    state = Monomial(_ONE, deltas=(("k", "c"), ("i", "c2"), ("m", "e"), ("n", "e2")))  # |c><c2| (x) |e><e2|
    summed = ("i", "j", "k", "l", "m", "n")
    plain = contract(alice * bob * state * _IMAGE, summed, _DIMENSION)
    changed = contract(alice * _map(effect)(bob) * state * _map(output)(_IMAGE), summed, _DIMENSION)
    return plain == changed


def transposes_choi(output: Any) -> bool:
    """Whether the Choi matrix (1/d) sum |m><n| (x) Lambda(|m><n|) of g o Lambda is that of Lambda, transposed."""
    entangled = Monomial(1 / _DIMENSION, deltas=(("i", "m"), ("k", "n")))
    partial = _transpose(contract(entangled * _IMAGE, ("m", "n"), _DIMENSION))
    return contract(entangled * _map(output)(_IMAGE), ("m", "n"), _DIMENSION) == contract(partial, (), _DIMENSION)


def keeps_traces(output: Any) -> bool:
    """Whether g o Lambda has outputs of the same trace as Lambda."""
    traced = Monomial(_ONE, deltas=(("j", "l"),))
    plain, changed = _IMAGE * traced, _map(output)(_IMAGE) * traced
    return contract(plain, ("j", "l"), _DIMENSION) == contract(changed, ("j", "l"), _DIMENSION)


def marginal(operator: family.Operator) -> dict[tuple[str, str], Any]:
    """Trace over B and B': the coefficients of the identity on A', by Alice's keys.

    Raises
    ------
    UndecidedError
        A block of the marginal is no multiple of the identity.
    """
    total: dict[tuple[str, str], Any] = {}
    for (row, column), shield in operator.items():
        if row[1] != column[1]:
            continue
        for name, coefficient in shield.items():
            traced = contract(family.letter(name).rename({"l": "j"}), ("j",), family.dimension())
            if (traced.deltas, traced.entries, traced.conjugates) != ((("i", "k"),), (), ()):
                raise UndecidedError(f"the trace of {name} over B' is not seen to be a multiple of the identity")
            place = (row[0], column[0])
            total[place] = total.get(place, 0) + coefficient * traced.coefficient
    return total


def has_flat_marginal(operator: Any) -> bool:
    """Whether the marginal of A A' is 1/2d."""
    found = marginal(family_operator(operator))
    flat = 1 / (2 * family.dimension())
    return all(
        vanishes(found.get((row, column), 0) - (flat if row == column else 0)) for row in "01" for column in "01"
    )


def phase_pair() -> tuple[Side, Side]:
    """A phase omega^t of Alice's key 1, for any real t, and Bob's correction."""
    t = label("t")
    return (
        {0: (0, lambda x: x, lambda x: 0 * x), 1: (1, lambda x: x, lambda x: t + 0 * x)},
        {0: (0, lambda y: y, lambda y: 0 * y), 1: (1, lambda y: y, lambda y: -t + 0 * y)},
    )


def weyl_pair(exponent: Callable[[Any], Any] = lambda x: x) -> tuple[Side, Side]:
    """Alice's key-controlled Weyl operators, X^b after Z^a on key 0 and X^e after Z^c on key 1, and the correction.

    `exponent` is applied to the label in Bob's phases: the identity is right.
    """
    a, b, c, e = (label(name) for name in "abce")
    return (
        {0: (0, lambda x: x + b, lambda x: a * x), 1: (1, lambda x: x + e, lambda x: c * x)},
        {
            0: (0, lambda y: y + e, lambda y: (c + b) * exponent(y) + b * e),
            1: (1, lambda y: y + b, lambda y: (a - e) * exponent(y)),
        },
    )


def flip_pair() -> tuple[Side, Side]:
    """Alice's key flip |0,x> -> |1,x>, |1,x> -> |0,-x>, and the correction |1,y> -> |0,y>, |0,y> -> |1,-y>."""

    def none(x: Any) -> Any:
        return 0 * x

    return (
        {0: (1, lambda x: x, none), 1: (0, lambda x: -x, none)},
        {0: (1, lambda y: -y, none), 1: (0, lambda y: y, none)},
    )


_PAIRS = {"key_phases": phase_pair, "key_weyl": weyl_pair, "key_flip": flip_pair}


def is_invariant(operator: Any, pairs: Any) -> bool:
    """Whether rho(d, p), with U the Fourier matrix, is invariant under the named pairs, for every d."""
    if type(operator).__name__ != "rho":
        raise UndecidedError(f"{operator} is not a private state of the family")
    dimension, error = operator.args
    terms = monomials.rho(error, dimension)
    for name in pairs:
        if type(name).__name__ not in _PAIRS:
            raise UndecidedError(f"{name} is no known pair of monomial unitaries")
        if not monomials.equal(monomials.transformed(terms, *_PAIRS[type(name).__name__]()), terms):
            return False
    return True


def averages(pairs: Any) -> bool:
    """Whether the group of Alice's sides of the named pairs averages every operator on key and shield to its trace.

    The phases omega^{am} average to 0 unless d divides m, a geometric sum, and the shifts spread a diagonal matrix unit
    over the shield. Where the signs of the key are in the group, what joins the two keys averages to 0; the flip
    exchanges them.
    """
    names = {type(name).__name__ for name in pairs}
    if not names <= set(_PAIRS):
        raise UndecidedError("the group is not known")
    z, n = sp.Symbol("z"), sp.Symbol("n", integer=True, positive=True)
    telescopes = sp.expand((z - 1) * z**n - (z ** (n + 1) - z**n)) == 0
    shifted = Monomial(_ONE, deltas=(("m", "x"), ("m", "y")))
    spreads = contract(shifted, ("m",), _DIMENSION).deltas == (("x", "y"),)
    joins = all(sum((-1) ** (s * m) for s in (0, 1)) == (2 if m == 0 else 0) for m in (-1, 0, 1))
    return bool(telescopes and spreads and joins) and names == set(_PAIRS)


def is_complete_teleportation(name: Any) -> bool:
    """Whether projecting on Phi teleports, and the rotated projectors add up to 1, on matrix units."""
    if type(name).__name__ != "teleported":
        raise UndecidedError(f"{name} is no teleportation")
    d = _DIMENSION
    sandwiched = Monomial(1 / d, deltas=(("m", "a"), ("n", "b"), ("m", "c"), ("n", "e")))
    traced = Monomial(1 / d, deltas=(("n", "a"), ("m", "b"), ("n", "c"), ("m", "e")))
    spread = Monomial(d**2 / d / d, deltas=(("m", "n"), ("m", "x"), ("n", "y")))
    whole = Monomial(_ONE, deltas=(("x", "y"),))
    return contract(sandwiched, ("m", "n"), d) == contract(traced, ("m", "n"), d) and contract(
        spread, ("m", "n"), d
    ) == contract(whole, (), d)


def rotates_choi(name: Any) -> bool:
    """Whether Phi, sent through N(U . U*), becomes (U^T (x) 1) omega (U^T (x) 1)*, on matrix units |c><e| of omega.

    V and the part of B are the same on both sides. N(M) = d tr_A'[(M^T (x) 1) omega].
    """
    if type(name).__name__ != "teleported":
        raise UndecidedError(f"{name} is no teleportation")
    d = _DIMENSION
    entangled = Monomial(1 / d, deltas=(("i", "m"), ("k", "n")))
    rotated = Monomial(_ONE, entries=(("a", "m"),), conjugates=(("b", "n"),))  # U |m><n| U*, row a, column b
    traced = Monomial(d, deltas=(("a", "c"), ("b", "e")))
    sent = contract(entangled * rotated * traced, ("m", "n", "a", "b"), d)
    unit = Monomial(_ONE, deltas=(("x", "c"), ("y", "e")))
    turned = Monomial(
        _ONE, entries=(("x", "i"),), conjugates=(("y", "k"),)
    )  # U^T from the left, conj(U) from the right
    return sent == contract(turned * unit, ("x", "y"), d)


def _reduced(state: Any, kept: tuple[int, ...]) -> Any:
    """Partial trace of an operator on B E' F down to the qubits `kept`."""
    size = 2 ** len(kept)
    result = sp.zeros(size, size)
    for row in range(8):
        for column in range(8):
            bits, others = (tuple((n >> (2 - k)) & 1 for k in range(3)) for n in (row, column))
            if all(bits[k] == others[k] for k in range(3) if k not in kept):
                i, j = (sum(b[k] << (len(kept) - 1 - m) for m, k in enumerate(kept)) for b in (bits, others))
                result[i, j] += state[row, column]
    return result


def _isometry(name: Any) -> Any:
    if type(name).__name__ != "matrix" or name.args[0].shape != (8, 2) or name.args[0].has(sp.I):
        raise UndecidedError(f"{name} is no real map of a qubit to three")
    return name.args[0]


def is_splitting(name: Any, damping: Any) -> bool:
    """Whether V is an isometry whose part for B damps, that looks the same with E' and F exchanged, and keeps signs."""
    v = _isometry(name)
    q, c, other = (sp.Dummy(name, real=True) for name in "qce")
    general = sp.Matrix([[1 - q, c], [other, q]])  # linear in it, so complex inputs too
    kept = 1 - damping
    damped = sp.Matrix([[1 - q * kept, sp.sqrt(kept) * c], [sp.sqrt(kept) * other, q * kept]])
    exchange, signs = sp.zeros(8, 8), sp.diag(*[(-1) ** n.bit_count() for n in range(8)])
    for n in range(8):
        exchange[(n & 4) | ((n & 1) << 1) | ((n & 2) >> 1), n] = 1
    differences = (
        v.T * v - sp.eye(2),
        _reduced(v * general * v.T, (0,)) - damped,
        exchange * v - v,
        signs * v - v * sp.diag(1, -1),
    )
    return all(vanishes(entry) for difference in differences for entry in difference)


def leaves_spectra(name: Any, weight: Any, both: Any, alone: Any) -> bool:
    """Whether for the input diag(1-q, q) the eigenvalues of B E' and of E', other than 0, are x, 1-x and y, 1-y."""
    v, x = _isometry(name), sp.Dummy("x")
    state = v * sp.diag(1 - weight, weight) * v.T
    for kept, value in (((0, 1), both), ((1,), alone)):
        part = _reduced(state, kept)
        wanted = x ** (part.rows - 2) * (x - value) * (x - 1 + value)
        found = (x * sp.eye(part.rows) - part).det(method="berkowitz")
        if not all(vanishes(c) for c in sp.Poly(sp.expand(found - wanted), x).all_coeffs()):
            return False
    return True

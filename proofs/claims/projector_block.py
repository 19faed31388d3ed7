"""A moment matrix over base (x) {1, Z} for a projector Z of Eve's is two matrices of half the size.

Projectors for Eve are what kossmann2024 reduces the operators of an integral formula to; this is the change of basis
that halves the matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, cited, holds, witness
from keybounds.proofs.claim import Ground, ProseClaim, Step


def halves(plain: Any, with_z: Any) -> tuple[Any, Any]:
    """Return the two matrices whose positivity is that of the whole: Gamma - Gamma_Z and Gamma_Z."""
    return plain - with_z, with_z


Halves = Callable[[Any, Any], tuple[Any, Any]]


def derivation(halves: Halves = halves) -> Iterator[Step]:
    """Prove it by a congruence with an invertible matrix, for matrices of any size as non-commuting symbols."""
    import sympy as sp

    plain, with_z = sp.symbols("Gamma Gamma_Z", commutative=False)
    whole = sp.Matrix(2, 2, lambda a, b: with_z if a + b else plain)
    yield holds(
        "as Z^2 = Z, and Z commutes with the letters of Alice and Bob, <(u Z^a)* v Z^b> is <u* v Z> unless a = b = 0",
        whole == sp.Matrix([[plain, with_z], [with_z, with_z]]),
        formula=r"\langle(uZ^a)^\dagger vZ^b\rangle = \langle u^\dagger v Z^{a+b}\rangle",
    )
    step, back = sp.Matrix([[1, -1], [0, 1]]), sp.Matrix([[1, 1], [0, 1]])
    yield holds(
        "subtracting the second block row from the first is invertible",
        step * back == sp.eye(2) and back * step == sp.eye(2),
        formula=r"T = \left(1, -1; 0, 1\right),\quad T^{-1} = \left(1, 1; 0, 1\right)",
    )
    upper, lower = halves(plain, with_z)
    congruent = (step * whole * step.T).applyfunc(sp.expand)
    yield holds(
        "the congruence leaves the two matrices on the diagonal and nothing beside them, whatever their size",
        congruent == sp.Matrix([[sp.expand(upper), 0], [0, sp.expand(lower)]]),
        formula=r"T\,M\,T^\dagger = (\Gamma-\Gamma_Z)\oplus\Gamma_Z",
    )
    yield cited(
        "a congruence with an invertible matrix keeps positivity, both ways; a direct sum is positive if and only if "
        "its summands are",
        "textbook",
        formula=r"M \ge 0 \;\Longleftrightarrow\; \Gamma_Z \ge 0,\ \Gamma-\Gamma_Z \ge 0",
    )


def numerical(halves: Halves = halves) -> Iterator[Step]:
    """The determinant of the whole against those of the halves, for moments of a dense state."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):

        def pure(n: int, seed: int) -> Any:
            v = mp.matrix([mp.cos(seed * (k + 1)) + mp.j * mp.sin(seed + 2 * k) for k in range(n)])
            return v * v.H / mp.re((v.H * v)[0])

        one = mp.eye(2)
        letters = [dense.kron(one, one), dense.kron(pure(2, 1), one), dense.kron(pure(2, 3), one)]
        z = dense.kron(one, pure(2, 5))
        raw = mp.matrix([[mp.expj(3 * i + j * j) for j in range(4)] for i in range(4)]) + mp.eye(4)
        rho = raw * raw.H / dense.trace(raw * raw.H)

        def moments(words: list[Any]) -> Any:
            return mp.matrix([[dense.trace(rho * u.H * v) for v in words] for u in words])

        words = [*letters, *(w * z for w in letters)]
        plain = moments(letters)
        with_z = mp.matrix([[dense.trace(rho * u.H * v * z) for v in letters] for u in letters])
        upper, lower = halves(plain, with_z)
        found = mp.det(moments(words))
        yield witness("determinant of the whole moment matrix", mp.re(mp.det(upper) * mp.det(lower)), mp.re(found))
        leasts = [dense.eigenvalues(m)[0] for m in (upper, lower)]
        positive = min(leasts) > 0
        yield holds("both halves are positive, as moments of a state", positive, ground=Ground.WITNESS)


CLAIM = ProseClaim(
    name="projector-block",
    statement="Let Z be a projector that commutes with every word of a base. The moment matrix over base (x) {1, Z} is "
    "positive if and only if Gamma_Z, with the entries <u* v Z>, and Gamma - Gamma_Z are, Gamma being the "
    "moment matrix "
    "of the base.",
    formula=r"M(\mathrm{base}\otimes\{1,Z\}) \ge 0 \;\Longleftrightarrow\; \Gamma_Z \ge 0,\ \Gamma - \Gamma_Z \ge 0",
    source="this project, after navascues2008 and kossmann2024",
    derivation=derivation,
    witness=numerical,
)

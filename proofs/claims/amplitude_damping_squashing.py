"""P_2 of amplitude damping is at most the greatest h(q(1-g/2)) - h(qg/2), by splitting its environment evenly.

Squashing the environment through a channel is takeoka2014; goodenough2016 and khatri2019 bound (generalised) amplitude
damping so. The value is the coherent information of amplitude damping with half the damping, at the same input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense
from keybounds.proofs.algebra.symbols import binary_entropy, entropy, log2, symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, number, positive, vanishes, witness
from keybounds.proofs.claim import ProseClaim, Step


def squashed(g: Any, q: Any) -> Any:
    """h(q(1-g/2)) - h(qg/2)."""
    return binary_entropy(q * (1 - g / 2)) - binary_entropy(q * g / 2)


def isometry(g: Any) -> Any:
    """|0> -> |000>, |1> -> sqrt(1-g) |100> + sqrt(g/2) (|010> + |001>) on B E' F: a matrix of shape (8, 2)."""
    import sympy as sp

    v = sp.zeros(8, 2)
    v[0, 0] = 1
    v[4, 1], v[2, 1], v[1, 1] = sp.sqrt(1 - g), sp.sqrt(g / 2), sp.sqrt(g / 2)
    return v


def reduced(state: Any, kept: tuple[int, ...]) -> Any:
    """Partial trace of an operator on B E' F down to the qubits `kept`."""
    import sympy as sp

    size = 2 ** len(kept)
    result = sp.zeros(size, size)
    for row in range(8):
        for column in range(8):
            bits, others = (tuple((n >> (2 - k)) & 1 for k in range(3)) for n in (row, column))
            if all(bits[k] == others[k] for k in range(3) if k not in kept):
                i, j = (sum(b[k] << (len(kept) - 1 - m) for m, k in enumerate(kept)) for b in (bits, others))
                result[i, j] += state[row, column]
    return result


def derivation(squashed: Callable[[Any, Any], Any] = squashed) -> Iterator[Step]:
    """Prove that the splitting's value at input weight q is `squashed`, that this is concave, and that q suffices."""
    import sympy as sp

    g, q, w, y = symbol("g"), symbol("q"), symbol("w"), symbol("y")
    v = isometry(g)
    yield holds(
        "the map is an isometry",
        all(vanishes(entry) for entry in v.T * v - sp.eye(2)),
        formula=r"|1\rangle \mapsto \sqrt{1-\gamma}|100\rangle + \sqrt{\gamma/2}(|010\rangle + |001\rangle)",
    )
    c = sp.Symbol("c")
    general = sp.Matrix([[1 - q, sp.conjugate(c)], [c, q]])
    damped = sp.Matrix([[1 - q * (1 - g), sp.sqrt(1 - g) * sp.conjugate(c)], [sp.sqrt(1 - g) * c, q * (1 - g)]])
    yield holds(
        "Bob's part is amplitude damping of every input",
        all(sp.simplify(entry) == 0 for entry in reduced(v * general * v.T, (0,)) - damped),
        formula=r"\mathrm{tr}_{E'F}V\rho V^\dagger = \Lambda_\gamma(\rho)",
    )
    exchange = sp.zeros(8, 8)
    for n in range(8):
        exchange[(n & 4) | ((n & 1) << 1) | ((n & 2) >> 1), n] = 1
    yield holds("E' and F are on the same footing", exchange * v == v, formula=r"V = \mathrm{SWAP}_{E'F}V")
    signs = sp.diag(*[(-1) ** n.bit_count() for n in range(8)])
    yield holds(
        "a sign on |1> passes through to signs on B, E' and F: rho and Z rho Z have the same value",
        signs * v == v * sp.diag(1, -1),
        formula=r"(Z\otimes Z\otimes Z)V = VZ",
    )
    yield cited(
        "conditional entropy is concave, so their mean, which is diagonal, has at least that value",
        "lieb1973",
        formula=r"\rho \to \frac{1}{2}(\rho + Z\rho Z)",
    )
    state = v * sp.diag(1 - q, q) * v.T
    x = symbol("x")
    excited, split = q * (1 - g / 2), q * g / 2
    yield identity(
        "spectrum of B E' for a diagonal input: q(1-g/2), 1-q(1-g/2) and zeros",
        (x * sp.eye(4) - reduced(state, (0, 1))).det(method="berkowitz"),
        x**2 * (x - excited) * (x - 1 + excited),
        formula=r"\det(x - \rho_{BE'}) = x^2(x - q(1-\frac{\gamma}{2}))(x - 1 + q(1-\frac{\gamma}{2}))",
    )
    yield identity(
        "spectrum of E': qg/2 and 1-qg/2",
        (x * sp.eye(2) - reduced(state, (1,))).det(method="berkowitz"),
        (x - split) * (x - 1 + split),
        formula=r"\det(x - \rho_{E'}) = (x - q\frac{\gamma}{2})(x - 1 + q\frac{\gamma}{2})",
    )
    yield cited(
        "on a pure state of A B E' F, S(B|AE') = -S(B|F)",
        "textbook",
        formula=r"I(A:B|E') = S(B|E') - S(B|AE') = S(B|E') + S(B|F)",
    )
    value = entropy([(excited, 1), (1 - excited, 1)]) - entropy([(split, 1), (1 - split, 1)])
    yield identity(
        "S(B|E') and S(B|F) are equal, and their mean is the stated value",
        value,
        squashed(g, q),
        formula=r"\frac{1}{2}I(A:B|E') = \frac{1}{2}[S(B|E') + S(B|F)] "
        r"= h\left(q(1-\frac{\gamma}{2})\right) - h\left(q\frac{\gamma}{2}\right)",
    )
    a, b = 1 - g / 2, g / 2
    second = (a - b) / (q * (1 - a * q) * (1 - b * q) * sp.log(2))
    yield identity(
        "its second derivative in q",
        sp.diff(squashed(g, q), q, 2),
        -second,
        formula=r"f''(q) = -\frac{1-\gamma}{q\,(1-q(1-\gamma/2))(1-q\gamma/2)\ln 2}",
    )
    yield positive(
        "is negative for 0 < q, g < 1: f is concave, and every tangent bounds its maximum",
        second.subs({g: 1 / (1 + w), q: 1 / (1 + y)}),
        formula=r"f'' < 0",
    )
    slope = a * log2((1 - a * q) / (a * q)) - b * log2((1 - b * q) / (b * q))
    yield identity(
        "the slope that the tangents are made of",
        sp.diff(squashed(g, q), q),
        slope,
        formula=r"f'(q) = a\log\frac{1-qa}{qa} - b\log\frac{1-qb}{qb},\quad a = 1-\gamma/2,\ b = \gamma/2",
    )
    yield identity(
        "its derivative in g",
        sp.diff(squashed(g, q), g),
        -q / 2 * log2((1 - excited) * (1 - split) / (excited * split)),
        formula=r"\frac{\partial f}{\partial\gamma} = -\frac{q}{2}\log\frac{(1-x)(1-y)}{xy},\quad "
        r"x = q(1-\gamma/2),\ y = q\gamma/2",
    )
    yield identity(
        "(1-x)(1-y) - xy = 1 - q is not negative: at every q the value falls as g grows, and so does its maximum",
        (1 - excited) * (1 - split) - excited * split,
        1 - q,
        formula=r"(1-x)(1-y) - xy = 1 - q \ge 0",
    )
    yield cited(
        "the private capacity with public discussion is at most the squashed entanglement of the channel, for any "
        "squashing and maximised over inputs",
        "takeoka2014",
        formula=r"P_2(\Lambda_\gamma) \le \max_q f(q)",
    )


def numerical(squashed: Callable[[Any, Any], Any] = squashed) -> Iterator[Step]:
    """I(A:B|E')/2 of the purified state on A B E' F, from the spectra of dense marginals."""
    import mpmath as mp
    import sympy as sp

    g, q = symbol("g"), symbol("q")
    with mp.workdps(DIGITS + 10):
        for damping, weight in ((sp.Rational(3, 10), sp.Rational(9, 20)), (sp.Rational(4, 5), sp.Rational(1, 3))):
            x, y = (mp.mpf(r.p) / r.q for r in (damping, weight))
            psi: dict[tuple[int, ...], Any] = {
                (0, 0, 0, 0): mp.sqrt(1 - y),
                (1, 1, 0, 0): mp.sqrt(y * (1 - x)),
            }  # A, B, E', F
            psi |= {(1, 0, 1, 0): mp.sqrt(y * x / 2), (1, 0, 0, 1): mp.sqrt(y * x / 2)}

            def marginal_entropy(kept: tuple[int, ...], psi: dict[tuple[int, ...], Any] = psi) -> Any:
                rows: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
                for bits, amplitude in psi.items():
                    inside = tuple(bits[k] for k in kept)
                    outside = tuple(bits[k] for k in range(4) if k not in kept)
                    rows.setdefault(inside, {})[outside] = amplitude
                names = list(rows)
                matrix = mp.matrix(
                    [[mp.fsum(v * rows[m].get(o, 0) for o, v in rows[n].items()) for m in names] for n in names]
                )
                return dense.entropy(dense.eigenvalues(matrix))

            found = (
                marginal_entropy((0, 2))
                + marginal_entropy((1, 2))
                - marginal_entropy((2,))
                - marginal_entropy((0, 1, 2))
            ) / 2
            stated = number(squashed(g, q), {g: damping, q: weight})
            yield witness(f"I(A:B|E')/2 at g = {damping}, q = {weight}", stated, found)


CLAIM = ProseClaim(
    name="amplitude-damping-squashing",
    statement="For every 0 < g < 1 the private capacity of amplitude damping with public discussion is at most the "
    "greatest value over q in [0, 1] of h(q(1-g/2)) - h(qg/2), a concave function of the weight q of the input on |1> "
    "that falls as g grows.",
    formula=r"P_2(\Lambda_\gamma) \le \max_{0\le q\le 1}\left[h\left(q(1-\frac{\gamma}{2})\right) "
    r"- h\left(q\frac{\gamma}{2}\right)\right]",
    source="this project, after takeoka2014, goodenough2016 and khatri2019",
    derivation=derivation,
    witness=numerical,
)

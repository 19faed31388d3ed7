"""The channels Lambda_{d,p} with Choi state rho_{d,p}: covariant, so that P_2 is the key of the Choi state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense, family, monomials
from keybounds.proofs.algebra.indices import Monomial, contract
from keybounds.proofs.algebra.monomials import Side, label
from keybounds.proofs.algebra.symbols import symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, witness
from keybounds.proofs.claim import ProseClaim, Step
from keybounds.proofs.claims import er_ceiling, er_ceiling_transpose, privacy_squeezing_key


def marginal(operator: family.Operator) -> dict[tuple[str, str], Any]:
    """Trace over B and B': the coefficients of the identity on A', by Alice's keys.

    Raises
    ------
    ValueError
        A block of the marginal is no multiple of the identity.
    """
    total: dict[tuple[str, str], Any] = {}
    for (row, column), shield in operator.items():
        if row[1] != column[1]:
            continue
        for name, coefficient in shield.items():
            traced = contract(family.letter(name).rename({"l": "j"}), ("j",), family.dimension())
            if (traced.deltas, traced.entries, traced.conjugates) != ((("i", "k"),), (), ()):
                raise ValueError(f"tr_B' of {name} is not a multiple of the identity: {traced}")
            place = (row[0], column[0])
            total[place] = total.get(place, 0) + coefficient * traced.coefficient
    return total


def marginal_step(name: str, operator: family.Operator, formula: str) -> Step:
    """The marginal of `operator` on A A' is 1/2d."""
    found = marginal(operator)
    flat = 1 / (2 * family.dimension())
    off = found.get(("0", "1"), 0), found.get(("1", "0"), 0)
    return holds(
        f"the marginal of {name} on A A' is maximally mixed: {name} is the Choi state of a trace-preserving map",
        off == (0, 0) and all(not _difference(found[key, key], flat) for key in "01"),
        formula=formula,
    )


def _difference(left: Any, right: Any) -> Any:
    import sympy as sp

    return sp.simplify(left - right)


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


def covariance_steps(exponent: Callable[[Any], Any]) -> Iterator[Step]:
    """Invariance of rho_{d,p} under the pairs, for Fourier U and every d."""
    p, d = symbol("p"), family.dimension()
    rho = monomials.rho(p, d)
    for description, formula, (alice, bob) in (
        ("a phase of Alice's key, undone by Bob's", r"e^{i\theta|1\rangle\langle 1|}", phase_pair()),
        (
            "Weyl operators of Alice's shield controlled by her key: u_{i+b,j+e} = u_ij omega^{ie+bj+be}",
            r"|0\rangle\langle 0|\otimes X^b Z^a + |1\rangle\langle 1|\otimes X^e Z^c",
            weyl_pair(exponent),
        ),
        (
            "Alice's key flip with the shield inverted on one key: the conjugate of u_{-i,j} is u_ij",
            r"|1\rangle\langle 0|\otimes 1 + |0\rangle\langle 1|\otimes N,\quad N|i\rangle = |-i\rangle",
            flip_pair(),
        ),
    ):
        yield holds(
            f"for U = omega^{{ij}}/sqrt d, rho_{{d,p}} is invariant under {description}",
            monomials.equal(monomials.transformed(rho, alice, bob), rho),
            formula=formula,
        )


def irreducibility_steps() -> Iterator[Step]:
    """Alice's operators average every matrix unit to its trace: a unitary one-design."""
    import sympy as sp

    z, n = sp.Symbol("z"), sp.Symbol("n", integer=True, positive=True)
    yield identity(
        "sum_{a<d} omega^{am} vanishes unless d divides m: (omega^m - 1) times it telescopes to omega^{md} - 1",
        (z - 1) * z**n,
        z ** (n + 1) - z**n,
        formula=r"\frac{1}{d}\sum_a \omega^{am} = \delta_{m,0}",
    )
    shifted = Monomial(sp.Integer(1), deltas=(("m", "x"), ("m", "y")))
    yield holds(
        "the shifts then spread a diagonal matrix unit over the shield",
        contract(shifted, ("m",), family.dimension()).deltas == (("x", "y"),),
        formula=r"\sum_b X^b|i\rangle\langle i|X^{-b} = 1",
    )
    signs = {k - m: sum(sp.Integer(-1) ** (s * (k - m)) for s in (0, 1)) for k in (0, 1) for m in (0, 1)}
    yield holds(
        "the key signs remove what joins the two keys, and the flip exchanges them: the average of U M U* is tr M/2d, "
        "so the group acts irreducibly",
        signs[0] == 2 and signs[1] == signs[-1] == 0,
        formula=r"\overline{U M U^\dagger} = \frac{\mathrm{tr} M}{2d}\,1",
    )


Formula = Callable[[Any], Any]


def derivation(
    lower: Formula = privacy_squeezing_key.key_rate,
    ceiling: Formula = er_ceiling.ceiling,
    transposed: Callable[[Any, Any], Any] = er_ceiling_transpose.ceiling,
    exponent: Formula = lambda x: x,
) -> Iterator[Step]:
    """Prove that rho_{d,p} and its partial transpose are Choi states of covariant channels, and what follows."""
    p = symbol("p")
    rho = family.rho(p)
    yield marginal_step("rho", rho, r"\mathrm{tr}_{BB'}\,\rho_{d,p} = \frac{1}{2d}")
    yield marginal_step(
        "rho^Gamma", family.partial_transpose(rho), r"\mathrm{tr}_{BB'}\,\rho_{d,p}^\Gamma = \frac{1}{2d}"
    )
    yield from covariance_steps(exponent)
    yield from irreducibility_steps()
    yield cited(
        "invariance of the Choi state under conj(U) (x) V is covariance of the channel with correction V; transposing "
        "Bob's side turns V into its conjugate, so the transposed channel is covariant under the same group",
        "textbook",
        formula=r"(\bar U\otimes V)\rho(\bar U\otimes V)^\dagger = \rho \;\Longleftrightarrow\; "
        r"\Lambda(U M U^\dagger) = V\Lambda(M)V^\dagger",
    )
    yield cited(
        "teleportation through the Choi state simulates a channel that is covariant under an irreducible group: its "
        "private capacity with public discussion is the key of the Choi state, at most its relative entropy of "
        "entanglement",
        "pirandola2017; wilde2017",
        formula=r"P_2(\Lambda) = K(\rho_\Lambda) \le E_r(\rho_\Lambda)",
    )
    yield cited(
        "a device on Lambda, Bob's effects transposed, is one on theta o Lambda with the same statistics, if that is a "
        "channel; its Choi state is the partially transposed one",
        "christandl2021, Eq. (8)",
        formula=r"P_2^{DI}(\Lambda) \le P_2(\vartheta\circ\Lambda)",
    )


def numerical(exponent: Formula = lambda x: x) -> Iterator[Step]:
    """Marginal and invariance of the dense state, with the unitaries built as matrices."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):
        for d in (2, 3):
            rho = dense.ppt_private_state(d, mp.mpf(2) / 5)
            size = 2 * d
            worst = max(
                abs(mp.fsum(rho[i * size + k, j * size + k] for k in range(size)) - (mp.mpf(i == j) / size))
                for i in range(size)
                for j in range(size)
            )
            yield witness(f"largest entry of tr_B rho - 1/2d, d = {d}", 0, worst)
            for name, alice, bob in _dense_pairs(d, exponent):
                both = dense.kron(alice, bob)
                moved = both * rho * both.H - rho
                worst = max(abs(moved[i, j]) for i in range(moved.rows) for j in range(moved.cols))
                yield witness(f"largest entry of (A (x) B) rho (A (x) B)* - rho, {name}, d = {d}", 0, worst)


def _dense_pairs(d: int, exponent: Formula) -> Iterator[tuple[str, Any, Any]]:
    """The pairs as matrices: products of shift and clock matrices in blocks."""
    import mpmath as mp

    def clock(k: int, tweak: Formula = lambda x: x) -> Any:
        return mp.diag([mp.expjpi(mp.mpf(2 * k * int(tweak(x))) / d) for x in range(d)])

    def shift(k: int) -> Any:
        return mp.matrix([[mp.mpf((j + k) % d == i) for j in range(d)] for i in range(d)])

    def blocks(entries: dict[tuple[int, int], Any]) -> Any:
        matrix = mp.zeros(2 * d)
        for (row, column), block in entries.items():
            for i in range(d):
                for j in range(d):
                    matrix[row * d + i, column * d + j] = block[i, j]
        return matrix

    one, inversion = mp.eye(d), mp.matrix([[mp.mpf((-j) % d == i) for j in range(d)] for i in range(d)])
    theta = mp.expjpi(mp.mpf(2) / 7)
    yield "key phase", blocks({(0, 0): one, (1, 1): theta * one}), blocks({(0, 0): one, (1, 1): one / theta})
    for a, b, c, e in ((1, 0, 0, 1), (1, 1, 0, 1), (0, 1, 2, 1)):
        alice = blocks({(0, 0): shift(b) * clock(a), (1, 1): shift(e) * clock(c)})
        phase = mp.expjpi(mp.mpf(2 * b * e) / d)
        bob = blocks({(0, 0): phase * shift(e) * clock(c + b, exponent), (1, 1): shift(b) * clock(a - e, exponent)})
        yield f"Weyl operators {a}{b}{c}{e}", alice, bob
    yield "key flip", blocks({(1, 0): one, (0, 1): inversion}), blocks({(1, 0): inversion, (0, 1): one})


CLAIM = ProseClaim(
    name="ppt-channel",
    statement="For every d >= 2, p in [1/(sqrt d + 1), 1/2] and Fourier U, rho_{d,p} and its partial transpose are the "
    "Choi states of channels Lambda and theta o Lambda that are covariant under an irreducible group of key-controlled "
    "Weyl operators, phases and a key flip. So the private capacities with public discussion are the keys of these "
    "states: P_2(Lambda) lies between 1 - h(p) - p and 1 - h(p), and P_2^DI(Lambda) is at most "
    "p D2((1+c)/2 || (1+1/sqrt d)/2), which at the lower end of p is p (1 + log(1-p)).",
    formula=r"1-h(p)-p \le P_2(\Lambda_{d,p}) \le 1-h(p),\quad "
    r"P_2^{DI}(\Lambda_{d,p}) \le P_2(\vartheta\circ\Lambda_{d,p}) \le "
    r"p\,D_2\left(\frac{1+c}{2}\,\|\,\frac{1+1/\sqrt{d}}{2}\right)",
    source="this project, after christandl2021 and pirandola2017",
    derivation=derivation,
    witness=numerical,
)

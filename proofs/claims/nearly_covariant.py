"""A ceiling for every channel near one that teleportation through a state simulates: covariance need not be exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense
from keybounds.proofs.algebra.entropies import conditional, part_entropy
from keybounds.proofs.algebra.indices import Monomial, contract
from keybounds.proofs.algebra.symbols import binary_entropy, log2, symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, number, positive, witness
from keybounds.proofs.claim import ProseClaim, Step
from keybounds.proofs.claims.ppt_channel import irreducibility_steps


def margin(e: Any, d: Any) -> Any:
    """2e log2 d + (1+e) h(e/(1+e))."""
    return 2 * e * log2(d) + (1 + e) * binary_entropy(e / (1 + e))


def teleportation_steps() -> Iterator[Step]:
    """What teleportation through an arbitrary state does."""
    import sympy as sp

    d = symbol("d")
    sandwiched = Monomial(1 / d, deltas=(("m", "a"), ("n", "b"), ("m", "c"), ("n", "e")))
    traced = Monomial(1 / d, deltas=(("n", "a"), ("m", "b"), ("n", "c"), ("m", "e")))
    yield holds(
        "projecting A and A' on Phi: for matrix units M = |a><b| on A and omega = |c><e| (x) B the two sides are the "
        "same product of deltas; both are linear",
        contract(sandwiched, ("m", "n"), d) == contract(traced, ("m", "n"), d),
        formula=r"\langle\Phi|M\otimes\omega|\Phi\rangle = \frac{1}{d}\,\mathrm{tr}_{A'}[(M^T\otimes 1)\,\omega]",
    )
    yield identity(
        "so outcome g of the measurement (d^2/|G|) (U_g* (x) 1) Phi (U_g (x) 1) gives N_omega(U_g M U_g*)/|G|; N_omega "
        "is the completely positive map with Choi matrix omega, whatever its marginal",
        d**2 * (1 / d) * (1 / d),
        1,
        formula=r"N_\omega(M) = d\,\mathrm{tr}_{A'}[(M^T\otimes 1)\,\omega]",
    )
    spread = Monomial(d**2 / d / d, deltas=(("m", "n"), ("m", "x"), ("n", "y")))
    yield holds(
        "the effects add up to 1 if the U_g average every matrix M to tr M/d: the measurement is complete and the "
        "result a channel",
        contract(spread, ("m", "n"), d) == contract(Monomial(sp.Integer(1), deltas=(("x", "y"),)), (), d),
        formula=r"\frac{d^2}{|G|}\sum_g (U_g^\dagger\otimes 1)\,\Phi\,(U_g\otimes 1) "
        r"= \sum_{mn}\delta_{mn}\,1\otimes|m\rangle\langle n| = 1",
    )
    yield from irreducibility_steps()


def word_steps() -> Iterator[Step]:
    """Elements of the designs are short products of the generators."""
    d, x, y = symbol("d"), symbol("x"), symbol("y")
    yield identity(
        "the Weyl operators of two factors need together no more generators than those of the product dimension",
        2 * (x * y - 1) - 2 * (x - 1) - 2 * (y - 1),
        2 * (x - 1) * (y - 1),
        formula=r"2(d_1-1) + 2(d_2-1) \le 2(d_1d_2-1)",
    )
    yield identity(
        "the key-controlled ones, a phase and a flip: 4(d-1) + 2 generators for inputs of dimension 2d",
        4 * (d - 1) + 2,
        2 * (2 * d - 1),
        formula=r"4(d-1)+2 = 2(2d-1)",
    )
    yield cited(
        "trace distances add up along a product, because they are invariant under unitaries and obey the triangle "
        "inequality; half the diamond norm is at most d times the trace distance of the Choi states",
        "textbook",
        formula=r"\frac{1}{2}\|\Lambda-\Lambda'\|_\diamond \le \frac{d}{2}\|J_\Lambda - J_{\Lambda'}\|_1",
    )


def marginal_steps() -> Iterator[Step]:
    """A state with a nearly flat marginal is near a Choi state."""
    import sympy as sp

    y, z = symbol("y"), symbol("z")
    above = sp.Rational(7, 10) + z
    yield identity(
        "R = (d omega_A)^{-1/2} makes R omega R a Choi state; on an eigenvalue y^2 of d omega_A, 1 - 1/y against y^2-1",
        (y**2 - 1) / (1 - 1 / y),
        y * (y + 1),
        formula=r"|y^2-1| = y(y+1)\,|1-1/y|",
    )
    yield positive(
        "so |1 - 1/y| is at most |y^2 - 1| for y^2 > 1/2, where 1/y is below 10/7",
        sp.expand(above * (above + 1) - 1),
        sp.Rational(1, 2) - sp.Rational(7, 10) ** 2,
        formula=r"y(y+1) > 1",
    )
    yield positive(
        "R omega R is then within twice the norm of d omega_A - 1 of omega in trace distance",
        2 - sp.Rational(1, 2) * (1 + sp.Rational(10, 7)),
        formula=r"\frac{1}{2}\|R\omega R - \omega\|_1 \le \frac{1}{2}\|R-1\|(1+\|R\|) "
        r"\le \frac{17}{14}\|d\,\omega_A-1\|",
    )


def continuity_steps(margin: Callable[[Any, Any], Any]) -> Iterator[Step]:
    """E of the two outputs, for a joint input with arbitrary registers A' and B'; B is what the channel hands over."""
    import sympy as sp

    e, d, z = symbol("e"), symbol("d"), symbol("z")
    overlap = sp.Symbol("x", real=True)  # tr Delta log sigma
    whole = -part_entropy("aBb") - overlap + log2(d)
    marginal = -part_entropy("ab") - overlap
    yield identity(
        "D of a state Delta on A'BB' from sigma (x) 1/d, sigma on A'B'",
        whole,
        marginal + log2(d) - conditional("B", "ab"),
        formula=r"D(\Delta\|\sigma\otimes\frac{1}{d}) = D(\mathrm{tr}_B\Delta\|\sigma) + \log d - S(B|A'B')",
    )
    yield cited(
        "conditional entropy is at least -log d; so adding B raises E by at most 2 log d, and removing it never does",
        "textbook",
        formula=r"E(\mathrm{tr}_B\Delta) \le E(\Delta) \le E(\mathrm{tr}_B\Delta) + 2\log d",
    )
    yield cited(
        "the difference of the two outputs is a multiple e of a difference of states Delta_+ - Delta_-; both outputs "
        "have the same marginal on A'B', hence so have Delta_+ and Delta_-",
        "textbook",
        formula=r"\tau - \tau' = e(\Delta_+ - \Delta_-),\quad \mathrm{tr}_B\Delta_+ = \mathrm{tr}_B\Delta_-",
    )
    yield cited(
        "D is jointly convex, so E is convex; S(mixture) <= mean of S + H(weights), so E of a mixture is at least the "
        "mean less H(weights)",
        "textbook",
        formula=r"\sum_k p_kE_k - H(p) \le E\left(\sum_k p_k\rho_k\right) \le \sum_k p_kE_k",
    )
    first, second, third = (symbol(f"slack_{k}") for k in (1, 2, 3))
    simulated, minus = sp.symbols("E_simulated E_minus", real=True)
    plus = minus + 2 * log2(d) - third
    middle = (simulated + e * plus) / (1 + e) - first
    true = (1 + e) * (middle + binary_entropy(e / (1 + e)) - second) - e * minus
    yield identity(
        "the state (tau + e Delta_-)/(1+e) = (tau' + e Delta_+)/(1+e), read both ways: with slacks s_k >= 0 for the "
        "three inequalities, E(tau) is below E(tau') + margin by a sum of slacks",
        simulated + margin(e, d) - true,
        (1 + e) * (first + second) + e * third,
        formula=r"E(\tau) \le E(\tau') + 2e\log d + (1+e)\,h\left(\frac{e}{1+e}\right)",
    )
    yield identity(
        "the margin grows with e: its second term has the derivative log((1+e)/e)",
        sp.diff((1 + e) * binary_entropy(e / (1 + e)), e),
        log2(1 + 1 / e),
        formula=r"\frac{d}{de}(1+e)\,h\left(\frac{e}{1+e}\right) = \log\frac{1+e}{e}",
    )
    yield positive("which is positive", log2(1 + z), formula=r"\log\left(1+\frac{1}{e}\right) > 0")


def derivation(margin: Callable[[Any, Any], Any] = margin) -> Iterator[Step]:
    """Prove the ceiling: one use of the channel adds at most E(omega) + margin to what the parties share."""
    yield from teleportation_steps()
    yield from word_steps()
    yield from marginal_steps()
    yield from continuity_steps(margin)
    yield cited(
        "E_r does not grow under local operations and public communication, is subadditive, and bounds what a protocol "
        "of n uses ends with from below by its key, or by what it distils: so P_2 is at most the largest increase of "
        "E_r in one use, over all inputs with registers A' and B'. The same holds for the quantum capacity and the "
        "Rains relative entropy",
        "wilde2017; kaur2018; tomamichel2017",
        formula=r"P_2(\Lambda) \le \sup_\rho [E(\Lambda(\rho)) - E(\rho)],\quad "
        r"E(\Lambda'(\rho)) \le E(\rho\otimes\omega) \le E(\rho) + E(\omega)",
    )


def numerical(margin: Callable[[Any, Any], Any] = margin) -> Iterator[Step]:
    """Teleportation through a dense state with wrong corrections, outcome by outcome; and the margin written out."""
    import mpmath as mp
    import sympy as sp

    e, d = symbol("e"), symbol("d")
    with mp.workdps(DIGITS + 10):
        error = mp.mpf(1) / 1000
        found = 2 * error * mp.log(3, 2) + (1 + error) * mp.log(1 + error, 2) - error * mp.log(error, 2)
        yield witness("margin at e = 1/1000, d = 3", number(margin(e, d), {e: sp.Rational(1, 1000), d: 3}), found)

        def matrix(n: int, seed: int) -> mp.matrix:
            return mp.matrix([[mp.expj(seed * (i + 1) + 7 * j) * (1 + i * j) for j in range(n)] for i in range(n)])

        raw = matrix(4, 3) + mp.eye(4)
        omega = raw * raw.H
        omega = omega / dense.trace(omega)
        raw = matrix(2, 5)
        state = raw * raw.H / dense.trace(raw * raw.H)
        x, z, one = mp.matrix([[0, 1], [1, 0]]), mp.diag([1, -1]), mp.eye(2)
        design = [one, x, z, x * z]
        bell = mp.matrix([1, 0, 0, 1]) / mp.sqrt(2)
        after = mp.zeros(2)
        for unitary in design:
            effect = dense.kron(unitary.H, one) * bell * bell.H * dense.kron(unitary, one)
            measured = dense.kron(effect, one) * dense.kron(state, omega)  # A, A', B
            for b in range(2):
                for c in range(2):
                    after[b, c] += mp.fsum(measured[2 * k + b, 2 * k + c] for k in range(4))
        expected = mp.zeros(2)
        for unitary in design:
            moved = unitary * state * unitary.H
            for b in range(2):
                for c in range(2):
                    terms = (moved[k, m] * omega[2 * k + b, 2 * m + c] for k in range(2) for m in range(2))
                    expected[b, c] += 2 * mp.fsum(terms) / 4
        worst = max(abs(after[b, c] - expected[b, c]) for b in range(2) for c in range(2))
        yield witness("teleportation of a qubit through a dense state against the mean of N_omega(U M U*)", 0, worst)


CLAIM = ProseClaim(
    name="nearly-covariant",
    statement="Let the unitaries U_g average every d x d matrix to its trace, omega be any state on AB, and V_g any "
    "unitaries. Teleportation through omega with the corrections V_g is a channel; its Choi state is the mean of omega "
    "under the conjugate of U_g (x) V_g. A channel within e of it, in half the diamond distance, has "
    "P_2 <= E_r(omega) + 2 e log d_B + (1+e) h(e/(1+e)), and the Rains bound in place of E_r bounds its quantum "
    "capacity.",
    formula=r"P_2(\Lambda) \le E_r(\omega) + 2\varepsilon\log d_B "
    r"+ (1+\varepsilon)\,h\left(\frac{\varepsilon}{1+\varepsilon}\right)",
    source="this project, after kaur2018 and winter2016",
    derivation=derivation,
    witness=numerical,
)

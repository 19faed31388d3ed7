"""Two qubits suffice: sup G is reached on Bell-diagonal states, measured in the plane of Z and X."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keybounds.proofs.algebra import renyi
from keybounds.proofs.algebra.symbols import symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity
from keybounds.proofs.claim import Ground, ProseClaim, Step
from keybounds.proofs.claims.renyi_chain_rule import side_exponent


def pauli() -> tuple[Any, Any, Any]:
    """Return X, Y and Z."""
    import sympy as sp

    return sp.Matrix([[0, 1], [1, 0]]), sp.Matrix([[0, -sp.I], [sp.I, 0]]), sp.diag(1, -1)


def bell_vectors() -> list[Any]:
    """Phi+, Phi-, Psi+, Psi-: the columns of an orthogonal matrix."""
    import sympy as sp

    half = 1 / sp.sqrt(2)
    return [half * sp.Matrix(v) for v in ([1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0])]


def rotation(angle: Any) -> Any:
    """Return the rotation of a qubit about Y, which keeps the plane of Z and X."""
    import sympy as sp

    return sp.Matrix([[sp.cos(angle), -sp.sin(angle)], [sp.sin(angle), sp.cos(angle)]])


def planar(angle: Any) -> Any:
    """cos Z + sin X."""
    import sympy as sp

    X, _, Z = pauli()
    return sp.cos(angle) * Z + sp.sin(angle) * X


def blocks() -> Iterator[Step]:
    """Reduce any devices to two qubits in Eve's hands."""
    alpha, w = symbol("alpha"), symbol("w")
    yield cited(
        "an ancilla in a fixed state beside each party's system makes its binary measurements projective and leaves "
        "outcomes and Eve's states as they are; in a key round only Alice's outcome for x = 0 enters G, in a test "
        "round Bob's for y = 0, 1, so each party has two projective measurements. Two projections on one space are "
        "block-diagonal with blocks of dimension 1 and 2",
        "textbook (Naimark; Jordan's lemma), as in pironio2009",
        formula=r"A_x = \bigoplus_j A_x^{(j)}",
    )
    yield identity(
        "give Eve the label f of the block, of probability w_f, and the purification: by data processing no Q falls. "
        "On states with a label Q is a mean, as w^alpha w^{1-alpha} = w, and so is G, which is a sum of Qs with "
        "coefficients that are not negative",
        alpha + 2 * alpha * side_exponent(alpha),
        1,
        formula=r"G \le \sum_f w_f G_f \le \max_f G_f",
    )
    yield identity(
        "a label's weight: Q(w tau|w sigma) = w Q(tau|sigma)",
        w**alpha * w ** (1 - alpha),
        w,
        formula=r"Q\left(\bigoplus_f w_f\tau_f|\bigoplus_f w_f\sigma_f\right) = \sum_f w_f\,Q(\tau_f|\sigma_f)",
    )
    yield cited(
        "data processing for the partial trace, alpha > 1",
        "frank2013, Theorem 1; beigi2013",
        formula=r"Q(\tau_E|\sigma_E) \le Q(\tau_{EE'}|\sigma_{EE'})",
    )
    yield cited(
        "in a block where one of the four measurements has a certain outcome, that party's two measurements commute "
        "and S <= 2. In every other block all four are of rank 1 on a qubit and lie in one plane of its Bloch sphere, "
        "taken as that of Z and X for each party",
        "textbook",
        formula=r"A_x = \cos\theta_x Z + \sin\theta_x X",
    )


def twirl() -> Iterator[Step]:
    """Make the state Bell-diagonal without lowering G."""
    import sympy as sp

    _, Y, _ = pauli()
    a, b, theta = sp.symbols("a b theta", real=True)
    vectors = bell_vectors()
    yield holds(
        "Y on both sides flips all outcomes. G is the same for the flipped table: key rounds sum over a, and the game "
        "depends on the sum of outcomes",
        sp.simplify(Y * planar(theta) * Y + planar(theta)).is_zero_matrix,
        formula=r"Y(\cos\theta Z + \sin\theta X)Y = -(\cos\theta Z+\sin\theta X)",
    )
    yy = sp.kronecker_product(Y, Y)
    yield holds(
        "applying it with probability 1/2, known to Eve, leaves no coherence but in the spans of Phi+, Psi- and of "
        "Phi-, Psi+",
        all((yy * v - e * v).is_zero_matrix for v, e in zip(vectors, (-1, 1, 1, -1), strict=True)),
        formula=r"Y\otimes Y:\ \Phi^+,\Psi^-\mapsto -;\quad \Phi^-,\Psi^+\mapsto +",
    )
    yield holds(
        "the complex conjugate of the state has complex conjugate states of Eve, as the measurements are real: the "
        "same G. Mixed with it, known to Eve, the state is real in the real Bell basis",
        all((v - v.conjugate()).is_zero_matrix for v in vectors)
        and sp.simplify(planar(theta) - planar(theta).conjugate()).is_zero_matrix,
        formula=r"\bar\rho = (\rho + \rho^*)/2",
    )
    yield cited(
        "Eve's purification of the mean lets her make every such mixture with its label by a channel of her own; by "
        "data processing G of the purified mean is at least the mean of the G",
        "textbook (purifications; data processing)",
        formula=r"G(\rho) \le G(\bar\rho)",
    )
    turned = sp.kronecker_product(rotation(a), rotation(b))
    basis = sp.Matrix.hstack(*[vectors[k] for k in (0, 3, 1, 2)])
    expected = sp.diag(rotation(b - a), rotation(a + b))
    difference = (basis.T * turned * basis - expected).applyfunc(lambda e: sp.expand(sp.expand_trig(e)))
    yield holds(
        "rotations of the two planes by a and b rotate the span of Phi+, Psi- by b - a and that of Phi-, Psi+ by a + "
        "b, any two angles: they diagonalise the two real symmetric blocks, and keep the measurements in the plane",
        difference.is_zero_matrix,
        formula=r"R(a)\otimes R(b) = R(b-a)\oplus R(a+b)",
    )


def derivation() -> Iterator[Step]:
    """Reduce to blocks, then twirl."""
    yield from blocks()
    yield from twirl()


def round_sum(rho: Any, angles: tuple[Any, Any, Any, Any], alpha: Any, gamma: Any, u: tuple[Any, Any]) -> Any:
    """G of two qubits in Eve's hands: `rho` with rank 4, Alice's and Bob's angles, weights u of loss and win."""
    import mpmath as mp

    from keybounds.proofs.algebra.dense import kron

    amplitudes = renyi.power(rho, mp.mpf(1) / 2)
    sigma = renyi.eve_state(amplitudes, mp.eye(4))
    total = mp.mpf(0)
    for a in range(2):
        effect = kron(renyi.projector(angles[0], a), mp.eye(2))
        total += (1 - gamma) * renyi.sandwiched(renyi.eve_state(amplitudes, effect), sigma, alpha)
    for x, y, a, b in ((x, y, a, b) for x in (0, 1) for y in (0, 1) for a in (0, 1) for b in (0, 1)):
        effect = kron(renyi.projector(angles[x], a), renyi.projector(angles[2 + y], b))
        won = int(a ^ b == x * y)
        total += gamma / 4 * u[won] * renyi.sandwiched(renyi.eve_state(amplitudes, effect), sigma, alpha)
    return total


def numerical() -> Iterator[Step]:
    """G of a state without pattern, of its images under the two symmetries, and of the twirled state."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):
        psi = renyi.pure_state(4, 4, 11)
        rho = psi * psi.H
        angles = (mp.mpf(1) / 5, mp.mpf(9) / 5, mp.mpf(1), mp.mpf(-1) / 2)
        setting = mp.mpf(3) / 2, mp.mpf(1) / 3, (mp.mpf(1) / 2, mp.mpf(5) / 4)
        yy = mp.matrix([[0, 0, 0, -1], [0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0]])
        value = round_sum(rho, angles, *setting)
        for name, image in (("Y x Y", yy * rho * yy), ("complex conjugation", rho.conjugate())):
            found = round_sum(image, angles, *setting)
            yield holds(
                f"G is the same after {name}",
                abs(found - value) < mp.mpf(10) ** -40,
                detail=mp.nstr(found, 18),
                ground=Ground.WITNESS,
            )
        mean = (rho + yy * rho * yy) / 2
        mean = (mean + mean.conjugate()) / 2
        found = round_sum(mean, angles, *setting)
        yield holds(
            "and greater for the mean",
            found >= value,
            detail=f"{mp.nstr(found, 10)} against {mp.nstr(value, 10)}",
            ground=Ground.WITNESS,
        )


CLAIM = ProseClaim(
    name="renyi-qubits",
    statement="Let u_0, u_1 >= 0 and 1 < alpha <= 2. For a round with key setting (0, 2), tested with probability "
    "gamma at uniform x, y in {0, 1}, where Alice's measurement depends on x only (her device does not learn whether "
    "a round is tested), G is at most its greatest value over purified Bell-diagonal states of two qubits whose "
    "measurements are cos Z + sin X, and over blocks with S <= 2 in which some outcome is certain.",
    formula=r"G = (1-\gamma)\sum_a Q(\omega_E^{a|x=0}|\omega_E) + \frac{\gamma}{4}\sum_{x,y,a,b}"
    r"u_{c(a,b,x,y)}\,Q(\omega_E^{ab|xy}|\omega_E)",
    source="pironio2009; rederived for G",
    derivation=derivation,
    witness=numerical,
)

"""One round's entropy from the CHSH value: sum_a Q(omega^a|omega) <= Q*(S), for each of Alice's settings.

In entropies: H_alpha(A|E) >= 1 - H_{1/alpha}(p), the second a Rényi entropy of the bit (p, 1-p), with Eve's marginal as
reference. hahn2025 solves Rényi key-rate problems of the CHSH game analytically, and before this; its formulas were not
at hand to compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import renyi
from keybounds.proofs.algebra.symbols import symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, number, witness
from keybounds.proofs.claim import Ground, ProseClaim, Step
from keybounds.proofs.claims.renyi_qubits import bell_vectors, pauli, planar

Formula = Callable[[Any, Any], Any]
Margin = Callable[[Any, Any, Any, Any], Any]


def key_sum(alpha: Any, p: Any) -> Any:
    """Q* = 2^{1-alpha} (p^{1/alpha} + (1-p)^{1/alpha})^alpha."""
    return 2 ** (1 - alpha) * (p ** (1 / alpha) + (1 - p) ** (1 / alpha)) ** alpha


def chsh_margin(a: Any, b: Any, c: Any, d: Any) -> Any:
    """1 + T_yy^2 - T_zz^2 - T_xx^2 of the Bell-diagonal state with weights a, b, c, d of Phi+, Phi-, Psi+, Psi-."""
    return 8 * (a * d + b * c)


def eigenvalue_steps(key_sum: Formula) -> Iterator[Step]:
    """Prove the bound on Q for one outcome in terms of the four weights."""
    import sympy as sp

    theta = sp.Symbol("theta", real=True)
    D = sp.diag(*[symbol(f"D_{k}") for k in range(1, 5)])
    D1, D2, D3, D4 = (D[k, k] for k in range(4))
    vectors = bell_vectors()
    observable = sp.kronecker_product(planar(theta), sp.eye(2))
    M = sp.Matrix(4, 4, lambda k, m: (vectors[k].T * observable * vectors[m])[0])
    c, s = sp.cos(theta), sp.sin(theta)
    yield holds(
        "in the Bell basis Eve's state is diagonal, and Alice's outcome a leaves her with the entries "
        "sqrt(lambda_k lambda_l) (1 +- M)_{kl}/2, M being Alice's observable in that basis: real, of square 1",
        sp.simplify(M * M - sp.eye(4)).is_zero_matrix and (M - M.T).applyfunc(sp.simplify).is_zero_matrix,
        formula=r"\omega_E = \mathrm{diag}(\lambda_k),\quad (\omega_E^a)_{kl} = "
        r"\sqrt{\lambda_k\lambda_l}\left(\frac{1\pm M}{2}\right)_{kl}",
    )
    alpha = symbol("alpha")
    yield identity(
        "the powers of omega_E in Q turn sqrt lambda into sqrt D, D = lambda^{1/alpha}: with the projector "
        "P = (1 +- M)/2, Q = Tr (sqrt D P sqrt D)^alpha, which has the eigenvalues of P D P",
        sp.Rational(1, 2) + (1 - alpha) / (2 * alpha),
        1 / (2 * alpha),
        formula=r"Q_a = \mathrm{Tr}\,(\sqrt{D} P\sqrt{D})^\alpha = \mathrm{Tr}\,(PDP)^\alpha,\quad D_k = "
        r"\lambda_k^{1/\alpha}",
    )
    turned = sp.Matrix([[c**2 * D2 + s**2 * D3, c * s * (D3 - D2)], [c * s * (D3 - D2), s**2 * D2 + c**2 * D3]])
    expected = (sp.diag(D1, D4) + turned) / 2
    exact = True
    for sign in (1, -1):
        frame = sp.Matrix([[1, 0], [sign * c, -sign * s], [sign * s, sign * c], [0, 1]]) / sp.sqrt(2)
        exact &= (M * frame - sign * frame).applyfunc(sp.simplify).is_zero_matrix
        exact &= (frame.T * frame - sp.eye(2)).applyfunc(sp.simplify).is_zero_matrix
        exact &= (frame.T * D * frame - expected).applyfunc(sp.simplify).is_zero_matrix
    yield holds(
        "in an orthonormal frame of the range of P, the same for both outcomes up to signs, P D P is half the sum of "
        "diag(D_1, D_4) and of diag(D_2, D_3) turned by theta",
        exact,
        formula=r"PDP = \frac{1}{2}\left[\mathrm{diag}(D_1,D_4) + R_\theta\,\mathrm{diag}(D_2,D_3)R_\theta^T\right]",
    )
    yield cited(
        "the eigenvalues of a sum are at most as far apart as those of its parts together; at a fixed sum e_1 + e_2 "
        "the sum e_1^alpha + e_2^alpha grows with their distance, as x^alpha is convex",
        "textbook (Weyl's inequality; convexity)",
        formula=r"e_1 - e_2 \le \frac{|D_1-D_4| + |D_2-D_3|}{2}",
    )
    # D_1 and D_2 as D_4 and D_3 with something added
    above_4, above_3 = symbol("x"), symbol("y")
    high, low = (D4 + above_4 + D3 + above_3) / 2, (D4 + D3) / 2
    yield identity(
        "let D_1 >= D_4 and D_2 >= D_3 (else swap names): the extreme pair is (D_1 + D_2)/2, (D_4 + D_3)/2",
        high - low,
        (above_4 + above_3) / 2,
        formula=r"e_1\to\frac{D_1+D_2}{2},\quad e_2\to\frac{D_3+D_4}{2}",
    )
    yield cited(
        "with N(x, y) = (x^{1/alpha} + y^{1/alpha})^alpha both outcomes together give at most 2^{1-alpha} [N(lambda_1, "
        "lambda_2) + N(lambda_4, lambda_3)], and N is superadditive",
        "textbook (Minkowski's inequality for exponents below 1)",
        formula=r"\sum_a Q_a \le 2^{1-\alpha}\,N(\lambda_1+\lambda_4, \lambda_2+\lambda_3)",
    )
    p = symbol("p")
    yield identity(
        "with p = lambda_1 + lambda_4 or its complement, whichever is greater, that is Q*",
        2 * (2**-alpha) * (p ** (1 / alpha) + (1 - p) ** (1 / alpha)) ** alpha,
        key_sum(alpha, p),
        formula=r"\sum_a Q_a \le 2^{1-\alpha}\left(p^{1/\alpha}+(1-p)^{1/\alpha}\right)^\alpha",
    )
    yield identity(
        "Q* falls with p on [1/2, 1]: its derivative has the sign of p^{1/alpha-1} - (1-p)^{1/alpha-1}, and "
        "1/alpha - 1 < 0",
        sp.diff(p ** (1 / alpha) + (1 - p) ** (1 / alpha), p),
        (p ** (1 / alpha - 1) - (1 - p) ** (1 / alpha - 1)) / alpha,
        formula=r"\frac{d}{dp}\left[p^{1/\alpha}+(1-p)^{1/\alpha}\right] = "
        r"\frac{p^{1/\alpha-1}-(1-p)^{1/\alpha-1}}{\alpha} \le 0",
    )


def chsh_steps(chsh_margin: Margin) -> Iterator[Step]:
    """Prove that the CHSH value bounds p from below."""
    import sympy as sp

    weights = [symbol(f"lambda_{k}") for k in range(1, 5)]
    a, b, c, _ = weights
    d = 1 - a - b - c
    rho = sp.zeros(4)
    for weight, vector in zip((a, b, c, d), bell_vectors(), strict=True):
        rho += weight * vector * vector.T
    X, Y, Z = pauli()
    t = {name: sp.expand((rho * sp.kronecker_product(m, m)).trace()) for name, m in (("x", X), ("y", Y), ("z", Z))}
    phi = sp.Symbol("phi", real=True)
    beta, tzz, txx = sp.Symbol("beta", real=True), sp.Symbol("T_zz", real=True), sp.Symbol("T_xx", real=True)
    plus = [sp.cos(beta + phi) + sp.cos(beta - phi), sp.sin(beta + phi) + sp.sin(beta - phi)]
    minus = [sp.cos(beta + phi) - sp.cos(beta - phi), sp.sin(beta + phi) - sp.sin(beta - phi)]
    u, v = [sp.cos(beta), sp.sin(beta)], [-sp.sin(beta), sp.cos(beta)]
    yield holds(
        "Bob's directions beta +- phi have the sum 2 cos(phi) u and the difference 2 sin(phi) v, u and v orthogonal "
        "unit vectors; T = diag(T_zz, T_xx)",
        all(
            sp.simplify(sp.expand_trig(e - 2 * f * w)) == 0
            for es, f, ws in ((plus, sp.cos(phi), u), (minus, sp.sin(phi), v))
            for e, w in zip(es, ws, strict=True)
        ),
        formula=r"S = 2\cos\varphi\,\langle a_0, Tu\rangle + 2\sin\varphi\,\langle a_1, Tv\rangle",
    )
    length = (tzz**2 * (u[0] ** 2 + v[0] ** 2)) + (txx**2 * (u[1] ** 2 + v[1] ** 2))
    yield identity(
        "|Tu|^2 + |Tv|^2 = T_zz^2 + T_xx^2, so by the Cauchy-Schwarz inequality S <= 2 sqrt(T_zz^2 + T_xx^2)",
        sp.simplify(length),
        tzz**2 + txx**2,
        formula=r"S \le 2\sqrt{T_{zz}^2 + T_{xx}^2}",
    )
    yield identity(
        "T_yy is the difference of the two merged weights",
        t["y"],
        (b + c) - (a + d),
        formula=r"|T_{yy}| = |\lambda_1+\lambda_4-\lambda_2-\lambda_3| = 2p - 1",
    )
    yield identity(
        "1 + T_yy^2 exceeds T_zz^2 + T_xx^2 by products of weights",
        sp.expand(1 + t["y"] ** 2 - t["z"] ** 2 - t["x"] ** 2),
        sp.expand(chsh_margin(a, b, c, d)),
        formula=r"1 + T_{yy}^2 - T_{zz}^2 - T_{xx}^2 = 8(\lambda_1\lambda_4 + \lambda_2\lambda_3) \ge 0",
    )
    S = symbol("S")
    p = sp.Rational(1, 2) + sp.sqrt(S**2 / 4 - 1) / 2
    yield identity(
        "so S^2/4 <= 1 + (2p-1)^2, and p is at least the value with equality; for S <= 2 it is at least 1/2, where "
        "Q* = 1, which always holds",
        4 * (1 + (2 * p - 1) ** 2),
        S**2,
        formula=r"p \ge \frac{1}{2}+\frac{1}{2}\sqrt{S^2/4-1}",
    )


def derivation(key_sum: Formula = key_sum, chsh_margin: Margin = chsh_margin) -> Iterator[Step]:
    """Bound Q by p, then p by S."""
    import sympy as sp

    yield from eigenvalue_steps(key_sum)
    yield from chsh_steps(chsh_margin)
    yield identity(
        "at S = 2 the value is 1, and it is never more: Q_a sum to at most Tr omega_E = 1, the trace of X^alpha being "
        "superadditive",
        key_sum(symbol("alpha"), sp.Rational(1, 2)),
        1,
        formula=r"Q^*(2) = 1",
    )


def numerical(key_sum: Formula = key_sum, chsh_margin: Margin = chsh_margin) -> Iterator[Step]:
    """The state that attains Q*, densely; and states without pattern, which stay below."""
    import mpmath as mp
    import sympy as sp

    with mp.workdps(DIGITS + 10):
        order, weight = sp.Rational(7, 5), sp.Rational(4, 5)
        alpha, p = (mp.mpmathify(sp.N(value, DIGITS + 10)) for value in (order, weight))
        phi = [mp.matrix([sp.N(e, DIGITS + 10) for e in v]) for v in bell_vectors()]
        rho = p * phi[0] * phi[0].H + (1 - p) * phi[1] * phi[1].H
        yield witness(
            "p Phi+ + (1-p) Phi- measured in Z, alpha = 7/5, p = 4/5: attained",
            number(key_sum(order, weight), {}),
            _outcome_sum(rho, mp.mpf(0), alpha),
        )
        for seed, angle in ((1, mp.mpf(1) / 3), (2, mp.mpf(5) / 4)):
            parts = [abs(value) ** 2 for value in renyi.pseudorandom(4, 1, seed)]
            parts = [part / mp.fsum(parts) for part in parts]
            rho = renyi.total([w * v * v.H for w, v in zip(parts, phi, strict=True)])
            t = [parts[0] + parts[1] - parts[2] - parts[3], parts[0] - parts[1] + parts[2] - parts[3]]
            merged = max(parts[0] + parts[3], parts[1] + parts[2])
            margin = 1 + (2 * merged - 1) ** 2 - t[0] ** 2 - t[1] ** 2
            yield witness(f"margin of the CHSH value, state {seed}", chsh_margin(*parts), margin)
            found, stated = _outcome_sum(rho, angle, alpha), number(key_sum(order, sp.Symbol("x")), {"x": merged})
            yield holds(
                f"Bell-diagonal state {seed} at another angle: below Q*",
                found <= stated,
                detail=f"{mp.nstr(found, 10)} against {mp.nstr(stated, 10)}",
                ground=Ground.WITNESS,
            )


def _outcome_sum(rho: Any, angle: Any, alpha: Any) -> Any:
    """Sum over Alice's outcomes of Q, from the square root of the dense state."""
    import mpmath as mp

    from keybounds.proofs.algebra.dense import kron

    amplitudes = renyi.power(rho, mp.mpf(1) / 2)
    sigma = renyi.eve_state(amplitudes, mp.eye(4))
    effects = [kron(renyi.projector(angle, a), mp.eye(2)) for a in range(2)]
    return mp.fsum(renyi.sandwiched(renyi.eve_state(amplitudes, effect), sigma, alpha) for effect in effects)


CLAIM = ProseClaim(
    name="renyi-chsh-lemma",
    statement="Let 1 < alpha <= 2. For two qubits in a Bell-diagonal state purified by Eve, measured along cos Z + "
    "sin X with CHSH value S, each of Alice's settings has sum_a Q(omega^a|omega) <= Q*(S), with p = (1 + sqrt(S^2/4 "
    "- 1))/2 for S > 2 and p = 1/2 for S <= 2. For S >= 2 some state attains it.",
    formula=r"\sum_a Q(\omega_E^a|\omega_E) \le Q^*(S) = 2^{1-\alpha}\left(p^{1/\alpha}+(1-p)^{1/\alpha}\right)^\alpha",
    source="hahn2025 for the CHSH problem; this form and its proof this project",
    derivation=derivation,
    witness=numerical,
)

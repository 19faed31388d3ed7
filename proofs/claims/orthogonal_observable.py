"""The orthogonal-observable attack: no two-way key from a noisy singlet up to a visibility of 2/(4 - sqrt 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra.symbols import symbol
from keybounds.proofs.checks import DIGITS, ball_value, cited, enclosed_positive, holds, identity, number, witness
from keybounds.proofs.claim import ProseClaim, Step
from keybounds.proofs.claims.convex_combination import phi_plus
from keybounds.proofs.claims.convex_combination import zero as convex_zero
from keybounds.proofs.tables import (
    chsh_point_model,
    conditional_information,
    key_part,
    measured_table,
    mixture,
    points_table,
    same,
    visibility_table,
)


def zero(local: Any) -> Any:
    """1/(2 - v_L)."""
    return 1 / (2 - local)


def error_without_key(S: Any) -> Any:
    """(S - 2)/(2 (2 sqrt 2 - 2)): the least key error at which S alone leaves no two-way key by this attack."""
    import sympy as sp

    return (S - 2) / (2 * (2 * sp.sqrt(2) - 2))


def orthogonal_table() -> Any:
    """Phi+ with Bob's key observable X or -X, each half of the time."""
    import sympy as sp

    X = sp.Matrix([[0, 1], [1, 0]])
    half = sp.Rational(1, 2)
    return mixture([(half, measured_table(phi_plus(), X)), (half, measured_table(phi_plus(), -X))])


def agreeing_table() -> Any:
    """Deterministic points with CHSH value 2 in which Bob's key outcome is Alice's."""
    import sympy as sp

    return points_table({s: w for s, w in chsh_point_model(sp.Integer(1)).items() if w != 0})


def chsh_value(table: Any) -> Any:
    """S of a table."""
    total: Any = 0
    for (a, b, x, y), p in table.items():
        if y < 2:
            total += (-1) ** (a + b) * (-1) ** (x * y) * p
    return total


def derivation(
    zero: Callable[[Any], Any] = zero, error_without_key: Callable[[Any], Any] = error_without_key
) -> Iterator[Step]:
    """Prove that the attack reproduces the whole table, and that it leaves nothing."""
    import sympy as sp

    local = 1 / sp.sqrt(2)
    top = zero(local)
    far, near = orthogonal_table(), agreeing_table()
    X = sp.Matrix([[0, 1], [1, 0]])
    yield holds(
        "nonlocal rounds: with Bob's key observable X or -X the outcomes of the key setting are independent",
        all(
            p == sp.Rational(1, 4) for sign in (1, -1) for p in key_part(measured_table(phi_plus(), sign * X)).values()
        ),
        formula=r"P(a,b|0,2,\pm) = \frac{1}{4},\quad I(A:B|E) = 0",
    )
    yield holds(
        "local rounds: deterministic points, in whose mixture Bob's key outcome is Alice's",
        key_part(near)[0, 1] == key_part(near)[1, 0] == 0 and sp.simplify(chsh_value(near) - 2) == 0,
        formula=r"S = 2,\quad P(a=b|0,2) = 1",
    )
    weight = sp.radsimp(1 - top)
    yield holds(
        "nonlocal rounds with weight 1 - v and local ones with weight v give the whole table at v = 1/(2 - v_L)",
        same(mixture([(weight, far), (1 - weight, near)]), visibility_table(top)),
        formula=r"P_v = (1-v) P_\perp + v P_{=},\quad v = \frac{1}{2-v_L} = \frac{2}{4-\sqrt{2}}",
    )
    share = symbol("t")
    yield holds(
        "any smaller visibility t v is this table mixed with white noise, which is local",
        same(
            mixture([(share, visibility_table(top)), (1 - share, visibility_table(sp.Integer(0)))]),
            visibility_table(share * top),
        )
        and set(visibility_table(sp.Integer(0)).values()) == {sp.Rational(1, 4)},
        formula=r"P_{tv} = t P_v + (1-t) P_0",
    )
    yield identity(
        "Eve knows which rounds are which, and both outcomes in the local ones",
        conditional_information([key_part(far), *({ab: p} for ab, p in key_part(near).items())]),
        sp.Integer(0),
        formula=r"I(A:B|E) = 0",
    )
    yield cited(
        "two-way discussion of the outputs of an announced setting cannot exceed the intrinsic information",
        "maurer1999; christandl2021, Eq. (2)",
    )
    yield enclosed_positive(
        "the visibility is above that of the convex-combination attack",
        {"v_L = 1/sqrt 2": lambda: ball_value(top - convex_zero(local), {})},
        formula=r"\frac{1}{2-v_L} > \frac{1+v_L}{3-v_L}",
    )
    w, agreement = symbol("w"), symbol("g")
    free = points_table(chsh_point_model(agreement))
    mixed = mixture([(w, far), (1 - w, free)])
    S = 2 + w * (2 * sp.sqrt(2) - 2)
    yield identity("any local key error goes with S = 2, so that S fixes the weight alone", chsh_value(mixed), S)
    yield identity(
        "and the key error runs from that of agreeing local rounds up to 1/2 as g falls from 1 to 1/2",
        mixed[0, 1, 0, 2] + mixed[1, 0, 0, 2],
        error_without_key(S) + (1 - w) * (1 - agreement),
        formula=r"Q = \frac{w}{2} + (1-w)(1-g) \ge \frac{S-2}{2(2\sqrt{2}-2)}",
    )


def numerical(
    zero: Callable[[Any], Any] = zero, error_without_key: Callable[[Any], Any] = error_without_key
) -> Iterator[Step]:
    """The visibility from the two conditions on the local part, and the error at S = 2.5, in 50 digits."""
    import mpmath as mp
    import sympy as sp

    with mp.workdps(DIGITS + 10):
        root = 1 / mp.sqrt(2)
        # least weight that makes CHSH local against the greatest that the key correlator allows
        found = mp.findroot(lambda v: (v - root) / (1 - root) - (1 - v), 0.77)
        yield witness("visibility without two-way key", number(zero(1 / sp.sqrt(2)), {}), found)
        S = mp.mpf(5) / 2
        w = (S - 2) / (2 * mp.sqrt(2) - 2)
        yield witness("error without two-way key, S = 5/2", number(error_without_key(sp.Rational(5, 2)), {}), w / 2)


CLAIM = ProseClaim(
    name="orthogonal-observable-attack",
    statement="The full table of a singlet of visibility v with Alice's Z, X and Bob's (Z+X)/sqrt 2, (Z-X)/sqrt 2, Z "
    "leaves no two-way key of the announced setting Z, Z for v <= 1/(2-v_L) = 2/(4 - sqrt 2), v_L = 1/sqrt 2. "
    "A CHSH value S in (2, 2 sqrt 2] and a key error Q with (S-2)/(2(2 sqrt 2 - 2)) <= Q <= 1/2 leave none to "
    "protocols whose guarantee rests on these two numbers.",
    formula=r"v \le \frac{1}{2-v_L} = \frac{2}{4-\sqrt{2}} \Longrightarrow K = 0,\quad "
    r"\frac{S-2}{2(2\sqrt{2}-2)} \le Q \le \frac{1}{2} \Longrightarrow K = 0",
    source="this project, after farkas2021 and lukanowski2023",
    derivation=derivation,
    witness=numerical,
)

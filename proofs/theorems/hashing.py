"""Hashing against quantum side information: norms of families of operators, interpolation, uniform families of maps."""

from __future__ import annotations

from typing import Any

from keybounds.proofs.logic.kernel import ForAll, Meaning, Theorem
from keybounds.proofs.logic.propositions import at_least, at_most, equal, greater
from keybounds.proofs.logic.sums import Family, Total, delta, size
from keybounds.proofs.logic.terms import symbol, thing
from keybounds.proofs.notions import Tr, is_positive
from keybounds.proofs.notions_renyi import (
    STRINGS,
    bounds_hash,
    collision,
    deviation,
    distance,
    entry,
    hashed,
    inner,
    is_uniform_hash,
    keys,
    power,
    seeds,
    spread,
)

A, C, F, X = (thing(name) for name in "ACFX")
a, b, s, z = (thing(name) for name in "absz")
alpha, K, p, M, q = symbol("alpha"), symbol("K"), symbol("p"), symbol("M"), symbol("q")


def indicator(string: Any) -> Any:
    """[F_s(a) = z]."""
    return delta(hashed(F, s, string), z, keys(F))


def centred(string: Any) -> Any:
    """[F_s(a) = z] - 1/K."""
    return indicator(string) - 1 / size(keys(F))


COLLISION = Meaning(
    "the probability of a collision, over the seeds",
    collision(F, a, b),
    Total(delta(hashed(F, s, a), hashed(F, s, b), keys(F)), s, seeds(F)) / size(seeds(F)),
)
UNIFORM = ForAll(
    "different strings collide with probability exactly 1/K, K keys",
    is_uniform_hash(F, K),
    (a, b),
    (),
    (
        equal(collision(F, a, b), 1 / K + (1 - 1 / K) * delta(a, b, STRINGS)),
        equal(size(keys(F)), K),
    ),
)
SPREAD = Meaning(
    "the mean over the seeds of the sum over the keys",
    spread(p, F, X),
    Total(Total(deviation(p, F, s, z, X), z, keys(F)), s, seeds(F)) / size(seeds(F)),
)
BOUNDED = ForAll(
    "a bound on the norm of hashing, less uniform keys, from order p to order p",
    bounds_hash(F, p, M),
    (X,),
    (),
    (at_most(spread(p, F, X), M**p * Total(entry(p, X, a), a, STRINGS)),),
)
DISTANCE = Meaning(
    "half the mean trace norm between the key with Eve's system and a uniform key with it",
    distance(F, X),
    spread(1, F, X) / 2,
)
HILBERT_SCHMIDT = Theorem(
    name="Hilbert-Schmidt norm of a combination",
    source="nielsen2010, Section 2.1.4",
    words="||sum_a c_a X_a||_2^2 = sum_{a,b} c_a c_b Re Tr X_a* X_b for real c_a.",
    hypotheses=(),
    conclusion=equal(
        deviation(2, F, s, z, X), Total(Total(centred(a) * centred(b) * inner(X, a, b), b, STRINGS), a, STRINGS)
    ),
)
SQUARE = Theorem(
    name="Hilbert-Schmidt norm",
    source="nielsen2010, Section 2.1.4",
    words="||X_a||_2^2 = Tr X_a* X_a.",
    hypotheses=(),
    conclusion=equal(inner(X, a, a), entry(2, X, a)),
)
NOT_NEGATIVE = Theorem(
    name="norms",
    source="bhatia1997, Section IV.2",
    words="A norm is not negative.",
    hypotheses=(),
    conclusion=at_least(entry(p, X, a), 0),
)
TRIANGLE = Theorem(
    name="triangle inequality of the trace norm",
    source="bhatia1997, Section IV.2",
    words="||sum_a (x_a - y_a) X_a||_1 <= sum_a (x_a + y_a) ||X_a||_1 for x_a, y_a >= 0.",
    hypotheses=(),
    conclusion=at_most(
        deviation(1, F, s, z, X), Total((indicator(a) + 1 / size(keys(F))) * entry(1, X, a), a, STRINGS)
    ),
)
INTERPOLATION = Theorem(
    name="Riesz-Thorin interpolation of Schatten classes",
    source="bergh1976, Theorems 4.1.2 and 5.1.2; for Schatten classes dupuis2023",
    words="The spaces are families (X_a) of operators on Eve's system with (sum_a ||X_a||_p^p)^{1/p}, and families over "
    "seeds and keys with the weight 1/|seeds|. A linear map with norm M from order 1 to 1 and q from 2 to 2 has norm at "
    "most M^{1-t} q^t from alpha to alpha, 1/alpha = 1 - t/2.",
    hypotheses=(bounds_hash(F, 1, M), bounds_hash(F, 2, q), at_least(alpha, 1), at_most(alpha, 2)),
    conclusion=at_most(
        spread(alpha, F, X) ** (1 / alpha),
        M ** (2 / alpha - 1) * q ** (2 - 2 / alpha) * Total(entry(alpha, X, a), a, STRINGS) ** (1 / alpha),
    ),
)


def member(body: Any, index: Any) -> Theorem:
    """The norms of the members of a family that is given by an expression."""
    return Theorem(
        name="a member of a family",
        source="bhatia1997, Section IV.2",
        words="The p-th power of the Schatten norm of a positive member is the trace of its p-th power.",
        hypotheses=(is_positive(body),),
        conclusion=equal(entry(p, Family(body, index, STRINGS), index), Tr(power(body, p))),
    )


def hoelder(body: Any, index: Any) -> Theorem:
    """Hoelder's inequality for Schatten norms, with the block-diagonal operator of |keys| copies of C on both sides."""
    return Theorem(
        name="Hoelder's inequality for Schatten norms",
        source="bhatia1997, Corollary IV.2.6",
        words="||C Y C||_1 <= ||C||_{2r}^2 ||Y||_alpha, 1/r = 1 - 1/alpha, for operators with a block for each key; "
        "C is the same in all blocks. The mean over the seeds is at most that of the alpha-th powers (Jensen).",
        hypotheses=(is_positive(C), greater(alpha, 1)),
        conclusion=at_most(
            spread(1, F, Family(C * body * C, index, STRINGS)),
            (size(keys(F)) * Tr(power(C, 2 * alpha / (alpha - 1)))) ** (1 - 1 / alpha)
            * spread(alpha, F, Family(body, index, STRINGS)) ** (1 / alpha),
        ),
    )

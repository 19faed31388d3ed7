"""Key by public discussion: measuring, one-way distillation, discussion in parts, advantage distillation."""

from __future__ import annotations

from keybounds.proofs.logic.kernel import Theorem
from keybounds.proofs.logic.propositions import at_least, at_most, equal
from keybounds.proofs.logic.terms import integer, real, symbol, thing
from keybounds.proofs.notions import K, is_state
from keybounds.proofs.notions_private import (
    H,
    K_bits,
    K_hashed,
    K_matched,
    K_source,
    bits,
    converts,
    determines,
    dimmed,
    has_conditional_entropy,
    is_secret_or_known,
    leaves,
    named,
    pair,
)

A = thing("A")
a, b, c, e, source = thing("a"), thing("b"), thing("c"), thing("e"), thing("source")
p, q, weight, other = symbol("p"), symbol("q"), symbol("w"), symbol("u")
n = integer("n")
value = real("v")

ENTROPY = Theorem(
    name="conditional entropy",
    source="cover2006, Section 2.2",
    words="The conditional entropy is -sum P(a,b) log P(a|b).",
    hypotheses=(has_conditional_entropy(a, b, source, value),),
    conclusion=equal(H(a, b, source), value),
)
MEASURED = Theorem(
    name="key of measured bits",
    source="christandl2007; horodecki2009, Section VIII",
    words="Measuring is among the operations for the key, and what Eve can make of z gives her no more than z: the key "
    "is at least that of the bits against z.",
    hypotheses=(is_state(A), is_secret_or_known(A, p)),
    conclusion=at_least(K(A), K_bits(p)),
)
ONE_WAY = Theorem(
    name="one-way key distillation",
    source="devetak2005, Theorem 2.1",
    words="Messages of Alice alone reach H(x|z) - H(x|y).",
    hypotheses=(),
    conclusion=at_least(K_bits(p), H(named("x"), named("z"), bits(p)) - H(named("x"), named("y"), bits(p))),
)
HASHED = Theorem(
    name="hashing with side information",
    source="devetak2005, Theorem 2.1; bennett1995",
    words="Messages that let the holder of b find a leave H(a|e) - H(a|b) of key.",
    hypotheses=(),
    conclusion=at_least(K_hashed(a, b, e, source), H(a, e, source) - H(a, b, source)),
)
ANNOUNCED = Theorem(
    name="announcing",
    source="maurer1993",
    words="Announcing a leaves no key of it, and no rate is negative.",
    hypotheses=(),
    conclusion=at_least(K_hashed(a, b, e, source), 0),
)
IN_PARTS = Theorem(
    name="keys in parts",
    source="benor2005; renner2005, Chapter 2",
    words="A key of s, told by messages about s alone and secret from one who holds z and v, and a key of v, by "
    "discussion of v alone and secret from one who holds z and s, are jointly secret: each is uniform for one who "
    "knows all of the other's discussion, and the errors add up. Bob learns s, and with t which pairs match.",
    hypotheses=(determines(named("st"), named("m"), source),),
    conclusion=at_least(
        K_source(source),
        K_hashed(named("s"), named("t"), named("zv"), source) + K_matched(named("zs"), source),
    ),
)
PAIRS = Theorem(
    name="copies in pairs",
    source="maurer1993",
    words="Two copies are a pair: a rate a pair is half of it a copy.",
    hypotheses=(),
    conclusion=at_least(K_bits(p), K_source(pair(p, p)) / 2),
)
MATCHED = Theorem(
    name="key of what matches",
    source="maurer1999",
    words="On the pairs that match, of which all know, it is at least the key of the bits of which Eve's part tells as "
    "much: she could make hers of theirs.",
    hypotheses=(leaves(source, e, weight, q), at_most(q, 1)),
    conclusion=at_least(K_matched(e, source), weight * K_bits(q)),
)
FIRST = Theorem(
    name="one copy",
    source="maurer1993",
    words="One triple is itself.",
    hypotheses=(),
    conclusion=converts(1, p, 1, p),
)
JOINED = Theorem(
    name="one copy more",
    source="maurer1993",
    words="Alice announces the sum of what she has and of the next bit, Bob whether his is the same.",
    hypotheses=(
        converts(n, p, weight, q),
        leaves(pair(q, p), named("zs"), other, value),
        at_most(p, 1),
        at_most(q, 1),
    ),
    conclusion=converts(n + 1, p, weight * other, value),
)
DISTILLED = Theorem(
    name="key after advantage distillation",
    source="maurer1993",
    words="Of n copies, one is left with the probability w.",
    hypotheses=(converts(n, p, weight, q),),
    conclusion=at_least(K_bits(p), weight / n * K_bits(q)),
)
DIMMED = Theorem(
    name="announcing some bits",
    source="maurer1999",
    words="What Alice tells is public discussion; the key of what is left is a key of the bits.",
    hypotheses=(leaves(dimmed(p, other), named("zx"), 1, q), at_most(p, 1), at_most(other, 1)),
    conclusion=at_least(K_bits(p), K_bits(q)),
)

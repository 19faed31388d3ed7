"""Mixtures of strategies whose label Eve keeps: the ceilings of column generation, for each class of protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense
from keybounds.proofs.algebra.entropies import conditional, information
from keybounds.proofs.algebra.symbols import log2, symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, witness
from keybounds.proofs.claim import ProseClaim, Step

Combine = Callable[[Any, list[Any]], Any]


def mean(weights: Any, costs: list[Any]) -> Any:
    """Sum of w_k c_k."""
    return sum(w * c for w, c in zip(weights, costs, strict=True))


def flag_steps() -> Iterator[Step]:
    """What a label in Eve's hands does to entropies."""
    import sympy as sp

    w, x = symbol("w"), symbol("x")
    yield identity(
        "each eigenvalue x of strategy k is w_k x in the mixture with labels; summed over the spectrum, which adds up "
        "to 1, this is -w log w + w S_k",
        -w * x * log2(w * x),
        x * (-w * log2(w)) + w * (-x * log2(x)),
        formula=r"S\left(\bigoplus_k w_k\rho_k\right) = H(w) + \sum_k w_kS(\rho_k)",
    )
    label, weight = sp.Symbol("H_w", real=True), symbol("w")
    first, second, alone, both = sp.symbols("S_AE S_BE S_E S_ABE", real=True)
    parts = [label + weight * s for s in (first, second, alone, both)]
    yield identity(
        "so with the label among Eve's systems H(w) cancels from I(A:B|E)",
        parts[0] + parts[1] - parts[2] - parts[3],
        weight * (first + second - alone - both),
        formula=r"I(A:B|EK) = \sum_k w_k\,I(A:B|E)_k",
    )
    yield identity(
        "and from S(AE) - S(E), for the post-selected and noisy symbol too",
        parts[0] - parts[2],
        weight * (first - alone),
        formula=r"H(\hat A|EK) = \sum_k w_k\,H(\hat A|E)_k",
    )
    scale = symbol("s")
    yield identity(
        "with post-selection the states are sub-normalised; entropy differences scale with them, so that p_V H(A|E,V) "
        "adds up too",
        -(scale * x) * log2(scale * x) + (scale * x) * log2(scale),
        scale * (-x * log2(x)),
        formula=r"p_V H(\hat A|EK,V) = \sum_k w_k\,p_V^{(k)}H(\hat A|E,V)_k",
    )
    y = symbol("y")
    yield identity(
        "and for the label with Alice and Bob: D(w rho || w sigma) = w D(rho || sigma), as the logarithm of w cancels; "
        "a mixture of separable states with labels is separable",
        w * x * (log2(w * x) - log2(w * y)),
        w * x * (log2(x) - log2(y)),
        formula=r"E_r\left(\sum_k w_k\,\rho_k\otimes|kk\rangle\langle kk|\right) \le \sum_k w_k\,D(\rho_k\|\sigma_k)",
    )


def pinching_steps() -> Iterator[Step]:
    """The relative entropy of a state to its pinching at one qubit, in a basis in which that is block-diagonal."""
    import sympy as sp

    def symmetric(name: str, size: int) -> Any:
        return sp.Matrix(size, size, lambda i, j: sp.Symbol(f"{name}_{min(i, j)}{max(i, j)}", real=True))

    rho, logarithm = symmetric("x", 4), sp.diag(symmetric("l", 2), symmetric("m", 2))
    yield identity(
        "sigma = sum_s |v_s><v_s| x <v_s|rho|v_s> is separable and block-diagonal; so is its logarithm, and what is "
        "off the blocks of rho does not count",
        (rho * logarithm).trace(),
        (sp.diag(rho[:2, :2], rho[2:, 2:]) * logarithm).trace(),
        formula=r"\operatorname{Tr}\rho\log\sigma = \operatorname{Tr}\sigma\log\sigma",
    )
    yield cited(
        "Eve purifies rho_AB, so that its entropy is hers; device noise after a measurement is local processing",
        "textbook",
        formula=r"E_r(\rho_{AB}) \le D(\rho\|\sigma) = \sum_s S(\langle v_s|\rho|v_s\rangle) - S(\rho_E)",
    )
    yield cited(
        "where one party's outcome is fixed at each setting, a product state has the same behaviour",
        "textbook",
        formula=r"P_k(ab|xy) = \delta_{a\alpha(x)}P_k(b|y) \;\Longrightarrow\; c_k = 0",
    )


def round_steps() -> Iterator[Step]:
    """How I(Alice : Bob | Eve) grows in a round.

    Histories a, b with the inputs of the round; new outputs A, B; all that Eve has, E.
    """
    yield identity(
        "chain rule for a round",
        information("aA", "bB", "E"),
        information("a", "b", "E")
        + information("a", "B", "Eb")
        + information("A", "b", "Ea")
        + information("A", "B", "Eab"),
        formula=r"I(aA:bB|E) = I(a:b|E) + I(a:B|Eb) + I(A:b|Ea) + I(A:B|Eab)",
    )
    yield identity(
        "Eve's system F of the new copy is part of E: with the rest R of E,",
        information("a", "BF", "Rb"),
        information("a", "F", "Rb") + information("a", "B", "RFb"),
        formula=r"I(a:BF|Rb) = I(a:F|Rb) + I(a:B|RFb)",
    )
    yield cited(
        "given Bob's history, hence his input, B and F are independent of all else, because the copy is fresh and does "
        "not feel Alice's input: the left side is 0, and so are both terms on the right, which are not negative. "
        "Likewise with the parties exchanged",
        "lieb1973",
        formula=r"I(a:B|Eb) = I(A:b|Ea) = 0",
    )
    yield cited(
        "given both histories the copy's state depends on the inputs (x, y) only, so the last term is a mean of "
        "I(A:B|F) over them, at most the greatest",
        "textbook",
        formula=r"I(A:B|Eab) = \sum_{xy}p(x,y)\,I(A:B|F)_{xy} \le \max_{xy}I(A:B|F)_{xy}",
    )
    yield identity(
        "a message m that is a function of a",
        information("am", "b", "E") - information("m", "b", "E"),
        information("a", "b", "Em"),
        formula=r"I(a:b|Em) = I(am:b|E) - I(m:b|E) \le I(a:b|E)",
    )
    yield identity(
        "fresh local randomness s, independent of all else, adds nothing",
        information("as", "b", "E") - information("a", "b", "E"),
        conditional("s", "Ea") - conditional("s", "Eab"),
        formula=r"I(as:b|E) - I(a:b|E) = S(s|Ea) - S(s|Eab) = 0",
    )


def derivation(mean: Combine = mean) -> Iterator[Step]:
    """Prove the additivity of the costs, and the ceiling over settings round by round."""
    import sympy as sp

    yield from flag_steps()
    w = symbol("w")
    c, e = sp.symbols("c_1 c_2", real=True)
    yield identity(
        "the cost of a mixture of two strategies, one label at a time; more by induction",
        mean((w, 1 - w), [c, e]),
        w * c + (1 - w) * e,
        formula=r"\sum_k w_kP_k = P \;\Longrightarrow\; K \le \sum_k w_kc_k",
    )
    yield cited(
        "TWO_WAY, outputs of one announced key setting: the key is at most I(A:B|E) for every system E that Eve makes "
        "of what she has, the intrinsic information with quantum E among them",
        "christandl2007; arnonfriedman2020",
        formula=r"K \le I(A:B\downarrow EK) \le \sum_k w_k\,I(A:B|E)_k",
    )
    yield cited(
        "ONE_WAY with fixed preprocessing: what can be hashed out of Alice's symbol after reconciliation",
        "devetak2005",
        formula=r"r \le \sum_k w_k\,p_V^{(k)}H(\hat A|E,V)_k - p_V\,H(\hat A|B,V)",
    )
    yield from pinching_steps()
    yield cited(
        "ANY discussion, at any time: a device that reads its label and measures as strategy k has the behaviour P. "
        "Labels at Alice and Bob do not lower the key of the state",
        "christandl2021, Eq. (5); horodecki2009",
        formula=r"K \le E_r\left(\sum_k w_k\,\rho_k\otimes|kk\rangle\langle kk|\right) \le \sum_k w_kE_r(\rho_k)",
    )
    yield from round_steps()
    yield cited(
        "COMPLETED ROUNDS: a perfect key is not longer than I(Alice : Bob | Eve and transcript), up to terms that "
        "vanish with the error",
        "christandl2007",
        formula=r"K \le \max_{xy}\sum_k w_k\,I(A:B|E)_{k,xy}",
    )
    half = sp.Rational(1, 2)
    fixed = 1 - (half * 0 + half * 1)  # A tells b' if x = m, else nothing: H(b') - H(b'|A, m)
    yield holds(
        "for any discussion that is no ceiling: let B = (m, b') be two random bits and A = b' if x = m, else random. "
        "For either fixed x it is I(A:B) = 1/2; but if Bob says m before Alice chooses x = m, they share one bit",
        fixed == half and sp.Integer(1) > fixed,
        formula=r"I(A:B)_x = \frac{1}{2} < 1",
    )


def _box(visible: Any, a: int, b: int, x: int, y: int) -> Any:
    """P(ab|xy) given e: with weight `visible` a + b = xy mod 2, else a = b; both marginals uniform."""
    return (visible * (a ^ b == x * y) + (1 - visible) * (a == b)) / 2


def _rounds_witness() -> Step:
    """Two rounds on no-signalling boxes; in the second each party uses its own first output as its input."""
    import mpmath as mp

    bits, visible = (0, 1), {0: mp.mpf(1) / 3, 1: mp.mpf(4) / 5}

    def entropy(weights: dict[Any, Any]) -> Any:
        return dense.entropy(list(weights.values()))

    def shared(joint: dict[tuple[Any, Any, Any], Any]) -> Any:
        """I(A:B|E) of a distribution over (a, b, e)."""
        sums: list[dict[Any, Any]] = [{}, {}, {}]
        for (a, b, e), weight in joint.items():
            for total, key in zip(sums, ((a, e), (b, e), e), strict=True):
                total[key] = total.get(key, 0) + weight
        return entropy(sums[0]) + entropy(sums[1]) - entropy(sums[2]) - entropy(joint)

    def once(x: int, y: int) -> dict[tuple[Any, Any, Any], Any]:
        return {(a, b, e): _box(visible[e], a, b, x, y) / 2 for a in bits for b in bits for e in bits}

    both = {
        ((a, c), (b, d), (e, f)): first * _box(visible[f], c, d, a, b) / 2
        for (a, b, e), first in once(1, 1).items()
        for c in bits
        for d in bits
        for f in bits
    }
    second = sum(weight * shared(once(a, b)) for (a, b, _), weight in once(1, 1).items())
    return witness(
        "I(Alice:Bob|Eve) after two rounds, the second's inputs chosen by the first's outputs",
        (shared(once(1, 1)) + second),
        shared(both),
    )


def _pinching_witness() -> Step:
    """D(rho || sigma) by the eigenvectors of both matrices, for a vector of three qubits."""
    import mpmath as mp

    psi = mp.matrix([1, 2, -3, 1, 2, 1, 4, -2]) / mp.sqrt(40)
    rho, eve = mp.zeros(4), mp.zeros(2)
    for k, m in ((k, m) for k in range(8) for m in range(8)):
        if k % 2 == m % 2:
            rho[k // 2, m // 2] += psi[k] * psi[m]
        if k // 2 == m // 2:
            eve[k % 2, m % 2] += psi[k] * psi[m]
    sigma, blocks = mp.zeros(4), []
    for c, s in ((mp.mpf(3) / 5, mp.mpf(4) / 5), (-mp.mpf(4) / 5, mp.mpf(3) / 5)):
        bra = mp.matrix([[c, 0, s, 0], [0, c, 0, s]])
        blocks.append(bra * rho * bra.T)
        sigma += bra.T * blocks[-1] * bra
    stated = sum(dense.entropy(dense.eigenvalues(block)) for block in blocks) - dense.entropy(dense.eigenvalues(eve))
    return witness(
        "D(rho || sigma) of three qubits pinched on Alice's side", stated, dense.relative_entropy(rho, sigma)
    )


def numerical(mean: Combine = mean) -> Iterator[Step]:
    """I(A:B|EK) of two dense strategies with labels, against the mean of both; and two rounds with adaptive inputs."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):
        states = []
        for seed in (1, 2):
            raw = mp.matrix([[mp.expj(seed * i * j + 3 * i + j) for j in range(4)] for i in range(4)]) + seed * mp.eye(
                4
            )
            states.append(raw * raw.H / dense.trace(raw * raw.H))
        outcomes = [{row}.__contains__ for row in range(4)]
        eve = [dense.eve_states(rho, outcomes) for rho in states]

        def shared(branches: list[Any]) -> Any:
            """I(A:B|E) from Eve's unnormalised states for the outcomes ab = 00, 01, 10, 11."""
            groups = {
                "AE": [branches[0] + branches[1], branches[2] + branches[3]],
                "BE": [branches[0] + branches[2], branches[1] + branches[3]],
                "E": [branches[0] + branches[1] + branches[2] + branches[3]],
                "ABE": branches,
            }
            sums = {
                name: dense.entropy([value for m in matrices for value in dense.eigenvalues(m)])
                for name, matrices in groups.items()
            }
            return sums["AE"] + sums["BE"] - sums["E"] - sums["ABE"]

        weights = [mp.mpf(3) / 10, mp.mpf(7) / 10]
        labelled = []
        for first, second in zip(*eve, strict=True):
            block = mp.zeros(8)
            for k, (weight, part) in enumerate(zip(weights, (first, second), strict=True)):
                for i in range(4):
                    for j in range(4):
                        block[4 * k + i, 4 * k + j] = weight * part[i, j]
            labelled.append(block)
        stated = mean(weights, [shared(branches) for branches in eve])
        yield witness("I(A:B|EK) of two labelled strategies, w = 3/10", stated, shared(labelled))
        yield _rounds_witness()
        yield _pinching_witness()


CLAIM = ProseClaim(
    name="flagged-mixtures",
    statement="Let a behaviour be P = sum_k w_k P_k, with P_k made by a state rho_k that Eve purifies, and let "
    "Eve keep the label k. Then sum_k w_k c_k bounds the key of P: for discussion of the outputs of one announced key "
    "setting with c = I(A:B|E); one-way with fixed preprocessing through c = p_V H(A|E,V) in place of Alice's entropy; "
    "for any discussion, at any time, with c = E_r(rho_k), or 0 where P_k has a fixed output of one party for each "
    "input. For discussion of completed rounds, in which both inputs are chosen before a message depends on the "
    "outputs, the greatest over the input pairs (x, y) of sum_k w_k I(A:B|E)_{k,xy} bounds it as well, whether inputs "
    "are announced or not. E_r(rho_k) is at most the relative entropy to the pinching of rho_k along any basis of one "
    "qubit. Rounds are alike and independent, outputs are classical.",
    formula=r"P = \sum_k w_kP_k \;\Longrightarrow\; K \le \sum_k w_kc_k,\quad "
    r"K \le \max_{xy}\sum_k w_k\,I(A:B|E)_{k,xy}",
    source="this project, after arnonfriedman2020 and kaur2021",
    derivation=derivation,
    witness=numerical,
)

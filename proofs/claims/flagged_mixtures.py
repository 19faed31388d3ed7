"""Mixtures of strategies whose label Eve keeps: ceilings by their parts, for each class of protocols."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.claims.flagged_labels import averaged, granted, information_by_parts
from keybounds.proofs.claims.flagged_rounds import by_rounds
from keybounds.proofs.logic import kernel
from keybounds.proofs.logic.kernel import Fact
from keybounds.proofs.logic.propositions import at_most, equal
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.sums import Direct, Total
from keybounds.proofs.logic.terms import real, thing
from keybounds.proofs.notions import E_r, S
from keybounds.proofs.notions_attacks import (
    LABELS,
    PAIRS,
    A,
    A_hat,
    B,
    E,
    K_any,
    K_rounds,
    K_sifted,
    K_two,
    L,
    Shared,
    V,
    bounds_pairs,
    completes_rounds,
    conditional,
    has_qubit,
    have_same_table,
    information,
    is_attack,
    is_bell_device,
    outcomes,
    pinched,
    processed,
    product_device,
    shared,
    strategy,
    weight,
    with_common_label,
    with_label,
)
from keybounds.proofs.theorems import devices

P, delta, f, rho, k, z = (thing(name) for name in ("P", "delta", "f", "rho", "k", "z"))
c = real("c")
MIXTURE = Direct(weight(k) * strategy(k), k, LABELS)


def example(chosen: int | None) -> Any:
    """P(a; m, b' | f) of two fair bits m, b' of Bob's and of A, which is b' where Alice's input is m, and else fair.

    Her input is `chosen`, or m itself if that is None: then Eve has heard m too.
    """
    quarter = sp.Rational(1, 4)

    def entry(answer: int, first: int, second: int) -> Any:
        told = chosen is None or chosen == first
        return quarter * (int(answer == second) if told else sp.Rational(1, 2))

    def rows(heard: tuple[int, ...]) -> Any:
        columns = [(first, second) for first in heard for second in (0, 1)]
        return sp.Tuple(*(sp.Tuple(*(entry(answer, *column) for column in columns)) for answer in (0, 1)))

    return sp.Tuple(rows((0,)), rows((1,))) if chosen is None else sp.Tuple(rows((0, 1)))


def state() -> Statement:
    """Return the statement, for any finite number of strategies and any protocol of each class."""

    def mean(value: Any) -> Any:
        return Total(weight(k) * value, k, LABELS)

    attack = is_attack(P, MIXTURE)
    symbols = processed(with_label(MIXTURE), f)
    fixed = product_device(delta, f)
    return Statement(
        parameters=(
            Parameter(P, "statistics of a device"),
            Parameter(LABELS, "labels of the strategies that make them"),
            Parameter(PAIRS, "pairs of inputs"),
            Parameter(f, "preprocessing by Alice, or answers of hers"),
            Parameter(delta, "device"),
            Parameter(rho, "state"),
            Parameter(c, "number"),
        ),
        hypotheses=(),
        clauses=(
            Clause(
                "two-way",
                at_most(K_two(P), mean(information(outcomes(strategy(k)), (A,), (B,), (E,)))),
                (attack,),
                words="discussion of the outcomes of one announced key setting",
            ),
            Clause(
                "one-way",
                at_most(
                    K_sifted(P, f),
                    mean(conditional(processed(strategy(k), f), (A_hat,), (E, V)))
                    - conditional(symbols, (A_hat,), (B, V)),
                ),
                (attack,),
                words="one-way discussion after a fixed preprocessing with post-selection",
            ),
            Clause(
                "any discussion",
                at_most(K_any(P), mean(E_r(shared(strategy(k))))),
                (attack,),
                words="any discussion, at any time",
            ),
            Clause(
                "pinching",
                at_most(E_r(rho), S(pinched(rho)) - S(rho)),
                (has_qubit(rho),),
                words="a value for E_r",
            ),
            Clause(
                "fixed outcome",
                have_same_table(fixed, delta),
                (is_bell_device(delta), devices.FIXED.left),
                words="where the outcome of one party, called Alice here, is fixed",
            ),
            Clause(
                "no entanglement", at_most(E_r(shared(fixed)), 0), (is_bell_device(delta),), words="which costs nothing"
            ),
            Clause(
                "completed rounds",
                at_most(K_rounds(P), c),
                (completes_rounds(P, LABELS, PAIRS), bounds_pairs(c, LABELS)),
                words="discussion of completed rounds",
            ),
            *(
                Clause(
                    f"input {one}",
                    equal(Shared(example(one)), sp.Rational(1, 2)),
                    words="an example for any discussion",
                )
                for one in (0, 1)
            ),
            Clause("input after a message", equal(Shared(example(None)), 1), words="in which no such c is a ceiling"),
        ),
    )


def derive(goal: Goal) -> None:
    """Put labels into entropies; then bound what a round of the device adds, and go on by induction."""
    for name in ("input 0", "input 1", "input after a message"):
        relation = goal[name].relation
        goal.conclude(name, kernel.identity(f"{name}: by the probabilities", relation.left, relation.right))
    _mixtures(goal)
    _entanglement(goal)
    by_rounds(goal)


def _mixture(name: str, goal: Goal) -> tuple[devices.Mixture, Fact, Any]:
    attack = granted(goal, name, is_attack)
    blocks = attack.arguments[1]
    factors, parts = blocks.body.args_cnc()
    made = devices.mixture(sp.Mul(*factors), sp.Mul(*parts), blocks.index, blocks.over)
    return made, attack, blocks


def _of_attack(words: str, theorem: Any, attack: Fact) -> Fact:
    values = {one: one for one in theorem.symbols} | {devices.P: attack.arguments[0]}
    return kernel.by_theorem(words, theorem, values, attack)


def _mixtures(goal: Goal) -> None:
    for name in ("two-way", "one-way"):
        made, attack, blocks = _mixture(name, goal)
        facts = [
            _of_attack("the mixture is a device", made.device, attack),
            _of_attack("which has the statistics", made.table, attack),
            _of_attack("and whose label Eve keeps", made.eve, attack),
        ]
        values = {devices.delta: with_label(blocks), devices.P: attack.arguments[0]}
        relation = goal[name].relation
        if name == "two-way":
            bound = kernel.by_theorem("the key is at most I(A:B|EL)", devices.information_of((E, L)), values, *facts)
            in_blocks = _of_attack("outcomes of the mixture", made.outcomes, attack)
            parts, target = information_by_parts((E,)), relation.right
        else:
            theorem = devices.sifted((E, L))
            bound = kernel.by_theorem(
                "the key is at most H(A|ELV) - H(A|BV)", theorem, {**values, devices.f: f}, *facts
            )
            in_blocks = _of_attack("symbols of the mixture", made.processed, attack)
            parts = {(A_hat, E, V): 1, (E, V): -1}
            target = relation.right + conditional(processed(with_label(blocks), f), (A_hat,), (B, V))
        mean = averaged(f"{name}: the mean over the labels", in_blocks, parts, blocks.index, target)
        goal.conclude(name, kernel.linear(f"{name}: the ceiling", relation, [(1, bound), (1, mean)]))


def _entanglement(goal: Goal) -> None:
    name = "any discussion"
    made, attack, blocks = _mixture(name, goal)
    common = with_common_label(blocks)
    bound = kernel.by_theorem(
        "the key is at most E_r of the mixture",
        devices.ENTANGLEMENT,
        {devices.delta: common, devices.P: attack.arguments[0]},
        _of_attack("the mixture with a common label is a device", made.common, attack),
        _of_attack("which has the statistics", made.common_table, attack),
    )
    convex = _of_attack("E_r is convex", made.convexity, attack)
    untagged = kernel.by_theorem(
        "a label on both sides does not increase it",
        devices.TAGGED,
        {devices.rho: shared(strategy(k)), devices.k_: k},
    )
    scaled = kernel.linear(
        "with its weight", at_most(weight(k) * untagged.left, weight(k) * untagged.right), [(weight(k), untagged)]
    )
    mean = kernel.totalled("in the mean", scaled, k, LABELS)
    goal.conclude(
        name, kernel.linear("any discussion: the ceiling", goal[name].relation, [(1, bound), (1, convex), (1, mean)])
    )
    name = "pinching"
    qubit = granted(goal, name, has_qubit)
    operator = {devices.rho: qubit.arguments[0]}
    separable = kernel.by_theorem("the pinched state is separable", devices.PINCHED, operator, qubit)
    terms = [
        kernel.by_theorem(
            "E_r is at most the relative entropy to it",
            devices.LEAST,
            {**operator, devices.sigma: separable.arguments[0]},
            separable,
        ),
        kernel.by_theorem("which is the difference of their entropies", devices.PINCHING, operator, qubit),
    ]
    goal.conclude(name, kernel.linear("pinching: the value", goal[name].relation, [(1, one) for one in terms]))
    _fixed(goal)


def _fixed(goal: Goal) -> None:
    name = "fixed outcome"
    fixed = granted(goal, name, devices.FIXED.left.definition)
    device = granted(goal, name, is_bell_device)
    places = {one: one for one in devices.FIXED.bound}
    told = kernel.specialised(
        "Alice's outcome is fixed", devices.FIXED, {**places, devices.delta: delta, devices.f: f}, fixed
    )
    product = kernel.by_theorem(
        "Bob's outcomes come from his reduced state",
        devices.REDUCED,
        {one: one for one in devices.REDUCED.symbols},
        device,
    )
    same = kernel.linear("the same probabilities", equal(product.left, told.left), [(1, product), (-1, told)])
    values = {devices.delta: product_device(delta, f), devices.sigma: delta}
    goal.conclude(name, kernel.generalised("the same table", devices.SAME_TABLE, values, same))
    name = "no entanglement"
    device = granted(goal, name, is_bell_device)
    separable = kernel.by_theorem("a product state is separable", devices.PRODUCT, {delta: delta, f: f}, device)
    state = separable.arguments[0]
    least = kernel.by_theorem(
        "E_r is at most the relative entropy to the state itself",
        devices.LEAST,
        {devices.rho: state, devices.sigma: state},
        separable,
    )
    itself = kernel.by_theorem("which is 0", devices.ITSELF, {devices.rho: state})
    goal.conclude(name, kernel.linear("no entanglement: 0", goal[name].relation, [(1, least), (1, itself)]))


j = devices.j


# ------------------------------------------------------------------------------------------------------------ witness


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
        for (alice, bob, e), mass in joint.items():
            for total, key in zip(sums, ((alice, e), (bob, e), e), strict=True):
                total[key] = total.get(key, 0) + mass
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
    state_, eve = mp.zeros(4), mp.zeros(2)
    for row, column in ((row, column) for row in range(8) for column in range(8)):
        if row % 2 == column % 2:
            state_[row // 2, column // 2] += psi[row] * psi[column]
        if row // 2 == column // 2:
            eve[row % 2, column % 2] += psi[row] * psi[column]
    sigma, blocks = mp.zeros(4), []
    for cosine, sine in ((mp.mpf(3) / 5, mp.mpf(4) / 5), (-mp.mpf(4) / 5, mp.mpf(3) / 5)):
        bra = mp.matrix([[cosine, 0, sine, 0], [0, cosine, 0, sine]])
        blocks.append(bra * state_ * bra.T)
        sigma += bra.T * blocks[-1] * bra
    stated = sum(dense.entropy(dense.eigenvalues(block)) for block in blocks) - dense.entropy(dense.eigenvalues(eve))
    return witness(
        "D(rho || sigma) of three qubits pinched on Alice's side", stated, dense.relative_entropy(state_, sigma)
    )


def numerical(_: Statement) -> Iterator[Step]:
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

        def informed(branches: list[Any]) -> Any:
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
        stated = sum(w * informed(branches) for w, branches in zip(weights, eve, strict=True))
        yield witness("I(A:B|EL) of two labelled strategies, w = 3/10", stated, informed(labelled))
        yield _rounds_witness()
        yield _pinching_witness()


CLAIM = Claim(
    name="flagged-mixtures",
    title="Mixtures of strategies whose label Eve keeps",
    source="this project, after arnonfriedman2020 and kaur2021",
    state=state,
    derive=derive,
    witness=numerical,
)

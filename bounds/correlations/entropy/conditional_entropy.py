"""H(Â|E,V) from the full correlations: solve the entropy problem, repair its dual, return what is proven."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb

from keybounds.bounds.bound import Bound, Status, Unit, lower_bound
from keybounds.bounds.correlations.entropy.functional import (
    METHOD,
    REFERENCE,
    EntropyFunctional,
    entropy_from_value,
    exact_moments,
    functional_words,
)
from keybounds.bounds.correlations.entropy.mirror import is_mirrored, mirrored
from keybounds.bounds.correlations.entropy.problem import KeyRound, KnownMoments
from keybounds.bounds.correlations.entropy.solution import (
    EntropySolution,
    Nodes,
    Solver,
    from_inside,
    plain_word,
    solve_entropy,
)
from keybounds.bounds.correlations.moments.words import Word
from keybounds.bounds.correlations.reconciliation import check_key
from keybounds.bounds.scope import Quantity, Scope, Trust
from keybounds.bounds.subject import subject_of
from keybounds.enclosure import ball, binary_entropy, enclose, nearest
from keybounds.errors import BehaviourError, InputError, UnsupportedError

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour

TOLERANCE = 1e-6  # bits between the solver's objective and what is proven, above which the status says so
_CLIMB = 1e-6  # bits that the next level must gain for `level="auto"` to go on


def conditional_entropy(
    behaviour: Behaviour,
    *,
    key: tuple[int, int],
    noise: float = 0.0,
    keep: float = 1.0,
    level: str | Sequence[Word] = "11",
    nodes: Nodes = 16,
    solver: Solver | None = None,
    subject: str | None = None,
    unit: Unit = Unit.PER_KEY_ROUND,
) -> Bound:
    """Lower bound on H(Â|E,V), the entropy of Alice's key symbol given Eve, from all of P(a,b|x,y).

    H(Â|E,V) = h(q) + (1-2q)²/(p_V ln 2) ∫ e(t) w(t) dt (see `entropy_problem`), e bounded by a moment relaxation of all
    nodes jointly and the integral by chords. The value comes from the solver's dual after repair, proven in exact
    integer and ball arithmetic: it is a bound whatever the solver returned.

    Parameters
    ----------
    behaviour
        P[a,b,x,y]; the doubles of its Collins-Gisin table are taken as the exact numbers they are. Unmeasured pairs
        constrain nothing.
    key
        The key setting (x, y), counted from 0; measured, and with two outcomes of Alice.
    noise
        q in [0, 1/2]: Alice flips her surviving bits with this probability.
    keep
        p in (0, 1]: each party keeps outcome 1 (no click) with this probability; V is that both keep.
    level
        A level of `bounds.correlations.moments.levels`, a list of words, or ``"auto"``: climb the levels until
        one gains less than 1e-6 bit.
    nodes
        Number of chord nodes, placed by a coarse pilot solve, or the nodes themselves, increasing in (0, 1). The loss
        falls as the inverse square of their number, and ``diagnostics["discretisation_gap"]`` estimates it. q = 0 wants
        the most.
    solver
        ``"interior-point"`` (default), or a second opinion: ``"clarabel"``, ``"qics"``.
    subject, unit
        What the bound is about (default a digest of the table), and what a surviving key round is called.

    Returns
    -------
    Bound
        LOWER, in bits per surviving key round; status CERTIFIED, or LOOSE where the solver's own objective is more
        than 1e-6 bit above what could be proven.

    Raises
    ------
    BehaviourError
        No quantum device has these correlations: the dual would prove more than one bit.
    InputError, UnsupportedError, UnknownNameError
        Arguments outside their range, an unmeasured key setting, outcomes of Alice that are not bits, an unknown level
        or solver.
    BoundNotEstablishedError
        The solver returned nothing that could be proven.

    Notes
    -----
    frenkel2023 for the integral, in the form of jencova2024; navascues2008 for the moments; ho2020 for the noise;
    liu2022 for the post-selection.
    """
    if level == "auto":
        return _climb(
            behaviour, key=key, noise=noise, keep=keep, nodes=nodes, solver=solver, subject=subject, unit=unit
        )
    return entropy_and_solution(
        behaviour,
        key=key,
        noise=noise,
        keep=keep,
        level=level,
        nodes=nodes,
        solver=solver,
        subject=subject,
        unit=unit,
    )[0]


def entropy_and_solution(
    behaviour: Behaviour,
    *,
    key: tuple[int, int],
    noise: float,
    keep: float,
    level: str | Sequence[Word],
    nodes: Nodes,
    solver: Solver | None,
    subject: str | None,
    unit: Unit,
    near: EntropySolution | None = None,
) -> tuple[Bound, EntropySolution | None]:
    """The bound of `conditional_entropy` at one level, and the solved problem behind it: None where none was solved.

    Arguments and errors as there; `near` as in `solve_entropy`.
    """
    protocol = check_key(behaviour, key, noise=noise, keep=keep)
    if behaviour.outcomes[0] != 2:
        raise UnsupportedError("behaviour", "two outcomes of Alice, whose symbol is a bit", str(behaviour.outcomes))
    if not behaviour.exact:
        raise BehaviourError(
            "behaviour", "an exact table, such as the no-signalling fit of project_no_signalling", "an estimate"
        )
    scope = Scope(
        subject=subject or subject_of("behaviour", behaviour.P),
        trust=Trust.DEVICE_INDEPENDENT,
        protocol=protocol,
        quantity=Quantity.CONDITIONAL_ENTROPY,
    )
    digest = subject_of("behaviour", behaviour.P)
    provenance = {
        "behaviour": digest,
        "key": list(key),
        "noise": noise,
        "keep": keep,
        "nodes": [float(t) for t in nodes] if isinstance(nodes, Sequence) else int(nodes),
        "level": level if isinstance(level, str) else [list(map(list, word)) for word in level],
    }
    if noise == 0.5:  # a symbol flipped with probability 1/2 is a fresh coin
        coin = lower_bound(
            arb(1), unit=unit, scope=scope, method="fresh coin", reference=REFERENCE, provenance=provenance
        )
        return coin, None
    functional, solution = solve_functional(
        behaviour, key=key, noise=noise, keep=keep, level=level, nodes=nodes, solver=solver, near=near
    )
    moments = functional.moments(behaviour)
    entropy = enclose(lambda: functional.entropy(moments))
    functional.check_quantum(entropy, moments)
    floor = enclose(lambda: binary_entropy(ball(noise)))
    survives = functional.survival(moments)
    table = [[plain_word(word), float(moment)] for word, moment in zip(functional.words, moments, strict=True)]
    notes = solution.notes(lambda value: nearest(entropy_from_value(functional.key_round, value, survives)))
    bound = lower_bound(
        entropy.max(floor).min(arb(1)),
        unit=unit,
        scope=scope,
        status=Status.CERTIFIED if notes["gap"] <= TOLERANCE else Status.LOOSE,
        method=METHOD,
        reference=REFERENCE,
        provenance=provenance,
        certificate=solution.document() | {"table": table},
        diagnostics={**notes, "unclamped": nearest(entropy), "survival": float(survives)},
    )
    return bound, solution


def entropy_functional(
    behaviour: Behaviour,
    *,
    key: tuple[int, int],
    noise: float = 0.0,
    keep: float = 1.0,
    level: str | Sequence[Word] = "11",
    nodes: Nodes = 16,
    solver: Solver | None = None,
) -> EntropyFunctional:
    """The Bell-like functional that is optimal at `behaviour` and bounds H(Â|E,V) of every other one.

    Arguments and errors as in `conditional_entropy`; `noise` must be below 1/2.
    """
    check_key(behaviour, key, noise=noise, keep=keep)
    if noise == 0.5:
        raise InputError(
            "noise", "a probability below 1/2, for at 1/2 the entropy is 1 whatever the table", repr(noise)
        )
    return solve_functional(behaviour, key=key, noise=noise, keep=keep, level=level, nodes=nodes, solver=solver)[0]


def _climb(behaviour: Behaviour, *, nodes: Nodes, **options: Any) -> Bound:
    """Climb the ladder of levels until a step gains less than `_CLIMB`; the best bound, with the sequence."""
    from keybounds.bounds.correlations.moments.levels import LADDER

    best: Bound | None = None
    sequence: list[dict[str, Any]] = []
    for level in LADDER:
        try:
            bound = conditional_entropy(behaviour, level=level, nodes=nodes, **options)
        except UnsupportedError:
            if best is None:
                raise
            continue  # the level speaks of settings that Bob does not have
        sequence.append({"level": level, "value": bound.value})
        gain = bound.value - best.value if best is not None else np.inf
        best = bound if best is None or gain > 0 else best
        if gain < _CLIMB:
            break
    assert best is not None
    return replace(best, diagnostics={**best.diagnostics, "levels": sequence})


def solve_functional(
    behaviour: Behaviour,
    *,
    key: tuple[int, int],
    noise: float,
    keep: float,
    level: str | Sequence[Word],
    nodes: Nodes,
    solver: Solver | None = None,
    near: EntropySolution | None = None,
    mirror: bool = True,
) -> tuple[EntropyFunctional, EntropySolution]:
    """The functional that is optimal at `behaviour`, and the solved problem; arguments as in `solve_entropy`.

    With `mirror`, a table that flips of the outcomes leave as it is has half its nodes solved: see `mirror`.
    """
    scenario, words = functional_words(behaviour)
    key_round = KeyRound(scenario, (int(key[0]), int(key[1])), float(noise), float(keep))
    moments = exact_moments(scenario, words, [Fraction(1)] * len(words), behaviour)
    mirror = mirror and isinstance(nodes, int) and is_mirrored(scenario, words, moments, keep)
    known = KnownMoments.mirrored(words, moments) if mirror else KnownMoments.exact(words, moments)
    solution = solve_entropy(key_round, known, level=level, nodes=nodes, solver=solver, near=near)
    if solver is None:
        solution = from_inside(solution)
    multipliers = solution.proof.multipliers[: len(words)]
    if mirror:
        multipliers = mirrored(words, multipliers)
    return EntropyFunctional(key_round, words, multipliers, solution.proof.charge), solution

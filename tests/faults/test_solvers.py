"""Whatever a solver does, a routine ends in a bound that holds or in an error of this package.

Every call of a solver is listed from the syntax trees, so that a new one fails here until faults are injected into it.
A solver is replaced for the calls out of one file, its own answer spoiled. A bound that still comes out is verified
where its method has a certificate, and held against the truth.
"""

from __future__ import annotations

import ast
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from keybounds.bounds import Bound, Direction, Hierarchy, Link, lower, one_way, two_way, upper
from keybounds.bounds.correlations.moments import Relaxation, Scenario, bell_ceiling
from keybounds.bounds.correlations.moments.arrow import ArrowSolution, DualPoint
from keybounds.bounds.run import collective_design, collective_key
from keybounds.channels.families import depolarizing_choi
from keybounds.errors import BoundNotEstablishedError, InputError
from keybounds.experiments import Behaviour
from keybounds.proofs import certify, verify
from keybounds.solvers import SECONDS, asked

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (*sorted(path.name for path in (ROOT / "src/keybounds").iterdir() if path.is_symlink()), "src/keybounds")
SOLVERS = {
    "scipy.optimize": None,  # everything in it
    "qics": {"Solver"},
    "clarabel": {"DefaultSolver"},
    "cvxpy": {"Problem"},
    "keybounds.bounds.correlations.moments.interior_point": {"solve_arrow"},
    "keybounds.bounds.correlations.attacks.descent": {"descend"},
}
"""What is looked for in whose names."""


def solver_calls(tree: ast.Module) -> Counter[str]:
    """How often a module names each solver, its imports apart."""
    named: dict[str, str] = {}  # local names of solvers, and of modules that hold some
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in SOLVERS:
                    named[alias.asname or alias.name] = whole
                elif node.module in SOLVERS and alias.name in (SOLVERS[node.module] or {alias.name}):
                    named[alias.asname or alias.name] = f"{node.module}:{alias.name}"
        elif isinstance(node, ast.Import):
            named |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in SOLVERS}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in named:
            module = named[node.value.id]
            if module in SOLVERS and node.attr in (SOLVERS[module] or {node.attr}):
                found[node.attr] += 1
        elif isinstance(node, ast.Name) and ":" in named.get(node.id, ""):
            found[named[node.id].partition(":")[2]] += 1
    return found


PROPOSES = ["proofs/logic/calculus.py"]
"""A solver's answer there is a proposal, which the kernel checks in rationals: tests/proofs/test_calculus.py."""


def sites() -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if path.relative_to(ROOT).as_posix() in PROPOSES:
                continue
            calls = solver_calls(ast.parse(path.read_text(encoding="utf-8")))
            found |= {(path.relative_to(ROOT).as_posix(), name): count for name, count in calls.items()}
    return found


def noisy_singlet(v: float, settings: int = 2) -> Behaviour:
    """Alice measures Z and X; Bob their bisectors, and Z in a third setting."""
    angles = (math.pi / 4, -math.pi / 4, 0.0)[:settings]
    E = np.array([[v * math.cos(b - a) for b in angles] for a in (0.0, math.pi / 2)])
    signs = np.array([[1, -1], [-1, 1]])
    return Behaviour((1 + signs[:, :, None, None] * E) / 4)


def h(p: float) -> float:
    return -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def chsh_maximum() -> float:
    """A proven ceiling on (CHSH - 2)/4."""
    alice, bob = [(((k, 0),), ()) for k in (0, 1)], [((), ((k, 0),)) for k in (0, 1)]
    words: dict[Any, float] = {alice[0]: -1.0, bob[0]: -1.0}
    words |= {(alice[x][0], bob[y][1]): -1.0 if x == y == 1 else 1.0 for x in (0, 1) for y in (0, 1)}
    return bell_ceiling(Relaxation.build(Scenario.binary(2, 2), "1"), words)


LINK = Link(Fraction("2.7"), Fraction("0.02"), key=(1, 2))
INSIDE = Link(2.4, 0.075, key=(1, 2))  # where a mixture of devices is cheaper than one
RUN = {"rounds": 1_500_000, "gamma": Fraction(1, 20)}
TINY = Hierarchy("11", 4)
# 0.9 of one Bell state and 0.1 of another: every measure of entanglement here is 1 - h(0.1)
BELL = np.zeros((4, 4))
BELL[np.ix_([0, 3], [0, 3])] = [[0.5, 0.4], [0.4, 0.5]]
GENERIC = 0.8 * BELL + 0.2 * np.diag([0.4, 0.3, 0.2, 0.1])  # no closed form
KEY = one_way((0, 2), noise=0.1)
TABLE = noisy_singlet(0.9, 3)
MIXED = noisy_singlet(0.75)


@dataclass(frozen=True)
class Site:
    """Calls of a solver in one file, a routine that leads there, and what its bound may not pass, or about so."""

    calls: int
    routine: Callable[[], Any]
    truth: float | None = None
    costly: bool = False  # then most faults are long tests


def finite_keys() -> dict[str, Any]:
    """Each is searched for by both functions of `keybounds.solvers`, or by one; they cannot be much longer."""
    return {
        "eat": (lower.finite_key(LINK, **RUN), 191_000),
        "renyi": (lower.finite_key(LINK, **RUN, theorem="renyi", extractor="toeplitz"), 497_000),
        "collective": (collective_key(collective_design(TABLE, KEY, TINY), rounds=10**9), 147_000_000),
    }


SITES = {
    ("bounds/channel/rains.py", "Solver"): Site(
        1, lambda: upper.rains_information(depolarizing_choi(0.1, 2)), 1 - h(0.075), costly=True
    ),
    ("bounds/channel/semidefinite.py", "Problem"): Site(
        1, lambda: upper.max_rains_information(depolarizing_choi(0.1, 2)), math.log2(2 * (1 - 0.75 * 0.1)), costly=True
    ),
    ("bounds/correlations/attacks/fit.py", "least_squares"): Site(
        1, lambda: upper.attack_ceiling(noisy_singlet(1 - 1e-6), two_way((0, 0))), costly=True
    ),
    ("bounds/correlations/attacks/master.py", "linprog"): Site(
        1, lambda: upper.attack_ceiling(MIXED, two_way((0, 0))), costly=True
    ),
    ("bounds/correlations/attacks/search.py", "descend"): Site(
        1, lambda: upper.attack_ceiling(MIXED, two_way((0, 0))), costly=True
    ),
    ("bounds/correlations/entropy/solution.py", "solve_arrow"): Site(
        2,
        lambda: lower.conditional_entropy(TABLE, KEY, Hierarchy("11", 8)),
    ),
    ("bounds/correlations/local_decomposition.py", "linprog"): Site(1, lambda: upper.local_weight(MIXED)),
    ("bounds/correlations/moments/bell.py", "solve_arrow"): Site(1, chsh_maximum, (math.sqrt(2) - 1) / 2),
    ("bounds/correlations/moments/second_opinion.py", "DefaultSolver"): Site(
        1, lambda: lower.conditional_entropy(TABLE, KEY, replace(TINY, solver="clarabel"))
    ),
    ("bounds/correlations/moments/second_opinion.py", "Solver"): Site(
        1, lambda: lower.conditional_entropy(TABLE, KEY, replace(TINY, solver="qics")), costly=True
    ),
    ("bounds/link/hull.py", "linprog"): Site(1, lambda: upper.hull_ceiling(INSIDE)),
    ("bounds/state/distillable.py", "Solver"): Site(
        1, lambda: upper.distillable_entanglement_ceiling(BELL, (2, 2)), 1 - h(0.1)
    ),
    ("bounds/state/separable/search.py", "minimize"): Site(
        1, lambda: upper.relative_entropy_of_entanglement(GENERIC, (2, 2))
    ),
    ("src/keybounds/solvers.py", "minimize_scalar"): Site(1, finite_keys),
    ("src/keybounds/solvers.py", "brentq"): Site(1, finite_keys),
    ("bounds/state/squashing.py", "minimize"): Site(1, lambda: upper.squashed_entanglement(GENERIC, (2, 2), starts=2)),
}


Spoil = Callable[[NDArray[Any], np.random.Generator], NDArray[Any]]

SPOILED: dict[str, Spoil] = {
    "no numbers": lambda x, rng: x * np.nan,
    "infinite": lambda x, rng: x + np.inf,
    "garbage": lambda x, rng: rng.normal(size=x.shape),
    "huge": lambda x, rng: 1e200 * rng.normal(size=x.shape),
    "wrong scale": lambda x, rng: 1.01 * x,
    "negative": lambda x, rng: -x,
    "lost": lambda x, rng: np.where(np.arange(x.size).reshape(x.shape) % 7 == 3, 0, x),
}
"""Answers of which every number is spoiled."""


FEW = ("no numbers", "huge", "nothing", "panics")
"""The faults that stay among the short tests where a routine takes long."""


class Panic(BaseException):
    """What a crash within compiled Rust is: no `Exception`."""


def fail(kind: type[BaseException]) -> Callable[..., Any]:
    def call(*_: Any, **__: Any) -> Any:
        raise kind("injected")

    return call


RAISED = {"raises": RuntimeError, "divides by zero": ZeroDivisionError, "panics": Panic}


def of_scipy(honest: Callable[..., Any], how: str, rng: np.random.Generator) -> Callable[..., Any]:
    """`scipy.optimize`'s results hold arrays, one number or both, and duals in results of their own."""

    def number(value: Any) -> Any:
        if value is None:
            return None
        found = SPOILED[how](np.asarray(value, dtype=float), rng)
        return found if np.ndim(value) else float(found)

    def call(*arguments: Any, **options: Any) -> Any:
        found = honest(*arguments, **options)
        if isinstance(found, float):
            return math.nan if how == "nothing" else number(found)
        if how == "nothing":  # HiGHS out of time has no x; other methods are where they began
            found.x, found.message, found.status, found.success = None, "Time limit reached.", 1, False
            return found
        for name in ("x", "fun"):
            found[name] = number(found[name])
        for side in ("eqlin", "ineqlin"):
            if side in found:
                found[side]["marginals"] = number(found[side]["marginals"])
        return found

    return call


def of_qics(honest: type, how: str, rng: np.random.Generator) -> Callable[..., Any]:
    def solver(*arguments: Any, **options: Any) -> Any:
        def solve() -> dict[str, Any]:
            found = honest(*arguments, **options).solve()
            if how == "nothing":
                return {**found, "x_opt": None, "z_opt": None, "sol_status": "unknown", "exit_status": "max_time"}
            for matrix in found["z_opt"].mats:
                matrix[0][:] = SPOILED[how](np.array(matrix[0]), rng)
            numbers = {name: float(SPOILED[how](np.array(found[name]), rng)) for name in ("p_obj", "d_obj")}
            return {**found, "x_opt": SPOILED[how](found["x_opt"], rng), **numbers}

        return SimpleNamespace(solve=solve)

    return solver


def of_clarabel(honest: Any, how: str, rng: np.random.Generator) -> Callable[..., Any]:
    def solver(*arguments: Any) -> Any:
        found = honest(*arguments).solve()
        spoil: Spoil = SPOILED[how] if how in SPOILED else lambda x, rng: 0 * x
        names = ("x", "z", "obj_val", "obj_val_dual")
        spoiled = {name: spoil(np.array(getattr(found, name)), rng) for name in names}
        answer = SimpleNamespace(**spoiled, iterations=found.iterations, status="MaxTime")
        return SimpleNamespace(solve=lambda: answer)

    return solver


def of_cvxpy(honest: Any, how: str, rng: np.random.Generator) -> Callable[..., Any]:
    class Problem(honest):  # type: ignore[misc]
        def solve(self, *arguments: Any, **options: Any) -> Any:
            found = super().solve(*arguments, **options)
            for variable in self.variables():
                variable.save_value(None if how == "nothing" else SPOILED[how](variable.value, rng))
            return found

    return Problem


def of_arrow(honest: Callable[..., Any], how: str, rng: np.random.Generator) -> Callable[..., Any]:
    def solve(*arguments: Any, **options: Any) -> ArrowSolution:
        found: ArrowSolution = honest(*arguments, **options)
        if how == "nothing":
            return replace(found, candidates=(), ended="time")
        spoil = partial(SPOILED[how], rng=rng)
        return replace(
            found,
            candidates=tuple(DualPoint(spoil(c.node), spoil(c.base), c.objective) for c in found.candidates),
            base_moments=spoil(found.base_moments),
            node_moments=spoil(found.node_moments),
            objective=float(spoil(np.array(found.objective))),
        )

    return solve


def of_descent(honest: Callable[..., Any], how: str, rng: np.random.Generator) -> Callable[..., Any]:
    def descend(*arguments: Any) -> None:
        honest(*arguments)
        for out in arguments[-2:]:
            out[:] = np.nan if how == "nothing" else SPOILED[how](out, rng)

    return descend


HOMES = {
    "Solver": ("qics", of_qics),
    "DefaultSolver": ("clarabel", of_clarabel),
    "Problem": ("cvxpy", of_cvxpy),
    "descend": ("keybounds.bounds.correlations.attacks.descent", of_descent),
    "solve_arrow": ("", of_arrow),
}
"""Where a solver is looked up, and what spoils it; those of `scipy.optimize` apart."""


@contextmanager
def injected(file: str, solver: str, how: str) -> Iterator[None]:
    """The solver, for calls out of `file`, with a fault."""
    home, spoil = HOMES.get(solver, ("scipy.optimize", of_scipy))
    module = import_module(home or "keybounds." + file.removesuffix(".py").replace("/", "."))
    honest = getattr(module, solver)
    broken = fail(RAISED[how]) if how in RAISED else spoil(honest, how, np.random.default_rng(1))

    def chosen(*arguments: Any, **options: Any) -> Any:
        called_from = sys._getframe(1).f_code.co_filename
        return (broken if called_from.endswith(file) else honest)(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, solver, chosen)
        yield


def check(site: Site, found: Any) -> None:
    """Fails where what came out is no bound."""
    if isinstance(found, float):
        assert site.truth is not None
        assert found >= site.truth
    if isinstance(found, dict):
        for key, most in found.values():
            assert key.length <= most
            check(site, key)
    if getattr(found, "certificate", None) is not None:
        verdict = verify(certify(found))
        assert verdict.accepted, verdict.reason
    if isinstance(found, Bound) and site.truth is not None:
        assert found.value >= site.truth if found.direction is Direction.UPPER else found.value <= site.truth


def test_every_call_of_a_solver_has_its_faults() -> None:
    assert sites() == {key: site.calls for key, site in SITES.items()}


def limited(solver: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> bool:
    """Whether a call says how long it may take at most, or by its nature takes few steps."""
    match solver:
        case "linprog":
            return 0 < options["options"]["time_limit"] <= SECONDS
        case "minimize":
            return {"maxiter", "maxfun"} <= options["options"].keys()
        case "least_squares":
            return options["max_nfev"] <= 150
        case "Solver":
            return 0 < options["max_time"] <= SECONDS
        case "DefaultSolver":
            return 0 < arguments[-1].time_limit <= SECONDS
    return solver in ("brentq", "minimize_scalar", "solve_arrow", "descend")  # their own limits stand


@pytest.mark.parametrize(("file", "solver"), [key for key in SITES if key[1] != "Problem"])
def test_no_solver_is_asked_without_a_limit(file: str, solver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    home, _ = HOMES.get(solver, ("scipy.optimize", None))
    module = import_module(home or "keybounds." + file.removesuffix(".py").replace("/", "."))
    honest, calls = getattr(module, solver), []

    def spy(*arguments: Any, **options: Any) -> Any:
        calls.append(limited(solver, arguments, options))
        return honest(*arguments, **options)

    monkeypatch.setattr(module, solver, spy)
    SITES[file, solver].routine()
    assert calls
    assert all(calls)


def test_cvxpy_hands_the_limit_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what a solve out of time leaves is a ceiling all the same."""
    import clarabel

    honest, limits = clarabel.DefaultSolver, []

    def spy(*arguments: Any) -> Any:
        limits.append(arguments[-1].time_limit)
        arguments[-1].time_limit = 0.0
        return honest(*arguments)

    monkeypatch.setattr(clarabel, "DefaultSolver", spy)
    site = SITES["bounds/channel/semidefinite.py", "Problem"]
    check(site, site.routine())
    assert limits == [SECONDS]


def test_what_ends_the_process_is_no_failure_of_the_solver() -> None:
    """A user who interrupts a solve ends it; our own errors, raised inside an objective, say what they say."""
    for kind in (KeyboardInterrupt, SystemExit):
        with pytest.raises(kind), asked("HiGHS"):
            raise kind
    with pytest.raises(InputError, match=r"^x: expected a; found b"), asked("HiGHS"):
        raise InputError("x", "a", "b")
    with pytest.raises(BoundNotEstablishedError, match=r"^HiGHS failed: MemoryError: ") as caught, asked("HiGHS"):
        raise MemoryError
    assert isinstance(caught.value.__cause__, MemoryError)


@pytest.mark.parametrize(
    ("file", "solver", "how"),
    [
        pytest.param(*key, how, marks=pytest.mark.slow if site.costly and how not in FEW else ())
        for key, site in SITES.items()
        for how in (*SPOILED, "nothing", *RAISED)
    ],
)
def test_a_fault_ends_in_a_bound_that_holds_or_in_an_error(file: str, solver: str, how: str) -> None:
    site = SITES[file, solver]
    with injected(file, solver, how):
        try:
            found = site.routine()
        except BoundNotEstablishedError:
            return
    check(site, found)

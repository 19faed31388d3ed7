"""Column generation: solve the master problem, look for strategies that its prices undervalue, add them, repeat.

Every intermediate mixture is an attack, so stopping early costs tightness only. Prices are smoothed between rounds,
which keeps them from jumping; the search ends when no strategy was found to undercut them by more than the tolerance.
That is an estimate of optimality within the library's kind of strategies, for the search for the cheapest one is local.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.correlations.attacks.costs import Cost, CostModel
from keybounds.bounds.correlations.attacks.fit import fitting_strategies
from keybounds.bounds.correlations.attacks.master import Master, solve_master
from keybounds.bounds.correlations.attacks.strategies import (
    Columns,
    Scenario,
    deterministic_points,
    deterministic_tables,
)
from keybounds.bounds.correlations.attacks.target import Target
from keybounds.bounds.correlations.attacks.vanishing import small_cells, vanishing
from keybounds.errors import BoundNotEstablishedError, InputError
from keybounds.solvers import asked

_F = NDArray[np.float64]

REACHED = 1e-9  # slack, in sum over the functionals, below which the table counts as met in doubles
_PENALTY, _STEEPER, _STEEPEST = 20.0, 5.0, 1e5  # bits a unit of slack: first, factor when it stays, last
_MOST_ROUNDS = 120  # whatever the effort, while the table is not met
_PATIENCE = 8  # rounds between two rises of the penalty
_SMOOTHING = 0.6  # weight of the last round's prices
_APART = 1e-5  # two strategies whose tables differ by less are one; keeps the basis well conditioned
_GRADIENT = 1e-8  # at which a descent ends
_UNREACHED = 6  # rounds after which a table that is still not met is taken for one at the edge of the quantum set
_KEPT = 500  # strategies that a library carries on to the next table


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to search: random starts a round, steps of a descent, rounds, the tolerance in bits at which to stop.

    The strategies in use are started from as well. More random starts find the same ones again: four and thirty starts,
    and forty steps and a hundred and fifty, leave the same to be gained after forty rounds.
    """

    starts: int
    steps: int
    rounds: int
    tolerance: float

    @property
    def thorough(self) -> Effort:
        """The same with more starts: for tables that are met only by strategies that few starts do not find."""
        return replace(self, starts=40, steps=150)


EFFORTS = {"fast": Effort(8, 60, 40, 1e-5), "best": Effort(40, 150, 120, 2e-7)}


class ColumnLibrary:
    """The strategies found so far for one scenario, handed from bound to bound along a sweep.

    Strategies do not depend on the table, the scope or the preprocessing; only their costs do. So a library makes the
    next point of a sweep start where the last one ended.
    """

    __slots__ = ("columns", "scenario")

    def __init__(self) -> None:
        self.scenario: Scenario | None = None
        self.columns: Columns | None = None

    def __len__(self) -> int:
        return 0 if self.columns is None else len(self.columns)

    def start(self, scenario: Scenario) -> Columns:
        """Return the strategies for `scenario`.

        Raises
        ------
        InputError
            The library holds strategies of another scenario.
        """
        if self.columns is None or self.scenario is None:
            return Columns.none(scenario)
        if self.scenario != scenario:
            raise InputError("library", f"strategies for {scenario}", f"those for {self.scenario}")
        return self.columns


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """A mixture in floating point: deterministic strategies first, then two-qubit ones.

    Attributes
    ----------
    target, model
        The table to be met, and what strategies cost.
    alice, bob
        (n, nx), (n, ny): the outcomes of the deterministic strategies.
    columns
        The two-qubit strategies.
    functionals, costs
        (n + len(columns), m) and (n + len(columns), width of the model).
    master
        The last solution.
    gap
        Estimate in bits of how far the value is from the best of this kind.
    rounds
        How many rounds it took.
    """

    target: Target
    model: CostModel
    alice: NDArray[np.int64]
    bob: NDArray[np.int64]
    columns: Columns
    functionals: _F
    costs: _F
    master: Master
    gap: float
    rounds: int

    def reduced(self) -> NDArray[np.float64]:
        """What each two-qubit strategy costs beyond what its table fetches at the last prices."""
        first = len(self.alice)
        return np.asarray(self.costs[first:] @ self.master.shares - self.functionals[first:] @ self.master.prices)

    def taken(self, count: int) -> Mixture:
        """The same with the `count` two-qubit strategies of least reduced cost."""
        index = np.sort(np.argsort(self.reduced())[:count])
        rows = np.concatenate([np.arange(len(self.alice)), len(self.alice) + index])
        return replace(
            self,
            columns=self.columns.take(index),
            functionals=self.functionals[rows],
            costs=self.costs[rows],
            master=replace(self.master, weights=self.master.weights[rows]),
        )

    def extended(self, columns: Columns) -> Mixture:
        """The same with further strategies, which have no weight."""
        scenario = self.target.scenario
        rows = self.target.matrix()
        tables = columns.tables(scenario).reshape(len(columns), rows.shape[1])
        costs = self.model.of_columns(columns, max(scenario.outcomes))
        weights = np.concatenate([self.master.weights, np.zeros(len(columns))])
        return replace(
            self,
            columns=Columns.joined([self.columns, columns]),
            functionals=np.concatenate([self.functionals, tables @ rows.T]),
            costs=np.concatenate([self.costs, costs]),
            master=replace(self.master, weights=weights),
        )


def search(target: Target, model: CostModel, effort: Effort, *, library: ColumnLibrary, seed: int = 0) -> Mixture:
    """Search for the cheapest mixture that meets the target; the library is used and extended."""
    run = _Search(target, model, effort, library.start(target.scenario), np.random.default_rng(seed))
    mixture = run.run()
    order = np.argsort(mixture.reduced())
    library.scenario = target.scenario
    library.columns = mixture.columns.take(np.sort(order[:_KEPT]))
    return mixture


class _Search:
    """One run: the library as arrays, and the prices."""

    def __init__(
        self, target: Target, model: CostModel, effort: Effort, columns: Columns, rng: np.random.Generator
    ) -> None:
        self.target, self.model, self.effort, self.rng = target, model, effort, rng
        self.rows, self.right = target.matrix(), target.right()
        self.alice, self.bob = deterministic_points(target.scenario)
        tables = deterministic_tables(target.scenario, self.alice, self.bob)
        self.points = tables.reshape(len(tables), -1) @ self.rows.T
        self.small = small_cells(target)
        self.columns = Columns.none(target.scenario)
        self.functionals = np.empty((0, len(self.right)))
        self.costs = np.empty((0, model.width))
        self.add(columns)

    def add(self, columns: Columns) -> None:
        """Let strategies join the library where tables and costs are finite, as they are and without small cells."""
        columns = Columns.joined([columns, vanishing(columns, self.small)])
        functionals = self._functionals(columns)
        costs = self.model.of_columns(columns, max(self.target.scenario.outcomes))
        sound = np.flatnonzero(np.isfinite(functionals).all(axis=1) & np.isfinite(costs).all(axis=1))
        self.columns = Columns.joined([self.columns, columns.take(sound)])
        self.functionals = np.concatenate([self.functionals, functionals[sound]])
        self.costs = np.concatenate([self.costs, costs[sound]])

    def master(self, penalty: float) -> Master:
        functionals = np.concatenate([self.points, self.functionals])
        costs = np.concatenate([np.zeros((len(self.points), self.costs.shape[1])), self.costs])
        return solve_master(functionals, costs, self.right, penalty=penalty)

    def run(self) -> Mixture:
        penalty, gap = _PENALTY, float("inf")
        last: _F | None = None
        smoothing = _SMOOTHING
        rounds = 0
        for rounds in range(1, _MOST_ROUNDS + 1):
            try:
                solved = self.master(penalty)
            except BoundNotEstablishedError:
                if last is None:
                    raise
                break  # the last solution stands
            if rounds > self.effort.rounds and solved.slack <= REACHED:
                break
            prices = solved.prices if last is None else smoothing * last + (1 - smoothing) * solved.prices
            last = prices
            found, values = self._price(prices, solved.shares, self._starts(solved))
            least = min(float((-self.points @ prices).min()), float(values.min(initial=np.inf)))
            gap = min(gap, solved.value - float(prices @ self.right) - least)
            missing = solved.slack > REACHED
            if gap < self.effort.tolerance and not missing:
                break
            if missing and (gap < self.effort.tolerance or rounds % _PATIENCE == 0) and penalty < _STEEPEST:
                penalty, gap, last = penalty * _STEEPER, np.inf, None
            if missing and rounds == _UNREACHED:
                self.add(fitting_strategies(self.target, self.rng))
            new = self._distinct(found, values)
            smoothing = _SMOOTHING if len(new) else 0.0  # nothing new at smoothed prices: ask at the true ones
            self.add(new)
        with suppress(BoundNotEstablishedError):
            solved = self.master(penalty)
        unused = np.zeros(len(self.points) + len(self.columns) - len(solved.weights))
        solved = replace(solved, weights=np.concatenate([solved.weights, unused]))
        return Mixture(
            self.target,
            self.model,
            self.alice,
            self.bob,
            self.columns,
            np.concatenate([self.points, self.functionals]),
            np.concatenate([np.zeros((len(self.points), self.costs.shape[1])), self.costs]),
            solved,
            gap,
            rounds,
        )

    def _functionals(self, columns: Columns) -> _F:
        with np.errstate(all="ignore"):  # whatever a search left: only what is finite is used
            tables = columns.tables(self.target.scenario)
        return np.asarray(tables.reshape(len(columns), self.rows.shape[1]) @ self.rows.T)

    def _starts(self, solved: Master) -> Columns:
        """The strategies in use, and random ones: of these some settings print one outcome whatever is measured."""
        used = np.flatnonzero(solved.weights[len(self.points) :] > 0)
        (na, nb), (nx, ny) = self.target.scenario.outcomes, self.target.scenario.settings
        n = self.effort.starts
        parameters = np.zeros((n, 8 + 3 * (nx + ny)))
        parameters[:, :8] = self.rng.normal(size=(n, 8))
        parameters[:, 8 : 8 + nx + ny] = self.rng.uniform(0, 2 * np.pi, (n, nx + ny))
        if self.model.cost is Cost.INFORMATION:  # misprints pay at the settings where it is counted
            chi = parameters[:, 8 + nx + ny :].reshape(n, nx + ny, 2)
            counted = sorted({x for x, _ in self.model.pairs} | {nx + y for _, y in self.model.pairs})
            chi[::2, counted] = self.rng.uniform(0, 1, (len(chi[::2]), len(counted), 2))
        alice = _random_labels(self.rng, (n, nx), na)
        bob = _random_labels(self.rng, (n, ny), nb)
        return Columns.joined([self.columns.take(used), Columns(parameters, alice, bob)])

    def _price(self, prices: _F, shares: _F, starts: Columns) -> tuple[Columns, _F]:
        from keybounds.bounds.correlations.attacks.descent import descend

        scenario = self.target.scenario
        weights = np.zeros(scenario.settings)
        for j, pair in enumerate(self.model.pairs):
            weights[pair] = shares[j]
        table = np.ascontiguousarray((self.rows.T @ prices).reshape(scenario.shape))
        ends, values = np.empty_like(starts.parameters), np.empty(len(starts))
        with asked("the descent of strategies"):
            descend(
                starts.parameters,
                starts.alice,
                starts.bob,
                table,
                weights,
                *self.model.kernel_arguments(max(scenario.outcomes)),
                self.effort.steps,
                _GRADIENT,
                ends,
                values,
            )
        sound = np.isfinite(values) & np.isfinite(ends).all(axis=1)
        return Columns(ends, starts.alice, starts.bob).take(sound), values[sound]

    def _distinct(self, found: Columns, values: _F) -> Columns:
        """The undervalued strategies, cheapest first, that differ from each other and from deterministic ones."""
        functionals = self._functionals(found)
        kept: list[int] = []
        for k in np.argsort(values):
            if not values[k] < -self.effort.tolerance / 10:
                break
            others = [*functionals[kept], *self.points] if len(self.points) <= 64 else functionals[kept]
            if all(np.abs(functionals[k] - other).max() > _APART for other in others):
                kept.append(int(k))
        return found.take(np.array(kept, dtype=np.intp))


def _random_labels(rng: np.random.Generator, shape: tuple[int, int], outcomes: int) -> NDArray[np.int64]:
    """Two different outcomes for each setting, or with probability 0.15 the same twice."""
    first = rng.integers(0, outcomes, shape)
    second = (first + rng.integers(1, outcomes, shape)) % outcomes
    return np.stack([first, np.where(rng.random(shape) < 0.15, first, second)], axis=-1).astype(np.int64)

"""`Behaviour`: a table of correlations P(a,b|x,y), checked when it is made.

Indices count from 0, in the order ``P[a, b, x, y]``: outcomes a (Alice) and b (Bob), settings x (Alice) and y (Bob).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keybounds.errors import BehaviourError, DataFileError, DimensionError, InputError, UnsupportedError
from keybounds.experiments.behaviour_arrays import (
    Pair,
    check_counts,
    check_entries,
    check_uncertainty,
    integer_array,
    measured_mask,
    real_array,
    setting_pairs,
)
from keybounds.experiments.correlations import (
    CHSH_SIGNS,
    first_largest,
    largest_chsh,
    marginals,
    signalling,
    signalling_z,
)
from keybounds.experiments.question import Question
from keybounds.thing import Thing

if TYPE_CHECKING:
    from typing import Self

    from keybounds.protocol import Protocol

TSIRELSON = 2.0 * math.sqrt(2.0)
"""The largest CHSH value of quantum theory."""


@dataclass(frozen=True, slots=True, eq=False, init=False, repr=False)
class Behaviour:
    """The correlations P(a,b|x,y) of a bipartite device, with the statistics they rest on.

    A table without counts and uncertainties is claimed as exact, and must be normalised and no-signalling within
    `atol`. One with either is an estimate and keeps its sampling error: it must be consistent with a no-signalling
    behaviour within `max_z` standard deviations, and is made exactly no-signalling by `project_no_signalling`.

    Parameters
    ----------
    P
        Array of shape (na, nb, nx, ny): any number of outcomes (two at least) and settings. Entries in [-atol, 0) are
        taken as rounding and set to 0.
    unmeasured
        Pairs (x, y) that were never measured; P is NaN there, for a number would be taken for a measurement. Every
        setting must occur in some measured pair.
    counts
        The integer counts that P are the relative frequencies of, same shape.
    uncertainty
        One standard deviation of each entry of P, same shape; excludes `counts`.
    provenance
        Where the table comes from, in words. Not part of equality.
    atol
        Tolerance on normalisation and no-signalling of an exact table (default 1e-9: sums of a few doubles, and tables
        printed with ten digits). A table rounded to fewer digits should state its `uncertainty` instead.
    max_z
        Largest accepted deviation of an estimate, in standard deviations: of the sums from 1, of a party's marginals
        between two settings of the other, and of the CHSH value above 2√2. The default 5 rejects about one honest
        comparison in two million.

    Raises
    ------
    BehaviourError
        NaN, negative, unnormalised, signalling, or a CHSH value that no quantum device reaches. An exact binary table
        must not exceed 2√2 in any relabelling of any two settings of each party; the CHSH value of a small sample may,
        so an estimate must only not exceed it by `max_z` standard deviations (each correlator's taken at its largest,
        1/√n).
    DimensionError
        Not an array of four axes, or arrays whose shapes differ.

    Attributes
    ----------
    maker
        The state or source whose measurement makes the table, where a model of this package made it; else None. What
        bounds the maker's key from above bounds that of the table.
    """

    P: NDArray[np.float64]
    unmeasured: frozenset[Pair]
    counts: NDArray[np.int64] | None
    uncertainty: NDArray[np.float64] | None
    provenance: str | None
    maker: Thing | None

    def __init__(
        self,
        P: ArrayLike,
        *,
        unmeasured: Iterable[Sequence[int]] = (),
        counts: ArrayLike | None = None,
        uncertainty: ArrayLike | None = None,
        provenance: str | None = None,
        atol: float = 1e-9,
        max_z: float = 5.0,
    ) -> None:
        table = real_array("P", P)
        if table.ndim != 4 or min(table.shape[:2]) < 2 or min(table.shape[2:]) < 1:
            raise DimensionError("P", "shape (na, nb, nx, ny) with na, nb >= 2 and nx, ny >= 1", str(table.shape))
        absent = setting_pairs("unmeasured", unmeasured, table.shape[2:])
        present = measured_mask(absent, table.shape[2:])
        if counts is not None and uncertainty is not None:
            raise InputError("uncertainty", "either counts or uncertainties", "both")

        object.__setattr__(self, "P", table)
        object.__setattr__(self, "unmeasured", absent)
        object.__setattr__(self, "counts", None if counts is None else integer_array("counts", counts, table.shape))
        object.__setattr__(self, "uncertainty", None)
        object.__setattr__(self, "provenance", provenance)
        object.__setattr__(self, "maker", None)

        check_entries(table, present, atol)
        if self.counts is not None:
            check_counts(table, self.counts, present, atol)
        if uncertainty is not None:
            deviation = real_array("uncertainty", uncertainty)
            check_uncertainty(deviation, table, present)
            object.__setattr__(self, "uncertainty", deviation)
        table[:, :, ~present] = np.nan
        self._check_normalised(atol, max_z)
        self._check_no_signalling(atol, max_z)
        self._check_quantum(atol, max_z)
        for array in (self.P, self.counts, self.uncertainty):
            if array is not None:
                array.flags.writeable = False

    # Construction from data

    @classmethod
    def from_counts(
        cls,
        counts: ArrayLike,
        *,
        unmeasured: Iterable[Sequence[int]] = (),
        provenance: str | None = None,
        max_z: float = 5.0,
    ) -> Self:
        """Relative frequencies of integer counts of shape (na, nb, nx, ny); counts of unmeasured pairs must be 0."""
        numbers = integer_array("counts", counts, None)
        if numbers.ndim != 4:
            raise DimensionError("counts", "shape (na, nb, nx, ny)", str(numbers.shape))
        totals = numbers.sum(axis=(0, 1))
        absent = setting_pairs("unmeasured", unmeasured, numbers.shape[2:])
        for x, y in np.argwhere(totals == 0):
            if (int(x), int(y)) not in absent:
                raise BehaviourError(
                    "counts", "counts for every setting pair, or the pair declared unmeasured", f"none at x={x}, y={y}"
                )
        frequencies = np.full(numbers.shape, np.nan)
        measured = (totals > 0) & measured_mask(absent, numbers.shape[2:])
        frequencies[:, :, measured] = numbers[:, :, measured] / totals[measured]
        return cls(frequencies, unmeasured=absent, counts=numbers, provenance=provenance, max_z=max_z)

    @classmethod
    def from_csv(
        cls,
        path: str | Path,
        *,
        unmeasured: Iterable[Sequence[int]] = (),
        atol: float = 1e-9,
        max_z: float = 5.0,
    ) -> Self:
        """The table that `read_table` reads from a file; the provenance has the notes on how it was read.

        Each pair of the settings that occur must be there unless `unmeasured` names it, as the notes are seldom read.

        Raises
        ------
        DataFileError, AmbiguousInputError
            No table, or one that can be read in two ways; with the line's number.
        BehaviourError
            The table is complete, but is no behaviour.
        """
        from keybounds.experiments.intake.reading import read_table

        declared = frozenset((int(x), int(y)) for x, y in unmeasured)
        reading = read_table(path, unmeasured=declared, atol=atol, max_z=max_z)
        table = reading.behaviour
        if table.unmeasured - declared:
            x, y = min(table.unmeasured - declared)
            expected = "rows for each setting pair, or the pair declared unmeasured"
            raise DataFileError(str(path), expected, f"none with x={x}, y={y}")
        provenance = "; ".join([Path(path).name, *reading.notes])
        made = _restore(cls, table.P, table.unmeasured, table.counts, table.uncertainty, provenance, None)
        assert isinstance(made, cls)
        return made

    def to_csv(self, path: str | Path) -> None:
        """Write what `from_csv` reads back equal, digit for digit; written beside `path` and then renamed.

        Rows of unmeasured pairs are left out, so reading needs the same `unmeasured`. The provenance is not written.
        """
        from keybounds.experiments.csv_table import write_table

        write_table(Path(path), self)

    # What is asked of it

    def ask(self, protocol: Protocol) -> Question:
        """The question what key this table gives in a class of protocols: the only holder of a pair that was checked.

        Raises
        ------
        QuestionError
            The class does not fit the table; see `Question`.

        Examples
        --------
        >>> from keybounds.bounds import one_way
        >>> from keybounds.experiments import load
        >>> load("nadlinger2022-link").models["bell-diagonal"].behaviour().ask(one_way((0, 2))).key
        (0, 2)
        """
        return Question(self, protocol)

    @property
    def thing(self) -> Thing:
        """What bounds on this table are about: its doubles and their arrangement, whatever it is called."""
        return Thing.of_array("correlations", self.P, maker=self.maker)

    def relabelled(
        self,
        P: NDArray[Any] | None,
        counts: NDArray[Any] | None,
        uncertainty: NDArray[Any] | None,
        *,
        unmeasured: Iterable[Sequence[int]],
        labelling: str,
    ) -> Self:
        """The same table in another order, for `Labelling.apply`: nothing is checked again, as nothing changed."""
        provenance = f"{self.provenance or 'a table'}, relabelled {labelling}"
        pairs = frozenset((int(x), int(y)) for x, y in unmeasured)
        made = _restore(type(self), P, pairs, counts, uncertainty, provenance, None)  # type: ignore[arg-type]
        assert isinstance(made, type(self))
        return made

    def _made_by(self, maker: Thing) -> Self:
        """The same table, known to come from measuring a state or source; for the models that make tables."""
        made = _restore(type(self), self.P, self.unmeasured, self.counts, self.uncertainty, self.provenance, maker)
        assert isinstance(made, type(self))
        return made

    # What the table is

    @property
    def outcomes(self) -> Pair:
        """Numbers of outcomes (na, nb)."""
        return int(self.P.shape[0]), int(self.P.shape[1])

    @property
    def settings(self) -> Pair:
        """Numbers of settings (nx, ny)."""
        return int(self.P.shape[2]), int(self.P.shape[3])

    @property
    def exact(self) -> bool:
        """Whether the table is claimed as exact: it came without counts and uncertainties."""
        return self.counts is None and self.uncertainty is None

    @property
    def rounds(self) -> NDArray[np.float64] | None:
        """Rounds per setting pair, shape (nx, ny); None for an exact table, 0 for an unmeasured pair.

        The totals of the counts; or the number at which multinomial sampling has the stated uncertainties,
        n = Σ p(1-p) / Σ dp² over the outcomes of the pair.
        """
        if self.counts is not None:
            return np.asarray(self.counts.sum(axis=(0, 1)), dtype=np.float64)
        if self.uncertainty is None:
            return None
        spread = np.nan_to_num(self.P * (1.0 - self.P)).sum(axis=(0, 1))
        variance = np.nan_to_num(self.uncertainty**2).sum(axis=(0, 1))
        present = measured_mask(self.unmeasured, self.settings)
        with np.errstate(divide="ignore", invalid="ignore"):
            effective = np.where(variance > 0, spread / variance, np.inf)
        return np.where(present, effective, 0.0)

    def measured(self, x: int, y: int) -> bool:
        """Whether the pair (x, y) was measured."""
        return self._pair(x, y) not in self.unmeasured

    def joint(self, x: int, y: int) -> NDArray[np.float64]:
        """P(a,b|x,y) of one measured pair, shape (na, nb)."""
        if not self.measured(x, y):
            raise UnsupportedError("(x, y)", "a measured setting pair", f"({x}, {y}), which is unmeasured")
        return self.P[:, :, x, y]

    def marginal_a(self, x: int) -> NDArray[np.float64]:
        """P(a|x), shape (na,); of an estimate, the mean over Bob's measured settings, weighted with their rounds."""
        return self._marginals()[0][:, self._index("x", x, self.settings[0])]

    def marginal_b(self, y: int) -> NDArray[np.float64]:
        """P(b|y), shape (nb,); of an estimate, the mean over Alice's measured settings, weighted with their rounds."""
        return self._marginals()[1][:, self._index("y", y, self.settings[1])]

    @property
    def collins_gisin(self) -> NDArray[np.float64]:
        """The Collins–Gisin table, shape (1 + nx(na-1), 1 + ny(nb-1)).

        Entry [0, 0] is 1, the first column holds P(a|x), the first row P(b|y), the rest P(a,b|x,y), for all outcomes
        but the last; row 1 + x(na-1) + a, column 1 + y(nb-1) + b. NaN for unmeasured pairs.
        """
        (na, nb), (nx, ny) = self.outcomes, self.settings
        alice, bob = self._marginals()
        table = np.ones((1 + nx * (na - 1), 1 + ny * (nb - 1)))
        table[1:, 0] = alice[:-1].T.ravel()
        table[0, 1:] = bob[:-1].T.ravel()
        table[1:, 1:] = self.P[:-1, :-1].transpose(2, 0, 3, 1).reshape(table.shape[0] - 1, table.shape[1] - 1)
        return table

    def correlator(self, x: int, y: int) -> float:
        """E(x,y) = P(a=b|x,y) - P(a≠b|x,y), for binary outcomes."""
        self._require_binary("a correlator")
        joint = self.joint(x, y)
        return float(joint[0, 0] + joint[1, 1] - joint[0, 1] - joint[1, 0])

    def qber(self, x: int, y: int) -> float:
        """P(a≠b|x,y), the error rate, for equal numbers of outcomes."""
        if self.outcomes[0] != self.outcomes[1]:
            raise UnsupportedError("outcomes", "equal numbers of outcomes for an error rate", str(self.outcomes))
        joint = self.joint(x, y)
        return float(joint.sum() - np.trace(joint))

    def qber_uncertainty(self, x: int, y: int) -> float | None:
        """One binomial standard deviation of `qber`; None for an exact table."""
        error = min(max(self.qber(x, y), 0.0), 1.0)
        rounds = self.rounds
        return None if rounds is None else math.sqrt(error * (1.0 - error) / float(rounds[x, y]))

    @property
    def chsh(self) -> float:
        """S = E(0,0) + E(0,1) + E(1,0) - E(1,1), for binary outcomes; the CHSH game a⊕b = xy is won with (4+S)/8."""
        self._require_binary("a CHSH value")
        if min(self.settings) < 2:
            raise UnsupportedError("settings", "two settings of each party for a CHSH value", str(self.settings))
        return sum(float(CHSH_SIGNS[x, y]) * self.correlator(x, y) for x in (0, 1) for y in (0, 1))

    @property
    def chsh_uncertainty(self) -> float | None:
        """One standard deviation of `chsh` from independent rounds, √Σ (1-E²)/n; None for an exact table."""
        value, rounds = self.chsh, self.rounds
        if rounds is None or not math.isfinite(value):
            return None
        terms = (max(1.0 - self.correlator(x, y) ** 2, 0.0) / float(rounds[x, y]) for x in (0, 1) for y in (0, 1))
        return math.sqrt(sum(terms))

    @property
    def no_signalling_violation(self) -> float:
        """The largest difference of a marginal between two settings of the other party."""
        return signalling(self.P).size

    @property
    def no_signalling_z(self) -> float | None:
        """`no_signalling_violation` in standard deviations, largest over the comparisons; None for an exact table."""
        rounds = self.rounds
        return None if rounds is None else signalling_z(self.P, rounds).size

    # Equality, copies, text

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Behaviour):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and unpickle without a second check, and keep the arrays read-only."""
        parts = (self.P, self.unmeasured, self.counts, self.uncertainty, self.provenance, self.maker)
        return _restore, (type(self), *parts)

    def __repr__(self) -> str:
        (na, nb), (nx, ny) = self.outcomes, self.settings
        parts = [f"{nx}x{ny} settings", f"{na}x{nb} outcomes"]
        if self.unmeasured:
            parts.append("unmeasured " + " ".join(f"({x},{y})" for x, y in sorted(self.unmeasured)))
        if self.counts is not None:
            parts.append(f"{int(self.counts.sum())} rounds")
        elif self.uncertainty is not None:
            parts.append("with uncertainties")
        if self.provenance:
            parts.append(self.provenance)
        return f"<Behaviour: {', '.join(parts)}>"

    # Private

    def _key(self) -> tuple[object, ...]:
        parts = (self.P, self.counts, self.uncertainty)
        return (self.P.shape, self.unmeasured, *(None if part is None else (part + 0).tobytes() for part in parts))

    def _marginals(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        rounds = self.rounds
        if rounds is None or not np.isfinite(rounds).all():
            rounds = measured_mask(self.unmeasured, self.settings).astype(np.float64)
        return marginals(self.P, rounds)

    def _pair(self, x: int, y: int) -> Pair:
        return self._index("x", x, self.settings[0]), self._index("y", y, self.settings[1])

    @staticmethod
    def _index(name: str, value: int, size: int) -> int:
        if not 0 <= value < size:
            raise InputError(name, f"a setting from 0 to {size - 1}", repr(value))
        return int(value)

    def _require_binary(self, what: str) -> None:
        if self.outcomes != (2, 2):
            raise UnsupportedError("outcomes", f"two outcomes of each party for {what}", str(self.outcomes))

    def _check_normalised(self, atol: float, max_z: float) -> None:
        sums = self.P.sum(axis=(0, 1))
        allowed = np.full(sums.shape, atol)
        if self.uncertainty is not None:
            allowed += max_z * np.sqrt((self.uncertainty**2).sum(axis=(0, 1)))
        excess = np.nan_to_num(np.abs(sums - 1.0) - allowed, nan=-1.0)
        if excess.max() > 0:
            x, y = first_largest(excess)
            hint = "" if not self.exact else "; a rounded table should give its uncertainties or counts"
            raise BehaviourError(
                "P",
                f"probabilities that sum to 1 within {float(allowed[x, y]):.2g} at each setting pair{hint}",
                f"sum {float(sums[x, y])!r} at x={x}, y={y}",
            )

    def _check_no_signalling(self, atol: float, max_z: float) -> None:
        rounds = self.rounds
        if rounds is None:
            worst = signalling(self.P)
            if worst.size > atol:
                raise BehaviourError(
                    "P",
                    f"no signalling within {atol:g}; an estimate should give its uncertainties or counts",
                    f"{worst.where}: {worst.size:.6g}",
                )
            return
        worst = signalling_z(self.P, rounds)
        if worst.size > max_z and signalling(self.P).size > atol:
            raise BehaviourError(
                "P",
                f"no signalling within {max_z:g} standard deviations",
                f"{worst.where}: {worst.size:.1f} standard deviations",
            )

    def _check_quantum(self, atol: float, max_z: float) -> None:
        if self.outcomes != (2, 2) or min(self.settings) < 2:
            return
        worst = largest_chsh(self.P, self.rounds)
        # an error of atol in each of 16 entries moves a CHSH value by at most 16 atol
        if worst is not None and worst.size > TSIRELSON + 16 * atol + max_z * worst.deviation:
            self._refuse_unlikely()
            tolerance = f" within {max_z:g} standard deviations"
            if self.exact:  # four digits move a CHSH value by 16 half units of the last at most
                rounded = worst.size < TSIRELSON + 16 * 0.5e-3
                tolerance = (
                    "" if not rounded else "; a table rounded to a few digits should give its uncertainty, a column dp"
                )
            raise BehaviourError("P", f"a CHSH value of at most 2√2{tolerance}", f"{worst.size:.6g} for {worst.where}")

    def _refuse_unlikely(self) -> None:
        """Refuse trials that no quantum device makes with the evidence, where that suffices for any number of them."""
        from keybounds.experiments.projection import project_quantum

        if not self.exact:
            with suppress(UnsupportedError):  # too many words: the CHSH value speaks for itself
                project_quantum(self)


def _restore(
    kind: type[Behaviour],
    P: NDArray[np.float64],
    unmeasured: frozenset[Pair],
    counts: NDArray[np.int64] | None,
    uncertainty: NDArray[np.float64] | None,
    provenance: str | None,
    maker: Thing | None = None,
) -> Behaviour:
    behaviour = object.__new__(kind)
    for name, value in zip(
        ("P", "unmeasured", "counts", "uncertainty", "provenance", "maker"),
        (P, unmeasured, counts, uncertainty, provenance, maker),
        strict=True,
    ):
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
        object.__setattr__(behaviour, name, value)
    return behaviour

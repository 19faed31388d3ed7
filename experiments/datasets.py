"""Published data sets: measured tables, printed figures and models, each datum with its unit, label and source.

A data set is a TOML file in ``data/``, with a CSV file beside it where there is a table. Labels say where a number
comes from; a fitted number is never a prediction.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import InputError, UnknownNameError, UnsupportedError
from keybounds.experiments.behaviour import Behaviour
from keybounds.experiments.ion import BellDiagonalPair, IonExperiment, NoisyPair, PairModel, TomographicPair
from keybounds.experiments.photonic import PhotonicExperiment
from keybounds.experiments.projection import Projection, project_no_signalling

if TYPE_CHECKING:
    from uncertainties.core import Variable

Experiment: TypeAlias = PhotonicExperiment | IonExperiment

_DATA = Path(__file__).parent / "data"


class Label(Enum):
    """Where a number comes from."""

    MEASURED = "measured"
    PUBLISHED = "published"
    FITTED = "fitted"
    DERIVED = "derived"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Datum:
    """A number (or a few of one kind, or a choice) with its unit, label and source.

    Attributes
    ----------
    value
        A number, a tuple of numbers, or the name of a choice.
    uncertainty
        As printed, in the same unit; None where none is.
    unit
        "1" for a pure number.
    label, source
        Where it comes from.
    """

    value: float | str | tuple[float, ...]
    uncertainty: float | None
    unit: str
    label: Label
    source: str

    @property
    def ufloat(self) -> Variable:
        """The number with its uncertainty, as `uncertainties.ufloat`.

        Raises
        ------
        UnsupportedError
            Not one number with an uncertainty.
        """
        if self.uncertainty is None or isinstance(self.value, (str, tuple)):
            raise UnsupportedError("datum", "one number with an uncertainty", f"{self.value!r} without")
        from uncertainties import ufloat

        return ufloat(self.value, self.uncertainty)


@dataclass(frozen=True, slots=True, eq=False)
class DataSet:
    """A published experiment.

    Attributes
    ----------
    name, title
        What `load` knows it by, and one line on what it is.
    reference, citation
        Key in reports/refs.bib, and the source in full.
    platform, year
        Hardware, and year of publication.
    notes
        What a reader of the numbers must know.
    behaviour
        The measured table, an estimate with counts or uncertainties; None if there is none that is a behaviour.
    rounds
        Rounds for each setting pair, shape (nx, ny); None without a behaviour.
    table
        Path of the shipped CSV file, or None.
    table_label, table_source
        Label and source of the table, or None.
    values
        Published and measured figures by name.
    models
        Models of the experiment by name, the preferred one first.
    parameters
        For each model the parameters as data, with label and source.
    """

    name: str
    title: str
    reference: str
    citation: str
    platform: str
    year: int
    notes: tuple[str, ...]
    behaviour: Behaviour | None
    rounds: NDArray[np.float64] | None
    table: Path | None
    table_label: Label | None
    table_source: str | None
    values: Mapping[str, Datum]
    models: Mapping[str, Experiment]
    parameters: Mapping[str, Mapping[str, Datum]]

    @property
    def model(self) -> Experiment | None:
        """The preferred model, or None."""
        return next(iter(self.models.values()), None)

    def projection(self) -> Projection:
        """Project the measured table onto the no-signalling behaviours, with the data set's rounds.

        Raises
        ------
        UnsupportedError
            The data set has no behaviour.
        """
        if self.behaviour is None:
            raise UnsupportedError("name", "a data set with a measured behaviour", repr(self.name))
        return project_no_signalling(self.behaviour, rounds=self.rounds)

    def __repr__(self) -> str:
        return f"<DataSet {self.name}: {self.title}>"


@cache
def available() -> Mapping[str, str]:
    """Names of the data sets with their titles."""
    return MappingProxyType({path.stem: str(_document(path.stem)["title"]) for path in sorted(_DATA.glob("*.toml"))})


@cache
def load(name: str) -> DataSet:
    """Load a data set by name; `available` lists them.

    Raises
    ------
    UnknownNameError
        No data set has this name; the message offers the nearest one.
    """
    known = sorted(path.stem for path in _DATA.glob("*.toml"))
    if name not in known:
        raise UnknownNameError.among("name", name, known)
    document = _document(name)
    table = document.get("table", {})
    path = _DATA / table["file"] if table else None
    behaviour = rounds = None
    if path is not None and not table.get("raw", False):
        measured = Behaviour.from_csv(path, unmeasured=table.get("unmeasured", ()))
        behaviour = Behaviour(
            measured.P,
            unmeasured=measured.unmeasured,
            counts=measured.counts,
            uncertainty=measured.uncertainty,
            provenance=f"{document['citation']}, {table['source']}",
        )
        rounds = np.array(table["rounds"], dtype=np.float64) if "rounds" in table else behaviour.rounds
        if rounds is not None:
            rounds.flags.writeable = False
    parameters = {
        model: {key: _datum(entry) for key, entry in entries["parameters"].items()}
        for model, entries in document.get("models", {}).items()
    }
    models = {
        model: _experiment(entries, parameters[model], path) for model, entries in document.get("models", {}).items()
    }
    return DataSet(
        name=name,
        title=document["title"],
        reference=document["reference"],
        citation=document["citation"],
        platform=document["platform"],
        year=document["year"],
        notes=tuple(document["notes"]),
        behaviour=behaviour,
        rounds=rounds,
        table=path,
        table_label=Label(table["label"]) if table else None,
        table_source=table.get("source"),
        values=MappingProxyType({key: _datum(entry) for key, entry in document.get("values", {}).items()}),
        models=MappingProxyType(models),
        parameters=MappingProxyType({key: MappingProxyType(entries) for key, entries in parameters.items()}),
    )


def _document(name: str) -> dict[str, Any]:
    with (_DATA / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def _datum(entry: Mapping[str, Any]) -> Datum:
    value = entry["value"]
    return Datum(
        value=tuple(value) if isinstance(value, list) else value,
        uncertainty=entry.get("uncertainty"),
        unit=entry["unit"],
        label=Label(entry["label"]),
        source=entry["source"],
    )


def _experiment(entries: Mapping[str, Any], parameters: Mapping[str, Datum], table: Path | None) -> Experiment:
    arguments: dict[str, Any] = {key: datum.value for key, datum in parameters.items()}
    if entries["kind"] == "photonic":
        return PhotonicExperiment(**arguments)
    return IonExperiment(pair=_pair(entries["pair"], arguments, table), **arguments)


def _pair(kind: str, arguments: dict[str, Any], table: Path | None) -> PairModel:
    """Take the pair's parameters out of `arguments`, and leave those of its measurements."""
    if kind == "bell-diagonal":
        return BellDiagonalPair(arguments.pop("weights"))
    if kind == "noisy":
        return NoisyPair(depolarising=arguments.pop("depolarising"), dephasing=arguments.pop("dephasing"))
    if kind == "tomographic" and table is not None:
        return TomographicPair(read_tomography(table))
    raise InputError("pair", "bell-diagonal, noisy or tomographic with a table", repr(kind))


def read_tomography(path: Path) -> tuple[tuple[tuple[str, str, tuple[int, int, int, int]], ...], ...]:
    """Read ``herald,basis_a,basis_b,a,b,count`` as the patterns of a `TomographicPair`, in order of appearance."""
    patterns: dict[str, dict[tuple[str, str], dict[tuple[int, int], int]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            bases = patterns.setdefault(row["herald"], {}).setdefault((row["basis_a"], row["basis_b"]), {})
            bases[int(row["a"]), int(row["b"])] = int(row["count"])
    return tuple(
        tuple((a, b, (n[0, 0], n[0, 1], n[1, 0], n[1, 1])) for (a, b), n in bases.items())
        for bases in patterns.values()
    )

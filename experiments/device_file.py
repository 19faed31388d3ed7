"""A state and measurements in a TOML file, and the table that they give.

``[state]`` has a family's name with its parameters, or a ``matrix`` or ``ket`` with ``dims``; ``[alice]`` and ``[bob]``
have ``bloch_angles`` or ``polariser_angles`` in degrees, ``observables`` or ``povms``, and may have an ``efficiency``
with what becomes of a lost system: ``no_click = "keep"`` (an outcome of its own, the last) or the outcome that it is
counted as. Numbers may be complex, as ``"0.5+0.5i"``.
"""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import DataFileError, InputError, UnknownNameError
from keybounds.experiments.behaviour import Behaviour
from keybounds.experiments.born import born, qubit_measurement

Matrix = NDArray[np.complex128]
KINDS = ("bloch_angles", "polariser_angles", "observables", "povms")
"""How measurements are written."""

_PAULI = {
    "X": np.array([[0, 1], [1, 0]], dtype=np.complex128),
    "Y": np.array([[0, -1j], [1j, 0]], dtype=np.complex128),
    "Z": np.array([[1, 0], [0, -1]], dtype=np.complex128),
}
_EQUAL = 1e-9  # eigenvalues of an observable that count as one, as of matrices with ten digits


def read_device(path: str | Path) -> Behaviour:
    """The table P(a,b|x,y) of a state and measurements that a TOML file describes.

    Raises
    ------
    DataFileError
        A file that cannot be read, or an entry that is missing or of no use; with file and entry.
    UnknownNameError
        A name that is not known, with the nearest one.
    InputError
        A state or a measurement that is none; see `born`.
    """
    where = str(path)
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise DataFileError(where, "a readable file", error.strerror or str(error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataFileError(where, "TOML", str(error)) from None
    _known(where, document, ("title", "state", "alice", "bob"))
    for name in ("state", "alice", "bob"):
        if not isinstance(document.get(name), dict):
            raise DataFileError(where, f"a table [{name}]", "none")
    alice, bob = (_measurements(f"{where}, [{name}]", document[name]) for name in ("alice", "bob"))
    state = _state(f"{where}, [state]", document["state"], (alice[0][0].shape[0], bob[0][0].shape[0]))
    title = document.get("title", Path(path).name)
    try:
        return born(state, alice, bob, provenance=str(title))
    except InputError as error:
        raise type(error)(f"{where}: {error.argument}", error.expected, error.found) from None


def families() -> Mapping[str, Callable[..., Any]]:
    """The families of states that a file may name."""
    from keybounds import states

    names = ("bell_state", "bell_diagonal", "photonic_pair", "ion_pair", "werner", "isotropic")
    return {name.replace("_", "-"): getattr(states, name) for name in names}


def _state(where: str, entry: Mapping[str, Any], dims: tuple[int, int]) -> Any:
    given = [name for name in ("family", "matrix", "ket") if name in entry]
    if len(given) != 1:
        raise DataFileError(where, "one of family, matrix and ket", ", ".join(given) or "none")
    if given == ["family"]:
        known = families()
        if entry["family"] not in known:
            raise UnknownNameError.among(f"{where} family", str(entry["family"]), known)
        build = known[entry["family"]]
        wanted = [name for name in inspect.signature(build).parameters if name != "atol"]
        _known(where, entry, ("family", *wanted))
        missing = [name for name in wanted if name not in entry]
        if missing:
            raise DataFileError(where, f"{', '.join(wanted)} of the family {entry['family']}", f"no {missing[0]}")
        try:
            return build(**{name: entry[name] for name in wanted}).full()
        except InputError as error:
            raise type(error)(f"{where} {error.argument}", error.expected, error.found) from None
    _known(where, entry, (given[0], "dims"))
    if "dims" in entry and tuple(entry["dims"]) != dims:
        raise DataFileError(f"{where} dims", f"{list(dims)}, as the measurements have it", str(entry["dims"]))
    array = _numbers(f"{where} {given[0]}", entry[given[0]])
    if given == ["ket"]:
        norm = float(np.linalg.norm(array))
        if array.ndim != 1 or not norm > 0:
            raise DataFileError(f"{where} ket", "a vector that is not 0", f"shape {array.shape}")
        return array / norm  # a ket is a direction
    return array


def _measurements(where: str, entry: Mapping[str, Any]) -> list[list[Matrix]]:
    given = [name for name in KINDS if name in entry]
    _known(where, entry, (*KINDS, "efficiency", "no_click"))
    if len(given) != 1:
        raise DataFileError(where, "one of " + ", ".join(KINDS), ", ".join(given) or "none")
    kind, listed = given[0], entry[given[0]]
    if not isinstance(listed, list) or not listed:
        raise DataFileError(f"{where} {kind}", "a list with an entry for each setting", repr(listed))
    read = {"bloch_angles": _bloch, "polariser_angles": _polariser, "observables": _observable, "povms": _povm}[kind]
    effects = [read(f"{where} {kind}[{k}]", one) for k, one in enumerate(listed)]
    shapes = sorted({(len(m), *m[0].shape) for m in effects})
    if len(shapes) > 1:
        raise DataFileError(f"{where} {kind}", "equally many outcomes in one dimension", f"(outcomes, d, d) {shapes}")
    return [_lossy(where, entry, k, m) for k, m in enumerate(effects)]


def _lossy(where: str, entry: Mapping[str, Any], setting: int, effects: list[Matrix]) -> list[Matrix]:
    """Effects of a detector that notices a system with a probability."""
    if "efficiency" not in entry:
        if "no_click" in entry:
            raise DataFileError(where, "an efficiency beside no_click", "none")
        return effects
    listed = entry["efficiency"]
    value = listed[setting] if isinstance(listed, list) and setting < len(listed) else listed
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise DataFileError(f"{where} efficiency", "a number in [0, 1], or one for each setting", repr(listed))
    lost = (1 - value) * np.eye(len(effects[0]), dtype=np.complex128)
    made = [value * effect for effect in effects]
    outcome = entry.get("no_click")
    if outcome == "keep":
        return [*made, lost]
    if isinstance(outcome, bool) or not isinstance(outcome, int) or not 0 <= outcome < len(effects):
        choices = f'"keep", or the outcome 0 to {len(effects) - 1} that a loss is counted as'
        raise DataFileError(f"{where} no_click", choices, "none" if outcome is None else repr(outcome))
    made[outcome] = made[outcome] + lost
    return made


def _bloch(where: str, angle: Any) -> list[Matrix]:
    """Degrees from Z to X, or [polar, azimuth]."""
    return list(qubit_measurement(*_angles(where, angle, 2)))


def _polariser(where: str, angle: Any) -> list[Matrix]:
    (radians,) = _angles(where, angle, 1)
    return list(qubit_measurement(2 * radians))


def _angles(where: str, angle: Any, most: int) -> list[float]:
    listed = angle if isinstance(angle, list) else [angle]
    if not 1 <= len(listed) <= most or not all(type(value) in (int, float) and np.isfinite(value) for value in listed):
        raise DataFileError(where, "an angle in degrees" + (", or [polar, azimuth]" if most == 2 else ""), repr(angle))
    return [float(np.radians(value)) for value in listed]


def _observable(where: str, observable: Any) -> list[Matrix]:
    """Projectors on the eigenspaces, the largest eigenvalue first: outcome 0 is +1."""
    if isinstance(observable, str):
        if observable.lstrip("-") not in _PAULI:
            raise UnknownNameError.among(where, observable, _PAULI)
        matrix = _PAULI[observable.lstrip("-")] * (-1 if observable.startswith("-") else 1)
    else:
        matrix = _numbers(where, observable)
        if matrix.shape == (3,):
            matrix = sum(c.real * m for c, m in zip(matrix, _PAULI.values(), strict=True))
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or np.abs(matrix - matrix.conj().T).max() > _EQUAL:
        found = f"shape {matrix.shape}" + (", not Hermitian" if matrix.ndim == 2 else "")
        raise DataFileError(where, "X, Y, Z, a Bloch vector, or a Hermitian matrix", found)
    values, vectors = np.linalg.eigh(matrix)
    groups: list[list[int]] = []
    for k in range(len(values))[::-1]:
        if groups and values[groups[-1][-1]] - values[k] < _EQUAL:
            groups[-1].append(k)
        else:
            groups.append([k])
    return [vectors[:, group] @ vectors[:, group].conj().T for group in groups]


def _povm(where: str, povm: Any) -> list[Matrix]:
    effects = _numbers(where, povm)
    if effects.ndim != 3 or effects.shape[1] != effects.shape[2] or len(effects) < 2:
        raise DataFileError(where, "two effects or more, each a square matrix", f"shape {effects.shape}")
    return list(effects)


def _numbers(where: str, values: Any) -> Matrix:
    """An array of complex numbers; texts such as ``"0.5-0.5i"`` are numbers too."""
    if isinstance(values, list):
        parts = [_numbers(where, value) for value in values]
        if len({part.shape for part in parts}) != 1:
            raise DataFileError(where, "rows of one length", "rows of several" if parts else "an empty list")
        return np.array(parts, dtype=np.complex128)
    try:
        number = complex(values.replace(" ", "").replace("i", "j")) if isinstance(values, str) else complex(values)
    except (TypeError, ValueError):
        number = complex("nan")
    if isinstance(values, bool) or not np.isfinite(number):
        raise DataFileError(where, "numbers, complex ones as texts like '0.5+0.5i'", repr(values))
    return np.array(number, dtype=np.complex128)


def _known(where: str, entry: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in entry:
        if name not in names:
            raise UnknownNameError.among(where, name, names)

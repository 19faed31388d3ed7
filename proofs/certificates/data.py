"""Certificates as values: the exact data of a proof, typed by what kind of proof it is.

A routine makes one where it proves a value; the writer adds the statement. Floats stand for the exact numbers that they
are. The fields of each kind are read, and thereby defined, in `keybounds.proofs.verifier`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from keybounds.errors import InputError
from keybounds.proofs.certificates.exact import exact

Entries = Sequence[Any]  # nested lists of exact numbers


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """What every kind has: its name, its data, and equality by content."""

    kind: ClassVar[str] = ""

    def data(self) -> dict[str, Any]:
        """The data as plain Python objects; a field that is None and may be left out is left out."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: part for name, part in found.items() if part is not None or name not in _OPTIONAL}

    def exact_data(self) -> dict[str, Any]:
        """The data with every float written as the dyadic number it is."""
        plain: dict[str, Any] = exact(self.data())
        return plain

    @property
    def digest(self) -> str:
        """SHA-256 of kind and exact data."""
        content = json.dumps([self.kind, self.exact_data()], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, with exact numbers as text."""
        return {"kind": self.kind, "data": self.exact_data()}

    @staticmethod
    def from_dict(document: Mapping[str, Any]) -> Certificate:
        """Read what `to_dict` writes.

        Raises
        ------
        InputError
            An unknown kind, or fields that it does not have.
        """
        kinds = {one.kind: one for one in _KINDS}
        try:
            return kinds[document["kind"]](**document["data"])
        except (KeyError, TypeError) as error:
            raise InputError("certificate", "what Certificate.to_dict writes", str(error)) from None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Certificate):
            return NotImplemented
        return self.kind == other.kind and self.exact_data() == other.exact_data()

    def __hash__(self) -> int:
        return hash(self.digest)


@dataclass(frozen=True, slots=True, eq=False)
class ClosedForm(Certificate):
    """A formula of the verifier, by name, and its exact inputs."""

    kind: ClassVar[str] = "closed form"
    formula: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RelativeEntropy(Certificate):
    """D(ρ||σ) for an explicit separable σ; `state_is` a transposed device, `simulates` a channel within ε.

    `repair` r: the bound is about every state within trace distance r of the state's matrix; else about the state.
    """

    kind: ClassVar[str] = "relative entropy"
    dims: Entries
    state: Mapping[str, Any]
    separable_state: Mapping[str, Any]
    state_is: str | None = None
    simulates: float | str | None = None
    repair: float | str | int | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SquashedEntanglement(Certificate):
    """½ I(A;B|E') of an explicit extension; `state_is` and `repair` as for `RelativeEntropy`."""

    kind: ClassVar[str] = "squashed entanglement"
    dims: Entries
    state: Mapping[str, Any]
    environment: Entries
    isometry: Entries | None = None
    state_is: str | None = None
    repair: float | str | int | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Hashing(Certificate):
    """Coherent information of a state, or of the Choi state of a channel; `repair` as for `RelativeEntropy`."""

    kind: ClassVar[str] = "hashing"
    dims: Entries
    state: Mapping[str, Any]
    of: str
    direction: str
    repair: float | str | int | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MaxRelativeEntropy(Certificate):
    """A nearly feasible Y of the max-relative entropy of entanglement."""

    kind: ClassVar[str] = "max-relative entropy"
    dims: Entries
    choi: Entries
    Y: Entries


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MaxRains(Certificate):
    """Nearly feasible V and Y of the max-Rains information."""

    kind: ClassVar[str] = "max-Rains information"
    dims: Entries
    choi: Entries
    V: Entries
    Y: Entries


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class EntropyDual(Certificate):
    """The dual of a moment relaxation; `mirrored` is the table where what is known is that of its mirrored mixture."""

    kind: ClassVar[str] = "entropy"
    outcomes: Mapping[str, Any]
    key: Entries
    noise: float | str
    keep: float | str
    words: Entries
    known: Entries
    nodes: Mapping[str, Any]
    weights: Mapping[str, Any]
    multipliers: Entries
    dual: Mapping[str, Any]
    mirrored: Entries | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class AttackMixture(Certificate):
    """Deterministic and two-qubit strategies that have a table together; `protocol` is the class that it bounds."""

    kind: ClassVar[str] = "mixture"
    scenario: Mapping[str, Any]
    measured: Entries
    collins_gisin: Entries
    table: Entries
    distance: str
    protocol: Mapping[str, Any]
    mixture: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FiniteKeyLength(Certificate):
    """A theorem, what the run does and accepts, and the theorem's parameters."""

    kind: ClassVar[str] = "finite key"
    theorem: str
    key: Entries
    test: Entries
    rounds: int
    gamma: str
    soundness: str
    syndrome_length: int
    extractor: str
    parameters: Mapping[str, Any]
    accepted_losses: int | None = None
    score: str | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LocalDecomposition(Certificate):
    """Weights of deterministic points within the tables, and the coefficients of a Bell inequality."""

    kind: ClassVar[str] = "local weight"
    outcomes: Entries
    settings: Entries
    tables: Entries
    points: Entries
    inequality: Entries | None


_OPTIONAL = frozenset(
    {"state_is", "simulates", "repair", "isometry", "mirrored", "accepted_losses", "score"}
)  # `inequality` is null where there is none

_KINDS: tuple[type[Certificate], ...] = (
    ClosedForm,
    RelativeEntropy,
    SquashedEntanglement,
    Hashing,
    MaxRelativeEntropy,
    MaxRains,
    EntropyDual,
    AttackMixture,
    FiniteKeyLength,
    LocalDecomposition,
)

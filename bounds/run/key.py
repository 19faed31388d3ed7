"""`FiniteKey`: an integer number of secret bits at a stated soundness, and the named terms it is made of.

A finite key is no `Bound` on a rate and is never held against an asymptotic ceiling: it is allowed a soundness error ε
and one particular protocol, and what those are worth against a ceiling would need a proof of its own. It stands in
tables of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keybounds.bounds.bound import Status
from keybounds.bounds.scope import Adversary
from keybounds.errors import InputError


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of a key length.

    Attributes
    ----------
    name
        Short name, for JSON and for looking it up with `FiniteKey.term`.
    formula
        In this package's symbols, logarithms base 2.
    bits
        Its contribution with its sign, rounded down: negative where it costs key.
    meaning
        What it stands for, in words.
    """

    name: str
    formula: str
    bits: float
    meaning: str


@dataclass(frozen=True, slots=True)
class BalanceItem:
    """One step of the protocol and the shared secret bits it consumes, uses and leaves reusable, and generates."""

    step: str
    consumed: int
    reusable: int
    generated: int


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance sheet of shared secret bits of one run.

    Attributes
    ----------
    items
        One line a step of the protocol.
    """

    items: tuple[BalanceItem, ...]

    @property
    def consumed(self) -> int:
        """Bits used up."""
        return sum(item.consumed for item in self.items)

    @property
    def reusable(self) -> int:
        """Bits that stay secret and can seed another run."""
        return sum(item.reusable for item in self.items)

    @property
    def generated(self) -> int:
        """Length of the new key."""
        return sum(item.generated for item in self.items)

    @property
    def initial(self) -> int:
        """Shared secret bits that the run needs beforehand."""
        return self.consumed + self.reusable

    @property
    def final(self) -> int:
        """Shared secret bits after the run."""
        return self.reusable + self.generated

    @property
    def net(self) -> int:
        """What the run adds to the shared secret bits."""
        return self.final - self.initial

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "items": [
                {
                    "step": item.step,
                    "consumed": item.consumed,
                    "reusable": item.reusable,
                    "generated": item.generated,
                }
                for item in self.items
            ],
            "consumed": self.consumed,
            "reusable": self.reusable,
            "generated": self.generated,
            "initial": self.initial,
            "final": self.final,
            "net": self.net,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FiniteKey:
    """The key that a theorem grants to one run of a protocol.

    Attributes
    ----------
    length
        Secret bits, an integer: 0 with status NO_KEY where the theorem grants none.
    rounds
        n, the number of rounds of the run.
    soundness
        Security parameter of the length: the key differs from an ideal one by at most this, or the run aborts.
    theorem, reference
        Name of the theorem, and its source as ``key, equation`` with a key of docs/refs.bib.
    extractor
        The extractor that the length is for; another one takes another seed and leaves another overhead.
    adversary
        The attacks that the length holds against.
    assumptions
        What the theorem asks of the run and does not test, in words.
    threshold
        ω_thr, the share of won CHSH games from which on the run is accepted; for a test by a score, the score.
    syndrome_length
        m, the bits Alice publishes for error correction.
    terms
        The summands of the length before it is cut to an integer.
    parameters
        The theorem's free parameters, by name: any admissible ones give a valid length.
    balance
        Shared secret bits consumed, reused and generated.
    completeness
        Lower bound on the probability that an honest run, its rounds independent and as stated, passes the threshold;
        None where none is established. Whether error correction succeeds is not part of it.
    status
        ENCLOSED, or NO_KEY.
    deficit
        Where there is no key, the bits that are missing for the first one, rounded up; 0 otherwise.
    certificate
        A document from which the length can be recomputed without this routine.
    provenance
        The inputs that the length follows from.

    Raises
    ------
    InputError
        A negative length, a status that does not fit it, or key together with a deficit.
    """

    length: int
    rounds: int
    soundness: float
    theorem: str
    reference: str
    extractor: str
    threshold: float
    syndrome_length: int
    terms: tuple[Term, ...]
    parameters: Mapping[str, float]
    balance: Balance
    completeness: float | None
    status: Status
    assumptions: tuple[str, ...]
    adversary: Adversary = Adversary.GENERAL
    deficit: int = 0
    certificate: Mapping[str, Any] | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.length < 0:
            raise InputError("length", "a number of bits of at least 0", repr(self.length))
        if (self.length == 0) != (self.status is Status.NO_KEY):
            raise InputError("status", "NO_KEY where, and only where, the length is 0", self.status.value)
        if (self.deficit > 0) != (self.length == 0):
            raise InputError("deficit", "above 0 where, and only where, the length is 0", repr(self.deficit))

    @property
    def rate(self) -> float:
        """Length per round, in bits; the double nearest to it."""
        return self.length / self.rounds

    def term(self, name: str) -> Term:
        """Return the summand of this name.

        Raises
        ------
        InputError
            No such term.
        """
        for term in self.terms:
            if term.name == name:
                return term
        raise InputError("name", "one of " + ", ".join(term.name for term in self.terms), repr(name))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "length": self.length,
            "rate": self.rate,
            "status": self.status.value,
            "deficit": self.deficit,
            "rounds": self.rounds,
            "soundness": self.soundness,
            "theorem": self.theorem,
            "reference": self.reference,
            "adversary": self.adversary.value,
            "assumptions": list(self.assumptions),
            "extractor": self.extractor,
            "threshold": self.threshold,
            "syndrome_length": self.syndrome_length,
            "completeness": self.completeness,
            "terms": [
                {"name": term.name, "formula": term.formula, "bits": term.bits, "meaning": term.meaning}
                for term in self.terms
            ],
            "parameters": dict(self.parameters),
            "balance": self.balance.to_dict(),
            "certificate": dict(self.certificate) if self.certificate is not None else None,
            "provenance": dict(self.provenance),
        }

"""`FiniteKey`: an integer number of secret bits at a stated soundness, and the named terms it is made of.

A finite key is no `Bound` on a rate and is never held against an asymptotic ceiling: it is allowed a soundness error ε
and one particular protocol, and what those are worth against a ceiling would need a proof of its own. It stands in
tables of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

from keybounds.bounds.bound import Status
from keybounds.bounds.scope import Adversary
from keybounds.errors import InputError
from keybounds.proofs.certificates.data import Certificate, FiniteKeyLength
from keybounds.thing import Thing


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
            "items": [asdict(item) for item in self.items],
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
    thing
        The run that it is about.
    length
        Secret bits, an integer: 0 with status NO_KEY where the theorem grants none.
    rounds
        n, the number of rounds of the run.
    soundness
        Security parameter of the length: the key differs from an ideal one by at most this, or the run aborts.
    theorem, reference
        Name of the theorem, and its source as ``key, equation`` with a key of reports/refs.bib.
    extractor
        The extractor that the length is for; another one takes another seed and leaves another overhead.
    adversary
        The attacks that the length holds against.
    assumptions
        What the theorem asks of the run and does not test, in words.
    threshold
        ω_thr, the share of won CHSH games from which on a run with as many tests as to be expected is accepted, rounded
        up; for a test by a score of the full table, the score.
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
        Exact data from which the length can be re-derived without this routine, or None where the theorem has none.
    provenance
        The inputs that the length follows from, for display.
    label
        How a reader's tables call the run; no part of equality. Set by `about`.

    Raises
    ------
    InputError
        A negative length, a status that does not fit it, or key together with a deficit.

    Examples
    --------
    >>> from keybounds.bounds import Link
    >>> from keybounds.bounds.lower import finite_key
    >>> key = finite_key(Link(2.64, 0.018), rounds=1_500_000, gamma=13 / 256)
    >>> print(key)
    key: 95885 bits of 1500000 rounds, soundness 1e-10, general attacks, eat-2019, trevisan; enclosed; nadlinger2022
    """

    thing: Thing
    length: int
    rounds: int
    soundness: float
    theorem: str
    reference: str
    extractor: str
    threshold: float
    syndrome_length: int
    terms: tuple[Term, ...]
    parameters: Mapping[str, float] = field(hash=False)
    balance: Balance
    completeness: float | None
    status: Status
    assumptions: tuple[str, ...]
    adversary: Adversary = Adversary.GENERAL
    deficit: int = 0
    certificate: FiniteKeyLength | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict, hash=False)
    label: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.length < 0:
            raise InputError("length", "a number of bits of at least 0", repr(self.length))
        if (self.length == 0) != (self.status is Status.NO_KEY):
            raise InputError("status", "NO_KEY where, and only where, the length is 0", self.status.value)
        if (self.deficit > 0) != (self.length == 0):
            raise InputError("deficit", "above 0 where, and only where, the length is 0", repr(self.deficit))
        for name in ("parameters", "provenance"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def subject(self) -> str:
        """What a reader's tables call the run: its label, else its own name."""
        return self.label or self.thing.name

    def about(self, label: str) -> FiniteKey:
        """The same key, its run called by `label` in print."""
        return replace(self, label=label)

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
            "label": self.label,
            "thing": self.thing.to_dict(),
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
            "terms": [asdict(term) for term in self.terms],
            "parameters": dict(self.parameters),
            "balance": self.balance.to_dict(),
            "certificate": self.certificate.to_dict() if self.certificate is not None else None,
            "provenance": dict(self.provenance),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> FiniteKey:
        """Read what `to_dict` writes.

        Raises
        ------
        InputError
            The document is not one of a finite key.
        """
        try:
            certificate = document["certificate"]
            found = None if certificate is None else Certificate.from_dict(certificate)
            if found is not None and not isinstance(found, FiniteKeyLength):
                raise TypeError(f"a certificate of kind {found.kind}")
            return cls(
                thing=Thing.from_dict(document["thing"]),
                status=Status(document["status"]),
                adversary=Adversary(document["adversary"]),
                assumptions=tuple(document["assumptions"]),
                terms=tuple(Term(**term) for term in document["terms"]),
                balance=Balance(tuple(BalanceItem(**item) for item in document["balance"]["items"])),
                certificate=found,
                **{name: document[name] for name in _PLAIN},
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError("document", "what FiniteKey.to_dict writes", f"{type(error).__name__}: {error}") from None

    def __str__(self) -> str:
        length = f"{self.length} bits" if self.length else f"none ({self.deficit} bits are missing)"
        source = self.reference.partition(",")[0].partition(";")[0]
        return (
            f"key: {length} of {self.rounds} rounds, soundness {self.soundness:g}, {self.adversary.value}, "
            f"{self.theorem}, {self.extractor}; {self.status.value}; {source}"
        )

    def __repr__(self) -> str:
        return f"<FiniteKey of {self.subject}: {self}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return FiniteKey.from_dict, (self.to_dict(),)


_PLAIN = (
    "length",
    "deficit",
    "rounds",
    "soundness",
    "theorem",
    "reference",
    "extractor",
    "threshold",
    "syndrome_length",
    "completeness",
    "parameters",
    "provenance",
    "label",
)
"""Fields that are in a document as they are."""

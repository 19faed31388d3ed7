"""What two parties agree on, in public, before a run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from keybounds.bounds.run.key import FiniteKey
from keybounds.errors import InputError, UnknownNameError, UnsupportedError
from keybounds.experiments.behaviour import Behaviour
from keybounds.postprocessing.extraction import seed_length
from keybounds.postprocessing.reconciliation import Code, CoupledCode, PolarCode, error_kinds
from keybounds.proofs import certify, verify


@dataclass(frozen=True, eq=False)
class Agreement:
    """A finite key's run, and how it is made.

    Attributes
    ----------
    key
        Length, rounds, syndrome, extractor and test of the run, with the certificate of the length.
    correlations
        P(a,b|x,y) of honest devices, settings as in nadlinger2022: Bob's prior in decoding. No security rests on it.
    degree, positions
        Of the spatially coupled code that makes the syndrome.
    family
        ``"coupled"``; or ``"polar"``, for short blocks, a code made for `correlations`.

    Raises
    ------
    UnsupportedError
        A theorem whose test is neither a number of lost games nor a score of lost and won ones.
    InputError
        A run without key, a length that its certificate does not prove of this run, or correlations that are not of two
        outcomes and 2 x 3 settings.
    """

    key: FiniteKey
    correlations: Behaviour
    degree: int = 5
    positions: int = 120
    family: str = "coupled"

    def __post_init__(self) -> None:
        if self.key.length < 1:
            raise InputError("key", "a finite key of at least one bit", f"none ({self.key.deficit} bits are missing)")
        certificate = self.key.certificate
        if certificate is None or (certificate.accepted_losses is None) == (certificate.score is None):
            raise UnsupportedError(
                "key", "a theorem whose lengths have a certificate: eat-2019 or renyi", self.key.theorem
            )
        verdict = verify(certify(self.key))  # what is done is what the certificate is about, or it is refused
        if not verdict.accepted:
            raise InputError("key", "a length that its certificate proves", verdict.reason)
        if (certificate.key, certificate.test) != ([0, 2], [[0, 1], [0, 1]]):
            raise UnsupportedError("key", "key setting (0,2) and test settings 0 and 1", f"{certificate.key}")
        if self.correlations.outcomes != (2, 2) or self.correlations.settings != (2, 3):
            raise InputError(
                "correlations",
                "two outcomes, 2 x 3 settings",
                f"{self.correlations.outcomes}, {self.correlations.settings}",
            )
        self.code  # noqa: B018 - refuses what is no code

    @cached_property
    def code(self) -> Code:
        """The code of the syndrome."""
        rounds, checks = self.key.rounds, self.key.syndrome_length
        if self.family == "polar":
            weights = np.zeros((2, 3))
            weights[:, :2], weights[self.key_setting] = self.gamma / 4, 1 - self.gamma
            return PolarCode(rounds, checks, error_kinds(self.correlations, weights))
        if self.family != "coupled":
            raise UnknownNameError.among("family", self.family, ("coupled", "polar"))
        return CoupledCode(rounds, checks, self.degree, self.positions)

    @property
    def key_setting(self) -> tuple[int, int]:
        """Settings of Alice and of Bob in key rounds."""
        x, y = self.key.certificate.key  # type: ignore[union-attr]  # checked when made
        return int(x), int(y)

    @property
    def gamma(self) -> float:
        """Probability of a test round."""
        return float(Fraction(self.key.certificate.gamma))  # type: ignore[union-attr]  # checked when made

    @property
    def design(self) -> str:
        """What was fixed before the run, in words: nothing of it is estimated from the data that it is applied to."""
        given, certificate = self.key.provenance, self.key.certificate
        assert certificate is not None
        limit = (
            f"at most {certificate.accepted_losses} tests lost"
            if certificate.accepted_losses is not None
            else f"a score of at least {float(Fraction(str(certificate.score))):.6g}"
        )
        return (
            f"fixed beforehand: S = {given['chsh']:g}, Q = {given['qber']:g}, test probability {self.gamma:g}; hence "
            f"{limit}, and {self.key.syndrome_length} bits of syndrome, charged whole"
        )

    @property
    def error(self) -> Fraction:
        """ε of the extractor, on which the sizes of ``trevisan`` depend."""
        parameters = self.key.certificate.parameters  # type: ignore[union-attr]  # checked when made
        return Fraction(parameters.get("extractor_error", "1/10000000000"))

    @property
    def extractor_seed(self) -> int:
        """Secret bits that seed the extractor."""
        return seed_length(self.key.extractor, self.key.rounds, self.key.length, self.error)

    def accepts(self, lost: int, won: int) -> bool:
        """Whether a run with these test rounds passes, exactly as its certificate states."""
        certificate = self.key.certificate
        assert certificate is not None
        if certificate.accepted_losses is not None:
            return lost <= certificate.accepted_losses
        scores = certificate.parameters
        total = lost * Fraction(scores["loss_score"]) + won * Fraction(scores["win_score"])
        return total >= Fraction(str(certificate.score))

    @cached_property
    def text(self) -> bytes:
        """Everything agreed on, in one canonical form: what the tags of a run are about besides its messages."""
        document = {
            "certificate": self.key.certificate.to_dict(),  # type: ignore[union-attr]
            "length": self.key.length,
            "correlations": [value.hex() for value in self.correlations.P.ravel().tolist()],
            "code": [self.family, *self._code_numbers()],
        }
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()

    def _code_numbers(self) -> list[int | str]:
        return [self.code.digest] if isinstance(self.code, PolarCode) else [self.degree, self.positions]

    @property
    def digest(self) -> str:
        """SHA-256 of `text`: for parties to see early that they disagree, and of no weight for security."""
        return hashlib.sha256(self.text).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "finite_key": self.key.to_dict(),
            "correlations": self.correlations.P.tolist(),
            "degree": self.degree,
            "positions": self.positions,
            "family": self.family,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Agreement:
        """Read what `to_dict` writes.

        Raises
        ------
        InputError
            Anything else.
        """
        try:
            parts = tuple(document[name] for name in ("finite_key", "correlations", "degree", "positions", "family"))
            key, correlations = FiniteKey.from_dict(parts[0]), Behaviour(np.array(parts[1]))
            return cls(key, correlations, int(parts[2]), int(parts[3]), parts[4])
        except InputError:
            raise
        except (KeyError, TypeError, ValueError) as error:
            found = f"{type(error).__name__}: {error}"
            raise InputError("agreement", "what Agreement.to_dict writes", found) from None

"""The standard error that a value at a fitted table inherits from the trials: its gradient and the fit's covariance.

The fit of p = Aθ + b by maximum likelihood to n trials a pair has, to first order, the covariance (Aᵀ diag(n/p) A)⁻¹ of
its parameters θ, the Collins-Gisin entries. A bound f has the variance gᵀ C g with g = df/dθ: from the dual's
functional where the value is a dual's, from the prices of a mixture, numerically elsewhere. No part of any proof, and
nothing where a cell has no count, or at the edge of the quantum set: there no such expansion holds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.bound import Bound, Status
from keybounds.bounds.scope import Quantity
from keybounds.errors import InputError
from keybounds.experiments import Behaviour
from keybounds.experiments.projection import collins_gisin_map
from keybounds.proofs.certificates.data import AttackMixture, EntropyDual
from keybounds.protocol import Discussion

if TYPE_CHECKING:
    from keybounds.protocol import Protocol

_F = NDArray[np.float64]
_STEP = 1e-6  # in a parameter; values are enclosed to far more digits than its square


class FittedTable:
    """A table fitted to trials, for the standard errors of what is computed from it.

    Parameters
    ----------
    behaviour
        The fit.
    rounds
        Trials of each pair, shape (nx, ny).
    """

    def __init__(self, behaviour: Behaviour, rounds: _F) -> None:
        present = ~np.isnan(behaviour.P[0, 0])
        self.behaviour = behaviour
        self._present = present
        self._A, self._b = collins_gisin_map(behaviour.outcomes, present)
        cells = behaviour.P.transpose(2, 3, 0, 1)[present].ravel()
        self._theta = np.linalg.lstsq(self._A, cells - self._b, rcond=None)[0]
        weights = np.repeat(rounds[present], math.prod(behaviour.outcomes)) / cells
        self._root = np.linalg.qr(self._A * np.sqrt(weights)[:, None])[1]

    def of(self, bound: Bound, again: Callable[[Behaviour], Bound] | None) -> float | None:
        """One standard deviation of a bound; None where it is not known.

        Parameters
        ----------
        bound
            At this table.
        again
            The same bound at another table, for those without a functional of their own.
        """
        if bound.status is Status.NO_KEY:
            return None
        try:
            return self._deviation(self._gradient(bound, again))
        except InputError:  # a table beside this one is none
            return None

    def of_numbers(
        self,
        bound: Bound,
        numbers: Callable[[Behaviour], tuple[float, float]],
        again: Callable[[float, float], Bound],
    ) -> float | None:
        """The same of a bound that follows from two numbers of the table."""
        if bound.status is Status.NO_KEY:
            return None
        try:
            at = numbers(self.behaviour)
            first = self._numeric(lambda theta: numbers(self._table(theta))[0])
            second = self._numeric(lambda theta: numbers(self._table(theta))[1])
            step = min(_STEP, at[1] / 4)
            slopes = [
                (again(at[0] + ds, at[1] + dq).value - again(at[0] - ds, at[1] - dq).value) / (2 * step)
                for ds, dq in ((step, 0.0), (0.0, step))
            ]
        except InputError:
            return None
        return self._deviation(slopes[0] * first + slopes[1] * second)

    def _deviation(self, gradient: _F | None) -> float | None:
        """√(gᵀ C g); None where it is nothing, as where a value does not move at all."""
        if gradient is None:
            return None
        sigma = float(np.linalg.norm(np.linalg.solve(self._root.T, gradient)))
        return sigma if math.isfinite(sigma) and sigma > 0 else None

    def _gradient(self, bound: Bound, again: Callable[[Behaviour], Bound] | None) -> _F | None:
        certificate, protocol = bound.certificate, bound.scope.protocol
        if isinstance(certificate, EntropyDual) and certificate.mirrored is None:
            return self._of_dual(bound, self._slopes(certificate))
        if isinstance(certificate, AttackMixture):
            if "prices" not in bound.diagnostics:  # no search stands behind the mixture
                return None
            prices = np.asarray(bound.diagnostics["prices"], dtype=np.float64)
            if protocol.discussion is not Discussion.ONE_WAY:
                return prices
            return prices + self._numeric(lambda theta: self._constants(theta, protocol))
        if again is None:
            return None
        return self._numeric(lambda theta: again(self._table(theta)).value)

    def _of_dual(self, bound: Bound, slopes: _F) -> _F:
        """Of H(Â|E,V) = h(q) + scale · v/p_V, or of the rate p_V H(Â|E,V) - p_V H(Â|B,V), v affine with `slopes`."""
        protocol = bound.scope.protocol
        q = protocol.noise
        rate = bound.scope.quantity is Quantity.KEY_RATE
        scale = (1 - 2 * q) ** 2 / math.log(2)
        survives = self._kept(self._theta, protocol)[0]
        entropy = bound.diagnostics["entropy"] if rate else bound.value
        at = (entropy - _binary_entropy(q)) * survives / scale

        def value(theta: _F) -> float:
            survival, lost = self._kept(theta, protocol)
            known = survival * _binary_entropy(q) + scale * (at + float(slopes @ (theta - self._theta)))
            return known - lost if rate else known / survival

        return self._numeric(value)

    def _constants(self, theta: _F, protocol: Protocol) -> float:
        """p_V h(q) - p_V H(Â|B,V): what a one-way ceiling has beside the mixture."""
        survival, lost = self._kept(theta, protocol)
        return survival * _binary_entropy(protocol.noise) - lost

    def _kept(self, theta: _F, protocol: Protocol) -> tuple[float, float]:
        """p_V, and p_V H(Â|B,V)."""
        cells = (self._A @ theta + self._b).reshape(-1, *self.behaviour.outcomes)
        x, y = protocol.key
        joint = cells[int(self._present.ravel()[: x * self._present.shape[1] + y].sum())].copy()
        joint[1] *= protocol.keep
        joint[:, 1] *= protocol.keep
        if protocol.noise:
            joint = (1 - protocol.noise) * joint + protocol.noise * joint[::-1]
        return float(joint.sum()), _plogp(joint.sum(axis=0)) - _plogp(joint)

    def _slopes(self, certificate: EntropyDual) -> _F:
        """The dual's functional on the parameters: κ of each word but the identity."""
        (na, nb), (nx, ny) = self.behaviour.outcomes, self.behaviour.settings
        slopes = np.zeros(len(self._theta))
        place = np.cumsum(self._present.ravel()).reshape(self._present.shape) - 1
        for entry, multiplier in zip(certificate.known, certificate.multipliers, strict=True):
            for (alice, bob), coefficient in entry["functional"]:
                weight = coefficient * float(Fraction(multiplier))
                if alice and bob:
                    (x, a), (y, b) = alice[0], bob[0]
                    start = nx * (na - 1) + ny * (nb - 1) + place[x, y] * (na - 1) * (nb - 1)
                    slopes[start + a * (nb - 1) + b] += weight
                elif alice:
                    slopes[alice[0][0] * (na - 1) + alice[0][1]] += weight
                elif bob:
                    slopes[nx * (na - 1) + bob[0][0] * (nb - 1) + bob[0][1]] += weight
        return slopes

    def _table(self, theta: _F) -> Behaviour:
        table = np.full((*self.behaviour.settings, *self.behaviour.outcomes), np.nan)
        table[self._present] = (self._A @ theta + self._b).reshape(-1, *self.behaviour.outcomes)
        return Behaviour(table.transpose(2, 3, 0, 1), unmeasured=self.behaviour.unmeasured)

    def _numeric(self, value: Callable[[_F], float]) -> _F:
        """Central differences, near enough that no cell becomes negative."""
        least = float((self._A @ self._theta + self._b).min())
        step = min(_STEP, least / 4)
        steps = step * np.eye(len(self._theta))
        return np.array([(value(self._theta + d) - value(self._theta - d)) / (2 * step) for d in steps])


def _binary_entropy(q: float) -> float:
    return -_plogp(np.array([q, 1 - q]))


def _plogp(p: _F) -> float:
    """Σ p log2 p."""
    seen = p[p > 0]
    return float(seen @ np.log2(seen))

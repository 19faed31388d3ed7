"""The sandwich: a proven lower bound and a proven ceiling on the rate of one and the same protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keybounds.bounds.bound import Bound, Unit
from keybounds.bounds.comparison import check_pairs
from keybounds.bounds.correlations.attacks.ceiling import Effort, device_independent
from keybounds.bounds.correlations.attacks.search import EFFORTS, ColumnLibrary
from keybounds.bounds.correlations.devetak_winter import devetak_winter
from keybounds.errors import UnknownNameError

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour

_STALLED, _FALL_BACK = 1e-3, "11"  # bits that a stalled solver left unproven, and the level that stalls less often
_FAST = ("22", 32)
_NOISELESS, _NOISY, _SMALL = ("22", 384), ("s6", 96), ("22", 96)


@dataclass(frozen=True, slots=True)
class Sandwich:
    """What is known about the one-way rate of a protocol with its preprocessing: it lies in [lower, upper].

    Attributes
    ----------
    lower, upper
        Bounds on the rate p_V [H(Â|E,V) - H(Â|B,V)] per round, 0 where it is negative: of the same subject and scope.
    level, nodes
        The moment relaxation of the lower bound, of which its value is as much a property as of the table.
    """

    lower: Bound
    upper: Bound
    level: str
    nodes: int

    @property
    def width(self) -> float:
        """Upper minus lower, in bits per round: what is left unknown."""
        return self.upper.value - self.lower.value

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "lower": self.lower.to_dict(),
            "upper": self.upper.to_dict(),
            "width": self.width,
            "level": self.level,
            "nodes": self.nodes,
        }


def sandwich(
    behaviour: Behaviour,
    *,
    key: tuple[int, int],
    noise: float = 0.0,
    keep: float = 1.0,
    effort: Effort = "fast",
    level: str | None = None,
    nodes: int | None = None,
    library: ColumnLibrary | None = None,
    subject: str | None = None,
    unit: Unit = Unit.PER_ROUND,
) -> Sandwich:
    """Bound the one-way rate of a protocol from both sides, with the same preprocessing.

    Below stands `devetak_winter` with a moment relaxation, above `device_independent` with an explicit attack; both are
    certified, and their difference shrinks with more of `level`, `nodes` and `effort`.

    Parameters
    ----------
    behaviour, key, noise, keep
        As in `devetak_winter`.
    effort
        ``"fast"``: level "22" with 32 nodes, about a second. ``"best"``: without noise "22" with 384 nodes, with noise
        "s6" with 96 ("22" where Bob has fewer than three settings), in which most of ten seconds go.
    level, nodes
        Another relaxation than that. Where its solver stalls, level "11" is tried too and the better bound taken.
    library
        As in `device_independent`.
    subject, unit
        What the bounds are about (default a digest of the table), and what a round is called.

    Raises
    ------
    InconsistencyError
        The lower bound is above the ceiling by more than rounding; both bounds, with their certificates, stand in the
        error.
    InputError, UnsupportedError, UnknownNameError, BehaviourError, BoundNotEstablishedError
        As in `devetak_winter` and `device_independent`.
    """
    if effort not in EFFORTS:
        raise UnknownNameError.among("effort", str(effort), EFFORTS)
    usual_level, usual_nodes = _relaxation(effort, noise, behaviour.settings[1])
    level, nodes = level or usual_level, usual_nodes if nodes is None else nodes
    upper = device_independent(
        behaviour,
        key=key,
        scope="one-way",
        noise=noise,
        keep=keep,
        effort=effort,
        library=library,
        subject=subject,
        unit=unit,
    )

    def below(relaxation: str) -> Bound:
        return devetak_winter(
            behaviour, key=key, noise=noise, keep=keep, level=relaxation, nodes=nodes, subject=subject, unit=unit
        )

    lower = below(level)
    if lower.diagnostics.get("gap", 0.0) > _STALLED and level != _FALL_BACK:
        other = below(_FALL_BACK)
        if other.value > lower.value:
            lower, level = other, _FALL_BACK
    check_pairs([lower, upper])
    return Sandwich(lower, upper, level, nodes)


def _relaxation(effort: str, noise: float, bob_settings: int) -> tuple[str, int]:
    if effort == "fast":
        return _FAST
    if noise == 0:  # the integrand of the entropy is singular there, and the nodes matter more than the words
        return _NOISELESS
    return _NOISY if bob_settings > 2 else _SMALL

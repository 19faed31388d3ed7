"""The sandwich: a proven lower bound and a proven ceiling on the rate of one and the same protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from keybounds.bounds.bound import Bound
from keybounds.bounds.comparison import check_pairs
from keybounds.bounds.correlations.attacks.ceiling import Effort, attack_ceiling
from keybounds.bounds.correlations.attacks.search import EFFORTS, ColumnLibrary
from keybounds.bounds.correlations.devetak_winter import devetak_winter
from keybounds.bounds.correlations.hierarchy import Hierarchy
from keybounds.errors import UnknownNameError
from keybounds.protocol import Discussion, Protocol

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour
    from keybounds.experiments.question import Question

_STALLED, _FALL_BACK = 1e-3, "11"  # bits that a stalled solver left unproven, and the level that stalls less often
_FAST = Hierarchy("22", 32)
_NOISELESS, _NOISY, _SMALL = Hierarchy("22", 384), Hierarchy("s6", 96), Hierarchy("22", 96)


@dataclass(frozen=True, slots=True)
class Sandwich:
    """What is known about the one-way rate of a protocol with its preprocessing: it lies in [lower, upper].

    Attributes
    ----------
    lower, upper
        Bounds on the rate p_V [H(Â|E,V) - H(Â|B,V)] per round, 0 where it is negative: of the same table and class.
    hierarchy
        The moment relaxation of the lower bound, of which its value is as much a property as of the table.
    """

    lower: Bound
    upper: Bound
    hierarchy: Hierarchy

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
            "hierarchy": str(self.hierarchy),
        }


def sandwich(
    behaviour: Behaviour,
    protocol: Protocol,
    effort: Effort = "fast",
    *,
    hierarchy: Hierarchy | None = None,
    library: ColumnLibrary | None = None,
) -> Sandwich:
    """Bound the one-way rate of a protocol from both sides, with the same preprocessing.

    Below stands `devetak_winter` with a moment relaxation, above `attack_ceiling` with an explicit attack; both are
    certified, and their difference shrinks with more of `hierarchy` and `effort`.

    Parameters
    ----------
    behaviour, protocol
        As in `devetak_winter`: ``one_way(key, noise=..., keep=...)``.
    effort
        ``"fast"``: level "22" with 32 nodes, about a second. ``"best"``: without noise "22" with 384 nodes, with noise
        "s6" with 96 ("22" where Bob has fewer than three settings), in which most of ten seconds go.
    hierarchy
        Another relaxation than that. Where its solver stalls, level "11" is tried too and the better bound taken.
    library
        As in `attack_ceiling`.

    Raises
    ------
    InconsistencyError
        The lower bound is above the ceiling by more than rounding; both bounds, with their certificates, stand in the
        error.
    QuestionError, InputError, UnsupportedError, UnknownNameError, BehaviourError, BoundNotEstablishedError
        As in `devetak_winter` and `attack_ceiling`.
    """
    question = behaviour.ask(protocol).within_reach("sandwich", Discussion.ONE_WAY).of_bits("sandwich")
    if effort not in EFFORTS:
        raise UnknownNameError.among("effort", str(effort), EFFORTS)
    hierarchy = hierarchy or hierarchy_for(question, effort)
    upper = attack_ceiling(behaviour, protocol, effort, library=library)
    lower, hierarchy = settled(lambda relaxation: devetak_winter(behaviour, protocol, relaxation), hierarchy)
    check_pairs([lower, upper])
    return Sandwich(lower, upper, hierarchy)


def settled(bound: Callable[[Hierarchy], Bound], hierarchy: Hierarchy) -> tuple[Bound, Hierarchy]:
    """A lower bound by a relaxation; where its solver stalls, the better of it and the level that stalls less often."""
    found = bound(hierarchy)
    if found.diagnostics.get("gap", 0.0) > _STALLED and hierarchy.level != _FALL_BACK:
        coarser = replace(hierarchy, level=_FALL_BACK)
        other = bound(coarser)
        if other.value > found.value:
            return other, coarser
    return found, hierarchy


def hierarchy_for(question: Question, effort: Effort) -> Hierarchy:
    """The usual relaxation for a question: what `sandwich` says of `effort`."""
    if effort == "fast":
        return _FAST
    if question.noise == 0:  # the integrand of the entropy is singular there, and the nodes matter more than the words
        return _NOISELESS
    return _NOISY if question.behaviour.settings[1] > 2 else _SMALL

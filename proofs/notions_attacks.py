"""The notions of the claims about attacks: parts of a state, their entropies, devices, behaviours, keys."""

from __future__ import annotations

from typing import Any

import sympy as sp

from keybounds.proofs.logic.propositions import Definition
from keybounds.proofs.logic.terms import Defined, Uninterpreted, construction
from keybounds.proofs.notions import S

# --------------------------------------------------------------------------------------------- systems and entropies


def system(name: str, latex: str | None = None) -> Any:
    """The name of a system of a state: no number, and no place for a value."""
    return construction(f"system_{name}", latex or name)()


def _names(systems: Any, latex: bool) -> str:
    return "".join(type(one).latex_name if latex else type(one).__name__.removeprefix("system_") for one in systems)


class part(Uninterpreted):  # noqa: N801
    """part(tau, A, B): the state tau of the systems A and B alone, or the systems that are left of it."""

    is_commutative = False

    def _eval_is_commutative(self) -> bool:
        return False

    def _sympystr(self, printer: Any) -> str:
        return f"{printer._print(self.args[0])}_{_names(self.args[1:], latex=False)}"

    def _latex(self, printer: Any, **_: Any) -> str:
        return rf"{{\left.{printer._print(self.args[0])}\right|}}_{{{_names(self.args[1:], latex=True)}}}"


def entropy_of(state: Any, *systems: Any) -> Any:
    """S of a part of a state, in bits; 0 of no system."""
    return S(part(state, *sorted(systems, key=str))) if systems else sp.Integer(0)


class _Entropic(Defined):
    """A combination of entropies of parts of one state, with the systems as tuples."""

    is_commutative = True

    def _eval_is_commutative(self) -> bool:
        return True

    def _eval_is_real(self) -> bool:
        return True

    def _inside(self, latex: bool) -> str:
        raise NotImplementedError

    def _sympystr(self, printer: Any) -> str:
        return f"{type(self).__name__}({self._inside(latex=False)})_{printer._print(self.args[0])}"

    def _latex(self, printer: Any, **_: Any) -> str:
        return rf"{type(self).__name__}({self._inside(latex=True)})_{{{printer._print(self.args[0])}}}"


class I(_Entropic):  # noqa: E742
    """I(A:B|C) = S(AC) + S(BC) - S(C) - S(ABC) of a state; systems of C in A or B as well do not count there."""

    nargs = 4

    def definition(self) -> Any:
        """Return the four entropies."""
        state, *parts = self.args
        a, b, c = (set(one) for one in parts)
        return (
            entropy_of(state, *(a | c))
            + entropy_of(state, *(b | c))
            - entropy_of(state, *c)
            - entropy_of(state, *(a | b | c))
        )

    def _inside(self, latex: bool) -> str:
        a, b, c = (_names(one, latex) for one in self.args[1:])
        return f"{a}:{b}|{c}" if c else f"{a}:{b}"


class H(_Entropic):
    """H(A|C) = S(AC) - S(C) of a state."""

    nargs = 3

    def definition(self) -> Any:
        """Return the two entropies."""
        state, a, c = self.args
        return entropy_of(state, *(set(a) | set(c))) - entropy_of(state, *c)

    def _inside(self, latex: bool) -> str:
        a, c = (_names(one, latex) for one in self.args[1:])
        return f"{a}|{c}" if c else a


def information(state: Any, a: Any, b: Any, given: Any = ()) -> Any:
    """I(A:B|C) of a state, each of A, B, C one or several systems."""
    return I(state, *(sp.Tuple(*sorted(one, key=str)) for one in (a, b, given)))


def conditional(state: Any, a: Any, given: Any = ()) -> Any:
    """H(A|C) of a state."""
    return H(state, *(sp.Tuple(*sorted(one, key=str)) for one in (a, given)))


has_parts = Definition(
    "has_parts",
    "{0} is a state of the systems {1} and of the classical systems {2}",
    r"{0} \in \mathcal{S}({1};{2})",
    meaning="A state of these distinct systems, of finite dimension, which is diagonal in a fixed basis of each system "
    "of the second list, those that hold numbers.",
)
has_labels = Definition(
    "has_labels",
    "{0} has in the classical systems {1} the labels of {2}",
    r"{0} = {2} \text{ with labels in } {1}",
    meaning="It is the sum over the finitely many k of w_k tau_k with k written into these systems; the weights are "
    "not negative, the tau_k are states of finite dimension.",
)

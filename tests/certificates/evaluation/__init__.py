"""Whether a certificate's statement follows from its data, decided anew from the theory.

Nothing here is the verifier's, or the package's: mpmath with 45 digits and more for formulas, numpy for matrices
(within `LOOSE`), Fractions for tables, a linear program for local weights. `judge` returns what is wrong, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import mpmath as mp

from evaluation.common import Document, Proven, WrongError, exact, implied, need, real, sound
from evaluation.formulas import channel_formula, family_formula, source_formula
from evaluation.links import information_formula, link_formula, reconciliation_formula, singlet_formula
from evaluation.mixtures import mixture
from evaluation.moments import entropy_dual
from evaluation.runs import judge_key, judge_weight, key_length
from evaluation.states import hashing, relative_entropy_bound, semidefinite, squashed_entanglement


def judge(document: Document) -> str:
    """Empty if the statement is true of what it is about; else the reason, also where that cannot be decided."""
    try:
        need(document["format"] == "keybounds certificate" and document["version"] == 2, "another format")
        need(document.keys() == {"format", "version", "kind", "statement", "data"}, "other fields")
        with mp.workdps(45):
            if document["kind"] == "finite key":
                judge_key(document)
            elif document["kind"] == "local weight":
                judge_weight(document)
            else:
                _judge_rate(document)
    except WrongError as error:
        return str(error)
    except (ArithmeticError, LookupError, TypeError, ValueError, AssertionError, AttributeError) as error:
        return f"undecided: {type(error).__name__}: {error}"
    return ""


def proven(document: Document) -> Proven:
    """What the data prove of a rate, an entropy or a capacity."""
    with mp.workdps(45):
        if document["kind"] == "closed form":
            return FORMULAS[document["data"]["formula"]](document["data"]["formula"], document["data"]["inputs"])
        return KINDS[document["kind"]](document)


def _judge_rate(document: Document) -> None:
    stated, found = document["statement"], proven(document)
    names = {"direction", "value", "unit", "scope", "method", "reference"}
    need(stated.keys() - {"scale"} == names, "other fields of the statement")
    need(stated["direction"] == found.direction, "the other direction")
    rate = Fraction(1)
    if "scale" in stated:
        rate = exact(stated["scale"]["rate"])
        made = {"bit/round": "bit/herald bit/s", "bit/copy": "bit/herald bit/s", "bit/channel use": "bit/s"}
        need(stated["scale"]["from"] == found.unit, "scaled from another unit")
        need(any(stated["unit"] == unit for unit in made[found.unit].split()) and rate > 0, "no scale")
        need(stated["unit"] == "bit/s" or rate == 1, "a herald that is no round")
    else:
        need(stated["unit"] == found.unit, "another unit")
    scope = stated["scope"]
    sound(scope, found)
    if found.direction == "lower":
        need(implied(found.scope, scope), "another scope")
    else:
        need(implied(scope, found.scope), "another scope")
    value, bound = real(exact(stated["value"])), found.value * real(rate)
    slack = found.slack * max(real(rate), abs(bound))
    if found.direction == "lower":
        need(value <= max(bound, 0) + slack, f"{float(value)} > {float(bound)}")
    else:
        need(value >= 0 and value >= max(bound, 0) - slack, f"{float(value)} < {float(bound)}")


Formula = Callable[[str, Document], Proven]
FORMULAS: dict[str, Formula] = {
    **dict.fromkeys(("advantage distillation", "hashed pair parities", "relative entropy to p = 1/2"), family_formula),
    **dict.fromkeys(("published partial-transpose ceiling", "partial-transpose ceiling"), family_formula),
    "quantum capacity of a PPT channel": family_formula,
    **dict.fromkeys(("CHSH entropy", "CHSH rate", "CHSH rate with H(A|B)", "mixture of devices"), link_formula),
    **dict.fromkeys(("two-qubit device, I(A:B|E)", "two-qubit device, E_r"), link_formula),
    "noisy singlet": singlet_formula,
    "mutual information": information_formula,
    "reconciliation": reconciliation_formula,
    **dict.fromkeys(("pure loss, rate", "pure loss, ceiling", "pure loss, beam splitter"), channel_formula),
    **dict.fromkeys(
        ("erasure, rate", "erasure, ceiling", "dephasing", "depolarising", "amplitude damping"), channel_formula
    ),
    "pair source": source_formula,
}


KINDS: dict[str, Callable[[Document], Proven]] = {
    "relative entropy": relative_entropy_bound,
    "squashed entanglement": squashed_entanglement,
    "hashing": hashing,
    "max-relative entropy": semidefinite,
    "max-Rains information": semidefinite,
    "entropy": entropy_dual,
    "mixture": mixture,
}

__all__ = ["judge", "key_length", "proven"]

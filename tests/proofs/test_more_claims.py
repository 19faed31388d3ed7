"""The claims behind routines: wrong formulas are refuted, and the modules that cite a claim cite one that exists."""

from __future__ import annotations

from importlib import import_module

import pytest
import sympy as sp

from keybounds.bounds.channel.covariant import margin
from keybounds.proofs.citations import citations, cited_names
from keybounds.proofs.claims import (
    claims,
    crossings,
    nearly_covariant,
)
from keybounds.proofs.logic.balls import ball_value
from keybounds.proofs.logic.terms import expanded
from keybounds.proofs.notions import E_r


@pytest.mark.parametrize("error", [2.0**-40, 1e-3, 0.5])
def test_the_margin_that_ceilings_add_is_the_proved_one(error: float) -> None:
    claim = nearly_covariant
    stated = claim.CLAIM.statement["ceiling"].right - E_r(claim.omega)
    assert ball_value(expanded(stated.subs({claim.e: sp.Rational(error), claim.d_out: 3})), {}).overlaps(
        margin(error, 3)
    )


def test_every_crossing_is_unique_over_all_real_dimensions() -> None:
    # negative up to one p, positive from another, and falling with p up to the first: one zero between them
    statement = crossings.CLAIM.statement
    for name in (crossings.AGAINST_P, crossings.AGAINST_E, crossings.TWO_COPIES):
        (above,) = (one.right for one in statement[f"{name}, above"].hypotheses)
        below = statement[f"{name}, below"].hypotheses[0].right
        falls = statement[f"{name}, falls"].hypotheses[1].right
        assert above < below == falls
        assert sp.simplify((1 / above - 1) ** 2 - (1 / below - 1) ** 2) == 1


def test_names_of_claims_are_read_off_the_ways_they_are_cited() -> None:
    text = """See the claims ``er-ceiling``, ``crossings`` and ``ppt-edge``; reference="this project, claim pure-loss";
    a claim that is none, claims in general, and the claim about nothing."""
    assert cited_names(text) == {"er-ceiling", "crossings", "ppt-edge", "pure-loss"}


def test_what_modules_cite_is_a_claim_and_most_claims_are_relied_on() -> None:
    # A bound whose reference names a claim that was renamed or dropped would rest on nothing.
    names = {claim.name for claim in claims()}
    users = citations()
    assert set(users) <= names
    for modules in users.values():
        for module in modules:
            assert import_module(module).__name__ == module
    assert "keybounds.bounds.channel.covariant" in users["nearly-covariant"]
    assert "keybounds.bounds.correlations.entropy.chords" in users["entropy-integral"]
    assert len(users) >= 20

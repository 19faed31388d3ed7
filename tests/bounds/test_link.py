"""`Link`: S and Q with the settings they belong to. No bound takes them where its hypothesis does not hold."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from flint import ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import Bound, Link, any_discussion, check_pairs, completed_rounds, one_way, two_way
from keybounds.bounds.lower import (
    chsh_entropy,
    chsh_rate,
    chsh_table_rate,
    finite_key,
    minimal_rounds,
    optimal_gamma,
    optimal_noise,
)
from keybounds.bounds.upper import chsh_ceiling, hull_ceiling
from keybounds.errors import InputError, QuestionError
from keybounds.experiments import TSIRELSON, Behaviour
from keybounds.proofs.certificates.data import ClosedForm

HALF = 2**-0.5


def singlet(v: float = 0.9, *, alice: int = 3, bob: int = 4) -> Behaviour:
    """A noisy singlet; Alice's settings Z, X and then Z again, Bob's (Z+X)/√2, (Z-X)/√2 and then Z."""
    rows = [[HALF, HALF, *[1.0] * (bob - 2)], [HALF, -HALF, *[0.0] * (bob - 2)]]
    correlators = v * np.array([*rows, *[rows[0]] * (alice - 2)])
    signs = np.array([[1.0, -1.0], [-1.0, 1.0]])
    return Behaviour((1 + signs[:, :, None, None] * correlators) / 4)


FROM_RATES: dict[str, Callable[[Link], object]] = {
    "entropy": chsh_entropy,
    "rate": chsh_rate,
    "table rate": chsh_table_rate,
    "noise": optimal_noise,
    "noise of the table": lambda link: optimal_noise(link, from_table=True),
    "finite key": lambda link: finite_key(link, rounds=10**7, gamma=0.05),
    "least rounds": lambda link: minimal_rounds(link, gamma=0.05),
    "best gamma": lambda link: optimal_gamma(link, rounds=10**7),
    "the view": lambda link: link.rates,
}
FROM_CEILINGS: dict[str, Callable[[Link], object]] = {
    "two-way": lambda link: chsh_ceiling(link, two_way(link.key)),
    "completed rounds": lambda link: chsh_ceiling(link, completed_rounds()),
    "any discussion": lambda link: chsh_ceiling(link, any_discussion()),
    "hull": hull_ceiling,
    "the view": lambda link: link.ceilings,
}


def numbers(key: tuple[int, int], test: tuple[tuple[int, int], tuple[int, int]] = ((0, 1), (0, 1))) -> Link:
    return Link(2.6, 0.03, key, test)


def table(key: tuple[int, int], test: tuple[tuple[int, int], tuple[int, int]] = ((0, 1), (0, 1))) -> Link:
    return Link.of(singlet(), key, test)


@pytest.mark.parametrize("make", [numbers, table])
@pytest.mark.parametrize("routine", FROM_RATES)
@pytest.mark.parametrize("key", [(2, 2), (2, 0), (2, 3)])
def test_a_rate_needs_a_key_setting_that_the_test_speaks_of(
    make: Callable[..., Link], routine: str, key: tuple[int, int]
) -> None:
    """At Alice's third setting a device may print what it likes, whatever S is: every certified bit would be false."""
    with pytest.raises(QuestionError, match=r"^protocol: expected Alice's key setting among the CHSH settings 0 and 1"):
        FROM_RATES[routine](make(key))


@pytest.mark.parametrize("make", [numbers, table])
@pytest.mark.parametrize("routine", FROM_CEILINGS)
@pytest.mark.parametrize("key", [(0, 0), (0, 1), (1, 1), (2, 0)])
def test_a_ceiling_needs_a_key_setting_of_bob_beside_the_test(
    make: Callable[..., Link], routine: str, key: tuple[int, int]
) -> None:
    with pytest.raises(
        QuestionError, match=r"^protocol: expected a key setting of Bob beside the CHSH settings 0 and 1"
    ):
        FROM_CEILINGS[routine](make(key))


@pytest.mark.parametrize("make", [numbers, table])
def test_each_view_holds_for_the_settings_of_its_own_hypothesis(make: Callable[..., Link]) -> None:
    """Rates for Bob's test settings too, ceilings for Alice's third; the CHSH settings are those of the link."""
    assert make((1, 0)).rates.protocol(0.1) == one_way((1, 0), noise=0.1)
    assert chsh_ceiling(make((2, 2)), two_way((2, 2))).value == pytest.approx(
        chsh_ceiling(make((0, 2)), two_way((0, 2))).value, abs=1e-12
    )
    other = make((2, 0), ((2, 1), (2, 1))) if make is numbers else table((0, 0), ((0, 1), (2, 3)))
    assert other.ceilings.protocol() == two_way(other.key)
    assert other.rates.protocol() == one_way(other.key)


@pytest.mark.parametrize("made", [numbers((2, 2)), numbers((0, 2)), table((2, 2)), table((0, 2))], ids=str)
def test_bounds_of_a_link_compare_at_the_key_setting_only(made: Link) -> None:
    other = Link.of(singlet(), (1, 2)) if made.tables is not None else numbers((1, 2))
    checks = check_pairs([chsh_rate(other), chsh_ceiling(made, two_way(made.key)), hull_ceiling(made)])
    assert checks == ()


def test_a_deterministic_pair_beside_the_test_gets_no_key() -> None:
    """S of the settings 0 and 1 is 2.55, and the pair (2, 2) errs never, for both print 0 there."""
    behaviour = singlet()
    P = behaviour.P.copy()
    P[:, :, 2, :] = 0.0
    P[0, :, 2, :] = behaviour.P[:, :, 0, :].sum(axis=0)
    P[:, :, :, 2] = 0.0
    P[:, 0, :, 2] = P.sum(axis=1)[:, :, 0]
    link = Link.of(Behaviour(P), (2, 2))
    assert (link.chsh, link.qber) == (pytest.approx(0.9 * TSIRELSON), 0.0)
    for routine in FROM_RATES.values():
        with pytest.raises(QuestionError, match="Alice's key setting among the CHSH settings"):
            routine(link)
    assert link.ceilings.link is link  # no more than S allows anywhere, which is true


# A link of a table


def test_a_link_of_a_table_is_about_the_table() -> None:
    behaviour = singlet()
    link = Link.of(behaviour)
    assert link.thing == behaviour.thing
    assert link.thing != Link(link.chsh, link.qber).thing
    for bound in (chsh_entropy(link), chsh_rate(link), chsh_table_rate(link), hull_ceiling(link)):
        assert bound.scope.thing == behaviour.thing
    assert len(check_pairs([chsh_rate(link), hull_ceiling(link), chsh_ceiling(link, any_discussion())])) == 2


def test_its_numbers_are_rational() -> None:
    """A table that sums to a little less than 1 is divided by its sum: exactly, so that S = 2 is 2."""
    P = np.zeros((2, 2, 2, 3))
    P[0, 0] = P[1, 1] = 0.5 * (1 - 1e-10)
    link = Link.of(Behaviour(P))
    for precision in (64, 4096):
        with ctx.workprec(precision):
            assert link.s.is_exact()
            assert (link.s, link.e) == (2, 0)
    assert chsh_ceiling(link, two_way((0, 2))).value == hull_ceiling(link).value == 0.0
    assert chsh_ceiling(link, any_discussion()).value == 0.0


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6))
def test_its_numbers_are_those_of_the_table(seed: int) -> None:
    rng = np.random.default_rng(seed)
    P = rng.dirichlet([1.0] * 4, size=(1,)).reshape(2, 2)
    a, b = P.sum(axis=1), P.sum(axis=0)
    table = np.stack([np.stack([P, np.outer(a, b), P], axis=-1), np.stack([np.outer(a, b), P, P], axis=-1)], axis=-2)
    behaviour = Behaviour(table)
    link = Link.of(behaviour, (1, 2))
    assert link.chsh == pytest.approx(behaviour.chsh, abs=1e-12)
    wrong = P[0, 1] + P[1, 0]
    assert link.qber == pytest.approx(min(wrong, 1 - wrong), abs=1e-12)
    exact = [[Fraction(p) for p in row] for row in behaviour.joint(1, 2).tolist()]
    total = sum(map(sum, exact))
    for row, balls in zip(exact, link.key_table(), strict=True):
        assert all(value.contains(arb_of(p / total)) for p, value in zip(row, balls, strict=True))


def arb_of(x: Fraction) -> object:
    from keybounds.enclosure import ball

    with ctx.workprec(2000):
        return ball(x)


def test_it_takes_the_settings_it_is_given() -> None:
    """The CHSH value of other settings, and an error above 1/2 read with Bob's outcome relabelled."""
    behaviour = singlet(0.95)
    link = Link.of(behaviour, (1, 0), ((1, 0), (1, 0)))
    E = [behaviour.correlator(x, y) for x, y in ((1, 1), (1, 0), (0, 1), (0, 0))]
    assert link.chsh == pytest.approx(E[0] + E[1] + E[2] - E[3])
    flipped = behaviour.P.copy()
    flipped[:, :, :, 2] = flipped[:, ::-1, :, 2]
    assert Link.of(Behaviour(flipped)).qber == pytest.approx(Link.of(behaviour).qber)


# Values


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: Link(2.83, 0.0), "chsh"),
        (lambda: Link(-2.9, 0.0), "chsh"),
        (lambda: Link(math.nan, 0.0), "chsh"),
        (lambda: Link("2.8", 0.0), "chsh"),
        (lambda: Link(None, 0.0), "chsh"),
        (lambda: Link(10**400, 0.0), "chsh"),
        (lambda: Link(1j, 0.0), "chsh"),
        (lambda: Link(2.5, -0.1), "qber"),
        (lambda: Link(2.5, 0.7), "qber"),
        (lambda: Link(2.5, math.nan), "qber"),
        (lambda: Link(2.5, 0.1, (-1, 2)), "key"),
        (lambda: Link(2.5, 0.1, "ab"), "key"),
        (lambda: Link(2.5, 0.1, (0,)), "key"),
        (lambda: Link(2.5, 0.1, (0.5, 2)), "key"),
        (lambda: Link(2.5, 0.1, None), "key"),
        (lambda: Link(2.5, 0.1, (0, 2), ((0, 0), (0, 1))), "test"),
        (lambda: Link(2.5, 0.1, (0, 2), (0, 1)), "test"),
        (lambda: Link(2.5, 0.1, (0, 2), ((0, 1),)), "test"),
        (lambda: Link(2.5, 0.1, (0, 2), None), "test"),
    ],
)
def test_bad_input_names_the_argument(make: Callable[[], Link], argument: str) -> None:
    with pytest.raises(InputError, match=f"^{argument}: expected .+; found .+"):
        make()


@pytest.mark.parametrize("key", [(0, 4), (3, 2), (0, 9)], ids=str)
def test_a_table_without_the_settings_makes_no_link(key: tuple[int, int]) -> None:
    with pytest.raises(QuestionError, match="settings"):
        Link.of(singlet(), key)
    with pytest.raises(QuestionError, match="settings"):
        Link.of(singlet(), (0, 2), ((0, 3), (0, 1)))


LINKS = [
    Link(2.6, 0.03),
    Link(Fraction(13, 5), Fraction(1, 33), (1, 0)),
    Link.of(singlet()),
    Link.of(singlet(), (2, 2)),
]


@pytest.mark.parametrize("link", LINKS, ids=str)
def test_a_link_survives_a_pickle(link: Link) -> None:
    copy = pickle.loads(pickle.dumps(link))
    assert copy == link
    assert hash(copy) == hash(link)
    assert copy.thing == link.thing
    assert (str(copy.s), str(copy.e)) == (str(link.s), str(link.e))
    assert copy.closed_form("f") == link.closed_form("f")


@pytest.mark.parametrize("link", LINKS, ids=str)
def test_print_is_short(link: Link) -> None:
    assert len(repr(link)) < 80
    assert "\n" not in str(link)


def test_other_links_are_other_things() -> None:
    links = [
        Link(2.6, 0.03),
        Link(2.6, 0.04),
        Link(2.5, 0.03),
        Link(2.6, 0.03, (1, 2)),
        Link(2.6, 0.03, (0, 2), ((0, 1), (0, 3))),
    ]
    assert len({link.thing for link in links}) == len(links)
    assert Link(np.float64(2.6), 0.03, [0, 2]).thing == Link(Fraction(2.6), 0.03).thing  # type: ignore[arg-type]
    assert chsh_rate(Link(2.6, 0.03, (np.int64(0), 2))).scope == chsh_rate(Link(2.6, 0.03)).scope  # type: ignore[arg-type]


def certificates(link: Link) -> dict[str, Bound]:
    return {
        "CHSH entropy": chsh_entropy(link, 0.1),
        "CHSH rate": chsh_rate(link, 0.1),
        "two-qubit device, I(A:B|E)": chsh_ceiling(link, two_way(link.key)),
        "two-qubit device, E_r": chsh_ceiling(link, any_discussion()),
        "mixture of devices": hull_ceiling(link),
    }


@pytest.mark.parametrize("link", [Link(2.4, 0.06), Link.of(singlet(0.85))], ids=str)
def test_every_bound_holds_its_formula_and_exact_inputs(link: Link) -> None:
    """Made where the value is proven: a label in print changes nothing of it."""
    for formula, bound in certificates(link).items():
        held = bound.about("another name").certificate
        assert isinstance(held, ClosedForm)
        assert held == bound.certificate
        assert held.formula == formula
        assert held.inputs["key"] == [0, 2]
        assert held.inputs["test"] == [[0, 1], [0, 1]]
        assert ("noise" in held.inputs) is (bound.scope.protocol.noise > 0)
        if link.tables is None:
            assert (held.inputs["chsh"], held.inputs["qber"], held.inputs["tables"]) == (2.4, 0.06, None)
        else:
            assert held.inputs["chsh"] is held.inputs["qber"] is None
            assert len(held.inputs["tables"]) == 5

"""Changes of the verifier that a campaign of mutations found unnoticed (docs/mutation.md)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from keybounds.proofs.verifier.devices import KeyRound, Known, _survival
from keybounds.proofs.verifier.reading import MOST_DIGITS, RejectedError, denominator_of

A, B, AB = (((1, 0),), ()), ((), ((0, 0),)), (((1, 0),), ((0, 0),))
KEEP = Fraction(3, 5)
ROUND = KeyRound(alice=(2, 2), bob=(2, 2), key=(1, 0), noise=Fraction(1, 10), keep=KEEP)


def known(word: object, low: str, high: str) -> Known:
    return Known({word: Fraction(1)}, Fraction(low), Fraction(high))  # type: ignore[dict-item]


def test_the_survival_of_known_moments_is_the_sum_over_the_outcomes() -> None:
    """Outcome 1 of either party is kept with probability 3/5: p_V = Σ k_a k_b P(ab), from <A>, <B> and <AB>."""
    a, b, ab = Fraction(1, 4), Fraction(2, 5), Fraction(1, 7)
    table = {(0, 0): ab, (0, 1): a - ab, (1, 0): b - ab, (1, 1): 1 - a - b + ab}
    expected = sum(p * KEEP ** (i + j) for (i, j), p in table.items())
    points = [known(word, str(p), str(p)) for word, p in ((A, a), (B, b), (AB, ab), (((), ()), Fraction(1)))]
    assert _survival(ROUND, points) == expected


def test_of_three_outcomes_of_bob_only_the_second_is_thinned_out() -> None:
    other = KeyRound(alice=(2, 2), bob=(2, 3), key=(0, 1), noise=Fraction(1, 10), keep=KEEP)
    table = {(0, 0): 3, (0, 1): 5, (0, 2): 7, (1, 0): 11, (1, 1): 13, (1, 2): 2}
    kept = {0: Fraction(1), 1: KEEP, 2: Fraction(1)}
    points = [known((((0, 0),), ()), "15/41", "15/41"), known(((), ()), "1", "1")]
    for b in (0, 1):
        both, bob = Fraction(table[0, b], 41), Fraction(table[0, b] + table[1, b], 41)
        points += [known((((0, 0),), ((1, b),)), str(both), str(both)), known(((), ((1, b),)), str(bob), str(bob))]
    expected = sum(Fraction(n, 41) * kept[b] * (KEEP if a == 1 else 1) for (a, b), n in table.items())
    assert _survival(other, points) == expected


def test_the_most_that_can_survive_is_over_the_ranges_and_never_more_than_all() -> None:
    one = known(((), ()), "1", "1")
    tight = [one, known(A, "1/4", "1/2"), known(B, "1/5", "2/5"), known(AB, "1/9", "1/7")]
    single, both = KEEP * (1 - KEEP), (1 - KEEP) ** 2
    assert _survival(ROUND, tight) == KEEP**2 + single * Fraction(1, 2) + single * Fraction(2, 5) + both * Fraction(
        1, 7
    )
    loose = [one, known(A, "0", "1"), known(B, "0", "1"), known(AB, "0", "1")]
    assert KEEP**2 + 2 * single + both == 1
    assert _survival(ROUND, loose) == 1
    assert _survival(ROUND, [one, known(A, "0", "9"), known(B, "0", "1"), known(AB, "0", "1")]) == 1, "no probability"
    assert _survival(ROUND, tight[:3]) == 1, "a moment that is not known"
    nothing = [one, known(B, "0", "0"), known(AB, "0", "0")]
    assert _survival(ROUND, [*nothing, known(A, "-149/100", "-149/100")]) == single / 100
    with pytest.raises(RejectedError, match="no key round survives"):
        _survival(ROUND, [*nothing, known(A, "-3/2", "-3/2")])  # exactly 0


@pytest.mark.parametrize(
    ("value", "divisor"),
    [
        ("3/8", "8"),
        ("-3/8", "8"),
        ("3", None),
        ("3/0", None),
        ("3/00", None),
        ("7p-5", 5),
        ("-7p-1", 1),
        ("7p0", None),
        ("7p5", None),
        ("3/8p1", None),
        ("1/" + "9" * MOST_DIGITS, "9" * MOST_DIGITS),
        ("1/" + "9" * (MOST_DIGITS + 1), None),
        ("1" * (MOST_DIGITS - 1) + "/" + "9" * MOST_DIGITS, "9" * MOST_DIGITS),
        ("1" * MOST_DIGITS + "/" + "9" * MOST_DIGITS, None),
    ],
    ids=lambda value: str(value)[:12],
)
def test_what_a_number_is_divided_by_is_seen_before_it_is_read(value: str, divisor: str | int | None) -> None:
    """By these the work on a document is bounded: one that is not seen is not counted."""
    assert denominator_of(value) == divisor

"""Half the nodes for tables that do not change when both parties flip their outcomes.

For two outcomes a side and no post-selection, let F relabel both parties' outcomes, 0 and 1 change places. A device
with an adversary may be mixed with its relabelling, one half each, the adversary knowing which: the mixture has the
table (P + FP)/2, and the adversary is as uncertain about Alice's symbol, flipped or not, as before. So

    H(Â|E) of a device with table P  >=  inf H(Â|E) over flip-invariant devices with table (P + FP)/2,

with equality for P = FP. A flip-invariant device has <w> = <Fw> for every word, where F puts 1 - E for each projector
E; and e(1-t) = e(t), for flipping exchanges L_0 and L_1 and so the projector Z_t with 1 - Z_{1-t} (`entropy_problem`).
The nodes t < 1/2, each with twice its weight, therefore do what these and their mirror images would: claim
``flip-invariance``.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.correlations.moments.relaxation import Relaxation
from keybounds.bounds.correlations.moments.words import IDENTITY, PartyWord, Scenario, Word
from keybounds.errors import UnsupportedError

INVARIANT = 1e-12
"""How far the table's marginals may be from 1/2. The bound holds whatever they are; it is good if they are near."""

_DEPENDENT = 1e-9  # relative size of what makes a row of small integers independent of the others


def is_mirrored(scenario: Scenario, words: Sequence[Word], moments: Sequence[Fraction], keep: float) -> bool:
    """Whether both parties' flips leave the table as it is, up to `INVARIANT`: the marginals are 1/2."""
    if keep != 1.0 or {*scenario.alice, *scenario.bob} != {2}:
        return False
    marginals = (m for word, m in zip(words, moments, strict=True) if _letters(word) == 1)
    return all(abs(m - Fraction(1, 2)) <= INVARIANT for m in marginals)


def mirrored(words: Sequence[Word], coefficients: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """The functional P -> f((P + FP)/2), for f with these coefficients of 1, <A>, <B>, <AB>.

    It puts 1/2 for <A> and <B>, and <AB> + 1/2 - <A>/2 - <B>/2 for <AB>.
    """
    result = dict.fromkeys(words, Fraction(0))
    half = Fraction(1, 2)
    for word, coefficient in zip(words, coefficients, strict=True):
        alice, bob = word
        if _letters(word) == 0:
            result[word] += coefficient
        elif _letters(word) == 1:
            result[IDENTITY] += half * coefficient
        else:
            result[word] += coefficient
            result[IDENTITY] += half * coefficient
            result[alice, ()] -= half * coefficient
            result[(), bob] -= half * coefficient
    return tuple(result.values())


def mirrored_moments(words: Sequence[Word], moments: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """The moments of (P + FP)/2 from those of P."""
    known = dict(zip(words, moments, strict=True))
    half = Fraction(1, 2)

    def moment(word: Word) -> Fraction:
        alice, bob = word
        if _letters(word) < 2:
            return half if _letters(word) else known[word]
        return known[word] + half - (known[alice, ()] + known[(), bob]) / 2

    return tuple(moment(word) for word in words)


@lru_cache(maxsize=32)
def flip_rows(relaxation: Relaxation, words: tuple[Word, ...]) -> NDArray[np.float64]:
    """Fw - w for the moments w of a relaxation: shape (r, K), rows independent of each other and of `words`.

    A flip-invariant device has the value 0 in each row. Rows that need a moment which the relaxation does not hold are
    left out.
    """
    count = len(relaxation.moments)
    rows = np.zeros((0, count))
    for k, word in enumerate(relaxation.moments):
        row = np.zeros(count)
        try:
            for part, sign in flipped(word):
                row[relaxation.moment(part)] += sign
        except UnsupportedError:
            continue
        row[k] -= 1
        rows = np.vstack([rows, row])
    known = np.zeros((len(words), count))
    known[np.arange(len(words)), [relaxation.moment(word) for word in words]] = 1
    return rows[_independent(known, rows)]


def flipped(word: Word) -> list[tuple[Word, int]]:
    """Fw as a sum of words, not reduced: the product of 1 - E over the letters E."""

    def party(letters: PartyWord) -> list[tuple[PartyWord, int]]:
        parts: list[tuple[PartyWord, int]] = []
        for chosen in itertools.product((False, True), repeat=len(letters)):
            kept = tuple(letter for letter, taken in zip(letters, chosen, strict=True) if taken)
            parts.append((kept, (-1) ** len(kept)))
        return parts

    return [((a, b), s * t) for (a, s), (b, t) in itertools.product(party(word[0]), party(word[1]))]


def _independent(known: NDArray[np.float64], rows: NDArray[np.float64]) -> list[int]:
    """The indices of rows that are independent of the known ones and of each other, by Gram–Schmidt."""
    basis, _ = np.linalg.qr(known.T)
    chosen = []
    for i, row in enumerate(rows):
        rest = row - basis @ (basis.T @ row)
        rest -= basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > _DEPENDENT * max(float(np.linalg.norm(row)), 1.0):
            basis = np.column_stack([basis, rest / size])
            chosen.append(i)
    return chosen


def _letters(word: Word) -> int:
    return len(word[0]) + len(word[1])

"""The moment relaxation of a scenario: which entries of the moment matrix are the same number.

Γ[u, v] = Re <u† v> over the words of a level. Reduction and w ~ w† identify entries; each class is one moment with one
id. The structure depends on scenario and level only, so it is built once and serves every table, every node and every
point of a sweep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.correlations.moments.levels import level_words
from keybounds.bounds.correlations.moments.words import IDENTITY, PartyWord, Scenario, Word, canonical, reduce_word
from keybounds.errors import UnsupportedError


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """A level of the moment hierarchy for a scenario; make one by `Relaxation.build`.

    Attributes
    ----------
    scenario, words
        The scenario, and the N words that index the moment matrix.
    moments
        One word of each of the K classes {w, w†}; ``moments[0]`` is the identity, whose moment is 1.
    index
        (N, N): the id of the moment at each entry of Γ; K where the product is 0.
    """

    scenario: Scenario
    words: tuple[Word, ...]
    moments: tuple[Word, ...]
    index: NDArray[np.intp]
    _ids: Mapping[Word, int] = field(repr=False)

    @classmethod
    def build(cls, scenario: Scenario, level: str | Sequence[Word]) -> Relaxation:
        """Build the relaxation, or return the one that was built before.

        Parameters
        ----------
        level
            A name of `keybounds.bounds.correlations.moments.levels`, or words ((alice letters), (bob letters)) with
            letters (setting, outcome).

        Raises
        ------
        InputError
            The level is not one of the scenario; see `level_words`.
        """
        return _build(scenario, level_words(scenario, level))

    @property
    def size(self) -> int:
        """N, the side of the moment matrix."""
        return len(self.words)

    def moment(self, word: Word) -> int:
        """The id of the moment of `word`.

        Raises
        ------
        UnsupportedError
            The word's moment stands nowhere in this moment matrix.
        """
        alice, bob = reduce_word(word[0]), reduce_word(word[1])
        if alice is None or bob is None:
            return len(self.moments)
        identity = self._ids.get(canonical((alice, bob)))
        if identity is None:
            raise UnsupportedError(
                "level", f"a level whose moment matrix holds {word!r}", f"{self.size} words without it"
            )
        return identity

    def matrix(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Γ for moments of shape (..., K): shape (..., N, N)."""
        padded = np.concatenate([values, np.zeros((*values.shape[:-1], 1))], axis=-1)
        return padded[..., self.index]

    def sums(self, matrices: NDArray[np.float64]) -> NDArray[np.float64]:
        """The adjoint of `matrix`: for each moment the sum of the entries where it stands; (..., N, N) to (..., K)."""
        size, count = self.size**2, len(self.moments) + 1
        stack = matrices.reshape(-1, size)
        ids = self.index.reshape(-1)[None, :] + count * np.arange(len(stack))[:, None]
        totals = np.bincount(ids.reshape(-1), weights=stack.reshape(-1), minlength=count * len(stack))
        return totals.astype(np.float64, copy=False).reshape(*matrices.shape[:-2], count)[..., :-1]

    def multiplicities(self) -> NDArray[np.intp]:
        """How many entries of Γ hold each moment: shape (K,)."""
        return np.bincount(self.index.reshape(-1), minlength=len(self.moments) + 1)[:-1]


@lru_cache(maxsize=64)
def _build(scenario: Scenario, words: tuple[Word, ...]) -> Relaxation:
    alice, index_a = _party_table([word[0] for word in words])
    bob, index_b = _party_table([word[1] for word in words])
    zero = (index_a < 0) | (index_b < 0)

    ids: dict[Word, int] = {IDENTITY: 0}
    lookup: dict[int, int] = {}
    codes = index_a * len(bob) + index_b
    for code in codes[~zero]:
        if int(code) not in lookup:
            word = canonical((alice[int(code) // len(bob)], bob[int(code) % len(bob)]))
            lookup[int(code)] = ids.setdefault(word, len(ids))
    index = np.full(codes.shape, len(ids), dtype=np.intp)
    known = np.array(sorted(lookup), dtype=np.intp)
    index[~zero] = np.array([lookup[int(code)] for code in known], dtype=np.intp)[np.searchsorted(known, codes[~zero])]
    index.flags.writeable = False
    return Relaxation(scenario, words, tuple(ids), index, ids)


def _party_table(words: Sequence[PartyWord]) -> tuple[list[PartyWord], NDArray[np.intp]]:
    """The distinct reduced products u†v of a party's words, and their numbers for every pair; -1 where it is 0."""
    distinct = list(dict.fromkeys(words))
    products: dict[PartyWord, int] = {}
    table = np.empty((len(distinct), len(distinct)), dtype=np.intp)
    for i, left in enumerate(distinct):
        for j, right in enumerate(distinct):
            reduced = reduce_word(left[::-1] + right)
            table[i, j] = -1 if reduced is None else products.setdefault(reduced, len(products))
    number = {word: i for i, word in enumerate(distinct)}
    rows = np.array([number[word] for word in words], dtype=np.intp)
    return list(products), table[np.ix_(rows, rows)]

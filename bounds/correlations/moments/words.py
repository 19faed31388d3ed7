"""Words in the projectors of Alice and Bob, and their reduction.

A letter is (setting, outcome): the projector onto that outcome. The last outcome of a setting is 1 minus the others and
never a letter. A party's word is a tuple of letters, read left to right; a word is (Alice's word, Bob's word), for the
two parties commute. E E = E, and E E' = 0 for two different outcomes of one setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from keybounds.errors import InputError

Letter: TypeAlias = tuple[int, int]
PartyWord: TypeAlias = tuple[Letter, ...]
Word: TypeAlias = tuple[PartyWord, PartyWord]

IDENTITY: Word = ((), ())


@dataclass(frozen=True, slots=True)
class Scenario:
    """A bipartite scenario: the number of outcomes of each of Alice's settings, and of each of Bob's.

    Raises
    ------
    InputError
        A party without settings, or a setting with fewer than two outcomes.
    """

    alice: tuple[int, ...]
    bob: tuple[int, ...]

    def __post_init__(self) -> None:
        for party, outcomes in (("alice", self.alice), ("bob", self.bob)):
            if not outcomes or min(outcomes) < 2:
                raise InputError(party, "at least one setting, each with two outcomes or more", repr(outcomes))

    @classmethod
    def binary(cls, alice: int, bob: int) -> Scenario:
        """Two outcomes throughout, for `alice` and `bob` many settings."""
        return cls((2,) * alice, (2,) * bob)


def reduce_word(word: Sequence[Letter]) -> PartyWord | None:
    """The reduced form of a party's word; None where the product is 0."""
    reduced: list[Letter] = []
    for letter in word:
        if reduced and reduced[-1][0] == letter[0]:
            if reduced[-1][1] != letter[1]:
                return None
        else:
            reduced.append(letter)
    return tuple(reduced)


def adjoint(word: Word) -> Word:
    """The adjoint of a word: each party's letters in reverse."""
    return word[0][::-1], word[1][::-1]


def canonical(word: Word) -> Word:
    """The representative of {w, w†}, which have the same real part of a moment."""
    return min(word, adjoint(word))

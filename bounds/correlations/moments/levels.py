"""The named levels of the moment hierarchy: which words index the moment matrix.

======== =============================================================================================================
name     words
======== =============================================================================================================
"1" … "4" all words of at most that many letters, Alice's and Bob's together (the levels of Navascués, Pironio, Acín)
"1+AB"   {1, A_x} ⊗ {1, B_y}, the "almost quantum" level; the same as "11"
"11"     {1, A_x} ⊗ {1, B_y}
"22"     {1, A_x, A_xA_x'} ⊗ {1, B_y}
"22+b01" {1, A_x, A_xA_x'} ⊗ {1, B_y, B_0B_1, B_1B_0}
"s6"     {1, A_x, A_xA_x'} ⊗ {1, B_y, B_0B_1, B_1B_0, B_0B_1B_0, B_1B_0B_1} and {1, A_x} ⊗ {B_1B_2, B_2B_1}
"22+b4"  {1, A_x, A_xA_x'} ⊗ {1, B_y, B_yB_y', B_0B_1B_0, B_1B_0B_1}
======== =============================================================================================================

A_x stands for each of the projectors of setting x.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, product

from keybounds.bounds.correlations.moments.words import IDENTITY, PartyWord, Scenario, Word, reduce_word
from keybounds.errors import InputError, UnknownNameError, UnsupportedError

LADDER = ("11", "22", "22+b01", "s6", "22+b4")
"""The levels that `level="auto"` climbs, in the order of their strength."""

_NAMED = ("1+AB", *LADDER)
_LENGTHS = ("1", "2", "3", "4")


def level_words(scenario: Scenario, level: str | Sequence[Word]) -> tuple[Word, ...]:
    """The words of a named level, or an explicit list of them reduced and checked.

    Raises
    ------
    UnknownNameError
        No level of that name.
    UnsupportedError
        The level speaks of settings that the scenario does not have.
    InputError
        An explicit list without the identity, with a word that is 0, twice the same, or of unknown letters.
    """
    if not isinstance(level, str):
        return _explicit(scenario, level)
    if level in _LENGTHS:
        return _by_length(scenario, int(level))
    if level not in _NAMED:
        raise UnknownNameError.among("level", level, (*_NAMED, *_LENGTHS))
    alice, bob = scenario.alice, scenario.bob
    needed = 3 if level == "s6" else 2 if level in ("22+b01", "22+b4") else 1
    if len(bob) < needed:
        raise UnsupportedError("level", f"a level for {len(bob)} settings of Bob", f"{level!r}, which needs {needed}")
    singles_a, singles_b = _up_to(alice, 1), _up_to(bob, 1)
    if level in ("11", "1+AB"):
        return tuple(product(singles_a, singles_b))
    pairs_a = _up_to(alice, 2)
    if level == "22":
        words_b = singles_b
    elif level == "22+b01":
        words_b = [*singles_b, *_along(bob, (0, 1), (1, 0))]
    elif level == "s6":
        words_b = [*singles_b, *_along(bob, (0, 1), (1, 0), (0, 1, 0), (1, 0, 1))]
    else:
        words_b = [*_up_to(bob, 2), *_along(bob, (0, 1, 0), (1, 0, 1))]
    words = list(product(pairs_a, words_b))
    if level == "s6":
        words += product(singles_a, _along(bob, (1, 2), (2, 1)))
    return tuple(words)


def _along(outcomes: Sequence[int], *patterns: tuple[int, ...]) -> list[PartyWord]:
    """Every word whose letters follow one of the sequences of settings, for all choices of outcomes."""
    return [
        word
        for pattern in patterns
        for word in product(*([(setting, o) for o in range(outcomes[setting] - 1)] for setting in pattern))
    ]


def _up_to(outcomes: Sequence[int], length: int) -> list[PartyWord]:
    """Every reduced word of a party of at most `length` letters, short ones first."""

    def patterns(size: int) -> Iterator[tuple[int, ...]]:
        for pattern in product(range(len(outcomes)), repeat=size):
            if all(left != right for left, right in pairwise(pattern)):
                yield pattern

    return [word for size in range(length + 1) for word in _along(outcomes, *patterns(size))]


def _by_length(scenario: Scenario, length: int) -> tuple[Word, ...]:
    alice, bob = _up_to(scenario.alice, length), _up_to(scenario.bob, length)
    words = [(a, b) for a, b in product(alice, bob) if len(a) + len(b) <= length]
    return tuple(sorted(words, key=lambda word: len(word[0]) + len(word[1])))


def _explicit(scenario: Scenario, words: Sequence[Word]) -> tuple[Word, ...]:
    reduced: list[Word] = []
    for word in words:
        alice, bob = reduce_word(word[0]), reduce_word(word[1])
        if alice is None or bob is None:
            raise InputError("level", "words whose product is not 0", repr(word))
        for letters, outcomes in ((alice, scenario.alice), (bob, scenario.bob)):
            for setting, outcome in letters:
                if not (0 <= setting < len(outcomes) and 0 <= outcome < outcomes[setting] - 1):
                    raise InputError("level", "letters (setting, outcome) of the scenario", repr((setting, outcome)))
        reduced.append((alice, bob))
    if len(set(reduced)) != len(reduced):
        raise InputError("level", "words that differ after reduction", repr(list(words)))
    if IDENTITY not in reduced:
        raise InputError("level", "the identity word ((), ()) among the words", repr(list(words)))
    return tuple(reduced)

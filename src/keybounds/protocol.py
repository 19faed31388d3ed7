"""Classes of protocols: what a number is asked for, and what it speaks about, are the same value.

A class is given by its public discussion, its key settings with their weights and noise, and its post-selection. From
narrow to wide the discussions are

- NONE: nothing is said in public;
- ONE_WAY: Alice tells Bob, about the outputs of announced key settings after fixed preprocessing;
- TWO_WAY: both talk, about the outputs of announced key settings;
- COMPLETED_ROUNDS: both talk, about all outputs, once both sides of a round have been used;
- ANY: both talk at any time, so that a setting may depend on what was said of the same round's other outcome.

The last two differ for untrusted devices only. States and channels have no settings and no rounds to complete: there a
class is its discussion alone, NONE, ONE_WAY, TWO_WAY or ANY.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

from keybounds.errors import InputError, QuestionError, real_number

Pair = tuple[int, int]


class Discussion(Enum):
    """The public discussion that turns outputs into key, from the narrow class to the wide one."""

    NONE = "none"
    ONE_WAY = "one-way"
    TWO_WAY = "two-way"
    COMPLETED_ROUNDS = "completed rounds"
    ANY = "any"

    def within(self, other: Discussion) -> bool:
        """Whether this discussion is one of `other`."""
        members = list(Discussion)
        return members.index(self) <= members.index(other)


@dataclass(frozen=True, slots=True)
class KeySetting:
    """One setting pair whose outputs become key.

    Attributes
    ----------
    pair
        (x, y), Alice's setting and Bob's, counted from 0.
    weight
        Share of this setting among the key rounds, in (0, 1], an exact fraction.
    noise
        Noisy preprocessing: the probability q in [0, 1/2] with which Alice flips her key bit here.
    """

    pair: Pair
    weight: Fraction = Fraction(1)
    noise: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "pair", setting_pair("key", self.pair))
        object.__setattr__(self, "noise", real_number("noise", self.noise) + 0.0)
        try:
            object.__setattr__(self, "weight", Fraction(self.weight))
        except (TypeError, ValueError, OverflowError):
            raise InputError("weights", "numbers in (0, 1]", repr(self.weight)) from None
        if not 0 < self.weight <= 1:
            raise InputError("weights", "numbers in (0, 1]", str(self.weight))
        if not 0.0 <= self.noise <= 0.5:
            raise InputError("noise", "a flip probability in [0, 1/2]", repr(self.noise))


@dataclass(frozen=True, slots=True)
class Protocol:
    """A class of protocols; `one_way`, `two_way`, `completed_rounds` and `any_discussion` make one.

    Attributes
    ----------
    discussion
        See the module.
    settings
        The announced key settings, of ONE_WAY and TWO_WAY classes of correlations; empty elsewhere.
    keep
        Post-selection: the probability p in (0, 1] with which each party keeps a no-click, outcome 1 (ONE_WAY only).

    Raises
    ------
    InputError
        A number outside its range; the same setting twice, or weights that do not sum to 1; key settings or
        preprocessing of a class that has none.
    """

    discussion: Discussion
    settings: tuple[KeySetting, ...] = ()
    keep: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", tuple(sorted(self.settings, key=lambda one: one.pair)))
        object.__setattr__(self, "keep", real_number("keep", self.keep))
        if not 0.0 < self.keep <= 1.0:
            raise InputError("keep", "a keeping probability in (0, 1]", repr(self.keep))
        named = f"a class with {self.discussion.value} discussion"
        if self.settings and self.discussion not in (Discussion.ONE_WAY, Discussion.TWO_WAY):
            raise InputError("key", f"no key setting for {named}", str([one.pair for one in self.settings]))
        if len({one.pair for one in self.settings}) < len(self.settings):
            raise InputError("key", "different key settings", str([one.pair for one in self.settings]))
        if self.settings and sum(one.weight for one in self.settings) != 1:
            raise InputError("weights", "numbers that sum to 1", str([str(one.weight) for one in self.settings]))
        processed = self.keep != 1.0 or any(one.noise for one in self.settings)
        if processed and (self.discussion is not Discussion.ONE_WAY or not self.settings):
            raise InputError("noise, keep", f"0 and 1, no fixed preprocessing, for {named}", str(self))

    @property
    def keys(self) -> tuple[Pair, ...]:
        """The pairs (x, y) of the key settings."""
        return tuple(one.pair for one in self.settings)

    @property
    def key(self) -> Pair:
        """The one key setting (x, y).

        Raises
        ------
        QuestionError
            There is none, or more than one.
        """
        return self._single().pair

    @property
    def noise(self) -> float:
        """The noise q at the one key setting; 0 where there is none.

        Raises
        ------
        QuestionError
            There are several key settings.
        """
        return self._single().noise if self.settings else 0.0

    @property
    def processed(self) -> bool:
        """Whether there is noise or post-selection."""
        return self.keep != 1.0 or any(one.noise for one in self.settings)

    def widened(self, discussion: Discussion) -> Protocol:
        """The class with this wider discussion: key settings stay for TWO_WAY, preprocessing does not.

        Raises
        ------
        InputError
            A narrower discussion.
        """
        if not self.discussion.within(discussion):
            raise InputError("discussion", f"one that holds {self.discussion.value}", discussion.value)
        if discussion is self.discussion:
            return self
        plain = tuple(KeySetting(one.pair, one.weight) for one in self.settings)
        return Protocol(discussion, plain if discussion is Discussion.TWO_WAY else ())

    def within(self, other: Protocol) -> bool:
        """Whether every protocol of this class is one of `other`.

        One-way lies within two-way on the same settings with the same weights, two-way within completed rounds, and
        that within any discussion; NONE in each class without settings. Classes of other settings, weights or
        preprocessing are not comparable.
        """
        if self == other:
            return True
        if not self.discussion.within(other.discussion):
            return False
        if other.discussion in (Discussion.COMPLETED_ROUNDS, Discussion.ANY):
            return True
        if [(one.pair, one.weight) for one in self.settings] != [(one.pair, one.weight) for one in other.settings]:
            return False
        return other.discussion is Discussion.TWO_WAY or not (self.processed or other.processed)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; weights as "p/q"."""
        return {
            "discussion": self.discussion.value,
            "settings": [
                {"key": list(one.pair), "weight": str(one.weight), "noise": one.noise} for one in self.settings
            ],
            "keep": self.keep,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Protocol:
        """Read what `to_dict` writes."""
        settings = tuple(
            KeySetting((one["key"][0], one["key"][1]), Fraction(one["weight"]), one["noise"])
            for one in document["settings"]
        )
        return cls(Discussion(document["discussion"]), settings, document["keep"])

    def __str__(self) -> str:
        parts = [_WORDS[self.discussion]]
        for one in self.settings:
            share = f" weight {one.weight}" if len(self.settings) > 1 else ""
            noise = f" noise {one.noise:g}" if one.noise and len(self.settings) > 1 else ""
            parts.append(f"key ({one.pair[0]},{one.pair[1]}){share}{noise}")
        if len(self.settings) == 1 and self.settings[0].noise:
            parts.append(f"noise {self.settings[0].noise:g}")
        if self.keep != 1.0:
            parts.append(f"keep {self.keep:g}")
        return " ".join(parts)

    def _single(self) -> KeySetting:
        if len(self.settings) != 1:
            raise QuestionError("protocol", "a class with one key setting", str(self))
        return self.settings[0]


_WORDS = {
    Discussion.NONE: "no discussion",
    Discussion.ONE_WAY: "one-way",
    Discussion.TWO_WAY: "two-way",
    Discussion.COMPLETED_ROUNDS: "completed rounds",
    Discussion.ANY: "any discussion",
}


def one_way(
    *keys: Pair,
    weights: Iterable[Fraction | int | str] | None = None,
    noise: float = 0.0,
    keep: float = 1.0,
) -> Protocol:
    """Key from announced settings by one message from Alice to Bob, after fixed preprocessing.

    Parameters
    ----------
    keys
        The key settings (x, y), counted from 0; none for a state or a channel.
    weights
        Shares of several key settings, exact numbers that sum to 1; by default equal.
    noise, keep
        q in [0, 1/2], with which Alice flips her bit at every key setting; p in (0, 1], with which each party keeps
        outcome 1.
    """
    return Protocol(Discussion.ONE_WAY, _settings(keys, weights, noise), keep)


def two_way(*keys: Pair, weights: Iterable[Fraction | int | str] | None = None) -> Protocol:
    """Any public discussion of the outputs of announced key settings; keys and weights as in `one_way`."""
    return Protocol(Discussion.TWO_WAY, _settings(keys, weights, 0.0))


def completed_rounds() -> Protocol:
    """Any public discussion of the outcomes of rounds of which both sides have been used."""
    return Protocol(Discussion.COMPLETED_ROUNDS)


def any_discussion() -> Protocol:
    """Any public discussion at any time."""
    return Protocol(Discussion.ANY)


def no_discussion() -> Protocol:
    """No public discussion."""
    return Protocol(Discussion.NONE)


def setting_pair(argument: str, pair: object) -> Pair:
    """A setting pair as two plain integers.

    Raises
    ------
    InputError
        Not two whole numbers of at least 0.
    """
    try:
        x, y = (operator.index(part) for part in pair)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        x = y = -1
    if x < 0 or y < 0:
        raise InputError(argument, "a setting pair (x, y), counted from 0", repr(pair))
    return x, y


def _settings(
    keys: tuple[Pair, ...], weights: Iterable[Fraction | int | str] | None, noise: float
) -> tuple[KeySetting, ...]:
    shares = [Fraction(1, len(keys)) for _ in keys] if weights is None else list(weights)
    if len(shares) != len(keys):
        raise InputError("weights", f"one weight for each of {len(keys)} key settings", f"{len(shares)}")
    if noise and not keys:
        raise InputError("noise", "0 where there is no key setting", repr(noise))
    return tuple(KeySetting(pair, share, noise) for pair, share in zip(keys, shares, strict=True))  # type: ignore[arg-type]


P_0, P_1, P_2 = no_discussion(), one_way(), any_discussion()
"""The private capacities of a channel: no, one-way and any public discussion of the parties."""

"""The parameters that a plan can set: their kinds, and the one text that stands for each value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from keybounds.errors import InputError, UnknownNameError
from keybounds.sweeps.decimals import MOST_DIGITS, canonical
from keybounds.sweeps.toml_file import shown

SIDES = (1, 2)
"""One number for both parties, or one for each."""

_RANGE = 400  # powers of ten, beyond which nothing here has a number


@dataclass(frozen=True, slots=True)
class Setting:
    """One parameter.

    Attributes
    ----------
    default
        Its value where none is given, as `text` writes it; None where one must be given, empty where it may be absent.
    sizes
        How many numbers it takes, of which one number may stand for two; empty for a word.
    whole
        Its numbers are whole.
    choices
        The words that it can be; empty for any.
    several
        Of a word: a list of them, with commas between.
    """

    default: str | None = None
    sizes: tuple[int, ...] = (1,)
    whole: bool = False
    choices: tuple[str, ...] = ()
    several: bool = False

    @property
    def numbers(self) -> bool:
        """Whether its values are numbers."""
        return bool(self.sizes)

    def text(self, where: str, value: object) -> str:
        """The one text of a value: equal for equal values, and what the routine that takes it reads.

        Raises
        ------
        InputError
            Not a value of this kind; the message is about `where`.
        UnknownNameError
            Not one of the words.
        """
        if not self.numbers:
            return self._words(where, value)
        listed = value if isinstance(value, list) else [value]
        if len(listed) not in self.sizes:
            raise InputError(where, self._expected(), shown(value))
        parts = [self.number(where, one) for one in listed]
        if self.sizes == SIDES and len(parts) == 1:
            parts *= 2
        return ",".join(parts)

    def number(self, where: str, value: object) -> str:
        """The text of one number."""
        number = decimal(where, value)
        if self.whole and number != number.to_integral_value():
            raise InputError(where, "a whole number", shown(value))
        return canonical(number)

    def _words(self, where: str, value: object) -> str:
        listed = value if self.several and isinstance(value, list) else [value]
        words = []
        for word in listed:
            if not isinstance(word, str) or not word.strip() or not word.isprintable() or "%" in word:
                raise InputError(where, "a list of words" if self.several else "a word", shown(value))
            if self.choices and word.strip() not in self.choices:
                raise UnknownNameError.among(where, word, self.choices)
            words.append(word.strip())
        return ",".join(sorted(words) if self.several else words)

    def _expected(self) -> str:
        if self.sizes == (1,):
            return "a number"
        if self.sizes == SIDES:
            return "a number, or a list of one for Alice and one for Bob"
        few = " or ".join(map(str, self.sizes)) if len(self.sizes) < 4 else f"{self.sizes[0]} to {self.sizes[-1]}"
        return f"a list of {few} numbers"


def decimal(where: str, value: object) -> Decimal:
    """A number of a plan, exactly.

    Raises
    ------
    InputError
        None, or one of more digits than are read.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise InputError(where, "a number", shown(value))
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > _RANGE:
        raise InputError(where, "a finite number", shown(value)[:60])
    if len(number.as_tuple().digits) > MOST_DIGITS:
        raise InputError(where, f"a number of at most {MOST_DIGITS} digits", shown(value)[:60])
    return number


Settings = Mapping[str, str]
"""Texts of values by the names of their parameters."""

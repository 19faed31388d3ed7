"""`Question`: a table of correlations together with the class of protocols it is asked about, checked once.

A question can only be made if it fits: `Behaviour.ask` is its constructor, and what takes a `Question` need not look
again at the key setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keybounds.errors import QuestionError
from keybounds.protocol import Discussion, Pair, Protocol
from keybounds.thing import Thing

if TYPE_CHECKING:
    from keybounds.experiments.behaviour import Behaviour


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the key of these correlations in this class of protocols.

    Attributes
    ----------
    behaviour
        The table P(a,b|x,y).
    protocol
        One-way or two-way with key settings that the table holds, completed rounds, or any discussion.

    Raises
    ------
    QuestionError
        A class without discussion; a one-way or two-way class without a key setting; a key setting that is not in the
        table or was not measured; noise where Alice's outcomes are not bits, post-selection where one party's are not
        click and no-click.
    """

    behaviour: Behaviour
    protocol: Protocol

    def __post_init__(self) -> None:
        behaviour, protocol = self.behaviour, self.protocol
        if not isinstance(protocol, Protocol):
            raise QuestionError("protocol", "a Protocol, such as one_way((0, 2))", f"{type(protocol).__name__}")
        if protocol.discussion is Discussion.NONE:
            raise QuestionError("protocol", "a class with public discussion", str(protocol))
        if protocol.discussion in (Discussion.ONE_WAY, Discussion.TWO_WAY) and not protocol.settings:
            raise QuestionError("protocol", "a key setting (x, y), as in one_way((0, 2))", str(protocol))
        nx, ny = behaviour.settings
        for x, y in protocol.keys:
            if x >= nx or y >= ny:
                raise QuestionError("protocol", f"key settings (x, y) with x < {nx} and y < {ny}", f"({x}, {y})")
            if not behaviour.measured(x, y):
                raise QuestionError("protocol", "key settings that were measured", f"({x}, {y}), which was not")
        if any(one.noise for one in protocol.settings) and behaviour.outcomes[0] != 2:
            raise QuestionError("protocol", "no noise where Alice's outcomes are not bits", str(protocol))
        if protocol.keep != 1.0 and behaviour.outcomes != (2, 2):
            raise QuestionError("protocol", "keep 1 where the outcomes are not click and no-click", str(protocol))

    @property
    def thing(self) -> Thing:
        """What a bound that answers the question is about."""
        return self.behaviour.thing

    @property
    def key(self) -> Pair:
        """The one key setting (x, y); `QuestionError` where there are several or none."""
        return self.protocol.key

    @property
    def noise(self) -> float:
        """The noise q at the one key setting."""
        return self.protocol.noise

    @property
    def keep(self) -> float:
        """The probability p of keeping outcome 1."""
        return self.protocol.keep

    def within_reach(self, method: str, *discussions: Discussion) -> Question:
        """Return the question if `method` answers it: one of these discussions, with one key setting where it has any.

        Raises
        ------
        QuestionError
            Another class.
        """
        if self.protocol.discussion not in discussions:
            named = " or ".join(one.value for one in discussions)
            raise QuestionError("protocol", f"a class that {method} covers: {named}", str(self.protocol))
        if len(self.protocol.settings) > 1:
            raise QuestionError("protocol", f"one key setting, for {method}", str(self.protocol))
        return self

    def of_bits(self, method: str) -> Question:
        """Return the question if Alice's key symbol is one bit, which `method` needs.

        Raises
        ------
        QuestionError
            She has more than two outcomes.
        """
        if self.behaviour.outcomes[0] != 2:
            raise QuestionError("protocol", f"two outcomes of Alice, for {method}", f"{self.behaviour.outcomes[0]}")
        return self

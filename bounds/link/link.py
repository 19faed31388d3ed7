"""`Link`: a CHSH value S and a key error rate Q, with the settings to which they belong.

S is measured on two settings of each party, Q at the key setting (x, y). What the two numbers prove depends on where
the key setting lies, so each kind of bound has a view of its own, which exists only where its hypothesis holds:

- `Link.rates`, bounds from below: the CHSH value limits what Eve knows of Alice's outcomes in *its* settings, and says
  nothing about any other. Alice's key setting must be one of them.
- `Link.ceilings`, bounds from above: the attack gives the devices S and Q at once, with Bob's key setting free of the
  test. Bob's key setting must be none of the CHSH settings; Alice's may be any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flint import arb

from keybounds.bounds.link.chsh import check_chsh, check_error_rate, chsh_ball
from keybounds.enclosure import Real, ball
from keybounds.errors import BehaviourError, InputError, QuestionError
from keybounds.experiments import TSIRELSON
from keybounds.proofs.certificates.data import ClosedForm
from keybounds.protocol import Pair, Protocol, one_way, setting_pair, two_way
from keybounds.thing import Thing

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour

Test = tuple[Pair, Pair]
Tables = Mapping[Pair, tuple[tuple[float, ...], ...]]

CHSH_TEST: Test = ((0, 1), (0, 1))

_LARGEST = Fraction(TSIRELSON)  # a little above 2√2, which the ball of S is cut at


@dataclass(frozen=True, slots=True)
class Link:
    """A CHSH value and a key error rate; `Link.of` makes one of a behaviour, and keeps its exact tables.

    Attributes
    ----------
    chsh
        S = E(x0,y0) + E(x0,y1) + E(x1,y0) - E(x1,y1) in [-2√2, 2√2]. Its sign is a matter of Bob's labels.
    qber
        Q in [0, 1/2], the probability that the outcomes differ at the key setting. Numbers count as exact.
    key
        The key setting (x, y), counted from 0.
    test
        The CHSH settings ((x0, x1), (y0, y1)).
    tables
        P(a,b) by setting pair, of the CHSH settings and the key setting, where the link was made of a behaviour: then
        `chsh` and `qber` are for display, and bounds use the tables. None for a link of two numbers.
    estimate
        Whether the tables are an estimate, of which bounds take the point values.
    thing
        What bounds on the link are about: the behaviour it was made of, or its numbers.

    Raises
    ------
    InputError
        A number outside its range; settings that are no pairs of whole numbers, or the same CHSH setting twice.

    Examples
    --------
    >>> from keybounds.bounds import Link
    >>> link = Link(2.677, 0.0144, key=(0, 2))
    >>> link.rates.protocol()
    Protocol(discussion=<Discussion.ONE_WAY: 'one-way'>, ...
    """

    chsh: Real
    qber: Real
    key: Pair = (0, 2)
    test: Test = CHSH_TEST
    tables: Tables | None = field(default=None, init=False, hash=False)
    estimate: bool = field(default=False, init=False)
    thing: Thing = field(init=False)
    _exact: tuple[Fraction, Fraction] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "chsh", check_chsh(self.chsh))
        object.__setattr__(self, "qber", check_error_rate(self.qber))
        object.__setattr__(self, "key", setting_pair("key", self.key))
        object.__setattr__(self, "test", _test(self.test))
        name = f"S = {_shown(self.chsh)}, Q = {_shown(self.qber)}"
        exact = Fraction(self.chsh), Fraction(self.qber)
        thing = Thing.of_numbers("link", name, S=exact[0], Q=exact[1], key=self.key, test=self.test)
        object.__setattr__(self, "thing", thing)
        object.__setattr__(self, "_exact", exact)

    @classmethod
    def of(cls, behaviour: Behaviour, key: Pair = (0, 2), test: Test = CHSH_TEST) -> Link:
        """The link of a behaviour: S and Q of its exact tables, normalised, rather than rounded numbers.

        An error rate above 1/2 is read with Bob's outcome relabelled; an estimate is taken at its point values.

        Raises
        ------
        QuestionError
            A setting that is not in the table or was not measured; outcomes that are not bits.
        BehaviourError
            An estimate whose CHSH value is beyond 2√2: sampling noise, of which nothing follows.
        """
        key, test = setting_pair("key", key), _test(test)
        if behaviour.outcomes != (2, 2):
            raise QuestionError("protocol", "two outcomes of each party, for a CHSH value", str(behaviour.outcomes))
        pairs = [(x, y) for x in test[0] for y in test[1]]
        nx, ny = behaviour.settings
        for x, y in (*pairs, key):
            if x >= nx or y >= ny:
                raise QuestionError("protocol", f"settings (x, y) with x < {nx} and y < {ny}", f"({x}, {y})")
            if not behaviour.measured(x, y):
                raise QuestionError("protocol", "settings that were measured", f"({x}, {y}), which was not")
        tables = {pair: tuple(map(tuple, behaviour.joint(*pair).tolist())) for pair in dict.fromkeys((*pairs, key))}
        link = _restored(key, test, tables, behaviour.thing, not behaviour.exact)
        if link.estimate and abs(link.chsh) == TSIRELSON:
            raise BehaviourError(
                "behaviour",
                "a CHSH value of at most 2√2; project_no_signalling fits an estimate",
                f"an estimate of {float(_chsh_of(tables, test)):.6g}",
            )
        return link

    @property
    def rates(self) -> LinkRates:
        """The view that bounds from below need.

        Raises
        ------
        QuestionError
            Alice's key setting is none of the CHSH settings.
        """
        return LinkRates(self)

    @property
    def ceilings(self) -> LinkCeilings:
        """The view that bounds from above need.

        Raises
        ------
        QuestionError
            Bob's key setting is one of the CHSH settings.
        """
        return LinkCeilings(self)

    @property
    def s(self) -> arb:
        """|S| as a ball at the working precision, of one rational number, cut at 2√2."""
        return chsh_ball(self._exact[0])

    @property
    def e(self) -> arb:
        """Q as a ball, of one rational number; at most 1/2: above, Bob relabels."""
        return ball(self._exact[1])

    def key_table(self) -> list[list[arb]]:
        """P(a,b) of the key setting as balls that sum to exactly 1.

        Raises
        ------
        QuestionError
            The link was made of two numbers.
        """
        if self.tables is None:
            raise QuestionError("link", "a link of a behaviour, Link.of, for H(A|B) of its table", str(self))
        return [[ball(p) for p in row] for row in normalised(self.tables[self.key])]

    def closed_form(self, formula: str, **inputs: Any) -> ClosedForm:
        """The certificate of a formula in S and Q at this link."""
        of_numbers = self.tables is None
        given: dict[str, Any] = {
            "chsh": self.chsh if of_numbers else None,
            "qber": self.qber if of_numbers else None,
            "tables": None if self.tables is None else plain_tables(self.tables),
            "key": list(self.key),
            "test": [list(side) for side in self.test],
        }
        return ClosedForm(formula, {**given, **inputs})

    @property
    def provenance(self) -> dict[str, Any]:
        """For display: S, Q, key setting, CHSH settings, and what kind of table they were taken from, if any."""
        given: dict[str, Any] = {
            "chsh": float(self.chsh),
            "qber": float(self.qber),
            "key": list(self.key),
            "test": [list(side) for side in self.test],
        }
        if self.tables is not None:
            given["table"] = "estimate, at its point values" if self.estimate else "exact table"
        return given

    def __str__(self) -> str:
        (x0, x1), (y0, y1) = self.test
        where = "" if self.test == CHSH_TEST else f", CHSH settings {x0},{x1} | {y0},{y1}"
        return f"S = {_shown(self.chsh)}, Q = {_shown(self.qber)}, key ({self.key[0]},{self.key[1]}){where}"

    def __repr__(self) -> str:
        return f"<Link: {self}>"

    def __reduce__(self) -> tuple[Any, ...]:
        if self.tables is None:
            return Link, (self.chsh, self.qber, self.key, self.test)
        return _restored, (self.key, self.test, self.tables, self.thing, self.estimate)


@dataclass(frozen=True, slots=True)
class LinkRates:
    """A link whose key setting of Alice's is a CHSH setting, so that S limits what Eve knows of her key.

    Raises
    ------
    QuestionError
        It is not.
    """

    link: Link

    def __post_init__(self) -> None:
        x, alice = self.link.key[0], self.link.test[0]
        if x not in alice:
            raise QuestionError(
                "protocol",
                f"Alice's key setting among the CHSH settings {alice[0]} and {alice[1]}, for a rate from S",
                str(self.link.key),
            )

    def protocol(self, noise: float = 0.0) -> Protocol:
        """One-way from the key setting, with noise."""
        return one_way(self.link.key, noise=noise)


@dataclass(frozen=True, slots=True)
class LinkCeilings:
    """A link whose key setting of Bob's is no CHSH setting, so that one attack has S and Q at once.

    Raises
    ------
    QuestionError
        It is one.
    """

    link: Link

    def __post_init__(self) -> None:
        y, bob = self.link.key[1], self.link.test[1]
        if y in bob:
            raise QuestionError(
                "protocol",
                f"a key setting of Bob beside the CHSH settings {bob[0]} and {bob[1]}, for a ceiling from S and Q",
                str(self.link.key),
            )

    def protocol(self) -> Protocol:
        """Two-way on the key setting."""
        return two_way(self.link.key)


def normalised(table: Sequence[Sequence[float]]) -> list[list[Fraction]]:
    """P(a,b) as fractions that sum to exactly 1: the doubles, divided by their sum.

    Without this a table that sums to a little less than 1 would seem to hold a little secret.
    """
    rows = _integers(table)
    total = sum(map(sum, rows))
    return [[Fraction(p, total) for p in row] for row in rows]


def plain_tables(tables: Tables) -> list[dict[str, Any]]:
    """Tables by setting pair as a certificate holds them."""
    return [{"settings": list(pair), "P": [list(row) for row in table]} for pair, table in tables.items()]


def _integers(table: Sequence[Sequence[float]]) -> list[list[int]]:
    """The doubles times one power of two."""
    ratios = [[float(p).as_integer_ratio() for p in row] for row in table]
    scale = max(bottom for row in ratios for _, bottom in row)
    return [[top * (scale // bottom) for top, bottom in row] for row in ratios]


def _chsh_of(tables: Tables, test: Test) -> Fraction:
    """S of the normalised tables."""
    total = Fraction(0)
    for x in test[0]:
        for y in test[1]:
            (p, q), (r, t) = _integers(tables[x, y])
            correlator = Fraction(p - q - r + t, p + q + r + t)
            total += -correlator if (x, y) == (test[0][1], test[1][1]) else correlator
    return total


def _test(test: object) -> Test:
    sides = tuple(test) if isinstance(test, (tuple, list)) else ()
    if len(sides) != 2:
        raise InputError("test", "CHSH settings ((x0, x1), (y0, y1))", repr(test))
    pairs = setting_pair("test", sides[0]), setting_pair("test", sides[1])
    if any(one == two for one, two in pairs):
        raise InputError("test", "two different CHSH settings of each party", repr(test))
    return pairs


def _shown(number: Real) -> str:
    return str(number) if isinstance(number, Fraction) and number.denominator < 10**6 else repr(float(number))


def _restored(key: Pair, test: Test, tables: Tables, thing: Thing, estimate: bool) -> Link:
    """The link of these tables, whose numbers are for display."""
    s, table = _chsh_of(tables, test), normalised(tables[key])
    error = table[0][1] + table[1][0]
    exact = max(-_LARGEST, min(s, _LARGEST)), min(error, 1 - error)
    link = Link(float(exact[0]), float(exact[1]), key, test)
    for name, value in (("tables", tables), ("thing", thing), ("estimate", estimate), ("_exact", exact)):
        object.__setattr__(link, name, value)
    return link

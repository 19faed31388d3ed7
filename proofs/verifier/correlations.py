"""Closed forms about untrusted devices that are known by S and Q, or by the tables of some pairs of settings."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb

from .devices import post_selected, unnormalised_entropy
from .logarithms import binary_entropy, clamp, root, shannon
from .reading import RejectedError, ball, fields, integer, number, require, sequence
from .statement import ENTROPY, KEPT_UNITS, RECONCILIATION, ROUND_UNITS, Derived, Scope

Tables = dict[tuple[int, int], list[list[Fraction]]]  # P(a,b) by pair of settings

HALF = Fraction(1, 2)
ROUNDING = Fraction(1, 2**30)  # by which marginals of the tables of one device may differ
SMALL_SCOPE = "CHSH value and key error"


def _coherence(s: arb) -> arb:
    """C = sqrt(S²/4 - 1), 0 where |S| is not certainly above 2."""
    return clamp(root(s * s / 4 - 1), 0, 1) if abs(s) > 2 else arb(0)


def _entropy_given_eve(s: arb, q: arb) -> arb:
    """1 - h((1+C)/2) + h((1 + sqrt(1 - 4q(1-q)(1-C²)))/2) for |S| > 2, else h(q)."""
    if not abs(s) > 2:
        return binary_entropy(q)
    c = _coherence(s)
    noisy = root(clamp(1 - 4 * q * (1 - q) * (1 - c * c), 0, 1))
    return 1 - binary_entropy((1 + c) / 2) + binary_entropy((1 + noisy) / 2)


def _at_most_local(s: arb) -> arb:
    """What a device with |S| not certainly above 2 leaves: 0, up to the greatest cost at the upper end of the ball."""
    return arb(0).union(1 - binary_entropy((1 + _coherence(s.upper())) / 2)) if not s <= 2 else arb(0)


class ChshDevice:
    """A device by S and Q, given as numbers or by the tables of the settings that they come from."""

    def __init__(self, inputs: dict[str, Any]) -> None:
        self.key = _key(inputs["key"])
        self.noise = number(inputs["noise"], "noise", 0, HALF) if "noise" in inputs else Fraction(0)
        require(self.key is None or self.key[0] in (0, 1), "Alice's key setting is none of the CHSH test")
        self.tables = None if inputs["tables"] is None else _tables(inputs["tables"], bits=True)
        if self.tables is None:
            self.given = number(inputs["chsh"], "chsh", -3, 3)
            require(bool(ball(abs(self.given)) <= 2 * arb(2).sqrt() + arb(2) ** -50), "S is beyond 2√2")
            self.error_rate = None if inputs["qber"] is None else number(inputs["qber"], "qber", 0, HALF)
            self.subject = f"every device with |S| = {float(abs(self.given)):.12g}" + (
                "" if self.error_rate is None else f" and key error rate {float(self.error_rate):.12g}"
            )
        else:
            require(inputs["chsh"] is None and inputs["qber"] is None, "both S, Q and tables")
            require({(0, 0), (0, 1), (1, 0), (1, 1)} <= self.tables.keys(), "a table of the CHSH test is missing")
            own, apart = _chsh_of(self.tables), _signalling(self.tables)
            require(bool(ball(abs(own)) <= 2 * arb(2).sqrt() + arb(2) ** -40), "S of the tables is beyond 2√2")
            self.subject = "every device with S and the key setting's outcomes as in the given tables" + (
                f" (which no device has exactly: their marginals differ by up to {float(apart):.2g})"
                if apart > ROUNDING
                else ""
            )

    def chsh(self) -> arb:
        """|S|, cut at 2√2."""
        s = ball(self.given if self.tables is None else _chsh_of(self.tables))
        return abs(s).min(2 * arb(2).sqrt())

    def error(self) -> arb:
        """Q, at most 1/2: above, Bob relabels."""
        if self.tables is not None:
            table = self.key_table()
            wrong = table[0][1] + table[1][0]
            return ball(min(wrong, 1 - wrong))
        require(self.error_rate is not None, "no error rate is given")
        assert self.error_rate is not None
        return ball(self.error_rate)

    def key_table(self) -> list[list[Fraction]]:
        """P(a,b) of the key setting."""
        require(self.tables is not None and self.key in self.tables, "the table of the key setting is missing")
        assert self.tables is not None
        assert self.key is not None
        return self.tables[self.key]

    def scope(self, quantity: str = "secret-key rate", statistics: str = SMALL_SCOPE) -> Scope:
        """One-way from the key setting."""
        return Scope("device-independent", quantity, "one-way", self.key, self.noise, Fraction(1), statistics)

    def own_setting(self) -> None:
        """Reject a key setting of Bob's that is part of the test."""
        require(self.key is None or self.key[1] not in (0, 1), "Bob's key setting is one of the CHSH test")


def _chsh_of(tables: Tables) -> Fraction:
    """E_00 + E_01 + E_10 - E_11."""
    total = Fraction(0)
    for x, y in ((0, 0), (0, 1), (1, 0), (1, 1)):
        table = tables[x, y]
        correlator = table[0][0] + table[1][1] - table[0][1] - table[1][0]
        total += -correlator if x == y == 1 else correlator
    return total


def _signalling(tables: Tables) -> Fraction:
    """The most by which a marginal at one setting depends on the other party's."""
    furthest = Fraction(0)
    for side in (0, 1):
        seen: dict[int, list[list[Fraction]]] = {}
        for pair, table in tables.items():
            rows = table if side == 0 else list(zip(*table, strict=True))
            seen.setdefault(pair[side], []).append([sum(row, Fraction(0)) for row in rows])
        for marginals in seen.values():
            for outcome in zip(*marginals, strict=True):
                furthest = max(furthest, max(outcome) - min(outcome))
    return furthest


def _chsh_entropy(inputs: dict[str, Any]) -> Derived:
    device = ChshDevice(inputs)
    return Derived(
        "lower",
        device.scope(ENTROPY),
        KEPT_UNITS,
        device.subject,
        lambda: _entropy_given_eve(device.chsh(), ball(device.noise)),
        "CHSH entropy [pironio2009; ho2020]",
    )


def _chsh_rate(inputs: dict[str, Any]) -> Derived:
    """H(Â|E) - h(q + (1-2q) Q)."""
    device = ChshDevice(inputs)

    def value() -> arb:
        q = ball(device.noise)
        return _entropy_given_eve(device.chsh(), q) - binary_entropy(q + (1 - 2 * q) * device.error())

    grounds = "CHSH entropy [pironio2009; ho2020]; Devetak-Winter rate [devetak2005]"
    return Derived("lower", device.scope(), ROUND_UNITS, device.subject, value, grounds)


def _chsh_table_rate(inputs: dict[str, Any]) -> Derived:
    """H(Â|E) - H(Â|B) with the table of the key setting."""
    device = ChshDevice(inputs)
    joint = device.key_table()

    def value() -> arb:
        given_bob = unnormalised_entropy(joint, device.noise, Fraction(1))
        return _entropy_given_eve(device.chsh(), ball(device.noise)) - given_bob

    grounds = "CHSH entropy [pironio2009; ho2020]; Devetak-Winter rate [devetak2005]"
    return Derived("lower", device.scope(statistics="full correlations"), ROUND_UNITS, device.subject, value, grounds)


def _two_qubit_device(inputs: dict[str, Any]) -> Derived:
    """I(A:B|E) of the worst device, for two-way protocols on the key setting."""
    device = ChshDevice({**inputs, "noise": 0})
    device.own_setting()

    def value() -> arb:
        s = device.chsh()
        error = device.error()
        return _entropy_given_eve(s, error) - binary_entropy(error) if s > 2 else _at_most_local(s)

    scope = Scope("device-independent", discussion="two-way", key=device.key, statistics=SMALL_SCOPE)
    return Derived("upper", scope, ROUND_UNITS, device.subject, value, "two-qubit device [arnonfriedman2020]")


def _two_qubit_er(inputs: dict[str, Any]) -> Derived:
    """E_r = 1 - h((1+C)/2) of the worst device, for any protocol."""
    device = ChshDevice({**inputs, "noise": 0})
    device.own_setting()

    def value() -> arb:
        s = device.chsh()
        return 1 - binary_entropy((1 + _coherence(s)) / 2) if s > 2 else _at_most_local(s)

    scope = Scope("device-independent", statistics=SMALL_SCOPE)
    return Derived("upper", scope, ROUND_UNITS, device.subject, value, "two-qubit device [arnonfriedman2020]")


def _device_cost(s: arb, error: arb) -> arb:
    """What the two-qubit device leaves; nothing for Q >= (S-2)/(2(2√2-2)), where Bob's key observable is orthogonal."""
    if s <= 2 or 4 * error * (arb(2).sqrt() - 1) >= s - 2:
        return arb(0)
    if not s > 2:  # undecided, and then at most what no error leaves
        return arb(0).union(1 - binary_entropy((1 + _coherence(s.upper())) / 2))
    return (_entropy_given_eve(s, error) - binary_entropy(error)).max(arb(0))


def _mixed_device(inputs: dict[str, Any]) -> Derived:
    """Σ_k w_k of the costs of three devices, where Σ_k w_k (1, S_k, Q_k) = (1, S, Q); without points, one device's."""
    device = ChshDevice({**inputs, "noise": 0})
    device.own_setting()
    given = [
        sequence(point, "a point", least=2, most=2) for point in sequence(inputs["points"], "points", least=0, most=3)
    ]
    require(len(given) in (0, 3), "neither three devices nor one")
    points = [(number(s, "S of a point", 0, 3), number(q, "Q of a point", 0, HALF)) for s, q in given]
    require(all(bool(ball(s) <= 2 * arb(2).sqrt() + arb(2) ** -50) for s, _ in points), "S of a point is beyond 2√2")

    def value() -> arb:
        s, error = device.chsh(), device.error()
        if not points:
            return _device_cost(s, error)
        (s_1, q_1), (s_2, q_2), (s_3, q_3) = ((ball(x).min(2 * arb(2).sqrt()), ball(q)) for x, q in points)
        whole = (s_2 - s_1) * (q_3 - q_1) - (s_3 - s_1) * (q_2 - q_1)
        second = ((s - s_1) * (q_3 - q_1) - (s_3 - s_1) * (error - q_1)) / whole
        third = ((s_2 - s_1) * (error - q_1) - (s - s_1) * (q_2 - q_1)) / whole
        first = 1 - second - third
        if first < 0 or second < 0 or third < 0:
            raise RejectedError("a weight of the mixture is negative")
        if not (first >= 0 and second >= 0 and third >= 0):
            return arb("nan")
        return first * _device_cost(s_1, q_1) + second * _device_cost(s_2, q_2) + third * _device_cost(s_3, q_3)

    scope = Scope("device-independent", discussion="two-way", key=device.key, statistics=SMALL_SCOPE)
    grounds = "devices of the same S and Q [christandl2021]; claims ceiling-hull, orthogonal-observable-attack"
    return Derived("upper", scope, ROUND_UNITS, device.subject, value, grounds)


def _noisy_singlet(inputs: dict[str, Any]) -> Derived:
    """One-way: w + (1-w) h(q) - h(q + (1-2q) d), w = (v-v_L)/(1-v_L), d = (1-v)/2, v_L = 1/√2; 0 in w below v_L.

    Two-way: 0 up to v* = 1/(2-v_L), from there the chord to f(u) = (w+d)(1 - h(d/(w+d))) at a u >= v that is given.
    """
    v, noise = number(inputs["visibility"], "visibility", 0, 1), number(inputs["noise"], "noise", 0, HALF)
    end = None if inputs["chord_end"] is None else number(inputs["chord_end"], "chord_end", v, 1)
    require(end is None or noise == 0, "preprocessing beyond one-way")

    def local() -> arb:
        return 1 / arb(2).sqrt()

    def weight(visibility: Fraction) -> arb:
        return ((ball(visibility) - local()) / (1 - local())).max(arb(0))

    def one_way() -> arb:
        w, q = weight(v), ball(noise)
        return w + (1 - w) * binary_entropy(q) - binary_entropy(q + (1 - 2 * q) * ball((1 - v) / 2))

    def two_way() -> arb:
        assert end is not None
        top = 1 / (2 - local())
        if ball(v) <= top:
            return arb(0)
        d = ball((1 - end) / 2)
        kept = weight(end) + d
        share = arb(1) if v == end else (ball(v) - top) / (ball(end) - top)
        return kept * (1 - binary_entropy(d / kept)) * share

    scope = Scope("device-independent", discussion="two-way", key=(0, 2))
    if end is None:
        scope = Scope("device-independent", discussion="one-way", key=(0, 2), noise=noise)
    return Derived(
        "upper",
        scope,
        ROUND_UNITS,
        f"every device with the table of a singlet of visibility {float(v):.12g}, of which Alice measures Z and X, and "
        "Bob (Z+X)/√2, (Z-X)/√2 and Z",
        one_way if end is None else two_way,
        "[farkas2021; lukanowski2023]; claims convex-combination-attack, orthogonal-observable-attack, ceiling-hull",
    )


def _mutual_information(inputs: dict[str, Any]) -> Derived:
    """I(A:B|x,y) of the announced key setting; without one, the greatest over all pairs of settings."""
    key = _key(inputs["key"])
    tables = _tables(inputs["tables"])
    if key is None:
        settings = {x for x, _ in tables}, {y for _, y in tables}
        require(
            tables.keys() == {(x, y) for x in range(len(settings[0])) for y in range(len(settings[1]))},
            "a table of some pair of settings is missing",
        )
        require(_signalling(tables) <= ROUNDING, "tables that signal are no device's")
    else:
        require(tables.keys() == {key}, "not just the table of the key setting")

    def information(table: list[list[Fraction]]) -> arb:
        rows, columns = [sum(row) for row in table], [sum(c) for c in zip(*table, strict=True)]
        marginals = shannon(map(ball, rows)) + shannon(map(ball, columns))
        return marginals - shannon(ball(p) for row in table for p in row)

    def value() -> arb:
        greatest = arb(0)
        for table in tables.values():
            greatest = greatest.max(information(table))
        return greatest

    return Derived(
        "upper",
        Scope("device-independent", discussion="any" if key is None else "two-way", key=key),
        ROUND_UNITS,
        "every device with the given tables" + ("" if key is not None else f", of {len(tables)} pairs of settings"),
        value,
        "intrinsic information [maurer1999]",
    )


def _reconciliation(inputs: dict[str, Any]) -> Derived:
    """H(Â|B,V) of the key setting's table."""
    key = _key(inputs["key"])
    require(key is not None, "no key setting")
    noise, keep = number(inputs["noise"], "noise", 0, HALF), number(inputs["keep"], "keep", 0, 1)
    tables = _tables(inputs["tables"])
    require(tables.keys() == {key}, "not just the table of the key setting")
    (joint,) = tables.values()
    require(noise == 0 or len(joint) == 2, "noise on what is not a bit")
    survives = sum((p for row in post_selected(joint, keep) for p in row), Fraction(0))
    require(survives > 0, "no key round survives")

    def value() -> arb:
        return unnormalised_entropy(joint, noise, keep) / ball(survives)

    scope = Scope("device-independent", RECONCILIATION, "one-way", key, noise, keep)
    return Derived(
        "upper", scope, KEPT_UNITS, "the given table of the key setting", value, "Shannon limit of error correction"
    )


def _key(value: Any) -> tuple[int, int] | None:
    if value is None:
        return None
    x, y = sequence(value, "key", least=2, most=2)
    return integer(x, "key setting", 0, 1000), integer(y, "key setting", 0, 1000)


def _tables(value: Any, *, bits: bool = False) -> Tables:
    """P(a,b|x,y) of some pairs of settings, each divided by its sum, which is 1 up to rounding."""
    tables: Tables = {}
    for entry in sequence(value, "tables", least=1, most=400):
        found = fields(entry, "a table", ("settings", "P"))
        pair = _key(found["settings"])
        require(pair is not None and pair not in tables, "two tables of one pair of settings")
        assert pair is not None
        rows = [
            [number(p, "probability", 0, 1) for p in sequence(row, "row of a table", least=2, most=2 if bits else 16)]
            for row in sequence(found["P"], "table", least=2, most=2 if bits else 16)
        ]
        require(len({len(row) for row in rows}) == 1, "a table whose rows differ in length")
        total = sum((p for row in rows for p in row), Fraction(0))
        require(abs(total - 1) < Fraction(1, 2**40), "a table that does not sum to 1")
        tables[pair] = [[p / total for p in row] for row in rows]
    return tables


_CHSH = ("chsh", "qber", "tables", "key")

DEVICE_FORMULAS: dict[str, tuple[tuple[str, ...], Callable[[dict[str, Any]], Derived]]] = {
    "CHSH entropy": ((*_CHSH, "noise"), _chsh_entropy),
    "CHSH rate": ((*_CHSH, "noise"), _chsh_rate),
    "CHSH rate with H(A|B)": ((*_CHSH, "noise"), _chsh_table_rate),
    "two-qubit device, I(A:B|E)": (_CHSH, _two_qubit_device),
    "two-qubit device, E_r": (_CHSH, _two_qubit_er),
    "mixture of devices": ((*_CHSH, "points"), _mixed_device),
    "noisy singlet": (("visibility", "noise", "chord_end"), _noisy_singlet),
    "mutual information": (("tables", "key"), _mutual_information),
    "reconciliation": (("tables", "key", "noise", "keep"), _reconciliation),
}

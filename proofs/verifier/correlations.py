"""Closed forms about untrusted devices that are known by S and Q, or by the tables of some pairs of settings."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb

from .devices import post_selected, unnormalised_entropy
from .logarithms import binary_entropy, clamp, root, shannon
from .reading import RejectedError, ball, fields, integer, number, require, sequence
from .statement import (
    ENTROPY,
    HALF,
    KEY,
    PER_KEPT_ROUND,
    PER_ROUND,
    RECONCILIATION,
    Derived,
    KeySetting,
    Pair,
    Protocol,
    Scope,
    decimal,
    read_pair,
    read_protocol,
    scenario,
)

Tables = dict[Pair, list[list[Fraction]]]  # P(a,b) by pair of settings

ROUNDING_OF_S = Fraction(1, 2**48)  # by which the square of a double next to 2√2 may be above 8
ROUNDING = Fraction(1, 2**30)  # by which marginals of the tables of one device may differ
SMALL_SCOPE = "CHSH value and key error"


def _coherence(s: Fraction) -> arb:
    """C = sqrt(S²/4 - 1) for |S| >= 2, cut at 1, which is at 2√2."""
    return clamp(root(ball(s * s / 4 - 1)), 0, 1)


def _entropy_given_eve(s: Fraction, q: Fraction) -> arb:
    """1 - h((1+C)/2) + h((1 + sqrt(1 - 4q(1-q)(1-C²)))/2) for |S| > 2, else h(q)."""
    if s <= 2:
        return binary_entropy(ball(q))
    c = _coherence(s)
    noisy = root(clamp(1 - ball(4 * q * (1 - q)) * (1 - c * c), 0, 1))
    return 1 - binary_entropy((1 + c) / 2) + binary_entropy((1 + noisy) / 2)


def _device_information(s: Fraction, error: Fraction) -> arb:
    """I(A:B|E) of the two-qubit device; nothing without nonlocality, or where Bob's key observable is orthogonal."""
    if s <= 2 or error == HALF:
        return arb(0)
    return (_entropy_given_eve(s, error) - binary_entropy(ball(error))).max(arb(0))


class ChshDevice:
    """Devices by S and Q, given as numbers or by the tables of the CHSH settings and the key setting."""

    def __init__(self, inputs: dict[str, Any], *, rate: bool) -> None:
        self.key, self.test = read_pair(inputs["key"], "key"), read_test(inputs["test"])
        if rate:
            require(self.key[0] in self.test[0], "Alice's key setting is none of the CHSH settings")
        else:
            require(self.key[1] not in self.test[1], "Bob's key setting is one of the CHSH settings")
        self.noise = number(inputs["noise"], "noise", 0, HALF) if "noise" in inputs else Fraction(0)
        self.tables = None if inputs["tables"] is None else _tables(inputs["tables"])
        self.where = f"CHSH settings {in_words(self.test)} and key setting {self.key[0]},{self.key[1]}"
        if self.tables is None:
            self.s, self.error = abs(number(inputs["chsh"], "chsh", -3, 3)), number(inputs["qber"], "qber", 0, HALF)
            rounding = ROUNDING_OF_S
        else:
            require(inputs["chsh"] is None and inputs["qber"] is None, "both S, Q and tables")
            pairs = {(x, y) for x in self.test[0] for y in self.test[1]}
            require(self.tables.keys() == {*pairs, self.key}, "not the tables of the CHSH settings and the key setting")
            require(all(len(t) == len(t[0]) == 2 for t in self.tables.values()), "outcomes that are not bits")
            self.s, rounding = abs(self._chsh(self.tables)), Fraction(1, 2**38)
            wrong = self.key_table[0][1] + self.key_table[1][0]
            self.error = min(wrong, 1 - wrong)  # above 1/2, Bob relabels
        require(self.s * self.s <= 8 + rounding, "S is beyond 2√2")

    @property
    def key_table(self) -> list[list[Fraction]]:
        """P(a,b) of the key setting."""
        require(self.tables is not None, "the table of the key setting is missing")
        assert self.tables is not None
        return self.tables[self.key]

    @property
    def subject(self) -> str:
        """Devices of which S and Q are known."""
        return self._known(f"key error {decimal(self.error)}")

    @property
    def subject_with_key_table(self) -> str:
        """Devices of which S and all outcomes of the key setting are known."""
        return self._known("the outcomes of the key setting")

    def one_way(self, quantity: str = KEY, statistics: str = SMALL_SCOPE) -> Scope:
        """One-way from the key setting."""
        protocol = Protocol("one-way", (KeySetting(self.key, noise=self.noise),))
        return Scope("device-independent", protocol, quantity, statistics)

    def two_way(self) -> Scope:
        """Two-way on the key setting."""
        return Scope("device-independent", Protocol("two-way", (KeySetting(self.key),)), statistics=SMALL_SCOPE)

    def _chsh(self, tables: Tables) -> Fraction:
        """E_00 + E_01 + E_10 - E_11."""
        total = Fraction(0)
        for x in self.test[0]:
            for y in self.test[1]:
                table = tables[x, y]
                correlator = table[0][0] + table[1][1] - table[0][1] - table[1][0]
                total += -correlator if (x, y) == (self.test[0][1], self.test[1][1]) else correlator
        return total

    def _known(self, error: str) -> str:
        source = ""
        if self.tables is not None:
            apart = _signalling(self.tables)
            signals = f" (which no device has exactly: their marginals differ by up to {decimal(apart, 'upper')})"
            source = f", as in the tables with the digest below{signals if apart > ROUNDING else ''}"
        return (
            f"devices with |S| = {decimal(self.s)} and {error}{source}, at {self.where}; nothing else is known of them"
        )


def read_test(value: Any) -> tuple[Pair, Pair]:
    """The CHSH settings, two of Alice's and two of Bob's."""
    alice, bob = (read_pair(pair, "CHSH settings") for pair in sequence(value, "test", least=2, most=2))
    require(alice[0] != alice[1] and bob[0] != bob[1], "the same CHSH setting twice")
    return alice, bob


def in_words(test: tuple[Pair, Pair]) -> str:
    """CHSH settings for print, Alice's before Bob's."""
    return " | ".join(f"{one},{two}" for one, two in test)


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
    device = ChshDevice(inputs, rate=True)
    return Derived(
        "lower",
        device.one_way(ENTROPY),
        PER_KEPT_ROUND,
        device.subject,
        lambda: _entropy_given_eve(device.s, device.noise),
        "CHSH entropy [pironio2009; ho2020]",
    )


def _chsh_rate(inputs: dict[str, Any]) -> Derived:
    """H(Â|E) - h(q + (1-2q) Q)."""
    device = ChshDevice(inputs, rate=True)

    def value() -> arb:
        q = device.noise
        return _entropy_given_eve(device.s, q) - binary_entropy(ball(q + (1 - 2 * q) * device.error))

    grounds = "CHSH entropy [pironio2009; ho2020]; Devetak-Winter rate [devetak2005]"
    return Derived("lower", device.one_way(), PER_ROUND, device.subject, value, grounds)


def _chsh_table_rate(inputs: dict[str, Any]) -> Derived:
    """H(Â|E) - H(Â|B) with the table of the key setting."""
    device = ChshDevice(inputs, rate=True)
    joint = device.key_table

    def value() -> arb:
        given_bob = unnormalised_entropy(joint, device.noise, Fraction(1))
        return _entropy_given_eve(device.s, device.noise) - given_bob

    grounds = "CHSH entropy [pironio2009; ho2020]; Devetak-Winter rate [devetak2005]"
    scope = device.one_way(statistics="full correlations")
    return Derived("lower", scope, PER_ROUND, device.subject_with_key_table, value, grounds)


def _two_qubit_device(inputs: dict[str, Any]) -> Derived:
    """I(A:B|E) of the worst device, for two-way protocols on the key setting."""
    device = ChshDevice(inputs, rate=False)
    value = lambda: _device_information(device.s, device.error)  # noqa: E731
    grounds = "two-qubit device [arnonfriedman2020]"
    return Derived("upper", device.two_way(), PER_ROUND, device.subject, value, grounds)


def _two_qubit_er(inputs: dict[str, Any]) -> Derived:
    """E_r = 1 - h((1+C)/2) of the worst device, for any protocol: whatever is measured, it is this state."""
    device = ChshDevice(inputs, rate=False)

    def value() -> arb:
        return 1 - binary_entropy((1 + _coherence(device.s)) / 2) if device.s > 2 else arb(0)

    scope = Scope("device-independent", statistics=SMALL_SCOPE)
    return Derived("upper", scope, PER_ROUND, device.subject, value, "two-qubit device [arnonfriedman2020]")


def _device_cost(s: Fraction, error: Fraction) -> arb:
    """What the device leaves; nothing for Q >= (S-2)/(2(2√2-2)), where Bob's key observable can be orthogonal."""
    if s <= 2 or 32 * error * error >= (s - 2 + 4 * error) ** 2:
        return arb(0)
    return _device_information(s, error)


def _mixed_device(inputs: dict[str, Any]) -> Derived:
    """Σ_k w_k of the costs of three devices, where Σ_k w_k (1, S_k, Q_k) = (1, S, Q); without points, one device's."""
    device = ChshDevice(inputs, rate=False)
    given = [sequence(point, "a point", least=2, most=2) for point in sequence(inputs["points"], "points", most=3)]
    require(len(given) in (0, 3), "neither three devices nor one")
    points = [(number(s, "S of a point", 0, 3), number(q, "Q of a point", 0, HALF)) for s, q in given]
    require(all(s * s <= 8 + ROUNDING_OF_S for s, _ in points), "S of a point is beyond 2√2")

    def cut(s: Fraction) -> arb:
        return ball(s) if s * s <= 8 else 2 * arb(2).sqrt()

    def value() -> arb:
        if not points:
            return _device_cost(device.s, device.error)
        s, error = cut(device.s), ball(device.error)
        (s_1, q_1), (s_2, q_2), (s_3, q_3) = ((cut(x), ball(q)) for x, q in points)
        whole = (s_2 - s_1) * (q_3 - q_1) - (s_3 - s_1) * (q_2 - q_1)
        second = ((s - s_1) * (q_3 - q_1) - (s_3 - s_1) * (error - q_1)) / whole
        third = ((s_2 - s_1) * (error - q_1) - (s - s_1) * (q_2 - q_1)) / whole
        weights = [1 - second - third, second, third]
        if any(weight < 0 for weight in weights):
            raise RejectedError("a weight of the mixture is negative")
        if not all(weight >= 0 for weight in weights):
            return arb("nan")
        return sum((w * _device_cost(*point) for w, point in zip(weights, points, strict=True)), arb(0))

    grounds = "devices of the same S and Q [christandl2021]; claims ceiling-hull, orthogonal-observable-attack"
    return Derived("upper", device.two_way(), PER_ROUND, device.subject, value, grounds)


def _noisy_singlet(inputs: dict[str, Any]) -> Derived:
    """One-way: w + (1-w) h(q) - h(q + (1-2q) d), w = (v-v_L)/(1-v_L), d = (1-v)/2, v_L = 1/√2; 0 in w below v_L.

    Two-way: 0 up to v* = 1/(2-v_L), from there the chord to f(u) = (w+d)(1 - h(d/(w+d))) at a u >= v that is given.
    """
    v, protocol = number(inputs["visibility"], "visibility", 0, 1), read_protocol(inputs["protocol"])
    noise = protocol.single.noise
    require(protocol.single.pair == (0, 2) and protocol.keep == 1, "another key setting or post-selection")
    end = None if inputs["chord_end"] is None else number(inputs["chord_end"], "chord_end", v, 1)
    require(protocol.discussion == ("one-way" if end is None else "two-way"), "another discussion than the formula's")

    def local() -> arb:
        return 1 / arb(2).sqrt()

    def weight(visibility: Fraction) -> arb:
        if visibility == 1:
            return arb(1)
        return ((ball(visibility) - local()) / (1 - local())).max(arb(0))

    def one_way() -> arb:
        if noise == HALF:  # then Alice's bit is noise alone
            return arb(0)
        w, q = weight(v), ball(noise)
        return w + (1 - w) * binary_entropy(q) - binary_entropy(ball(noise + (1 - 2 * noise) * (1 - v) / 2))

    def two_way() -> arb:
        assert end is not None
        top = 1 / (2 - local())
        if ball(v) <= top:
            return arb(0)
        d = ball((1 - end) / 2)
        kept = weight(end) + d
        share = arb(1) if v == end else (ball(v) - top) / (ball(end) - top)
        return kept * (1 - binary_entropy(d / kept)) * share

    return Derived(
        "upper",
        Scope("device-independent", protocol),
        PER_ROUND,
        f"devices with the table of a singlet of visibility {decimal(v)}, of which Alice measures Z and X, and Bob "
        f"(Z+X)/√2, (Z-X)/√2 and Z: {scenario((2, 2), (2, 3), [(x, y) for x in range(2) for y in range(3)])}",
        one_way if end is None else two_way,
        "[farkas2021; lukanowski2023]; claims convex-combination-attack, orthogonal-observable-attack, ceiling-hull",
    )


def _mutual_information(inputs: dict[str, Any]) -> Derived:
    """I(A:B|x,y) of the key setting; for completed rounds, the greatest over all pairs of settings."""
    outcomes, settings = (_sizes(inputs[name], name) for name in ("outcomes", "settings"))
    tables, protocol = _tables(inputs["tables"]), read_protocol(inputs["protocol"])
    require(
        all((len(table), len(table[0])) == outcomes for table in tables.values()),
        "a table of other outcomes than named",
    )
    every = [(x, y) for x in range(settings[0]) for y in range(settings[1])]
    require(tables.keys() <= {*every}, "a table of a setting that there is not")
    if protocol.discussion == "completed rounds":
        require(len(tables) == len(every), "a table of some pair of settings is missing")
    else:
        require(protocol.discussion == "two-way", "this ceiling is for two-way discussion, or that of completed rounds")
        require(tables.keys() == {protocol.single.pair}, "not just the table of the key setting")
    require(_signalling(tables) <= ROUNDING, "tables that signal are no device's")

    def value() -> arb:
        greatest = arb(0)
        for table in tables.values():
            greatest = greatest.max(_information(table))
        return greatest

    return Derived(
        "upper",
        Scope("device-independent", protocol),
        PER_ROUND,
        f"devices with the tables with the digest below: {scenario(outcomes, settings, list(tables))}",
        value,
        "intrinsic information [maurer1999]",
    )


def _information(table: list[list[Fraction]]) -> arb:
    """I(A:B), exactly 0 of a product."""
    rows, columns = [sum(row, Fraction(0)) for row in table], [sum(c, Fraction(0)) for c in zip(*table, strict=True)]
    if all(p == r * c for r, row in zip(rows, table, strict=True) for c, p in zip(columns, row, strict=True)):
        return arb(0)
    return shannon(map(ball, rows)) + shannon(map(ball, columns)) - shannon(ball(p) for row in table for p in row)


def _reconciliation(inputs: dict[str, Any]) -> Derived:
    """H(Â|B,V) of the key setting's table."""
    tables, protocol = _tables(inputs["tables"]), read_protocol(inputs["protocol"])
    require(protocol.discussion == "one-way", "this entropy is for one-way discussion")
    key, noise, keep = protocol.single.pair, protocol.single.noise, protocol.keep
    require(tables.keys() == {key}, "not just the table of the key setting")
    joint = tables[key]
    require(noise == 0 or len(joint) == 2, "noise on what is not a bit")
    survives = sum((p for row in post_selected(joint, keep) for p in row), Fraction(0))

    def value() -> arb:
        return unnormalised_entropy(joint, noise, keep) / ball(survives)

    subject = f"the table with the digest below, {len(joint)} and {len(joint[0])} outcomes of setting {key[0]},{key[1]}"
    scope = Scope("device-independent", protocol, RECONCILIATION)
    return Derived("upper", scope, PER_KEPT_ROUND, subject, value, "Shannon limit of error correction")


def _sizes(value: Any, what: str) -> Pair:
    alice, bob = sequence(value, what, least=2, most=2)
    return integer(alice, f"Alice's {what}", 1, 20), integer(bob, f"Bob's {what}", 1, 20)


def _tables(value: Any) -> Tables:
    """P(a,b) of some pairs of settings, each divided by its sum, which is 1 up to rounding."""
    tables: Tables = {}
    for entry in sequence(value, "tables", least=1, most=400):
        found = fields(entry, "a table", ("settings", "P"))
        pair = read_pair(found["settings"], "settings of a table")
        require(pair not in tables, "two tables of one pair of settings")
        rows = [
            [number(p, "probability", 0, 1) for p in sequence(row, "row of a table", least=1, most=16)]
            for row in sequence(found["P"], "table", least=1, most=16)
        ]
        require(len({len(row) for row in rows}) == 1, "a table whose rows differ in length")
        total = sum((p for row in rows for p in row), Fraction(0))
        require(abs(total - 1) < Fraction(1, 2**40), "a table that does not sum to 1")
        tables[pair] = [[p / total for p in row] for row in rows]
    return tables


_CHSH = ("chsh", "qber", "tables", "key", "test")

DEVICE_FORMULAS: dict[str, tuple[tuple[str, ...], Callable[[dict[str, Any]], Derived]]] = {
    "CHSH entropy": ((*_CHSH, "noise"), _chsh_entropy),
    "CHSH rate": ((*_CHSH, "noise"), _chsh_rate),
    "CHSH rate with H(A|B)": ((*_CHSH, "noise"), _chsh_table_rate),
    "two-qubit device, I(A:B|E)": (_CHSH, _two_qubit_device),
    "two-qubit device, E_r": (_CHSH, _two_qubit_er),
    "mixture of devices": ((*_CHSH, "points"), _mixed_device),
    "noisy singlet": (("visibility", "protocol", "chord_end"), _noisy_singlet),
    "mutual information": (("outcomes", "settings", "tables", "protocol"), _mutual_information),
    "reconciliation": (("tables", "protocol"), _reconciliation),
}

"""Forged certificates: each says too little or too much in one respect, and must be told why it is not accepted.

A row names what the verifier must say, a sample, and what is changed in it, by paths into the document.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from typing import Any

Document = dict[str, Any]

GONE = object()  # in place of a value: leave the field out


def edited(document: Document, edits: dict[str, Any]) -> Document:
    """A copy with these values at these paths, or what these functions make of the values there."""
    copied = copy.deepcopy(document)
    for path, value in edits.items():
        put(copied, path.split("."), value)
    return copied


def put(place: Any, names: list[str], value: Any) -> None:
    name, *rest = names
    keys: list[Any] = [int(name) if name.lstrip("-").isdigit() else name]
    if name == "*":
        keys = list(range(len(place)))
    for key in keys:
        if rest:
            put(place[key], rest, value)
        elif value is GONE:
            del place[key]
        else:
            place[key] = value(place[key]) if callable(value) else copy.deepcopy(value)


# --- parts of documents ----------------------------------------------------------------------------------------------


def twice(entries: list[Any]) -> list[Any]:
    return [*entries, entries[0]]


def first_twice(entries: list[Any]) -> list[Any]:
    return [entries[0], entries[0], *entries[2:]]


def diagonal(*entries: int | str) -> list[Any]:
    size = len(entries)
    return [[[entries[r] if r == c else 0, 0] for c in range(size)] for r in range(size)]


def shorter(rows: list[Any]) -> list[Any]:
    """A matrix of dyadic numbers times 1 - 2^-9."""

    def scaled(part: int | str) -> str:
        mantissa, exponent = (*part.split("p"), "0")[:2] if isinstance(part, str) else (str(part), "0")
        return f"{int(mantissa) * 511}p{int(exponent) - 9}"

    return [[[scaled(re), scaled(im)] for re, im in row] for row in rows]


def one_way(key: list[int], noise: int | str = 0, keep: int | str = 1) -> Document:
    """A class of protocols with one key setting."""
    return {"discussion": "one-way", "settings": [{"key": key, "weight": 1, "noise": noise}], "keep": keep}


def two_way(*settings: Document) -> Document:
    return {"discussion": "two-way", "settings": list(settings), "keep": 1}


# a dual of zeros, which proves an entropy of 0: all else about it can be varied


def alternating(first: int, length: int) -> list[list[int]]:
    """A word in the projectors of both settings by turns."""
    return [[first ^ k % 2, 0] for k in range(length)]


def zeros(words: int) -> list[int]:
    return [0] * (words * (words + 1) // 2)


KEYED = [[[], []], [[[1, 0]], []], [[], [[0, 0]]], [[[1, 0]], [[0, 0]]]]  # words of the costs of key setting (1, 0)
ALTERNATING = [[], *(alternating(first, length) for length in range(1, 6) for first in (0, 1))]
LONG = [[alternating(first, length), []] for first in (0, 1) for length in range(1, 8) if (first, length) != (1, 1)]
LEVELS = [[[], []], [[[0, 0]], []]]  # words without Bob's
IDENTITY = {"functional": [[[[], []], 1]], "low": 1, "high": 1}


def trivial(*more: Any, nodes: int = 1, known: int = 1) -> dict[str, Any]:
    """The edits that make it, with more words, and with `nodes` nodes and `known` values of the identity."""
    words = [*KEYED, *more]
    return {
        "statement.value": 0,
        "data.words": words,
        "data.nodes": {"bits": 30, "t": [(k + 1) << 20 for k in range(nodes)]},
        "data.weights": {"bits": 60, "W": [0] * nodes},
        "data.dual": {"bits": 0, "X": [zeros(len(words))] * nodes, "Y": [zeros(len(words))] * nodes},
        "data.known": [{"functional": [[[[], []], k]], "low": k, "high": k} for k in range(1, known + 1)],
        "data.multipliers": [0] * known,
    }


def mirrored(word: list[Any]) -> dict[str, Any]:
    """One of a table that is mirrored, of which one more moment is called known."""
    more = [[[0, 0]], []], [[[0, 0]], [[0, 0]]], [[[1, 0]], [[1, 0]]]
    return {
        **trivial(*more),
        "data.known": [IDENTITY, {"functional": [[word, 1]], "low": "1/2", "high": "1/2"}],
        "data.multipliers": [0, 0],
        "data.mirrored": [[word, 0], [[word[0], []], 0], [[[], word[1]], 0]],
    }


def flip_difference(length: int) -> list[Any]:
    """w - Fw of an alternating word w, where F puts 1 - E for each projector E: it flips to its negative."""
    terms: dict[tuple[int, ...], int] = {}
    word = [k % 2 ^ 1 for k in range(length)]
    subwords: list[list[int]] = [[]]
    for letter in word:
        subwords += [[*chosen, letter] for chosen in subwords]
    for letters, c in [(word, 1), *((chosen, -((-1) ** len(chosen))) for chosen in subwords)]:
        reduced = [one for k, one in enumerate(letters) if k == 0 or letters[k - 1] != one]
        place = min(tuple(reduced), tuple(reversed(reduced)))
        terms[place] = terms.get(place, 0) + c
    return [[[[[x, 0] for x in letters], []], c] for letters, c in terms.items() if c]


def known_as(value: int | str) -> Callable[[list[Document]], list[Document]]:
    """Everything but the identity with another value."""
    return lambda known: [known[0], *({**entry, "low": value, "high": value} for entry in known[1:])]


# a mixture of one deterministic point at one pair of settings, and a table of which nothing is proven


def mix(**data: Any) -> dict[str, Any]:
    """The edits that make such a mixture, with other data."""
    whole = {
        "scenario": {"outcomes": [2, 2], "settings": [1, 1]},
        "measured": [[0, 0]],
        "collins_gisin": [[1, 1], [1, 1]],
        "table": [[[1, 0], [0, 0]]],
        "distance": 0,
        "protocol": two_way({"key": [0, 0], "weight": 1, "noise": 0}),
        "mixture": mixed([point(1)]),
        **data,
    }
    return {"data": whole, PROTOCOL: whole["protocol"], "statement.value": 0}


def mixed(points: list[Document], strategies: tuple[Document, ...] = ()) -> Document:
    return {"grid_bits": 3, "points": points, "strategies": list(strategies)}


def point(weight: int | str, alice: Any = 0, bob: Any = 0) -> Document:
    sides = {side: [given] if isinstance(given, int) else given for side, given in (("alice", alice), ("bob", bob))}
    return {"weight": weight, **sides}


def measure(direction: Any = (1, 0), labels: Any = (0, 1), misprints: Any = (0, 0)) -> Document:
    return {"direction": list(direction), "labels": list(labels), "misprints": list(misprints)}


def strategy(weight: int | str = 1, state: Any = (1, 0, 0, 0, 0, 0, 0, 0), alice: Any = (), bob: Any = ()) -> Document:
    return {
        "weight": weight,
        "state": list(state),
        "alice": list(alice) or [measure()],
        "bob": list(bob) or [measure()],
    }


THREE = {  # Alice's outcomes, of which neither noise nor post-selection speaks
    "scenario": {"outcomes": [3, 2], "settings": [1, 1]},
    "table": [[["1/2", 0], [0, "1/4"], ["1/4", 0]]],
    "collins_gisin": [[1, "3/4"], ["1/2", "1/2"], ["1/4", 0]],
    "mixture": mixed([point("1/2"), point("1/4", 1, 1), point("1/4", 2)]),
}
PROTOCOL = "statement.scope.protocol"
SETTINGS = f"{PROTOCOL}.settings"
PLAIN = {"key": [2, 1], "weight": 1, "noise": 0}
SHARED = {"key": [2, 1], "weight": "1/2", "noise": 0}
ANYBODY = {"discussion": "any", "settings": [], "keep": 1}
SMALL = {
    "data.outcomes": [2, 2],
    "data.settings": [1, 1],
    "data.tables": [{"settings": [0, 0], "P": [["1/2", "1/4"], ["1/8", "1/8"]]}],
    "data.points": [],
    "data.inequality": None,
    "statement.lower": 0,
    "statement.upper": 1,
}
CERTAIN = {"settings": [0, 0], "P": [[1, 0], [0, 0]]}
PAIRS = [(x, y) for x in (0, 1) for y in (0, 1)]
CON, ENT, LOCAL, MIX = "entropy under constraints", "entropy", "local weight", "mixture"
PROVEN = "is not proven: the data give"

FORGERIES: list[tuple[str, str, dict[str, Any]]] = [
    # the document
    ("the format is not 'keybounds certificate'", "hashing", {"format": "a certificate"}),
    ("the version is not 2", "hashing", {"version": "2"}),
    ("this is a version 1 certificate", "hashing", {"version": 1}),
    ("data is not an object", "hashing", {"data": []}),
    ("kind is 'hope', which is none of", "hashing", {"kind": "hope"}),
    ("an upper bound below 0", "channel, quantum", {"statement.value": "-1/2"}),
    ("is not proven: the data give", "hashing", {"statement.value": 1}),
    (  # Bob's bit is a function of Alice's six outcomes: exactly one bit, of which the ball is a hair wider
        "the data do not decide the value",
        "mutual information",
        {
            "data.inputs.outcomes": [6, 2],
            "data.inputs.tables.0.P": [["1/6", 0]] * 3 + [[0, "1/6"]] * 3,
            "statement.value": 1,
        },
    ),
    ("has unknown fields: 'more'", "hashing", {"more": 1}),
    ("method is not a string", "hashing", {"statement.method": []}),
    ("method is longer than 2000 characters", "hashing", {"statement.method": "x" * 2001}),
    (
        "transmissivity has more than 4000 digits",
        "loss rate",
        {"data.inputs.transmissivity": "1" + "0" * 3999 + "/" + "3" + "0" * 3999},
    ),
    ("transmissivity has more than 4000 digits", "loss rate", {"data.inputs.transmissivity": "0" * 4000 + "1/3"}),
    (
        "transmissivity has an exponent beyond 4096",
        "loss rate",
        {"data.inputs.transmissivity": "1p-4097", "statement.value": 0},
    ),
    ("mean_pairs has more than 4000 digits", "pair source", {"data.inputs.mean_pairs": "9" * 3999 + "p4096"}),
    *[
        (PROVEN, name, {"statement.value": 0})
        for name in (
            "singlet",
            "singlet, one-way",
            "two-qubit",
            "mixture of devices",
            "trusted ceiling",
            "dephasing",
            "depolarising",
            "mixture",
            "mixture, one-way",
            "mixture, any",
            "amplitude damping",
            "transpose ceiling off the edge",
        )
    ],
    *[(PROVEN, name, {"statement.value": 659_161}) for name in ("EAT", "Rényi")],
    ("multiplier has more than 4000 digits", CON, {**trivial(), "data.multipliers.0": "9" * 3999 + "p4096"}),
    # the statement
    ("this certificate proves lower bounds only", "hashing", {"statement.direction": "upper"}),
    ("this certificate proves upper bounds only", "two-qubit", {"statement.direction": "lower"}),
    ("the unit is not bit/copy, or made of it by a stated rate", "hashing", {"statement.unit": "bit/round"}),
    (
        "the unit is not one that a rate makes of bit/copy",
        "hashing",
        {"statement.unit": "bit/channel use", "statement.scale": {"rate": 1, "from": "bit/copy"}},
    ),
    (
        "the unit is not one that a rate makes of bit/channel use",
        "E_max",
        {"statement.unit": "bit/herald", "statement.scale": {"rate": 1, "from": "bit/channel use"}},
    ),
    (
        "a rate that is not above 0",
        "hashing",
        {"statement.unit": "bit/s", "statement.scale": {"rate": 0, "from": "bit/copy"}},
    ),
    (
        "a heralded pair that is not exactly one round or copy",
        "hashing",
        {"statement.unit": "bit/herald", "statement.scale": {"rate": 2, "from": "bit/copy"}},
    ),
    (
        "a quantum capacity of untrusted devices",
        "two-qubit",
        {"statement.scope.quantity": "quantum capacity"},
    ),
    (
        "devices of the adversary where they are trusted",
        "hashing",
        {"statement.scope.devices": {"communication": "none", "memory": "iid"}},
    ),
    (
        "key settings or completed rounds where the devices are trusted",
        "hashing",
        {f"{PROTOCOL}.settings": [PLAIN]},
    ),
    (
        "key settings or completed rounds of a state or a channel, which have none",
        "transpose ceiling",
        {f"{PROTOCOL}.discussion": "completed rounds"},
    ),
    ("two-way discussion of no key setting", "two-qubit", {SETTINGS: []}),
    ("a quantum capacity of no channel", "Bell-diagonal", {"statement.scope.quantity": "quantum capacity"}),
    (
        "entanglement distilled from a channel",
        "loss ceiling",
        {"statement.scope.quantity": "distillable entanglement"},
    ),
    ("does not follow from the derived one", "two-qubit", {f"{SETTINGS}.0.key": [0, 2]}),
    ("a key setting where there is none", "two-qubit", {f"{PROTOCOL}.discussion": "any"}),
    (
        "preprocessing beyond one-way discussion on key settings",
        "two-qubit",
        {f"{SETTINGS}.0.noise": "1/4"},
    ),
    (
        "not one key setting, which this certificate is for",
        "singlet",
        {"data.inputs.protocol.settings": [{"key": [k, 2], "weight": "1/2", "noise": 0} for k in (0, 1)]},
    ),
    ("keep is above 1", "mixture, any", {PROTOCOL: one_way([2, 1], keep=2)}),
    ("noise is below 0", "mixture, any", {PROTOCOL: one_way([2, 1], noise="-1/4")}),
    ("noise is above 1/2", "mixture, any", {PROTOCOL: one_way([2, 1], noise="3/4")}),
    ("the same key setting twice", "mixture, any", {PROTOCOL: two_way(SHARED, SHARED)}),
    (
        "a key setting without weight",
        "mixture, any",
        {PROTOCOL: two_way({**SHARED, "weight": 1}, {**SHARED, "key": [0, 1], "weight": 0})},
    ),
    ("weights of key settings that do not sum to 1", "mixture, any", {PROTOCOL: two_way(SHARED)}),
    (
        "key settings has 401 entries",
        "mixture, any",
        {PROTOCOL: two_way(*({"key": [k, 0], "weight": "1/401", "noise": 0} for k in range(401)))},
    ),
    ("does not follow from the derived one", "channel transpose", {"statement.scope.devices": GONE}),
    # devices by S and Q, or by tables
    ("Bob's key setting is one of the CHSH settings", "two-qubit", {"data.inputs.key": [1, 1]}),
    ("the same CHSH setting twice", "two-qubit", {"data.inputs.test": [[0, 1], [1, 1]]}),
    ("the same CHSH setting twice", "two-qubit", {"data.inputs.test": [[1, 1], [0, 1]]}),
    ("S is beyond 2√2", "CHSH rate", {"data.inputs.chsh": "-2829/1000"}),
    ("both S, Q and tables", "CHSH rate of a table", {"data.inputs.qber": "1/50"}),
    ("both S, Q and tables", "CHSH rate of a table", {"data.inputs.chsh": "27/10"}),
    (
        "not the tables of the CHSH settings and the key setting",
        "CHSH rate of a table",
        {"data.inputs.tables": lambda tables: tables[:-1]},
    ),
    (
        "outcomes that are not bits",
        "CHSH rate of a table",
        {"data.inputs.tables.0.P": [["1/4", "1/4"], [0, "1/4"], ["1/4", 0]]},
    ),
    (
        "the table of the key setting is missing",
        "CHSH and H(A|B)",
        {"data.inputs.tables": None, "data.inputs.chsh": "27/10", "data.inputs.qber": "1/50"},
    ),
    ("two tables of one pair of settings", "CHSH rate of a table", {"data.inputs.tables": twice}),
    ("a table whose rows differ in length", "CHSH rate of a table", {"data.inputs.tables.0.P": [["1/2"], [0, "1/2"]]}),
    ("neither three devices nor one", "mixture of devices", {"data.inputs.points": lambda points: points[:2]}),
    ("S of a point is beyond 2√2", "mixture of devices", {"data.inputs.points.1.0": "2829/1000"}),
    *(
        ("a weight of the mixture is negative", "mixture of devices", {"data.inputs.points": list(points)})
        for points in itertools.permutations([["5/2", 0], ["13/5", 0], ["14/5", "1/10"]])
    ),
    ("a table of other outcomes than named", "mutual information, all", {"data.inputs.outcomes": [2, 3]}),
    ("a table of a setting that there is not", "mutual information", {"data.inputs.settings": [2, 3]}),
    (
        "a table of some pair of settings is missing",
        "mutual information, all",
        {"data.inputs.settings": [3, 4]},
    ),
    ("tables that signal are no device's", "mutual information, all", {"data.inputs.tables.0.P": [[1, 0], [0, 0]]}),
    ("not just the table of the key setting", "reconciliation", {"data.inputs.tables.0.settings": [0, 0]}),
    ("keep is 0", "reconciliation", {f"{PROTOCOL}.keep": 0, "data.inputs.protocol.keep": 0, "statement.value": 0}),
    (
        "Alice's key setting is none of the CHSH settings",
        "CHSH rate",
        {"data.inputs.key": [2, 2], f"{SETTINGS}.0.key": [2, 2]},
    ),
    (
        "outcomes that are not bits",
        "CHSH rate of a table",
        {"data.inputs.tables.0.P": [["1/2", 0, 0], [0, "1/4", 0], [0, 0, "1/4"]], "statement.value": 0},
    ),
    (
        "the data do not decide the value",
        "mixture of devices",
        {
            "data.inputs.chsh": "12/5",
            "data.inputs.qber": "1/15",
            "data.inputs.points": [["11/5", 0], ["13/5", "2/15"], ["27/10", 0]],
            "statement.value": 1,
        },
    ),
    (
        "another key setting or post-selection",
        "singlet",
        {"data.inputs.protocol.settings.0.key": [1, 2], f"{SETTINGS}.0.key": [1, 2]},
    ),
    (
        "another key setting or post-selection",
        "singlet, one-way",
        {"data.inputs.protocol.keep": "1/2", f"{PROTOCOL}.keep": "1/2"},
    ),
    ("chord_end is above 1", "singlet", {"data.inputs.chord_end": "11/10"}),
    (
        "another discussion than the formula's",
        "singlet",
        {"data.inputs.protocol.discussion": "one-way", "statement.scope.protocol.discussion": "one-way"},
    ),
    (
        "this ceiling is for two-way discussion",
        "mutual information",
        {"data.inputs.protocol.discussion": "one-way", "statement.scope.protocol.discussion": "one-way"},
    ),
    (
        "not just the table of the key setting",
        "mutual information",
        {"data.inputs.protocol.settings.0.key": [0, 0], f"{SETTINGS}.0.key": [0, 0]},
    ),
    (
        "this entropy is for one-way discussion",
        "reconciliation",
        {"data.inputs.protocol": two_way(PLAIN), PROTOCOL: two_way(PLAIN)},
    ),
    (
        "noise on what is not a bit",
        "reconciliation",
        {"data.inputs.tables.0.P": [["1/4", 0], [0, "1/4"], ["1/4", "1/4"]]},
    ),
    ("Bob's settings is not from 1 to 20", "mutual information", {"data.inputs.settings": [3, 21]}),
    ("probability is below 0", "mutual information", {"data.inputs.tables.0.P": [["3/5", "3/5"], [0, "-1/5"]]}),
    ("probability is above 1", "mutual information", {"data.inputs.tables.0.P": [[f"{2**41 + 1}p-41", 0], [0, 0]]}),
    (
        "row of a table has 17 entries",
        "mutual information",
        {"data.inputs.outcomes": [2, 17], "data.inputs.tables.0.P": [["1/2"] + [0] * 16, ["1/2"] + [0] * 16]},
    ),
    (
        "table has 17 entries",
        "mutual information",
        {"data.inputs.outcomes": [17, 2], "data.inputs.tables.0.P": [["1/2", "1/2"]] + [[0, 0]] * 16},
    ),
    (
        "Q of a point is below 0",
        "mixture of devices",
        {"data.inputs.points": [["27/10", "-1/100"], ["41/20", "1/20"], ["47/20", "3/20"]]},
    ),
    ("tables has 401 entries", "mutual information", {"data.inputs.tables": lambda tables: tables[:1] * 401}),
    # every other formula
    ("unequal sectors of a channel", "channel ceiling", {"data.inputs.sectors": [8, 9]}),
    ("unequal sectors at the edge", "transpose ceiling", {"data.inputs.sectors": [25, 26]}),
    ("p is below 1/(√m + 1), where the state is not PPT", "pair parities", {"data.inputs.p": "1/4"}),
    (
        "this ceiling is for rho_{d,p}",
        "published ceiling",
        {"data.inputs.sectors": [25, 26], "data.inputs.p": "1/2"},
    ),
    ("this ceiling is for a channel", "channel, quantum", {"data.inputs.object": "state"}),
    ("a lossless mode has no finite capacity", "loss rate", {"data.inputs.transmissivity": 1}),
    ("a tangent at the end of the range", "amplitude damping", {"data.inputs.tangent_at": 0}),
    ("a tangent at the end of the range", "amplitude damping", {"data.inputs.tangent_at": 1}),
    ("formula is 'a hunch', which is none of", "loss rate", {"data.formula": "a hunch"}),
    ("sector is not from 2", "privacy squeezing", {"data.inputs.sectors": [1, 1], "data.inputs.p": "1/2"}),
    ("sector is not from 8", "trusted ceiling", {"data.inputs.sectors": [8, 2**4000 + 1]}),
    (
        "this ceiling is for rho_{d,p}",
        "published ceiling",
        {
            "data.inputs.object": "channel",
            "statement.unit": "bit/channel use",
            "statement.scope.devices": {"communication": "none", "memory": "iid"},
        },
    ),
    (
        "tangent_at is below 0",
        "amplitude damping",
        {"data.inputs.damping": 1, "data.inputs.tangent_at": -1, "statement.value": 0},
    ),
    (
        "tangent_at is above 1",
        "amplitude damping",
        {"data.inputs.damping": 1, "data.inputs.tangent_at": 2, "statement.value": 0},
    ),
    ("pair_angle is below -10", "pair source", {"data.inputs.pair_angle": -11}),
    ("p is below 0", "pair parities", {"data.inputs.p": -5}),
    ("sector is not from 2", "trusted ceiling", {"data.inputs.sectors": [2**4000 + 1, 2**4000 + 1]}),
    # entropies
    ("no key round survives", "entropy with preprocessing", {"data.known": known_as(-5), "statement.value": 0}),
    ("the mirrored table has 2001 entries", ENT, {"data.mirrored": lambda table: table[:1] * 2001}),
    ("entry of the dual is not from", ENT, {"data.dual.X.0.1": -(2**80) - 1}),
    (
        "this certificate is about an entropy or a key rate",
        ENT,
        {"statement.scope.quantity": "entropy of Alice's key symbol given Bob's outcome"},
    ),
    ("a mirror image of what has none", ENT, {"data.outcomes.bob": [2, 3]}),
    ("two known values of one functional", ENT, {"data.mirrored": twice}),
    ("a probability of the key setting is negative", "rate with preprocessing", {"data.known": known_as("-1/50")}),
    (
        "more words and nodes than this verifier takes",
        ENT,
        {
            "data.words": [[alice, bob] for alice in ALTERNATING[:8] for bob in ALTERNATING[:8]],
            "data.nodes.t": [k + 1 for k in range(500)],
            "data.weights.W": [0] * 500,
        },
    ),
    ("the same word twice", ENT, {"data.words": lambda words: twice(words[:-1])}),
    ("a matrix of the dual is not positive semidefinite", ENT, {"data.dual.X.0.0": -1}),
    ("noise 1/2, at which there is nothing to prove", "rate with preprocessing", {"data.noise": "1/2"}),
    ("Alice's key symbol is not a bit", CON, {"data.outcomes.alice": [2, 3]}),
    ("a mirrored table is known exactly", ENT, {"data.known.1.high": 2}),
    ("a known value that is not the mirrored table's", ENT, {"data.mirrored.-1.1": "1/5"}),
    (
        "the moment matrix does not hold a word that is needed",
        ENT,
        {
            "data.words": LEVELS,
            "data.dual.X.*": [1, 0, 1],
            "data.dual.Y.*": [1, 0, 1],
        },
    ),
    ("a known value whose low end is above the high one", CON, {"data.known.1.high": -9}),
    ("a word that is not reduced", ENT, {"data.words.1": [[[0, 0], [0, 0]], []]}),
    ("more than one bit is proven", CON, {"data.known.1.low": 3, "data.known.1.high": 3}),
    (
        "what a mirror image does not imply",
        ENT,
        {
            "data.known.1.functional": [[[[[0, 0]], []], 2]],
            "data.known.1.low": 0,
            "data.known.1.high": 0,
        },
    ),
    (
        "what a mirror image does not imply",
        ENT,
        {
            "data.known.1.functional": [[[[[0, 0]], []], 2], [[[], []], -1]],
            "data.known.1.low": "1/9",
            "data.known.1.high": "1/9",
        },
    ),
    (
        "the table of the key setting is not known exactly",
        CON,
        {"statement.scope.quantity": "secret-key rate", "statement.unit": "bit/round"},
    ),
    ("a weight above the integral of its hat function", ENT, {"data.weights.W.0": lambda w: w + (1 << 20)}),
    ("the same word twice in a functional", ENT, {"data.known.1.functional": twice}),
    ("the identity has the value 1", CON, {"data.known.0.high": 2}),
    ("a known moment that is not in the table", ENT, {"data.mirrored": lambda table: table[:-1]}),
    ("a mirror image of what has none", ENT, {"data.keep": "1/2", f"{PROTOCOL}.keep": "1/2", "statement.value": 0}),
    ("the identity has the value 1", CON, {**trivial(), "data.known.0.low": 2, "data.known.0.high": 2}),
    ("bits of the dual is not from -200", CON, {**trivial(), "data.dual.bits": -201}),
    ("a matrix of the dual has 11 entries", CON, {**trivial(), "data.dual.X.0": [*zeros(4), 0]}),
    ("a matrix of the dual has 9 entries", CON, {**trivial(), "data.dual.X.0": zeros(4)[1:]}),
    ("X has 0 entries", CON, {**trivial(), "data.dual.X": []}),
    ("X has 2 entries", CON, {**trivial(), "data.dual.X": [zeros(4)] * 2}),
    ("nodes has 0 entries", CON, trivial(nodes=0)),
    ("nodes has 513 entries", CON, trivial(nodes=513)),
    ("nodes that do not increase in (0, 1)", CON, {**trivial(nodes=2), "data.nodes.t": [3 << 28, 1 << 28]}),
    (
        "a node beyond 1/2 with its mirror image",
        ENT,
        {
            "data.nodes.t.-1": 5 << 27,
            "data.weights.W.*": 0,
            "data.dual.X.*.*": 0,
            "data.dual.Y.*.*": 0,
            "data.multipliers.*": 0,
            "statement.value": 0,
        },
    ),
    ("number of outcomes is not from 2", CON, {**trivial(), "data.outcomes.alice": [1, 2]}),
    ("alice has 17 entries", CON, {**trivial(), "data.outcomes.alice": [2] * 17}),
    ("known has 0 entries", CON, trivial(known=0)),
    ("known has 2001 entries", CON, trivial(known=2001)),
    ("word has 17 entries", CON, trivial([[[k % 2, 0] for k in range(17)], []])),
    ("setting is not from 0", CON, trivial([[[-1, 0], [0, 0]], []])),
    ("a known moment that no table holds", ENT, mirrored([[[0, 0], [1, 0]], [[0, 0]]])),
    ("a known moment that no table holds", ENT, mirrored([[[0, 0], [1, 0]], [[0, 0], [1, 0]]])),
    (
        "a word too long to be flipped",
        ENT,
        {
            **trivial(*LONG),
            "data.known": [IDENTITY, {"functional": flip_difference(13), "low": 0, "high": 0}],
            "data.multipliers": [0, 0],
            "data.mirrored": [[[[], []], 1]],
        },
    ),
    (
        "words has 101 entries",
        CON,
        trivial(*[w for w in [[a, b] for a in ALTERNATING for b in ALTERNATING] if w not in KEYED][:97]),
    ),
    # finite keys
    ("this certificate proves lower bounds only", "EAT", {"statement.direction": "upper"}),
    ("the unit of a key length is the bit", "EAT", {"statement.unit": "bit/s"}),
    ("a soundness smaller than that of the data", "EAT", {"statement.scope.soundness": "1/100000000000"}),
    ("Alice's key setting is none of the CHSH settings", "EAT", {"data.key": [2, 2]}),
    ("gamma is not a probability in (0, 1)", "EAT", {"data.gamma": 1}),
    ("a soundness that the hashes exceed, or of 1", "EAT", {"data.soundness": "1p-60"}),
    ("a soundness that the hashes exceed, or of 1", "EAT", {"data.soundness": 1, "statement.scope.soundness": 1}),
    ("a parameter that is not above 0", "EAT", {"data.parameters.smoothing_2": 0}),
    ("a tangent beyond the quantum winning probability", "EAT", {"data.parameters.tangent": "9/10"}),
    ("order_1 is not below 1", "EAT", {"data.parameters.order_1": 1}),
    ("a smoothing not above smoothing_1 + 2 smoothing_2", "EAT", {"data.parameters.smoothing_1": "1/10"}),
    ("the parameters exceed the soundness", "EAT", {"data.parameters.extractor_error": "1/1000"}),
    ("order is not above 0", "Rényi", {"data.parameters.order": 0}),
    ("reference is not in (0, 1)", "Rényi", {"data.parameters.reference": 1}),
    ("this theorem needs a hash that is exactly uniform on differences", "Rényi", {"data.extractor": "trevisan"}),
    ("length is not from 0", "Rényi", {"data.score": 2_000_000, "statement.value": 1_500_001}),
    ("length is not from 0", "Rényi", {"statement.value": -1}),
    ("rounds is not from 1", "Rényi", {"data.rounds": 0, "statement.value": 0}),
    ("syndrome_length is not from 0", "Rényi", {"data.syndrome_length": 10**18 + 1, "statement.value": 0}),
    ("accepted_losses is not from 0", "EAT", {"data.accepted_losses": 1_500_001, "statement.value": 0}),
    (
        "a tangent below the classical winning probability",
        "EAT",
        {"data.parameters.tangent": "1/2", "statement.value": 0},
    ),
    ("order_2 is not below 1/log 5", "EAT", {"data.parameters.order_2": "1/2", "statement.value": 0}),
    ("order is above 1", "Rényi", {"data.parameters.order": 2, "statement.value": 0}),
    ("loss_score is below", "Rényi", {"data.parameters.loss_score": -(2**64) - 1, "statement.value": 0}),
    ("score is below", "Rényi", {"data.score": -(2**64) - 1, "statement.value": 0}),
    ("score is above", "Rényi", {"data.score": 2**64 + 1, "statement.value": 0}),
    (
        "a won test does not certainly weigh as much as a lost one",
        "Rényi",
        {"data.parameters.loss_score": 40, "statement.value": 0},
    ),
    # local weights
    ("tables that signal", LOCAL, {"data.tables.0.P": [["1/2", "1/4"], ["1/8", "1/8"]]}),
    ("more than P is taken from it", LOCAL, {"data.points.0.weight": 1}),
    (
        "more answers than are gone through",
        LOCAL,
        {
            "data.outcomes": [16, 2],
            "data.settings": [6, 1],
            "data.tables": [{"settings": [x, 0], "P": [[1, 0], *[[0, 0]] * 15]} for x in range(6)],
            "data.points": [],
            "data.inequality": [[[1, 1]] * 16] * 6,
        },
    ),
    (
        "an inequality that the local points do not satisfy with a positive bound",
        LOCAL,
        {
            "data.inequality.*": [[0, 0], [0, 0]],
        },
    ),
    ("a table that does not sum to 1", LOCAL, {**SMALL, "data.tables.0.P": [["1/2", 0], [0, 0]]}),
    ("setting is not from 0", LOCAL, {**SMALL, "data.tables.0.settings": [-1, 0]}),
    ("setting is not from 0", LOCAL, {**SMALL, "data.tables.0.settings": [0, -1]}),
    ("setting is not from 0", LOCAL, {**SMALL, "data.tables.0.settings": [1, 0]}),
    ("setting is not from 0", LOCAL, {**SMALL, "data.tables.0.settings": [0, 1]}),
    ("tables has 0 entries", LOCAL, {**SMALL, "data.tables": []}),
    ("two tables of one pair of settings", LOCAL, {**SMALL, "data.settings": [2, 1], "data.tables": [CERTAIN] * 2}),
    ("Alice's number is not from 1", LOCAL, {**SMALL, "data.outcomes": [17, 1], "data.tables.0.P": [[1]] + [[0]] * 16}),
    ("Bob's number is not from 1", LOCAL, {**SMALL, "data.outcomes": [1, 17], "data.tables.0.P": [[1] + [0] * 16]}),
    ("row has 3 entries", LOCAL, {**SMALL, "data.tables.0.P": [["1/2", "1/4", 0], ["1/8", "1/8", 0]]}),
    ("row has 1 entries", LOCAL, {**SMALL, "data.tables.0.P": [["3/4"], ["1/4"]]}),
    ("table has 3 entries", LOCAL, {**SMALL, "data.tables.0.P": [["1/2", "1/4"], ["1/8", "1/8"], [0, 0]]}),
    ("table has 1 entries", LOCAL, {**SMALL, "data.tables.0.P": [["1/2", "1/2"]]}),
    ("points has 5001 entries", LOCAL, {**SMALL, "data.points": [{"alice": [0], "bob": [0], "weight": 0}] * 5001}),
    ("weight is below 0", LOCAL, {**SMALL, "data.points": [{"alice": [0], "bob": [0], "weight": "-1/4"}]}),
    ("outcome is not from 0", LOCAL, {**SMALL, "data.points": [{"alice": [-1], "bob": [0], "weight": "1/8"}]}),
    (
        "coefficient is not from 0",
        LOCAL,
        {**SMALL, "data.tables.0.P": [[1, 0], [0, 0]], "data.inequality": [[[2**64 + 1] * 2] * 2]},
    ),
    (
        "coefficient is not from 0",
        LOCAL,
        {
            **SMALL,
            "data.settings": [2, 2],
            "statement.upper": "1/2",
            "data.tables": [
                {"settings": [x, y], "P": [["9/10", "1/20"], ["1/20", 0]] if x * y else [["19/20", 0], [0, "1/20"]]}
                for x, y in PAIRS
            ],
            "data.inequality": [[[4, -1], [-1, 4]] if x * y else [[-1, 4], [4, -1]] for x, y in PAIRS],
        },
    ),
    ("weight is below 0", LOCAL, {**SMALL, "data.points": [{"alice": [0], "bob": [0], "weight": "-1/4"}]}),
    ("inequality has 7 entries", LOCAL, {"data.inequality": twice}),
    # mixtures
    ("measured has 65 entries", MIX, mix(measured=[[0, 0]] * 65)),
    ("a direction that is 0", "mixture", {"data.mixture.strategies.0.alice.0.direction": [0, 0]}),
    ("from the one given", "mixture", {"data.collins_gisin.1.1": lambda p: "1/7"}),
    (
        "the key setting was not measured",
        "mixture",
        {"data.measured": lambda pairs: pairs[:-1], "data.table": lambda table: table[:-1]},
    ),
    (
        "a separable state where none is needed",
        "mixture",
        {"data.mixture.strategies.0.pinching": {"side": "bob", "direction": [1, 0]}},
    ),
    ("a strategy without a separable state", "mixture, any", {"data.mixture.strategies.0.pinching": GONE}),
    ("a state that is 0", "mixture", {"data.mixture.strategies.0.state": [0] * 8}),
    ("the mixture has another table at the settings", "mixture", {"data.mixture.strategies.0.state.1": 2}),
    (
        "a class without public discussion",
        "mixture, any",
        {"data.protocol.discussion": "none", f"{PROTOCOL}.discussion": "none"},
    ),
    (
        "outcomes is not from 2",
        MIX,
        mix(scenario={"outcomes": [1, 2], "settings": [1, 1]}, collins_gisin=[[1, 1]], table=[[[1, 0]]]),
    ),
    (
        "outcomes is not from 2",
        MIX,
        mix(
            scenario={"outcomes": [9, 2], "settings": [1, 1]},
            collins_gisin=[[1, 1]] * 2 + [[0, 0]] * 7,
            table=[[[1, 0]] + [[0, 0]] * 8],
        ),
    ),
    (
        "settings is not from 1",
        MIX,
        mix(
            scenario={"outcomes": [2, 2], "settings": [9, 1]},
            collins_gisin=[[1, 1]] * 10,
            mixture=mixed([point(1, [0] * 9)]),
        ),
    ),
    ("points has 5001 entries", MIX, mix(mixture=mixed([point(1)] + [point(0)] * 5000))),
    (
        "outcome is not from 0",
        MIX,
        mix(mixture=mixed([point(1, -1)]), table=[[[0, 0], [1, 0]]], collins_gisin=[[1, 1], [0, 0]]),
    ),
    (
        "outcome is not from 0",
        MIX,
        mix(mixture=mixed([point(1, 0, -1)]), table=[[[0, 1], [0, 0]]], collins_gisin=[[1, 0], [1, 0]]),
    ),
    ("weight is below 0", MIX, mix(mixture=mixed([point(1), point("1/2"), point("-1/2")]))),
    ("weight is below 0", MIX, mix(mixture=mixed([point(1)], [strategy("1/2"), strategy("-1/2")]))),
    (
        "weights that do not sum to 1",
        MIX,
        mix(mixture=mixed([point("1/2")]), table=[[["1/2", 0], [0, 0]]], collins_gisin=[[1, "1/2"], ["1/2", "1/2"]]),
    ),
    ("amplitude is not from", MIX, mix(mixture=mixed([], [strategy(state=(2**64 + 1, 0, 0, 0, 0, 0, 0, 0))]))),
    ("amplitude is not from", MIX, mix(mixture=mixed([], [strategy(state=(-(2**64) - 1, 0, 0, 0, 0, 0, 0, 0))]))),
    ("state has 9 entries", MIX, mix(mixture=mixed([], [strategy(state=(1, 0, 0, 0, 0, 0, 0, 0, 0))]))),
    ("alice has 2 entries", MIX, mix(mixture=mixed([], [strategy(alice=[measure()] * 2)]))),
    ("bob has 2 entries", MIX, mix(mixture=mixed([], [strategy(bob=[measure()] * 2)]))),
    ("label is not from 0", MIX, mix(mixture=mixed([], [strategy(alice=[measure(labels=(0, -1))])]))),
    (
        "misprint is not from 0",
        MIX,
        mix(
            mixture=mixed([], [strategy(alice=[measure((1, 1), misprints=(-2, 0))])]),
            table=[[["5/8", 0], ["3/8", 0]]],
            collins_gisin=[[1, 1], ["5/8", "5/8"]],
        ),
    ),
    (
        "misprint is not from 0",
        MIX,
        mix(
            mixture=mixed([], [strategy(alice=[measure((1, 1), misprints=(10, 2))])]),
            table=[[[0, 0], [1, 0]]],
            collins_gisin=[[1, 1], [0, 0]],
        ),
    ),
    (
        "direction is not from",
        MIX,
        mix(
            scenario={"outcomes": [2, 2], "settings": [2, 1]},
            collins_gisin=[[1, 1], [1, 1], [None, None]],
            mixture=mixed([], [strategy(alice=[measure(), measure((-(2**64) - 1, 1))])]),
        ),
    ),
    ("measured pair is not from 0", MIX, mix(measured=[[0, 0], [-1, 0]], table=[[[1, 0], [0, 0]]] * 2)),
    ("measured pair is not from 0", MIX, mix(measured=[[0, 0], [0, -1]], table=[[[1, 0], [0, 0]]] * 2)),
    ("measured has 0 entries", MIX, mix(measured=[], table=[], protocol=ANYBODY)),
    ("the same pair of settings twice", MIX, mix(measured=[[0, 0]] * 2, table=[[[1, 0], [0, 0]]] * 2)),
    ("table has 0 entries", MIX, mix(table=[])),
    ("collins_gisin has 1 entries", MIX, mix(collins_gisin=[[1, 1]])),
    ("collins_gisin has 3 entries", MIX, mix(collins_gisin=[[1, 1]] * 3)),
    ("noise on what is not a bit", MIX, mix(**THREE, protocol=one_way([0, 0], "1/8"))),
    ("post-selection of what is not click and no-click", MIX, mix(**THREE, protocol=one_way([0, 0], 0, "1/2"))),
    # states
    (
        "the data do not decide the value",
        "Bell-diagonal",
        {"data.separable_state": {"kind": "Bell-diagonal", "admixture": 0, "shares": ["1/2", "1/2", 0, 0]}},
    ),
    ("the state's trace is not positive", "hashing", {"data.state.matrix": diagonal(0, 0, 0, 0)}),
    ("more than 144 dimensions", "Bell-diagonal", {"data.dims": [12, 13]}),
    ("an environment of more than 144 dimensions", "squashed", {"data.environment": [80, 4]}),
    (
        "Alice's side of the Choi state is not maximally mixed",
        "hashing of a channel",
        {
            "data.state.matrix": diagonal("1/2", "1/4", "1/8", "1/8"),
        },
    ),
    ("separable_state is not an object", "Bell-diagonal", {"data.separable_state": []}),
    (
        "Bell-diagonal states are of two qubits",
        "isotropic",
        {
            "data.separable_state": {"kind": "Bell-diagonal", "admixture": 0, "shares": ["1/2", "1/2", 0, 0]},
        },
    ),
    (
        "this separable state needs dA = dB > 1",
        "dephased",
        {
            "data.separable_state": {"kind": "isotropic", "admixture": 0, "share": "1/3"},
        },
    ),
    ("shares that do not sum to 1", "Bell-diagonal", {"data.separable_state.shares": ["1/2", 0, 0, 0]}),
    (
        "a matrix that is no state",
        "partial transpose",
        {
            "data.repair": GONE,
            "statement.value": 2,
            "data.state.matrix": [[["1/2" if {r, c} <= {0, 3} else 0, 0] for c in range(4)] for r in range(4)],
        },
    ),
    (
        "a certificate for a channel and for the partial transpose of a state",
        "Choi",
        {"data.state_is": "partial transpose"},
    ),
    ("an environment without an isometry", "squashed, trivial", {"data.environment": [2, 6]}),
    ("an ensemble without weight", "ensemble", {"data.separable_state.alice.*.*": [0, 0]}),
    ("a basis that is not one", "dephased", {"data.separable_state.alice.*.*": [0, 0]}),
    (
        "the state is not positive definite, so that it has no Cholesky factor",
        "squashed",
        {
            "data.state.matrix": diagonal("3/2", 0, 0, "-1/2"),
        },
    ),
    ("the state's matrix is not Hermitian", "hashing", {"data.state.matrix.0.1.0": "1/100"}),
    (
        "a matrix with a negative eigenvalue is no state",
        "hashing",
        {
            "data.state.matrix": diagonal(2, "-1/2", "-1/2", 0),
        },
    ),
    ("reverse hashing of a state", "hashing", {"data.direction": "reverse", f"{PROTOCOL}.discussion": "any"}),
    (
        "a matrix that is no state",
        "hashing",
        {
            "data.repair": GONE,
            "data.state": {"shift": 0, "matrix": diagonal("1/2", "1/2", "-1p-3000", "1p-3000")},
            "statement.value": 0,
        },
    ),
    (
        "a matrix with numbers too long",
        "hashing",
        {
            "data.repair": GONE,
            "data.state": {"shift": 0, "matrix": diagonal("1/" + "7" * 3900, 1, 0, 0)},
            "statement.value": 0,
        },
    ),
    ("alice is below -18446744073709551616", "dephased", {"data.separable_state.alice.0.0.0": -(2**64) - 1}),
    ("alice is below -18446744073709551616", "dephased", {"data.separable_state.alice.0.0.1": -(2**64) - 1}),
    (
        "share is below 0",
        "isotropic",
        {"data.separable_state": {"kind": "isotropic", "admixture": "1/2", "share": "-1/100"}},
    ),
    ("share is below 0", "Werner", {"data.separable_state": {"kind": "Werner", "admixture": "1/2", "share": "-1/100"}}),
    ("share is above 1/2", "Werner", {"data.separable_state.share": "3/5"}),
    (
        "share is below 0",
        "Bell-diagonal",
        {
            "data.separable_state": {
                "kind": "Bell-diagonal",
                "admixture": "1/2",
                "shares": ["1/2", "1/2", "1/100", "-1/100"],
            }
        },
    ),
    (
        "a Bell-diagonal state with a weight above 1/2 is entangled",
        "Bell-diagonal",
        {"data.separable_state.shares": ["4/5", "1/10", "1/20", "1/20"]},
    ),
    ("the isometry is not one", "squashed", {"data.isometry": shorter}),
    ("alice has 0 entries", "ensemble", {"data.separable_state.alice": [], "data.separable_state.bob": []}),
    ("shares has 3 entries", "Bell-diagonal", {"data.separable_state.shares": ["1/2", "1/4", "1/4"]}),
    ("shares has 5 entries", "Bell-diagonal", {"data.separable_state.shares": ["1/2", "1/4", "1/8", "1/8", 0]}),
    (
        "this separable state needs dA = dB > 1",
        "Bell-diagonal",
        {
            "data.dims": [1, 1],
            "data.repair": GONE,
            "data.state": {"matrix": [[[1, 0]]], "shift": 0},
            "data.separable_state": {"kind": "isotropic", "admixture": 0, "share": 1},
        },
    ),
    ("the state's matrix has 0 entries", "Bell-diagonal", {"data.state.matrix": []}),
    # channels
    (
        "beyond 6 dimensions PPT operators need not be separable",
        "E_max",
        {
            "data.dims": [3, 3],
            "data.choi": diagonal(*["1/9"] * 9),
            "data.Y": diagonal(*["1/9"] * 9),
        },
    ),
]

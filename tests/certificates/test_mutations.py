"""Attack the verifier: certificates with one thing changed, and certificates of what is not true.

A mutant may be accepted only if what it says is still true. That is decided without the verifier:

- a label (method, reference) is no part of what is proven, which must then read the same;
- a statement with another value or scope must follow from the one that held, by the package's own order of scopes;
- another subject is bounded anew by the package, or in floating point;
- another proof of an unchanged statement proves what was true already. So that this excuses nothing, the same changes
  are made to certificates whose value is 1e-6 beyond the truth: none of them may be accepted.
"""

from __future__ import annotations

import copy
import json
import math
import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, cast

import mpmath as mp
import numpy as np
import pytest

from keybounds.bounds import Bound, Discussion, Link, Protocol, Quantity, Scope, Statistics, Trust
from keybounds.bounds.lower import (
    advantage_distillation,
    chsh_entropy,
    chsh_rate,
    chsh_table_rate,
    erasure_rate,
    pair_parity,
    pure_loss_rate,
)
from keybounds.bounds.scope import Adversary, DeviceClass, DeviceCommunication, DeviceMemory
from keybounds.bounds.upper import (
    amplitude_damping_ceiling,
    chsh_ceiling,
    dephasing_ceiling,
    depolarizing_ceiling,
    erasure_ceiling,
    pair_source_ceiling,
    partial_transpose_bound,
    ppt_channel_quantum_ceiling,
    private_state_ceiling,
    pure_loss_ceiling,
    visibility_ceiling,
)
from keybounds.errors import KeyboundsError
from keybounds.experiments import Behaviour
from keybounds.experiments.photonic import PairSource
from keybounds.proofs import verify
from keybounds.proofs.certificates.exact import dyadic
from keybounds.protocol import KeySetting, any_discussion, two_way
from keybounds.states import PPTPrivateFamily
from keybounds.thing import Thing

Path = tuple[str | int, ...]
Document = dict[str, Any]

WORDS = (
    *("lower", "upper", "device-independent", "device-dependent", "none", "one-way", "two-way", "any", "memory", "iid"),
    "completed rounds",
    *("general attacks", "collective attacks", "CHSH value and key error", "full correlations"),
    *(quantity.value for quantity in Quantity),
    *("bit/copy", "bit/herald", "bit/round", "bit/kept key round", "bit/channel use", "bit/s"),
    *("state", "channel", "forward", "reverse", "as given", "partial transpose"),
)
SUBJECT_FIELDS = {  # of the data, by kind; everything else is the proof
    "entropy": {"outcomes", "key", "noise", "keep", "known", "mirrored"},
    "relative entropy": {"dims", "state", "state_is", "simulates", "repair"},
    "squashed entanglement": {"dims", "state", "state_is", "repair"},
    "max-relative entropy": {"dims", "choi"},
    "max-Rains information": {"dims", "choi"},
    "hashing": {"dims", "state", "of", "direction", "repair"},
    "mixture": {"scenario", "measured", "table", "protocol"},
    "closed form": {"formula", "inputs"},
    "finite key": {
        *("theorem", "key", "test", "rounds", "gamma", "soundness", "accepted_losses", "syndrome_length", "score"),
        *("extractor", "loss_score", "win_score"),  # the last two within the parameters
    },
    "local weight": {"outcomes", "settings", "tables"},
}
LABELS = {("statement", "method"), ("statement", "reference")}


# --- mutants ---------------------------------------------------------------------------------------------------------


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every place in a document and what stands there."""
    yield path, value
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, (*path, name))
    elif isinstance(value, list):
        for k, part in enumerate(value):
            yield from leaves(part, (*path, k))


def changed(document: Document, path: Path, value: Any) -> Document:
    """A copy with `value` at `path`, sharing what lies off the path."""
    if not path:
        return cast(Document, value)
    copied: Any = copy.copy(document)
    copied[path[0]] = changed(copied[path[0]], path[1:], value)
    return cast(Document, copied)


def number(value: int | str) -> Fraction:
    if isinstance(value, int):
        return Fraction(value)
    if "p" in value:
        mantissa, exponent = value.split("p")
        return int(mantissa) * Fraction(2) ** int(exponent)
    return Fraction(value)


def is_number(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and value[:1] in "-0123456789" and value[-1:].isdigit())


def replacements(value: Any, rng: random.Random) -> list[Any]:
    """Other values for one place: one bit, one sign, one index, a swapped block, a missing or an added part."""
    if isinstance(value, dict):
        names = list(value)
        return [{n: value[n] for n in names if n != gone} for gone in names] + [{**value, "more": 1}, None, []]
    if isinstance(value, list):
        if not value:
            return [[0], None]
        i, j = rng.randrange(len(value)), rng.randrange(len(value))
        swapped = list(value)
        swapped[i], swapped[j] = swapped[j], swapped[i]
        return [swapped, value[:-1], [*value, value[-1]], value[::-1], value[1:], None]
    if value is None:
        return [0, "0", [0, 2], [0, 0], [1, 2]]
    if is_number(value):
        x = number(value)
        bit = 1 << rng.randrange(max(abs(x.numerator).bit_length(), 1))
        others = [Fraction(x.numerator ^ bit, x.denominator), Fraction(x.numerator ^ 1, x.denominator), -x]
        others += [x * (1 + Fraction(1, 10**6)), x * (1 - Fraction(1, 10**6)), x + 1, x - 1, 2 * x, x / 2]
        kept = [int(y) if y.denominator == 1 else f"{y.numerator}/{y.denominator}" for y in others if y != x]
        return [*kept, None, [], "x"]
    return [word for word in WORDS if word != value] + [value + " ", value[:-1], "", 1, None]


def mutants(
    document: Document, count: int, seed: int, inside: Callable[[Path], bool] = lambda _: True
) -> Iterator[tuple[Path, Document]]:
    """Up to `count` documents with one thing changed, each field with about the same chance, none twice."""
    rng = random.Random(seed)
    # by top-level field, and by what is nested in it, so that a matrix does not drown the rest
    groups: dict[tuple[Any, ...], list[tuple[Path, Any]]] = {}
    for path, value in filter(lambda place: inside(place[0]), leaves(document)):
        groups.setdefault(tuple("*" if isinstance(p, int) else p for p in path), []).append((path, value))
    seen: set[tuple[Path, str]] = set()
    for attempt in range(20 * count if groups else 0):
        if len(seen) == count:
            return
        group = groups[list(groups)[attempt % len(groups)]]
        path, value = rng.choice(group)
        new = rng.choice(replacements(value, rng))
        mutant = changed(document, path, new)
        if new == value and type(new) is type(value):
            continue
        key = (path, json.dumps(new, sort_keys=True))
        if key not in seen:
            seen.add(key)
            yield path, mutant


# --- whether what a mutant says is still true ------------------------------------------------------------------------


def scope_of(document: Document) -> Scope:
    """The scope of a statement, as the package has it, about one and the same thing."""
    statement = document["statement"]
    scope, unit = statement["scope"], statement.get("scale", {"from": statement["unit"]})["from"]
    kind = {"bit/copy": "state", "bit/channel use": "channel"}.get(unit, "correlations")
    devices = scope.get("devices")
    return Scope(
        thing=Thing.of_numbers(kind, "the thing"),
        trust=Trust(scope["trust"]),
        protocol=protocol_of(scope["protocol"]),
        quantity=Quantity(scope["quantity"]),
        statistics=Statistics(scope["statistics"]),
        adversary=Adversary(scope["adversary"]),
        devices=None
        if devices is None
        else DeviceClass(DeviceCommunication(devices["communication"]), DeviceMemory(devices["memory"])),
    )


def protocol_of(document: Document) -> Protocol:
    settings = [
        KeySetting(tuple(one["key"]), number(one["weight"]), float(number(one["noise"])))
        for one in document["settings"]
    ]
    return Protocol(Discussion(document["discussion"]), tuple(settings), float(number(document["keep"])))


def follows(mutant: Document, sample: Any) -> bool:
    """Whether the mutant's statement follows from the sample's, if both are about the same data."""
    if mutant["kind"] == "finite key":
        return key_still_true(mutant)
    if mutant["kind"] == "local weight":
        return bool(number(mutant["statement"]["lower"]) <= number(sample.document["statement"]["upper"])) and bool(
            number(mutant["statement"]["upper"]) >= number(sample.document["statement"]["lower"])
        )
    new, old = mutant["statement"], sample.document["statement"]
    (x, counted), (y, before) = per_unit(new), per_unit(old)
    if new["direction"] != old["direction"] or counted != before:
        return False
    try:
        a, b = scope_of(mutant), scope_of(sample.document)
    except KeyboundsError:
        return False
    if a != b and not (b.within(a) if sample.lower else a.within(b)):
        return False
    return (x <= max(y, 0) if sample.lower else x >= y) or sample.allows(float(number(new["value"])))


def per_unit(statement: Document) -> tuple[Fraction, str]:
    """The value, and what it is counted per, before a stated rate changed that."""
    value, scale = number(statement["value"]), statement.get("scale")
    return (value, statement["unit"]) if scale is None else (value / number(scale["rate"]), scale["from"])


def bounded_anew(mutant: Document) -> Bound | None:
    """What the package says about the inputs of a closed form; None where it has no bound for them."""
    try:
        return formula_bound(mutant["data"]["formula"], mutant["data"]["inputs"], mutant)
    except (KeyboundsError, KeyError, TypeError, ValueError, OverflowError, ZeroDivisionError, AttributeError):
        return None


def formula_bound(formula: str, inputs: Document, mutant: Document) -> Bound | None:
    def given(name: str) -> float:
        return float(number(inputs[name]))

    if "sectors" in inputs:
        m, n = inputs["sectors"]
        p = None if inputs["p"] is None else number(inputs["p"])
        family = PPTPrivateFamily(m, p) if m == n else PPTPrivateFamily.sectors(m, n, cast(Fraction, p))
        if formula == "advantage distillation":
            return advantage_distillation(family, copies=inputs["copies"])
        if formula == "hashed pair parities":
            return pair_parity(family, levels=inputs["levels"])
        if formula == "relative entropy to p = 1/2":
            return private_state_ceiling(family)
        if formula == "published partial-transpose ceiling":
            return partial_transpose_bound(family, method="published")
        if formula == "partial-transpose ceiling":
            return partial_transpose_bound(family)
        if formula == "quantum capacity of a PPT channel":
            return ppt_channel_quantum_ceiling(family)
        return None
    if "chsh" in inputs:
        link = link_of(inputs)
        noise = given("noise") if "noise" in inputs else 0.0
        bound = {
            "CHSH entropy": lambda: chsh_entropy(link, noise),
            "CHSH rate": lambda: chsh_rate(link, noise),
            "CHSH rate with H(A|B)": lambda: chsh_table_rate(link, noise),
            "two-qubit device, I(A:B|E)": lambda: chsh_ceiling(link, two_way(link.key)),
            "two-qubit device, E_r": lambda: chsh_ceiling(link, any_discussion()),
        }
        return bound[formula]()
    plain = {
        "noisy singlet": lambda: visibility_ceiling(given("visibility"), protocol_of(inputs["protocol"])),
        "pure loss, rate": lambda: pure_loss_rate(given("transmissivity")),
        "pure loss, ceiling": lambda: pure_loss_ceiling(given("transmissivity")),
        "pure loss, beam splitter": lambda: pure_loss_ceiling(given("transmissivity"), method="tgw"),
        "erasure, rate": lambda: erasure_rate(given("probability"), inputs["dimension"]),
        "erasure, ceiling": lambda: erasure_ceiling(given("probability"), inputs["dimension"]),
        "dephasing": lambda: dephasing_ceiling(given("probability"), inputs["dimension"]),
        "depolarising": lambda: depolarizing_ceiling(given("probability"), inputs["dimension"]),
        "amplitude damping": lambda: amplitude_damping_ceiling(given("damping")),
        "pair source": lambda: pair_source_ceiling(
            PairSource(given("pair_angle"), given("mean_pairs"), tuple(map(float, map(number, inputs["efficiencies"]))))
        ),
    }
    return plain[formula]()


def tables_of(tables: list[Document]) -> dict[tuple[int, ...], np.ndarray]:
    found = {}
    for entry in tables:
        table = np.array([[float(number(p)) for p in row] for row in entry["P"]])
        found[tuple(entry["settings"])] = table / table.sum()
    return found


def link_of(inputs: Document) -> Link:
    """The link of the inputs; settings that are not measured are left out, and the others counted anew."""
    key, (alice, bob) = inputs["key"], inputs["test"]
    if inputs["tables"] is None:
        return Link(number(inputs["chsh"]), number(inputs["qber"]), key=tuple(key), test=(tuple(alice), tuple(bob)))
    pairs = tables_of(inputs["tables"])
    xs, ys = (sorted({pair[k] for pair in pairs}) for k in (0, 1))
    P = np.full((2, 2, len(xs), len(ys)), np.nan)
    for (x, y), table in pairs.items():
        P[:, :, xs.index(x), ys.index(y)] = table
    missing = [(i, j) for i, x in enumerate(xs) for j, y in enumerate(ys) if (x, y) not in pairs]
    behaviour = Behaviour(P, unmeasured=missing, atol=2.0)  # tables that signal, too: the formulas do not ask
    test = tuple(map(xs.index, alice)), tuple(map(ys.index, bob))
    return Link.of(behaviour, key=(xs.index(key[0]), ys.index(key[1])), test=test)


def mixed_cost(inputs: Document) -> float:
    """Of the devices at the points with the weights that reproduce S and Q; infinite where one is negative."""
    link = link_of(inputs)

    def cost(s: float, q: float) -> float:
        if 4 * q * (2**0.5 - 1) >= s - 2:
            return 0.0
        return chsh_ceiling(Link(min(s, 8**0.5), q), two_way((0, 2))).value

    s, q = abs(float(link.chsh)), float(link.qber)
    points = [tuple(float(number(x)) for x in point) for point in inputs["points"]]
    if not points:
        return cost(s, q)
    weights = np.linalg.solve(np.vstack([np.ones(3), np.array(points).T]), [1.0, s, q])
    return math.inf if weights.min() < -1e-12 else sum(w * cost(*p) for w, p in zip(weights, points, strict=True))


def key_still_true(mutant: Document) -> bool:
    """Whether the length and the soundness stated follow from the theorem's formula, by mpmath."""
    data, stated = mutant["data"], mutant["statement"]
    if stated["direction"] != "lower" or stated["unit"] != "bit" or data["key"][0] not in data["test"][0]:
        return False
    if number(stated["scope"]["soundness"]) < number(data["soundness"]) or not 0 <= stated["value"] <= data["rounds"]:
        return False
    length = eat_length if data["theorem"] == "eat-2019" else renyi_length
    with mp.workdps(40):
        return stated["value"] == 0 or bool(length(data, stated["value"]) >= stated["value"] - mp.mpf("1e-3"))


def exact_mpf(value: int | str) -> Any:
    fraction = number(value)
    return mp.mpf(fraction.numerator) / fraction.denominator


def smallest(f: Callable[[Any], Any], low: Any, high: Any) -> Any:
    """The least value of a convex function, by thirds."""
    for _ in range(120):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, b) if f(a) < f(b) else (a, high)
    return min(f(low), f(high))


def eat_length(data: Document, length: int) -> Any:
    """nadlinger2022, Eq. (73), without Υ: `length` stands in the extractor's overhead."""
    p = {name: exact_mpf(value) for name, value in data["parameters"].items()}
    n, gamma, left = data["rounds"], exact_mpf(data["gamma"]), exact_mpf(data["soundness"]) - mp.mpf(4) / 2**61
    log2, edge = (lambda x: mp.log(x, 2)), (1 + 1 / mp.sqrt(2)) / 2

    def eta(w: Any) -> Any:
        if w <= 0.75:
            return mp.mpf(0)
        x = (1 + mp.sqrt(min(16 * w * (w - 1) + 3, mp.mpf(1)))) / 2
        return 1 + x * log2(x) + ((1 - x) * log2(1 - x) if x < 1 else 0)

    slope = mp.diff(eta, p["tangent"])

    def g(w: Any) -> Any:
        return eta(p["tangent"]) + (w - p["tangent"]) * slope

    def inner(w: Any) -> Any:
        variance = slope**2 / gamma * (1 - w) * (1 - gamma * (1 - w))
        return eta(w) - g(w) - p["order_1"] * mp.log(2) / 2 * (log2(33) + mp.sqrt(2 + variance)) ** 2

    def theta(e: Any) -> Any:
        return -log2(1 - mp.sqrt(1 - e * e))

    span = 2 + g(1) - g(1 - edge)
    third = 2 ** (p["order_1"] * span) * mp.log(2**span + mp.e**2) ** 3 / (6 * (1 - p["order_1"]) ** 3 * mp.log(2))
    total = n * (g(1 - data["accepted_losses"] / (n * gamma)) - gamma - p["order_2"] * log2(5) ** 2)
    total += n * min(smallest(inner, 1 - edge, mp.mpf("0.75")), smallest(inner, mp.mpf("0.75"), edge))
    total -= n * p["order_1"] ** 2 * third
    for order, smoothing in (("order_1", "smoothing_1"), ("order_2", "smoothing_2")):
        total -= (theta(p[smoothing]) - (1 + p[order]) * log2(left)) / p[order]
    total -= 3 * theta(p["smoothing"] - p["smoothing_1"] - 2 * p["smoothing_2"])
    total -= data["syndrome_length"] + 264
    if data["extractor"] == "trevisan":
        return total + 5 * log2(p["extractor_error"]) - 4 * log2(length)
    return total + 3 * log2(p["extractor_error"]) + 2


def renyi_length(data: Document, length: int) -> Any:
    """The claim ``renyi-key-length``."""
    p = {name: exact_mpf(value) for name, value in data["parameters"].items()}
    delta, gamma, left = p["order"], exact_mpf(data["gamma"]), exact_mpf(data["soundness"]) - mp.mpf(4) / 2**61
    alpha = 1 + delta
    lost = (2 ** p["loss_score"] / (1 - p["reference"])) ** delta
    won = (2 ** p["win_score"] / p["reference"]) ** delta

    def minus(c: Any) -> Any:
        key = (((1 + c) ** (1 / alpha) + (1 - c) ** (1 / alpha)) / 2) ** alpha
        return -((1 - gamma + gamma * lost) * key + gamma * (won - lost) * (2 + mp.sqrt(1 + c * c)) / 4)

    # the sum of a concave and a convex function: a grid finds the hill
    grid = [mp.mpf(k) / 64 for k in range(65)]
    best = min(range(65), key=lambda k: minus(grid[k]))
    kappa = -mp.log(-smallest(minus, grid[max(best - 1, 0)], grid[min(best + 1, 64)]), 2) / delta
    return (
        data["rounds"] * kappa
        + exact_mpf(data["score"])
        - data["syndrome_length"]
        + alpha / delta * mp.log(left, 2)
        + 2
    )


def mutual_information_of(table: np.ndarray) -> float:
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    return shannon(rows) + shannon(columns) - shannon(table.ravel())


def reconciliation_of(inputs: Document) -> float:
    (table,) = tables_of(inputs["tables"]).values()
    protocol = protocol_of(inputs["protocol"])
    q, keep = protocol.noise, protocol.keep
    share = np.where(np.arange(max(table.shape)) == 1, keep, 1.0)
    table = table * np.outer(share[: len(table)], share[: table.shape[1]])
    table = (1 - q) * table + q * table[::-1]
    return float(shannon(table.ravel() / table.sum()) - shannon(table.sum(axis=0) / table.sum()))


def shannon(weights: np.ndarray) -> float:
    return float(-sum(w * math.log2(w) for w in weights if w > 0))


def complex_matrix(rows: list[Any]) -> np.ndarray:
    return np.array([[complex(*(float(number(part)) for part in entry)) for entry in row] for row in rows])


def state_of(data: Document) -> np.ndarray:
    H = complex_matrix(data["state"]["matrix"])
    H = H + float(number(data["state"]["shift"])) * np.eye(len(H))
    return H / np.trace(H).real


def von_neumann(rho: np.ndarray) -> float:
    return shannon(np.linalg.eigvalsh(rho))


def marginal(rho: np.ndarray, dims: list[int], side: int) -> np.ndarray:
    tensor = rho.reshape(*dims, *dims)
    return np.einsum("ikjk->ij", tensor) if side == 0 else np.einsum("kikj->ij", tensor)


def still_true(path: Path, mutant: Document, sample: Any) -> bool:
    """Whether an accepted mutant says something true, decided without the verifier."""
    original = sample.document
    if path in LABELS:
        new, old = verify(mutant), verify(original)
        return (new.statement, new.about, new.digest) == (old.statement, old.about, old.digest)
    if path[:1] == ("statement",):
        return follows(mutant, sample)
    if path == ("data",) and original["data"].keys() - mutant["data"].keys() <= {"state_is", "repair"}:
        path = ("data", "state")  # then about the state itself, whose key is no larger, or about fewer states
    if path[:1] != ("data",) or len(path) < 2:
        return False
    kind, data = original["kind"], mutant["data"]
    if kind == "finite key":
        return key_still_true(mutant)
    if kind == "local weight":
        if path[1] not in SUBJECT_FIELDS[kind]:
            return True
        share = sample.local_share_of(tables_of(data["tables"]))
        stated = mutant["statement"]
        return bool(float(number(stated["lower"])) <= share + 1e-9 and float(number(stated["upper"])) >= share - 1e-9)
    value = float(number(original["statement"]["value"]))
    if path[1] not in SUBJECT_FIELDS[kind]:
        return True  # another proof of the same
    if kind == "closed form":
        if path[2:3] in (("tangent_at",), ("chord_end",)):
            return path[2] != "chord_end" or data["inputs"]["chord_end"] is not None
        if data["formula"] == "mixture of devices":
            return value >= mixed_cost(data["inputs"]) - 1e-9
        if path[2:3] == ("object",):
            return False
        if data["formula"] == "reconciliation":
            return value >= reconciliation_of(data["inputs"]) - 1e-12
        if data["formula"] == "mutual information":
            found = map(mutual_information_of, tables_of(data["inputs"]["tables"]).values())
            return value >= max(found) - 1e-12
        bound = bounded_anew(mutant)
        if bound is None:
            return False
        slack = 1e-12 * max(abs(value), 1e-6)
        return value <= bound.value + slack if bound.direction.value == "lower" else value >= bound.value - slack
    if kind == "mixture":
        stated = protocol_of(original["statement"]["scope"]["protocol"])
        return path[1] == "protocol" and stated.within(protocol_of(data["protocol"]))
    if kind == "entropy":
        return entropy_still_true(path, mutant, original)
    if "choi" in data:
        return value >= least_entanglement(complex_matrix(data["choi"]), data["dims"]) - 1e-9
    rho = state_of(data)
    if np.linalg.eigvalsh(rho)[0] < -1e-12:
        return False
    if kind == "hashing":
        side = 1 if data["direction"] == "forward" else 0
        return value <= von_neumann(marginal(rho, data["dims"], side)) - von_neumann(rho) + 1e-9
    if path[1] == "simulates":
        return 0 <= number(data["simulates"]) <= number(original["data"]["simulates"]) * (1 + Fraction(1, 10**5))
    if path[1] == "repair" and number(data["repair"]) > number(original["data"]["repair"]):
        return value >= sample.truth + entanglement_margin(float(number(data["repair"])), data["dims"]) - 1e-15
    if path[1] == "repair":  # about fewer states
        return True
    if path[1] in ("state", "dims"):
        return value >= least_entanglement(rho, data["dims"]) - 1e-9
    return False


def entanglement_margin(x: float, dims: list[int]) -> float:
    """By how much E_r may differ at trace distance x [winter2016]."""
    return x * math.log2(min(dims)) + (1 + x) * shannon([x / (1 + x), 1 / (1 + x)])


def least_entanglement(rho: np.ndarray, dims: list[int]) -> float:
    """What every ceiling on the key of a state is at least: its coherent information."""
    one = von_neumann(rho)
    return max(von_neumann(marginal(rho, dims, side)) - one for side in (0, 1))


def entropy_still_true(path: Path, mutant: Document, original: Document) -> bool:
    """The functional of the dual at other known values; more outcomes only where they merge with the last one."""
    data, before = mutant["data"], original["data"]
    if path[1] == "outcomes":
        (x, y), new, old = before["key"], data["outcomes"], before["outcomes"]
        pairs = [(a, b) for party in ("alice", "bob") for a, b in zip(new[party], old[party], strict=False)]
        return all(a >= b for a, b in pairs) and new["alice"][x] == 2 and new["bob"][y] == old["bob"][y]
    if path[1] == "mirrored":  # in another order, or without what is not needed
        return all(entry in before["mirrored"] for entry in data["mirrored"])
    if path[1] != "known":
        return False
    if path[2:3] and "mirrored" in before and len(before["known"][path[2]]["functional"]) > 1:
        return True  # part of the proof: what flip-invariance implies
    gain, quantity = Fraction(0), original["statement"]["scope"]["quantity"]
    for kappa, new, old in zip(data["multipliers"], data["known"], before["known"], strict=True):
        k = number(kappa)
        if k == 0 and quantity == Quantity.CONDITIONAL_ENTROPY.value:  # what is known here is not used
            continue
        if sorted(new["functional"]) != sorted(old["functional"]):
            return False
        gain += min(k * number(new["low"]), k * number(new["high"]))
        gain -= min(k * number(old["low"]), k * number(old["high"]))
    if quantity == Quantity.KEY_RATE.value:  # its cost moves with the table, too
        return abs(gain) < 1e-9
    return gain > -1e-9


# --- the campaign ----------------------------------------------------------------------------------------------------


def campaign(samples: dict[str, Any], count: int, seed: int) -> tuple[int, list[str]]:
    """Mutate every sample `count` times; the number of mutants and the wrongly accepted ones."""
    total, wrong = 0, []
    for name, sample in samples.items():
        for path, mutant in mutants(sample.document, count, seed):
            total += 1
            if verify(mutant).accepted and not still_true(path, mutant, sample):
                wrong.append(f"{name}: {path} = {at(mutant, path)!r:.80}")
    return total, wrong


def at(document: Any, path: Path) -> Any:
    for part in path:
        document = document[part]
    return document


def false_campaign(samples: dict[str, Any], count: int, seed: int) -> tuple[int, list[str]]:
    """Mutate the proofs of statements that are 1e-6 beyond the truth."""
    total, wrong = 0, []
    for name, sample in samples.items():
        false = sample.false
        if false is None:
            continue
        subject = SUBJECT_FIELDS[false["kind"]]

        def proof(path: Path, subject: set[str] = subject) -> bool:
            return path[:1] == ("data",) and len(path) > 1 and not subject & {*path[1:3]}

        for path, mutant in mutants(false, count, seed, proof):
            total += 1
            if verify(mutant).accepted:
                wrong.append(f"{name}: {path} = {at(mutant, path)!r:.80}")
    return total, wrong


def test_every_sample_is_accepted_and_not_a_step_beyond(samples: dict[str, Any]) -> None:
    """Accepted as written, after a pass through JSON, and rejected 1e-6 beyond the truth."""
    for name, sample in samples.items():
        verdict = verify(json.loads(json.dumps(sample.document)))
        assert verdict.accepted, (name, verdict.reason)
        if sample.false is not None:
            assert not verify(sample.false).accepted, name


def test_values_are_tight(samples: dict[str, Any]) -> None:
    """The next double on the unsafe side of a closed form, 1e-14 bit beyond a dual: nothing was added for rounding."""
    checked = 0
    for name, sample in samples.items():
        kind, value = sample.document["kind"], getattr(sample.bound, "value", 0)
        if kind not in ("closed form", "entropy") or value == 0 or sample.bound.scale:
            continue
        beyond = value + (1e-14 if sample.lower else -1e-14)
        if kind == "closed form":
            beyond = math.nextafter(value, beyond)
        assert not verify(changed(sample.document, ("statement", "value"), dyadic(beyond))).accepted, name
        checked += 1
    assert checked > 35


PARAMETERS: list[tuple[str, Document]] = [
    ("EAT", {}),
    ("EAT, Toeplitz", {}),
    ("Rényi", {}),
    ("EAT", {"tangent": "81/100", "order_1": "1/2000", "order_2": "1/900"}),
    ("EAT, Toeplitz", {"tangent": "83/100", "order_1": "1/700", "smoothing_1": "1p-38", "smoothing_2": "1p-41"}),
    ("Rényi", {"order": "1/900"}),
    ("Rényi", {"order": "1/1500", "loss_score": "-150", "win_score": "30", "reference": "83/100"}),
]


@pytest.mark.parametrize(("name", "parameters"), PARAMETERS)
def test_lengths_are_those_of_the_theorems(samples: dict[str, Any], name: str, parameters: Document) -> None:
    """At any parameters the whole bits of the formula are proven, and not one more."""
    document = copy.deepcopy(samples[name].document)
    data = document["data"]
    data["parameters"] |= parameters
    data |= {"rounds": 40_000_000, "gamma": "3/40", "syndrome_length": 4_000_000}
    if name == "Rényi":
        data["score"] = "-100000"
    else:
        data["accepted_losses"] = 40_000_000 * 3 // 40 * 17 // 100
    formula = eat_length if name != "Rényi" else renyi_length
    with mp.workdps(40):
        length = data["rounds"]
        for _ in range(8):  # the extractor's overhead grows with the length
            length = int(mp.floor(formula(data, max(length, 1))))
    assert 0 < length < data["rounds"]
    for value, accepted in ((length, True), (length + 1, False)):
        document["statement"]["value"] = value
        assert verify(document).accepted is accepted


def test_a_mixture_of_any_three_devices(samples: dict[str, Any]) -> None:
    document = copy.deepcopy(samples["mixture of devices"].document)
    inputs = document["data"]["inputs"]
    for points in (
        [["41/20", "1/50"], ["27/10", "3/100"], ["47/20", "3/20"]],
        [["27/10", "1/20"], ["21/10", "0"], ["23/10", "1/5"]],
    ):
        inputs["points"] = points
        cost = mixed_cost(inputs)
        assert 0.05 < cost < 1
        for value, accepted in ((cost + 1e-10, True), (cost - 1e-10, False)):
            document["statement"]["value"] = dyadic(value)
            assert verify(document).accepted is accepted


def test_a_tangent_off_the_top(samples: dict[str, Any]) -> None:
    """Any tangent bounds amplitude damping: where it crosses the end of the range on its rising side."""
    document = samples["amplitude damping"].document
    g = Fraction(3, 10)

    def f(q: Any) -> Any:
        h = lambda x: -x * mp.log(x, 2) - (1 - x) * mp.log(1 - x, 2)  # noqa: E731
        return h(q * (1 - mp.mpf(g.numerator) / g.denominator / 2)) - h(q * mp.mpf(g.numerator) / g.denominator / 2)

    for at in (Fraction(1, 4), Fraction(7, 8)):
        with mp.workdps(30):
            q = mp.mpf(at.numerator) / at.denominator
            slope = mp.diff(f, q)
            top = f(q) + (slope * (1 - q) if slope > 0 else -slope * q)
        for offset, accepted in ((1e-12, True), (-1e-12, False)):
            mutant = changed(document, ("data", "inputs", "tangent_at"), str(at))
            mutant = changed(mutant, ("data", "inputs", "damping"), str(g))
            mutant = changed(mutant, ("statement", "value"), dyadic(float(top) + offset))
            assert verify(mutant).accepted is accepted, (at, offset)


def test_mutants_are_rejected_unless_still_true(samples: dict[str, Any]) -> None:
    total, wrong = campaign(samples, 20, seed=1)
    assert total > 750
    assert not wrong


def test_no_proof_of_what_is_false(samples: dict[str, Any]) -> None:
    total, wrong = false_campaign(samples, 30, seed=2)
    assert total > 150
    assert not wrong


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in (1, 2, 3))])
def test_data_of_one_certificate_under_the_statement_of_another(samples: dict[str, Any], part: int) -> None:
    """Accepted only where the statement follows from the other one's own, or is known to be true of its subject."""
    truths = {Quantity.CONDITIONAL_ENTROPY.value: samples["entropy"], Quantity.KEY_RATE.value: samples["rate"]}
    wrong = []
    for first, (name, sample) in enumerate(samples.items()):
        for second, (other, donor) in enumerate(samples.items()):
            if (first + second) % 4 != part or sample.document["data"] == donor.document["data"]:
                continue
            mixed = {**donor.document, "statement": sample.document["statement"]}
            if not verify(mixed).accepted or follows(mixed, donor):
                continue
            # one dual proves an entropy and a rate
            about = truths[sample.bound.scope.quantity.value] if donor.document["kind"] == "entropy" else donor
            if not about.allows(float(per_unit(sample.document["statement"])[0])):
                wrong.append((name, other))
    assert not wrong


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3, 8))
def test_the_whole_campaign(samples: dict[str, Any], seed: int) -> None:
    total, wrong = campaign(samples, 250, seed=seed)
    assert total > 8000
    assert not wrong
    total, wrong = false_campaign(samples, 250, seed=seed)
    assert total > 1500
    assert not wrong

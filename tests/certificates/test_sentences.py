"""What a verified sentence says: all that changes its meaning, and nothing that does not follow."""

from __future__ import annotations

import copy
import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from keybounds.bounds import Link, Unit, any_discussion, one_way, two_way
from keybounds.bounds.lower import chsh_entropy, chsh_rate
from keybounds.bounds.upper import chsh_ceiling
from keybounds.proofs import certify, verify
from keybounds.proofs.verifier.reading import RejectedError, canonical
from keybounds.proofs.verifier.statement import (
    ENTROPY,
    RECONCILIATION,
    KeySetting,
    Protocol,
    Scope,
    check_scope,
    decimal,
    read_statement,
)

Document = dict[str, Any]


# --- every edit changes sentence and digest, or is rejected ----------------------------------------------------------


def set_at(document: Document, path: str, value: Any) -> Document | None:
    """A copy with another value at a path such as ``data.inputs.key``; None where there is no such place."""
    copied = copy.deepcopy(document)
    *above, last = path.split(".")
    place: Any = copied
    for name in above:
        if isinstance(place, list):
            place = place[int(name)] if name.isdigit() and int(name) < len(place) else None
        else:
            place = place.get(name) if isinstance(place, dict) else None
    optional = path in ("statement.scale", "statement.scope.devices")
    if not isinstance(place, dict) or (last not in place and not optional):
        return None
    if canonical(place.get(last)) == canonical(value):
        return None
    place[last] = value
    return copied


SETTINGS = "statement.scope.protocol.settings"
EDITS: dict[str, tuple[str, list[Any]]] = {
    "trust": ("statement.scope.trust", ["device-independent", "device-dependent"]),
    "quantity": (
        "statement.scope.quantity",
        ["secret-key rate", ENTROPY, RECONCILIATION, "distillable entanglement", "quantum capacity"],
    ),
    "statistics": ("statement.scope.statistics", ["CHSH value and key error", "full correlations"]),
    "adversary": ("statement.scope.adversary", ["general attacks", "collective attacks"]),
    "devices": ("statement.scope.devices", [{"communication": "none", "memory": "iid"}]),
    "discussion": (
        "statement.scope.protocol.discussion",
        ["none", "one-way", "two-way", "completed rounds", "any"],
    ),
    "no key setting": (SETTINGS, [[]]),
    "key setting": (f"{SETTINGS}.0.key", [[0, 0], [0, 2], [1, 0], [2, 2]]),
    "two key settings": (
        SETTINGS,
        [[{"key": key, "weight": "1/2", "noise": 0} for key in pair] for pair in ([[1, 2], [1, 1]], [[2, 1], [2, 0]])],
    ),
    "weight": (f"{SETTINGS}.0.weight", ["1/2", "2/3"]),
    "noise": (f"{SETTINGS}.0.noise", [0, "1/10", "1/20", "1/2"]),
    "keep": ("statement.scope.protocol.keep", [1, "1/2", "9/10"]),
    "unit": ("statement.unit", [unit.value for unit in Unit]),
    "scale": (
        "statement.scale",
        [{"rate": r, "from": u.value} for r in (1, 2, "1p-90", 10**12) for u in Unit],
    ),
    "rate": ("statement.scale.rate", [1, 3, "1p-60"]),
    "direction": ("statement.direction", ["lower", "upper"]),
    "value": ("statement.value", [0, 1, 40, "1/3"]),
    "soundness": ("statement.scope.soundness", ["1/1000", "1/10"]),
    # what a sentence is about
    "key of the data": ("data.key", [[0, 0], [0, 2], [1, 1], [1, 0], [2, 2]]),
    "test of the data": ("data.test", [[[0, 1], [0, 2]], [[1, 0], [0, 1]], [[1, 2], [0, 1]]]),
    "key of a closed form": ("data.inputs.key", [[0, 0], [0, 2], [1, 2], [2, 2], [2, 1]]),
    "test of a closed form": ("data.inputs.test", [[[0, 1], [0, 1]], [[1, 0], [0, 1]], [[1, 2], [2, 0]]]),
    "S": ("data.inputs.chsh", ["14/5", "27/10", -2]),
    "Q": ("data.inputs.qber", [0, "1/3"]),
    "outcomes": ("data.inputs.outcomes", [[2, 3], [3, 2]]),
    "settings": ("data.inputs.settings", [[3, 4], [4, 3], [2, 3]]),
    "noise of a closed form": ("data.inputs.noise", [0, "1/4", "1/2"]),
    "visibility": ("data.inputs.visibility", [1, "9/10", "4/5"]),
    "outcomes of the dual": ("data.outcomes.alice", [[2, 2, 2], [3, 2]]),
    "scenario": ("data.scenario.outcomes", [[3, 2], [2, 3]]),
    "settings of the scenario": ("data.scenario.settings", [[3, 3], [4, 2]]),
    "rounds": ("data.rounds", [1_500_001, 3_000_000]),
    "gamma": ("data.gamma", ["1/10", "1/20"]),
    "syndrome": ("data.syndrome_length", [0, 10**5]),
    "losses": ("data.accepted_losses", [0, 10]),
    "extractor": ("data.extractor", ["toeplitz", "circulant", "trevisan"]),
    "sectors": ("data.inputs.sectors", [[26, 26], [3, 5]]),
    "p": ("data.inputs.p", ["1/2", "2/5"]),
    "object": ("data.inputs.object", ["state", "channel"]),
    "of": ("data.of", ["state", "channel"]),
    "transposed": ("data.state_is", ["as given", "partial transpose"]),
    "simulates": ("data.simulates", [0, "1p-11"]),
    "dims": ("data.dims", [[1, 4], [4, 1], [3, 2], [1, 9]]),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_rejected_or_said(samples: dict[str, Any], edit: str) -> None:
    """No two accepted documents read the same and differ in what they say."""
    path, values = EDITS[edit]
    tried = 0
    for name, sample in samples.items():
        documents = [document for value in values if (document := set_at(sample.document, path, value)) is not None]
        tried += len(documents)
        accepted = [verdict for verdict in map(verify, documents) if verdict.accepted]
        for after in accepted:
            before = verify(sample.document)
            assert after.statement != before.statement, name
            assert after.digest != before.digest, name
            if path.startswith("statement"):
                assert after.about == before.about, name
            else:
                assert after.about != before.about, name
    assert tried > 0


def test_one_digest_for_one_meaning(samples: dict[str, Any]) -> None:
    """The same numbers in another form are the same statement; the digests of different samples differ."""
    seen: dict[str, str] = {}
    for name, sample in samples.items():
        document = copy.deepcopy(sample.document)
        verdict = verify(document)
        assert seen.setdefault(verdict.digest, verdict.statement) == verdict.statement, name
        for number in ("value", "lower", "upper"):
            if isinstance(document["statement"].get(number), str):
                mantissa, _, exponent = document["statement"][number].partition("p-")
                document["statement"][number] = f"{2 * int(mantissa)}/{2 ** (int(exponent) + 1)}"
        document["data"] = in_other_form(document["data"])
        again = verify(document)
        assert (again.statement, again.about, again.digest) == (verdict.statement, verdict.about, verdict.digest), name


def in_other_form(value: Any, name: str = "") -> Any:
    """The same exact numbers as fractions, where the schema takes any exact number."""
    if isinstance(value, dict):
        return {key: in_other_form(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [in_other_form(part, name) for part in value]
    if isinstance(value, str) and "p-" in value:
        mantissa, _, exponent = value.partition("p-")
        if mantissa.lstrip("-").isdigit() and exponent.isdigit():
            return f"{2 * int(mantissa)}/{2 ** (int(exponent) + 1)}"
    if isinstance(value, int) and name in ("matrix", "choi", "P", "noise", "keep", "low", "high", "weight"):
        return f"{3 * value}/3"
    return value


# --- the counterexamples to version 1 --------------------------------------------------------------------------------


def rejected(document: Document, reason: str) -> None:
    verdict = verify(document)
    assert not verdict.accepted
    assert reason in verdict.reason


def test_version_1_is_refused_by_name(samples: dict[str, Any]) -> None:
    rejected({**samples["entropy"].document, "version": 1}, "this is a version 1 certificate")
    rejected({"format": "keybounds certificate", "version": 1}, "make it anew")
    rejected({**samples["entropy"].document, "version": 3}, "the version is not 2")


def test_the_entropy_of_noise_is_none_of_a_class_without_noise() -> None:
    """S = 2 and noise 1/2: a deterministic device has H(Â|E) = 1 then, and 0 without noise."""
    document = certify(chsh_entropy(Link(2, 0, key=(1, 2)), 0.5))
    document["statement"]["value"] = 1
    assert verify(document).accepted
    protocol = document["statement"]["scope"]["protocol"]
    for other in (two_way((1, 2)), any_discussion(), one_way((1, 2)), one_way((1, 2), noise=0.25)):
        document["statement"]["scope"]["protocol"] = {**other.to_dict(), "keep": 1}
        for one in document["statement"]["scope"]["protocol"]["settings"]:
            one["noise"] = {0.0: 0, 0.25: "1/4"}[one["noise"]]
        rejected(document, "does not follow")
    document["statement"]["scope"]["protocol"] = protocol
    assert verify(document).accepted


def marked(document: Document, *, swapped: bool) -> Document:
    """Outcomes 2x4, settings 5x3: half a bit at every pair, and one bit where the mark is announced first.

    Bob prints a mark m and a bit; Alice's setting (s, t) gives CHSH statistics iff s = m, and her fifth returns m.
    """
    strategies = []
    for m in (0, 1):
        alice = [
            {"direction": [1, t], "labels": [0, 1] if s == m else [0, 0], "misprints": [0, 0]}
            for s, t in itertools.product((0, 1), repeat=2)
        ]
        alice.append({"direction": [1, 0], "labels": [m, m], "misprints": [0, 0]})
        bob = [
            {"direction": list(v), "labels": [2 * m, 2 * m + 1], "misprints": [0, 0]} for v in ((2, 1), (2, -1), (1, 0))
        ]
        sides = {"alice": bob, "bob": alice} if swapped else {"alice": alice, "bob": bob}
        pinching = {"side": "alice", "direction": [1, 0]}
        strategies.append({"weight": "1/2", "state": [1, 0, 0, 0, 0, 0, 1, 0], **sides, "pinching": pinching})
    outcomes, settings = ([4, 2], [3, 5]) if swapped else ([2, 4], [5, 3])
    document = copy.deepcopy(document)
    data = document["data"]
    tables = {pair: marked_table(strategies, outcomes, *pair) for pair in itertools.product(*map(range, settings))}
    data["scenario"] = {"outcomes": outcomes, "settings": settings}
    data["measured"] = [list(pair) for pair in tables]
    data["table"] = [[[str(p) for p in row] for row in table] for table in tables.values()]
    data["collins_gisin"] = collins_gisin(tables)
    data["distance"] = 0
    data["mixture"] = {"grid_bits": 50, "points": [], "strategies": strategies}
    document["statement"]["value"] = "1/2"
    return document


def test_a_mark_of_bobs_that_alice_may_use(samples: dict[str, Any]) -> None:
    """Half a bit binds the discussion of completed rounds, and no more than that."""
    document = marked(samples["mixture, completed rounds"].document, swapped=False)
    verdict = verify(document)
    assert verdict.accepted, verdict.reason
    assert "of rounds once both sides have been used" in verdict.statement
    assert "2 and 4 outcomes, 5 and 3 settings, of which all pairs are known" in verdict.statement
    document["statement"]["scope"]["protocol"]["discussion"] = "any"
    rejected(document, "does not follow")
    document["data"]["protocol"]["discussion"] = "any"
    rejected(document, "is not proven: the data give 1.0000")


def test_preprocessing_is_of_bits_and_clicks(samples: dict[str, Any]) -> None:
    for swapped, reason in ((False, "post-selection of what is not click"), (True, "noise on what is not a bit")):
        document = marked(samples["mixture, one-way"].document, swapped=swapped)
        for one in document["data"]["mixture"]["strategies"]:
            del one["pinching"]
        rejected(document, reason)


def marked_table(strategies: list[Document], outcomes: list[int], x: int, y: int) -> list[list[Fraction]]:
    """P(a,b) of maximally entangled pairs, half of the rounds each."""
    table = [[Fraction(0)] * outcomes[1] for _ in range(outcomes[0])]
    for one in strategies:
        (c, s), (d, t) = one["alice"][x]["direction"], one["bob"][y]["direction"]
        size = 2 * 2 * (c * c + s * s) * (d * d + t * t)
        same, other = (c * d + s * t) ** 2, (s * d - c * t) ** 2
        for i, j in itertools.product((0, 1), repeat=2):
            row, column = one["alice"][x]["labels"][i], one["bob"][y]["labels"][j]
            table[row][column] += Fraction(same if i == j else other, size)
    return table


def collins_gisin(tables: dict[tuple[int, ...], list[list[Fraction]]]) -> list[list[str]]:
    nx, ny = (1 + max(pair[k] for pair in tables) for k in (0, 1))
    na, nb = len(tables[0, 0]), len(tables[0, 0][0])
    rows = [[Fraction(1)] + [sum(row[b] for row in tables[0, y]) for y in range(ny) for b in range(nb - 1)]]
    rows += [
        [sum(tables[x, 0][a])] + [tables[x, y][a][b] for y in range(ny) for b in range(nb - 1)]
        for x in range(nx)
        for a in range(na - 1)
    ]
    return [[str(p) for p in row] for row in rows]


def test_no_free_factor(samples: dict[str, Any]) -> None:
    """A unit of time comes from a rate that is stated, printed and part of the digest."""
    bound = samples["two-qubit"].bound
    fast = certify(bound.scaled(2_000_000, Unit.PER_SECOND))
    verdict = verify(fast)
    assert verdict.accepted
    assert "bit/s at 2000000 rounds a second\n" in verdict.statement
    slower = copy.deepcopy(fast)
    slower["statement"]["scale"]["rate"] = 2_000_001
    rejected(slower, "is not proven")
    slower["statement"]["scale"]["rate"] = 1_999_999
    assert verify(slower).digest != verdict.digest
    for rate in (0, -1):
        slower["statement"]["scale"]["rate"] = rate
        rejected(slower, "a rate that is not above 0")
    old = {**fast["statement"], "scale": {"factor": "1p-90", "from": "bit/round"}}
    rejected({**fast, "statement": old}, "scale lacks rate")
    del slower["statement"]["scale"]
    rejected(slower, "the unit is not bit/round, or made of it by a stated rate")
    herald = certify(bound.scaled(1, Unit.PER_HERALD))
    assert "bit/herald, each heralded pair is one round\n" in verify(herald).statement
    herald["statement"]["scale"]["rate"] = "1/2"
    rejected(herald, "not exactly one round")
    entropy = copy.deepcopy(samples["entropy"].document)
    entropy["statement"] |= {"unit": "bit/s", "scale": {"rate": 1, "from": "bit/kept key round"}}
    rejected(entropy, "unit scaled from is 'bit/kept key round'")
    key = copy.deepcopy(samples["EAT"].document)
    key["statement"] |= {"unit": "bit/s", "scale": {"rate": 1, "from": "bit"}}
    rejected(key, "unknown fields: 'scale'")


def test_noise_and_keep_are_always_said() -> None:
    """At v = .84 there is no one-way key without noise, and some with noise .2: two sentences that read differently."""
    link = Link(2 * math.sqrt(2) * 0.84, 0.08)
    without, with_noise = (verify(certify(chsh_rate(link, q))) for q in (0.0, 0.2))
    assert "one-way discussion on key setting 0,2 (weight 1, noise 0), keep 1;" in without.statement
    assert "one-way discussion on key setting 0,2 (weight 1, noise 0.2), keep 1;" in with_noise.statement
    assert without.about == with_noise.about
    assert without.digest != with_noise.digest


def test_nothing_else_is_measured(samples: dict[str, Any]) -> None:
    """Dropping the key pair's table makes another statement: the pairs that are known are named."""
    whole = samples["mixture, any"].document
    fewer = copy.deepcopy(whole)
    for name in ("measured", "table"):
        del fewer["data"][name][-1]
    before, after = verify(whole), verify(fewer)
    assert after.accepted
    assert "of which all pairs are known, and no other settings or outcomes" in before.statement
    assert "of which the pairs 0,0 0,1 1,0 1,1 2,0 are known, and no other settings or outcomes" in after.statement
    assert before.about != after.about
    information = copy.deepcopy(samples["mutual information, all"].document)
    information["data"]["inputs"]["tables"].pop()
    rejected(information, "a table of some pair of settings is missing")
    for name in ("two-qubit", "two-qubit E_r", "CHSH rate", "CHSH entropy", "entropy"):
        assert "nothing else is known of them" in verify(samples[name].document).statement


def test_completed_rounds_are_of_untrusted_correlations_only(samples: dict[str, Any]) -> None:
    for name in ("Bell-diagonal", "transpose ceiling", "Choi", "loss ceiling", "pair source", "channel transpose"):
        document = copy.deepcopy(samples[name].document)
        for protocol in (
            {"discussion": "completed rounds", "settings": [], "keep": 1},
            {"discussion": "two-way", "settings": [{"key": [0, 2], "weight": 1, "noise": 0}], "keep": 1},
        ):
            document["statement"]["scope"]["protocol"] = protocol
            rejected(document, "key settings or completed rounds")
    document = copy.deepcopy(samples["two-qubit E_r"].document)
    document["statement"]["scope"]["protocol"]["discussion"] = "completed rounds"
    assert verify(document).accepted
    document["statement"]["scope"]["protocol"]["discussion"] = "two-way"
    rejected(document, "two-way discussion of no key setting")


def test_key_only_from_settings_that_the_test_speaks_about(samples: dict[str, Any]) -> None:
    """Lower bounds need Alice's key setting among the CHSH settings, upper bounds Bob's outside them."""
    for name in ("CHSH entropy", "CHSH rate", "EAT", "Rényi"):
        document = copy.deepcopy(samples[name].document)
        data = document["data"].get("inputs", document["data"])
        data["key"] = [2, 2]
        rejected(document, "Alice's key setting is none of the CHSH settings")
        data["test"] = [[0, 2], [0, 1]]
        if "settings" in document["statement"]["scope"].get("protocol", {}):
            document["statement"]["scope"]["protocol"]["settings"][0]["key"] = [2, 2]
        verdict = verify(document)
        assert verdict.accepted
        assert "0,2 | 0,1" in verdict.statement
    for name in ("two-qubit", "two-qubit E_r", "mixture of devices", "one device"):
        document = copy.deepcopy(samples[name].document)
        document["data"]["inputs"]["key"] = [1, 1]
        rejected(document, "Bob's key setting is one of the CHSH settings")
        document["data"]["inputs"]["test"] = [[0, 0], [0, 2]]
        rejected(document, "the same CHSH setting twice")
    text = verify(samples["EAT"].document).statement
    assert "key from setting (1,2), CHSH test on 0,1 | 0,1 with probability" in text


def test_the_tables_of_a_link_are_those_of_its_settings(samples: dict[str, Any]) -> None:
    document = copy.deepcopy(samples["CHSH rate of a table"].document)
    tables = document["data"]["inputs"]["tables"]
    tables.append({**tables[0], "settings": [5, 5]})
    rejected(document, "not the tables of the CHSH settings and the key setting")
    del tables[-2:]
    rejected(document, "not the tables of the CHSH settings and the key setting")


# --- the order, against explicit devices -----------------------------------------------------------------------------


def entropies_of_devices(noise: float, keep: float) -> dict[str, tuple[float, float]]:
    """(H(Â|E,V), H(Â|B,V)) of devices whose adversary holds a copy of Λ; each prints a, b with P(λ, a, b)."""
    devices = {
        "deterministic": {(0, 0, 0): 1.0},
        "perfect": {(0, 0, 0): 0.5, (0, 1, 1): 0.5},
        "independent coins": {(0, a, b): 0.25 for a in (0, 1) for b in (0, 1)},
        "secret if Bob clicks": {(0, 0, 0): 0.25, (0, 1, 0): 0.25, (1, 0, 1): 0.5},
        "secret if he does not": {(0, 0, 1): 0.25, (0, 1, 1): 0.25, (1, 0, 0): 0.5},
        "biased": {(0, 0, 0): 0.7, (1, 1, 1): 0.2, (0, 1, 0): 0.1},
    }
    found = {}
    for name, weights in devices.items():
        P = np.zeros((2, 2, 2))
        for place, weight in weights.items():
            P[place] = weight
        P = P * np.array([1, keep])[None, :, None] * np.array([1, keep])
        P = ((1 - noise) * P + noise * P[:, ::-1]) / P.sum()
        eve, bob = P.sum(axis=2), P.sum(axis=0).T

        def given(joint: Any) -> float:
            return shannon(joint.ravel()) - shannon(joint.sum(axis=1))

        found[name] = (given(eve), given(bob))
    return found


def shannon(weights: Any) -> float:
    return float(-sum(w * math.log2(w) for w in weights if w > 0))


def test_entropies_order_only_where_every_device_agrees() -> None:
    """Whenever one class is held to have no more entropy than another, it has none more for each device."""
    classes = [
        (Protocol("one-way", (KeySetting((1, 2), noise=Fraction(q)),), Fraction(keep)), (float(q), float(keep)))
        for q, keep in itertools.product((Fraction(0), Fraction(1, 5), Fraction(1, 2)), (1, Fraction(1, 2)))
    ]
    classes += [(Protocol("two-way", (KeySetting((1, 2)),)), (0.0, 1.0)), (Protocol("any"), (0.0, 1.0))]
    for quantity, k in ((ENTROPY, 0), (RECONCILIATION, 1)):
        held = 0
        for (one, at_one), (other, at_other) in itertools.product(classes, repeat=2):
            if not Scope("device-independent", one, quantity).within(Scope("device-independent", other, quantity)):
                continue
            held += 1
            mine, theirs = entropies_of_devices(*at_one), entropies_of_devices(*at_other)
            assert all(mine[name][k] <= theirs[name][k] + 1e-12 for name in mine), (str(one), str(other))
        assert held == len(classes)  # each within itself
    wide, narrow = (Scope("device-independent", one, ENTROPY, s) for one, s in ((classes[0][0], s) for s in STATISTICS))
    assert narrow.within(wide) is False
    assert wide.within(narrow)  # of fewer statistics more devices: the least entropy is smaller


STATISTICS = ("CHSH value and key error", "full correlations")


def test_an_entropy_is_no_rate_and_no_other_entropy() -> None:
    scopes = [
        Scope("device-independent", Protocol("one-way", (KeySetting((1, 2)),)), quantity)
        for quantity in ("secret-key rate", ENTROPY, RECONCILIATION)
    ]
    for one, other in itertools.product(scopes, repeat=2):
        assert one.within(other) == (one is other)


def test_several_key_settings_compare_at_equal_weights() -> None:
    def weighted(discussion: str, *weights: Fraction, noise: int | Fraction = 0) -> Protocol:
        settings = [KeySetting((k, 2), w, Fraction(noise)) for k, w in enumerate(weights)]
        return Protocol(discussion, tuple(settings))

    third, half = Fraction(1, 3), Fraction(1, 2)
    assert weighted("one-way", third, 1 - third).within(weighted("two-way", third, 1 - third))
    assert weighted("one-way", third, 1 - third, noise=third).within(weighted("two-way", third, 1 - third))
    assert not weighted("one-way", third, 1 - third).within(weighted("one-way", third, 1 - third, noise=third))
    assert not weighted("one-way", third, 1 - third, noise=third).within(weighted("one-way", third, 1 - third))
    assert not weighted("one-way", third, 1 - third).within(weighted("two-way", half, half))
    assert not weighted("two-way", Fraction(1)).within(weighted("two-way", half, half))
    assert weighted("two-way", half, half).within(Protocol("completed rounds"))
    assert Protocol("completed rounds").within(Protocol("any"))
    assert not Protocol("any").within(Protocol("completed rounds"))
    assert not Protocol("completed rounds").within(weighted("two-way", half, half))
    assert not Protocol("none").within(weighted("one-way", half, half))
    assert Protocol("none").within(Protocol("one-way"))


def on(key: list[int], weight: int | str = 1, noise: int | str = 0) -> Document:
    return {"key": key, "weight": weight, "noise": noise}


@pytest.mark.parametrize(
    ("protocol", "reason"),
    [
        ({"discussion": "any", "settings": [on([0, 2])], "keep": 1}, "a key setting where there is none"),
        ({"discussion": "two-way", "settings": [on([0, 2], noise="1/9")], "keep": 1}, "beyond one-way"),
        ({"discussion": "two-way", "settings": [on([0, 2])], "keep": "1/2"}, "beyond one-way"),
        ({"discussion": "one-way", "settings": [], "keep": "1/2"}, "beyond one-way discussion on key settings"),
        ({"discussion": "one-way", "settings": [on([0, 2])], "keep": 0}, "keep is 0"),
        ({"discussion": "one-way", "settings": [on([0, 2], 0), on([1, 2])], "keep": 1}, "without weight"),
        ({"discussion": "one-way", "settings": [on([0, 2], "1/2")], "keep": 1}, "do not sum to 1"),
        ({"discussion": "one-way", "settings": [on([0, 2], "1/2")] * 2, "keep": 1}, "the same key setting twice"),
        ({"discussion": "one-way", "settings": [on([0, 2], noise="2/3")], "keep": 1}, "above 1/2"),
        ({"discussion": "one-way", "settings": [on([-1, 2])], "keep": 1}, "not from 0 to 1000"),
        ({"discussion": "one-way", "key": [0, 2], "noise": 0, "keep": 1}, "lacks settings"),
    ],
)
def test_classes_that_are_none(samples: dict[str, Any], protocol: Document, reason: str) -> None:
    document = copy.deepcopy(samples["CHSH rate"].document)
    document["statement"]["scope"]["protocol"] = protocol
    rejected(document, reason)


def test_devices_of_the_adversary(samples: dict[str, Any]) -> None:
    """A ceiling against the weakest devices is one against all, and each class is named."""
    document = copy.deepcopy(samples["channel transpose"].document)
    seen = set()
    for communication, memory in itertools.product(("none", "one-way", "two-way"), ("iid", "memory")):
        document["statement"]["scope"]["devices"] = {"communication": communication, "memory": memory}
        verdict = verify(document)
        assert verdict.accepted
        word = "no" if communication == "none" else communication
        assert f"by {memory} devices with {word} communication" in verdict.statement
        seen.add(verdict.digest)
    assert len(seen) == 6
    del document["statement"]["scope"]["devices"]
    rejected(document, "does not follow")
    document["statement"]["scope"] |= {
        "trust": "device-dependent",
        "devices": {"communication": "none", "memory": "iid"},
    }
    rejected(document, "where they are trusted")
    for key, value in (("communication", "some"), ("memory", "none")):
        document["statement"]["scope"]["devices"] = {"communication": "none", "memory": "iid", key: value}
        rejected(document, f"{key} of the devices is")


def test_weak_devices_are_not_strong_ones() -> None:
    """Security against devices that may do less says nothing about those that may do more."""

    def against(*devices: str) -> Scope:
        return Scope("device-independent", devices=devices)  # type: ignore[arg-type]

    strong, weak = against("two-way", "memory"), against("none", "iid")
    assert strong.within(weak)
    assert not weak.within(strong)
    assert not against("two-way", "iid").within(against("none", "memory"))
    assert not against("none", "memory").within(against("two-way", "iid"))
    assert against("two-way", "memory").within(Scope("device-dependent"))
    assert not Scope("device-independent").within(weak)
    assert not weak.within(Scope("device-independent"))


def test_quantum_capacity_and_entanglement_are_at_most_key(samples: dict[str, Any]) -> None:
    ceiling = copy.deepcopy(samples["loss ceiling"].document)
    ceiling["statement"]["scope"]["quantity"] = "quantum capacity"
    assert verify(ceiling).accepted
    ceiling["statement"]["scope"]["quantity"] = "distillable entanglement"
    rejected(ceiling, "distilled from a channel")
    rate = copy.deepcopy(samples["loss rate"].document)
    rate["statement"]["scope"]["quantity"] = "quantum capacity"
    rejected(rate, "does not follow")
    state = copy.deepcopy(samples["Bell-diagonal"].document)
    state["statement"]["scope"]["quantity"] = "distillable entanglement"
    assert verify(state).accepted
    state["statement"]["scope"]["quantity"] = "quantum capacity"
    rejected(state, "of no channel")
    state["statement"]["scope"] |= {"quantity": "distillable entanglement", "trust": "device-independent"}
    rejected(state, "of untrusted devices")


def test_the_sign_of_the_sentence(samples: dict[str, Any]) -> None:
    for name, sample in samples.items():
        if sample.document["kind"] == "local weight":
            continue
        first = verify(sample.document).statement.partition("\n")[0]
        assert (">=" in first) is sample.lower, name
        assert ("<=" in first) is not sample.lower, name


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1/3", "1/3"),
        (str(0.1), "1/10"),
        ("1p-1", "0.5"),
        (0, "0"),
        (2_000_000, "2000000"),
        ("1p300", repr(2.0**300)),
        (10**400, "10000000000000000e384"),
        ("-1p4096", "-10443888814131525e1217…"),
        (f"{10**40 + 1}/{3 * 10**40}", "0.3333333333333333…"),
    ],
)
def test_numbers_in_print(number: int | str, text: str) -> None:
    from keybounds.proofs.verifier.reading import number as read

    exact = Fraction("0.1") if number == "0.1" else read(number, "x")
    assert decimal(exact) == text


def test_values_in_print_are_on_the_safe_side() -> None:
    long = Fraction(10**50 + 1, 3 * 10**50)
    for x in (long, -long, 2 * long, long / 7):
        down, up = (Fraction(decimal(x, direction).rstrip("…")) for direction in ("lower", "upper"))
        assert down <= x <= up
        assert up - down < Fraction(1, 10**15)
    for x in (Fraction(10**400 + 1), -Fraction(10**400 + 1), Fraction(7 * 10**500, 3)):
        down, up = (Fraction(decimal(x, direction).rstrip("…")) for direction in ("lower", "upper"))
        assert down < x < up
        assert up - down <= abs(x) / 10**15


def test_what_follows_is_checked_before_any_value(samples: dict[str, Any]) -> None:
    """`check_scope` is the only gate between a derivation and a statement: each of its clauses rejects something."""
    from keybounds.proofs.verifier.formulas import closed_form

    document = samples["two-qubit"].document
    derived = closed_form(document["data"])
    check_scope(read_statement(document["statement"]), derived)
    for path, value, reason in (
        ("statement.direction", "lower", "proves upper bounds only"),
        ("statement.unit", "bit/copy", "the unit is not bit/round"),
        ("statement.scope.adversary", "general attacks", ""),
        ("statement.scope.statistics", "full correlations", "does not follow"),
        ("statement.scope.trust", "device-dependent", "key settings or completed rounds where the devices are trusted"),
    ):
        edited = set_at(document, path, value)
        assert edited is not None
        if not reason:
            check_scope(read_statement(edited["statement"]), derived)  # security against more is the narrower class
            continue
        with pytest.raises(RejectedError, match=reason):
            check_scope(read_statement(edited["statement"]), derived)


def test_bounds_from_two_numbers_say_which(samples: dict[str, Any]) -> None:
    link = Link(2.7, 0.02, key=(2, 2))
    text = verify(certify(chsh_ceiling(link, any_discussion()))).statement
    assert text.startswith("secret-key rate <= ")
    assert "of devices with |S| = 2.7 and key error 0.02, at CHSH settings 0,1 | 0,1 and key setting 2,2;" in text
    assert text.endswith("any public discussion at any time; collective attacks; from CHSH value and key error")

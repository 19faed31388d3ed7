"""Numbers as the verifier prints and counts them, at the ends where another rule takes over."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from flint import arb, ctx

from keybounds.proofs.verifier import devices, guard, local, separable
from keybounds.proofs.verifier.correlations import _signalling
from keybounds.proofs.verifier.mixtures import _direction
from keybounds.proofs.verifier.reading import RejectedError
from keybounds.proofs.verifier.statement import decimal
from keybounds.proofs.verifier.states import State, hashing, mixing, mutual_information
from keybounds.proofs.verifier.verification import verify

DOCUMENTS = Path(__file__).parent / "documents"


def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCUMENTS / f"{name}.json").read_text())
    return found


LONG = Fraction(10**5000 + 1, 3 * 10**5000)  # a third and a little: more digits than Python prints


@pytest.mark.parametrize(
    ("x", "lower", "upper"),
    [
        (Fraction(2**53), "9007199254740992", "9007199254740992"),
        (Fraction(10**16 - 2), "9999999999999998", "9999999999999998"),
        (Fraction(10**16), "1e+16", "1e+16"),
        (-Fraction(10**16), "-1e+16", "-1e+16"),
        (Fraction(10**16 + 1), "10000000000000001", "10000000000000001"),
        (Fraction(3, 8), "0.375", "0.375"),
        (Fraction(1, 3), "1/3", "1/3"),
        (Fraction(10**19, 10**19 + 1), "0.9999999999999999…", "1.0…"),  # 41 characters
        (Fraction(10**18, 10**19 + 1), *2 * (f"{10**18}/{10**19 + 1}",)),  # 40
        (LONG, "0.3333333333333333…", "0.33333333333333337…"),
        (-LONG, "-0.33333333333333337…", "-0.3333333333333333…"),
        (1 / LONG, "2.9999999999999996…", "3.0…"),
        (Fraction(10**300), "10000000000000000e284", "10000000000000000e284"),
        (Fraction(10**400 + 1), "10000000000000000e384…", "10000000000000001e384…"),
        (-Fraction(10**400 + 1), "-10000000000000001e384…", "-10000000000000000e384…"),
        (Fraction(7 * 10**500), "70000000000000000e484", "70000000000000000e484"),
    ],
    ids=lambda value: str(value)[:20] if isinstance(value, str) else "",
)
def test_a_number_in_print(x: Fraction, lower: str, upper: str) -> None:
    assert (decimal(x, "lower"), decimal(x, "upper")) == (lower, upper)


@pytest.mark.parametrize(("excess", "accepted"), [("1/1111111", True), ("1/900000", False)], ids=["within", "beyond"])
def test_a_table_on_the_boundary_may_prove_a_millionth_of_a_bit_too_much(
    excess: str, accepted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without noise or post-selection, H is the dual's value over ln 2; more than one bit is no device's."""
    asked = document("entropy")
    asked["statement"]["value"] = 1
    with mp.workdps(40):
        one = Fraction(mp.nstr(mp.log(2), 30))
    monkeypatch.setattr(devices, "_dual_value", lambda *_: one * (1 + Fraction(excess)))
    verdict = verify(asked)
    assert verdict.accepted is accepted
    assert ("more than one bit" in verdict.reason) is not accepted


# --- parties that are not alike ---------------------------------------------------------------------------------------


def test_either_party_may_signal_to_the_other() -> None:
    """Alice's marginal at x = 0 moves by 1/7 with y, Bob's at y = 0 by 2/9 with x, each alone."""
    seventh, ninth = Fraction(1, 7), Fraction(2, 9)
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    even = [[quarter, quarter], [quarter, quarter]]
    by_bob = [[quarter + seventh / 2] * 2, [quarter - seventh / 2] * 2]
    by_alice = [[quarter + ninth / 2, quarter - ninth / 2]] * 2
    assert _signalling({(0, 0): even, (0, 1): by_bob, (1, 1): [[half, 0], [0, half]]}) == seventh
    assert _signalling({(0, 0): even, (1, 0): by_alice, (1, 1): [[half, 0], [0, half]]}) == ninth
    assert _signalling({(0, 0): even, (0, 1): by_bob, (1, 0): by_alice}) == ninth
    assert _signalling({(0, 0): by_bob, (1, 1): by_alice}) == 0, "settings that meet in no pair"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [([3, 2], ""), ([3, 5], ""), ([2, 3], "a setting that there is not"), ([3, 1], "a setting that there is not")],
)
def test_the_tables_of_a_ceiling_are_of_settings_that_there_are(settings: list[int], reason: str) -> None:
    asked = document("mutual-information")
    asked["data"]["inputs"]["settings"] = settings
    verdict = verify(asked)
    assert verdict.accepted is not bool(reason)
    assert reason in verdict.reason


def test_the_best_of_all_pairs_of_settings_takes_all_of_them() -> None:
    """Two of Alice's settings and three of Bob's, the best of which is Alice's second with Bob's third."""
    asked = document("mutual-information-all")
    inputs = asked["data"]["inputs"]
    best, fair = [["3/8", "1/8"], ["1/8", "3/8"]], [["1/4", "1/4"], ["1/4", "1/4"]]
    inputs["settings"] = [2, 3]
    inputs["tables"] = [
        {"settings": [x, y], "P": best if (x, y) == (1, 2) else fair} for x in range(2) for y in range(3)
    ]
    exact = 1 - Fraction(mp.nstr(-0.75 * mp.log(0.75, 2) - 0.25 * mp.log(0.25, 2), 15))
    for value, accepted in ((exact + Fraction(1, 10**12), True), (exact - Fraction(1, 10**12), False)):
        asked["statement"]["value"] = str(value)
        assert verify(asked).accepted is accepted
    del inputs["tables"][-1]
    assert "some pair of settings is missing" in verify(asked).reason


def test_a_setting_is_a_number_from_0() -> None:
    asked = document("local-weight")
    asked["data"]["tables"][0]["settings"] = [-1, 0]
    assert "setting is not from 0" in verify(asked).reason
    asked["data"]["tables"][0]["settings"] = [0, -1]
    assert "setting is not from 0" in verify(asked).reason


def test_a_direction_may_point_anywhere_but_nowhere() -> None:
    most = 2**64
    assert [_direction(found) for found in ([-3, 5], [0, -2], [most, -most])] == [(-3, 5), (0, -2), (most, -most)]
    for wrong in ([0, 0], [most + 1, 0], [0, -most - 1], [1], [1, 2, 3]):
        with pytest.raises(RejectedError, match="direction"):
            _direction(wrong)


def damped(keep: Fraction) -> dict[str, Any]:
    """The Choi state of amplitude damping, Alice's qubit before the output; `keep` is a square."""
    root = Fraction(math.isqrt(keep.numerator), math.isqrt(keep.denominator))
    assert root**2 == keep
    matrix = [[[0, 0] for _ in range(4)] for _ in range(4)]
    for i, j, value in ((0, 0, 1), (3, 3, keep), (2, 2, 1 - keep), (0, 3, root), (3, 0, root)):
        matrix[i][j] = [str(Fraction(value) / 2), 0]  # type: ignore[list-item]
    return {"dims": [2, 2], "state": {"matrix": matrix, "shift": 0}}


@pytest.mark.parametrize(("direction", "side"), [("forward", 1), ("reverse", 0)])
def test_hashing_takes_the_entropy_of_the_party_that_is_told(direction: str, side: int) -> None:
    """Damping takes entropy from Bob's side, not from Alice's: 1 - h(7/32) in reverse, h(9/32) - h(7/32) forward."""
    found = hashing({**damped(Fraction(9, 16)), "of": "channel", "direction": direction})

    def h(p: float) -> Any:
        return -p * mp.log(p, 2) - (1 - p) * mp.log(1 - p, 2)

    with ctx.workprec(128), mp.workdps(40):
        exact = (h(mp.mpf(9) / 32) if side else mp.mpf(1)) - h(mp.mpf(7) / 32)
        assert abs(mp.mpf(found.value().str(30, radius=False)) - exact) < 1e-18
    with ctx.workprec(128):
        repaired = hashing({**damped(Fraction(9, 16)), "of": "channel", "direction": direction, "repair": "1/1024"})
        lost = found.value() - repaired.value()
        margin = 2 * arb(1) / 1024 + mixing(arb(1) / 1024)
        assert abs(lost - margin) < 1e-18


def test_the_mutual_information_of_parties_that_are_not_alike() -> None:
    found = damped(Fraction(9, 16))["state"]["matrix"]
    table = [[(Fraction(re), Fraction(im)) for re, im in row] for row in found]
    with ctx.workprec(128), mp.workdps(40):
        bob, both = (-p * mp.log(p, 2) - (1 - p) * mp.log(1 - p, 2) for p in (mp.mpf(9) / 32, mp.mpf(7) / 32))
        value = mutual_information(State((2, 2), table, Fraction(0)))
        assert abs(mp.mpf(value.str(30, radius=False)) - (1 + bob - both)) < 1e-18


@pytest.mark.parametrize(
    ("damping", "value", "least"), [(0, "1", True), (0, "999999/1000000", False), (1, "0", True), ("1/2", "2/5", False)]
)
def test_the_ends_of_amplitude_damping(damping: int | str, value: str, least: bool) -> None:
    """Without damping one bit passes, with full damping none; between, the tangent at the middle is no ceiling of 0."""
    asked = document("amplitude-damping")
    asked["data"]["inputs"] |= {"damping": damping, "tangent_at": "1/2"}
    asked["statement"]["value"] = value
    assert verify(asked).accepted is least


def test_the_distance_of_a_lifted_matrix() -> None:
    """r + (|t - 1| (t + N s) + N s)/(2 t), t = tr H + N s: 2 x 3 dimensions, both sides of trace 1."""
    for diagonal in (Fraction(1, 5), Fraction(1, 7)):
        table = [[(diagonal if i == j else Fraction(0), Fraction(0)) for j in range(6)] for i in range(6)]
        state = State((2, 3), table, Fraction(1, 50), Fraction(1, 100))
        trace, lifting = 6 * diagonal + Fraction(6, 50), Fraction(6, 50)
        assert state.trace == trace
        assert state.distance == Fraction(1, 100) + (abs(trace - 1) * (trace + lifting) + lifting) / (2 * trace)
        assert State((2, 3), table, Fraction(1, 50)).distance == 0


def test_what_is_0_is_exactly_0() -> None:
    """Of a classical mixture S(B) = S(AB) cancels, and is no bit; the partial transpose at p = 1/2 is separable."""
    table = [[[0, 0] for _ in range(4)] for _ in range(4)]
    table[0][0] = table[3][3] = ["1/2", 0]  # type: ignore[list-item]
    classical = {"dims": [2, 2], "state": {"matrix": table, "shift": 0}, "of": "state", "direction": "forward"}
    with ctx.workprec(128):
        assert hashing(classical).value() == 0
    asked = document("transpose-ceiling")
    asked["statement"]["value"] = 0
    asked["data"]["inputs"]["p"] = "1/2"
    verdict = verify(asked)
    assert (verdict.accepted, verdict.enclosure) == (True, "0")


def known(word: object, value: str) -> devices.Known:
    return devices.Known({word: Fraction(1)}, Fraction(value), Fraction(value))  # type: ignore[dict-item]


def test_a_key_setting_has_no_negative_probability() -> None:
    """Exactly 0 is one."""
    key_round = devices.KeyRound(alice=(2, 2), bob=(2, 2), key=(1, 0), noise=Fraction(0), keep=Fraction(1))
    a, b, ab = (((1, 0),), ()), ((), ((0, 0),)), (((1, 0),), ((0, 0),))
    points = [known(((), ()), "1"), known(a, "1/4"), known(b, "2/5")]
    table = devices._joint(key_round, [*points, known(ab, "0")])
    assert table == [[0, Fraction(1, 4)], [Fraction(2, 5), Fraction(7, 20)]]
    for wrong in ("-1/100", "26/100"):
        with pytest.raises(RejectedError, match="a probability of the key setting is negative"):
            devices._joint(key_round, [*points, known(ab, wrong)])


def test_the_work_on_a_local_weight_is_counted_by_its_longest_number(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[tuple[int, ...]] = []
    monkeypatch.setattr(local, "sum_cost", lambda *numbers: counted.append(numbers) or 0.0)
    asked = document("local-weight")
    tables, points = asked["data"]["tables"], asked["data"]["points"]
    asked["data"]["points"][0]["weight"] = "1/2305843009213693951"
    verify(asked)
    longest = max(61, *(int(p.split("/")[1]).bit_length() for t in tables for row in t["P"] for p in row))
    assert [(count, part) for count, _, part in counted] == [(len(points) * len(tables), longest)]


# --- the dual of an entropy -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("triangle", "positive"),
    [
        ([2, 1, 5], True),
        ([2, -3, 5], True),
        ([2, 4, 5], False),
        ([1, 1, 1], True),  # singular, and what is left is exactly 0
        ([0, 0, 0], True),
        ([0, 1, 0], False),
        ([0, 0, 3], False),  # positive, but its first pivot is 0
        ([4, 0, 0, 0, 0, 0], True),
        ([4, 2, 0, 1, 0, 0], True),
        ([4, 2, 0, 1, 1, 0], False),
        ([4, 2, 0, 1, 0, -1], False),
        ([7, -2, 3, 6, 1, 5], True),
        ([7, -2, 3, 6, 1, 1], False),  # each pair is positive, the three are not
        ([9, 2, 1, -3, 8, 3, 2, 7, -1, 6], True),
        ([9, 2, 1, -3, 8, 3, 2, 7, -1, 1], False),
        ([2**79, 2**78, 2**79], True),
        ([-1, 0, 1], False),
    ],
)
def test_which_matrices_are_positive(triangle: list[int], positive: bool) -> None:
    size = math.isqrt(2 * len(triangle))
    assert devices._positive(triangle, size) is positive
    full = np.zeros((size, size))
    full[np.triu_indices(size)] = triangle
    least = np.linalg.eigvalsh(full + np.triu(full, 1).T).min()
    assert least >= -1e-9 * max(map(abs, triangle)) if positive or triangle == [0, 0, 3] else least < 0


def test_entries_of_one_moment_are_added_those_off_the_diagonal_twice() -> None:
    """Of three words: one moment stands at (0, 0), (1, 1) and (0, 2), one at (0, 1) and (2, 2), and (1, 2) is 0."""
    sums = devices._adjoint_map([7, -2, 3, 6, 1, 5], [0, 1, 0, 0, -1, 1], 3, 2, Fraction(1, 8))
    assert sums == [Fraction(7 + 6 + 2 * 3, 8), Fraction(2 * -2 + 5, 8)]
    with pytest.raises(RejectedError, match="not positive semidefinite"):
        devices._adjoint_map([7, -2, 3, 6, 1, 1], [0, 1, 0, 0, -1, 1], 3, 2, Fraction(1, 8))
    with pytest.raises(RejectedError, match="a matrix of the dual has 5 entries"):
        devices._adjoint_map([7, -2, 3, 6, 1], [0, 1, 0, 0, -1, 1], 3, 2, Fraction(1, 8))


def test_words_of_several_letters_are_reversed_before_they_are_multiplied() -> None:
    """u† v of A_0 A_1 with itself is A_1 A_0 A_1, and A_0 A_1 of the identity; of Bob's outcomes at one setting, 0."""
    pair, one, other = ((0, 0), (1, 0)), ((0, 0),), ((0, 1),)
    index, classes = devices._moment_structure([((), ()), (pair, ()), ((), one), (one, other)])
    inside = (((1, 0), (0, 0), (1, 0)), ())
    assert index[4] == classes[inside]
    assert index[1] == classes[pair, ()]
    assert index[6] == classes[pair, other]  # A_1 A_0, the adjoint of A_0 A_1
    assert index[8] == -1, "two outcomes of one setting of Bob"
    assert len(index) == 10


# --- relabelled devices -----------------------------------------------------------------------------------------------


def relabelled(name: str, party: str) -> dict[str, Any]:
    """The same devices where a party calls its outcome 1 outcome 2, and never has outcome 1."""
    asked = document(name)
    data = asked["data"]
    side = ("alice", "bob").index(party)
    data["scenario"]["outcomes"][side] = 3
    if side == 0:
        data["table"] = [[table[0], [0] * len(table[0]), table[1]] for table in data["table"]]
        rows = data["collins_gisin"]
        data["collins_gisin"] = [rows[0]] + [line for row in rows[1:] for line in (row, [0] * len(row))]
    else:
        data["table"] = [[[row[0], 0, row[1]] for row in table] for table in data["table"]]
        data["collins_gisin"] = [
            [row[0]] + [entry for value in row[1:] for entry in (value, 0)] for row in data["collins_gisin"]
        ]
    for point in data["mixture"]["points"]:
        point[party] = [2 * outcome for outcome in point[party]]
    for strategy in data["mixture"]["strategies"]:
        for measurement in strategy[party]:
            measurement["labels"] = [2 * label for label in measurement["labels"]]
    return asked


@pytest.mark.parametrize(
    ("name", "party"),
    [
        *(
            (name, party)
            for name in ("mixture", "mixture-any", "mixture-completed-rounds")
            for party in ("alice", "bob")
        ),
        ("mixture-one-way", "bob"),
    ],
)
def test_a_ceiling_does_not_depend_on_the_names_of_outcomes(name: str, party: str) -> None:
    """Two outcomes of one party and three of the other: no square table."""
    before, after = document(name), relabelled(name, party)
    if name == "mixture-one-way":  # who has a third outcome cannot drop rounds
        for asked in (before, after):
            for place in (asked["statement"]["scope"], asked["data"]):
                place["protocol"]["keep"] = 1
            asked["statement"]["value"] = 1
    found = [verify(asked) for asked in (before, after)]
    assert [verdict.reason for verdict in found] == ["", ""]
    values = [float(verdict.enclosure.lstrip("[").split()[0]) for verdict in found]
    assert values[0] == pytest.approx(values[1], rel=1e-14)
    assert values[0] > 0.1


def test_a_file_is_read_to_its_last_character_and_not_beyond_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A character takes up to four bytes."""
    monkeypatch.setattr(guard, "MOST_CHARACTERS", 10)
    file = tmp_path / "certificate.json"
    for text in ("\N{GRINNING FACE}" * 10, "x" * 40):
        file.write_text(text)
        assert guard.read_text(str(file)) == text
    for text in ("\N{GRINNING FACE}" * 11, "x" * 41):
        file.write_text(text)
        with pytest.raises(ValueError, match="more than 10 characters"):
            guard.read_text(str(file))


@pytest.mark.parametrize("dims", [(1, 1), (2, 3), (3, 2)])
def test_a_symmetric_separable_state_is_of_two_equal_parties(dims: tuple[int, int]) -> None:
    assert separable._square(State((3, 3), [], Fraction(0))) == 3
    with pytest.raises(RejectedError, match="needs dA = dB > 1"):
        separable._square(State(dims, [], Fraction(0)))

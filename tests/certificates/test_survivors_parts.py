"""Parts of the verifier by themselves, where no document reaches them: second order, estimates of work, limits."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mpmath as mp
import pytest
from flint import acb, acb_mat, arb, ctx, fmpz

from keybounds.proofs.verifier import (
    channels,
    correlations,
    devices,
    effort,
    extensions,
    finite,
    local,
    mixtures,
    spectra,
)
from keybounds.proofs.verifier.effort import NotCheckedError
from keybounds.proofs.verifier.reading import RejectedError
from keybounds.proofs.verifier.states import State
from keybounds.proofs.verifier.verification import verify

DOCUMENTS = Path(__file__).parent / "documents"


def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCUMENTS / f"{name}.json").read_text())
    return found


@pytest.mark.parametrize("stretch", [Fraction(1, 4096), Fraction(-1, 5000), Fraction(0)])
def test_what_is_nearly_an_isometry_is_made_one(stretch: Fraction) -> None:
    """A rotation, stretched so much that the second order of the series counts, comes back."""
    rotation = [[Fraction(3, 5), Fraction(-4, 5)], [Fraction(4, 5), Fraction(3, 5)]]
    with ctx.workprec(128):
        given = acb_mat([[acb(arb(z.numerator) / z.denominator) for z in row] for row in rotation])
        factor = acb(1 + arb(stretch.numerator) / stretch.denominator)
        found = extensions._isometry(given * factor)
        for i in range(2):
            for j in range(2):
                assert found[i, j].overlaps(given[i, j])
                assert found[i, j].real.rad() < 1e-30
        with pytest.raises(RejectedError, match="the isometry is not one"):
            extensions._isometry(given * acb(1.001))


@pytest.mark.parametrize(
    ("rows", "positive"),
    [
        ([[1]], True),
        ([[0]], True),
        ([[-1]], False),
        ([[1, 0], [0, -1]], False),
        ([[2, 1], [1, 1]], True),
        ([[1, 2], [2, 4]], True),
        ([[1, 2], [2, 3]], False),
        ([[0, 1], [1, 5]], False),
        ([[0, 0], [0, 5]], True),
        ([[3, 1, 1], [1, 3, 1], [1, 1, -1]], False),
    ],
)
def test_positive_matrices_are_told_exactly(rows: list[list[int]], positive: bool) -> None:
    assert spectra.positive([[(Fraction(z), Fraction(0)) for z in row] for row in rows]) is positive


def test_what_all_numbers_cost_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five of them have a denominator: 3, 7 and 1024 in common with 15 bits, and 2^9 besides; the longest is 6 long."""
    counted: list[tuple[int, ...]] = []
    monkeypatch.setattr(effort, "sum_cost", lambda *numbers: counted.append(numbers) or 0.0)
    effort.afford_numbers({"a": ["1/3", "1/7", "5p-9", "7p-4", 12, "7p3"], "b": {"c": "1/1024"}, "d": None})
    assert counted == [(5, 15 + 9, 4 * 6 + 9)]
    monkeypatch.undo()
    assert effort.sum_cost(3, 150_000, 2) == 3 * (10 + 2)
    assert effort.common_denominator([fmpz(3), fmpz(5), fmpz(2**40), fmpz(1)], 20) == 41
    effort.afford_time(effort.MOST_MICROSECONDS, "this")
    with pytest.raises(NotCheckedError, match="this would take more than the 300 seconds allowed"):
        effort.afford_time(effort.MOST_MICROSECONDS + 1, "this")


def test_tables_beyond_quantum_theory_have_no_device() -> None:
    """S of a table is exact but for its rounding: half a per mille above 2√2 is too much."""
    asked = document("chsh-rate-of-a-table")
    last = [pair[1] for pair in asked["data"]["inputs"]["test"]]
    for entry in asked["data"]["inputs"]["tables"]:
        excess = Fraction("0.3537") * (-1 if entry["settings"] == last else 1)
        same, other = Fraction(1, 4) + excess / 2, Fraction(1, 4) - excess / 2
        entry["P"] = [[str(same), str(other)], [str(other), str(same)]]
    assert "beyond" in verify(asked).reason


def test_the_greatest_sizes() -> None:
    assert (mixtures.MOST_OUTCOMES, mixtures.MOST_SETTINGS, mixtures.MOST_STRATEGIES) == (8, 8, 5_000)
    assert (local.MOST_OUTCOMES, local.MOST_SETTINGS, local.MOST_POINTS, local.MOST_WORK) == (16, 16, 5_000, 4_000_000)
    assert (devices.MOST_WORDS, devices.MOST_NODES, devices.MOST_WORK) == (100, 512, 60_000_000)
    assert effort.MOST_DENOMINATOR == 65_536


def test_an_inequality_is_bounded_over_every_answer_of_either_party() -> None:
    """Three outcomes of Alice and two of Bob, and the other way: β is 1 but for one answer, which costs nothing."""
    for outcomes in ((3, 2), (2, 3)):
        na, nb = outcomes
        beta = [[1] * nb for _ in range(na)]
        beta[-1][-1] = 0
        tables = {(0, 0): [[Fraction(1, na * nb)] * nb for _ in range(na)]}
        with pytest.raises(RejectedError, match="with a positive bound"):
            local._inequality([beta], tables, outcomes, (1, 1))
        beta[-1][-1] = 3
        assert local._inequality([beta], tables, outcomes, (1, 1)) == 1 + Fraction(2, na * nb)


def test_a_run_has_rounds() -> None:
    for name in ("eat", "renyi"):
        asked = document(name)
        asked["data"]["rounds"] = 0
        assert "rounds is not from 1" in verify(asked).reason


def test_a_mixture_of_three_devices_of_which_each_errs() -> None:
    """Σ_k w_k (1, S_k, Q_k) = (1, S, Q), from weights that are known, and no error is 0."""
    points = [
        (Fraction(21, 10), Fraction(3, 10)),
        (Fraction(27, 10), Fraction(1, 50)),
        (Fraction(5, 2), Fraction(1, 5)),
    ]
    weights = [Fraction(1, 6), Fraction(1, 2), Fraction(1, 3)]
    s, q = (sum(w * point[k] for w, point in zip(weights, points, strict=True)) for k in (0, 1))
    inputs = document("mixture-of-devices")["data"]["inputs"]
    inputs |= {"chsh": str(s), "qber": str(q), "points": [[str(z) for z in point] for point in points]}
    with ctx.workprec(128):
        value = correlations._mixed_device(inputs).value()
        costs = [correlations._device_cost(*point) for point in points]
        expected = sum((arb(w.numerator) / w.denominator * c for w, c in zip(weights, costs, strict=True)), arb(0))
        assert abs(value - expected) < 1e-30


def diagonal(*values: Fraction) -> list[list[tuple[Fraction, Fraction]]]:
    zero = Fraction(0)
    return [[(x if i == j else zero, zero) for j in range(len(values))] for i, x in enumerate(values)]


def test_no_eigenvalue_is_too_small_to_be_negative() -> None:
    """-10^-60 is within the ball of 0 at 128 bits, and 10^-60 too: the exact numbers tell one from the other."""
    least, third = Fraction(1, 10**60), Fraction(1, 3)
    with ctx.workprec(128):
        for sign, accepted in ((-1, False), (0, True), (1, True)):
            state = State((2, 2), diagonal(third, third, third - sign * least, sign * least), Fraction(0))
            if accepted:
                assert abs(state.entropy() - arb(3).log() / arb.const_log2()) < 1e-15
                continue
            with pytest.raises(RejectedError, match="a matrix that is no state"):
                state.entropy()


def test_numbers_of_any_length_are_a_state_where_no_eigenvalue_is_nearly_0() -> None:
    """Elimination on such numbers is refused; it is needed only where the enclosures do not decide."""
    long = Fraction(1, 2**80_000)
    with ctx.workprec(128):
        assert len(State((1, 2), diagonal(Fraction(1, 2) + long, Fraction(1, 2) - long), Fraction(0)).spectrum()) == 2
        with pytest.raises(RejectedError, match="too long to decide"):
            State((1, 2), diagonal(1 - long, long), Fraction(0)).spectrum()


@pytest.mark.parametrize(
    ("weights", "groups", "least", "rest"),
    [
        ((0.5, 0.5), [[0, 1]], 0.5, 0.0),
        ((0.6, 0.3, 0.1), [[0], [1], [2]], 0.6, 0.4),
        ((0.6, 0.3, 0.1), [[0, 1], [2]], 0.3, 0.1),
        ((0.3, 0.6, 0.1), [[0, 1], [2]], 0.3, 0.1),
        ((0.6, 0.3, 0.1), [[0, 2], [1]], 0.1, 0.3),  # the rest outweighs the least: only Uhlmann's is left
    ],
)
@pytest.mark.parametrize("epsilon", ["0", "1/1000000", "1/100", "1/4", "3/2"])
def test_the_distance_of_extensions(
    weights: tuple[float, ...], groups: list[list[int]], least: float, rest: float, epsilon: str
) -> None:
    """The less of √(ε(2-ε)), ε at most 1, and τ + 2 (√2 ε + √(2ετ))/√(γ-τ), for L diagonal."""
    size, e = len(weights), float(Fraction(epsilon))
    with ctx.workprec(128):
        columns = acb_mat([[acb(weights[i]).sqrt() if i == j else acb(0) for j in range(size)] for i in range(size)])
        found = float(extensions._extension_distance(arb(e), columns, groups))
    always = (min(e, 1) * (2 - min(e, 1))) ** 0.5
    apart = rest + 2 * (2**0.5 * e + (2 * e * rest) ** 0.5) / (least - rest) ** 0.5 if least > rest else always
    assert found == pytest.approx(min(always, apart) if e else 0, rel=1e-12)


ALICE = ([Fraction(2, 7), Fraction(5, 7)], [Fraction(1, 3), Fraction(2, 3)], [Fraction(3, 5), Fraction(2, 5)])
BOB = ([Fraction(1, 11), Fraction(4, 11), Fraction(6, 11)], [Fraction(2, 9), Fraction(3, 9), Fraction(4, 9)])


def collins_gisin(missing: set[tuple[int, int]]) -> list[list[Any]]:
    """1, Bob's marginals; Alice's marginals, the joint probabilities: but for each last outcome."""
    bob = [p for table in BOB for p in table[:-1]]
    rows = [[Fraction(1), *bob], *([p, *(p * q for q in bob)] for table in ALICE for p in table[:-1])]
    return [[None if (i, j) in missing else str(p) for j, p in enumerate(row)] for i, row in enumerate(rows)]


@pytest.mark.parametrize("measured", [[(x, y) for x in range(3) for y in range(2)], [(2, 1), (0, 0)]])
@pytest.mark.parametrize("sign", [1, -1])
def test_every_entry_given_ties_the_table_of_a_mixture(measured: list[tuple[int, int]], sign: int) -> None:
    """Two outcomes of Alice at three settings, three of Bob's at two; each entry is off by 2^-31, then by more."""
    mixture: Any = SimpleNamespace(
        outcomes=(2, 3), settings=(3, 2), table=lambda x, y: [[p * q for q in BOB[y]] for p in ALICE[x]]
    )
    tables = [[[str(p) for p in row] for row in mixture.table(*pair)] for pair in measured]
    rows, columns = {0, *(1 + x for x, _ in measured)}, {0, *(k for _, y in measured for k in (1 + 2 * y, 2 + 2 * y))}
    joint = {(1 + x, k) for x, y in measured for k in (1 + 2 * y, 2 + 2 * y)}
    seen = {(0, j) for j in columns} | {(i, 0) for i in rows} | joint
    found: dict[str, Any] = {"table": tables, "collins_gisin": collins_gisin(set()), "distance": 0}
    assert mixtures._check_tables(found, mixture, measured) == 0
    for i in range(4):
        for j in range(5):
            for off, distance, right in (
                ("0", "0", True),
                ("1/2147483648", "1/2147483648", True),
                ("1/2147483648", "0", False),
            ):
                given = collins_gisin(set())
                given[i][j] = str(Fraction(given[i][j]) + sign * Fraction(off))
                asked = found | {"collins_gisin": given, "distance": distance}
                if right or (i, j) not in seen:
                    assert mixtures._check_tables(asked, mixture, measured) == Fraction(distance)
                    continue
                with pytest.raises(RejectedError, match="the mixture's table is"):
                    mixtures._check_tables(asked, mixture, measured)
    assert (
        mixtures._check_tables(found | {"collins_gisin": collins_gisin({(0, 1), (1, 0), (2, 3)})}, mixture, measured)
        == 0
    )
    wrong = [[list(row) for row in table] for table in tables]
    wrong[-1][0][2], wrong[-1][1][2] = wrong[-1][1][2], wrong[-1][0][2]  # an outcome that no entry above shows
    with pytest.raises(RejectedError, match="another table at the settings"):
        mixtures._check_tables(found | {"table": wrong}, mixture, measured)
    with pytest.raises(RejectedError, match="distance"):
        mixtures._check_tables(found | {"distance": "1/1073741823"}, mixture, measured)


def multiple(size: int, factor: Fraction) -> list[list[list[Any]]]:
    return [[[str(factor) if i == j else 0, 0] for j in range(size)] for i in range(size)]


def of_channel(dims: tuple[int, int], **operators: str) -> dict[str, Any]:
    """The channel that forgets its input, and multiples of 1."""
    size = dims[0] * dims[1]
    found = {name: multiple(size, Fraction(factor)) for name, factor in operators.items()}
    return {"dims": list(dims), "choi": multiple(size, Fraction(1, size)), **found}


@pytest.mark.parametrize("dims", [(2, 3), (3, 2), (2, 2), (1, 6), (2, 4), (4, 2), (7, 1), (3, 3)])
def test_ppt_operators_are_separable_up_to_six_dimensions(dims: tuple[int, int]) -> None:
    """log2 ||tr_B Y||, where 1/dB too little of Y is added: J is 1/dB, and 2^-44 dA more."""
    d_a, d_b = dims
    if d_a * d_b > 6:
        with pytest.raises(RejectedError, match="beyond 6 dimensions"):
            channels.max_relative_entropy(of_channel(dims, Y="5"))
        return
    with ctx.workprec(128), mp.workdps(30):
        for factor, norm in (("3/2", d_b * Fraction(3, 2)), ("0", None), (str(Fraction(1, d_b)), None)):
            found = channels.max_relative_entropy(of_channel(dims, Y=factor))
            total = norm if norm is not None else 1 + Fraction(d_a * d_b, 2**44)
            expected = mp.log(mp.mpf(total.numerator) / total.denominator, 2)
            assert abs(mp.mpf(found.value().str(30, radius=False)) - expected) < 1e-20


@pytest.mark.parametrize("dims", [(2, 3), (3, 2), (2, 4)])
@pytest.mark.parametrize(
    ("v", "y", "norm"),
    [
        ("2", "1/8", "17/8"),
        ("2", "-1/8", "2"),  # 15/8, and 1/8 that Y lacks
        ("3/2", "1/8", "13/8"),
        ("3", "-2", "3"),  # 1, and 2 that Y lacks
        ("-1/8", "3", ""),  # 23/8; V lacks 1/8, and V - Y what is left of J
        ("1/16", "0", ""),
    ],
)
def test_what_positive_operators_lack_is_added(dims: tuple[int, int], v: str, y: str, norm: str) -> None:
    d_a, d_b = dims
    V, Y = Fraction(v), Fraction(y)
    lacks_v, lacks_y = max(-V, Fraction(0)), max(-Y, Fraction(0))
    j = Fraction(1, d_b) + Fraction(d_a, 2**44)
    missing = max(-(V - Y - j + lacks_v - lacks_y), Fraction(0))
    total = d_b * (V + Y + lacks_v + lacks_y + missing)
    if norm:
        assert total == d_b * Fraction(norm)
    with ctx.workprec(128), mp.workdps(30):
        found = channels.max_rains_information(of_channel(dims, V=v, Y=y)).value()
        expected = max(mp.log(mp.mpf(total.numerator) / total.denominator, 2), 0)
        assert abs(mp.mpf(found.str(30, radius=False)) - expected) < 1e-18


@pytest.mark.parametrize(("more", "accepted"), [(0, True), (Fraction(1, 10**40), False)])
def test_the_whole_budget_may_be_spent_and_no_more(more: Fraction, accepted: bool) -> None:
    asked = document("eat")
    found = asked["data"]["parameters"]
    smoothing, soundness = finite.number(found["smoothing"], ""), finite.number(asked["data"]["soundness"], "")
    found["extractor_error"] = str(soundness - Fraction(4, 2**61) - 2 * smoothing + more)
    asked["statement"]["value"] = 0
    verdict = verify(asked)
    assert verdict.accepted is accepted
    assert ("exceed the soundness" in verdict.reason) is not accepted


@pytest.mark.parametrize(
    ("rows", "positive"),
    [
        ([[0, 1j], [-1j, 5]], False),
        ([[0, 1], [1, 5]], False),
        ([[2, 1 + 1j], [1 - 1j, 1]], True),  # singular
        ([[2, 1 + 2j], [1 - 2j, 1]], False),
        ([[2, 1j], [-1j, 1]], True),
        ([[1, 1j, 0], [-1j, 1, 0], [0, 0, -1]], False),
        ([[1, 1j, 1], [-1j, 1, 1j], [1, -1j, 2]], False),  # 0 once the first is eliminated, but 2i beside it
        ([[3, 1j, 1], [-1j, 2, 1j], [1, -1j, 2]], True),
    ],
)
def test_complex_matrices_are_told_exactly(rows: list[list[complex]], positive: bool) -> None:
    table = [[(Fraction(complex(z).real), Fraction(complex(z).imag)) for z in row] for row in rows]
    assert spectra.positive(table) is positive


EVE = [(Fraction(2, 5), Fraction(1, 7), Fraction(1, 9)), (Fraction(1, 8), Fraction(3, 11), Fraction(-1, 10))]


@pytest.mark.parametrize("side", [0, 1])
def test_an_outcome_that_is_independent_of_all_else_is_told_exactly(side: int) -> None:
    """ρ^ab = β_b ρ^a, of three outcomes b, for either party; with any entry moved it is dependent."""
    shares = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]

    def placed(a: int, b: int) -> tuple[int, int]:
        return (a, b) if side == 0 else (b, a)

    blocks = {placed(a, b): tuple(q * x for x in EVE[a]) for a in range(2) for b, q in enumerate(shares)}
    assert mixtures._independent(blocks)  # type: ignore[arg-type]
    for pair, block in blocks.items():
        for k in range(3):
            moved = blocks | {pair: tuple(x + (Fraction(1, 10**30) if j == k else 0) for j, x in enumerate(block))}
            assert not mixtures._independent(moved), (pair, k)  # type: ignore[arg-type]


def kron(a: list[list[complex]], b: list[list[complex]]) -> list[list[tuple[Fraction, Fraction]]]:
    rows = [[x * y for x in one for y in other] for one in a for other in b]
    return [[(Fraction(complex(z).real), Fraction(complex(z).imag)) for z in row] for row in rows]


def test_a_product_of_complex_states_is_told_exactly() -> None:
    """2 x 3 dimensions, both parts complex, the trace not 1; moved entries, or one part conjugated, are no product."""
    alice = [[5, 1 + 2j], [1 - 2j, 3]]
    bob = [[4, 1j, 0.5], [-1j, 2, 1 - 1j], [0.5, 1 + 1j, 3]]
    table, zero = kron(alice, bob), Fraction(0)
    assert State((2, 3), table, zero).is_product
    assert not State((3, 2), table, zero).is_product
    for i in range(6):
        for j in range(i + 1):
            for part in ((1, 0), (0, 1)):
                if i == j and part == (0, 1):
                    continue
                moved = [list(row) for row in table]
                step = [Fraction(k, 10**30) for k in part]
                moved[i][j] = (table[i][j][0] + step[0], table[i][j][1] + step[1])
                if i != j:
                    moved[j][i] = (table[j][i][0] + step[0], table[j][i][1] - step[1])
                assert not State((2, 3), moved, zero).is_product, (i, j, part)

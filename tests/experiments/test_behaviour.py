"""Behaviour: what a table says, and which tables are refused. A hole here lets a bound be computed from nonsense."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from keybounds.errors import BehaviourError, DimensionError, InputError, UnsupportedError
from keybounds.experiments import TSIRELSON, Behaviour, born
from keybounds.experiments.correlations import first_largest

Table = NDArray[np.float64]


def pr_box(visibility: float = 1.0) -> Table:
    table = np.empty((2, 2, 2, 2))
    for a, b, x, y in np.ndindex(2, 2, 2, 2):
        table[a, b, x, y] = (1 + visibility * (-1) ** (a + b + x * y)) / 4
    return table


class TestValues:
    def test_singlet(self, singlet_table: Table) -> None:
        behaviour = Behaviour(singlet_table)
        assert behaviour.settings == (2, 3)
        assert behaviour.outcomes == (2, 2)
        assert behaviour.chsh == pytest.approx(TSIRELSON, abs=1e-14)
        assert behaviour.qber(0, 2) == pytest.approx(0.0, abs=1e-15)
        assert behaviour.qber(0, 0) == pytest.approx((1 - 1 / math.sqrt(2)) / 2)
        assert behaviour.correlator(1, 1) == pytest.approx(-1 / math.sqrt(2))
        np.testing.assert_allclose(behaviour.marginal_a(1), [0.5, 0.5])
        np.testing.assert_allclose(behaviour.marginal_b(2), [0.5, 0.5])
        assert behaviour.exact
        assert behaviour.rounds is None
        assert behaviour.chsh_uncertainty is None
        assert behaviour.qber_uncertainty(0, 2) is None
        assert behaviour.no_signalling_z is None

    def test_chsh_is_the_game(self) -> None:
        # (4+S)/8 is the winning probability of a xor b = xy: a wrong sign or setting order would break it
        rng = np.random.default_rng(5)
        local = rng.dirichlet(np.ones(16))
        table = np.zeros((2, 2, 2, 2))
        for k, weight in enumerate(local):
            a, b = (k >> 0 & 1, k >> 1 & 1), (k >> 2 & 1, k >> 3 & 1)
            for x, y in np.ndindex(2, 2):
                table[a[x], b[y], x, y] += weight
        wins = sum(table[a, b, x, y] for a, b, x, y in np.ndindex(2, 2, 2, 2) if a ^ b == x * y) / 4
        assert (4 + Behaviour(table).chsh) / 8 == pytest.approx(wins)

    def test_collins_gisin_of_three_outcomes(self) -> None:
        # product of known marginals: every entry of the table is known in closed form
        alice = np.array([[0.2, 0.5], [0.3, 0.1], [0.5, 0.4]])
        bob = np.array([[0.6, 0.25, 1.0], [0.4, 0.75, 0.0]])
        behaviour = Behaviour(np.einsum("ax,by->abxy", alice, bob))
        expected = np.outer([1, 0.2, 0.3, 0.5, 0.1], [1, 0.6, 0.25, 1.0])
        np.testing.assert_allclose(behaviour.collins_gisin, expected, atol=1e-15)
        np.testing.assert_allclose(behaviour.marginal_a(1), alice[:, 1])
        with pytest.raises(UnsupportedError, match="equal numbers of outcomes"):
            behaviour.qber(0, 0)
        with pytest.raises(UnsupportedError, match="two outcomes of each party"):
            _ = behaviour.chsh

    def test_equal_error_rate_of_three_outcomes(self) -> None:
        joint = np.array([[0.3, 0.02, 0.01], [0.02, 0.3, 0.01], [0.02, 0.02, 0.3]])
        assert Behaviour(joint[:, :, None, None]).qber(0, 0) == pytest.approx(0.1)

    def test_unmeasured(self, singlet_table: Table) -> None:
        table = singlet_table.copy()
        table[:, :, 1, 2] = np.nan
        behaviour = Behaviour(table, unmeasured=[(1, 2)])
        assert not behaviour.measured(1, 2)
        assert behaviour.measured(0, 2)
        np.testing.assert_allclose(behaviour.marginal_b(2), [0.5, 0.5])
        assert np.isnan(behaviour.collins_gisin[2, 3])
        assert np.isfinite(np.delete(behaviour.collins_gisin.ravel(), 2 * 4 + 3)).all()
        for ask in (behaviour.joint, behaviour.qber, behaviour.correlator):
            with pytest.raises(UnsupportedError, match=r"\(1, 2\), which is unmeasured"):
                ask(1, 2)
        with pytest.raises(UnsupportedError, match="two settings"):
            _ = Behaviour(singlet_table[:, :, :1]).chsh

    def test_marginals_of_an_estimate_are_weighted(self) -> None:
        counts = np.zeros((2, 2, 1, 2), dtype=int)
        counts[:, :, 0, 0] = [[30, 20], [25, 25]]  # P(a=0) = .5 from 100
        counts[:, :, 0, 1] = [[120, 60], [70, 50]]  # P(a=0) = .6 from 300
        behaviour = Behaviour.from_counts(counts)
        assert behaviour.marginal_a(0)[0] == pytest.approx(230 / 400)
        assert behaviour.no_signalling_violation == pytest.approx(0.1)

    @given(data=st.data())
    @settings(max_examples=50, deadline=None)
    def test_quantum_behaviours_pass_and_agree(
        self, quantum_behaviours: st.SearchStrategy[Behaviour], data: st.DataObject
    ) -> None:
        behaviour = data.draw(quantum_behaviours)
        assert abs(behaviour.chsh) <= TSIRELSON + 1e-12
        assert behaviour.no_signalling_violation < 1e-14
        table = behaviour.collins_gisin
        for x, y in np.ndindex(2, 3):
            a, b, both = table[1 + x, 0], table[0, 1 + y], table[1 + x, 1 + y]
            np.testing.assert_allclose(
                behaviour.joint(x, y), [[both, a - both], [b - both, 1 - a - b + both]], atol=1e-14
            )
            assert behaviour.correlator(x, y) == pytest.approx(1 - 2 * behaviour.qber(x, y))


class TestRefusals:
    def refused(self, error: type[InputError], pattern: str, *args: Any, **kwargs: Any) -> None:
        with pytest.raises(error, match=pattern) as caught:
            Behaviour(*args, **kwargs)
        assert isinstance(caught.value, ValueError)
        assert all((caught.value.argument, caught.value.expected, caught.value.found))

    def test_entries(self, singlet_table: Table) -> None:
        for value, pattern in ((np.nan, "nan at P"), (np.inf, "inf at P"), (-0.01, r"-0\.01 at P\[1,0,1,2\]")):
            table = singlet_table.copy()
            table[1, 0, 1, 2] = value
            self.refused(BehaviourError, pattern, table)

    def test_rounding_below_zero_is_zero(self, singlet_table: Table) -> None:
        table = singlet_table.copy()
        table[0, 1, 0, 2] = -1e-17
        assert Behaviour(table).P[0, 1, 0, 2] == 0.0

    def test_unnormalised(self, singlet_table: Table) -> None:
        self.refused(BehaviourError, "sum 2.0", 2 * singlet_table)
        table = singlet_table.copy()
        table[..., 1, 0] *= 1 + 1e-6
        self.refused(BehaviourError, r"x=1, y=0", table)
        assert Behaviour(table, atol=1e-5).chsh == pytest.approx(TSIRELSON, abs=1e-5)

    def test_signalling(self, singlet_table: Table) -> None:
        table = singlet_table.copy()
        table[0, 0, 0, 1] += 1e-6
        table[1, 0, 0, 1] -= 1e-6  # Alice's marginal at x=0 now depends on y
        self.refused(BehaviourError, r"P\(a=0\|x=0\) .* with y=0, .* with y=1", table)
        self.refused(BehaviourError, r"P\(b=0\|y=0\) .* with x=0, .* with x=1", table.transpose(1, 0, 3, 2))

    def test_of_differences_that_are_equal_but_for_rounding_the_first_is_named(self) -> None:
        assert first_largest(np.array([[0.1, 0.3 - 1e-16], [0.1 + 0.2, 0.3]])) == (0, 1)
        assert first_largest(np.array([0.0, np.inf, np.inf])) == (1,)
        assert first_largest(np.array([-1.0, 2.0, 2.1])) == (2,)

    @pytest.mark.parametrize("flip", [pytest.param(k, id=f"{k:05b}") for k in range(32)])
    def test_no_relabelling_beats_quantum_theory(self, flip: int) -> None:
        # every relabelling of a PR box is refused, and of an admissible one admitted: all 8 CHSH facets are watched
        swap_a, swap_b, swap_x, swap_y, swap_a_x1 = (flip >> k & 1 for k in range(5))

        def relabelled(visibility: float) -> Table:
            table = pr_box(visibility)
            table = table[::-1] if swap_a else table
            table = table[:, ::-1] if swap_b else table
            table = table[:, :, ::-1] if swap_x else table
            table = table[:, :, :, ::-1] if swap_y else table
            if swap_a_x1:
                table = np.concatenate([table[:, :, :1], table[::-1, :, 1:]], axis=2)
            return table

        self.refused(BehaviourError, "CHSH value of at most 2√2", relabelled(0.708))
        Behaviour(relabelled(0.707))

    def test_chsh_of_other_setting_pairs(self) -> None:
        table = np.full((2, 2, 3, 3), 0.25)
        table[:, :, 1:, 1:] = pr_box(0.75)
        self.refused(BehaviourError, r"x in \(1, 2\), y in \(1, 2\)", table)

    def test_shapes(self) -> None:
        self.refused(DimensionError, r"found \(2, 2, 2\)", np.full((2, 2, 2), 0.25))
        self.refused(DimensionError, "na, nb >= 2", np.full((1, 2, 2, 2), 0.5))
        self.refused(DimensionError, "ragged", [[[[1.0], [1.0, 2.0]]]])
        self.refused(BehaviourError, "complex", np.full((2, 2, 2, 2), 0.25 + 0j))
        self.refused(BehaviourError, "real numbers", [[[["a"]]]])

    def test_unmeasured(self, singlet_table: Table) -> None:
        self.refused(BehaviourError, "NaN at the setting pairs declared", singlet_table, unmeasured=[(1, 2)])
        self.refused(InputError, r"below \(2, 3\)", singlet_table, unmeasured=[(2, 0)])
        self.refused(InputError, r"pairs \(x, y\)", singlet_table, unmeasured=[(1,)])
        table = singlet_table.copy()
        table[:, :, :, 2] = np.nan
        self.refused(BehaviourError, "every setting in", table, unmeasured=[(0, 2), (1, 2)])

    def test_statistics(self, singlet_table: Table) -> None:
        ones = np.ones((2, 2, 2, 3), dtype=int)
        quarter = np.full((2, 2, 2, 3), 0.25)
        self.refused(InputError, "both", quarter, counts=ones, uncertainty=quarter)
        self.refused(BehaviourError, "relative frequencies", singlet_table, counts=ones)
        self.refused(BehaviourError, r"whole numbers .* -1", quarter, counts=-ones)
        self.refused(BehaviourError, r"whole numbers .* 1\.5", quarter, counts=1.5 * ones)
        self.refused(DimensionError, "shape", quarter, counts=ones[:, :, :1])
        self.refused(DimensionError, "shape", quarter, uncertainty=quarter[:, :, :1])
        self.refused(BehaviourError, "standard deviations of at least 0", quarter, uncertainty=-quarter)
        missing = ones.copy()
        missing[:, :, 1, 2] = 0
        with pytest.raises(BehaviourError, match="x=1, y=2"):
            Behaviour.from_counts(missing)
        with pytest.raises(DimensionError, match="found"):
            Behaviour.from_counts(np.ones((2, 2, 2)))
        with pytest.raises(BehaviourError, match="at the measured setting pairs and at no others"):
            Behaviour.from_counts(ones, unmeasured=[(1, 2)])
        assert not Behaviour.from_counts(missing, unmeasured=[(1, 2)]).measured(1, 2)

    @pytest.mark.parametrize("index", [-1, 2, 7])
    def test_setting_out_of_range(self, singlet_table: Table, index: int) -> None:
        behaviour = Behaviour(singlet_table)
        for ask in (behaviour.marginal_a, lambda x: behaviour.joint(x, 0), lambda x: behaviour.measured(x, 0)):
            with pytest.raises(InputError, match="x: expected a setting from 0 to 1"):
                ask(index)


class TestStatistics:
    def test_binomial_uncertainties(self) -> None:
        counts = np.round(10000 * pr_box(0.7)).astype(int)
        behaviour = Behaviour.from_counts(counts)
        assert behaviour.chsh == pytest.approx(2.8)
        assert behaviour.chsh_uncertainty == pytest.approx(2 * math.sqrt((1 - 0.49) / 10000))
        assert behaviour.qber_uncertainty(1, 0) == pytest.approx(math.sqrt(0.15 * 0.85 / 10000))

    def test_uncertainty_from_sampling_matches_the_formula(self) -> None:
        # the standard deviation over resampled tables is the reported one
        rng = np.random.default_rng(3)
        P = pr_box(0.6)
        draws = [
            Behaviour.from_counts(
                np.stack(
                    [rng.multinomial(4000, P[:, :, x, y].ravel()).reshape(2, 2) for x, y in np.ndindex(2, 2)], axis=-1
                ).reshape(2, 2, 2, 2)
            )
            for _ in range(800)
        ]
        spread = np.std([draw.chsh for draw in draws])
        assert draws[0].chsh_uncertainty == pytest.approx(spread, rel=0.1)
        z = [draw.no_signalling_z or 0.0 for draw in draws]
        # the largest of eight |z|, in independent pairs of equal ones: far below 5 nearly always, above 1 mostly
        assert 1.0 < float(np.median(z)) < 2.2
        assert max(z) < 5

    def test_effective_rounds(self) -> None:
        # multinomial uncertainties of 5000 rounds are recognised as such
        P = pr_box(0.5)
        behaviour = Behaviour(P, uncertainty=np.sqrt(P * (1 - P) / 5000))
        assert behaviour.rounds is not None
        np.testing.assert_allclose(behaviour.rounds, 5000)

    def test_signalling_within_errors_only(self) -> None:
        P = pr_box(0.5).copy()
        P[0, 0, 0, 0] += 0.02
        P[1, 0, 0, 0] -= 0.02  # P(a=0|x=0) is .52 with y=0, .50 with y=1
        wide, narrow = (np.sqrt(P * (1 - P) / n) for n in (1000, 100_000))
        assert Behaviour(P, uncertainty=wide).no_signalling_z == pytest.approx(0.02 / math.sqrt(0.5 / 1000), rel=0.01)
        with pytest.raises(BehaviourError, match=r"8\.9 standard deviations"):
            Behaviour(P, uncertainty=narrow)
        Behaviour(P, uncertainty=narrow, max_z=9)

    def test_rounded_table_is_normalised_within_its_errors(self) -> None:
        P = pr_box(0.5).copy()
        P[..., 0, 0] *= 1.0005
        deviation = np.full(P.shape, 1e-4)
        with pytest.raises(BehaviourError, match="uncertainties or counts"):
            Behaviour(P)
        with pytest.raises(BehaviourError, match="sum"):
            Behaviour(P, uncertainty=0.1 * deviation)
        assert not Behaviour(P, uncertainty=deviation).exact

    def test_small_samples_may_exceed_tsirelson(self) -> None:
        counts = (4 * pr_box()).astype(int)  # two rounds each, all won
        assert Behaviour.from_counts(counts).chsh == 4.0
        assert Behaviour.from_counts(counts).chsh_uncertainty == 0.0
        with pytest.raises(BehaviourError, match=r"at most 2e-300: .* log-likelihood ratio .*\+0\.1464 <A0B0>"):
            Behaviour.from_counts(1000 * counts)

    def test_certain_table_with_zero_uncertainty(self) -> None:
        P = np.zeros((2, 2, 2, 2))
        P[0, 0] = 1.0
        behaviour = Behaviour(P, uncertainty=np.zeros(P.shape))
        assert behaviour.rounds is not None
        assert np.isinf(behaviour.rounds).all()
        assert behaviour.marginal_a(0)[0] == 1.0
        P[:, :, 0, 0] = [[0, 0], [1, 0]]
        with pytest.raises(BehaviourError, match="inf standard deviations"):
            Behaviour(P, uncertainty=np.zeros(P.shape))


class TestValueSemantics:
    def test_frozen(self, singlet_table: Table) -> None:
        behaviour = Behaviour(singlet_table)
        with pytest.raises(ValueError, match="read-only"):
            behaviour.P[0, 0, 0, 0] = 1.0
        with pytest.raises(AttributeError, match="cannot assign to field 'P'"):
            behaviour.P = singlet_table  # type: ignore[misc]
        singlet_table[0, 0, 0, 0] += 1  # the caller's array stays the caller's
        assert behaviour.P[0, 0, 0, 0] < 1
        singlet_table[0, 0, 0, 0] -= 1

    def test_equality(self, singlet_table: Table) -> None:
        one, two = Behaviour(singlet_table, provenance="here"), Behaviour(singlet_table.copy())
        assert one == two
        assert hash(one) == hash(two)
        ones = np.ones((2, 2, 2, 3), dtype=int)
        assert Behaviour.from_counts(ones) != Behaviour(np.full((2, 2, 2, 3), 0.25))
        assert Behaviour.from_counts(ones) != Behaviour.from_counts(2 * ones)
        assert one != singlet_table.tolist()

    def test_copies_and_pickles(self, singlet_table: Table) -> None:
        table = singlet_table.copy()
        table[:, :, 1, 2] = np.nan
        behaviour = Behaviour(table, unmeasured=[(1, 2)], provenance="a test")
        for twin in (pickle.loads(pickle.dumps(behaviour)), copy.deepcopy(behaviour)):
            assert twin == behaviour
            assert twin.provenance == "a test"
            assert not twin.P.flags.writeable

    def test_text(self, singlet_table: Table) -> None:
        assert repr(Behaviour(singlet_table)) == "<Behaviour: 2x3 settings, 2x2 outcomes>"
        assert "48 rounds, a test" in repr(Behaviour.from_counts(np.full((2, 2, 2, 3), 2), provenance="a test"))
        table = singlet_table.copy()
        table[:, :, 1, 2] = np.nan
        estimate = Behaviour(table, unmeasured=[(1, 2)], uncertainty=0.01 * table)
        assert "unmeasured (1,2), with uncertainties" in repr(estimate)


@given(seed=st.integers(0, 2**32 - 1), visibility=st.floats(0, 1))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_mixing_with_noise_scales_the_violation(
    random_device: Callable[..., tuple[Any, Any, Any]], seed: int, visibility: float
) -> None:
    # S is affine in the table, so white noise on the outcomes scales it
    pure = born(*random_device(seed))
    mixed = Behaviour(visibility * pure.P + (1 - visibility) / 4)
    assert mixed.chsh == pytest.approx(visibility * pure.chsh, abs=1e-12)

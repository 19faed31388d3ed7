"""The ion models reproduce the published link, and the reconstruction agrees with the RρR iteration."""

from __future__ import annotations

import math

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from keybounds.bounds import Link, Unit, check_pairs
from keybounds.bounds.lower import chsh_table_rate, coherent_information
from keybounds.bounds.upper import relative_entropy_of_entanglement
from keybounds.errors import BoundNotEstablishedError, DimensionError, InputError
from keybounds.experiments import (
    TSIRELSON,
    BellDiagonalPair,
    IonExperiment,
    NoisyPair,
    TomographicPair,
    load,
    maximum_likelihood_state,
)
from keybounds.experiments.tomography import aligned, closest_maximally_entangled

PERFECT = BellDiagonalPair((1.0, 0.0, 0.0, 0.0))
PHI = np.array([1, 0, 0, 1]) / math.sqrt(2)


def tomographic() -> IonExperiment:
    model = load("nadlinger2022-tomography").model
    assert isinstance(model, IonExperiment)
    return model


@pytest.mark.parametrize(
    ("name", "model", "chsh", "qber", "fidelity"),
    [
        # tolerances: half a unit of the printed digits, but for the last model, whose Q is what its counts say
        pytest.param("nadlinger2022-link", "bell-diagonal", (2.677, 5e-4), (0.0144, 5e-5), (0.960, 1e-9), id="bell"),
        pytest.param("nadlinger2022-link", "physical", (2.677, 5e-4), (0.0144, 5e-5), (0.960, 5e-5), id="physical"),
        pytest.param(
            "nadlinger2022-tomography", "tomographic", (2.677, 5e-4), (0.01406, 5e-6), (0.9603, 5e-5), id="tomographic"
        ),
    ],
)
def test_models_reproduce_the_link(
    name: str, model: str, chsh: tuple[float, float], qber: tuple[float, float], fidelity: tuple[float, float]
) -> None:
    experiment = load(name).models[model]
    assert isinstance(experiment, IonExperiment)
    behaviour = experiment.behaviour()
    assert behaviour.settings == (2, 3)
    assert not behaviour.unmeasured
    assert behaviour.chsh == pytest.approx(chsh[0], abs=chsh[1])
    assert behaviour.qber(0, 2) == pytest.approx(qber[0], abs=qber[1])
    assert experiment.fidelity == pytest.approx(fidelity[0], abs=fidelity[1])


class TestPlatform:
    def test_perfect(self, singlet_table: NDArray[np.float64]) -> None:
        behaviour = IonExperiment(pair=PERFECT).behaviour()
        np.testing.assert_allclose(behaviour.P, singlet_table, atol=1e-15)
        assert behaviour.chsh == pytest.approx(TSIRELSON)

    @given(weights=st.lists(st.floats(0.01, 1), min_size=4, max_size=4))
    @settings(max_examples=50, deadline=None)
    def test_bell_diagonal_closed_form(self, weights: list[float]) -> None:
        # E_ZZ = w0+w1-w2-w3, E_XX = w0-w1+w2-w3, S = √2 (E_ZZ + E_XX), Q = w2 + w3
        w = np.array(weights) / sum(weights)
        behaviour = IonExperiment(pair=BellDiagonalPair(tuple(w))).behaviour()  # type: ignore[arg-type]
        assert behaviour.chsh == pytest.approx(2 * math.sqrt(2) * (w[0] - w[3]), abs=1e-12)
        assert behaviour.qber(0, 2) == pytest.approx(w[2] + w[3], abs=1e-12)

    @given(e=st.floats(0, 1), f=st.floats(0, 1), r=st.floats(0, 0.5), t=st.floats(-180, 180), c=st.floats(0, 1))
    @settings(max_examples=50, deadline=None)
    def test_imperfections_closed_form(self, e: float, f: float, r: float, t: float, c: float) -> None:
        experiment = IonExperiment(
            pair=NoisyPair(depolarising=e, dephasing=f), readout_errors=(r, 0.1), test_phase=t, test_contrast=c
        )
        behaviour = experiment.behaviour()
        readout = (1 - 2 * r) * 0.8
        e_zz, e_xx = 1 - e, (1 - e) * (1 - 2 * f) * math.cos(math.radians(t))
        assert behaviour.chsh == pytest.approx(math.sqrt(2) * c * readout * (e_zz + e_xx), abs=1e-12)
        assert behaviour.qber(0, 2) == pytest.approx((1 - readout * e_zz) / 2, abs=1e-12)

    def test_phase_offset_against_qutip(self) -> None:
        # Bob's device turned about Z, by rotating his qubit instead: Q stays, S changes alike
        turned = IonExperiment(pair=PERFECT, test_phase=30.0).behaviour()
        angle = math.radians(30.0)
        state = qutip.tensor(qutip.qeye(2), (1j * angle / 2 * qutip.sigmaz()).expm()) * qutip.bell_state("00")
        xz = (qutip.sigmaz() + qutip.sigmax()) / math.sqrt(2)
        for x, operator in enumerate((qutip.sigmaz(), qutip.sigmax())):
            value = qutip.expect(qutip.tensor(operator, xz), state)
            assert turned.correlator(x, 0) == pytest.approx(value, abs=1e-12)
        assert turned.qber(0, 2) == pytest.approx(0.0, abs=1e-15)

    def test_state_and_sweeps(self) -> None:
        experiment = IonExperiment(pair=NoisyPair(depolarising=0.1, dephasing=0.0), herald_rate=63)
        assert experiment.state().dims == [[2, 2], [2, 2]]
        assert experiment.fidelity == pytest.approx(0.925)
        assert experiment.with_(pair=PERFECT).fidelity == pytest.approx(1.0)
        assert experiment.with_() == experiment
        assert hash(experiment.with_()) == hash(experiment)

    def test_refused(self) -> None:
        for pattern, arguments in (
            ("readout_errors", {"readout_errors": (1.5, 0.0)}),
            ("two probabilities", {"readout_errors": (0.1,)}),
            ("test_contrast", {"test_contrast": -0.1}),
            ("test_phase", {"test_phase": math.inf}),
            ("herald_rate", {"herald_rate": -1.0}),
        ):
            with pytest.raises(InputError, match=pattern):
                IonExperiment(pair=PERFECT, **arguments)  # type: ignore[arg-type]
        with pytest.raises(InputError, match="weights"):
            BellDiagonalPair((0.5, 0.5, 0.5, -0.5))
        with pytest.raises(InputError, match="dephasing"):
            NoisyPair(depolarising=0.1, dephasing=1.2)
        with pytest.raises(InputError, match="one herald pattern"):
            TomographicPair(())
        with pytest.raises(InputError, match="found 'W'"):
            TomographicPair(((("W", "X", (1, 2, 3, 4)),),))


class TestTomography:
    def test_fully_entangled_fractions(self) -> None:
        # printed 95.8(2), 96.1(3), 96.4(1), 95.8(2) % for the herald patterns in the order of the counts
        pair = tomographic().pair
        assert isinstance(pair, TomographicPair)
        fractions = pair.fully_entangled_fractions()
        np.testing.assert_allclose(fractions, [0.95768, 0.96112, 0.96437, 0.95803], atol=5e-6)
        assert np.mean(fractions) == pytest.approx(0.9603, abs=5e-5)
        values = load("nadlinger2022-tomography").values
        for name, fraction in zip(("0011", "0101", "1010", "1100"), fractions, strict=True):
            printed = values[f"fidelity_{name}"]
            assert abs(fraction - float(printed.value)) < (printed.uncertainty or 0.0)  # type: ignore[arg-type]

    def test_printed_matrix_elements(self) -> None:
        # Supplement, Fig. S3: <01|ρ|10> of the patterns, modulus and phase in units of π, printed to three digits
        printed = {0: (0.467, 1.450), 1: (0.465, 0.424), 2: (0.468, 0.468), 3: (0.465, 1.440)}
        pair = tomographic().pair
        assert isinstance(pair, TomographicPair)
        for k, rho in enumerate(pair.reconstructed()):
            modulus, phase = printed[k]
            assert abs(rho[1, 2]) == pytest.approx(modulus, abs=1.5e-3)
            assert abs(np.angle(rho[1, 2] * np.exp(-1j * math.pi * phase))) < 0.01 * math.pi

    def test_counts_are_complete(self) -> None:
        pair = tomographic().pair
        assert isinstance(pair, TomographicPair)
        totals = [sum(sum(counts) for _, _, counts in pattern) for pattern in pair.patterns]
        assert totals == [43182, 43524, 46016, 47278]
        assert [len(pattern) for pattern in pair.patterns] == [25] * 4

    def test_against_the_r_rho_r_iteration(self) -> None:
        rng = np.random.default_rng(2)
        root = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
        true = root @ root.conj().T
        true /= np.trace(true).real
        paulis = [qutip.sigmax(), qutip.sigmay(), qutip.sigmaz()]
        effects = np.array(
            [
                qutip.tensor((1 + s * p) / 2, (1 + t * q) / 2).full()
                for p in paulis
                for q in paulis
                for s in (1, -1)
                for t in (1, -1)
            ]
        )
        probabilities = np.einsum("kij,ji->k", effects, true).real
        counts = np.concatenate([rng.multinomial(3000, p / p.sum()) for p in probabilities.reshape(9, 4)])
        rho = np.eye(4) / 4
        for _ in range(4000):
            pull = np.einsum("k,kij->ij", counts / np.einsum("kij,ji->k", effects, rho).real, effects)
            rho = pull @ rho @ pull
            rho /= np.trace(rho).real
        found = maximum_likelihood_state(counts, effects)
        np.testing.assert_allclose(found.matrix, rho, atol=1e-6)
        assert 0 <= found.log_likelihood_gap <= 1e-6

    def test_rank_deficient_optimum(self) -> None:
        # all counts in one outcome: the optimum is the pure state, on the boundary
        found = maximum_likelihood_state([10, 0, 5, 5], np.array([np.diag([1, 0]), np.diag([0, 1]), *_x_effects()]))
        np.testing.assert_allclose(found.matrix, np.diag([1, 0]), atol=1e-3)
        assert found.log_likelihood_gap <= 1e-6

    def test_refused(self) -> None:
        effects = np.array([np.diag([1, 0]), np.diag([0, 1])])
        with pytest.raises(DimensionError, match="effects"):
            maximum_likelihood_state([1, 2, 3], effects)
        for counts in ([0, 0], [1, -1], [1, math.nan]):
            with pytest.raises(InputError, match="counts of at least 0"):
                maximum_likelihood_state(counts, effects)
        with pytest.raises(BoundNotEstablishedError, match="below its maximum"):
            maximum_likelihood_state([1, 2], effects, tolerance=-1.0)

    @given(seed=st.integers(0, 2**32 - 1))
    @settings(max_examples=30, deadline=None)
    def test_alignment_reaches_the_fully_entangled_fraction(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        root = rng.normal(size=(4, 2)) + 1j * rng.normal(size=(4, 2))
        rho = root @ root.conj().T
        rho /= np.trace(rho).real
        fraction, ket = closest_maximally_entangled(rho)
        assert (PHI @ aligned(rho) @ PHI).real == pytest.approx(fraction, abs=1e-12)
        np.testing.assert_allclose(ket.reshape(2, 2) @ ket.reshape(2, 2).conj().T, np.eye(2) / 2, atol=1e-12)
        # no other maximally entangled state does better
        for _ in range(20):
            unitary = np.linalg.qr(rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2)))[0]
            other = (unitary / math.sqrt(2)).ravel()
            assert (other.conj() @ rho @ other).real <= fraction + 1e-12


class TestMaker:
    """The table is known to come from the pair, so that what bounds the pair's key bounds the table's."""

    @pytest.mark.parametrize(
        ("name", "model"), [("nadlinger2022-link", "bell-diagonal"), ("nadlinger2022-tomography", "tomographic")]
    )
    def test_the_pair_makes_the_table(self, name: str, model: str) -> None:
        made = load(name).models[model]
        assert isinstance(made, IonExperiment)
        ceiling = relative_entropy_of_entanglement(made.state(), iterations=0).scaled(1, Unit.PER_HERALD)
        rate = chsh_table_rate(Link.of(made.behaviour())).scaled(1, Unit.PER_HERALD)
        hashed = coherent_information(made.state()).scaled(1, Unit.PER_HERALD)
        assert made.behaviour().thing.within(ceiling.scope.thing)
        checks = check_pairs([rate, hashed, ceiling])
        assert [(check.lower, check.holds) for check in checks] == [(rate, True), (hashed, True)]

    def test_imperfect_measurements_are_local_and_another_pair_is_another_maker(self) -> None:
        one, other = (IonExperiment(pair=NoisyPair(depolarising=d, dephasing=0.0)) for d in (0.1, 0.2))
        worse = one.with_(readout_errors=(0.01, 0.02), test_phase=5.0, test_contrast=0.97)
        assert worse.behaviour().maker == one.behaviour().maker
        assert worse.behaviour().thing != one.behaviour().thing
        assert one.behaviour().maker != other.behaviour().maker


def _x_effects() -> list[NDArray[np.float64]]:
    return [np.full((2, 2), 0.5), np.array([[0.5, -0.5], [-0.5, 0.5]])]

"""The shipped data: complete, labelled, and consistent with what is printed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

import keybounds.experiments.datasets as datasets
from keybounds.errors import BehaviourError, UnknownNameError, UnsupportedError
from keybounds.experiments import Behaviour, Datum, IonExperiment, Label, PhotonicExperiment, available, load

NAMES = [
    "delft2015",
    "eth2023",
    "liu2022-20m",
    "liu2022-220m",
    "liu2022-80m",
    "munich2022",
    "nadlinger2022-link",
    "nadlinger2022-link-as-printed",
    "nadlinger2022-protocol",
    "nadlinger2022-tomography",
    "nist2015",
]


def number(datum: Datum) -> float:
    assert isinstance(datum.value, (int, float))
    return float(datum.value)


def test_available() -> None:
    assert sorted(available()) == NAMES
    assert all(title and "\n" not in title for title in available().values())


@pytest.mark.parametrize("name", NAMES)
def test_every_datum_has_unit_label_and_source(name: str) -> None:
    data = load(name)
    assert data.title == available()[name]
    assert data.citation
    assert data.reference
    assert 2015 <= data.year <= 2022 or name == "eth2023"
    data_of_models = [datum for parameters in data.parameters.values() for datum in parameters.values()]
    for datum in [*data.values.values(), *data_of_models]:
        assert datum.unit
        assert datum.source
        assert isinstance(datum.label, Label)
        assert datum.uncertainty is None or datum.uncertainty > 0
    assert (data.table is None) == (data.table_label is None)
    assert data.table is None or data.table.is_file()
    assert set(data.models) == set(data.parameters)
    assert name in repr(data)


def test_every_reference_is_in_the_bibliography() -> None:
    bibliography = (Path(__file__).parents[2] / "reports" / "refs.bib").read_text()
    for name in NAMES:
        assert f"{{{load(name).reference}," in bibliography


def test_no_stray_entries() -> None:
    # a misspelt key in a TOML file would be ignored in silence
    known = {"title", "reference", "citation", "platform", "year", "notes", "table", "values", "models"}
    entry = {"value", "uncertainty", "unit", "label", "source"}
    table = {"file", "label", "source", "unmeasured", "rounds", "rounds_label", "rounds_source", "raw"}
    for path in Path(datasets.__file__).parent.glob("data/*.toml"):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        assert set(document) <= known
        assert set(document.get("table", {})) <= table
        entries = list(document.get("values", {}).values())
        for model in document.get("models", {}).values():
            assert set(model) <= {"kind", "pair", "summary", "parameters"}
            entries += model["parameters"].values()
        assert all(set(item) <= entry for item in entries)


def test_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"found 'liu2022-20' \(did you mean 'liu2022-20m'\?\)"):
        load("liu2022-20")
    with pytest.raises(ValueError, match="expected one of delft2015"):
        load("../datasets")


class TestIonLink:
    def test_measured_table(self) -> None:
        data = load("nadlinger2022-link")
        behaviour = data.behaviour
        assert behaviour is not None
        assert behaviour.chsh == pytest.approx(2.6769, abs=1e-4)
        assert behaviour.chsh_uncertainty == pytest.approx(0.0030, abs=5e-5)
        assert behaviour.qber(0, 2) == pytest.approx(0.01439, abs=1e-7)
        assert behaviour.qber_uncertainty(0, 2) == pytest.approx(1.2e-4, abs=5e-6)
        assert behaviour.no_signalling_z == pytest.approx(1.4, abs=0.05)
        assert behaviour.unmeasured == {(1, 2)}
        assert abs(behaviour.chsh - number(data.values["chsh"])) < 0.006
        assert abs(behaviour.qber(0, 2) - number(data.values["qber"])) < 0.0002
        assert data.table_label is Label.MEASURED
        np.testing.assert_array_equal(data.rounds, [[240000, 240000, 960000], [240000, 240000, 0]])
        # the rounds that the printed uncertainties imply
        np.testing.assert_allclose(behaviour.rounds, data.rounds, rtol=0.05)

    def test_as_printed_signals(self) -> None:
        data = load("nadlinger2022-link-as-printed")
        assert data.behaviour is None
        assert data.table is not None
        with pytest.raises(BehaviourError, match=r"no signalling within 5 .* 24\.9 standard deviations"):
            Behaviour.from_csv(data.table, unmeasured=[(1, 2)])
        with pytest.raises(UnsupportedError, match="measured behaviour"):
            data.projection()
        printed = Behaviour.from_csv(data.table, unmeasured=[(1, 2)], max_z=30)
        measured = load("nadlinger2022-link").behaviour
        assert measured is not None
        # outcomes swapped pair by pair, so what is symmetric in Alice and Bob is the same
        np.testing.assert_array_equal(printed.P, measured.P.transpose(1, 0, 2, 3))
        assert printed.chsh == pytest.approx(measured.chsh)
        assert (printed.no_signalling_z or 0) > 20

    def test_protocol_balance(self) -> None:
        values = {name: number(datum) for name, datum in load("nadlinger2022-protocol").values.items()}
        assert values["key_bits"] - values["consumed_bits"] == values["net_key_bits"]
        assert values["initial_key_bits"] + values["net_key_bits"] == values["final_key_bits"]
        assert values["consumed_bits"] + values["reused_bits"] == 1203422
        assert values["extractor_seed_bits"] + values["hash_seed_bits"] == values["reused_bits"]
        assert values["key_bits"] / values["rounds"] == pytest.approx(values["key_rate"], abs=5e-5)
        assert values["test_fraction"] == 13 / 256


@pytest.mark.parametrize(
    ("name", "rounds", "chsh"),
    [("delft2015", 245, 2.42), ("munich2022", 1649, 2.578), ("nist2015", 173149423, 2.000092)],
)
def test_counts_give_the_published_chsh_value(name: str, rounds: int, chsh: float) -> None:
    data = load(name)
    behaviour = data.behaviour
    assert behaviour is not None
    assert behaviour.counts is not None
    assert behaviour.counts.sum() == rounds
    published = data.values["chsh"]
    assert published.value == chsh
    digits = len(str(chsh).partition(".")[2])
    assert round(behaviour.chsh, digits) == pytest.approx(chsh)
    if published.uncertainty is not None:
        assert behaviour.chsh_uncertainty == pytest.approx(published.uncertainty, rel=0.02)
    projection = data.projection()
    assert projection.p_value > 0.02
    assert abs(projection.behaviour.chsh - behaviour.chsh) < 3 * (behaviour.chsh_uncertainty or 0.0)


def test_correlators_without_a_table() -> None:
    data = load("eth2023")
    assert data.behaviour is None
    assert data.model is None
    e = {(x, y): number(data.values[f"correlator_{x}{y}"]) for x in (0, 1) for y in (0, 1)}
    assert e[0, 0] - e[0, 1] + e[1, 0] + e[1, 1] == pytest.approx(number(data.values["chsh"]), abs=5e-5)


@pytest.mark.parametrize(("name", "metres"), [("liu2022-20m", 20), ("liu2022-80m", 80), ("liu2022-220m", 220)])
def test_photonic_models(name: str, metres: int) -> None:
    data = load(name)
    assert data.behaviour is None  # raw correlations are not published; a model is not a measurement
    assert number(data.values["fibre_length"]) == metres
    for model, parameters in data.parameters.items():
        experiment = data.models[model]
        assert isinstance(experiment, PhotonicExperiment)
        assert sum(experiment.extra_fibre) == pytest.approx((metres - 20) / 1000)
        assert experiment.imperfection == model
        assert {key for key, datum in parameters.items() if datum.label is Label.FITTED} == {"mean_pairs", "fidelity"}
        assert parameters["bob_angles"].label is Label.DERIVED
        assert parameters["efficiencies"].label is Label.PUBLISHED
    assert data.model is data.models["white-noise"]


def test_photonic_figures_are_consistent() -> None:
    values = load("liu2022-20m").values
    rate = number(values["key_rate"])
    assert rate * number(values["repetition_rate"]) == pytest.approx(number(values["key_rate_per_second"]), rel=1e-3)
    # p_V (H(A|E,V) - H(A|B,V)) is the printed rate at the model's survival probability
    gain = number(values["entropy_given_eve"]) - number(values["entropy_given_bob"])
    assert 0.922 * gain == pytest.approx(rate, rel=2e-3)


def test_uncertain_values() -> None:
    data = load("nadlinger2022-link")
    assert str(data.values["chsh"].ufloat) == "2.677+/-0.006"
    for name in ("rounds", "herald_rate"):
        with pytest.raises(UnsupportedError, match="one number with an uncertainty"):
            _ = data.values[name].ufloat


def test_data_sets_are_shared_and_read_only() -> None:
    data = load("nadlinger2022-link")
    assert load("nadlinger2022-link") is data
    with pytest.raises(TypeError, match="does not support item assignment"):
        data.values["chsh"] = data.values["qber"]  # type: ignore[index]
    with pytest.raises(ValueError, match="read-only"):
        data.rounds[0, 0] = 1  # type: ignore[index]
    assert isinstance(data.model, IonExperiment)

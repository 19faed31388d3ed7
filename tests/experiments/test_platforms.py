"""Tables of a user's own device: parameters by name, and states with measurements in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from typer.testing import CliRunner

from keybounds.cli import app
from keybounds.errors import DataFileError, InputError, StateError, UnknownNameError
from keybounds.experiments import Behaviour, load, read_table
from keybounds.experiments.device_file import families, read_device
from keybounds.experiments.photonic import PhotonicExperiment
from keybounds.experiments.platforms import parameters, platform_behaviour

Command = Callable[..., CompletedProcess[str]]
EXAMPLE = Path(__file__).parents[2] / "docs" / "example-device.toml"


def test_defaults_are_the_published_models() -> None:
    for platform, data, name in (
        ("photonic", "liu2022-20m", "white-noise"),
        ("ion", "nadlinger2022-link", "physical"),
    ):
        table, values = platform_behaviour(platform, {})
        assert table == load(data).models[name].behaviour()
        assert values.keys() | {"weights"} == parameters(platform).keys() | {"weights"}


def test_parameters_reach_the_experiment() -> None:
    base = load("liu2022-20m").models["white-noise"]
    assert isinstance(base, PhotonicExperiment)
    table, values = platform_behaviour(
        "photonic",
        {"efficiency": ".9", "dark_counts": "1e-6,2e-6", "fibre_km": "2", "attenuation": "0.3", "fidelity": "0.99",
         "statistics": "thermal", "imperfection": "dephasing", "bob_angles": "9,-21", "mean_pairs": "0.05"},
    )  # fmt: skip
    assert table == base.with_(
        efficiencies=(0.9, 0.9), dark_counts=(1e-6, 2e-6), extra_fibre=(2.0, 2.0), attenuation=0.3, fidelity=0.99,
        statistics="thermal", imperfection="dephasing", bob_angles=(9.0, -21.0), mean_pairs=0.05,
    ).behaviour()  # fmt: skip
    assert values["efficiency"] == ".9"
    ion, values = platform_behaviour("ion", {"weights": "1,0,0,0", "readout_errors": "0", "test_phase": "0"})
    assert ion.chsh == pytest.approx(2 * np.sqrt(2))
    assert "depolarising" not in values


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["foton"], "did you mean 'photonic'?"),
        (["ion", "--set", "depolarizing=.1"], "did you mean 'depolarising'?"),
        (["ion", "--set", "test_phase=ten"], "--set test_phase: expected a number (any; deg); found 'ten'"),
        (["ion", "--set", "readout_errors=1,2,3"], "a number, or one for Alice and one for Bob"),
        (["ion", "--set", "dephasing"], "--set: expected NAME=VALUE; found 'dephasing'"),
        (["ion", "--set", "dephasing=0", "--set", "dephasing=1"], "dephasing once; found 0 and 1"),
        (["ion", "--set", "weights=1,0,0,0", "--set", "dephasing=1"], "either weights, or depolarising and dephasing"),
        (["photonic", "--set", "fidelity=.1"], "a number in [1/4, 1], for white noise; found 0.1"),
        (["photonic", "--set", "efficiency=nan"], "--set efficiency"),
        (["photonic", "--set", "statistics=bose"], "one of poisson, thermal, single-pair; found 'bose'"),
        (["photonic", "--list", "--set", "fidelity=1"], "either --list or --set"),
        ([str(EXAMPLE), "--set", "fidelity=1"], "--set: expected a platform with parameters"),
        (["absent.toml"], "absent.toml: expected a readable file"),
    ],
)
def test_what_the_verb_refuses(arguments: list[str], complaint: str, keybounds: Command) -> None:
    done = keybounds("model", *arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_list_has_defaults_units_and_ranges(keybounds: Command) -> None:
    done = keybounds("model", "photonic", "--list")
    assert "efficiency    0.8716,0.8782      1      [0, 1]" in done.stdout
    assert "fibre_km      0.0,0.0            km     >= 0" in done.stdout
    for name in parameters("photonic"):
        assert f"\n{name} " in done.stdout


def test_what_a_model_prints_is_read_back(keybounds: Command, tmp_path: Path) -> None:
    printed = keybounds("model", "ion", "--set", "depolarising=0.05").stdout
    assert "# depolarising = 0.05\n" in printed
    done = CliRunner().invoke(app, ["read", "-"], input=printed.encode())
    assert "S = 2.6135 as labelled" in done.output
    path = tmp_path / "model.csv"
    assert keybounds("model", str(EXAMPLE), "--out", str(path)).returncode == 0
    assert read_table(path).behaviour == read_device(EXAMPLE)


DEVICE = """
[state]
family = "bell-state"
k = 0

[alice]
bloch_angles = [0, 90]

[bob]
bloch_angles = [45, -45, 0]
"""


def device(tmp_path: Path, content: str) -> Behaviour:
    path = tmp_path / "device.toml"
    path.write_text(content)
    return read_device(path)


@pytest.mark.parametrize(
    "measurements",
    [
        'observables = ["Z", "X"]',
        "observables = [[0, 0, 1], [1, 0, 0]]",
        'observables = [[[1, 0], [0, "-1"]], [[0, "1+0i"], ["1", 0]]]',
        "polariser_angles = [0, 45]",
        "bloch_angles = [[0, 30], [90, 0]]",
        "povms = [[[[1, 0], [0, 0]], [[0, 0], [0, 1]]], [[[0.5, 0.5], [0.5, 0.5]], [[0.5, -0.5], [-0.5, 0.5]]]]",
    ],
)
def test_measurements_in_every_form_give_the_same_table(measurements: str, tmp_path: Path) -> None:
    table = device(tmp_path, DEVICE.replace("bloch_angles = [0, 90]", measurements))
    assert table.chsh == pytest.approx(2 * np.sqrt(2))
    assert table.qber(0, 2) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    "state",
    [
        'family = "bell-diagonal"\nweights = [1, 0, 0, 0]',
        'family = "isotropic"\ndimension = 2\nfidelity = 1',
        "ket = [1, 0, 0, 1]",
        'ket = ["1i", 0, 0, "0+1i"]',
        "matrix = [[0.5, 0, 0, 0.5], [0, 0, 0, 0], [0, 0, 0, 0], [0.5, 0, 0, 0.5]]\ndims = [2, 2]",
    ],
)
def test_states_in_every_form_give_the_same_table(state: str, tmp_path: Path) -> None:
    table = device(tmp_path, DEVICE.replace('family = "bell-state"\nk = 0', state))
    np.testing.assert_allclose(table.P, device(tmp_path, DEVICE).P, atol=1e-12)


def test_losses_are_kept_or_counted(tmp_path: Path) -> None:
    lossless = device(tmp_path, DEVICE).P
    kept = device(tmp_path, DEVICE + 'efficiency = 0.9\nno_click = "keep"\n').P
    assert kept.shape == (2, 3, 2, 3)
    np.testing.assert_allclose(kept[:, :2], 0.9 * lossless, atol=1e-12)
    counted = device(tmp_path, DEVICE + "efficiency = [0.9, 0.9, 0.8]\nno_click = 1\n").P
    np.testing.assert_allclose(counted[:, 1, :, :2], kept[:, 1, :, :2] + kept[:, 2, :, :2], atol=1e-12)
    np.testing.assert_allclose(counted[:, 0, :, 2], 0.8 * lossless[:, 0, :, 2], atol=1e-12)


def test_an_observable_of_a_qutrit_has_its_eigenspaces_in_order(tmp_path: Path) -> None:
    observable = "observables = [[[2, 0, 0], [0, 5, 0], [0, 0, 2]]]\n"
    state = 'family = "isotropic"\ndimension = 3\nfidelity = 1'
    table = device(tmp_path, f"[state]\n{state}\n[alice]\n{observable}[bob]\n{observable}")
    np.testing.assert_allclose(table.P[:, :, 0, 0], np.diag([1 / 3, 2 / 3]), atol=1e-12)  # the larger one first


@pytest.mark.parametrize(
    ("old", "new", "error", "match"),
    [
        ("bell-state", "bell-sate", UnknownNameError, r"device\.toml, \[state\] family: .*did you mean 'bell-state'"),
        ("k = 0", "k = 4", InputError, r"\[state\] k: expected the number 0, 1, 2 or 3"),
        ("k = 0", "", DataFileError, "k of the family bell-state; found no k"),
        ("k = 0", "k = 0\nj = 1", UnknownNameError, "family, k; found 'j'"),
        ('family = "bell-state"\nk = 0', "", DataFileError, "one of family, matrix and ket; found none"),
        ('family = "bell-state"\nk = 0', "ket = [0, 0, 0, 0]", DataFileError, "a vector that is not 0"),
        ('family = "bell-state"\nk = 0', "ket = [1, true, 0, 1]", DataFileError, "numbers, complex ones as texts"),
        ('family = "bell-state"\nk = 0', "ket = [1, 0, 0, 1]\ndims = [4, 1]", DataFileError, r"expected \[2, 2\]"),
        ('family = "bell-state"\nk = 0', "matrix = [[1, 0], [0]]", DataFileError, "rows of one length"),
        ('family = "bell-state"\nk = 0', "matrix = [[2, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]",
         StateError, r"trace 2: divide by 2\?"),
        ("bloch_angles = [0, 90]", "angles = [0, 90]", UnknownNameError, "did you mean 'bloch_angles'"),
        ("bloch_angles = [0, 90]", "", DataFileError, "one of bloch_angles, polariser_angles, observables, povms"),
        ("bloch_angles = [0, 90]", "bloch_angles = 0", DataFileError, "an entry for each setting"),
        ("bloch_angles = [0, 90]", 'bloch_angles = [0, "90"]', DataFileError, r"\[alice\] bloch_angles\[1\]"),
        ("bloch_angles = [0, 90]", 'observables = ["Z", "W"]', UnknownNameError, r"observables\[1\]: .*found 'W'"),
        ("bloch_angles = [0, 90]", "observables = [[[0, 1], [0, 0]]]", DataFileError, "not Hermitian"),
        ("bloch_angles = [0, 90]", "povms = [[[1, 0], [0, 1]]]", DataFileError, "two effects or more"),
        ("bloch_angles = [0, 90]", "povms = [[[[1, 0], [0, 1]], [[1, 0], [0, 1]]]]", InputError, "sum to the identity"),
        ("bloch_angles = [0, 90]", "bloch_angles = [0]\nefficiency = 2\nno_click = 0", DataFileError, r"in \[0, 1\]"),
        ("bloch_angles = [0, 90]", "bloch_angles = [0]\nefficiency = 0.9", DataFileError, 'no_click: expected "keep"'),
        ("bloch_angles = [0, 90]", "bloch_angles = [0]\nno_click = 0", DataFileError, "an efficiency beside"),
        ("bloch_angles = [0, 90]", 'observables = ["Z", [[1, 0], [0, 1]]]', DataFileError, "equally many outcomes"),
        ("[bob]", "[eve]", UnknownNameError, "alice, bob, state, title; found 'eve'"),
        ("[bob]\nbloch_angles = [45, -45, 0]", "", DataFileError, r"a table \[bob\]; found none"),
        ("[bob]", "[bob", DataFileError, "TOML"),
    ],
)  # fmt: skip
def test_what_a_file_is_refused_for(old: str, new: str, error: type[InputError], match: str, tmp_path: Path) -> None:
    assert old in DEVICE
    with pytest.raises(error, match=match) as caught:
        device(tmp_path, DEVICE.replace(old, new))
    assert "device.toml" in str(caught.value)


def test_every_family_is_one_of_the_package() -> None:
    from keybounds import states

    for name in families():
        assert name.replace("-", "_") in states.__all__

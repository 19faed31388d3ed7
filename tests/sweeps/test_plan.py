"""Plans: what a file says, its points as exact texts, and every fault named with file, line and key."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keybounds.errors import DataFileError, InputError, KeyboundsError, UnknownNameError
from keybounds.experiments.platforms import platform_behaviour
from keybounds.sweeps import Plan
from keybounds.sweeps.decimals import canonical
from keybounds.sweeps.quantities import quantities
from keybounds.sweeps.subjects import subjects

LINK = 'subject = {kind = "link", qber = 0.0144}\n'
RATE = "compute = {rate = {}}\n"


def values(axis: str, name: str = "chsh", head: str = LINK) -> tuple[str, ...]:
    return Plan.of(f"{head}axes.{name} = {axis}\n{RATE}").axes[0].values


@pytest.mark.parametrize(
    ("axis", "expected"),
    [
        ("[2.3, 2.50, 2.677]", ("2.3", "2.5", "2.677")),
        ("{from = 2.1, to = 2.5, step = 0.1}", ("2.1", "2.2", "2.3", "2.4", "2.5")),  # exact: no double says 2.3 so
        ("{from = 2.5, to = 2.2, step = -0.1}", ("2.5", "2.4", "2.3", "2.2")),
        ("{from = 2, to = 3, count = 4}", ("2", "2.33333333333333", "2.66666666666667", "3")),
        ("{from = 2.1, to = 2.8, count = 1}", ("2.1",)),
        ("{from = 0.001, to = 1, count = 4, scale = 'log'}", ("0.001", "0.01", "0.1", "1")),
    ],
)
def test_values_of_an_axis(axis: str, expected: tuple[str, ...]) -> None:
    assert values(axis) == expected


def test_whole_numbers_of_a_logarithmic_axis() -> None:
    head = 'subject = {kind = "link", chsh = 2.64, qber = 0.018}\nsettings.gamma = 0.05078125\n'
    plan = Plan.of(head + "axes.rounds = {from = 1e5, to = 1e8, count = 5, scale = 'log'}\ncompute.key = {}\n")
    assert plan.axes[0].values == ("100000", "562341", "3162278", "17782794", "100000000")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=None).filter(lambda d: abs(d.adjusted()) < 300))
def test_one_text_for_one_number(number: Decimal) -> None:
    text = canonical(number)
    assert Fraction(text) == Fraction(number)
    assert canonical(Decimal(text)) == text
    assert canonical(number * 10 / Decimal("10.00")) == text or len(number.as_tuple().digits) > 26  # rounded there


def test_a_grid_goes_through_its_last_axis_first() -> None:
    plan = Plan.of('subject.kind = "link"\naxes = {chsh = [2.1, 2.2], qber = [0, 0.01, 0.020]}\n' + RATE)
    assert plan.count == 6
    assert list(plan.points())[:4] == [("2.1", "0"), ("2.1", "0.01"), ("2.1", "0.02"), ("2.2", "0")]
    assert len(set(plan.cells())) == 6


def test_a_list_and_axes_that_go_side_by_side() -> None:
    axes = 'subject.kind = "link"\naxes = {chsh = [2.1, 2.2], qber = [0, 0.01], noise = [0, 0.1, 0.2]}\n'
    plan = Plan.of(axes + RATE + '[plan]\ntogether = [["qber", "chsh"]]\n')
    assert plan.count == 6
    assert list(plan.points())[2:4] == [("2.1", "0", "0.2"), ("2.2", "0.01", "0")]
    listed = Plan.of(
        'subject.kind = "link"\naxes = {chsh = [2.1, 2.2], qber = [0, 0.01]}\n' + RATE + 'plan.kind = "list"'
    )
    assert list(listed.points()) == [("2.1", "0"), ("2.2", "0.01")]


def test_random_points_depend_on_seed_and_number_alone() -> None:
    text = LINK + "axes.chsh = {from = 2.1, to = 2.8}\n" + RATE + '[plan]\nkind = "random"\ncount = %d\nseed = %d\n'
    few, more, other = (list(Plan.of(text % pair).points()) for pair in ((5, 1), (9, 1), (9, 2)))
    assert more[:5] == few
    assert not set(more) & set(other)
    assert all(Fraction("2.1") <= Fraction(value) < Fraction("2.8") for (value,) in more)
    bits = int.from_bytes(hashlib.sha256(b"1 chsh 4").digest()[:8], "big") >> 11  # no generator, so that none changes
    assert abs(Fraction(few[4][0]) - Fraction("2.1") - Fraction("0.7") * Fraction(bits, 2**53)) < Fraction(1, 10**14)


def test_a_cell_names_all_that_determines_its_number_and_nothing_else() -> None:
    plan = Plan.of(
        """
        subject = {kind = "photonic", fidelity = 0.990}
        settings = {level = "11", noise = 0.010}
        axes.efficiency = [0.95]
        axes."alice_angles[1]" = [-40]
        compute = {rate = {nodes = 4}, plain = {quantity = "rate", noise = 0}, any-discussion-ceiling = {}}
        """
    )
    point = next(plan.points())
    rate, plain, ceiling = (dict(line.split("=") for line in c.cell(point).split("\n")[1:]) for c in plan.columns)
    known = {"fidelity": "0.99", "efficiency": "0.95,0.95", "alice_angles": "-88.22,-40", "statistics": "poisson"}
    assert rate.items() >= {**known, "level": "11", "nodes": "4", "noise": "0.01", "keep": "1", "key": "0,2"}.items()
    assert (plain["noise"], plain["nodes"]) == ("0", "32")
    assert ceiling.items() >= {**known, "effort": "fast"}.items()
    assert not {"noise", "level", "key"} & ceiling.keys()  # which it does not depend on


def test_a_default_that_is_typed_is_the_same_point() -> None:
    text = 'subject = {kind = "photonic"%s}\naxes.efficiency = [0.95]\ncompute.chsh-rate = {}\n'
    (silent,), (typed,) = (list(Plan.of(text % more).cells()) for more in ("", ", attenuation = 0.20, dark_counts = 0"))
    assert silent == typed


def test_a_subject_is_that_of_the_platform() -> None:
    plan = Plan.of('subject.kind = "ion"\naxes.depolarising = [0.1]\nsettings.key = [0, 2]\ncompute.chsh-rate = {}\n')
    (cell,) = plan.cells()
    settings = dict(line.split("=") for line in cell.split("\n")[1:])
    made = subjects()["ion"].make({name: settings[name] for name in subjects()["ion"].settings if name in settings})
    assert made.behaviour().chsh == platform_behaviour("ion", {"depolarising": "0.1"})[0].chsh


def test_weights_stand_for_the_noise() -> None:
    text = 'subject = {kind = "ion", weights = [0.9, 0.1, 0, 0]%s}\naxes.test_phase = [0]\ncompute.chsh-rate = {}\n'
    (cell,) = Plan.of(text % "").cells()
    assert "weights=0.9,0.1,0,0" in cell
    assert "dephasing" not in cell
    with pytest.raises(DataFileError, match="either weights or dephasing; found both"):
        Plan.of(text % ", dephasing = 0.1")


@pytest.mark.parametrize("name", sorted(subjects()))
def test_every_subject_has_something_to_compute(name: str) -> None:
    assert {"rate", "ceiling"} <= quantities(subjects()[name].kind, name).keys()


FAULTS = {
    "no TOML": ("subject = \n", DataFileError, r"plan: expected TOML; found Invalid value \(at line 1, column 11\)"),
    "no subject": ("compute.rate = {}\n", DataFileError, r"plan, subject: expected a kind.*; found none"),
    "unknown subject": (
        '\nsubject.kind = "fotonic"\n',
        UnknownNameError,
        r"line 2, subject\.kind.*did you mean 'photonic'",
    ),
    "unknown parameter": (
        '[subject]\nkind = "photonic"\nfidelty = 0.9\n',
        UnknownNameError,
        r"plan, line 3, subject\.fidelty: .*did you mean 'fidelity'",
    ),
    "unknown axis": (
        LINK + "[axes]\nchhs = [2.1]\n[compute]\nrate = {}\n",
        UnknownNameError,
        r"plan, line 3, axes\.chhs: .*did you mean 'chsh'",
    ),
    "unknown quantity": (
        LINK + "axes.chsh = [2.1]\n[compute]\nraet = {}\n",
        UnknownNameError,
        r"line 4, compute\.raet: .*did you mean 'rate'",
    ),
    "unknown setting": (
        LINK + "axes.chsh = [2.1]\n[settings]\nnoize = 0\n[compute]\nrate = {}\n",
        UnknownNameError,
        r"line 4, settings\.noize: .*did you mean 'noise'",
    ),
    "unknown option": (
        LINK + "axes.chsh = [2.1]\n[compute]\nrate = {noize = 0}\n",
        UnknownNameError,
        r"line 4, compute\.rate\.noize: .*did you mean 'noise'",
    ),
    "unknown table": (LINK + "[axis]\nchsh = [2.1]\n", UnknownNameError, r"line 2, axis: .*did you mean 'axes'"),
    "no number": ('subject = {kind = "link", qber = "few"}\n', InputError, r"line 1, subject\.qber: expected a number"),
    "no finite number": (
        LINK + f"axes.chsh = [inf]\n{RATE}",
        InputError,
        r"line 2, axes\.chsh: expected a finite number",
    ),
    "two numbers": (
        LINK + f"axes.chsh = [[1, 2]]\n{RATE}",
        InputError,
        r"line 2, axes\.chsh: expected a number; found \[1, 2\]",
    ),
    "empty axis": (
        LINK + f"axes.chsh = []\n{RATE}",
        DataFileError,
        r"line 2, axes\.chsh: .*at least one value; found none",
    ),
    "empty progression": (
        LINK + f"axes.chsh = {{from = 2.8, to = 2.1, step = 0.1}}\n{RATE}",
        DataFileError,
        r"line 2, axes\.chsh: .*at least one value; found none",
    ),
    "count 0": (LINK + f"axes.chsh = {{from = 2, to = 3, count = 0}}\n{RATE}", DataFileError, r"a count of at least 1"),
    "step 0": (LINK + f"axes.chsh = {{from = 2, to = 3, step = 0}}\n{RATE}", DataFileError, r"a step that is not 0"),
    "twice": (LINK + f"axes.chsh = [2.1, 2.10]\n{RATE}", DataFileError, r"different values; found 2\.1 twice"),
    "no axes": (LINK + RATE, DataFileError, r"plan, axes: expected an axis at least"),
    "fixed and varied": (
        LINK + f"axes.qber = [0]\n{RATE}",
        DataFileError,
        r"axes\.qber: expected either an axis or a value",
    ),
    "seen by no column": (
        LINK + "axes = {chsh = [2.1], noise = [0]}\ncompute.rate = {noise = 0}\n",
        DataFileError,
        r"axes\.noise: expected a parameter of a column",
    ),
    "not given": (
        'subject.kind = "link"\n' + f"axes.qber = [0]\n{RATE}",
        DataFileError,
        r"subject: expected chsh, which rate",
    ),
    "run not given": (
        LINK + "axes.chsh = [2.1]\ncompute.key = {}\n",
        DataFileError,
        r"plan, settings: expected rounds",
    ),
    "negative on a logarithm": (
        LINK + f"axes.chsh = {{from = -1, to = 1, count = 3, scale = 'log'}}\n{RATE}",
        InputError,
        r"positive numbers on a logarithmic scale",
    ),
    "ten to the nine": (
        LINK + "[axes]\nchsh = {from = 2, to = 3, count = 1000_000_000}\n[compute]\nrate = {}\n",
        DataFileError,
        r"line 3, axes\.chsh: expected at most 10000000 points; found 1000000000",
    ),
    "ten to the nine by steps": (
        LINK + f"axes.chsh = {{from = 2, to = 3, step = 1e-9}}\n{RATE}",
        DataFileError,
        r"found 1000000001",
    ),
    "ten to the nine together": (
        'subject.kind = "link"\n[axes]\n'
        + "".join(f"{n} = {{from = 0, to = 1, count = 1000}}\n" for n in ("chsh", "qber", "noise"))
        + "[compute]\nrate = {}\n",
        DataFileError,
        r"line 2, axes: expected at most 10000000 points; found 1000000000",
    ),
    "lengths": (
        'subject.kind = "link"\naxes = {chsh = [2.1, 2.2], qber = [0]}\ncompute.rate = {}\n[plan]\nkind = "list"\n',
        DataFileError,
        r"axes of one length.*found chsh: 2, qber: 1",
    ),
    "kind of plan": (
        LINK + f"axes.chsh = [2.1]\n{RATE}[plan]\nkind = 'gird'\n",
        UnknownNameError,
        r"did you mean 'grid'",
    ),
    "no component": (
        'subject.kind = "photonic"\naxes."bob_angles[3]" = [1]\ncompute.rate = {}\n',
        DataFileError,
        r"from 0 to 2 in brackets; found bob_angles\[3\]",
    ),
    "a range of lists": (
        'subject.kind = "photonic"\naxes.bob_angles = {from = 1, to = 2, count = 2}\ncompute.rate = {}\n',
        DataFileError,
        r"an axis for one of its numbers",
    ),
    "not whole": (
        'subject.kind = "photonic"\naxes.efficiency = [0.9]\ncompute.rate = {nodes = 4.5}\n',
        InputError,
        r"compute\.rate\.nodes: expected a whole number; found 4\.5",
    ),
    "choice": (
        'subject.kind = "photonic"\naxes.efficiency = [0.9]\ncompute.ceiling = {effort = "bets"}\n',
        UnknownNameError,
        r"compute\.ceiling\.effort: .*did you mean 'best'",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_said_with_its_place(fault: str) -> None:
    text, error, message = FAULTS[fault]
    with pytest.raises(KeyboundsError, match=message) as raised:
        Plan.of(text)
    assert type(raised.value) is error


def test_a_file_that_is_not_there_or_no_text(tmp_path: object) -> None:
    with pytest.raises(DataFileError, match=r"nowhere\.toml: expected a readable file; found No such file"):
        Plan.read(f"{tmp_path}/nowhere.toml")

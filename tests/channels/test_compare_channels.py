"""`keybounds compare channels`: the published closed forms, the gap of Λ_d, and every check true."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import keybounds
from keybounds.bounds import Answer, Direction, Quantity, Status, Trust, Unit


@pytest.fixture(scope="module")
def channels() -> Answer:
    return keybounds.compare("channels")


def test_general_ceilings_meet_the_closed_forms_from_above(channels: Answer) -> None:
    forms = channels.findings["closed_forms"]
    assert len(forms) == 7
    for form in forms:
        assert -1e-15 <= form["excess"] <= 1e-8, form


def test_the_gap_between_p2_and_its_device_independent_version(channels: Answer) -> None:
    gaps = {gap["channel"]: gap for gap in channels.findings["gaps"]}
    assert {name: gap["proven"] for name, gap in gaps.items()} == {
        "Λ_(8, p=3027/10000)": True,
        "Λ_(4, p=9/20)": True,
        "Λ_2": False,
        "Λ_4": False,
        "Λ_8": False,
        "Λ_10": True,
        "Λ_20": True,
        "Λ_24": True,
        f"Λ_{2**10}": True,
        f"Λ_{2**20}": True,
    }
    assert gaps[f"Λ_{2**20}"]["p2_at_least"] > 0.98
    assert gaps[f"Λ_{2**20}"]["p2_di_at_most"] < 1e-3
    assert gaps["Λ_(4, p=9/20)"]["p2_at_least"] == pytest.approx(0.00628085, abs=1e-8)
    assert gaps["Λ_(4, p=9/20)"]["p2_di_at_most"] == pytest.approx(0.00564651, abs=1e-8)


def test_every_check_holds_and_trusted_key_is_not_held_against_untrusted_ceilings(channels: Answer) -> None:
    assert len(channels.checks) == 54
    for check in channels.checks:
        assert check.holds
        assert check.upper.scope.quantity is Quantity.KEY_RATE
        assert check.upper.scope.trust is Trust.DEVICE_DEPENDENT
    checked = {id(check.lower) for check in channels.checks}
    for row in channels.bounds:
        assert row.unit is Unit.PER_CHANNEL_USE
        assert row.status is not Status.PUBLISHED
        if row.direction is Direction.LOWER:
            assert id(row) in checked, row


def test_each_capacity_has_its_symbol(channels: Answer) -> None:
    table = channels.tables[0]
    index = [column.key for column in table.columns].index("scope")
    assert {row[index] for row in table.rows} == {"P_1", "P_2", "P_2^DI", "Q_2"}
    assert any("against every class" in note for note in table.notes)


def test_known_figures(channels: Answer) -> None:
    def least(subject: str) -> float:
        return min(
            row.value
            for row in channels.bounds
            if row.subject == subject and row.direction is Direction.UPPER and row.scope.quantity is Quantity.KEY_RATE
        )

    assert least("pure loss, η = 0.5") == pytest.approx(1, abs=1e-12)
    assert least("erasure, ε = 0.1, d = 2") == pytest.approx(0.9, abs=1e-12)
    assert least("dephasing, p = 0.1, d = 2") == pytest.approx(0.5310044, abs=1e-7)
    assert least("amplitude damping, γ = 0.3") == pytest.approx(0.6033114, abs=1e-7)
    assert least("Werner-Holevo, d = 3") == pytest.approx(0.7924813, abs=1e-6)
    assert least("Werner-Holevo, d = 4") == pytest.approx(0.5849625, abs=1e-6)


def test_the_command_line_prints_it_without_loading_qutip() -> None:
    script = (
        "import sys; sys.argv = ['keybounds', 'compare', 'channels', '--format', 'json']\n"
        "from keybounds.__main__ import main\n"
        "try:\n    main()\nfinally:\n    assert 'qutip' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert all(check["holds"] for check in document["checks"])
    assert document["findings"]["gaps"]

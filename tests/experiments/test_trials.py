"""Drift and setting bias in lists of trials: found where it was put, and not found where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from keybounds.cli import app
from keybounds.experiments import examine_trials

N = 4000


def trials(seed: int, visibility: NDArray[np.float64] | float = 0.9) -> NDArray[np.int64]:
    """Trials of a noisy singlet with uniform settings; the visibility may change from trial to trial."""
    generator = np.random.default_rng(seed)
    x, y, a = generator.integers(0, 2, (3, N))
    correlator = np.where((x == 1) & (y == 1), -1, 1) * np.asarray(visibility) * 2**-0.5
    same = generator.random(N) < (1 + correlator) / 2
    return np.stack([a, np.where(same, a, 1 - a), x, y])


def test_honest_trials_pass() -> None:
    """p-values of simulated honest lists are not small too often."""
    found = [examine_trials(trials(seed)) for seed in range(100)]
    for name in ("drift", "settings_drift", "dependence", "memory"):
        values = np.array([getattr(one, name) for one in found])
        assert (values < 0.05).mean() < 0.15, name
        assert (values > 0.5).mean() > 0.3, name
    assert not found[0].warnings
    assert found[0].blocks == 10
    assert sum(found[0].x) == pytest.approx(1)


def test_drift_is_found() -> None:
    for visibility in (np.linspace(1.0, 0.4, N), np.where(np.arange(N) // 400 == 3, 0.3, 0.9)):
        found = examine_trials(trials(1, visibility))
        assert found is not None
        assert found.drift < 1e-4
        assert any("the outcomes drift between 10 blocks" in text for text in found.warnings)


def test_settings_that_depend_are_found() -> None:
    honest = trials(2)
    drifting, dependent, remembering = honest.copy(), honest.copy(), honest.copy()
    drifting[2, : N // 4] = 0
    dependent[3] = np.where(np.arange(N) % 3 == 0, dependent[2], dependent[3])
    remembering[2, 1:] = np.where(np.arange(N - 1) % 3 == 0, remembering[0, :-1], remembering[2, 1:])
    assert examine_trials(drifting).settings_drift < 1e-6
    assert examine_trials(dependent).dependence < 1e-6
    assert examine_trials(remembering).memory < 1e-6
    assert any("depend on each other" in text for text in examine_trials(dependent).warnings)
    assert any("trial before" in text for text in examine_trials(remembering).warnings)


def test_few_trials_say_nothing() -> None:
    assert examine_trials(trials(1)[:, :99]) is None
    assert examine_trials(trials(1)[:, :100]).blocks == 2


def test_read_reports_it(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    a, b, x, y = trials(1, np.linspace(1.0, 0.4, N))
    path.write_text("x,y,a,b\n" + "".join(f"{s},{t},{i},{j}\n" for i, j, s, t in zip(a, b, x, y, strict=True)))
    done = CliRunner().invoke(app, ["read", str(path)])
    assert done.exit_code == 0, done.output
    assert "10 blocks of trials: p-values" in done.output
    assert "Warning: the outcomes drift" in done.output

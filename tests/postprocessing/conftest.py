"""One small agreement, with which every test of the two parties begins."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keybounds.bounds import Link
from keybounds.experiments import BellDiagonalPair, IonExperiment
from keybounds.postprocessing import Agreement
from keybounds.postprocessing.run import designed, save_parties


@pytest.fixture(scope="session")
def agreement(shared: Callable[[str, Callable[[], Any]], Any]) -> Agreement:
    """40 000 rounds, tests with probability .1, devices better than the published ones; a key of some thousand bits."""
    devices = IonExperiment(pair=BellDiagonalPair((0.996, 0.002, 0.0005, 0.0015))).behaviour()

    def made() -> Agreement:
        found = designed(
            devices,
            rounds=40_000,
            gamma=0.1,
            link=Link(2.8, 0.004),
            theorem="renyi",
            extractor="toeplitz",
            soundness=1e-2,
            leakage=None,
        )
        return Agreement(found.key, devices, degree=4, positions=30)

    return shared("agreement", made)  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory, agreement: Agreement) -> Path:
    """What two parties of this agreement start from; to be copied and not touched."""
    folder = tmp_path_factory.mktemp("saved") / "parties"
    save_parties(folder, agreement, gamma=0.1, seed=1)
    return folder


@pytest.fixture
def folder(tmp_path: Path, saved: Path) -> Path:
    """A copy of it, for one run."""
    return Path(shutil.copytree(saved, tmp_path / "parties"))

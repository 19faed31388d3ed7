"""What the tests share is computed once for all their processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"


def test_two_processes_compute_once(tmp_path: Path) -> None:
    script = (
        "import importlib.util, sys, time\n"
        "from pathlib import Path\n"
        "spec = importlib.util.spec_from_file_location('conftest', sys.argv[1])\n"
        "conftest = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(conftest)\n"
        "def make():\n"
        "    with open(sys.argv[2] + '/made', 'a') as log: log.write('x')\n"
        "    time.sleep(0.5)\n"
        "    return {'value': 3}\n"
        "shared = conftest.Shared(Path(sys.argv[2]))\n"
        "assert shared('a result', make) is shared('a result', make)\n"
        "print(shared('a result', make)['value'])\n"
    )
    command = [sys.executable, "-c", script, str(CONFTEST), str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [one.communicate(timeout=60)[0] for one in running] == ["3\n", "3\n"]
    assert (tmp_path / "made").read_text() == "x"


def test_a_result_made_of_itself_does_not_wait_for_itself(shared: Callable[[str, Callable[[], Any]], Any]) -> None:
    def fail() -> None:
        raise ValueError("not made")

    with pytest.raises(AssertionError, match="made of itself"):
        shared("circle", lambda: shared("circle", lambda: 1))
    for _ in range(2):
        with pytest.raises(ValueError, match="not made"):
            shared("failure", fail)

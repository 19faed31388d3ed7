"""What would not fit into memory is refused by its estimate, before anything is allocated."""

from __future__ import annotations

import re
import subprocess
import sys
import tracemalloc

import pytest

from keybounds.bounds import Hierarchy, lower, one_way
from keybounds.bounds.correlations.moments import interior_point
from keybounds.bounds.correlations.moments.arrow import ArrowProblem, ArrowSolution
from keybounds.experiments import load

LIMITED = (  # what comes beyond the interpreter and its libraries fails
    "import resource, sys\n"
    "import numpy as np\n"
    "import qutip, clarabel, qics, cvxpy\n"
    "from keybounds import states\n"
    "from keybounds.channels import families, ppt_private as private_channel\n"
    "from keybounds.bounds import Hierarchy, lower, one_way, upper\n"
    "from keybounds.errors import UnsupportedError\n"
    "from keybounds.experiments import Behaviour\n"
    "flat = Behaviour(np.full((2, 5, 2, 4), 1 / 10))\n"
    "bits = Behaviour(np.full((2, 2, 2, 3), 1 / 4))\n"
    "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
    "resource.setrlimit(resource.RLIMIT_AS, (used + 2**29, used + 2**29))\n"
)
TOO_LARGE = {
    "interior point": "lower.conditional_entropy(flat, one_way((0, 0)), Hierarchy('22', 4096))",
    "interior point, one node": "lower.conditional_entropy(flat, one_way((0, 0)), Hierarchy('s6', 1))",
    "clarabel": "lower.conditional_entropy(flat, one_way((0, 0)), Hierarchy('22', 512, 'clarabel'))",
    "qics": "lower.conditional_entropy(bits, one_way((0, 0)), Hierarchy('22+b4', 512, 'qics'))",
    "isotropic": "states.isotropic(1000, 0.5)",
    "werner": "states.werner(1000, 0.5)",
    "private state": "states.ppt_private_state(500)",
    "depolarising": "families.depolarizing_choi(0.1, 1000)",
    "erasure": "families.erasure_choi(0.1, 1000)",
    "private channel": "private_channel.ppt_private_choi(500)",
    "relative entropy": "upper.relative_entropy_of_entanglement(np.eye(1200) / 1200, (30, 40))",
    "squashed": "upper.squashed_entanglement(np.eye(1200) / 1200, (30, 40))",
    "distillable": "upper.distillable_entanglement_ceiling(states.isotropic(10, 0.9))",
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit of memory is Linux's")
def test_what_is_too_large_is_refused_with_its_estimate() -> None:
    """In a process with half a GiB to spare: whoever allocated first would end in a MemoryError."""
    script = LIMITED + "".join(
        f"try: {call}\n"
        f"except UnsupportedError as error: print({name!r}, error)\n"
        f"except BaseException as error: print({name!r}, 'NOT REFUSED', type(error), error)\n"
        f"else: print({name!r}, 'NOT REFUSED')\n"
        for name, call in TOO_LARGE.items()
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line for line in lines if "NOT REFUSED" in line or not re.search(r"[\d.]+(e\+\d+)? GiB$", line)] == []
    assert len(lines) == len(TOO_LARGE)


@pytest.mark.parametrize(("level", "nodes"), [("11", 64), ("22", 64), ("s6", 16)])
def test_the_estimate_is_what_a_solve_takes(level: str, nodes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    honest, found = interior_point.solve_arrow, []

    def measured(problem: ArrowProblem, **options: object) -> ArrowSolution:
        tracemalloc.start()
        try:
            solution = honest(problem, max_iterations=2)
            if problem.nodes == nodes:
                found.append(
                    (tracemalloc.get_traced_memory()[1], interior_point.arrow_memory(problem.relaxation, nodes))
                )
        finally:
            tracemalloc.stop()
        return solution

    monkeypatch.setattr("keybounds.bounds.correlations.entropy.solution.solve_arrow", measured)
    behaviour = load("nadlinger2022-link").models["bell-diagonal"].behaviour()
    lower.conditional_entropy(behaviour, one_way((0, 2), noise=0.1), Hierarchy(level, nodes))
    assert found
    for taken, estimated in found:
        assert 0.8 * taken < estimated < 1.5 * taken

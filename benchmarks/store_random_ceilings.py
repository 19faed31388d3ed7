"""Recompute tests/ceilings/random_state_ceilings.json: ceilings of seeded random states, so that changes show.

Run ``python benchmarks/store_random_ceilings.py`` after an improvement, and say in the commit what improved.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

from keybounds.bounds.lower import coherent_information
from keybounds.bounds.upper import relative_entropy_of_entanglement, squashed_entanglement
from keybounds.files import write_atomically

TARGET = Path(__file__).resolve().parents[1] / "tests" / "ceilings" / "random_state_ceilings.json"
CASES = [
    ((2, 2), 1), ((2, 2), 2), ((2, 2), 4), ((2, 3), 2), ((2, 3), 6), ((3, 3), 2), ((3, 3), 9), ((2, 4), 3),
    ((4, 4), 2), ((4, 4), 4), ((4, 4), 16), ((5, 5), 5), ((6, 6), 6), ((6, 6), 36),
]  # fmt: skip


def random_state(seed: int, size: int, rank: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    g = rng.normal(size=(size, rank)) + 1j * rng.normal(size=(size, rank))
    rho = g @ g.conj().T
    return rho / np.trace(rho).real


def main() -> None:
    cases = []
    for seed, (dims, rank) in enumerate(CASES, start=100):
        rho = random_state(seed, math.prod(dims), rank)
        relative = relative_entropy_of_entanglement(rho, dims)
        cases.append(
            {
                "dims": list(dims),
                "rank": rank,
                "seed": seed,
                "purity": float(np.trace(rho @ rho).real),
                "coherent_information": coherent_information(rho, dims).value,
                "relative_entropy": relative.value,
                "bracket": relative.value - relative.diagnostics["lower_estimate"],
                "squashed": squashed_entanglement(rho, dims).value,
            }
        )
        print(cases[-1])
    about = "Ceilings on key in bits of Hilbert-Schmidt random states; written by benchmarks/store_random_ceilings.py"
    write_atomically(TARGET, json.dumps({"about": about, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()

"""Which mutants: an order in which every beginning is a stratified random sample.

A stratum is a module and an operator. Within one the order is random; across them the k-th of n stands at (k + u)/n,
with u random for the stratum. So the first m of the order hold of every stratum its share of m, up to one.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable

from mutants import Mutant


def stratified(mutants: Iterable[Mutant], seed: int) -> list[Mutant]:
    """All of them in the order of the sample: the same for the same mutants and seed."""
    strata: defaultdict[tuple[str, str], list[Mutant]] = defaultdict(list)
    for mutant in mutants:
        strata[mutant.module, mutant.operator].append(mutant)
    placed = []
    for name, members in sorted(strata.items()):
        chance = random.Random(f"{seed} {name}")
        members.sort(key=lambda mutant: mutant.key)
        chance.shuffle(members)
        shift = chance.random()
        placed += [((k + shift) / len(members), mutant) for k, mutant in enumerate(members)]
    return [mutant for _, mutant in sorted(placed, key=lambda pair: (pair[0], pair[1].key))]

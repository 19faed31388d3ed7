"""Decoding a syndrome of a polar code: the bits of u in turn, keeping the likeliest few beginnings (tal2015).

A path is a choice of the bits so far; its cost is -ln of its probability in view of the priors. All paths go through
the tree of partial transforms together. A subtree whose bits are all known is gone through at once, and so is one of
unknown bits if every path would rather take its likeliest string than any path another: that changes nothing in the
list.

At the end the paths are tried by their cost, and the first with the right check sum is it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from keybounds.compiled import njit
from keybounds.postprocessing.bits import Bits
from keybounds.postprocessing.reconciliation.decoder import Beliefs, Decoded
from keybounds.postprocessing.reconciliation.polar_code import PolarCode

PATHS = 32
"""Paths of a list, where nothing else is asked for."""

_SURE = 30.0  # nats: beyond, a prior leaves nothing to say
_KNOWN = 1e6  # of the zeros that fill up the string


def decode_list(
    code: PolarCode,
    syndrome: Bits,
    priors: Beliefs,
    *,
    paths: int = PATHS,
    progress: Callable[[int], None] | None = None,
) -> Decoded:
    """Find the string with this syndrome that the priors speak for.

    Parameters
    ----------
    code
        n bits and m checks.
    syndrome
        m bits.
    priors
        ln P(0)/P(1) of each of n bits.
    paths
        The most that are kept.
    progress
        Called with 1 at the end.
    """
    known = np.zeros(code.size, dtype=np.uint8)
    told = len(code.frozen)
    known[code.frozen] = syndrome[:told]
    counts = np.zeros(code.size + 1, dtype=np.int64)
    counts[1 + code.frozen] = 1
    filled = np.full(code.size, _KNOWN, dtype=np.float32)
    filled[code.places] = np.clip(priors, -_SURE, _SURE)
    found, costs, visits = _paths(filled, known, np.cumsum(counts), paths)
    strings = [found[path][code.places] for path in np.argsort(costs, kind="stable")]
    wrong = [int(np.count_nonzero(code.sum_of(string) != syndrome[told:])) for string in strings]
    chosen = wrong.index(0) if 0 in wrong else 0
    if progress is not None:
        progress(1)
    return Decoded(strings[chosen], wrong[chosen], visits / code.size)


@njit(error_model="numpy", fastmath=True)
def _excess(x: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """ln(1 + e^-x) for x >= 0 within 3e-4, in operations of which compilers make vector instructions."""
    one = np.float32(1.0)
    for k in range(len(x)):
        y = min(x[k], np.float32(60.0)) * np.float32(1 / 32)
        y = one + y + np.float32(0.5) * y * y
        y = y * y
        y = y * y
        y = y * y
        y = y * y
        y = one / (y * y)
        series = np.float32(0.032155856) * y + np.float32(-0.13605162)
        series = series * y + np.float32(0.28946032)
        series = series * y + np.float32(-0.4919018)
        out[k] = (series * y + np.float32(0.99949444)) * y


@njit(error_model="numpy", fastmath=True)
def _sum(
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    out: NDArray[np.float32],
    work: NDArray[np.float32],
    more: NDArray[np.float32],
) -> None:
    """The log ratio of a sum of two bits: 2 artanh(tanh(a/2) tanh(b/2))."""
    half = len(out)
    for k in range(half):
        work[k] = abs(first[k] + second[k])
    _excess(work[:half], more[:half])
    for k in range(half):
        work[k] = abs(first[k] - second[k])
    _excess(work[:half], out)
    for k in range(half):
        least = min(abs(first[k]), abs(second[k]))
        out[k] = (least if (first[k] < 0) == (second[k] < 0) else -least) + more[k] - out[k]


@njit(error_model="numpy")
def _fresh(pointers: NDArray[np.int32], uses: NDArray[np.int32], path: int) -> int:
    """A place for what a path is about to write: its own, if no other reads it, else a free one."""
    old = pointers[path]
    if old >= 0:
        uses[old] -= 1
        if uses[old] == 0:
            uses[old] = 1
            return int(old)
    for place in range(len(uses)):
        if uses[place] == 0:
            uses[place] = 1
            pointers[path] = place
            return place
    raise AssertionError  # no more places are in use than there are other paths


@njit(error_model="numpy", fastmath=True)
def _cost(beliefs: NDArray[np.float32], value: Bits, work: NDArray[np.float32], more: NDArray[np.float32]) -> float:
    """-ln of the probability that these bits have this value; leaves the magnitudes of the beliefs in `work`."""
    for k in range(len(beliefs)):
        work[k] = abs(beliefs[k])
    _excess(work, more)
    cost = 0.0
    for k in range(len(beliefs)):
        cost += more[k]
        if (beliefs[k] < 0) != (value[k] != 0):
            cost += work[k]
    return cost


@njit(error_model="numpy")
def _transform(value: Bits) -> None:
    """x G in place."""
    gap = len(value) // 2
    while gap:
        for block in range(0, len(value), 2 * gap):
            for k in range(block, block + gap):
                value[k] ^= value[k + gap]
        gap //= 2


@njit(error_model="numpy")
def _survivors(
    both: NDArray[np.float64], alive: int, most: int, keep: NDArray[np.bool_]
) -> tuple[int, NDArray[np.int64]]:
    """Mark the cheapest of two candidates a path; how many there are, and the numbers of paths that end or are new."""
    order = np.empty(2 * alive, dtype=np.int64)
    for path in range(alive):
        order[path], order[alive + path] = path, most + path
    for i in range(1, 2 * alive):  # by cost, and stable
        one, j = order[i], i - 1
        while j >= 0 and both[order[j]] > both[one]:
            order[j + 1] = order[j]
            j -= 1
        order[j + 1] = one
    left = min(2 * alive, most)
    keep[:] = False
    for i in range(left):
        keep[order[i] // most, order[i] % most] = True
    free, count = np.empty(most, dtype=np.int64), 0
    for path in range(left):
        if path >= alive or not (keep[0, path] or keep[1, path]):
            free[count] = path
            count += 1
    return left, free[:count]


@njit(error_model="numpy")
def _paths(
    priors: NDArray[np.float32],
    known: Bits,
    counts: NDArray[np.int64],
    most: int,
) -> tuple[Bits, NDArray[np.float64], int]:
    """Strings x of the likeliest paths, their costs, and how many bits of beliefs were computed for a path.

    Level t of the tree has 2^t nodes of N/2^t bits. Of the node that is being decoded in each level, and of each path,
    `beliefs` holds the log ratios, and `strings` the values of its first and second child once they are decided. Paths
    share them until one writes: `reads` and `takes` say where a path's are, and the other two how many are there.
    """
    size = len(priors)
    levels = 0
    while (1 << levels) < size:
        levels += 1
    offset = np.zeros(levels + 2, dtype=np.int64)  # of a level's places, in bits of one path
    for t in range(levels + 1):
        offset[t + 1] = offset[t] + (size >> t)
    beliefs = np.empty(most * offset[levels + 1], dtype=np.float32)
    strings = np.empty((2, most * offset[levels + 1]), dtype=np.uint8)
    reads, read = np.full((levels + 1, most), -1, dtype=np.int32), np.zeros((levels + 1, most), dtype=np.int32)
    takes, taken = np.full((levels + 1, 2, most), -1, dtype=np.int32), np.zeros((levels + 1, 2, most), dtype=np.int32)
    work, more = np.empty(size, dtype=np.float32), np.empty(size, dtype=np.float32)
    costs, both = np.zeros(most), np.zeros(2 * most)  # of paths; and with a bit as it is likelier, and the other way
    hard, keep = np.zeros(most, dtype=np.uint8), np.zeros((2, most), dtype=np.bool_)
    beliefs[:size] = priors
    reads[0, 0], read[0, 0] = 0, 1
    alive, visits = 1, 0
    stage = np.zeros(levels + 1, dtype=np.int64)
    node = np.zeros(levels + 1, dtype=np.int64)
    t = 0
    while t >= 0:
        width = size >> t
        half = width // 2
        begin = node[t] * width
        side = node[t] & 1
        base = most * offset[t]
        below = most * offset[min(t + 1, levels)]
        up = False
        if stage[t] == 0:
            told = counts[begin + width] - counts[begin]
            if told == width:
                value = known[begin : begin + width].copy()
                _transform(value)
                for path in range(alive):
                    at = base + reads[t, path] * width
                    costs[path] += _cost(beliefs[at : at + width], value, work[:width], more[:width])
                    to = base + _fresh(takes[t, side], taken[t, side], path) * width
                    strings[side, to : to + width] = value
                up = True
            elif told == 0 and (alive == most or width == 1):
                least, highest = np.inf, -np.inf
                for path in range(alive):
                    at = base + reads[t, path] * width
                    part = beliefs[at : at + width]
                    both[path] = costs[path] + _cost(part, (part < 0).astype(np.uint8), work[:width], more[:width])
                    both[most + path] = both[path] + work[:width].min()  # with the most doubtful bit turned round
                    least, highest = min(least, both[most + path]), max(highest, both[path])
                up = width == 1 or least >= highest
                if alive == most and least >= highest:
                    for path in range(alive):
                        at = base + reads[t, path] * width
                        to = base + _fresh(takes[t, side], taken[t, side], path) * width
                        strings[side, to : to + width] = beliefs[at : at + width] < 0
                        costs[path] = both[path]
                elif width == 1:
                    for path in range(alive):
                        hard[path] = beliefs[base + reads[t, path]] < 0
                    before, used = alive, 0
                    alive, ended = _survivors(both, before, most, keep)
                    for path in ended:
                        if path < before:
                            _release(reads, read, takes, taken, path)
                    for path in range(before):
                        if keep[0, path] and keep[1, path]:
                            twin = ended[used]
                            used += 1
                            _share(reads, read, takes, taken, path, twin)
                            to = base + _fresh(takes[t, side], taken[t, side], twin)
                            strings[side, to] = 1 - hard[path]
                            costs[twin] = both[most + path]
                        if keep[0, path] or keep[1, path]:
                            turned = 0 if keep[0, path] else 1
                            to = base + _fresh(takes[t, side], taken[t, side], path)
                            strings[side, to] = hard[path] ^ turned
                            costs[path] = both[turned * most + path]
            if not up:
                for path in range(alive):
                    at = base + reads[t, path] * width
                    to = below + _fresh(reads[t + 1], read[t + 1], path) * half
                    _sum(beliefs[at : at + half], beliefs[at + half : at + width], beliefs[to : to + half], work, more)
                visits += half
                stage[t] = 1
                t += 1
                stage[t], node[t] = 0, 2 * node[t - 1]
        elif stage[t] == 1:
            for path in range(alive):
                at = base + reads[t, path] * width
                left = below + takes[t + 1, 0, path] * half
                to = below + _fresh(reads[t + 1], read[t + 1], path) * half
                for k in range(half):
                    first = beliefs[at + k]
                    beliefs[to + k] = beliefs[at + half + k] + (-first if strings[0, left + k] else first)
            visits += half
            stage[t] = 2
            t += 1
            stage[t], node[t] = 0, 2 * node[t - 1] + 1
        else:
            for path in range(alive):
                left = below + takes[t + 1, 0, path] * half
                right = below + takes[t + 1, 1, path] * half
                to = base + _fresh(takes[t, side], taken[t, side], path) * width
                for k in range(half):
                    strings[side, to + k] = strings[0, left + k] ^ strings[1, right + k]
                    strings[side, to + half + k] = strings[1, right + k]
            up = True
        if up:
            t -= 1
    found = np.empty((alive, size), dtype=np.uint8)
    for path in range(alive):
        at = takes[0, 0, path] * size
        found[path] = strings[0, at : at + size]
    return found, costs[:alive].copy(), visits


@njit(error_model="numpy")
def _share(
    reads: NDArray[np.int32],
    read: NDArray[np.int32],
    takes: NDArray[np.int32],
    taken: NDArray[np.int32],
    path: int,
    twin: int,
) -> None:
    """A new path reads what another does."""
    for t in range(len(reads)):
        place = reads[t, path]
        reads[t, twin] = place
        if place >= 0:
            read[t, place] += 1
        for side in range(2):
            place = takes[t, side, path]
            takes[t, side, twin] = place
            if place >= 0:
                taken[t, side, place] += 1


@njit(error_model="numpy")
def _release(
    reads: NDArray[np.int32],
    read: NDArray[np.int32],
    takes: NDArray[np.int32],
    taken: NDArray[np.int32],
    path: int,
) -> None:
    """A path ends."""
    for t in range(len(reads)):
        if reads[t, path] >= 0:
            read[t, reads[t, path]] -= 1
            reads[t, path] = -1
        for side in range(2):
            if takes[t, side, path] >= 0:
                taken[t, side, takes[t, side, path]] -= 1
                takes[t, side, path] = -1

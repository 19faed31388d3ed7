"""Channels whose ceiling has a closed form, recognised by the entries of their Choi states.

A channel given in doubles counts as one of these if no entry is off by more than 2^-48. The parameter is read off one
entry.

- Amplitude damping: the ceiling is the greatest over all γ that this entry allows, the least of them, as it falls with
  γ (claim ``amplitude-damping-squashing``). It speaks of the amplitude-damping channels within 2^-48 of the entries.
- Λ_{d,p} and ϑ∘Λ_{d,p} are covariant, so the greatest ceiling over all p that the entry allows, raised by the margin of
  the claim ``nearly-covariant``, holds for every channel whose Choi state lies within 2^-44 of the given one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from flint import arb
from numpy.typing import NDArray

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.channel.amplitude_damping import amplitude_damping_ceiling
from keybounds.bounds.channel.covariant import margin
from keybounds.bounds.channel.scopes import ROUNDING, channel_thing, private
from keybounds.channels.choi import Choi
from keybounds.channels.families import amplitude_damping_choi
from keybounds.enclosure import ball, binary_entropy, clamp, enclose, log2, round_up, xlog2x
from keybounds.states.ppt_private import complex_hadamard, ppt_private_matrix
from keybounds.states.transposition import transpose_subsystems

_SAME = 2.0**-48


def recognised(choi: Choi) -> Iterator[Bound]:
    """The closed-form ceilings that `choi` is recognised for: amplitude damping, Λ_{d,p} and ϑ∘Λ_{d,p} (Fourier U)."""
    d_a, d_b = choi.dims
    if (d_a, d_b) == (2, 2):
        damping = float(np.clip(1 - 2 * choi.matrix[3, 3].real, 0.0, 1.0))
        if _same(choi.matrix, amplitude_damping_choi(damping).matrix):
            ceiling = amplitude_damping_ceiling(max(damping - 4 * _SAME, 0.0))  # it falls with γ
            yield replace(ceiling, scope=private(channel_thing(choi)))
    if d_a == d_b and d_a % 2 == 0 and d_a >= 4:
        d = d_a // 2
        key_error = choi.matrix[d, d].real  # <0,0,1,0| J |0,0,1,0> = p/2d
        p = float(np.clip(2 * d * key_error, 0.0, 1.0))
        rho = ppt_private_matrix(complex_hadamard(d), p)
        turned = transpose_subsystems(rho, choi.dims)
        if _same(choi.matrix, rho):
            yield _ppt_ceiling(choi, d, p, choi.matrix - rho, transposed=False)
        elif _same(choi.matrix, turned) and p <= 0.5 - 4 * d * _SAME:
            yield _ppt_ceiling(choi, d, p, choi.matrix - turned, transposed=True)


def _ppt_ceiling(choi: Choi, d: int, p: float, off: NDArray[np.complex128], *, transposed: bool) -> Bound:
    # of p: what the entry allows; and if a channel lies within ROUNDING, p is at most twice that outside the PPT range,
    # as the d eigenvalues that are negative there are (p - p0)(√d+1)/(2d√d)
    spread = 4 * d * _SAME + 2 * ROUNDING
    low, high = max(p - spread, 0.0), min(p + spread, 1.0)
    # trace distance from a state of the family: √N/2 times the Frobenius norm for the entries, of which d 2^-47 covers
    # the rounding of the family's own, and at most `spread` for p
    distance = d * (float(np.linalg.norm(off)) + d * 2.0**-47) + spread
    added = margin(2 * d * (distance + ROUNDING), 2 * d)

    def trusted() -> arb:
        return (1 - binary_entropy(ball(low))).max(1 - binary_entropy(ball(high)))  # convex in p

    def device() -> arb:  # p D2((1+c)/2 || (1+s)/2), which grows with p and, for s <= c <= 1, with c
        s = arb(d).rsqrt()
        c = clamp((1 - ball(low)) / ball(low) * s, 0, 1)
        plus = xlog2x(1 + c) - (1 + c) * log2(1 + s)
        minus = xlog2x(1 - c) - (1 - c) * log2(1 - s)
        return ball(high) * (plus + minus) / 2

    return upper_bound(
        enclose(lambda: (device() if transposed else trusted()) + added, bits=48),
        unit=Unit.PER_CHANNEL_USE,
        scope=private(channel_thing(choi)),
        method=f"relative entropy of entanglement, {'ϑ∘Λ' if transposed else 'Λ'}_{d}",
        reference="this project, claim ppt-channel",
        provenance={"d": d, "p": p},
        diagnostics={"trace_distance": ROUNDING, "margin": round_up(added)},
    )


def _same(one: NDArray[np.complex128], other: NDArray[np.complex128]) -> bool:
    return bool(np.abs(one - other).max() <= _SAME)

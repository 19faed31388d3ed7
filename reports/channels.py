"""Key through channels against ceilings, published closed forms against the general routines, and the gap of Λ_d."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from keybounds.bounds import Answer, Bound, Direction, Trust
from keybounds.bounds.lower import (
    channel_hashing,
    erasure_rate,
    ppt_channel_pair_parity,
    ppt_channel_rate,
    pure_loss_rate,
)
from keybounds.bounds.upper import (
    amplitude_damping_ceiling,
    channel_squashed_entanglement,
    channel_transpose_bound,
    choi_relative_entropy,
    dephasing_ceiling,
    depolarizing_ceiling,
    erasure_ceiling,
    max_rains_information,
    max_relative_entropy,
    ppt_channel_ceiling,
    ppt_channel_quantum_ceiling,
    pure_loss_ceiling,
)
from keybounds.channels.choi import Choi
from keybounds.channels.families import (
    amplitude_damping_choi,
    dephasing_choi,
    depolarizing_choi,
    erasure_choi,
    werner_holevo_choi,
)
from keybounds.states import PPTPrivateFamily

TRANSMISSIVITIES = (0.9, 0.5, 0.1, 0.01)
EDGE = (2, 4, 8, 10, 20, 24, 2**10, 2**20)
OFF_EDGE = ((8, Fraction("0.3027")), (4, Fraction("0.45")))  # (d, p) of proven gaps in few dimensions
TITLE = "Channels: achievable key against ceilings (bit/channel use)"


@dataclass(frozen=True, slots=True)
class Met:
    """A published closed form beside what a general routine finds for the same channel."""

    published: Bound
    general: Bound

    @property
    def excess(self) -> float:
        """How far the general ceiling lies above the closed form; negative would be a defect."""
        return self.general.value - self.published.value


def compare_channels() -> Answer:
    """Compare rates and ceilings of channels, in bits per channel use.

    ``findings["closed_forms"]`` holds the general routines' ceilings against published closed forms, and
    ``findings["gaps"]``, for each tabulated Λ_{d,p}, the key with trusted devices and the ceiling with untrusted ones.
    """
    standard = list(_standard_channels())
    rows: list[Bound] = [*_loss_rows()]
    for lower, form, others in standard:
        rows += [bound.about(form.published.subject) for bound in (*lower, form.published, form.general, *others)]
    rows += [*_damping_rows(), *_werner_holevo_rows()]
    families = [PPTPrivateFamily(d, p) for d, p in OFF_EDGE] + [PPTPrivateFamily(d) for d in EDGE]
    rows += [bound for family in families for bound in ppt_rows(family)]
    findings = {
        "closed_forms": [
            {
                "subject": form.published.subject,
                "closed_form": form.published.value,
                "general": form.general.value,
                "excess": form.excess,
            }
            for _, form, _ in standard
        ],
        "gaps": [_gap(family) for family in families],
    }
    return Answer.of(rows, notes=NOTES, name="channels", title=TITLE, findings=findings)


def ppt_rows(family: PPTPrivateFamily) -> list[Bound]:
    """Every bound of the table on one Λ_{d,p}, lower ones first: off the PPT edge that of hashed pair parities."""
    edge = [ppt_channel_rate(family), ppt_channel_rate(family, copies=2)]
    return [
        *(edge if family.at_edge else [ppt_channel_pair_parity(family)]),
        ppt_channel_ceiling(family),
        ppt_channel_quantum_ceiling(family),
        channel_transpose_bound(family),
    ]


def _gap(family: PPTPrivateFamily) -> dict[str, object]:
    rows = ppt_rows(family)
    trusted = max(row.value for row in rows if row.direction is Direction.LOWER)
    untrusted = min(row.value for row in rows if row.scope.trust is Trust.DEVICE_INDEPENDENT)
    return {
        "channel": rows[0].subject,
        "d": family.d,
        "p2_at_least": trusted,
        "p2_di_at_most": untrusted,
        "proven": trusted > untrusted,
    }


def _loss_rows() -> Iterator[Bound]:
    for eta in TRANSMISSIVITIES:
        yield pure_loss_rate(eta)
        yield pure_loss_ceiling(eta)
        yield pure_loss_ceiling(eta, method="tgw")


Standard = tuple[list[Bound], Met, list[Bound]]
"""Lower bounds, a closed form beside the general ceiling, and other ceilings."""


def _standard_channels() -> Iterator[Standard]:
    for e in (0.1, 0.5):
        yield _standard(erasure_ceiling(e), erasure_choi(e), [erasure_rate(e)])
    for p in (0.05, 0.1):
        yield _standard(dephasing_ceiling(p), dephasing_choi(p), [channel_hashing(dephasing_choi(p))])
    for p, d in ((0.1, 2), (0.25, 2), (0.1, 3)):
        choi = depolarizing_choi(p, d)
        yield _standard(depolarizing_ceiling(p, d), choi, [channel_hashing(choi)], small=d == 2)


def _standard(published: Bound, choi: Choi, lower: list[Bound], *, small: bool = False) -> Standard:
    return lower, Met(published, choi_relative_entropy(choi)), [max_relative_entropy(choi)] if small else []


def _damping_rows() -> Iterator[Bound]:
    for g in (0.1, 0.3, 0.5):
        choi, ceiling = amplitude_damping_choi(g), amplitude_damping_ceiling(g)
        rates = [channel_hashing(choi), channel_hashing(choi, direction="reverse")]
        for bound in (*rates, ceiling, max_relative_entropy(choi)):
            yield bound.about(ceiling.subject)


def _werner_holevo_rows() -> Iterator[Bound]:
    for d in (3, 4):
        choi = werner_holevo_choi(d)
        for ceiling in (choi_relative_entropy, channel_squashed_entanglement, max_rains_information):
            yield ceiling(choi).about(f"Werner-Holevo, d = {d}")


NOTES = (
    (
        "Pure loss is per use of one bosonic mode, any energy. The general routine tests covariance and covers every "
        "covariant channel within the trace distance of the test, which is what its last digits show."
    ),
    (
        "Λ_(d, p): the channel with Choi state rho_(d, p), Fourier U, from 2d to 2d dimensions; Λ_d is that at the PPT "
        "edge, p = 1/(√d+1). Proved in the claim ppt-channel (keybounds prove). A gap P_2 > P_2^DI is proven where a "
        "lower bound on P_2 exceeds the ceiling on P_2^DI."
    ),
)

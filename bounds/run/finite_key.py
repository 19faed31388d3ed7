"""`finite_key`: the secret bits that a run of the protocol yields, by the theorem asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from keybounds.bounds.run.eat_key import eat_key
from keybounds.bounds.run.first_order import first_order_key
from keybounds.bounds.run.iid import equipartition_key
from keybounds.bounds.run.key import FiniteKey
from keybounds.bounds.run.renyi_key import renyi_key
from keybounds.bounds.run.run import Run
from keybounds.enclosure import Real
from keybounds.errors import BehaviourError, UnknownNameError
from keybounds.experiments import TSIRELSON

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour

THEOREMS: dict[str, Callable[[Run, str], FiniteKey]] = {
    "eat-2019": eat_key,
    "renyi": renyi_key,
    "eat-2018": first_order_key,
    "aep-iid": equipartition_key,
}
"""What grants a key length, by name: a function of the run and the extractor's name."""


def finite_key(
    *,
    rounds: int,
    gamma: Real,
    chsh: Real,
    qber: Real,
    soundness: Real = 1e-10,
    theorem: str = "eat-2019",
    extractor: str = "trevisan",
    deviations: Real = 3,
    syndrome: int | None = None,
) -> FiniteKey:
    """Secret bits of one run of the protocol of nadlinger2022, against general attacks unless the theorem says less.

    Length, threshold and syndrome are fixed before the run, for honest devices with CHSH value S and key error rate Q.
    The length is ε-sound whatever the devices are, within the ``assumptions`` that the key states: S and Q only decide
    how likely an honest run is to pass.

    Parameters
    ----------
    rounds
        n, a whole number of at least 1/γ.
    gamma
        γ in (0, 1), the probability of a test round.
    chsh, qber
        S in (2, 2√2] and Q in [0, 1/2]. Numbers are taken as the exact ones they are; `Fraction` is welcome.
    soundness
        ε, above 2^-59.
    theorem
        ``"eat-2019"``: entropy accumulation with its improved second order, as in nadlinger2022. ``"renyi"``: Rényi
        entropies without smoothing (claim ``renyi-key-length``), for runs accepted by a score of their tests.
        ``"eat-2018"``: entropy accumulation with its first second-order term, for comparison. ``"aep-iid"``:
        equipartition, against collective attacks only.
    extractor
        ``"trevisan"``, ``"toeplitz"`` or ``"circulant"``; ``"renyi"`` takes the latter two only.
    deviations
        Standard deviations between the expected number of lost tests, or the expected score, and the last accepted one.
    syndrome
        m, the bits published for error correction, where it is not that of nadlinger2022.

    Returns
    -------
    FiniteKey
        With status NO_KEY, length 0 and the deficit where the theorem grants no key.

    Raises
    ------
    InputError
        An argument outside its range.
    UnknownNameError
        No such theorem or extractor.
    UnsupportedError
        ``"renyi"`` with ``"trevisan"``, for which it is not shown.

    Notes
    -----
    nadlinger2022, Supplement S10, Eq. (73); dupuis2019 for the theorem. The other is derived here, upon dupuis2023.
    """
    run = Run(
        rounds=rounds,
        gamma=gamma,
        chsh=chsh,
        qber=qber,
        soundness=soundness,
        deviations=deviations,
        syndrome=syndrome,
    )
    return key_of_run(run, theorem=theorem, extractor=extractor)


def finite_key_of(
    behaviour: Behaviour,
    *,
    key: tuple[int, int],
    rounds: int,
    gamma: Real,
    soundness: Real = 1e-10,
    theorem: str = "eat-2019",
    extractor: str = "trevisan",
    deviations: Real = 3,
    syndrome: int | None = None,
) -> FiniteKey:
    """`finite_key` of honest devices with this behaviour: its CHSH value and the error rate of the key setting.

    An estimate is taken at its point values. The sign of S and an error rate above 1/2 are matters of labels.

    Raises
    ------
    InputError, UnsupportedError
        As for `finite_key`; a key setting that is not in the table, or was not measured.
    BehaviourError
        An estimate whose CHSH value is beyond 2√2.
    """
    s, q = link_figures(behaviour, key)
    return finite_key(
        rounds=rounds,
        gamma=gamma,
        chsh=s,
        qber=q,
        soundness=soundness,
        theorem=theorem,
        extractor=extractor,
        deviations=deviations,
        syndrome=syndrome,
    )


def link_figures(behaviour: Behaviour, key: tuple[int, int]) -> tuple[float, float]:
    """S and Q of a behaviour, with the labels for which S is positive and Q at most 1/2.

    Raises
    ------
    InputError, UnsupportedError
        A key setting that is not in the table, or was not measured; outcomes that are not bits.
    BehaviourError
        An estimate whose CHSH value is beyond 2√2.
    """
    s, q = abs(behaviour.chsh), behaviour.qber(*key)
    if not behaviour.exact and s > TSIRELSON:
        raise BehaviourError("behaviour", "a CHSH value of at most 2√2", f"an estimate of {s:.6g}")
    return min(s, TSIRELSON), max(min(q, 1 - q), 0.0)


def key_of_run(run: Run, *, theorem: str, extractor: str) -> FiniteKey:
    """The key of a run by a theorem of `THEOREMS`.

    Raises
    ------
    UnknownNameError
        No such theorem or extractor.
    """
    if theorem not in THEOREMS:
        raise UnknownNameError.among("theorem", theorem, THEOREMS)
    return THEOREMS[theorem](run, extractor)

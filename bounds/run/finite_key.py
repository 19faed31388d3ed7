"""`finite_key`: the secret bits that a run of the protocol yields, by the theorem asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from fractions import Fraction

from keybounds.bounds.link.link import Link
from keybounds.bounds.run.eat_key import eat_key
from keybounds.bounds.run.extractors import extractor as find_extractor
from keybounds.bounds.run.first_order import first_order_key
from keybounds.bounds.run.iid import equipartition_key
from keybounds.bounds.run.key import FiniteKey
from keybounds.bounds.run.renyi import RenyiParameters
from keybounds.bounds.run.renyi_key import EXTRACTORS as RENYI_EXTRACTORS
from keybounds.bounds.run.renyi_key import renyi_key, score_completeness
from keybounds.bounds.run.run import Run
from keybounds.bounds.run.run import completeness as acceptance_by_losses
from keybounds.bounds.scope import Adversary
from keybounds.enclosure import Real
from keybounds.errors import UnknownNameError

THEOREMS: dict[str, Callable[[Run, str], FiniteKey]] = {
    "eat-2019": eat_key,
    "renyi": renyi_key,
    "eat-2018": first_order_key,
    "aep-iid": equipartition_key,
}
"""What grants a key length, by name: a function of the run and the extractor's name."""

USUAL_EXTRACTOR = {"eat-2019": "trevisan", "renyi": "toeplitz", "eat-2018": "trevisan", "aep-iid": "toeplitz"}
"""The extractor of a theorem where none is asked for: that of its source, and one that it is shown for."""

COLLECTIVE = ("aep-iid",)
"""Theorems against collective attacks only: what they say is less, so no length of theirs is set against the others."""


def finite_key(
    link: Link,
    *,
    rounds: int,
    gamma: Real,
    soundness: Real = 1e-10,
    theorem: str = "eat-2019",
    extractor: str | None = None,
    leakage: int | None = None,
    efficiency: Real | None = None,
    deviations: Real = 3,
) -> FiniteKey:
    """Secret bits of one run of the protocol of nadlinger2022, against general attacks unless the theorem says less.

    Length, threshold and syndrome are fixed before the run, for honest devices that make this link. The length is
    ε-sound whatever the devices are, within the ``assumptions`` that the key states: S and Q only decide how likely an
    honest run is to pass. The same run by several theorems is `key_of_run` of one `Run`, and the longest key of a run
    `longest_key`: ``"renyi"``, which is not the default here, grants more but in the longest runs.

    Parameters
    ----------
    link
        Of honest devices, |S| in (2, 2√2], Alice's key setting among the CHSH settings; of a behaviour by `Link.of`, an
        estimate taken at its point values. Numbers are the exact ones that they are; `Fraction` is welcome.
    rounds
        n, a whole number of at least 1/γ.
    gamma
        γ in (0, 1), the probability of a test round.
    soundness
        ε, above 2^-59.
    theorem
        ``"eat-2019"``: entropy accumulation with its improved second order, as in nadlinger2022. ``"renyi"``: Rényi
        entropies without smoothing (claim ``renyi-key-length``), for runs accepted by a score of their tests.
        ``"eat-2018"``: entropy accumulation with its first second-order term, for comparison. ``"aep-iid"``:
        equipartition, against collective attacks only.
    extractor
        ``"trevisan"``, ``"toeplitz"`` or ``"circulant"``; ``"renyi"`` takes the latter two only. None: that of
        `USUAL_EXTRACTOR`, trevisan for the theorem of nadlinger2022.
    leakage, efficiency
        m, the bits published for error correction, or f, their number over the Shannon limit of honest devices; with
        neither, the syndrome of nadlinger2022.
    deviations
        Standard deviations between the expected number of lost tests, or the expected score, and the last accepted one.

    Returns
    -------
    FiniteKey
        With status NO_KEY, length 0 and the deficit where the theorem grants no key.

    Raises
    ------
    QuestionError
        Alice's key setting is none of the CHSH settings.
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
        link,
        rounds=rounds,
        gamma=gamma,
        soundness=soundness,
        deviations=deviations,
        leakage=leakage,
        efficiency=efficiency,
    )
    return key_of_run(run, theorem=theorem, extractor=extractor)


def key_of_run(run: Run, *, theorem: str = "eat-2019", extractor: str | None = None) -> FiniteKey:
    """The key of a run by a theorem of `THEOREMS`; arguments and errors as in `finite_key`.

    Raises
    ------
    UnknownNameError
        No such theorem or extractor.
    """
    if theorem not in THEOREMS:
        raise UnknownNameError.among("theorem", theorem, THEOREMS)
    return THEOREMS[theorem](run, USUAL_EXTRACTOR[theorem] if extractor is None else extractor)


def theorems_for(extractor: str | None = None, *, adversary: Adversary = Adversary.GENERAL) -> tuple[str, ...]:
    """The theorems against these attacks that are shown for an extractor, or for some where it is None.

    Raises
    ------
    UnknownNameError
        No such extractor.
    """
    if extractor is not None:
        find_extractor(extractor)
    collective = adversary is Adversary.COLLECTIVE
    return tuple(
        name
        for name in THEOREMS
        if (name in COLLECTIVE) == collective
        and (extractor is None or name != "renyi" or extractor in RENYI_EXTRACTORS)
    )


def longest_key(run: Run, *, extractor: str | None = None) -> FiniteKey:
    """The longest key of a run against general attacks, or the one with the least deficit.

    Which theorem is used is chosen before the run, like its threshold: the choice rests on the design alone.

    Raises
    ------
    UnknownNameError
        No such extractor.
    InputError
        As in `finite_key`.
    """
    keys = [key_of_run(run, theorem=name, extractor=extractor) for name in theorems_for(extractor)]
    return max(keys, key=worth)


def worth(key: FiniteKey) -> int:
    """The length, or minus what is missing for the first bit."""
    return key.length - key.deficit


def acceptance(run: Run, key: FiniteKey, winning: Fraction) -> float | None:
    """Lower bound on the chance that devices with this or a greater winning probability pass a run with this key.

    The run was designed for others: `key` is one of its keys. None where no bound is known.
    """
    if key.theorem != "renyi":
        return acceptance_by_losses(run, winning)
    names = (field.name for field in fields(RenyiParameters))
    return score_completeness(run, RenyiParameters(**{name: key.parameters[name] for name in names}), winning)

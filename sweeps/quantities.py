"""What a plan can ask of a subject: a routine of the package each, with what it takes beside the subject's parameters.

A quantity names what its number depends on and nothing more, so that one number is not computed twice because of an
axis that it does not see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from keybounds.enclosure import Direction
from keybounds.sweeps.settings import Setting, Settings

if TYPE_CHECKING:
    from keybounds.bounds import Bound, Hierarchy, Link, Protocol
    from keybounds.bounds.lower import EntropySweep
    from keybounds.bounds.run.key import FiniteKey

    Proof: TypeAlias = Bound | FiniteKey

LOWER, UPPER = Direction.LOWER, Direction.UPPER


@dataclass(frozen=True, slots=True)
class Found:
    """What a routine returned: the numbers of the quantity's parts, and the bounds that they are of."""

    numbers: Mapping[str, float | int]
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something to compute.

    Attributes
    ----------
    name, meaning
        What a plan calls it, and in words.
    takes
        Its parameters beside those of the subject.
    compute
        What it is, of the thing and of the texts of its parameters.
    begin, follow
        Of what can start near another point: what such a point is for those near it, and what is computed from there;
        None where nothing can.
    closed
        A formula in ball arithmetic, below a millisecond or some: no solver, and no threads of any library.
    parts
        Its numbers by name, with the side on which each is certain; one without a name for most.
    """

    name: str
    meaning: str
    takes: Mapping[str, Setting]
    compute: Callable[[Any, Settings], Found]
    begin: Callable[[Any, Settings], EntropySweep] | None = None
    follow: Callable[[EntropySweep, Any, Settings], Found] | None = None
    closed: bool = False
    parts: tuple[tuple[str, Direction | None], ...] = (("", LOWER),)


_KEY = {"key": Setting("0,2", (2,), whole=True)}
_NOISE = {"noise": Setting("0")}
_ONE_WAY = {**_KEY, **_NOISE, "keep": Setting("1")}
_HIERARCHY = {"level": Setting("22", ()), "nodes": Setting("32", whole=True)}
_WARM = {"warm": Setting("", ())}
_EFFORT = {"effort": Setting("fast", (), choices=("fast", "best"))}
_RUN = {
    "rounds": Setting(None, whole=True),
    "gamma": Setting(None),
    "soundness": Setting("1e-10"),
    "theorem": Setting("renyi", ()),
    "extractor": Setting("", ()),
    "leakage": Setting("", whole=True),
    "code_efficiency": Setting(""),
    "deviations": Setting("3"),
}
_DESIGN = {"free": Setting("", (), several=True), "tolerance": Setting("0.001"), **_HIERARCHY}


@cache
def quantities(kind: str, subject: str) -> Mapping[str, Quantity]:
    """What may be asked of a subject of this kind, by name."""
    found = _OF_KIND[kind]
    if subject != "photonic":
        found = tuple(one for one in found if one.name != "threshold")
    return {one.name: one for one in found}


# --- correlations of a platform ---------------------------------------------------------------------------------------


def _rate(experiment: Any, settings: Settings) -> Found:
    from keybounds.bounds.lower import devetak_winter

    return _one(devetak_winter(experiment.behaviour(), _one_way(settings), _hierarchy(settings)))


def _entropy(experiment: Any, settings: Settings) -> Found:
    from keybounds.bounds.lower import conditional_entropy

    return _one(conditional_entropy(experiment.behaviour(), _one_way(settings), _hierarchy(settings)))


def _begin(experiment: Any, settings: Settings) -> EntropySweep:
    from keybounds.bounds.lower import EntropySweep

    start = EntropySweep(_hierarchy(settings))
    start.entropy(experiment.behaviour(), _one_way(settings))
    return start


def _rate_near(start: EntropySweep, experiment: Any, settings: Settings) -> Found:
    from keybounds.bounds.lower import rate_from_entropy

    behaviour = experiment.behaviour()
    return _one(rate_from_entropy(behaviour, start.entropy(behaviour, _one_way(settings))))


def _entropy_near(start: EntropySweep, experiment: Any, settings: Settings) -> Found:
    return _one(start.entropy(experiment.behaviour(), _one_way(settings)))


def _attack(protocol: Callable[[Settings], Protocol]) -> Callable[[Any, Settings], Found]:
    def ceiling(experiment: Any, settings: Settings) -> Found:
        from keybounds.bounds.upper import attack_ceiling

        return _one(attack_ceiling(experiment.behaviour(), protocol(settings), _effort(settings)))

    return ceiling


def _sandwich(experiment: Any, settings: Settings) -> Found:
    from keybounds.bounds import sandwich

    chosen = _hierarchy(settings) if {"level", "nodes"} & settings.keys() else None
    both = sandwich(experiment.behaviour(), _one_way(settings), _effort(settings), hierarchy=chosen)
    numbers = {"lower": both.lower.value, "upper": both.upper.value, "width": both.width}
    return Found(numbers, (both.lower, both.upper))


def _threshold(experiment: Any, settings: Settings) -> Found:
    from keybounds.bounds.lower import PhotonicDesign, threshold_efficiency

    free = tuple(settings["free"].split(",")) if "free" in settings else ()
    design = PhotonicDesign(experiment, _one_way({"keep": "1", "noise": "0", **settings}), free)
    found = threshold_efficiency(design, _hierarchy(settings), tolerance=float(settings["tolerance"]))
    point = found.operating_point.bound
    return Found({"efficiency": found.efficiency, "rate": point.value}, (point,))


def _linked(of_link: Callable[[Link, Settings], Found]) -> Callable[[Any, Settings], Found]:
    """What is computed of a link, of the one that a table has at a key setting."""

    def compute(experiment: Any, settings: Settings) -> Found:
        from keybounds.bounds import Link

        return of_link(Link.of(experiment.behaviour(), _pair(settings)), settings)

    return compute


# --- links ------------------------------------------------------------------------------------------------------------


def _chsh_rate(link: Link, settings: Settings) -> Found:
    from keybounds.bounds.lower import chsh_rate

    return _one(chsh_rate(link, float(settings["noise"])))


def _table_rate(link: Link, settings: Settings) -> Found:
    from keybounds.bounds.lower import chsh_table_rate

    return _one(chsh_table_rate(link, float(settings["noise"])))


def _chsh_ceiling(link: Link, settings: Settings) -> Found:
    from keybounds.bounds import two_way
    from keybounds.bounds.upper import chsh_ceiling

    return _one(chsh_ceiling(link, two_way(link.key)))


def _hull_ceiling(link: Link, settings: Settings) -> Found:
    from keybounds.bounds.upper import hull_ceiling

    return _one(hull_ceiling(link))


def _finite_key(link: Link, settings: Settings) -> Found:
    from keybounds.bounds import Run
    from keybounds.bounds.run import key_of_run

    leakage, efficiency = settings.get("leakage"), settings.get("code_efficiency")
    run = Run(
        link,
        rounds=int(Fraction(settings["rounds"])),
        gamma=Fraction(settings["gamma"]),
        soundness=Fraction(settings["soundness"]),
        deviations=Fraction(settings["deviations"]),
        leakage=None if leakage is None else int(Fraction(leakage)),
        efficiency=None if efficiency is None else Fraction(efficiency),
    )
    key = key_of_run(run, theorem=settings["theorem"], extractor=settings.get("extractor"))
    return Found({"": key.length}, (key,))


# --- states and channels ----------------------------------------------------------------------------------------------


def _below(name: str) -> Callable[[Any, Settings], Found]:
    """A bound of `bounds.lower` on the thing alone."""

    def compute(thing: Any, settings: Settings) -> Found:
        from keybounds.bounds import lower

        return _one(getattr(lower, name)(thing))

    return compute


def _above(name: str) -> Callable[[Any, Settings], Found]:
    """A bound of `bounds.upper` on the thing alone."""

    def compute(thing: Any, settings: Settings) -> Found:
        from keybounds.bounds import upper

        return _one(getattr(upper, name)(thing))

    return compute


def _hashing(direction: Literal["forward", "reverse"]) -> Callable[[Any, Settings], Found]:
    def compute(channel: Any, settings: Settings) -> Found:
        from keybounds.bounds.lower import channel_hashing

        return _one(channel_hashing(channel, direction=direction))

    return compute


def _of_loss(of_number: Callable[[Any, Settings], Found]) -> Callable[[Any, Settings], Found]:
    return lambda loss, settings: of_number(loss.transmissivity, settings)


# --- parameters as values ---------------------------------------------------------------------------------------------


def _one(proof: Any) -> Found:
    return Found({"": proof.value}, (proof,))


def _pair(settings: Settings) -> tuple[int, int]:
    x, y = map(int, settings["key"].split(","))
    return x, y


def _one_way(settings: Settings) -> Protocol:
    from keybounds.bounds import one_way

    return one_way(_pair(settings), noise=float(settings["noise"]), keep=float(settings["keep"]))


def _two_way(settings: Settings) -> Protocol:
    from keybounds.bounds import two_way

    return two_way(_pair(settings))


def _rounds(settings: Settings) -> Protocol:
    from keybounds.bounds import completed_rounds

    return completed_rounds()


def _any(settings: Settings) -> Protocol:
    from keybounds.bounds import any_discussion

    return any_discussion()


def _hierarchy(settings: Settings) -> Hierarchy:
    from keybounds.bounds import Hierarchy

    return Hierarchy(settings.get("level", "22"), int(settings.get("nodes", "32")))


def _effort(settings: Settings) -> Any:
    return settings["effort"]


# --- the lists --------------------------------------------------------------------------------------------------------

_ABOVE = (("", UPPER),)
_TABLE = (
    Quantity(
        "rate",
        "one-way rate from all correlations",
        {**_ONE_WAY, **_HIERARCHY, **_WARM},
        _rate,
        begin=_begin,
        follow=_rate_near,
    ),
    Quantity(
        "entropy",
        "H(A|E) from all correlations",
        {**_ONE_WAY, **_HIERARCHY, **_WARM},
        _entropy,
        begin=_begin,
        follow=_entropy_near,
    ),
    Quantity("ceiling", "one-way key, by an explicit attack", {**_ONE_WAY, **_EFFORT}, _attack(_one_way), parts=_ABOVE),
    Quantity("two-way-ceiling", "two-way key", {**_KEY, **_EFFORT}, _attack(_two_way), parts=_ABOVE),
    Quantity("completed-rounds-ceiling", "key of completed rounds", _EFFORT, _attack(_rounds), parts=_ABOVE),
    Quantity("any-discussion-ceiling", "key by any discussion", _EFFORT, _attack(_any), parts=_ABOVE),
    Quantity(
        "sandwich",
        "one-way rate from both sides",
        {**_ONE_WAY, **_EFFORT, "level": Setting("", ()), "nodes": Setting("", whole=True)},
        _sandwich,
        parts=(("lower", LOWER), ("upper", UPPER), ("width", None)),
    ),
    Quantity(
        "threshold",
        "least efficiency with certified key",
        {**_KEY, **_DESIGN},
        _threshold,
        parts=(("efficiency", UPPER), ("rate", LOWER)),
    ),
    Quantity("chsh-rate", "one-way rate from S and Q", {**_KEY, **_NOISE}, _linked(_chsh_rate), closed=True),
    Quantity("table-rate", "from S and the key table", {**_KEY, **_NOISE}, _linked(_table_rate), closed=True),
    Quantity("chsh-ceiling", "two-way key from S and Q", _KEY, _linked(_chsh_ceiling), closed=True, parts=_ABOVE),
    Quantity("hull-ceiling", "the same by mixed devices", _KEY, _linked(_hull_ceiling), parts=_ABOVE),
    Quantity("key", "secret bits of a finite run", {**_KEY, **_RUN}, _linked(_finite_key), closed=True),
)
_LINK = (
    Quantity("rate", "one-way rate from S and Q", _NOISE, _chsh_rate, closed=True),
    Quantity("ceiling", "two-way key from S and Q", {}, _chsh_ceiling, closed=True, parts=_ABOVE),
    Quantity("hull-ceiling", "the same by mixed devices", {}, _hull_ceiling, parts=_ABOVE),
    Quantity("key", "secret bits of a finite run", _RUN, _finite_key, closed=True),
)
_TRANSPOSED = "device-independent key, by the partial transpose"
_STATE = (
    Quantity("rate", "hashing rate", {}, _below("coherent_information")),
    Quantity("ceiling", "key per copy", {}, _above("key_ceiling"), parts=_ABOVE),
    Quantity("device-independent-ceiling", _TRANSPOSED, {}, _above("partial_transpose_bound"), parts=_ABOVE),
)
_FAMILY = (
    Quantity("rate", "rate of the key part", {}, _below("privacy_squeezing"), closed=True),
    Quantity("pair-parity-rate", "by pair parities", {}, _below("pair_parity"), closed=True),
    Quantity("ceiling", "key per copy", {}, _above("private_state_ceiling"), closed=True, parts=_ABOVE),
    Quantity(
        "device-independent-ceiling",
        _TRANSPOSED,
        {},
        _above("partial_transpose_bound"),
        closed=True,
        parts=_ABOVE,
    ),
)
_CHANNEL = (
    Quantity("rate", "hashing rate, forward", {}, _hashing("forward")),
    Quantity("reverse-rate", "hashing rate, reverse", {}, _hashing("reverse")),
    Quantity("ceiling", "key per use", {}, _above("channel_ceiling"), parts=_ABOVE),
    Quantity("device-independent-ceiling", _TRANSPOSED, {}, _above("channel_transpose_bound"), parts=_ABOVE),
)
_PURE_LOSS = (
    Quantity("rate", "private capacity from below", {}, _of_loss(_below("pure_loss_rate")), closed=True),
    Quantity("ceiling", "key per use", {}, _of_loss(_above("pure_loss_ceiling")), closed=True, parts=_ABOVE),
)
_OF_KIND = {
    "table": _TABLE,
    "link": _LINK,
    "state": _STATE,
    "family": _FAMILY,
    "channel": _CHANNEL,
    "loss": _PURE_LOSS,
}

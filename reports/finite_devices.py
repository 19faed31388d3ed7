"""Honest devices of a finite run: S and Q, where they come from, and what is known of their errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from keybounds.bounds import Link, Run
from keybounds.bounds.run.device import DeviceSet, device_set
from keybounds.enclosure import Direction, Real
from keybounds.errors import InputError, UnsupportedError
from keybounds.experiments import (
    TSIRELSON,
    Behaviour,
    Labelling,
    LargestCHSH,
    PhotonicExperiment,
    Reading,
    default_bits,
    largest_chsh,
    load,
    merge_outcomes,
    project_quantum,
)
from keybounds.formatting import significant, with_uncertainty
from keybounds.reports.finite_table import published as figure

if TYPE_CHECKING:
    from keybounds.bounds.collecting import Trials
    from keybounds.protocol import Pair

PHOTONIC = "liu2022-20m"


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices:
    """Honest devices, for which threshold and syndrome of a run are designed.

    Attributes
    ----------
    link
        S, Q and the key setting.
    origin
        Where S and Q come from, in words.
    errors
        One standard deviation of S and one of Q, None where the data do not show it; None for numbers and models.
    key
        The key setting as the user called it.
    possible
        The devices that counts leave possible; None without counts.
    measured
        Whether they come from a table, of which S may be anything.
    relabelled
        Another labelling with a larger S: its name, its link, and S with its error in print.
    notes
        What was understood on the way.
    """

    link: Link
    origin: str
    key: Pair
    errors: tuple[float | None, float | None] | None = None
    possible: DeviceSet | None = None
    measured: bool = False
    relabelled: tuple[str, Link, str] | None = None
    notes: tuple[str, ...] = ()

    @property
    def chsh_text(self) -> str:
        """S with its standard error."""
        return _with_error(float(self.link.chsh), self.errors, 0)

    @property
    def qber_text(self) -> str:
        """Q with its standard error."""
        return _with_error(float(self.link.qber), self.errors, 1)

    @property
    def key_text(self) -> str:
        """The key setting, by its old name too where the labels changed."""
        x, y = self.link.key
        return f"({x},{y})" + ("" if self.link.key == self.key else f", ({self.key[0]},{self.key[1]}) in the file")

    @property
    def worst(self) -> Link | None:
        """The link of the worst device that the counts leave possible, S and Q as printed: a little worse still.

        None where it has no S above 2.
        """
        if self.possible is None or not 8 * self.possible.winning - 4 > 2:
            return None
        s = Fraction(significant(self.possible.chsh, 5, Direction.LOWER))
        q = Fraction(significant(float(min(self.possible.qber, Fraction(1, 2))), 4, Direction.UPPER))
        return Link(s, q, self.link.key, self.link.test) if s > 2 else None

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        s, q = self.errors or (None, None)
        return {
            "origin": self.origin,
            "chsh": float(self.link.chsh),
            "chsh_error": s,
            "qber": float(self.link.qber),
            "qber_error": q,
            "key": list(self.link.key),
            "possible": None if self.possible is None else self.possible.to_dict(),
            "relabel": None if self.relabelled is None else self.relabelled[0],
        }


@cache
def _published_run() -> Run:
    return Run(
        Link(figure("design_chsh"), figure("design_qber")),
        rounds=int(figure("rounds")),
        gamma=figure("test_fraction"),
        soundness=figure("soundness"),
    )


def published(run: Run) -> bool:
    """Whether this is the published run of the ion experiment, whatever its soundness."""
    known = _published_run()
    own = run.link.tables is None and (run.chsh, run.qber, run.link.test) == (known.chsh, known.qber, known.link.test)
    return own and (run.rounds, run.gamma) == (known.rounds, known.gamma)


def ion_devices(chsh: Real | None, qber: Real | None, key: Pair) -> Devices:
    """The design point of the ion experiment's key run, or the S and Q that are given."""
    if chsh is None and qber is None:
        origin = "the design point of nadlinger2022"
    elif None in (chsh, qber):
        missing = "S" if chsh is None else "Q"
        origin = f"as given, {missing} that of the design point of nadlinger2022"
    else:
        origin = "as given"
    link = Link(figure("design_chsh") if chsh is None else chsh, figure("design_qber") if qber is None else qber, key)
    return Devices(link=link, origin=origin, key=link.key)


def photonic_devices(key: Pair) -> Devices:
    """The model of the photonic experiment at its published operating point, a click read as 0 and none as 1."""
    model = load(PHOTONIC).models["white-noise"]
    values = load(PHOTONIC).values
    assert isinstance(model, PhotonicExperiment)
    noise, keep = (values[name].value for name in ("noise", "keep"))
    covered = (
        f"Covered here: key from S and Q of every round. {PHOTONIC} does more: it keeps {keep:g} of the rounds with "
        f"outcome 1, flips a share of {noise:g} of the key bits, and takes the entropy from the whole table, for an "
        "asymptotic rate against collective attacks. No theorem here covers that against general attacks."
    )
    notes = (covered, "Against collective attacks `keybounds table finite-photonic` has its shortest run with key.")
    link = Link.of(model.behaviour(), key)
    return Devices(link=link, origin=f"the white-noise model of {PHOTONIC}", key=link.key, notes=notes)


def published_photonic_rounds() -> int:
    """Rounds of the photonic experiment over 20 m, all setting pairs together."""
    model, values = load(PHOTONIC).models["white-noise"], load(PHOTONIC).values
    assert isinstance(model, PhotonicExperiment)
    each = values["rounds_per_setting_pair"].value
    assert isinstance(each, (int, float))
    return int(each) * len(model.alice_angles) * len(model.bob_angles)


def measured_devices(
    reading: Reading,
    key: Pair,
    *,
    name: str,
    relabel: str | None = None,
    bits: Sequence[int] | None = None,
    confidence: Real = Fraction(99, 100),
    trials: Trials | None = None,
) -> Devices:
    """The devices of a table of correlations, at its point values.

    Parameters
    ----------
    reading
        What `keybounds.experiments.read_table` made of a file.
    key
        The key setting, by its numbers in the file.
    name
        What the table is called.
    relabel
        Name of another labelling, as `Labelling` has it.
    bits
        For each outcome of Alice the bit it is read as; default as in `rate`.
    confidence
        Of the set of devices that counts leave possible.
    trials
        What the table counts, as in `bounds_on`; coincidences are no trials of a run.

    Raises
    ------
    UnsupportedError
        Coincidences.
    BehaviourError
        An estimate beyond 2√2 without counts, or counts that no quantum device gives with a probability worth
        considering.
    InputError
        The key setting is not in the table or was not measured, or a CHSH pair was not; no such labelling; bits or a
        confidence that do not fit.
    """
    behaviour, notes = reading.behaviour, list(reading.notes)
    if trials == "coincidences" or (trials is None and reading.layout == "angles"):
        raise UnsupportedError(
            "--trials", "all trials or heralded ones: a run counts each of its rounds", "coincidences"
        )
    if trials is None and behaviour.outcomes == (2, 2) and not behaviour.exact:
        notes.append("taken for granted: every trial is in the table, also where nothing was detected (--trials)")
    readings = 1
    if bits is not None or behaviour.outcomes[0] > 2:
        read_as = tuple(bits) if bits is not None else default_bits(behaviour)
        readings *= 2 ** behaviour.outcomes[0] - 2
        behaviour = merge_outcomes(behaviour, read_as)
        notes.append(_merged("Alice", read_as) + ("" if bits is not None else "; --bits has others"))
    if behaviour.outcomes[1] > 2:
        turned = _turned(behaviour)
        read_as = default_bits(turned)
        readings *= 2 ** behaviour.outcomes[1] - 2
        behaviour = _turned(merge_outcomes(turned, read_as))
        notes.append(_merged("Bob", read_as) + ", for a test with S")
    _in_table(key, behaviour)
    own = (int(key[0]), int(key[1]))
    best = largest_chsh(behaviour)
    original = behaviour
    if relabel is not None:
        labelling = Labelling.named(relabel, behaviour.settings)
        behaviour = labelling.apply(behaviour)
        key = labelling.moved_pair(key)
        notes.append(f"relabelled {labelling.name}")
    _all_measured(behaviour, key, best)
    link, fitted = _link(behaviour, key, notes)
    possible = None
    if behaviour.counts is not None:
        possible = device_set(behaviour, link.key, confidence=confidence, readings=readings)
    taken = "its fit" if fitted else "its point values"
    relabelled = None
    if best is not None and best.value > 2 and best.labelling.moved_pair(own)[0] in (0, 1):
        moved = best.labelling.moved_pair(own)
        other = best.labelling.apply(original)
        value = _with_error(best.value, _errors(other, moved), 0)
        if best.value > TSIRELSON:
            notes.append(f"with --relabel {best.labelling.name} S = {value}, beyond 2√2: sampling noise, or no device")
        else:
            found = Link.of(other, moved)
            if abs(float(found.chsh)) > max(2.0, abs(float(link.chsh))):
                relabelled = (best.labelling.name, found, value)
    return Devices(
        link=link,
        origin=name if behaviour.exact else f"{name}, at {taken}, for a run to come",
        key=own,
        errors=None if behaviour.exact else (None, None) if fitted else _errors(behaviour, link.key),
        possible=possible,
        measured=True,
        relabelled=relabelled,
        notes=tuple(notes),
    )


def _link(behaviour: Behaviour, key: Pair, notes: list[str]) -> tuple[Link, bool]:
    """S and Q of a table, and whether they are those of its quantum fit.

    The design of a run takes the table's own: its length rests on neither, and what is accepted is said of every device
    that the counts leave possible. Only an S beyond 2√2, which is no device's, is replaced by that of the fit.

    Raises
    ------
    BehaviourError
        Counts that no quantum device gives with a probability worth considering.
    """
    if behaviour.counts is None:
        return Link.of(behaviour, key), False
    try:
        projection = project_quantum(behaviour)
    except UnsupportedError:  # more words than are projected
        return Link.of(behaviour, key), False
    notes += projection.warnings
    if abs(behaviour.chsh) <= TSIRELSON:
        return Link.of(behaviour, key), False
    notes.append(f"S = {behaviour.chsh:.4f} of the counts is beyond 2√2: S and Q are those of the quantum fit")
    return Link.of(projection.behaviour, key), True


def _in_table(key: Pair, behaviour: Behaviour) -> None:
    (nx, ny), (x, y) = behaviour.settings, key
    if x >= nx or y >= ny:
        raise InputError("--key", f"settings X,Y with X < {nx} and Y < {ny}, as in the table", f"{x},{y}")


def _all_measured(behaviour: Behaviour, key: Pair, best: LargestCHSH | None) -> None:
    """Refuse what has no S or no Q, with the labelling that has.

    Raises
    ------
    InputError
        A pair of the settings 0 and 1, or the key setting, was not measured.
    """
    if min(behaviour.settings) < 2:
        raise InputError(
            "subject", "two settings of each party for S", f"{behaviour.settings[0]} x {behaviour.settings[1]}"
        )
    missing = [pair for pair in (*np.ndindex(2, 2), tuple(key)) if not behaviour.measured(*pair)]
    if missing:
        hint = "" if best is None else f", or --relabel {best.labelling.name}, where S = {best.value:.4f}"
        pairs = ", ".join(f"({x},{y})" for x, y in missing)
        raise InputError(
            "subject", f"all pairs of the settings 0 and 1, and the key setting{hint}", f"no trials of {pairs}"
        )


def _merged(party: str, bits: Sequence[int]) -> str:
    return f"{party}'s outcomes are read as bits, " + ", ".join(f"{a} = {bit}" for a, bit in enumerate(bits))


def _turned(behaviour: Behaviour) -> Behaviour:
    """The table with Alice and Bob exchanged."""
    missing = [(y, x) for x, y in behaviour.unmeasured]
    arrays = [
        None if part is None else part.transpose(1, 0, 3, 2)
        for part in (behaviour.P, behaviour.counts, behaviour.uncertainty)
    ]
    return behaviour.relabelled(*arrays, unmeasured=missing, labelling="parties exchanged")


def _errors(behaviour: Behaviour, key: Pair) -> tuple[float | None, float | None]:
    """One standard deviation of S and of Q; None where a pair shows one kind of outcome only, or states no error."""
    rounds = behaviour.rounds
    if rounds is None:
        return None, None

    def variance(x: int, y: int) -> float | None:
        """Of the share of equal outcomes."""
        joint = behaviour.joint(x, y)
        same, number = float(joint[0, 0] + joint[1, 1]), float(rounds[x, y])
        seen = min(float(joint[0, 0] + joint[1, 1]), float(joint[0, 1] + joint[1, 0])) > 0
        return same * (1 - same) / number if seen and 0 < number < math.inf else None

    test = [variance(x, y) for x, y in np.ndindex(2, 2)]
    known = [part for part in test if part is not None]
    q = variance(*key)
    return (2 * math.sqrt(sum(known)) if len(known) == len(test) else None), None if q is None else math.sqrt(q)


def _with_error(value: float, errors: tuple[float | None, float | None] | None, place: int) -> str:
    """A number with its standard error, or that there is none."""
    if errors is None:
        return significant(value, 6).rstrip("0").rstrip(".") if value else "0"
    error = errors[place]
    return f"{significant(value, 5)} (standard error not available)" if not error else with_uncertainty(value, error)

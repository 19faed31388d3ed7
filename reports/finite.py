"""`keybounds finite`: the key of one run, term by term, and the plan of a run that has most of it.

Three things are kept apart. The length holds whatever the devices are: S and Q only say for which devices threshold and
syndrome were designed. How likely a run is accepted depends on the devices: it is printed for devices with exactly
these S and Q and, where counts tell, for every device that they leave possible. Which theorem is used is chosen by the
design, before the run.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from keybounds.bounds import Adversary, Direction, Run
from keybounds.bounds.link.rates import chsh_entropy
from keybounds.bounds.run import (
    THEOREMS,
    DeviceSet,
    FiniteKey,
    Granted,
    UsualCode,
    acceptance,
    best_tested_run,
    key_of_run,
    shannon_limit,
    shortest_run,
    shortest_tested_run,
    usual_code,
)
from keybounds.bounds.run.finite_key import COLLECTIVE, theorems_for, worth
from keybounds.bounds.run.planning import LONGEST
from keybounds.enclosure import Real, ball, binary_entropy
from keybounds.errors import BoundNotEstablishedError, InputError
from keybounds.formatting import fixed_point, significant
from keybounds.reports.finite_devices import Devices, published
from keybounds.reports.finite_table import published as figure
from keybounds.tables import Cell, Column, Number, Table

Progress = Callable[[str, float], None]

LINE = 120
"""Characters of a line."""

_LONG_NUMBER = 1e12
"""From here on bits are printed to twelve digits: a double has no tenths of a bit to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is asked of a run; None where it is free, or as by default.

    Attributes
    ----------
    rounds
        n; None for the fewest with `least` bits of key.
    gamma
        γ; None for the one with most key.
    soundness
        ε.
    least
        Bits of key that the shortest run is to have.
    theorem
        As in `finite_key`; None for the one with most key against general attacks.
    extractor
        As in `finite_key`; None for each theorem's own.
    leakage, efficiency
        As in `Run`; with neither that of `usual_code`, but the published syndrome for the published run.
    rate
        Rounds a second, for the time that a run takes.
    assumed
        What was not asked for and is as in the published run, in words; for print.
    """

    rounds: int | None
    gamma: Real | None
    soundness: Real = Fraction(1, 10**10)
    least: int = 1
    theorem: str | None = None
    extractor: str | None = None
    leakage: int | None = None
    efficiency: Real | None = None
    rate: Fraction | None = None
    assumed: str = ""

    @property
    def free(self) -> bool:
        """Whether γ is to be chosen for most key."""
        return self.gamma is None and self.rounds is not None


@dataclass(frozen=True, slots=True)
class Rival:
    """A theorem that was not used: its key at the same rounds, or None where the extractor is not its own, and why."""

    theorem: str
    key: FiniteKey | None
    why: str

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        key = self.key
        found: dict[str, Any] = {"theorem": self.theorem, "why": self.why}
        if key is not None:
            found |= {"extractor": key.extractor, "length": key.length, "deficit": key.deficit}
            found |= {"gamma": _gamma(key), "adversary": key.adversary.value}
        return found


@dataclass(frozen=True, slots=True)
class FiniteReport:
    """What `keybounds finite` prints.

    Attributes
    ----------
    devices
        For which the run was designed.
    plan
        What was asked.
    run, key
        The run with its key; None where S does not exceed 2.
    rivals
        The other theorems.
    notes
        Sentences: what is missing, what another labelling would give, how the run differs from an experiment's.
    accepted
        Lower bound on the chance that every device that the counts leave possible passes; None without counts.
    cautious
        The key of a run that was designed for the worst of these; None without counts or where S may be 2.
    """

    devices: Devices
    plan: Plan
    run: Run | None
    key: FiniteKey | None
    rivals: tuple[Rival, ...] = ()
    notes: tuple[str, ...] = ()
    accepted: float | None = None
    cautious: FiniteKey | None = None

    @property
    def title(self) -> str:
        """The key in a line."""
        key = self.key
        if key is None:
            return f"No key: S = {self.devices.chsh_text} does not exceed 2"
        if not key.length:
            return f"Key of {key.rounds} rounds: no key: {key.deficit} bits are missing for the first one"
        rate = significant(key.rate, 6, Direction.LOWER)
        return f"Key of {key.rounds} rounds: {key.length} bit{'s' * (key.length > 1)} of key, {rate} bit/round"

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON: that of the key, with devices, plan and rivals."""
        found: dict[str, Any] = {"name": "finite", "title": self.title}
        found |= {"length": 0, "status": "no key"} if self.key is None else self.key.to_dict()
        run = self.run
        if run is not None and self.key is not None:
            seconds = None if self.plan.rate is None else float(run.rounds / self.plan.rate)
            found["run"] = {
                "gamma": str(run.gamma),
                "seconds": seconds,
                "shannon_limit": _limit(run),
                "efficiency": self.key.syndrome_length / _limit(run),
            }
        cautious = self.cautious
        found["devices"] = self.devices.to_dict() | {
            "completeness": self.accepted,
            "cautious_length": None if cautious is None else cautious.length,
        }
        found["rivals"] = [rival.to_dict() for rival in self.rivals]
        found["notes"] = list(self.notes)
        return found

    def to_text(self) -> str:
        """Devices, run and acceptance; the theorems; the terms; what is assumed."""
        parts = [self.title + "\n", _listed(_facts(self))]
        if self.key is not None and self.run is not None:
            parts += [_theorems_table(self).render("text"), _terms_table(self.key).render("text")]
            parts.append(_listed(_small_print(self.key)))
        return "\n".join(parts)


def finite_report(devices: Devices, plan: Plan, after: Progress | None = None) -> FiniteReport:
    """The key of a run of the protocol of nadlinger2022 with these devices.

    Parameters
    ----------
    devices
        Honest ones, from `finite_devices`.
    plan
        What is given and what is to be chosen.
    after
        Called after each key that was evaluated, with the theorem and its bits.

    Raises
    ------
    InputError
        A number outside its range; devices of two numbers whose S does not exceed 2.
    UnknownNameError
        No such theorem or extractor.
    UnsupportedError
        An extractor for which the theorem asked for is not shown.
    BoundNotEstablishedError
        A shortest run that does not exist.
    """
    if devices.measured and not abs(Fraction(devices.link.chsh)) > 2:
        notes = (*devices.notes, *_other_labelling(devices, plan, after, None))
        return FiniteReport(devices, plan, None, None, notes=notes)
    search = _Search(devices, plan, after)
    run, key, shortest = search.chosen()
    accepted, cautious = None, None
    notes = (*devices.notes, *_other_labelling(devices, plan, after, run))
    if not key.length:
        notes += (search.missing(run, key, shortest),)
    if devices.possible is not None:
        accepted = acceptance(run, key, devices.possible.winning)
        worst = devices.worst
        cautious = None if worst is None else search.granted(key.theorem)(replace(run, link=worst))
    return FiniteReport(devices, plan, run, key, search.rivals(run, key), notes, accepted, cautious)


class _Search:
    """Runs of these devices, and the keys that theorems grant them."""

    def __init__(self, devices: Devices, plan: Plan, after: Progress | None) -> None:
        self.devices, self.plan, self.after = devices, plan, after
        self.names = theorems_for(plan.extractor) if plan.theorem is None else (plan.theorem,)
        self.tested: dict[str, Run] = {}

    def granted(self, theorem: str) -> Granted:
        """The key of a run by a theorem, with the syndrome that the plan asks for."""

        def of(run: Run) -> FiniteKey:
            key = key_of_run(self.corrected(run), theorem=theorem, extractor=self.plan.extractor)
            if self.after is not None:
                self.after(f"{theorem}, {run.rounds} rounds, bits", float(worth(key)))
            return key

        return of

    def corrected(self, run: Run) -> Run:
        """The run with its syndrome: as asked for, as published for the published run, else that of a usual code."""
        plan = self.plan
        if plan.leakage is not None or (plan.efficiency is None and published(run)):
            return replace(run, leakage=plan.leakage, efficiency=None)
        usual = usual_code(run).efficiency if plan.efficiency is None else plan.efficiency
        return replace(run, efficiency=usual)

    def chosen(self) -> tuple[Run, FiniteKey, Run | None]:
        """The run that was asked for, its longest key, and the shortest with key where γ is free and there is none."""
        plan = self.plan
        gamma = Fraction(1, 2) if plan.gamma is None else plan.gamma
        rounds = LONGEST if plan.rounds is None else plan.rounds
        run = Run(self.devices.link, rounds=rounds, gamma=gamma, soundness=plan.soundness)
        if plan.rounds is None:
            theorem, run = self._shortest(run)
            return self.corrected(run), self.granted(theorem)(run), None
        if plan.free and self._never(run):  # no γ is better than another
            self.tested = dict.fromkeys(THEOREMS, replace(run, gamma=figure("test_fraction")))
        keys = {name: self.granted(name)(self._tested(name, run)) for name in self.names}
        theorem = max(keys, key=lambda name: worth(keys[name]))
        if keys[theorem].length or not plan.free or self._never(run):
            return self.corrected(self._tested(theorem, run)), keys[theorem], None
        # without key the least deficit is no aim: it tests nothing; the γ of the shortest run with key is one
        try:
            theorem, shortest = self._shortest(run)
        except BoundNotEstablishedError:
            return self.corrected(self._tested(theorem, run)), keys[theorem], None
        run = replace(run, gamma=max(Fraction(shortest.gamma), Fraction(1, run.rounds)))
        self.tested = dict.fromkeys(THEOREMS, run)
        return self.corrected(run), self.granted(theorem)(run), shortest

    def _tested(self, theorem: str, run: Run) -> Run:
        """The run with the γ that suits a theorem best, if it is free."""
        if not self.plan.free:
            return run
        if theorem not in self.tested:
            self.tested[theorem] = best_tested_run(run, self.granted(theorem))
        return self.tested[theorem]

    def _shortest(self, run: Run) -> tuple[str, Run]:
        """The theorem with the shortest run, and that run."""
        free = self.plan.gamma is None
        found: tuple[str, Run] | None = None
        failed: BoundNotEstablishedError | None = None
        for name in sorted(self.names, key=lambda name: name != "renyi"):  # most often the shortest
            granted = self.granted(name)
            if found is not None:  # whether this one has key with a round less is seen sooner than where it begins
                least = max(found[1].rounds - 1, math.ceil(1 / Fraction(found[1].gamma)))
                fewer = replace(found[1], rounds=least)
                if free:
                    fewer = best_tested_run(fewer, granted, near=float(found[1].gamma))
                if granted(fewer).length < self.plan.least:
                    continue
            try:
                search = shortest_tested_run if free else shortest_run
                found = name, search(run, granted, least=self.plan.least)
            except BoundNotEstablishedError as error:
                failed = failed or error
        if found is None:
            raise failed or BoundNotEstablishedError("no theorem is shown for this extractor")
        return found

    def rivals(self, run: Run, used: FiniteKey) -> tuple[Rival, ...]:
        """The other theorems at the same number of rounds; with γ free, each at its own."""
        found = []
        general, collective = (theorems_for(adversary=one) for one in (Adversary.GENERAL, Adversary.COLLECTIVE))
        shown = theorems_for(self.plan.extractor) + theorems_for(self.plan.extractor, adversary=Adversary.COLLECTIVE)
        for name in (*general, *collective):
            if name == used.theorem:
                continue
            if name in shown:
                found.append(Rival(name, self.granted(name)(self._tested(name, run)), _WHY[name]))
            else:
                why = f"not shown for {self.plan.extractor}, but for --extractor toeplitz and circulant"
                found.append(Rival(name, None, why))
        return tuple(found)

    def missing(self, run: Run, key: FiniteKey, shortest: Run | None) -> str:
        """How many rounds there would be key in, or why in none."""
        plan = self.plan
        if self._never(run):
            entropy, cost = self._limits(run)
            return (
                f"No number of rounds and no γ gives key by these theorems: S = {self.devices.chsh_text} leaves "
                f"{significant(entropy, 3, Direction.UPPER)} bit of entropy a round at worst, and error correction "
                f"publishes {significant(cost, 3, Direction.LOWER)}."
            )
        if shortest is not None:
            return (
                f"No γ that was tried gives key in {run.rounds} rounds. The fewest with key are {shortest.rounds}"
                f"{self._took(shortest.rounds)}, at the γ = {significant(float(shortest.gamma), 4)} that is used here."
            )
        if plan.leakage is not None:
            return "How many rounds it takes depends on the code: leave out --leakage."
        try:
            rounds = shortest_run(run, self.granted(key.theorem)).rounds
        except BoundNotEstablishedError:
            return f"At this γ there is no key in {float(LONGEST):g} rounds; --shortest looks for the best γ."
        rest = "; --shortest looks for the best γ" if plan.gamma is not None else ""
        return f"The first bit of key takes {rounds} rounds{self._took(rounds)} at this γ{rest}."

    def _took(self, rounds: int) -> str:
        return "" if self.plan.rate is None else f" ({duration(rounds / self.plan.rate)})"

    def _never(self, run: Run) -> bool:
        """Whether error correction publishes more than the devices' entropy, in rounds of either kind."""
        entropy, cost = self._limits(run)
        return self.plan.leakage is None and entropy <= cost

    def _limits(self, run: Run) -> tuple[float, float]:
        """Entropy of a round of the worst devices with this S, and the least that is published of one."""
        efficiency = float(self.corrected(replace(run, rounds=LONGEST)).efficiency or 1)
        with ctx.workprec(64):
            costs = [float(binary_entropy(ball(share)).mid()) for share in (run.qber, 1 - run.winning)]
        return chsh_entropy(run.link).value, efficiency * min(costs)


def _other_labelling(devices: Devices, plan: Plan, after: Progress | None, run: Run | None) -> tuple[str, ...]:
    """What another labelling gives, where it has a larger S."""
    if devices.relabelled is None:
        return ()
    named, link, value = devices.relabelled
    text = f"As labelled, S = {devices.chsh_text}; with --relabel {named} it is {value}"
    if plan.rounds is None or plan.gamma is None:
        return (f"{text}, with which there may be key.",)
    other = run or Run(link, rounds=plan.rounds, gamma=plan.gamma, soundness=plan.soundness)
    search = _Search(devices, plan, after)
    length = max(search.granted(name)(replace(other, link=link)).length for name in search.names)
    return (f"{text}, and this run has {length} bits of key." if length else f"{text}, without key in this run too.",)


_WHY = {
    "renyi": "one error term and no smoothing, but parameters that doubles find less well in the longest runs",
    "eat-2019": "smoothing takes three error terms, and Bob's test outcomes a bit each",
    "eat-2018": "first order: its deviation grows as 1/γ",
    "aep-iid": "says less: only for rounds that are independent and alike",
}
"""What a theorem pays for."""


def _limit(run: Run) -> float:
    with ctx.workprec(96):
        return float(shannon_limit(run).mid())


def _facts(report: FiniteReport) -> list[tuple[str, list[str]]]:
    """What the run is, who it is for and what it accepts, each under a word."""
    devices, run, key, plan = report.devices, report.run, report.key, report.plan
    numbers = f"S = {devices.chsh_text}, Q = {devices.qber_text}"
    facts = [("Devices", [f"{numbers}: {devices.origin}; key setting {devices.key_text}"])]
    if run is not None and key is not None:
        facts.append(("Run", [_size(run, plan)]))
        facts.append(("Syndrome", [_syndrome(run, key, plan)]))
        facts.append(("Accepted", [_accepted(key)]))
        facts.append(("Passes", _passes(report, key)))
    if report.notes:
        facts.append(("Notes", list(report.notes)))
    return facts


def _size(run: Run, plan: Plan) -> str:
    gamma = str(run.gamma) if Fraction(run.gamma).denominator < 10**4 else significant(float(run.gamma), 6)
    took = "" if plan.rate is None else f", {duration(run.rounds / plan.rate)} at {float(plan.rate):g} a second"
    if plan.rounds is None:
        took += f", the fewest found with {plan.least} bits of key" if plan.least > 1 else ", the fewest found with key"
    chosen = " (chosen)" if plan.gamma is None else ""
    assumed = f" ({plan.assumed})" if plan.assumed else ""
    return f"{run.rounds} rounds{took}; γ = {gamma}{chosen}; soundness {float(run.soundness)!r}{assumed}"


def _syndrome(run: Run, key: FiniteKey, plan: Plan) -> str:
    limit = _limit(run)
    over = significant(key.syndrome_length / limit, 4)
    least = f"{limit:.0f}" if limit < _LONG_NUMBER else significant(limit, 12)
    text = f"{key.syndrome_length} bits for error correction, f = {over} times the Shannon limit of {least}"
    if run.leakage is not None:
        return f"{text} (--leakage)"
    if run.efficiency is None:
        return f"{text}, as published for this run"
    if plan.efficiency is not None:
        return f"{text} (--code-efficiency)"
    return f"{text}: {_seen(usual_code(run))}; --code-efficiency sets it"


def _seen(usual: UsualCode) -> str:
    """What an f rests on."""
    shown = usual.shown
    limit = significant(shown.limit, 2, Direction.UPPER)
    rounds = significant(shown.rounds, 3)
    seen = f"{shown.failures} of {shown.trials} decodings of {rounds} rounds failed (probability at most {limit})"
    return (
        seen
        if usual.tried
        else f"not tried at this size; carried over from f = {float(shown.efficiency):g}, with which {seen}"
    )


def _accepted(key: FiniteKey) -> str:
    """The condition, rounded to the side on which nothing is accepted that should not be."""
    threshold = fixed_point(key.threshold, ".6f", Direction.UPPER)
    if "score" not in key.provenance:
        losses = key.provenance["accepted_losses"]
        return f"{losses} lost tests or fewer; of the tests to be expected ω_thr = {threshold} won"
    g_0, g_1 = (key.parameters[name] for name in ("loss_score", "win_score"))
    score = _bits(key.parameters["score"], Direction.UPPER)
    return (
        f"a score of {score} or more, each won test scoring {g_1!r} and each lost one {g_0!r}; of the tests to be "
        f"expected ω_thr = {threshold} won"
    )


def _passes(report: FiniteReport, key: FiniteKey) -> list[str]:
    """How likely a run is accepted, by whom; the length rests on none of it."""
    lines = []
    if key.completeness is not None:
        lines.append(
            f"An honest run, with exactly these S and Q, is accepted with probability {_at_least(key.completeness)}."
        )
    if report.devices.possible is not None:
        lines += _passes_with_confidence(report, report.devices.possible, key)
    elif report.devices.measured:
        lines.append("Without counts it is not known which devices are possible, nor how likely those are accepted.")
    lines.append(
        "The key length rests on none of this: it holds whatever the devices are. That error correction succeeds is "
        f"not part of it{_code_fails(report, key)}."
    )
    return lines


def _code_fails(report: FiniteReport, key: FiniteKey) -> str:
    """What the failures of the usual code leave of an honest run's probability to pass, where it was tried."""
    run, plan = report.run, report.plan
    if run is None or run.efficiency is None or plan.efficiency is not None or key.completeness is None:
        return ""
    usual = usual_code(run)
    if not usual.tried:
        return ", and not known of a code of this size"
    left = _at_least(max(key.completeness - usual.shown.limit, 0.0))
    return f"; with its failures taken off, as limited with 95 % confidence, the run passes with probability {left}"


def _passes_with_confidence(report: FiniteReport, possible: DeviceSet, key: FiniteKey) -> list[str]:
    """The same over the devices that counts leave possible, and what a run designed for the worst of them yields."""
    run, worst = report.run, report.devices.worst
    assert run is not None
    qber = min(possible.qber, Fraction(1, 2))
    with ctx.workprec(96):
        over = float((arb(key.syndrome_length) / shannon_limit(run, possible.winning, qber)).mid())
    s, q = significant(possible.chsh, 5, Direction.LOWER), significant(float(qber), 4, Direction.UPPER)
    code = f"the syndrome is {over:.3g} times the Shannon limit" + (", too little to correct" if over < 1 else "")
    lines = []
    lines.append(
        f"With confidence {possible.confidence:.6g} the counts leave only devices with S >= {s} and Q <= {q} "
        "(Kullback-Leibler bound, whatever labelling was chosen; independent trials of one device). Each of them is "
        f"accepted with probability {_at_least(report.accepted)}; for the worst {code}."
    )
    if worst is None:
        return [*lines, "The worst of them has no S above 2: with more counts a run could be designed for it."]
    if report.cautious is not None:
        own = report.cautious
        what = f"{own.length} bits of key" if own.length else f"no key, {own.deficit} bits are missing,"
        lines.append(
            f"Designed for the worst of them (ion --chsh {s} --qber {q}) the run has {what} and each is accepted with "
            f"probability {_at_least(own.completeness)}."
        )
    return lines


def _at_least(probability: float | None) -> str:
    if probability is None:
        return "unknown"
    digits = 6 if probability > 0.1 else 2
    return f">= {significant(probability, digits, Direction.LOWER)}"


def _bits(value: float, direction: Direction = Direction.LOWER) -> str:
    return fixed_point(value, ".1f", direction) if abs(value) < _LONG_NUMBER else significant(value, 12, direction)


def _theorems_table(report: FiniteReport) -> Table:
    used = report.key
    assert used is not None
    rows: list[tuple[Cell, ...]] = [(_AGAINST[used.adversary], *_theorem_cells(used), "used here")]
    for rival in report.rivals:
        adversary = Adversary.COLLECTIVE if rival.theorem in COLLECTIVE else Adversary.GENERAL
        cells = (rival.theorem, "", "", "") if rival.key is None else _theorem_cells(rival.key)
        rows.append((_AGAINST[adversary], *cells, rival.why))
    rows.sort(key=lambda row: row[0] == _AGAINST[Adversary.COLLECTIVE])
    return Table(
        name="theorems",
        title="What each theorem grants" + (", each at its best γ" if report.plan.free and used.length else ""),
        columns=tuple(Column(name, name) for name in ("against", "theorem", "extractor", "γ", "bits of key", "remark")),
        rows=tuple(rows),
        group="against",
    )


def _theorem_cells(key: FiniteKey) -> tuple[Cell, ...]:
    bits = Number(key.length, str(key.length)) if key.length else f"none: {key.deficit} missing"
    return key.theorem, key.extractor, significant(_gamma(key), 4), bits


def _gamma(key: FiniteKey) -> float:
    gamma = key.provenance["gamma"]
    assert isinstance(gamma, float)
    return gamma


def _terms_table(key: FiniteKey) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (term.name, term.formula, Number(term.bits, _bits(term.bits)), term.meaning) for term in key.terms
    ]
    rows.append(("length", "ℓ", Number(key.length, str(key.length)), "whole bits of key"))
    return Table(
        name="finite",
        title=f"Terms by theorem {key.theorem} ({key.reference}), rounded down one by one",
        columns=(
            Column("term", "term"),
            Column("formula", "formula"),
            Column("bits", "bits"),
            Column("meaning", "meaning"),
        ),
        rows=tuple(rows),
    )


def _small_print(key: FiniteKey) -> list[tuple[str, list[str]]]:
    sheet = key.balance
    parameters = ", ".join(f"{name} {value:.6g}" for name, value in key.parameters.items())
    lines = [
        f"{item.step}: {item.consumed} consumed, {item.reusable} reusable"
        + (f", {item.generated} generated" if item.generated else "")
        for item in sheet.items
    ]
    return [
        ("Holds", [_AGAINST[key.adversary]]),
        ("Assumed", list(key.assumptions)),
        ("Secrets", [*lines, f"balance: {sheet.initial} before, {sheet.final} after, net {sheet.net:+d}"]),
        ("Parameters", [f"{parameters}; to all digits with --format json"]),
    ]


def _listed(facts: list[tuple[str, list[str]]]) -> str:
    """Words in a column, and beside each its sentences, broken where a line is full."""
    width = max(len(word) for word, _ in facts) + 2
    text = ""
    for word, sentences in facts:
        for place, sentence in enumerate(sentences):
            text += textwrap.fill(
                sentence,
                LINE,
                initial_indent=f"{'' if place else word:<{width}}",
                subsequent_indent=" " * (width + 2 * (len(sentences) > 1)),
                break_long_words=False,
                break_on_hyphens=False,
            )
            text += "\n"
    return text


_AGAINST = {
    Adversary.GENERAL: "against general attacks, by devices with memory",
    Adversary.COLLECTIVE: "against collective attacks only, on rounds that are independent and alike",
}


def duration(seconds: Fraction) -> str:
    """A time for a reader."""
    for unit, size in (("years", 365 * 86_400), ("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{significant(float(seconds / size), 4)} {unit}"
    return f"{significant(float(seconds), 4)} seconds"


def exact_number(option: str, text: str) -> Fraction:
    """A command line's number as the exact rational it is: ``1.5e6``, ``13/256``, ``1e-10``.

    Raises
    ------
    InputError
        Not a number.
    """
    try:
        return Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        raise InputError(option, "a number such as 1.5e6, 0.018 or 13/256", repr(text)) from None

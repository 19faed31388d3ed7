"""`keybounds simulate`: what became of a simulated run, or what rate it proves, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keybounds.enclosure import Direction
from keybounds.formatting import significant, with_uncertainty

if TYPE_CHECKING:
    from keybounds.bounds.run.key import Balance
    from keybounds.postprocessing import SimulatedRate, SimulatedRun


def simulation_text(run: SimulatedRun) -> str:
    """The outcome, what was observed, the balance sheet and the time of each step."""
    key = run.finite_key
    if run.accepted:
        same = "the same on both sides" if run.keys_equal else "NOT THE SAME on both sides"
        head = f"{run.key_length} bits of key, {same}; simulated, not secret"
    else:
        head = f"no key: {run.reason}; simulated"
    lines = [
        head,
        f"  {key.rounds} rounds, soundness {key.soundness:g} against {key.adversary.value}",
        f"  {key.theorem}, {key.extractor}, fixed length",
        f"  {run.design}",
    ]
    if run.chsh is not None:
        lines.append(f"  S = {run.chsh:.4f} in the test rounds")
    if run.errors is not None:
        lines.append(f"  {run.errors} errors found with {key.syndrome_length} bits of syndrome")
    if run.accepted:
        lines += ["", *balance_lines(run.balance)]
    total = sum(run.seconds.values())
    steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in run.seconds.items())
    lines += ["", f"{total:.1f} s: {steps}"]
    return "\n".join(lines) + "\n"


def balance_lines(sheet: Balance) -> list[str]:
    """A balance sheet of shared secret bits, line by line."""
    rows = [(item.step, item.consumed, item.reusable, item.generated) for item in sheet.items]
    rows.append(("total", sheet.consumed, sheet.reusable, sheet.generated))
    width = max(len(row[0]) for row in rows)
    head = f"{'shared secret bits':{width}}  {'consumed':>9}  {'reusable':>9}  {'generated':>9}"
    lines = [head, *(f"{step:{width}}  {a:>9}  {b:>9}  {c:>9}" for step, a, b, c in rows)]
    lines.append(f"{sheet.initial} before, {sheet.final} after: {sheet.net:+}")
    return lines


def photonic_text(run: SimulatedRate) -> str:
    """What was counted, the rate per key round and per round, and the bounds at the counts."""
    from keybounds.postprocessing.run.photonic import SECURITY

    entropy, error = run.entropy_given_bob
    tests = run.rounds - run.key_rounds
    lines = [
        f"Photonic experiment, {run.rounds} rounds; simulated, not secret; security {SECURITY}",
        f"  {tests} tests, announced; of {run.key_rounds} key rounds {run.survival:.5f} kept, {run.flipped} flipped",
        f"  H(Â|B,V) = {with_uncertainty(entropy, error)} bit of the kept key rounds, which no party sees",
    ]
    if run.confident is not None:
        rate = run.confident["value"] * (1 - run.gamma)
        lines.append(
            f"  rate >= {significant(rate, 4, Direction.LOWER)} bit a round of the run, with confidence "
            f"{run.confident['confidence']:g}"
        )
    total = sum(run.seconds.values())
    steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in run.seconds.items())
    return "\n".join([*lines, "", str(run.answer).rstrip(), "", f"{total:.1f} s: {steps}"]) + "\n"

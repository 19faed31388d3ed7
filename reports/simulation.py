"""`keybounds simulate`: what became of a simulated run, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keybounds.bounds.run.key import Balance
    from keybounds.postprocessing import SimulatedRun


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
        f"  {key.theorem}, {key.extractor}",
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

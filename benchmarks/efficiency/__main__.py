"""How often codes fail, over lengths, error rates and efficiencies: ``python benchmarks/efficiency``.

Trials are appended to a file, one a line, each line whole or not at all; a plan that was interrupted goes on where it
was.
"""

from __future__ import annotations

import argparse
import csv
import fcntl
import io
import json
import os
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path

from keybounds.files import write_atomically
from keybounds.postprocessing.reconciliation.study import CHANNELS, Outcome, Point, run_trial

HERE = Path(__file__).resolve().parent
COLUMNS = (
    "channel",
    "rounds",
    "entropy",
    "family",
    "parameters",
    "f",
    "checks",
    "trials",
    "failures",
    "wrong",
    "seconds",
)


@dataclass(frozen=True)
class Step:
    """A point, and how many trials of it are wanted."""

    point: Point
    trials: int


def read_plan(path: Path) -> tuple[int, list[Step]]:
    """The study's seed and its steps; lists of lengths, channels or f stand for a step each, f changing slowest."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    steps = []
    for one in document["step"]:
        lists = {name: one[name] if isinstance(one[name], list) else [one[name]] for name in ("length", "channel", "f")}
        for f in lists["f"]:
            for length in lists["length"]:
                for channel in lists["channel"]:
                    point = Point.from_dict({**one, "length": length, "channel": channel, "f": f})
                    steps.append(Step(point, one["trials"]))
    return document["seed"], steps


class Results:
    """Trials on disk, by point and number; the last line is dropped if it was cut off."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.trials: dict[str, dict[int, tuple[str, float]]] = defaultdict(dict)
        path.touch()
        whole = path.read_bytes()
        kept = whole[: whole.rfind(b"\n") + 1]
        if kept != whole:
            os.truncate(path, len(kept))
        for line in kept.splitlines():
            one = json.loads(line)
            self.trials[one["point"]][one["trial"]] = (one["outcome"], one["seconds"])

    def add(self, point: str, number: int, outcome: str, seconds: float) -> None:
        """Append a trial in one write."""
        line = json.dumps({"point": point, "trial": number, "outcome": outcome, "seconds": round(seconds, 4)}) + "\n"
        with open(os.open(self.path, os.O_WRONLY | os.O_APPEND), "wb", buffering=0) as file:
            file.write(line.encode())
            os.fsync(file.fileno())
        self.trials[point][number] = (outcome, seconds)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Two campaigns on one file would try the same trials."""
    with path.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SystemExit(f"another process is at {path}") from None
        yield


def run(steps: list[Step], results: Results, seed: int, until: float) -> None:
    """Try what is missing, step by step."""
    for count, step in enumerate(steps, 1):
        point, done = step.point, results.trials[step.point.name]
        for number in range(step.trials):
            if number in done:
                continue
            if time.monotonic() > until:
                return
            trial = run_trial(point, number, seed=seed)
            results.add(point.name, number, trial.outcome.value, trial.seconds)
            failures = sum(outcome != Outcome.SUCCESS.value for outcome, _ in done.values())
            if sys.stderr.isatty() or number % 10 == 9 or number + 1 == step.trials:
                line = f"[{count}/{len(steps)}] {point.name}: {failures} of {len(done)} failed, {trial.seconds:.2f} s"
                print(line, file=sys.stderr, flush=True)


def summary(results: Results) -> str:
    """One row a point, as CSV."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    rows = []
    for name, trials in results.trials.items():
        if not trials:
            continue
        channel, length, family, parameters, f = json.loads(name)
        point = Point(channel, length, family, tuple((key, value) for key, value in parameters), Fraction(f))
        outcomes = [outcome for outcome, _ in trials.values()]
        failures = sum(outcome != Outcome.SUCCESS.value for outcome in outcomes)
        seconds = sum(one for _, one in trials.values()) / len(trials)
        shown = " ".join(f"{key}={value}" for key, value in point.parameters)
        rows.append(
            (
                channel,
                length,
                f"{CHANNELS[channel].entropy:.6f}",
                family,
                shown,
                f"{float(point.efficiency):.4g}",
                point.checks,
                len(trials),
                failures,
                outcomes.count(Outcome.WRONG.value),
                f"{seconds:.3g}",
            )
        )
    rows.sort(key=lambda row: (float(row[2]), row[1], row[3], row[4], float(row[5])))
    writer.writerows(rows)
    return stream.getvalue()


def main() -> int:
    """Run the plan, or write what was found as the table that the package ships."""
    parser = argparse.ArgumentParser(prog="python benchmarks/efficiency", description=__doc__)
    parser.add_argument("--plan", type=Path, default=HERE / "plan.toml")
    parser.add_argument("--results", type=Path, default=HERE / "trials.jsonl", help="one trial a line")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no trial after so many")
    parser.add_argument("--summary", type=Path, metavar="FILE", help="write the table, and try nothing")
    options = parser.parse_args()
    seed, steps = read_plan(options.plan)
    results = Results(options.results) if options.summary is None else None
    if results is None:
        results = Results(options.results)
        write_atomically(options.summary, summary(results))
        about = {"seed": seed, "versions": {name: version(name) for name in ("keybounds", "numpy", "numba")}}
        write_atomically(options.summary.with_suffix(".json"), json.dumps(about, indent=1) + "\n")
        return 0
    with alone(options.results):
        try:
            run(steps, results, seed, time.monotonic() + 60 * options.minutes)
        except KeyboardInterrupt:
            print("interrupted: what is done is kept", file=sys.stderr)
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Mutation testing: ``python benchmarks/mutation`` (`make mutate`); see CONTRIBUTING."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import signal
import time
from pathlib import Path

from campaign import Campaign, Plan, digest
from report import HEAD, equivalents, report, score


def main() -> int:
    """Draw the sample, try it, report."""
    here = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(prog="make mutate", description=__doc__)
    parser.add_argument("--root", type=Path, default=here.parents[1], help="the tree (this one)")
    parser.add_argument("--out", type=Path, help="records, results and report (report/mutation of the tree)")
    parser.add_argument("--seed", type=int, help="of the sample (that of pyproject.toml)")
    parser.add_argument("--sample", type=int, help="how many mutants (that of pyproject.toml)")
    parser.add_argument("--only", nargs="+", default=[], metavar="GLOB", help="of the modules, these")
    parser.add_argument("--tests", nargs="+", metavar="GLOB", help="these files of tests (those of pyproject.toml)")
    parser.add_argument("--limit", type=float, help="CPU seconds for a mutant (that of pyproject.toml)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no mutant after so many")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--equivalents", type=Path, default=here / "equivalents.toml")
    parser.add_argument("--list", action="store_true", help="print the sample and end")
    parser.add_argument("--record", action="store_true", help="record what the tests run, and end")
    parser.add_argument("--keep", action="store_true", help="the records of files of tests that changed since, too")
    parser.add_argument(
        "--resume", action="store_true", help="take what was found of another tree, where it still holds"
    )
    options = parser.parse_args()
    began = time.time()
    signal.signal(signal.SIGTERM, lambda *_: exit(1))  # so that the copies are removed
    root = options.root.resolve()
    plan = Plan.read(root)
    if options.limit is not None:
        plan = dataclasses.replace(plan, limit=options.limit)
    if options.tests is not None:
        plan = dataclasses.replace(plan, tests=options.tests)
    seed = plan.seed if options.seed is None else options.seed
    size = plan.sample if options.sample is None else options.sample
    out = (options.out or root / "report" / "mutation").resolve()
    out.mkdir(parents=True, exist_ok=True)

    def say(line: str) -> None:
        print(time.strftime("%H:%M:%S"), line, flush=True)

    campaign = Campaign(root, out, plan, seed, options.only, options.workers, options.keep, say)
    if options.list:
        for mutant in campaign.order()[:size]:
            print(json.dumps(dataclasses.asdict(mutant)))
        return 0
    results = out / f"results-{seed}.jsonl"
    with campaign.trees():
        if options.record:
            campaign.records()
            return 0
        same_tree(results, root, plan, options.resume)
        rows = campaign.run(size, began + 60 * options.minutes, results)
        unreliable = campaign.control(rows)
    for row in rows:
        if row.get("test") in unreliable:
            row["verdict"] = "survived"
    known = equivalents(options.equivalents)
    heading = " ".join([f"Mutation testing: {len(rows)} of seed {seed}", *options.only])
    (out / f"report-{seed}.md").write_text(report(rows, known, unreliable, heading))
    print(f"{HEAD}\n{score(rows, known).line}")
    print(out / f"report-{seed}.md")
    return 0


def same_tree(results: Path, root: Path, plan: Plan, resume: bool) -> None:
    """Results belong to one tree, its program and its tests, unless they are to be taken over."""
    files = sorted({*plan.listed(root, plan.program), *plan.listed(root, ["tests/**/*.py", "pyproject.toml"])})
    state = hashlib.sha256("".join(f"{file} {digest(root / file)}\n" for file in files).encode()).hexdigest()
    kept = results.with_suffix(".tree")
    if results.exists() and kept.read_text() != state and not resume:
        raise SystemExit(f"{results} is of another tree: --resume, remove it, or take another seed")
    kept.write_text(state)


if __name__ == "__main__":
    raise SystemExit(main())

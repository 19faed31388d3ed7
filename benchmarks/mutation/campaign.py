"""The campaign: a copy of the tree, one record of every file of tests, then mutant after mutant.

Everything that is found is written down at once, so that a campaign that was ended goes on where it stood. What was
found of another tree is taken over only as far as it holds: records are kept with the digests of what they depend on,
and each result with that of its module and of the files of tests that it rests on.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib
import json
import os
import shutil
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import running
from choice import Choice, Chosen
from forks import Job, wall
from holding import Asked, Holder, hold
from mutants import Mutant, differs, mutants
from sample import stratified

NOT_COPIED = (".git", ".venv", "__pycache__", ".hypothesis", ".*_cache", "report", "dist", "build")


@dataclass(frozen=True, slots=True)
class Plan:
    """What pyproject.toml states in ``tool.keybounds.mutation``."""

    package: str
    program: list[str]
    tests: list[str]
    without: list[str]
    marker: str
    held: list[str]
    groups: dict[str, list[str]]
    operators: list[str]
    ends: list[list[str]]
    seed: int
    sample: int
    factor: float
    slack: float
    compiling: float
    limit: float
    gigabytes: float

    @classmethod
    def read(cls, root: Path) -> Plan:
        return cls(**tomllib.loads((root / "pyproject.toml").read_text())["tool"]["keybounds"]["mutation"])

    def modules(self, root: Path, only: Sequence[str] = ()) -> dict[str, str]:
        """The modules to be changed, of these `only` (all), each with its group: the first that names it."""
        wanted = set(self.listed(root, only))
        return {
            module: group
            for group, patterns in reversed(self.groups.items())
            for pattern in patterns
            for module in self.listed(root, [pattern])
            if not only or module in wanted
        }

    def listed(self, root: Path, patterns: Sequence[str]) -> list[str]:
        return sorted({str(path.relative_to(root)) for pattern in patterns for path in root.glob(pattern)})

    def files(self, root: Path) -> list[str]:
        left_out = set(self.listed(root, self.without))
        return [file for file in self.listed(root, self.tests) if file not in left_out]


def digest(path: Path) -> str:
    """Of a file; of none, nothing."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.exists() else ""


@dataclass(slots=True)
class Slot:
    """A private tree, and what runs in it."""

    tree: Path
    scratch: Path
    job: Job | Asked | None = None
    holder: Holder | None = None
    then: Callable[[dict[str, Any]], None] | None = None


@dataclass(slots=True)
class Campaign:
    """One sample, in `workers` private copies of `root`; what is found goes to the folder `work`."""

    root: Path
    work: Path
    plan: Plan
    seed: int
    only: Sequence[str]
    workers: int
    keep: bool
    say: Callable[[str], None]
    slots: list[Slot] = field(default_factory=list)
    changes: int = 0
    states: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def trees(self) -> Iterator[None]:
        """The copies, for as long as they are needed; and held, what every fork would otherwise import again."""
        for name in self.plan.held:
            importlib.import_module(name)
        running.hold()
        place = Path(tempfile.mkdtemp(prefix="mutation-")).resolve()
        try:
            for k in range(self.workers):
                slot = Slot(place / str(k) / "tree", place / str(k))
                shutil.copytree(self.root, slot.tree, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED))
                self.slots.append(slot)
            yield
        finally:
            for slot in self.slots:
                if slot.holder is not None:
                    slot.holder.end()
                if isinstance(slot.job, Job):
                    slot.job.end()
            shutil.rmtree(place, ignore_errors=True)

    @property
    def tree(self) -> Path:
        """One of the copies, to be read while nothing is changed in it."""
        return self.slots[0].tree

    # -- jobs -----------------------------------------------------------------------------------------------------

    def _free(self) -> Slot:
        while True:
            for slot in self.slots:
                if slot.job is None:
                    return slot
            self._wait()

    def _start(self, slot: Slot, work: Callable[[], Any], then: Callable[[dict[str, Any]], None], cpu: float) -> None:
        slot.then = then
        memory = int(self.plan.gigabytes * 2**30)
        slot.job = Job(work, slot.scratch, cpu=cpu, wall=wall(cpu), memory=memory)

    def _wait(self) -> None:
        time.sleep(0.02)
        for slot in self.slots:
            done = slot.job.finished() if slot.job is not None else None
            if done is not None and slot.then is not None:
                slot.job = None
                slot.then({"held": False, **done})

    def _drain(self) -> None:
        while any(slot.job is not None for slot in self.slots):
            self._wait()

    def _hold(self, records: Mapping[str, Any]) -> None:
        memory = int(self.plan.gigabytes * 2**30)
        for slot in self.slots:
            place = slot.tree, slot.scratch
            slot.holder = Holder(partial(hold, *place, self.plan.package, records, memory), slot.scratch)

    # -- records --------------------------------------------------------------------------------------------------

    def records(self) -> dict[str, Any]:
        """What every file of tests runs: kept from before, unless it has changed or its conftest has.

        With `keep`, even then: of a file that is chosen, the tests that are new run too. Where a module has changed
        since, its lines are moved; see `moved`.
        """
        folder = self.work / "records"
        (folder / "sources").mkdir(parents=True, exist_ok=True)
        found: dict[str, Any] = {}
        for file in self.plan.files(self.root):
            kept = folder / (file.replace("/", "+") + ".json")
            record = json.loads(kept.read_text()) if kept.exists() else None
            if record is not None and (self.keep or record["conditions"] == self._conditions(file)):
                found[file] = self._moved(record, folder / "sources")
            else:
                self._record(file, kept, found)
        self._drain()
        return found

    def _record(self, file: str, kept: Path, found: dict[str, Any]) -> None:
        slot = self._free()

        def work() -> Any:
            running.enter(slot.tree, self.plan.package, bytecode=True, numba_cache=None)
            return running.record(file, slot.tree, self.plan.package, self.plan.marker)

        def then(done: dict[str, Any]) -> None:
            record = done["answer"]
            if record is None:
                self.say(f"{file}: no record ({done['ended']}); its tests take no part")
                return
            record["conditions"] = self._conditions(file)
            record["sources"] = {module: digest(slot.tree / module) for module in record["lines"]}
            for module, name in record["sources"].items():
                shutil.copyfile(slot.tree / module, kept.parent / "sources" / name)
            kept.write_text(json.dumps(record))
            found[file] = record
            failing = f", {len(record['others'])} not passed take no part" if record["others"] else ""
            self.say(f"{file}: {len(record['tests'])} tests in {done['cpu']:.0f} s{failing}")

        self._start(slot, work, then, cpu=1800)

    def _conditions(self, file: str) -> dict[str, str]:
        """Digests of a file of tests and of every conftest above it."""
        paths = [Path(file), *(folder / "conftest.py" for folder in Path(file).parents)]
        return {str(path): digest(self.tree / path) for path in paths}

    def _state(self, file: str) -> str:
        """One digest of these."""
        if file not in self.states:
            self.states[file] = hashlib.sha256(json.dumps(self._conditions(file)).encode()).hexdigest()[:16]
        return self.states[file]

    def _moved(self, record: dict[str, Any], sources: Path) -> dict[str, Any]:
        lines = {}
        for module, by_context in record["lines"].items():
            old, new = sources / record["sources"][module], self.tree / module
            if not new.exists():
                continue
            if digest(new) != record["sources"][module]:
                where = moved(old.read_text(), new.read_text())
                by_context = {
                    context: sorted({line for number in numbers for line in where[number]})
                    for context, numbers in by_context.items()
                }
            lines[module] = by_context
        return {**record, "lines": lines}

    # -- mutants --------------------------------------------------------------------------------------------------

    def order(self) -> list[Mutant]:
        """All mutants of the modules wanted, as the sample draws them."""
        return stratified(
            (
                mutant
                for module, group in self.plan.modules(self.root, self.only).items()
                for mutant in mutants(self.root, group, module, self.plan.operators, self.plan.ends)
            ),
            self.seed,
        )

    def run(self, size: int, until: float, results: Path) -> list[dict[str, Any]]:
        """Try the first `size` of the order, but begin none after `until`; the rows of those that came to an end.

        They are a beginning of the order: what was tried beyond the first gap (of other modules only, for instance)
        is no part of a random sample.
        """
        order = self.order()
        choice = Choice.of(self.tree, self.plan.listed(self.root, self.plan.program), self.records())
        done = {key: row for key, row in latest(results).items() if row["source"] == digest(self.tree / key[0])}
        for row in done.values():
            choice.remember(row["key"][0], row.get("test"))
        self._hold(choice.records)
        self.say(f"{size} of {len(order)} mutants, {len(choice.tests)} tests")
        tried: list[Mutant] = []
        for mutant in order:
            if len(tried) == size or time.time() > until:
                break
            if differs(self.root, mutant):
                tried.append(mutant)
                self._try(mutant, choice, done.get(mutant.key), results)
        self._drain()
        rows = latest(results)
        return [rows[mutant.key] for mutant in tried]

    def _try(self, mutant: Mutant, choice: Choice, before: dict[str, Any] | None, results: Path) -> None:
        """Run its tests; of one that was tried `before`, those in files that were others then."""
        chosen = choice.tests_for(mutant)
        states = {file: self._state(file) for file, _ in chosen.files}
        again = True  # by all of them
        if before is not None:
            fresh = {file for file, state in states.items() if before["against"].get(file) != state}
            if before["verdict"] == "killed":
                if (before["test"] or "").partition("::")[0] not in fresh:
                    return
            else:
                again = before["verdict"] == "undecided" and before["allowed"] < self._allowed(chosen)
                if not fresh and not again:
                    return
                if not again:
                    chosen = choice.of_files(chosen, fresh)
        slot = self._free()
        total = len({test for _, tests in chosen.files for test in tests})
        path = slot.tree / mutant.module
        source, times = path.read_bytes(), path.stat()

        def write(found: dict[str, Any]) -> None:
            named = {"key": mutant.key, "group": mutant.group, "number": mutant.number, "source": digest(path)}
            row = {**named, **found, "against": states, "diff": mutant.diff(source)}
            with results.open("a") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
            self.say(f"{found['verdict']:11} {mutant.module}:{mutant.number} {mutant.operator}: {mutant.change[:60]}")

        if not total:
            write({"verdict": "not covered"})
            return
        cpu = self._allowed(chosen)
        cache = slot.scratch / "numba" if chosen.compiled else None

        def work() -> Any:
            running.enter(slot.tree, self.plan.package, bytecode=False, numba_cache=cache)
            stored = choice.unchanged(mutant) if chosen.traced and not chosen.compiled else {}
            return running.run(chosen.files, choice.records, slot.scratch, stored)

        def then(done: dict[str, Any]) -> None:
            path.write_bytes(source)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            found = verdict(done, slot.scratch)
            choice.learn(mutant, chosen, found.get("test"))
            if before is not None and not again and (before["verdict"], found["verdict"]) == ("undecided", "survived"):
                found["verdict"] = "undecided"  # the others have still not ended
            used = {"cpu": round(done["cpu"], 2), "wall": round(done["wall"], 2), "allowed": round(cpu, 1)}
            write({**found, "of": total, **used, "held": done["held"]})

        def unless_declined(done: dict[str, Any]) -> None:
            noticed = done["answer"] is not None and done["answer"]["test"] is not None
            if done["ended"] == "declined" or (chosen.compiled and not noticed):
                self._start(slot, work, then, cpu)
            else:
                then({**done, "held": True})

        # No two states of the file have the same second, by which Python and numba know what they compiled from it.
        self.changes += 1
        path.write_bytes(mutant.apply(source))
        os.utime(path, (times.st_atime, int(times.st_mtime) + 10 + self.changes))
        if cache is not None:
            shutil.rmtree(cache, ignore_errors=True)
            cache.mkdir()
        asked = choice.uncompiled(mutant) if chosen.compiled else chosen
        if slot.holder is None or not asked.files:
            self._start(slot, work, then, cpu)
            return
        slot.then = unless_declined
        slot.job = slot.holder.ask(
            module=mutant.module,
            source=source.decode(),
            mutant=mutant.apply(source).decode(),
            tests=[test for _, tests in asked.files for test in tests],
            stored=list(choice.unchanged(mutant)) if asked.traced else [],
            cpu=self._allowed(asked),
        )

    def _allowed(self, chosen: Chosen) -> float:
        """CPU seconds."""
        slack = self.plan.slack + (self.plan.compiling if chosen.compiled else 0.0)
        return min(self.plan.limit, slack + self.plan.factor * chosen.seconds)

    def control(self, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        """The tests that noticed a mutant, once more in the unchanged tree: those that fail there too."""
        records = self.records()
        files: dict[tuple[str, bool], set[str]] = {}
        for row in rows:
            for file, record in records.items():
                if row.get("test") in record["tests"]:
                    files.setdefault((file, row["held"]), set()).add(row["test"])
        failed: list[str] = []
        for (file, held), tests in sorted(files.items()):
            self._again(file, sorted(tests), held, records, failed)
        self._drain()
        return failed

    def _again(self, file: str, tests: list[str], held: bool, records: dict[str, Any], failed: list[str]) -> None:
        """Run them as they were run: in a fork of the process that holds them, or in one that imports them."""
        slot = self._free()

        def work() -> Any:
            running.enter(slot.tree, self.plan.package, bytecode=False, numba_cache=None)
            return running.run([(file, tests)], records, slot.scratch, {})

        def then(done: dict[str, Any]) -> None:
            found = verdict(done, slot.scratch)
            if found["verdict"] == "killed":
                failed.append(found["test"])
                if found["test"] in tests:
                    self._again(file, [test for test in tests if test != found["test"]], held, records, failed)
            elif found["verdict"] != "survived":
                self.say(f"{file}: unchanged, {found}")

        if held and slot.holder is not None:
            slot.then = then
            slot.job = slot.holder.ask(module="", source="", mutant="", tests=tests, stored=[], cpu=600.0)
        else:
            self._start(slot, work, then, cpu=600)


def moved(old: str, new: str) -> dict[int, list[int]]:
    """Where each line of a module is now. What is new there is taken to run whenever the line before or after does."""
    before, after = old.splitlines(), new.splitlines()
    where: dict[int, list[int]] = {number: [] for number in range(1, len(before) + 1)}
    for _, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if before[i:j] == after[k:m]:
            for number in range(i, j):
                where[number + 1].append(number - i + k + 1)
        else:
            for number in {*range(i, j + 1), i - 1} & set(range(len(before))):
                where[number + 1] += range(k + 1, m + 1)
    return where


def latest(results: Path) -> dict[tuple[Any, ...], dict[str, Any]]:
    """What was found so far of each mutant, the last time that it was tried."""
    lines = results.read_text().splitlines() if results.exists() else []
    return {tuple(row["key"]): row for row in map(json.loads, lines)}


def verdict(done: dict[str, Any], scratch: Path) -> dict[str, Any]:
    """What came of a mutant: a process that died was noticed, as it would be; one that had to be ended was not."""
    answer = done["answer"]
    begun = scratch / "begun.txt"
    at = begun.read_text() if begun.exists() else None
    if answer is not None:
        return {"verdict": "survived" if answer["test"] is None else "killed", **answer}
    if done["ended"] == "deadline":
        return {"verdict": "undecided", "at": at}
    if done["ended"].startswith("signal"):
        return {"verdict": "killed", "test": at, "when": "call", "reason": f"the process died: {done['ended']}"}
    raise RuntimeError(f"{done['ended']}: {(scratch / 'output.txt').read_text()[-4000:]}")

"""Which tests could notice a mutant: those that ran the statement, from one recorded run of every file of tests.

What runs at import, and what numba has compiled, no record sees. There it is the tests that ran a statement which
mentions what the mutated one defines: the constant, the class or its fields, the compiled function, and what is
defined by these in turn.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mutants import Mutant

Record = Mapping[str, Any]
QUICK = 1.0  # CPU seconds of the tests of a file that are tried before the long ones of any


@dataclass(frozen=True, slots=True)
class _Statement:
    module: str
    first: int
    last: int
    mentions: frozenset[str]
    defines: frozenset[str]  # what it makes known to others, if it runs at import or is compiled
    compiled: bool


def _names(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """What is mentioned, but for annotations."""
    found: set[str] = set()
    left = list(nodes)
    while left:
        node = left.pop()
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        for name, value in ast.iter_fields(node):
            if name not in ("annotation", "returns"):
                left += [
                    child for child in (value if isinstance(value, list) else [value]) if isinstance(child, ast.AST)
                ]
    return frozenset(found)


def _is_compiled(node: ast.FunctionDef) -> bool:
    return any(name in ("njit", "jit", "vectorize", "guvectorize") for name in _names(node.decorator_list))


def statements(module: str, source: bytes) -> list[_Statement]:
    """Every statement, compound ones by their heads."""
    found = []

    def walk(body: Iterable[ast.stmt], owner: frozenset[str], runs: bool, compiled: bool) -> None:
        for node in body:
            first, last = node.lineno, node.end_lineno or node.lineno
            blocks = [b for b in (getattr(node, n, []) for n in ("body", "orelse", "finalbody")) if isinstance(b, list)]
            handlers = getattr(node, "handlers", [])
            below = [child for block in blocks for child in block] + list(handlers)
            if below:
                last = max(first, min(child.lineno for child in below) - 1)
            first = min([first, *(d.lineno for d in getattr(node, "decorator_list", []))])
            own = [child for child in ast.iter_child_nodes(node) if child not in below]
            defines = owner
            if not runs:
                if isinstance(node, ast.ClassDef | ast.FunctionDef):
                    defines = owner | {node.name}
                else:
                    targets = [n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
                    defines = owner | {n.id for n in targets}
            known = defines if compiled or not runs else frozenset()
            found.append(_Statement(module, first, last, _names(own), known, compiled))
            if isinstance(node, ast.FunctionDef):
                inner = compiled or _is_compiled(node)
                walk(node.body, frozenset({node.name}) if inner else frozenset(), True, inner)
            elif isinstance(node, ast.ClassDef):
                walk(node.body, owner | {node.name}, runs, compiled)
            else:
                for block in blocks:
                    walk(block, owner, runs, compiled)
                for handler in handlers:
                    walk(handler.body, owner, runs, compiled)

    walk(ast.parse(source).body, frozenset(), False, False)
    return found


@dataclass(slots=True)
class Chosen:
    """The tests for a mutant, in portions of files, the most promising first; the seconds they took unchanged.

    `compiled` says whether what numba compiled depends on the change, `traced` whether the records see it run.
    """

    files: list[tuple[str, list[str]]]
    seconds: float
    compiled: bool
    traced: bool


@dataclass(slots=True)
class Choice:
    """The records, indexed; and which tests noticed which modules' mutants so far."""

    records: Mapping[str, Record]
    program: Mapping[str, list[_Statement]]
    tests: list[tuple[str, str]] = field(default_factory=list)
    masks: dict[str, dict[int, int]] = field(default_factory=dict)
    shares: dict[tuple[str, str], float] = field(default_factory=dict)  # of the lines a file ran, those of a module
    kills: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    tries: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    @classmethod
    def of(cls, root: Path, modules: Iterable[str], records: Mapping[str, Record]) -> Choice:
        made = cls(records, {module: statements(module, (root / module).read_bytes()) for module in modules})
        for file, record in sorted(records.items()):
            context: defaultdict[str, int] = defaultdict(int)
            for test in record["tests"]:
                bit = 1 << len(made.tests)
                made.tests.append((file, test))
                context[test] |= bit
                for fixture in record["fixtures"].get(test, ()):
                    context[fixture] |= bit
            ran = {module: len(set().union(*found.values())) for module, found in record["lines"].items()}
            made.shares |= {(module, file): count / sum(ran.values()) for module, count in ran.items()}
            for module, by_context in record["lines"].items():
                lines = made.masks.setdefault(module, {})
                for name, numbers in by_context.items():
                    mask = context.get(name, 0)
                    for number in numbers:
                        lines[number] = lines.get(number, 0) | mask
        return made

    def _ran(self, module: str, first: int, last: int) -> int:
        lines = self.masks.get(module, {})
        mask = 0
        for number in range(first, last + 1):
            mask |= lines.get(number, 0)
        return mask

    def _reach(self, mutant: Mutant) -> tuple[int, bool, bool]:
        """The tests as a mask; whether a compiled function depends on it; whether the record sees it run."""
        mask = self._ran(mutant.module, mutant.first, mutant.last)
        here = [s for s in self.program[mutant.module] if s.first <= mutant.number <= s.last]
        names = frozenset().union(*(s.defines for s in here))
        compiled = any(s.compiled for s in here)
        if not names:
            return mask, compiled, True
        known: frozenset[str] = frozenset()
        while names - known:
            known = names
            for statement in (s for found in self.program.values() for s in found):
                if statement.mentions & known:
                    names |= statement.defines
                    compiled |= statement.compiled
        for statement in (s for found in self.program.values() for s in found):
            if statement.mentions & known:
                mask |= self._ran(statement.module, statement.first, statement.last)
        return mask, compiled, False

    def tests_for(self, mutant: Mutant) -> Chosen:
        """Those that reach it; the cheapest and most specific first, and of all what noticed its neighbours."""
        return self._chosen(mutant, *self._reach(mutant))

    def uncompiled(self, mutant: Mutant) -> Chosen:
        """Of a compiled function, the tests that run it as Python."""
        return self._chosen(mutant, self._ran(mutant.module, mutant.first, mutant.last), False, True)

    def _chosen(self, mutant: Mutant, mask: int, compiled: bool, traced: bool) -> Chosen:
        by_file: defaultdict[str, list[str]] = defaultdict(list)
        while mask:
            bit = mask & -mask
            file, test = self.tests[bit.bit_length() - 1]
            by_file[file].append(test)
            mask ^= bit
        seconds = sum(self._cost(file, tests) for file, tests in by_file.items())
        parts = [(file, part) for file, tests in by_file.items() for part in self._parts(file, tests)]
        promise = {(file, part[0]): self._promise(mutant, file, file) / self._held(file, part) for file, part in parts}
        parts.sort(key=lambda found: (-promise[found[0], found[1][0]], found))
        files = [(file, sorted(part, key=lambda test: self._eagerness(mutant, file, test))) for file, part in parts]
        return Chosen(files, seconds, compiled, traced)

    def of_files(self, chosen: Chosen, wanted: Container[str]) -> Chosen:
        """Those of some files alone."""
        files = [(file, tests) for file, tests in chosen.files if file in wanted]
        return replace(chosen, files=files, seconds=sum(self._cost(file, tests) for file, tests in files))

    def _parts(self, file: str, tests: list[str]) -> list[list[str]]:
        """Its quick tests and the others: of most mutants that are noticed, a quick test of some file notices."""
        record = self.records[file]
        needs = {test: frozenset(record["fixtures"].get(test, ())) for test in tests}

        def cost(test: str, fixtures: Iterable[str]) -> float:
            return float(record["tests"][test] + sum(record["costs"].get(fixture, 0.0) for fixture in fixtures))

        spent, made = 0.0, frozenset[str]()
        quick: list[str] = []
        others: list[str] = []
        for test in sorted(tests, key=lambda test: (cost(test, needs[test]), test)):
            spent += cost(test, needs[test] - made)
            made |= needs[test]
            (quick if spent < QUICK else others).append(test)
        return [part for part in (quick, others) if part]

    def _cost(self, file: str, tests: list[str]) -> float:
        """Seconds in a process of its own."""
        return float(0.2 + self.records[file]["collection"] + self._held(file, tests))

    def _held(self, file: str, tests: list[str]) -> float:
        """Seconds in a fork of the process that holds them."""
        record = self.records[file]
        fixtures = {fixture for test in tests for fixture in record["fixtures"].get(test, ())} - set(record["stored"])
        shared = sum(record["costs"].get(fixture, 0.0) for fixture in fixtures)
        return float(0.05 + shared + sum(record["tests"][test] for test in tests))

    def _promise(self, mutant: Mutant, file: str, name: str) -> float:
        """Of a file or one of its tests: what it noticed in the module, and before how much it is about that."""
        prior = 0.05 + 0.95 * self.shares.get((mutant.module, file), 0.0)
        return (self.kills[mutant.module, name] + prior) / (self.tries[mutant.module, name] + 1)

    def _eagerness(self, mutant: Mutant, file: str, test: str) -> tuple[float, str]:
        return -self._promise(mutant, file, test) / (0.01 + self.records[file]["tests"][test]), test

    def remember(self, module: str, killer: str | None) -> None:
        """A test that noticed a mutant of the module in an earlier run."""
        for name in (killer, killer.partition("::")[0]) if killer is not None else ():
            self.kills[module, name] += 1
            self.tries[module, name] += 1

    def unchanged(self, mutant: Mutant) -> dict[str, str]:
        """The stored values of shared fixtures that were made without the module."""
        return {
            name: value
            for record in self.records.values()
            for name, value in record["stored"].items()
            if name not in record["lines"].get(mutant.module, {})
        }

    def learn(self, mutant: Mutant, chosen: Chosen, killer: str | None) -> None:
        """What ran without noticing counts against it, what noticed for it."""
        for file, tests in chosen.files:
            self.tries[mutant.module, file] += 1
            if killer is not None and (killer in tests or killer == file):
                self.kills[mutant.module, file] += 1
                self.kills[mutant.module, killer] += 1
                self.tries[mutant.module, killer] += 1
                return
            for test in tests:
                self.tries[mutant.module, test] += 1

"""The verifier with a switch in each of its clauses, made from its syntax tree.

A clause is what alone can keep a document from being accepted:

- a part of what is required: an operand of a conjunction, a link of a chain of comparisons, also under `all`;
- a raised rejection, a returned False or NaN, what a function returns that answers yes or no;
- an end of a range in which a number, an integer or the length of a list must lie, and the names of which one must be;
- what must hold for a proven value to be 0, and the comparison of the value stated with the value proven.

Switched off, a clause counts as met. The copy of the verifier is a package of its own; the package's own one is not
touched, and nothing is written.
"""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

VERIFIER = Path(__file__).resolve().parents[2] / "proofs" / "verifier"
COPY = "verifier_with_switches"
RANGES = {"number": {"low": 2, "high": 3}, "integer": {"low": 2, "high": 3}, "sequence": {"least": None, "most": None}}


class Switches:
    """The clauses by name, the one that is off, and those that a run found not to hold."""

    def __init__(self) -> None:
        self.clauses: dict[str, str] = {}  # the reason that it gives, where it gives one of its own
        self.off = ""
        self.unmet: dict[str, None] = {}
        self._ends: dict[str, str] = {}

    def is_off(self, clause: str) -> bool:
        """Whether this clause counts as met."""
        return clause == self.off

    def seen(self, clause: str, value: Any) -> Any:
        """Note a clause that is not met."""
        if not value:
            self.unmet[clause] = None
        return value

    def end(self, clause: str, kind: str, value: Any) -> Any:
        """An end of a range, or names; the last one asked for is the one that was not met, if any."""
        self._ends[kind] = clause
        if clause == self.off:
            return {"least": -math.inf, "low": -math.inf, "names": Anything()}.get(kind, math.inf)
        return value

    def start(self, off: str = "") -> None:
        """Forget what was seen, and switch one clause off."""
        self.off, self.unmet, self._ends = off, {}, {}

    @property
    def suspects(self) -> list[str]:
        """The clauses that may have been the reason of the last rejection."""
        ends = [self._ends[kind] for clause in self.unmet for kind in self._ends if is_about(clause, kind)]
        return [*self.unmet, *ends]


def is_about(clause: str, kind: str) -> bool:
    """Whether a clause of what reads a value is about this end of its range, or about the names that it may be."""
    return clause.startswith("reading.") and kind in clause.split()


class Anything(Sequence[str]):
    """Names of which everything is one."""

    def __contains__(self, name: object) -> bool:
        return True

    def __len__(self) -> int:
        return 0

    def __getitem__(self, place: Any) -> Any:
        raise IndexError(place)


class _Switcher(ast.NodeTransformer):
    """Puts a switch into each clause of a module."""

    def __init__(self, module: str, switches: Switches) -> None:
        self.place, self.switches = [module], switches
        self.answers = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if node.name == "require":
            return node
        outer, self.answers = self.answers, isinstance(node.returns, ast.Name) and node.returns.id == "bool"
        self.place.append(node.name)
        self.generic_visit(node)
        self.place.pop()
        self.answers = outer
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.place.append(node.name)
        self.generic_visit(node)
        self.place.pop()
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        if isinstance(node.body, ast.Compare):
            node.body = self.switched(node.body)
            return node
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        call = node.value
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "require":
            call.args[0] = self.switched(call.args[0], reason_of(call.args[1]))
        return self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        if isinstance(node.exc, ast.Call) and getattr(node.exc.func, "id", "") == "RejectedError":
            reason = reason_of(node.exc.args[0])
            name = self.name(f"raises {reason}", reason)
            return self.unless_off(name, self.generic_visit(node))
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        if self.answers and ast.unparse(node) != "return True":
            assert node.value is not None
            node.value = self.switched(node.value)
            return self.generic_visit(node)
        if node.value is not None and ast.unparse(node.value) == "arb('nan')":
            return self.unless_off(self.name("returns NaN"), node)
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        nothing = len(node.body) == 1 and ast.unparse(node.body[0]) in ("return arb(0)", "return None")
        stated = isinstance(node.test, ast.IfExp) and isinstance(node.body[0], ast.Return)
        if nothing or stated:
            node.test = self.switched(node.test)
        return self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        if ast.unparse(node.body) == "arb(0)":
            node.test = self.switched(node.test)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        called = getattr(node.func, "id", "")
        if called == "one_of" and len(node.args) == 3:
            node.args[2] = self.ended(f"{told(node.args[1])} is one of the names", "names", node.args[2])
        for name, place in RANGES.get(called, {}).items():
            if self.place[0] == "reading":
                continue
            what = f"{called} {told(node.args[1])} {name}"
            for keyword in node.keywords:
                if keyword.arg == name:
                    keyword.value = self.ended(what, name, keyword.value)
            if place is not None and len(node.args) > place:
                node.args[place] = self.ended(what, name, node.args[place])
        return self.generic_visit(node)

    def switched(self, node: ast.expr, reason: str = "") -> ast.expr:
        """A condition with a switch in each part, met if that is off."""
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            node.values = [self.switched(value, reason) for value in node.values]
            return node
        if isinstance(node, ast.IfExp):
            node.body, node.orelse = self.switched(node.body, reason), self.switched(node.orelse, reason)
            return node
        if isinstance(node, ast.Compare) and len(node.ops) > 1:
            ends = [node.left, *node.comparators]
            links = [ast.Compare(a, [op], [b]) for a, op, b in zip(ends[:-1], node.ops, ends[1:], strict=True)]
            return ast.BoolOp(ast.And(), [self.switched(link, reason) for link in links])
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("all", "bool") and len(node.args) == 1:
            inner = node.args[0]
            if isinstance(inner, ast.GeneratorExp):
                inner.elt = self.switched(inner.elt, reason)
                return node
            if isinstance(inner, ast.Compare):
                node.args[0] = self.switched(inner, reason)
                return node
        name = ast.Constant(self.name(ast.unparse(node), reason))
        return ast.BoolOp(ast.Or(), [call("is_off", name), call("seen", name, node)])

    def unless_off(self, name: str, node: ast.AST) -> ast.AST:
        """A statement that is left out if its clause is off."""
        assert isinstance(node, ast.stmt)
        seen = ast.Expr(call("seen", ast.Constant(name), ast.Constant(False)))
        return ast.If(ast.UnaryOp(ast.Not(), call("is_off", ast.Constant(name))), [seen, node], [])

    def ended(self, what: str, kind: str, node: ast.expr) -> ast.expr:
        """An end of a range."""
        return call("end", ast.Constant(self.name(f"{what} {ast.unparse(node)}")), ast.Constant(kind), node)

    def name(self, text: str, reason: str = "") -> str:
        """A new name: where the clause stands, and what it says."""
        name = stem = f"{'.'.join(self.place)}: {text}"
        count = 1
        while name in self.switches.clauses:
            count += 1
            name = f"{stem} ({count})"
        self.switches.clauses[name] = reason
        return name


def call(method: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(ast.Name("_switches", ast.Load()), method, ast.Load()), list(arguments), [])


def told(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)


def reason_of(node: ast.expr) -> str:
    """A message as it stands in the source."""
    return ast.unparse(node).removeprefix("f").strip("'\"")


def switch(source: str, module: str, switches: Switches) -> CodeType:
    """The code of a module with its switches. Its file name is no file's: coverage measures the verifier itself."""
    tree = ast.fix_missing_locations(_Switcher(module, switches).visit(ast.parse(source)))
    return compile(tree, f"<{module} with switches>", "exec")  # type: ignore[no-any-return]


class _Loader(SourceFileLoader):
    """Loads a module of the copy; never from or to a cache."""

    switches: Switches

    def get_code(self, fullname: str) -> CodeType:
        path = Path(self.get_filename(fullname))
        return switch(path.read_text(), path.stem, self.switches)

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["_switches"] = self.switches
        super().exec_module(module)


class _Finder(MetaPathFinder):
    def __init__(self, switches: Switches) -> None:
        self.switches = switches

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        package, _, module = name.partition(".")
        if package != COPY:
            return None
        file = VERIFIER / f"{module or '__init__'}.py"
        loader = _Loader(name, str(file))
        loader.switches = self.switches
        return spec_from_file_location(name, file, loader=loader, submodule_search_locations=None if module else [])


@contextmanager
def switched_verifier() -> Iterator[tuple[ModuleType, Switches]]:
    """The copy, and its switches."""
    import importlib

    switches = Switches()
    finder = _Finder(switches)
    sys.meta_path.insert(0, finder)
    try:
        yield importlib.import_module(COPY), switches
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] == COPY]:
            del sys.modules[name]

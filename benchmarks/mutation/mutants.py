"""The changes: every place of a module where an operator applies, found on the syntax tree, made on the source text.

An operator yields edits (from, to, new text), so that a mutant differs from the module in nothing but the change. Left
alone are docstrings, annotations and what is imported for them, which nothing executes, and the inside of f-strings:
display text.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

COMPARISONS: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}
ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.Pow: ("**", "*"),
    ast.MatMult: ("@", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.BitXor: ("^", "|"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}
EXTREMA = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "any": "all", "all": "any"}
_GAP = re.compile(rb"#[^\n]*|[\s()\\]+")  # what may stand between an operand and its operator


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module.

    Attributes
    ----------
    line, change, occurrence
        Name it together with `module` and `operator`, wherever in the module the line moves: the text of the first
        line it touches, what becomes what, and a count among those that agree in all this.
    first, last
        The lines of the statement it is in (of a compound one, the head), for the choice of tests.
    """

    group: str
    module: str
    operator: str
    line: str
    change: str
    occurrence: int
    number: int
    first: int
    last: int
    start: int
    end: int
    text: str

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        return self.module, self.operator, self.line, self.change, self.occurrence

    def apply(self, source: bytes) -> bytes:
        return source[: self.start] + self.text.encode() + source[self.end :]

    def diff(self, source: bytes) -> str:
        before, after = (text.decode().splitlines() for text in (source, self.apply(source)))
        return "\n".join(difflib.unified_diff(before, after, self.module, self.module, lineterm="", n=1))

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


Edit = tuple[int, int, str]


class _Module:
    """The source and the places of its nodes in it, in bytes."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.tree = ast.parse(source)
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def span(self, node: Any) -> tuple[int, int]:
        return self.starts[node.lineno - 1] + node.col_offset, self.starts[node.end_lineno - 1] + node.end_col_offset

    def text(self, node: Any) -> str:
        start, end = self.span(node)
        return self.source[start:end].decode()

    def token(self, left: Any, right: Any, token: str) -> tuple[int, int]:
        """The operator between two operands."""
        start, end = self.span(left)[1], self.span(right)[0]
        return self._token(start, end, token)

    def _token(self, start: int, end: int, token: str) -> tuple[int, int]:
        wanted = re.compile(rb"\s+".join(re.escape(word.encode()) for word in token.split()))
        while start < end:
            gap = _GAP.match(self.source, start, end)
            if gap:
                start = gap.end()
                continue
            found = wanted.match(self.source, start, end)
            if found is None:
                break
            return found.span()
        raise AssertionError(f"no {token} where the syntax tree has one")

    def tokens_from(self, node: Any, operand: Any, token: str) -> tuple[int, int]:
        return self._token(self.span(node)[0], self.span(operand)[0], token)


def _comparison(module: _Module, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            token, others = COMPARISONS[type(operator)]
            place = module.token(left, right, token)
            yield from ((*place, other) for other in others)


def _arithmetic(module: _Module, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.BinOp) and not any(_is_text(side) for side in (node.left, node.right)):
        token, other = ARITHMETIC[type(node.op)]
        yield (*module.token(node.left, node.right, token), other)
    elif isinstance(node, ast.AugAssign) and not _is_text(node.value):
        token, other = ARITHMETIC[type(node.op)]
        yield (*module.token(node.target, node.value, token + "="), other + "=")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield (*module.tokens_from(node, node.operand, "-"), "")


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _connective(module: _Module, node: ast.AST) -> Iterator[Edit]:
    """``and`` for ``or``, and back: at every place of a chain at once, or its precedence would change with it."""
    if isinstance(node, ast.BoolOp):
        token, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        start, end = module.span(node)
        text, at = "", start
        for left, right in zip(node.values, node.values[1:], strict=False):
            place = module.token(left, right, token)
            text += module.source[at : place[0]].decode() + other
            at = place[1]
        yield start, end, "(" + text + module.source[at:end].decode() + ")"


def _operand(module: _Module, node: ast.AST) -> Iterator[Edit]:
    """One operand of a chain less."""
    if isinstance(node, ast.BoolOp):
        token = " and " if isinstance(node.op, ast.And) else " or "
        for dropped in node.values:
            kept = [f"({module.text(value)})" for value in node.values if value is not dropped]
            yield (*module.span(node), f"({token.join(kept)})")


def _negation(module: _Module, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield (*module.tokens_from(node, node.operand, "not"), "")


def _constant(module: _Module, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        for step in (1, -1):
            yield (*module.span(node), f"({node.value + step!r})")


def _extremum(module: _Module, node: ast.AST) -> Iterator[Edit]:
    yield from _renamed(module, node, EXTREMA)


def _renamed(module: _Module, node: ast.AST, names: Mapping[str, str]) -> Iterator[Edit]:
    """Another function or member: a name that is read, or an attribute."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        yield (*module.span(node), names[node.id])
    elif isinstance(node, ast.Attribute) and node.attr in names:
        end = module.span(node)[1]
        yield end - len(node.attr), end, names[node.attr]


def _statement(module: _Module, node: ast.AST) -> Iterator[Edit]:
    """No raise, no early return, no call that stands alone (a ``require``, an update in place)."""
    for block in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
        if not isinstance(block, list):
            continue
        last = isinstance(node, ast.FunctionDef) and block is node.body
        for statement in block:
            early = isinstance(statement, ast.Return) and not (last and statement is block[-1])
            call = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
            if early or call or isinstance(statement, ast.Raise):
                yield (*module.span(statement), "pass")


def _branch(module: _Module, node: ast.AST) -> Iterator[Edit]:
    tests = [node.test] if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert) else []
    if isinstance(node, ast.comprehension):
        tests = node.ifs
    for test in tests:
        yield (*module.span(test), f"(not ({module.text(test)}))")


OPERATORS = {
    "comparison": _comparison,
    "arithmetic": _arithmetic,
    "connective": _connective,
    "operand": _operand,
    "negation": _negation,
    "constant": _constant,
    "extremum": _extremum,
    "statement": _statement,
    "branch": _branch,
}


def mutants(
    root: Path, group: str, module: str, operators: Sequence[str], ends: Sequence[Sequence[str]]
) -> list[Mutant]:
    """Every change of a module; the operator ``ends`` swaps the pairs of names given."""
    source = (root / module).read_bytes()
    parsed = _Module(source)
    lines = source.decode().splitlines()
    swaps = {a: b for pair in ends for a, b in (pair, pair[::-1])}
    seen: Counter[tuple[str, str, str]] = Counter()
    found = []
    for node, statement in _executed(parsed.tree):
        for operator in operators:
            edits = _renamed(parsed, node, swaps) if operator == "ends" else OPERATORS[operator](parsed, node)
            for start, end, text in edits:
                old = " ".join(source[start:end].decode().split())
                number = source.count(b"\n", 0, start) + 1
                identity = operator, lines[number - 1].strip(), f"{old} → {' '.join(text.split())}"
                first, last = _extent(statement if number >= statement.lineno else node)
                found.append(
                    Mutant(
                        group, module, *identity, seen[identity], number, first, max(last, number), start, end, text
                    )
                )  # fmt: skip
                seen[identity] += 1
    return sorted(found, key=lambda m: (m.start, m.end, m.operator, m.text))


def differs(root: Path, mutant: Mutant) -> bool:
    """Whether the change is one: ``-0`` for ``0`` has the same tree."""
    source = (root / mutant.module).read_bytes()
    return ast.dump(ast.parse(mutant.apply(source))) != ast.dump(ast.parse(source))


def _executed(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.stmt]]:
    """The nodes that are executed, each with its innermost statement."""

    def walk(node: ast.AST, statement: ast.stmt) -> Iterator[tuple[ast.AST, ast.stmt]]:
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "type_comment"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr) and not _for_types(child):
                    inner = child if isinstance(child, ast.stmt) else statement
                    yield child, inner
                    yield from walk(child, inner)

    for top in tree.body:
        if not _for_types(top):
            yield top, top
            yield from walk(top, top)


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _extent(node: Any) -> tuple[int, int]:
    """First and last line of a statement; of a compound one without its blocks."""
    last = node.end_lineno
    blocks = [block for name in ("body", "handlers", "orelse") for block in [getattr(node, name, None)] if block]
    if blocks and isinstance(blocks[0], list):
        last = max(node.lineno, blocks[0][0].lineno - 1)
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)]), last

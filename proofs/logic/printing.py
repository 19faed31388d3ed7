"""Propositions and statements in words and in LaTeX, from the objects themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

from keybounds.proofs.logic.propositions import Equivalence, Negation, Predicate, Proposition, Relation
from keybounds.proofs.logic.statement import Clause, Statement
from keybounds.proofs.logic.terms import D2, Defined, Uninterpreted

_LATEX_RELATIONS = {"=": "=", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}


class _Words(StrPrinter):  # type: ignore[misc]
    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        if expr.exp == sp.Rational(1, 2) and (expr.base.is_Symbol or expr.base.is_Integer):
            return f"sqrt {self._print(expr.base)}"
        return super()._print_Pow(expr, rational=rational).replace("**", "^")  # type: ignore[no-any-return]

    def _print_MatrixBase(self, expr: Any) -> str:
        rows = (", ".join(self._print(entry) for entry in row) for row in expr.tolist())
        return f"[{'; '.join(rows)}]"

    def _print_Integral(self, expr: Any) -> str:
        variable, low, high = expr.limits[0]
        ends = f"from {variable} = {self._print(low)} to {self._print(high)}"
        return f"(integral {ends} of {self._print(expr.function)})"

    def _print_Uninterpreted(self, expr: Any) -> str:
        if type(expr).__name__ == "matrix":
            return str(self._print(expr.args[0]))
        separator = getattr(expr, "separator", ",")
        inside = f" {separator} " if separator != "," else ", "
        name = type(expr).__name__
        return f"{name}({inside.join(self._print(a) for a in expr.args)})" if expr.args else name

    def _print_Function(self, expr: Any) -> str:
        if isinstance(expr, Uninterpreted):
            return self._print_Uninterpreted(expr)
        if isinstance(expr, D2):
            return f"D2({self._print(expr.args[0])} || {self._print(expr.args[1])})"
        return super()._print_Function(expr)  # type: ignore[no-any-return]


class _Latex(LatexPrinter):  # type: ignore[misc]
    def _print_Function(self, expr: Any, exp: Any = None) -> str:
        if type(expr).__name__ == "matrix":
            return str(self._print(expr.args[0]))
        if not isinstance(expr, (Defined, Uninterpreted)):
            return super()._print_Function(expr, exp)  # type: ignore[no-any-return]
        separator = r"\,\|\," if isinstance(expr, D2) else getattr(expr, "separator", ",")
        separator = {"||": r"\,\|\,", ":": ":", "|": "|"}.get(separator, separator)
        inside = separator.join(self._print(a) for a in expr.args)
        power = f"^{{{exp}}}" if exp else ""
        return f"{expr.latex_name}{power}\\left({inside}\\right)" if expr.args else expr.latex_name


def words(expression: Any) -> str:
    """An expression in plain text."""
    text = _Words().doprint(expression)
    text = re.sub(r"\s*\*\s*", " ", text.replace("**", "^"))
    return re.sub(r"\bsqrt\((\w+)\)", r"sqrt \1", text)


def latex(expression: Any) -> str:
    """An expression in LaTeX."""
    text = _Latex({"fold_short_frac": False, "mul_symbol": None}).doprint(expression)
    return str(text)


def say(proposition: Proposition) -> str:
    """A proposition in words."""
    if isinstance(proposition, Relation):
        return f"{words(proposition.left)} {proposition.relation} {words(proposition.right)}"
    if isinstance(proposition, Predicate):
        return proposition.definition.words.format(*(words(a) for a in proposition.arguments))
    if isinstance(proposition, Equivalence):
        return f"{say(proposition.left)} if and only if {say(proposition.right)}"
    if isinstance(proposition, Negation):
        return f"it is not so that {say(proposition.proposition)}"
    return f"if {listed(say(one) for one in ordered(proposition.hypotheses))}, then {say(proposition.conclusion)}"


def typeset(proposition: Proposition) -> str:
    r"""A proposition in LaTeX's mathematics; words in it are \text."""
    if isinstance(proposition, Relation):
        return f"{latex(proposition.left)} {_LATEX_RELATIONS[proposition.relation]} {latex(proposition.right)}"
    if isinstance(proposition, Predicate):
        definition = proposition.definition
        arguments = [latex(one) for one in proposition.arguments]
        if definition.latex:
            return _filled(definition.latex, arguments)
        return r"\text{" + _filled(definition.words.replace("_", r"\_"), [f"${one}$" for one in arguments]) + "}"
    if isinstance(proposition, Equivalence):
        return f"{typeset(proposition.left)} \\;\\Longleftrightarrow\\; {typeset(proposition.right)}"
    if isinstance(proposition, Negation):
        return rf"\neg\left({typeset(proposition.proposition)}\right)"
    left = r",\ ".join(typeset(one) for one in ordered(proposition.hypotheses))
    return f"{left} \\;\\Longrightarrow\\; {typeset(proposition.conclusion)}"


def _filled(template: str, arguments: list[str]) -> str:
    """`template` with {0}, {1}, .. replaced in one pass: arguments have braces of their own."""
    return re.sub(r"\{(\d)\}", lambda match: arguments[int(match[1])], template)


def ordered(propositions: Iterable[Proposition]) -> list[Proposition]:
    """In a fixed order: relations last."""
    return sorted(propositions, key=lambda one: (isinstance(one, Relation), say(one)))


def listed(parts: Iterable[str]) -> str:
    """a, b and c."""
    items = list(parts)
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def clause_sentence(clause: Clause) -> str:
    """A clause in words, with its own hypotheses."""
    when = f"if {listed(say(one) for one in clause.hypotheses)}, then " if clause.hypotheses else ""
    introduction = f"{clause.words}: " if clause.words else ""
    return f"{introduction}{when}{say(clause.proposition)}"


def sentence(statement: Statement) -> str:
    """The statement in words."""
    parameters = listed(f"{p.symbol} ({p.words})" if p.words else str(p.symbol) for p in statement.parameters)
    given = listed(say(one) for one in statement.hypotheses)
    beginning = f"For all {parameters}" + (f" with {given}" if given else "")
    return f"{beginning}: {'; '.join(clause_sentence(clause) for clause in statement.clauses)}."


class TypesetStatement(NamedTuple):
    """A statement in LaTeX: symbols with words, hypotheses, and clauses as (words, own hypotheses, formula)."""

    parameters: tuple[tuple[str, str], ...]
    hypotheses: tuple[str, ...]
    clauses: tuple[tuple[str, tuple[str, ...], str], ...]


def typeset_statement(statement: Statement) -> TypesetStatement:
    """The parts of a statement in LaTeX."""
    return TypesetStatement(
        tuple((latex(one.symbol), one.words) for one in statement.parameters),
        tuple(typeset(one) for one in statement.hypotheses),
        tuple(
            (clause.words or clause.name, tuple(typeset(one) for one in clause.hypotheses), typeset(clause.proposition))
            for clause in statement
        ),
    )


def formula(statement: Statement) -> str:
    r"""The clauses in LaTeX, one a line of `gathered`; the statement's hypotheses are in the text around."""
    lines = []
    for clause in statement.clauses:
        given = r",\ ".join(typeset(one) for one in clause.hypotheses)
        lines.append((f"{given} \\;\\Longrightarrow\\; " if given else "") + typeset(clause.proposition))
    return lines[0] if len(lines) == 1 else r"\begin{gathered} " + r" \\ ".join(lines) + r" \end{gathered}"

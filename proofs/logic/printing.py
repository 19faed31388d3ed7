"""Propositions and statements in words and in LaTeX, from the objects themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache, partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

from keybounds.proofs import prose
from keybounds.proofs.logic.propositions import Equivalence, Negation, Predicate, Proposition, Relation
from keybounds.proofs.logic.statement import Clause, Statement
from keybounds.proofs.logic.sums import Bound
from keybounds.proofs.logic.terms import D2, Defined, Uninterpreted, log2

if TYPE_CHECKING:
    from keybounds.proofs.logic.kernel import Theorem

_LATEX_RELATIONS = {"=": "=", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}


class _PositiveFirst:
    """Sums begin with a term that is added, if there is one: 1 - p, not -p + 1."""

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        terms = super()._as_ordered_terms(expr, order=order)  # type: ignore[misc]
        return sorted(terms, key=lambda term: bool(term.could_extract_minus_sign()))


class _Words(_PositiveFirst, StrPrinter):  # type: ignore[misc]
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
        name = type(expr).__name__.removeprefix("system_")
        return f"{name}({inside.join(self._print(a) for a in expr.args)})" if expr.args else name

    def _print_log(self, expr: Any) -> str:
        return f"ln({self._print(expr.args[0])})"

    def _print_Tuple(self, expr: Any) -> str:
        return f"({', '.join(self._print(a) for a in expr)})"

    def _print_Function(self, expr: Any) -> str:
        if isinstance(expr, Uninterpreted):
            return self._print_Uninterpreted(expr)
        if isinstance(expr, D2):
            return f"D2({self._print(expr.args[0])} || {self._print(expr.args[1])})"
        return super()._print_Function(expr)  # type: ignore[no-any-return]


class _Latex(_PositiveFirst, LatexPrinter):  # type: ignore[misc]
    def _print_Tuple(self, expr: Any) -> str:
        return rf"\left({', '.join(self._print(a) for a in expr)}\right)"

    def _print_delta(self, expr: Any, exp: Any = None) -> str:
        first, second, _ = (self._print(a) for a in expr.args)
        return rf"\left[{first} = {second}\right]" + (f"^{{{exp}}}" if exp else "")

    def _print_size(self, expr: Any, exp: Any = None) -> str:
        return rf"\left|{self._print(expr.args[0])}\right|" + (f"^{{{exp}}}" if exp else "")

    def _print_Function(self, expr: Any, exp: Any = None) -> str:
        if type(expr).__name__ == "matrix":
            return str(self._print(expr.args[0]))
        if not isinstance(expr, (Defined, Uninterpreted)):
            return super()._print_Function(expr, exp)  # type: ignore[no-any-return]
        name = latex_name(type(expr))
        alone = len(expr.args) == 1 and isinstance(expr.args[0], sp.Tuple)  # its brackets are the function's
        arguments = [_bare(self._print(a)) for a in (expr.args[0] if alone else expr.args)]
        said = prose.filled(name, arguments, "||" if isinstance(expr, D2) else getattr(expr, "separator", ","))
        if exp is None:
            return said
        if arguments and said.startswith(name) and "^" not in name:
            return rf"{name}^{{{exp}}}{said.removeprefix(name)}"
        if said.startswith(r"\left\|") and said.endswith(r"\right\|"):
            return rf"{said}^{{{exp}}}"
        return rf"\left({said}\right)^{{{exp}}}"

    def _print_Symbol(self, expr: Any, style: Any = "plain") -> str:
        bare = expr.name.rstrip("'")
        if bare != expr.name:
            return f"{self._print_Symbol(sp.Symbol(bare))}{expr.name[len(bare) :]}"
        head = expr.name.split("_")[0]
        if len(head) > 1 and head.isalpha() and super()._print_Symbol(expr).startswith(head):
            return rf"\mathit{{{prose.escape(expr.name)}}}"
        return super()._print_Symbol(expr)  # type: ignore[no-any-return]


def latex_name(function: Any) -> str:
    """LaTeX's name of a function of the statements, or a template of it; a word is set upright."""
    name = str(function.latex_name)
    if len(name.split("_")[0]) == 1 or not re.fullmatch(r"[A-Za-z_]+", name):
        return name
    return rf"\mathsf{{{name.replace('_', chr(92) + ' ')}}}"


@cache
def names() -> dict[str, tuple[str, str]]:
    """LaTeX's names of the functions of all notions, with what stands between the arguments, by name in plain text."""
    found: dict[str, tuple[str, str]] = {"h": ("h", ","), "D2": ("D_2", "||")}
    for path in sorted(Path(prose.__file__).parent.glob("notions*.py")):
        found = {**names_of(import_module(f"keybounds.proofs.{path.stem}")), **found}
    return found


def names_of(module: ModuleType) -> dict[str, tuple[str, str]]:
    """The same of one module of notions."""
    functions = [
        one if isinstance(one, type) else type(one)
        for one in vars(module).values()
        if isinstance(one, Uninterpreted) or (isinstance(one, type) and issubclass(one, (Uninterpreted, Defined)))
    ]
    return {
        one.__name__: (latex_name(one), getattr(one, "separator", ","))
        for one in functions
        if isinstance(getattr(one, "latex_name", None), str)
    }


def words(expression: Any) -> str:
    """An expression in plain text."""
    return _said(_fixed(expression))


@lru_cache(maxsize=16384)
def _said(expression: Any) -> str:
    text = _Words().doprint(expression)
    text = re.sub(r"\s*\*\s*", " ", text.replace("**", "^"))
    return re.sub(r"\bsqrt\((\w+)\)", r"sqrt \1", text)


def latex(expression: Any) -> str:
    """An expression in LaTeX."""
    return _printed(_fixed(expression))


_NOTHING = {log2(sp.Integer(1)): sp.Integer(0)}


def _fixed(expression: Any) -> Any:
    """An expression that can be looked up, without a term that is 0 because a logarithm of 1 is."""
    found = expression.as_immutable() if isinstance(expression, sp.MatrixBase) else expression
    return found.xreplace(_NOTHING) if isinstance(found, sp.Basic) else found


@lru_cache(maxsize=16384)
def _printed(expression: Any) -> str:
    text = _Latex({"fold_short_frac": False, "mul_symbol": None, "ln_notation": True}).doprint(expression)
    return _lighter(_bare(str(text)))


def _bare(tex: str) -> str:
    """A sum that stands by itself, without the brackets that set it apart from factors."""
    if tex.startswith((r"\left[\sum", r"\left[\bigoplus")) and tex.endswith(r"\right]"):
        depth = 0
        for match in re.finditer(r"\\left(?![a-z])|\\right(?![a-z])", tex):
            depth += 1 if match[0] == r"\left" else -1
            if not depth:
                return tex[6:-7] if match.end() == len(tex) - 1 else tex
    return tex


_TALL = (r"\frac", r"\sqrt", r"\sum", r"\bigoplus", r"\begin", r"\left", r"\int")


def _lighter(tex: str) -> str:
    r"""Without \left and \right around what is no taller than a line."""
    for opening, closing in (("(", ")"), ("[", "]"), ("|", "|")):
        pattern = re.compile(
            rf"\\left{re.escape(opening)} ?((?:(?!\\left|\\right).)*?) ?\\right{re.escape(closing)}", re.DOTALL
        )
        lighter = partial(_light, opening=opening, closing=closing)
        while (changed := pattern.sub(lighter, tex)) != tex:
            tex = changed
    return tex.replace(r"\Left", r"\left").replace(r"\Right", r"\right")


def _light(match: re.Match[str], opening: str, closing: str) -> str:
    whole, inside = match[0], match[1]
    if any(tall in inside for tall in _TALL) or r"\Left" in inside:
        return whole.replace(r"\left", r"\Left", 1)[: -len(r"\right") - len(closing)] + rf"\Right{closing}"
    return f"{opening}{inside}{closing}"


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


def in_text(proposition: Proposition) -> str:
    r"""A proposition in LaTeX's text, its formulas between dollars."""
    if isinstance(proposition, Relation):
        short, meanings = _abbreviated(proposition)
        where = listed(f"${latex(symbol)} = {latex(value)}$" for symbol, value in meanings)
        return f"${typeset(short)}$" + (f", where {where}" if where else "")
    if isinstance(proposition, Predicate):
        definition = proposition.definition
        if definition.latex:
            return f"${typeset(proposition)}$"
        given = [f"${latex(one)}$" for one in proposition.arguments]
        return prose.to_latex(re.sub(r"\{(\d)\}", lambda match: given[int(match[1])], definition.words), names())
    if isinstance(proposition, Equivalence):
        return f"{in_text(proposition.left)} if and only if {in_text(proposition.right)}"
    if isinstance(proposition, Negation):
        return f"it is not so that {in_text(proposition.proposition)}"
    hypotheses = listed(in_text(one) for one in ordered(proposition.hypotheses))
    return f"if {hypotheses}, then {in_text(proposition.conclusion)}"


_LONG = 420  # characters of TeX from which on what is repeated gets a letter of its own
_WORTH = 60  # characters that a letter must save


def _abbreviated(relation: Relation) -> tuple[Relation, list[tuple[Any, Any]]]:
    """A relation with letters for the numbers that take most of its room, and what these are."""
    meanings: list[tuple[Any, Any]] = []
    numbers = [sp.Symbol(rf"{{\mathfrak {letter}}}", real=True) for letter in "abcde"]  # no statement has these
    operators = [sp.Symbol(rf"{{\mathfrak {letter}}}", commutative=False) for letter in "ABC"]
    while numbers and operators and len(typeset(relation)) > _LONG:
        parts = [part for side in (relation.left, relation.right) for part in sp.preorder_traversal(side)]
        indices = {part.index for part in parts if isinstance(part, Bound)}
        counted = Counter(
            part
            for part in parts
            if isinstance(part, (sp.Add, sp.Mul, sp.Pow, Uninterpreted))
            and (part.free_symbols or not part.is_commutative)
            and not part.free_symbols & indices
            and part not in (relation.left, relation.right)
        )
        gains = {part: (count - 1) * (len(latex(part)) - 4) for part, count in counted.items() if count > 1}
        if max(gains.values(), default=0) < _WORTH:
            break
        most = max(gains, key=lambda part: (gains[part], str(part)))
        letter = (numbers if most.is_commutative else operators).pop(0)
        left, right = (side.xreplace({most: letter}) for side in (relation.left, relation.right))
        relation = Relation(left, relation.relation, right)
        meanings.append((letter, most))
    return relation, meanings


def typeset(proposition: Proposition) -> str:
    r"""A proposition in LaTeX's mathematics; words in it are \text."""
    if isinstance(proposition, Relation):
        return f"{latex(proposition.left)} {_LATEX_RELATIONS[proposition.relation]} {latex(proposition.right)}"
    if isinstance(proposition, Predicate):
        definition = proposition.definition
        arguments = [latex(one) for one in proposition.arguments]
        if definition.latex:
            return prose.filled(definition.latex, arguments)
        return rf"\text{{{in_text(proposition)}}}"
    if isinstance(proposition, Equivalence):
        return f"{typeset(proposition.left)} \\;\\Longleftrightarrow\\; {typeset(proposition.right)}"
    if isinstance(proposition, Negation):
        return rf"\neg\left({typeset(proposition.proposition)}\right)"
    left = r",\ ".join(typeset(one) for one in ordered(proposition.hypotheses))
    return f"{left} \\;\\Longrightarrow\\; {typeset(proposition.conclusion)}"


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


def sentences(statement: Statement) -> tuple[str, ...]:
    """The statement in words: for all which values, and then each clause."""
    parameters = listed(f"{p.symbol} ({p.words})" if p.words else str(p.symbol) for p in statement.parameters)
    given = listed(say(one) for one in statement.hypotheses)
    beginning = f"For all {parameters}" + (f" with {given}" if given else "")
    return beginning, *(clause_sentence(clause) for clause in statement.clauses)


class TypesetStatement(NamedTuple):
    """A statement in LaTeX's text: symbols with words, hypotheses, and clauses as (name, words, hypotheses, text).

    Bounds of one symbol are joined in `hypotheses`; `granted` has each hypothesis by itself, those of clauses included.
    """

    parameters: tuple[tuple[str, str], ...]
    hypotheses: tuple[str, ...]
    clauses: tuple[tuple[str, str, tuple[str, ...], str], ...]
    granted: tuple[str, ...]


class TypesetTheorem(NamedTuple):
    """A published theorem in plain words, and in LaTeX's text what is used of it."""

    name: str
    source: str
    words: str
    hypotheses: tuple[str, ...]
    conclusion: str


def typeset_statement(statement: Statement) -> TypesetStatement:
    """The parts of a statement in LaTeX."""
    return TypesetStatement(
        tuple((latex(one.symbol), one.words) for one in statement.parameters),
        _joined(statement.hypotheses),
        tuple(
            (clause.name, clause.words, _joined(clause.hypotheses), in_text(clause.proposition)) for clause in statement
        ),
        tuple(
            in_text(one) for one in (*statement.hypotheses, *(one for clause in statement for one in clause.hypotheses))
        ),
    )


def _joined(hypotheses: Iterable[Proposition]) -> tuple[str, ...]:
    """Hypotheses in LaTeX's text, the first lower and upper bound of a symbol in one formula."""
    said: dict[Any, str] = {}
    lower: dict[Any, Relation] = {}
    for one in hypotheses:
        said[one] = in_text(one)
        if not isinstance(one, Relation) or not one.left.is_Symbol:
            continue
        if one.relation[0] == ">" and one.left not in lower:
            lower[one.left] = one
        elif one.relation[0] == "<" and lower.get(one.left) in said:
            below = lower[one.left]
            relation = _LATEX_RELATIONS[below.mirrored.relation]
            said[below] = f"${latex(below.right)} {relation} {typeset(one)}$"
            said.pop(one)
            lower[one.left] = one  # which is not said by itself: nothing more is joined to it
    return tuple(said.values())


@lru_cache(maxsize=1024)
def typeset_theorem(theorem: Theorem) -> TypesetTheorem:
    """The parts of a theorem."""
    hypotheses = tuple(in_text(one) for one in ordered(theorem.hypotheses))
    return TypesetTheorem(theorem.name, theorem.source, theorem.words, hypotheses, in_text(theorem.conclusion))


def formula(statement: Statement) -> str:
    r"""The clauses in LaTeX, one a line of `gathered`; the statement's hypotheses are in the text around."""
    lines = []
    for clause in statement.clauses:
        given = r",\ ".join(typeset(one) for one in clause.hypotheses)
        lines.append((f"{given} \\;\\Longrightarrow\\; " if given else "") + typeset(clause.proposition))
    return lines[0] if len(lines) == 1 else r"\begin{gathered} " + r" \\ ".join(lines) + r" \end{gathered}"

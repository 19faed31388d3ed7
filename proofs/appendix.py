r"""The claims as an appendix in LaTeX: notions, theorems with labels, proofs that refer to them, witnesses at the end.

Statements and steps are typeset from their objects (`proofs.logic.printing`). A display that does not fit the line is
broken between terms; what is still too wide is scaled to the line by adjustbox, so that no class has overfull boxes.
"""

from __future__ import annotations

import ast
import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from keybounds.proofs.claim import Ground, Report, Step, Verdict

_GREEK = (
    *("rho", "sigma", "tau", "Pi", "Gamma", "psi", "pi", "omega", "Phi", "phi", "Delta", "Lambda", "theta", "eta"),
    *("lambda", "mu", "alpha", "gamma", "delta"),
)
_RELATIONS = {">=": r"\ge", "<=": r"\le", "!=": r"\ne", "+-": r"\pm", "(x)": r"\otimes"}
_SCRIPT = r"[_^](?:\{[^}]*\}|[A-Za-z0-9]+|-\d+|\+-|[+-])"
_MATHEMATICS = re.compile(
    rf"sqrt (?P<radicand>\w)\b"
    rf"|(?P<base>[A-Za-z]+\d*|\d+|\))(?P<scripts>(?:{_SCRIPT})+)"
    rf"|\b(?P<greek>{'|'.join(_GREEK)})\b"
    r"|(?P<relation>>=|<=|!=|\+-|(?<!\w)\(x\))"
)
_KEY = re.compile(r"\b[a-z]+\d{4}[a-z]?\b")  # of the bibliography
_LINE = 300  # characters of TeX in a display that count as one line
_INLINE = 50  # of a formula in the text
_LONGEST = 500  # of a step's display; `keybounds prove NAME --explain` prints what is longer

_HEAD = r"""% needs \usepackage{amsmath,amssymb,amsthm,adjustbox}; the keys are those of `keybounds cite`
\makeatletter
\providecommand{\kbshown}[1]{\par\smallskip\noindent\hfil\adjustbox{%
  max width=\dimexpr\columnwidth-\@totalleftmargin\relax}{$\displaystyle #1$}\hfil\par\smallskip}
\@ifundefined{kbtheorem}{\newtheorem{kbtheorem}{Theorem}\newtheorem{kbclaim}[kbtheorem]{Claim}}{}
\makeatother
\begingroup\emergencystretch=6em\sloppy\raggedbottom"""


def to_latex(reports: Iterable[Report], cited_by: Mapping[str, Sequence[str]] = MappingProxyType({})) -> str:
    r"""Typeset the claims, to be included in an article; `\label{claim:NAME}` marks each.

    A claim with the verdict PROVED is a theorem, any other a claim with what is missing. `cited_by` has the modules
    that rely on a claim, by its name (`keybounds.proofs.citations`).
    """
    reports = list(reports)
    numbered = {report.name for report in reports}
    lines = [_HEAD, r"\section*{Notions}", *_notions(), r"\section*{Claims}"]
    lines.append(
        "All logarithms are to base 2. A theorem here follows from what its proof names: exact computations, "
        "definitions, published theorems and other theorems of this appendix. A claim rests on an argument in words "
        "as well, or is not derived; it says what is missing."
    )
    for report in reports:
        lines += ["", *_claim(report, cited_by.get(report.name, ()), numbered)]
    lines += ["", *_witnesses(reports), r"\endgroup"]
    return "\n".join(lines) + "\n"


def _notions() -> list[str]:
    """The names that statements use, with their meanings: the strings beneath them in the modules of notions."""
    lines = [r"\begin{itemize}"]
    for path in sorted(Path(__file__).parent.glob("notions*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        for name, meaning in itertools.pairwise(body):
            if not isinstance(name, ast.Assign) or not isinstance(meaning, ast.Expr):
                continue
            if isinstance(meaning.value, ast.Constant) and isinstance(meaning.value.value, str):
                said = " ".join(meaning.value.value.split())
                head, _, rest = said.partition(":")
                lines.append(
                    rf"\item {{\bfseries {_text(head)}:}} {_cited(rest.strip())}" if rest else rf"\item {_cited(said)}"
                )
    return [*lines, r"\end{itemize}"] if len(lines) > 1 else []


def _claim(report: Report, users: Sequence[str], numbered: set[str]) -> list[str]:
    kind = "kbtheorem" if report.verdict is Verdict.PROVED else "kbclaim"
    lines = [rf"\begin{{{kind}}}[{_text(report.title)}; {_cited(report.source)}]\label{{claim:{report.name}}}"]
    lines += _statement(report)
    lines.append(rf"\end{{{kind}}}")
    if report.verdict is not Verdict.PROVED:
        lines.append(rf"\noindent\textbf{{{report.verdict.value.capitalize()}.}} {_text(report.verdict.message)}.")
        missing = [rf"\item {_cited(_capital(reason))}." for reason in report.missing]
        lines += ["Missing:", r"\begin{itemize}", *missing, r"\end{itemize}"] if missing else []
    if users:
        lines.append(_users(users))
    return [*lines, *_proof(report, numbered)]


_OMITTED = (Ground.LOGIC, Ground.HYPOTHESIS, Ground.WITNESS)


def _proof(report: Report, numbered: set[str]) -> list[str]:
    """What the proof rests on, numbered anew; what only follows is left to the computer, which prints it all.

    A step refers to the steps it uses through those that are left out; each clause is followed back the same way.
    """
    kept = [k for k, step in enumerate(report.steps, start=1) if step.ground not in _OMITTED]
    if not kept:
        return []
    new = {old: number for number, old in enumerate(kept, start=1)}
    sources: dict[int, frozenset[int]] = {}
    for k, step in enumerate(report.steps, start=1):  # what is used stands before what uses it
        through = [frozenset({new[one]}) if one in new else sources.get(one, frozenset()) for one in step.uses]
        sources[k] = frozenset[int]().union(*through)
    lines = [r"\begin{proof}", r"\begin{enumerate}"]
    lines += [_item(report.steps[old - 1], sorted(sources[old]), numbered) for old in kept]
    lines.append(r"\end{enumerate}")
    for clause, number in report.conclusions.items():
        found = {new[number]} if number in new else sources[number]
        lines.append(rf"\par\noindent\emph{{{_text(_capital(clause))}}}: by {_ranges(found)}.")
    return [*lines, r"\end{proof}"]


def _ranges(numbers: Iterable[int]) -> str:
    """1, 3--5, 8."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(p[0]) if len(p) == 1 else f"{p[0]}--{p[-1]}" for p in parts) or "definition"


def _statement(report: Report) -> list[str]:
    if report.typeset is None:
        return [_text(report.statement), rf"\kbshown{{{report.formula}}}"]
    said = report.typeset
    parameters = _listed(f"${symbol}$" + (f" ({_text(words)})" if words else "") for symbol, words in said.parameters)
    given = _listed(_inline(one) for one in said.hypotheses)
    lines = [f"For all {parameters}" + (f" with {given}:" if given else ":")]
    for words, conditions, formula in said.clauses:
        when = _listed(_inline(one) for one in conditions)
        lines.append(rf"\par\noindent\emph{{{_text(_capital(words))}}}" + (f", if {when}:" if when else ":"))
        lines.append(shown(formula))
    return lines


def _listed(parts: Iterable[str]) -> str:
    """a, b and c."""
    items = list(parts)
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def _inline(formula: str) -> str:
    """In the text, or as a display if no line would hold it; words stay words, which can be broken."""
    if formula.startswith(r"\text{") and formula.endswith("}") and formula.count(r"\text") == 1:
        return formula.removeprefix(r"\text{").removesuffix("}")
    return f"${formula}$" if len(formula) <= _INLINE else "\n" + shown(formula)


def shown(formula: str) -> str:
    """A display, broken after relations and between terms where it is long."""
    if len(formula) > _LINE:
        formula = r"\begin{aligned} & " + r" \\ & \quad ".join(_broken(formula)) + r" \end{aligned}"
    return rf"\kbshown{{{formula}}}"


def _broken(formula: str) -> list[str]:
    """Parts of a formula, cut before relations, plus and minus signs that stand outside all brackets."""
    pieces, depth, start = [], 0, 0
    for match in re.finditer(r"\\left|\\right|[{}]| (?:[=<>+-]|\\le|\\ge|\\;\\Long\w+\\;) ", formula):
        token = match[0]
        if token in (r"\left", "{"):
            depth += 1
        elif token in (r"\right", "}"):
            depth -= 1
        elif depth == 0:
            pieces.append(formula[start : match.start()])
            start = match.start()
    pieces.append(formula[start:])
    lines = [pieces[0]]
    for piece in pieces[1:]:
        if len(lines[-1]) + len(piece) > _LINE:
            lines.append(piece)
        else:
            lines[-1] += piece
    return lines


def _users(modules: Sequence[str]) -> str:
    names = (
        r"\texttt{" + _escape(module.removeprefix("keybounds.")).replace(".", r".\allowbreak{}") + "}"
        for module in modules
    )
    return f"Relied on by {', '.join(names)}."


def _item(step: Step, uses: Sequence[int], numbered: set[str]) -> str:
    by = f" By {_ranges(uses)}." if uses else ""
    detail = ""
    if step.ground is Ground.CLAIM:
        name = step.detail.removeprefix("claim ").split(",")[0]
        detail = "Theorem " + (rf"\ref{{claim:{name}}}" if name in numbered else _escape(name))
    elif step.detail:
        detail = _cited(step.detail)
    ground = "" if step.ground is Ground.CLAIM else step.ground.name.lower()
    remark = ", ".join(part for part in (ground, detail) if part)
    formula = "\n" + shown(step.formula) if 0 < len(step.formula) <= _LONGEST else ""
    failed = "" if step.holds else r" \textbf{Fails.}"
    said = _text(_capital(step.description)) + (f" [{remark}]." if remark else ".")
    return rf"\item {said}{by}{failed}{formula}"


def _witnesses(reports: Sequence[Report]) -> list[str]:
    """Every number that was computed a second way, by theorem."""
    items = [
        rf"\item[\ref{{claim:{report.name}}}] {_text(_capital(step.description))}: {_text(step.detail)}."
        for report in reports
        for step in report.steps
        if step.ground is Ground.WITNESS
    ]
    if not items:
        return []
    words = "Numbers that the statements give, computed another way to 50 digits, by theorem:"
    return [r"\section*{Witnesses}", words, r"\begin{description}", *items, r"\end{description}"]


def _cited(text: str) -> str:
    r"""Escaped, with \cite for the keys of the bibliography."""
    pieces, end = [], 0
    for match in _KEY.finditer(text):
        pieces += [_text(text[end : match.start()]), rf"\cite{{{match[0]}}}"]
        end = match.end()
    return "".join([*pieces, _text(text[end:])])


def _capital(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.isalpha() and first not in _GREEK and len(first) > 1 else text


def _name(letter: str) -> str:
    """TeX's name of a Greek letter."""
    name = unicodedata.name(letter).split()[-1].replace("LAMDA", "LAMBDA")
    return name.capitalize() if letter.isupper() else name.lower()


_SPECIAL = {
    **{letter: rf"$\{_name(letter)}$" for letter in "αβγδεζηθκλμνξπρστφχψωΓΔΘΛΞΠΣΦΨΩ"},
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "²": "$^{2}$",
    "é": r"\'e",
    "ö": r"\"o",
    "ü": r"\"u",
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}


def _text(text: str) -> str:
    pieces, end = [], 0
    for match in _MATHEMATICS.finditer(text):
        name = len(match["base"] or "") > 3 or len(re.findall(r"_", match["scripts"] or "")) > 1
        found = _escape(match[0]) if name else f"${_mathematics(match)}$"
        pieces += [_escape(text[end : match.start()]), found]
        end = match.end()
    return "".join([*pieces, _escape(text[end:])])


def _escape(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)


def _mathematics(match: re.Match[str]) -> str:
    if match["radicand"]:
        return rf"\sqrt{{{match['radicand']}}}"
    if match["relation"]:
        return _RELATIONS[match["relation"]]
    if match["greek"]:
        return "\\" + match["greek"]
    scripts = re.sub(_SCRIPT, lambda s: f"{s[0][0]}{{{_symbols(s[0][1:].strip('{}'))}}}", match["scripts"])
    return _symbols(match["base"]) + scripts


def _symbols(text: str) -> str:
    text = text.replace("+-", r"\pm ")
    return re.sub(rf"\b({'|'.join((*_GREEK, 'sum'))})\b", r"\\\1", text)

"""The claims as an appendix in LaTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from keybounds.proofs.claim import Report, Step

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


def _name(letter: str) -> str:
    """TeX's name of a Greek letter."""
    name = unicodedata.name(letter).split()[-1].replace("LAMDA", "LAMBDA")
    return name.capitalize() if letter.isupper() else name.lower()


_SPECIAL = {
    **{letter: rf"$\{_name(letter)}$" for letter in "αβγδεζηθκλμνξπρστφχψωΓΔΘΛΞΠΣΦΨΩ"},
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "²": "$^{2}$",
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


def to_latex(reports: Iterable[Report], cited_by: Mapping[str, Sequence[str]] = MappingProxyType({})) -> str:
    r"""Typeset statements, verdicts and steps: one ``\subsection*`` a claim, to be included in an article.

    Needs amsmath and amssymb. Terms such as ``rho_{d,p}^Gamma`` in the words are set as mathematics. `cited_by` has the
    modules that rely on a claim, by its name (`keybounds.proofs.citations`).
    """
    lines = [
        r"% needs \usepackage{amsmath,amssymb}",
        r"\begingroup\emergencystretch=4em",
        r"\section*{Claims}",
        r"All logarithms are to base 2. A verdict follows from the steps below it; cited steps are not re-derived.",
    ]
    for report in reports:
        lines += [
            "",
            rf"\subsection*{{{_escape(report.name)}: {_escape(report.verdict.value)}}}",
            _text(report.statement),
            rf"\[ {report.formula} \]",
            rf"Source: {_escape(report.source)}." + _users(cited_by.get(report.name, ())),
            r"\begin{enumerate}",
            *(_item(step) for step in report.steps),
            r"\end{enumerate}",
        ]
    return "\n".join([*lines, r"\endgroup"]) + "\n"


def _users(modules: Sequence[str]) -> str:
    names = (
        r"\texttt{" + _escape(module.removeprefix("keybounds.")).replace(".", r".\allowbreak{}") + "}"
        for module in modules
    )
    return f" Relied on by {', '.join(names)}." if modules else ""


def _item(step: Step) -> str:
    formula = f": ${step.formula}$" if step.formula else ""
    detail = f", {_text(step.detail)}" if step.detail else ""
    failed = "" if step.holds else r" \textbf{Fails.}"
    return rf"\item {_text(_capital(step.description))}{formula} [{step.ground.name.lower()}{detail}].{failed}"


def _capital(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.isalpha() and first not in _GREEK and len(first) > 1 else text


def _text(text: str) -> str:
    pieces, end = [], 0
    for match in _MATHEMATICS.finditer(text):
        pieces += [_escape(text[end : match.start()]), f"${_mathematics(match)}$"]
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

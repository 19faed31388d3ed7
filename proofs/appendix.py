r"""The claims as an appendix in LaTeX: definitions, the theorems that are used, statements with proofs, tables.

Statements and steps are typeset from their objects (`proofs.logic.printing`), proofs are shortened to what a referee
follows (`proofs.condensed`), and every formula can be broken by TeX (`proofs.displays`), so that no class has overfull
boxes. The whole of a proof is what ``keybounds prove NAME --explain`` prints.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, ModuleType

import sympy as sp

from keybounds.proofs import prose
from keybounds.proofs.claim import Ground, Report, Step, Verdict
from keybounds.proofs.condensed import Item, Outline, condensed
from keybounds.proofs.displays import breakable, broken_text, variants, width, with_its_end
from keybounds.proofs.letters import lettered
from keybounds.proofs.logic import printing
from keybounds.proofs.logic.printing import TypesetTheorem
from keybounds.proofs.logic.propositions import Definition

_INLINE = 40  # letters of a formula that stays in the text
_LONGEST = 900  # characters of TeX of a formula that is printed
_NUMBERS = dict(enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], start=1))
_OF_NUMBERS = re.compile(r"\d{9}|^\$(?:[^A-Za-z\\]|\\[lg]e)*\$$")  # which say nothing to a reader
_KINDS = 6  # of exact computations that an item names, each with one formula

_HEAD = r"""% needs \usepackage{amsmath,amssymb,amsthm,adjustbox}; the keys are those of `keybounds cite`
\makeatletter
\@ifundefined{kbtheorem}{\newtheorem{kbtheorem}{Theorem}\newtheorem{kbclaim}[kbtheorem]{Claim}}{}
\newcounter{kbcited}\renewcommand\thekbcited{T\arabic{kbcited}}
\newcounter{kbstep}\newcounter{kbclause}
\newcommand\kbtight[2]{\leftmargin=#1\labelwidth=#1\advance\labelwidth-.4em\labelsep=.4em%
  \itemindent=0pt\itemsep=.4pt plus 1pt\parsep=0pt\topsep=2pt plus 1pt\partopsep=0pt%
  \listparindent=0pt\def\makelabel##1{##1\hfil}#2}
\newcommand\kbragged{\rightskip=0pt plus 4em\relax}
\newenvironment{kbsteps}{\begin{list}{(\arabic{kbstep})}{\usecounter{kbstep}\kbtight{2.4em}{}\small}\kbragged}{\end{list}}
\newenvironment{kbclauses}{\begin{list}{(\alph{kbclause})}{\usecounter{kbclause}\kbtight{1.8em}{}}\kbragged}{\end{list}}
\newenvironment{kbcitedlist}{\begin{list}{\thekbcited}{\usecounter{kbcited}\kbtight{2.6em}{}\small}\kbragged}{\end{list}}
\newenvironment{kbnotions}{\begin{list}{}{\kbtight{1em}{\itemindent=-1em\labelwidth=0pt\labelsep=0pt}\small}\kbragged}{\end{list}}
\newcommand{\kbscaled}[1]{\par\nobreak\vskip1pt\noindent\hskip1em%
  \adjustbox{max width=\dimexpr\columnwidth-\@totalleftmargin-1.5em\relax}{$\displaystyle #1$}%
  \par\vskip1pt\noindent\ignorespaces}
\newcommand{\kbshown}[1]{\par\nobreak{\advance\leftskip1.7em\rightskip=0pt plus 1fil\noindent\hskip-1em%
  $\displaystyle #1$\par}\noindent\ignorespaces}
\makeatother
\begingroup\emergencystretch=4em\sloppy\raggedbottom\relpenalty=100\binoppenalty=300"""

_READING = (
    "All logarithms $\\log$ are to base 2, and $\\ln$ is the natural one. A \\emph{theorem} of this appendix follows, "
    "with its hypotheses, from exact computations, definitions, the published theorems T1, T2, \\dots\\ and other "
    "theorems of this appendix. A \\emph{claim} rests on an argument in words as well, or is not derived; it says what "
    "is missing. In a proof, each step ends with what it rests on: a published theorem, a theorem of this appendix, a "
    "\\emph{definition}, \\emph{decided} (the notion's executable definition holds, for every value of the symbols), "
    "\\emph{argued} (in words only), and the numbers of earlier steps; a step without a source follows from the steps "
    "it names by linear combination, substitution, chaining, induction or generalisation. Identities are checked by "
    "exact expansion, inequalities by an exact decision procedure on their whole domain, and numbers by enclosure in "
    "balls. Where steps differ in a parameter alone, one stands for all. Every single step is printed by "
    "\\texttt{keybounds prove NAME -{}-explain}."
)


def to_latex(reports: Iterable[Report], cited_by: Mapping[str, Sequence[str]] = MappingProxyType({})) -> str:
    r"""Typeset the claims, to be included in an article; `\label{claim:NAME}` marks each.

    A claim with the verdict PROVED is a theorem, any other a claim with what is missing. `cited_by` has the modules
    that rely on a claim, by its name (`keybounds.proofs.citations`).
    """
    document = _Document(list(reports))
    lines = [_HEAD, r"\section*{Conventions}", _READING, *_definitions(), *document.theorems(), r"\section*{Claims}"]
    for report in document.reports:
        lines += ["", *document.claim(report)]
    lines += ["", *_computations(document.reports, cited_by), *_witnesses(document.reports), r"\endgroup"]
    return "\n".join(lines) + "\n"


# ------------------------------------------------------------------------------------------------------- definitions


def _definitions() -> list[str]:
    """The names that statements use, with their meanings: the strings beneath them in the modules of notions."""
    lines = [r"\section*{Definitions}", r"\begin{kbnotions}"]
    for path in sorted(Path(__file__).parent.glob("notions*.py")):
        module = import_module(f"keybounds.proofs.{path.stem}")
        names = {**printing.names(), **printing.names_of(module)}
        text = path.read_text(encoding="utf-8")
        headings = [
            (number, match[1]) for number, line in enumerate(text.splitlines(), 1) if (match := _HEADING.match(line))
        ]
        found = sorted([*_meanings(text, module, names), *_predicates(text, module, names)])
        for (start, heading), (end, _) in itertools.pairwise([(0, ""), *headings, (10**6, "")]):
            items = [item for line, item in found if start <= line < end]
            if items and heading:
                title = rf"\item\textbf{{{prose.to_latex(_capital(heading))}.}}"
                items[0] = f"{title} {items[0].removeprefix(chr(92) + 'item').lstrip()}"
            lines += items
    return [*lines, r"\end{kbnotions}"]


_HEADING = re.compile(r"# -+ (\S.*)$")


def _meanings(text: str, module: ModuleType, names: prose.Names) -> list[tuple[int, str]]:
    """Functions and symbols: what the strings beneath their assignments, or in their classes, say."""
    found = []
    body = ast.parse(text).body
    for one, following in itertools.pairwise([*body, ast.Pass()]):
        said = ""
        if isinstance(one, ast.Assign) and isinstance(following, ast.Expr):
            constant = following.value
            said = constant.value if isinstance(constant, ast.Constant) and isinstance(constant.value, str) else ""
        elif isinstance(one, ast.ClassDef) and not one.name.startswith("_"):
            said = ast.get_docstring(one) or ""
            said = said if said.startswith(one.name) or "(" in said.split(" ")[0] else ""
        if said:
            sentence = _named(one, module) + " ".join(said.split())
            head, colon, rest = sentence.partition(": ")
            begins = prose.to_latex(head, names) + (": " if colon else "") + prose.to_latex(rest, names)
            found.append((one.lineno, rf"\item {broken_text(begins)}"))
    return found


def _named(assignment: ast.stmt, module: ModuleType) -> str:
    """The symbols of what takes no arguments, so that its meaning does not begin with its name."""
    if not isinstance(assignment, ast.Assign):
        return ""
    targets = [one for one in ast.walk(assignment.targets[0]) if isinstance(one, ast.Name)]
    values = [getattr(module, one.id, None) for one in targets]
    if not all(isinstance(one, sp.Basic) for one in values):
        return ""
    return ", ".join(f"${printing.latex(one)}$" for one in values) + ": "


def _predicates(text: str, module: ModuleType, names: prose.Names) -> list[tuple[int, str]]:
    """Predicates: their sentence, of the arguments A, B, .., and what it means."""
    found = []
    for one in ast.parse(text).body:
        if not isinstance(one, ast.Assign) or not isinstance(one.targets[0], ast.Name):
            continue
        definition = getattr(module, one.targets[0].id, None)
        if not isinstance(definition, Definition) or not definition.meaning:
            continue
        said, meaning = (_placed(part, names) for part in (definition.words, definition.meaning))
        symbols = f" (${prose.filled(definition.latex, _PLACES)}$)" if definition.latex else ""
        found.append((one.lineno, rf"\item\emph{{{_capital(said)}}}{broken_text(symbols)}: {broken_text(meaning)}"))
    return found


_PLACES = ("A", "B", "C", "D", "E", "F")


def _placed(text: str, names: prose.Names) -> str:
    """Text in LaTeX with letters in the places of arguments."""
    return prose.to_latex(re.sub(r"\{(\d)\}", lambda match: _PLACES[int(match[1])], text), names)


# ------------------------------------------------------------------------------------------------------------ document


class _Document:
    """The reports with what is numbered across them: published theorems and claims."""

    def __init__(self, reports: Sequence[Report]) -> None:
        self.reports = reports = [lettered(report) for report in reports]
        self.outlines = {report.name: condensed(report) for report in reports}
        self.cited: dict[tuple[str, str], list[TypesetTheorem]] = {}
        for report in reports:
            for step in report.steps:
                if step.theorem:
                    forms = self.cited.setdefault((step.theorem.source, step.theorem.words), [])
                    if step.theorem not in forms:
                        forms.append(step.theorem)
        self.labels = {key: f"cited:{number}" for number, key in enumerate(self.cited, start=1)}
        self.clauses = {
            report.name: [name for name, *_ in report.typeset.clauses] if report.typeset else [] for report in reports
        }

    def theorems(self) -> list[str]:
        """The published theorems, each once, in the form in which it is used."""
        if not self.cited:
            return []
        lines = [
            r"\section*{Theorems used}",
            (
                "Each is stated in the form in which it is used; capital letters are operators, every symbol stands "
                "for any value that the hypotheses allow."
            ),
            r"\begin{kbcitedlist}",
        ]
        for key, forms in self.cited.items():
            name = prose.to_latex(_capital(_family([form.name for form in forms])), printing.names())
            words = prose.to_latex(key[1], printing.names())
            used = [_used(form) for form in forms]
            said = _representative(used)
            lines.append(
                rf"\item\label{{{self.labels[key]}}}\emph{{{name}}} {prose.source(key[0])}. {broken_text(words)} {said}"
            )
        return [*lines, r"\end{kbcitedlist}"]

    def claim(self, report: Report) -> list[str]:
        """A statement and its proof."""
        kind = "kbtheorem" if report.verdict is Verdict.PROVED else "kbclaim"
        title = f"{prose.to_latex(report.title, printing.names())}; {_origin(report.source)}"
        lines = [rf"\begin{{{kind}}}[{{{title}}}]\label{{claim:{report.name}}}", *_statement(report)]
        lines.append(rf"\end{{{kind}}}")
        if report.verdict is not Verdict.PROVED:
            verdict = report.verdict
            lines.append(rf"\noindent\textbf{{{verdict.value.capitalize()}.}} {_capital(verdict.message)}.")
            lines += _missing(report.missing)
        return [*lines, *self._proof(report)]

    def _proof(self, report: Report) -> list[str]:
        outline = self.outlines[report.name]
        if not outline.items:
            return []
        lines = [r"\begin{proof}\leavevmode", r"\begin{kbsteps}"]
        lines += [self._item(item, outline, report) for item in outline.items]
        lines.append(r"\end{kbsteps}")
        said = {letter for item in outline.items for letter in self._letters(item, report)}
        concluded = _concluded(outline, self.clauses[report.name], said)
        if not concluded and lines[-2].endswith("."):
            lines[-2] += r" \qedhere"
        return [*lines, *concluded, r"\end{proof}"]

    def _item(self, item: Item, outline: Outline, report: Report) -> str:
        first = item.steps[0]
        if item.ground in (Ground.SYMBOLIC, Ground.ENCLOSED) and first.holds:
            return self._computed(item)
        if item.ground is Ground.HYPOTHESIS:
            assumed = list(dict.fromkeys(step.text for step in item.steps))
            return rf"\item Assumed on the way, and discharged below: {broken_text('; '.join(assumed))}."
        described = list(dict.fromkeys(step.description for step in item.steps))
        said = _described(described[0])
        before = {step.description for one in item.uses for step in outline.items[one].steps}
        if item.ground is Ground.LOGIC and described[0] in before:
            said = "With the values inserted"
        tag = self._remark(item)
        failed = "" if first.holds else r" \textbf{Fails.}"
        stated = printing.listed(self._letters(item, report))
        return rf"\item {said}{tag}{failed}{f', which is {stated}.' if stated else _formula(item.steps)}"

    def _letters(self, item: Item, report: Report) -> list[str]:
        """The letters of the clauses that an item concludes, if it says just what these say."""
        if report.typeset is None or item.ground is not Ground.LOGIC:
            return []
        texts = [text for *_, text in report.typeset.clauses]
        letters = []
        for step in item.steps:
            found = [chr(97 + place) for place, text in enumerate(texts) if text == step.text]
            if not found:
                return []
            letters += [one for one in found if one not in letters][:1]
        return [f"({letter})" for letter in sorted(letters)] if len(texts) > 1 else ["the statement"]

    def _remark(self, item: Item) -> str:
        """On what an item rests: its source and the numbers of others."""
        first = item.steps[0]
        parts = []
        if first.theorem:
            parts.append(rf"\ref{{{self.labels[first.theorem.source, first.theorem.words]}}}")
        elif item.ground is Ground.CLAIM:
            parts.append(self._borrowed(item.steps))
        elif item.ground is Ground.ARGUED:
            parts.append(f"argued: {broken_text(prose.to_latex(first.detail, printing.names()))}")
        elif item.ground is not Ground.LOGIC:
            detail = f", {prose.to_latex(first.detail)}" if first.detail and not first.says else ""
            parts.append(item.ground.name.lower() + detail)
        if item.uses:
            parts.append(_ranges(number + 1 for number in item.uses))
        return f" [{'; '.join(parts)}]" if parts else ""

    def _borrowed(self, steps: Sequence[Step]) -> str:
        name = steps[0].detail.removeprefix("claim ").split(",")[0]
        if name not in self.clauses:
            return f"Theorem {prose.escape(name)}"
        wanted = list(dict.fromkeys(step.detail.partition(", ")[2] for step in steps))
        clauses = self.clauses[name]
        letters = [chr(97 + clauses.index(one)) for one in wanted if one in clauses and len(clauses) > 1]
        return rf"Theorem~\ref{{claim:{name}}}" + (f"({', '.join(sorted(letters))})" if letters else "")

    def _computed(self, item: Item) -> str:
        """Exact computations of one kind: how many, and of each that has a name of its own one formula."""
        kinds: dict[str, list[Step]] = {}
        for step in item.steps:
            kinds.setdefault(step.description, []).append(step)
        equations = " = " in item.steps[0].says
        if item.ground is Ground.ENCLOSED:
            lead = "In ball arithmetic"
        else:
            lead = "Identities, by expansion" if equations else "Inequalities, decided on their whole domain"
        named: list[str] = []
        for description, steps in sorted(kinds.items(), key=lambda one: min(width(step.text) for step in one[1])):
            step = min(steps, key=lambda one: width(one.text))
            more = f", and {_NUMBERS.get(len(steps) - 1, len(steps) - 1)} more" if len(steps) > 1 else ""
            if len(named) < _KINDS and len(step.text) <= _LONGEST // 3 and not _OF_NUMBERS.search(step.text):
                named.append(f"{prose.to_latex(description, printing.names())}, {broken_text(step.text)}{more}")
        count = len(item.steps)
        rest = count - sum(len(steps) for steps in list(kinds.values())[: len(named)])
        tail = f"; {_NUMBERS.get(count, count)} in all" if rest > 0 and count > 1 else ""
        tag = f" [{_ranges(number + 1 for number in item.uses)}]" if item.uses else ""
        return rf"\item {lead}{tag}: " + (
            f"{'; '.join(named)}{tail}." if named else f"{_NUMBERS.get(count, count)}, too long to print."
        )


def _used(form: TypesetTheorem) -> str:
    given = printing.listed(form.hypotheses)
    return f"If {given}, then {form.conclusion}." if given else f"{_capital(form.conclusion)}."


def _representative(texts: Sequence[str]) -> str:
    """The shortest of several sentences, and in what the others differ."""
    first = min(texts, key=len)
    others = [text for text in texts if text != first]
    said = _sentence(first)
    if not others:
        return said
    differ = variants([first, *others])
    return f"{said} Likewise {broken_text(differ) if differ else _more(len(others))}."


def _more(count: int) -> str:
    return "in one other case" if count == 1 else f"in {_NUMBERS.get(count, count)} other cases"


def _sentence(text: str) -> str:
    """A sentence whose long formulas are displays."""
    if len(text) > _LONGEST:
        return ""
    return re.sub(r"(?<!\\)\$((?:[^$\\]|\\.)+)\$([.,;:]?)", lambda match: _set(match[1], match[2]), text)


def _set(formula: str, mark: str) -> str:
    if width(formula) <= 2 * _INLINE and r"\begin{" not in formula:
        return f"${with_its_end(breakable(formula))}${mark}"
    return shown(formula + mark)


def shown(formula: str) -> str:
    """A display that TeX can break."""
    if r"\begin{" in formula:
        return rf"\kbscaled{{{formula}}}"
    return rf"\kbshown{{{with_its_end(breakable(formula, 'Big'))}}}"


def _formula(steps: Sequence[Step]) -> str:
    """What steps of one kind say: one of them, and in what the others differ."""
    texts = list(dict.fromkeys(step.text for step in steps if step.text))
    if not texts:
        return "." if not steps[0].text else ""
    first = min(texts, key=width)
    others = [text for text in texts if text != first]
    differ = variants([first, *others]) if others else ""
    likewise = (broken_text(differ) if differ else _more(len(others))) if others else ""
    if len(first) > _LONGEST:
        return f"; likewise {likewise}." if likewise else "."
    match = re.fullmatch(r"\$((?:[^$\\]|\\.)+)\$", first)
    if match and width(match[1]) > _INLINE:
        return f":{shown(match[1])}" + (f"Likewise {likewise}." if likewise else "")
    return f": {_sentence(first + (';' if likewise else '.'))}" + (f" likewise {likewise}." if likewise else "")


def _described(text: str) -> str:
    return broken_text(prose.to_latex(_capital(text), printing.names()))


def _family(names: Sequence[str]) -> str:
    """The name of several forms of a theorem: what theirs have in common."""
    first = min(names, key=len)
    return first if len(set(names)) == 1 else re.sub(r"(,? (?:of )?\d+ .*|, .*)$", "", first)


def _ranges(numbers: Iterable[int]) -> str:
    """1, 3--5, 8."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(p[0]) if len(p) == 1 else f"{p[0]}--{p[-1]}" for p in parts)


def _concluded(outline: Outline, clauses: Sequence[str], said: set[str]) -> list[str]:
    """On which items each clause rests that no item says to be concluded."""
    if len(outline.conclusions) == 1:
        (numbers,) = outline.conclusions.values()
        return [] if said else [rf"\noindent The statement is {_by(numbers)}."]
    rest = []
    for clause, numbers in outline.conclusions.items():
        letter = f"({chr(97 + clauses.index(clause)) if clause in clauses else prose.to_latex(clause)})"
        if letter not in said:
            rest.append(f"{letter} is {_by(numbers)}")
    return [rf"\noindent Of the statement, {printing.listed(rest)}."] if rest else []


def _by(numbers: Sequence[int]) -> str:
    if not numbers:
        return "a definition"
    return ("step " if len(numbers) == 1 else "by steps ") + _ranges(number + 1 for number in numbers)


def _statement(report: Report) -> list[str]:
    if report.typeset is None:
        return [broken_text(prose.to_latex(report.statement, printing.names())), shown(report.formula)]
    said = report.typeset
    parameters = printing.listed(
        f"${symbol}$" + (f" ({prose.to_latex(words, printing.names())})" if words else "")
        for symbol, words in said.parameters
    )
    given = printing.listed(said.hypotheses)
    lines = [_sentence(f"For all {parameters}" + (f" with {given}" if given else "") + ":")]
    many = len(said.clauses) > 1
    lines += [r"\begin{kbclauses}"] if many else []
    for _, words, conditions, text in said.clauses:
        when = printing.listed(conditions)
        introduced = prose.to_latex(words, printing.names())
        begin = ", ".join(part for part in (introduced, f"if {when}" if when else "") if part)
        match = re.fullmatch(r"\$((?:[^$\\]|\\.)+)\$", text)
        if match and width(match[1]) > _INLINE:
            body = shown(match[1]) if begin or not many else rf"$\displaystyle {breakable(match[1], 'Big')}$."
        else:
            body = _sentence(text + ".")
        lines.append((r"\item " if many else "") + (f"{broken_text(begin)}: " if begin else "") + body)
    return [*lines, *([r"\end{kbclauses}"] if many else [])]


def _missing(missing: Sequence[str]) -> list[str]:
    """What is missing, steps with one reason together."""
    reasons: dict[str, list[str]] = {}
    for one in missing:
        step, _, reason = one.partition(": ")
        reasons.setdefault(reason, []).append(step)
    said = []
    for reason, steps in reasons.items():
        named = prose.to_latex("; ".join(steps), printing.names())
        said.append(f"{named}" + (f" ({prose.to_latex(reason, printing.names())})" if reason else ""))
    return [f"Missing: {broken_text('; '.join(said))}."] if said else []


def _origin(text: str) -> str:
    return prose.source(text)


def _capital(text: str) -> str:
    first = text.split(" ", 1)[0].rstrip(",.:")
    plain = first.replace("-", "").isalpha() and first.islower() and len(first) > 1 and prose.to_latex(first) == first
    return text[:1].upper() + text[1:] if plain or text[:2] == "a " else text


# -------------------------------------------------------------------------------------------------------------- tables

_COUNTED = (
    ("identities and inequalities", (Ground.SYMBOLIC,)),
    ("balls", (Ground.ENCLOSED,)),
    ("decided", (Ground.DECIDED,)),
    ("theorems", (Ground.CITED,)),
    ("claims", (Ground.CLAIM,)),
    ("argued", (Ground.ARGUED,)),
    ("consequences", (Ground.LOGIC, Ground.DEFINITION)),
)


def _computations(reports: Sequence[Report], cited_by: Mapping[str, Sequence[str]]) -> list[str]:
    """How many steps of each kind each proof has, and where to find them all."""
    lines = [
        r"\section*{Computations}",
        (
            r"Steps of the whole proofs: identities and inequalities decided exactly for all values of the symbols "
            r"(sym), enclosures in ball arithmetic (ball), predicates decided by their definitions (dec), instances of "
            r"published theorems (T), of theorems of this appendix (Th), arguments in words (arg), definitions and "
            r"consequences (log). \texttt{keybounds prove NAME -{}-explain} prints them."
        ),
        r"\begin{center}\footnotesize\adjustbox{max width=\columnwidth}{",
        r"\begin{tabular}{@{}r@{\ }l@{}r@{\ }r@{\ }r@{\ }r@{\ }r@{\ }r@{\ }r@{}}",
        r"& & sym & ball & dec & T & Th & arg & log \\",
    ]
    for report in reports:
        counts = [sum(step.ground in grounds for step in report.steps) for _, grounds in _COUNTED]
        cells = " & ".join(str(count) if count else "" for count in counts)
        lines.append(rf"\ref{{claim:{report.name}}} & \texttt{{{report.name}}} & {cells} \\")
    lines.append(r"\end{tabular}}\end{center}")
    users = [
        rf"\ref{{claim:{report.name}}}: " + ", ".join(_module(module) for module in cited_by[report.name])
        for report in reports
        if cited_by.get(report.name)
    ]
    return [
        *lines,
        *(
            [r"\noindent{\footnotesize Modules of the package that rely on a theorem: " + "; ".join(users) + r".\par}"]
            if users
            else []
        ),
    ]


def _module(name: str) -> str:
    return r"\texttt{" + prose.escape(name.removeprefix("keybounds.")).replace(".", r".\allowbreak{}") + "}"


def _witnesses(reports: Sequence[Report]) -> list[str]:
    """Every number that was computed a second way, by theorem."""
    lines = []
    for report in reports:
        found = [
            f"{_numbers(step.description)}: {_numbers(step.detail)}"
            for step in report.steps
            if step.ground is Ground.WITNESS
        ]
        if found:
            lines.append(rf"\item[\ref{{claim:{report.name}}}\ ] {broken_text('; '.join(found))}.")
    if not lines:
        return []
    words = (
        "Numbers that the statements give, computed another way to 50 digits, by theorem; a star marks those that "
        "agree to 40 digits."
    )
    return [
        r"\section*{Witnesses}",
        words,
        r"\begin{list}{}{\kbtight{1.8em}{}}\kbragged\footnotesize",
        *lines,
        r"\end{list}",
    ]


def _numbers(text: str) -> str:
    """The numbers of a witness, a star behind one that agrees; of one that is 0 but for rounding only the magnitude."""
    agrees = text.endswith(_AGREES)
    said = re.sub(r"(\d+\.\d+)e(-?\d+)", lambda m: _power(m[1], int(m[2])), text.removesuffix(_AGREES))
    return prose.to_latex(said, printing.names()) + (r"$^{\star}$" if agrees else "")


def _power(mantissa: str, exponent: int) -> str:
    if exponent < _ROUNDING:
        return rf"$<10^{{{exponent + 1}}}$"
    return rf"${mantissa}\cdot 10^{{{exponent}}}$"


_AGREES = ", agrees to 40 digits"
_ROUNDING = -40  # exponents of what 50 digits leave of 0

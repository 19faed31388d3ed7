"""The claims for a reader: statement, verdict, and what each rests on."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keybounds.proofs import Ground, Report, Step, Verdict, prove, to_latex
from keybounds.proofs.citations import citations
from keybounds.tables import Column, Table

_GROUNDS = {
    Ground.SYMBOLIC: "symbolic",
    Ground.ENCLOSED: "enclosed",
    Ground.DECIDED: "decided",
    Ground.CITED: "theorems",
    Ground.CLAIM: "from claims",
    Ground.ARGUED: "argued",
    Ground.NUMERIC: "numeric",
}


@dataclass(frozen=True, slots=True)
class ProofReport:
    """Claims after their proofs were run."""

    reports: tuple[Report, ...]

    @property
    def holds(self) -> bool:
        """Whether no claim is refuted."""
        return all(report.verdict is not Verdict.REFUTED for report in self.reports)

    @property
    def table(self) -> Table:
        """One row a claim."""
        return Table(
            name="claims",
            title="Claims, derived anew",
            columns=(
                Column("claim", "claim"),
                Column("verdict", "verdict"),
                Column("steps", "steps"),
                Column("missing", "missing"),
                Column("source", "source"),
                Column("statement", "statement"),
            ),
            rows=tuple(
                (
                    report.name,
                    report.verdict.value,
                    _steps(report),
                    "; ".join(report.missing),
                    report.source,
                    report.statement,
                )
                for report in self.reports
            ),
            notes=tuple(f"{v.value}: {v.message}." for v in dict.fromkeys(r.verdict for r in self.reports)),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        users = citations()
        return {"claims": [{**report.to_dict(), "relied_on_by": users.get(report.name, ())} for report in self.reports]}

    def to_latex(self) -> str:
        """The claims as an appendix."""
        return to_latex(self.reports, citations())

    def to_text(self) -> str:
        """For a terminal: the whole statement of one claim; of several their titles, with counts at the end."""
        if len(self.reports) > 1:
            return "".join([*map(_listed, self.reports), "\n", _counts(self.reports)])
        users = citations()
        return "".join(_text(report, users.get(report.name, ())) for report in self.reports)

    def explained(self) -> str:
        """Each claim with its whole proof, indented."""
        users = citations()
        return "\n".join(_text(one, users.get(one.name, ())) + _explained(one) for one in self.reports)


def proof_report(name: str | None) -> ProofReport:
    """Run the proof of one claim, or of all.

    Raises
    ------
    UnknownNameError
        No claim is called `name`.
    """
    return ProofReport(prove() if name is None else (prove(name),))


def _steps(report: Report) -> str:
    counts = {label: sum(step.ground is ground for step in report.steps) for ground, label in _GROUNDS.items()}
    return ", ".join(f"{count} {label}" for label, count in counts.items() if count)


def _listed(report: Report) -> str:
    """Verdict and title of a claim, what its proof consists of, and what is missing."""
    head = [f"{report.verdict.value:9} {report.name}", *_wrapped(report.title, 5)]
    return "\n".join([*head, *_basis(report, ())]) + "\n"


def _text(report: Report, users: Sequence[str]) -> str:
    """The same of one claim, with the statement clause by clause and with who relies on it."""
    beginning, *clauses = report.sentences
    said = [line for clause in clauses for line in _wrapped(f"- {clause}", 5)]
    head = [f"{report.verdict.value:9} {report.name}", *_wrapped(f"{report.title}. {beginning}:", 5), *said]
    return "\n".join([*head, *_basis(report, users)]) + "\n"


def _basis(report: Report, users: Sequence[str]) -> list[str]:
    lines = _wrapped(f"{_steps(report)}; {report.seconds:.1f} s; source: {report.source}", 5)
    lines += _wrapped(f"relied on by {', '.join(users)}", 5) if users else []
    return lines + [line for reason in report.missing for line in _wrapped(f"missing: {reason}", 5)]


def _counts(reports: Sequence[Report]) -> str:
    counts = {verdict: sum(report.verdict is verdict for report in reports) for verdict in Verdict}
    found = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)
    return f"{found}. `keybounds prove NAME` prints a statement, with --explain its proof.\n"


def _explained(report: Report) -> str:
    """The proof as an indented tree, conclusions first; a step that is used again is named by its number.

    What lies too deep for its line is printed after the tree, from the margin again.
    """
    lines: list[str] = []
    seen: set[int] = set()
    waiting: list[int] = []

    def show(number: int, depth: int) -> None:
        step = report.steps[number - 1]
        leaf = not step.uses
        elsewhere = " (above)" if number in seen and not leaf else ""
        if not elsewhere and not leaf and depth > _DEEPEST:
            elsewhere = " (below)"
            if number not in waiting:
                waiting.append(number)
        lines.extend(_wrapped(f"{number}. {step.says or step.description}{elsewhere}", depth))
        if elsewhere:
            return
        seen.add(number)
        lines.extend(_wrapped(_reason(step), depth, f"{number}. "))
        for used in step.uses:
            show(used, depth + 1)

    for clause, number in report.conclusions.items():
        given = report.steps[number - 1].given
        lines += ["", *_wrapped(clause + (f", under {', '.join(given)}" if given else ""), 0)]
        show(number, 1)
        while waiting:
            left = [one for one in waiting if one not in seen]
            waiting.clear()
            for one in left:
                lines.append("")
                show(one, 1)
    rest = [step for step in report.steps if not step.says]
    if rest:
        lines += ["", "computed another way, and what failed"]
        for step in rest:
            lines += _wrapped(f"{'ok' if step.holds else 'FAILED'}: {step.description}: {step.detail}", 1)
    return "\n".join(lines) + "\n"


_WIDTH, _DEEPEST = 100, 16
_REASONS = {
    Ground.SYMBOLIC: "exact, for all values",
    Ground.ENCLOSED: "in ball arithmetic",
    Ground.CITED: "theorem: ",
    Ground.LOGIC: "",
    Ground.CLAIM: "",
    Ground.ARGUED: "argued only: ",
}


def _reason(step: Step) -> str:
    """What a step says in words, on what it stands and the steps from which it follows."""
    if step.ground is Ground.HYPOTHESIS:
        return "[hypothesis]"
    ground = _REASONS.get(step.ground, step.ground.name.lower()) + step.detail
    uses = f"from {', '.join(map(str, step.uses))}" if step.uses else ""
    return f"{step.description} [{'; '.join(part for part in (ground, uses) if part)}]"


def _wrapped(text: str, depth: int, hang: str = "") -> list[str]:
    """Lines of a text at a depth of the tree, those after the first one further in."""
    margin = "  " * depth + " " * len(hang)
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=margin,
        subsequent_indent=margin + "    ",
        break_long_words=False,
        break_on_hyphens=False,
    )

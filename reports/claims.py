"""The claims for a reader: statement, verdict, and what each rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keybounds.proofs import Ground, Report, Verdict, prove, to_latex
from keybounds.proofs.citations import citations
from keybounds.tables import Column, Table

_GROUNDS = {Ground.SYMBOLIC: "symbolic", Ground.ENCLOSED: "enclosed", Ground.NUMERIC: "numeric", Ground.CITED: "cited"}


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
                Column("source", "source"),
                Column("statement", "statement"),
            ),
            rows=tuple(
                (report.name, report.verdict.value, _steps(report), report.source, report.statement)
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
        """Statement, verdict and steps of each claim, for a terminal."""
        users = citations()
        single = len(self.reports) == 1
        return "\n".join(_text(report, users.get(report.name, ()), single=single) for report in self.reports)


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


def _text(report: Report, users: Sequence[str], *, single: bool) -> str:
    lines = [
        f"{report.verdict.value:12}{report.name}",
        f"            {report.statement}",
        f"            {_steps(report)}; source: {report.source}; {report.seconds:.1f} s",
    ]
    if users:
        lines.append(f"            relied on by {', '.join(users)}")
    shown = report.steps if single else report.failures
    for step in shown:
        mark = "ok" if step.holds else "FAILED"
        lines.append(f"  {mark:8}[{step.ground.name.lower()}] {step.description}")
        if step.detail:
            lines.append(f"          {step.detail}")
    return "\n".join(lines) + "\n"

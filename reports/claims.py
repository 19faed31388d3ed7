"""The claims for a reader: statement, verdict, and what each rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keybounds.proofs import Ground, Report, Verdict, prove, to_latex
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
        """Statement, verdict and what is missing of each claim, for a terminal; counts at the end."""
        users = citations()
        texts = [_text(report, users.get(report.name, ())) for report in self.reports]
        return "\n".join([*texts, *([_counts(self.reports)] if len(texts) > 1 else [])])

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


def _text(report: Report, users: Sequence[str]) -> str:
    lines = [
        f"{report.verdict.value:12}{report.name}",
        f"            {report.statement}",
        f"            {_steps(report)}; source: {report.source}; {report.seconds:.1f} s",
    ]
    if users:
        lines.append(f"            relied on by {', '.join(users)}")
    if report.missing:
        lines += ["            missing:", *(f"              {reason}" for reason in report.missing)]
    return "\n".join(lines) + "\n"


def _counts(reports: Sequence[Report]) -> str:
    counts = {verdict: sum(report.verdict is verdict for report in reports) for verdict in Verdict}
    return ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count) + "\n"


def _explained(report: Report) -> str:
    """The proof as an indented tree, conclusions first; a step that is used again is named by its number."""
    lines: list[str] = []
    seen: set[int] = set()

    def show(number: int, depth: int) -> None:
        step = report.steps[number - 1]
        ground = step.ground.name.lower() + (f", {step.detail}" if step.detail else "")
        again = number in seen and bool(step.uses)
        lines.append("  " * depth + f"{number}. {step.says or step.description}" + ("  (above)" if again else ""))
        if not again:
            lines.append("  " * depth + f"   [{ground}] {step.description}")
            seen.add(number)
            for used in step.uses:
                show(used, depth + 1)

    for clause, number in report.conclusions.items():
        given = report.steps[number - 1].given
        lines += ["", f"{clause}" + (f", under {'; '.join(given)}" if given else "")]
        show(number, 1)
    rest = [step for step in report.steps if not step.says]
    if rest:
        lines += ["", "witness and failures"]
        lines += [f"  {'ok' if step.holds else 'FAILED'}  {step.description}: {step.detail}" for step in rest]
    return "\n".join(lines) + "\n"

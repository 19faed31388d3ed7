"""What a claim writes again and again has a letter, which is told once."""

from __future__ import annotations

from keybounds.proofs import Ground, Report, Step, Verdict
from keybounds.proofs.letters import lettered
from keybounds.proofs.logic.printing import TypesetStatement

ROOT = r"\sqrt{\frac{1 - \sqrt{\frac{S^{2}}{4} - 1}}{\sqrt{\frac{S^{2}}{4} - 1} + 1}}"
MATRIX = r"\left[\begin{matrix}" + r"0 & \frac{\sqrt{2} \sqrt{g}}{2}\\" * 4 + r"1 & 0\end{matrix}\right]"


def report(*texts: str) -> Report:
    return Report(
        name="a-name",
        title="A name",
        sentences=("For all S", "it is so"),
        formula="",
        source="somebody1900",
        verdict=Verdict.PROVED,
        missing=(),
        steps=tuple(Step(description="x", ground=Ground.LOGIC, holds=True, text=text) for text in texts),
        seconds=0.1,
        typeset=TypesetStatement((), ("$S > 2$",), (("it", "", (), texts[0]),), ("$S > 2$",)),
    )


def test_a_root_and_a_matrix_that_repeat_are_told_once() -> None:
    found = lettered(report(f"$f({ROOT})$", f"$g({ROOT}, {MATRIX})$", f"$h({MATRIX}) = {MATRIX}$"))
    assert found.typeset is not None
    assert found.typeset.hypotheses == (
        "$S > 2$",
        rf"${{\mathfrak V}} = {MATRIX}$",
        rf"${{\mathfrak r}} = {ROOT}$",
    )
    assert found.typeset.clauses[0][3] == r"$f({\mathfrak r})$"
    assert [step.text for step in found.steps][1] == r"$g({\mathfrak r}, {\mathfrak V})$"


def test_what_has_a_letter_in_one_place_has_no_second_one() -> None:
    letter = r"{\mathfrak A}"
    found = lettered(report(rf"$W({letter}, {letter})$, where ${letter} = {MATRIX}$", f"${MATRIX}$", f"${MATRIX}$"))
    assert found.steps[0].text == r"$W({\mathfrak V}, {\mathfrak V})$"


def test_what_is_said_twice_or_is_short_stays() -> None:
    plain = report(f"${ROOT}$", r"$\sqrt{2} + \sqrt{2} + \sqrt{2}$")  # the first is a clause as well
    assert lettered(plain) == plain

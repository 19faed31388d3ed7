"""The appendix is LaTeX that compiles."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from keybounds.proofs import Ground, Report, Step, Verdict, to_latex
from keybounds.proofs.claims import claims


def report(**changes: object) -> Report:
    fields: dict[str, object] = {
        "name": "a_name",
        "statement": "For p >= 1/(sqrt d + 1), rho_{d,p}^Gamma & 50 % of <x|y> are # {fine}: sum_k p_k is their sum.",
        "formula": r"\rho \ge 0",
        "source": "somebody1900, p. 3",
        "verdict": Verdict.REFUTED,
        "steps": (
            Step(description="rho is a state", formula="1 = 1", ground=Ground.SYMBOLIC, holds=True),
            Step(description="one is two", ground=Ground.ENCLOSED, holds=False, detail="at x_1 = 3"),
        ),
        "seconds": 0.1,
    }
    return Report(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def appendix(reports: Mapping[str, Report]) -> str:
    return to_latex(reports.values())


def test_words_are_escaped_and_symbols_set_as_mathematics() -> None:
    text = to_latex([report()])
    assert r"\subsection*{a\_name: REFUTED}" in text
    assert (
        r"For p $\ge$ 1/($\sqrt{d}$ + 1), $\rho_{d,p}^{\Gamma}$ \& 50 \% of \textless{}x\textbar{}y\textgreater{}"
        in text
    )
    assert r"are \# \{fine\}: $\sum_{k}$ $p_{k}$ is their sum." in text
    assert r"\item $\rho$ is a state: $1 = 1$ [symbolic]." in text
    assert r"\item One is two [enclosed, at $x_{1}$ = 3]. \textbf{Fails.}" in text


def test_letters_of_other_alphabets_are_set_as_mathematics() -> None:
    text = to_latex([report(statement="Var(ω) ≤ Σ α² for all γ ≥ 0.")])
    assert r"Var($\omega$) $\le$ $\Sigma$ $\alpha$$^{2}$ for all $\gamma$ $\ge$ 0." in text
    assert text.isascii()


def test_every_claim_stands_in_the_appendix_with_its_verdict(appendix: str) -> None:
    for claim in claims():
        assert rf"\subsection*{{{claim.name}: PROVED}}" in appendix
        assert rf"\[ {claim.formula} \]" in appendix


def test_mathematics_parses(appendix: str) -> None:
    # Every formula goes through a second parser of TeX mathematics; an unbalanced brace would break the user's paper.
    from matplotlib.mathtext import MathTextParser

    parser = MathTextParser("path")
    formulas = re.findall(r"(?<!\\)\$((?:[^$\\]|\\.)+)\$", appendix) + re.findall(r"\\\[(.+?)\\\]", appendix)
    assert len(formulas) > 100
    for formula in sorted(set(formulas)):
        known = re.sub(r"\\(le|ge|ne)\b", r"\\\1q", formula)  # names that this parser lacks
        known = known.replace(r"\Longleftrightarrow", r"\Leftrightarrow").replace(r"\Longrightarrow", r"\Rightarrow")
        parser.parse(f"${known}$")


def test_outside_mathematics_no_special_character_is_bare(appendix: str) -> None:
    body = "\n".join(line for line in appendix.splitlines() if not line.startswith("%"))
    words = re.sub(r"(?<!\\)\$(?:[^$\\]|\\.)+\$|\\\[.+?\\\]", "", body)
    assert not re.search(r"(?<!\\)[$&#_^~<>|%]", words)
    assert words.isascii()


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine")
def test_compiles(appendix: str, tmp_path: Path) -> None:
    document = "\n".join(
        [r"\documentclass{article}\usepackage{amsmath,amssymb}\begin{document}", appendix, r"\end{document}"]
    )
    (tmp_path / "appendix.tex").write_text(document)
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "appendix.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]

"""The appendix is LaTeX that compiles in one column and in two, with no box wider than the line."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from keybounds.proofs import Ground, Report, Step, Verdict, to_latex
from keybounds.proofs.appendix import shown
from keybounds.proofs.claims import claims


def report(**changes: object) -> Report:
    fields: dict[str, object] = {
        "name": "a-name",
        "title": "A name",
        "statement": "For p >= 1/(sqrt d + 1), rho_{d,p}^Gamma & 50 % of <x|y> are # {fine}: sum_k p_k is their sum.",
        "formula": r"\rho \ge 0",
        "source": "somebody1900, p. 3",
        "verdict": Verdict.ARGUED,
        "missing": ("one is two: that somebody1900 says so",),
        "steps": (
            Step(description="rho is a state", formula="1 = 1", ground=Ground.SYMBOLIC, holds=True),
            Step(description="one is two", ground=Ground.ENCLOSED, holds=False, detail="at x_1 = 3", uses=(1,)),
            Step(description="as shown", ground=Ground.CLAIM, holds=True, detail="claim other, sum"),
            Step(description="a number", ground=Ground.WITNESS, holds=True, detail="1.5, agrees"),
        ),
        "seconds": 0.1,
    }
    return Report(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def appendix(reports: Mapping[str, Report]) -> str:
    return to_latex(reports.values())


def test_words_are_escaped_and_symbols_set_as_mathematics() -> None:
    text = to_latex([report(), report(name="other", verdict=Verdict.PROVED)])
    assert r"\begin{kbclaim}[A name; \cite{somebody1900}, p. 3]\label{claim:a-name}" in text
    assert r"\begin{kbtheorem}[A name; \cite{somebody1900}, p. 3]\label{claim:other}" in text
    assert (
        r"For p $\ge$ 1/($\sqrt{d}$ + 1), $\rho_{d,p}^{\Gamma}$ \& 50 \% of \textless{}x\textbar{}y\textgreater{}"
        in text
    )
    assert r"are \# \{fine\}: $\sum_{k}$ $p_{k}$ is their sum." in text
    assert "\\item $\\rho$ is a state [symbolic].\n\\kbshown{1 = 1}" in text
    assert r"\item One is two [enclosed, at $x_{1}$ = 3]. By 1. \textbf{Fails.}" in text
    assert r"\item As shown [Theorem \ref{claim:other}]." in text
    assert r"\item One is two: that \cite{somebody1900} says so." in text
    assert r"\item[\ref{claim:a-name}] a number: 1.5, agrees." in text


def test_letters_of_other_alphabets_are_set_as_mathematics() -> None:
    text = to_latex([report(statement="Var(ω) ≤ Σ α² for all γ ≥ 0.")])
    assert r"Var($\omega$) $\le$ $\Sigma$ $\alpha$$^{2}$ for all $\gamma$ $\ge$ 0." in text
    assert text.isascii()


def test_long_displays_are_broken_outside_of_brackets() -> None:
    short = r"a = \left(b + c\right)"
    assert shown(short) == rf"\kbshown{{{short}}}"
    term = r"\left(p_{1} + \frac{1 - p}{2 \sqrt{d}}\right) \log\left(\frac{1 + c}{2}\right)"
    long = "S = " + " + ".join([term] * 9)
    lines = shown(long).split(r" \\ ")
    assert len(lines) > 1
    for line in lines:
        bare = line.replace(r"\kbshown{\begin{aligned} & ", "").replace(r" \end{aligned}}", "").replace(r"& \quad ", "")
        assert bare.count(r"\left") == bare.count(r"\right")
        assert bare.count("{") == bare.count("}")


def test_every_claim_stands_in_the_appendix_with_its_verdict(appendix: str, reports: Mapping[str, Report]) -> None:
    for claim in claims():
        kind = "kbtheorem" if reports[claim.name].verdict is Verdict.PROVED else "kbclaim"
        assert re.search(rf"\\begin\{{{kind}\}}\[[^\n]*\]\\label\{{claim:{claim.name}\}}", appendix)
    for reason in reports["nearly-covariant"].missing:
        assert reason.split(":")[0][1:30] in appendix


def test_references_are_to_labels_that_are_there(appendix: str) -> None:
    labels = set(re.findall(r"\\label\{([^}]*)\}", appendix))
    assert set(re.findall(r"\\ref\{([^}]*)\}", appendix)) <= labels


def test_outside_mathematics_no_special_character_is_bare(appendix: str) -> None:
    body = "\n".join(line for line in appendix.split(r"\raggedbottom")[1].splitlines() if not line.startswith("%"))
    words = re.sub(r"(?<!\\)\$(?:[^$\\]|\\.)+\$", "", body)
    words = re.sub(r"\\kbshown\{.*\}", "", words)
    assert not re.search(r"(?<!\\)[$&#_^~<>|%]", words)
    assert words.isascii()


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine")
@pytest.mark.parametrize(
    "document_class",
    [r"{article}", r"[twocolumn]{article}", r"[twocolumn]{revtex4-2}"],
    ids=["article", "two", "revtex"],
)
def test_compiles_with_no_overfull_box(document_class: str, appendix: str, tmp_path: Path) -> None:
    if "revtex" in document_class and not shutil.which("kpsewhich"):
        pytest.skip("no kpsewhich to look for revtex4-2")
    name = document_class.split("{")[1].strip("}")
    if subprocess.run(["kpsewhich", f"{name}.cls", "adjustbox.sty"], capture_output=True, check=False).returncode:
        pytest.skip(f"{name} or adjustbox is not installed")
    packages = r"\usepackage{amsmath,amssymb,amsthm,adjustbox}"
    document = "\n".join([rf"\documentclass{document_class}{packages}\begin{{document}}", appendix, r"\end{document}"])
    (tmp_path / "appendix.tex").write_text(document)
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "appendix.tex"]
    for _ in range(2):  # the second run knows the labels
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    output = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, output[-2000:]
    log = (tmp_path / "appendix.log").read_text("utf-8", "replace")
    widths = [float(width) for width in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
    assert max(widths, default=0.0) <= 1.0
    assert "undefined references" not in log.replace("Citation", "") or "Reference `claim" not in log

"""The appendix is LaTeX that compiles, is short, and leaves out nothing that a proof rests on."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from keybounds.proofs import Ground, Report, Step, Verdict, to_latex
from keybounds.proofs.appendix import shown
from keybounds.proofs.claims import claims
from keybounds.proofs.condensed import condensed
from keybounds.proofs.displays import breakable
from keybounds.proofs.logic.printing import TypesetTheorem

PAGES = {"{article}": 90, "[twocolumn]{article}": 60, "[twocolumn]{revtex4-2}": 42}
SAME = 3  # sentences in a row that are equal but for numbers and formulas
CITED = TypesetTheorem("a theorem", "somebody1900, p. 3", "One is x.", ("$x > 0$",), "$x = 1$")


def report(**changes: object) -> Report:
    fields: dict[str, object] = {
        "name": "a-name",
        "title": "A name",
        "sentences": ("For p >= 1/(sqrt d + 1), 50 % of <x|y> are # {fine}", "sum_k p_k is their sum"),
        "formula": r"\rho \ge 0",
        "source": "somebody1900, p. 3",
        "verdict": Verdict.ARGUED,
        "missing": ("one is two: that somebody1900 says so",),
        "steps": (
            Step(description="rho is a state", text="$1 = 1$", says="1 = 1", ground=Ground.DECIDED, holds=True),
            Step(description="one is two", ground=Ground.ENCLOSED, holds=False, detail="at x_1 = 3", uses=(1,)),
            Step(description="as shown", ground=Ground.CLAIM, holds=True, detail="claim other, sum", says="s"),
            Step(description="a number", ground=Ground.WITNESS, holds=True, detail="1.5, agrees"),
            Step(description="as is known", ground=Ground.CITED, holds=True, says="x = 1", theorem=CITED, uses=(1, 3)),
        ),
        "seconds": 0.1,
    }
    return Report(**{**fields, **changes})  # type: ignore[arg-type]


def without_formulas(text: str) -> str:
    """LaTeX without its displays, which are the arguments of commands, and without what is between dollars."""
    while match := re.search(r"\\kb(?:shown|scaled)\{", text):
        depth, end = 1, match.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0) if text[end - 1] != "\\" else 0
            end += 1
        text = text[: match.start()] + text[end:]
    return re.sub(r"(?<!\\)\$(?:[^$\\]|\\.)+\$", "", text)


@pytest.fixture(scope="module")
def appendix(reports: Mapping[str, Report]) -> str:
    return to_latex(reports.values())


def test_words_are_escaped_and_symbols_set_as_mathematics() -> None:
    text = to_latex([report(), report(name="other", verdict=Verdict.PROVED)])
    assert r"\begin{kbclaim}[{A name; \cite[{p. 3}]{somebody1900}}]\label{claim:a-name}" in text
    assert r"\begin{kbtheorem}[{A name; \cite[{p. 3}]{somebody1900}}]\label{claim:other}" in text
    assert r"For $p \ge 1/(\sqrt{d} + 1)$, 50 \% of" in text
    assert r"are \# \{fine\}: $\sum_{k} p_{k}$ is their sum." in text
    assert r"\item $\rho$ is a state [decided]: $1 = 1$." in text
    assert r"\item One is two [enclosed, at $x_{1} = 3$; 1] \textbf{Fails.}" in text
    assert r"\item As shown [Theorem~\ref{claim:other}]" in text
    assert r"\item As is known [\ref{cited:1}; 1, 3]" in text
    assert (
        r"\item\label{cited:1}\emph{A theorem} \cite[{p. 3}]{somebody1900}. One is $x$. If $x > 0$, then $x = 1$."
        in text
    )
    assert r"Missing: one is two (that \cite{somebody1900} says so)." in text
    assert r"\item[\ref{claim:a-name}\ ] a number: 1.5, agrees." in text


def test_letters_of_other_alphabets_are_set_as_mathematics() -> None:
    text = to_latex([report(sentences=("For all γ ≥ 0", "Var(ω) ≤ Σ α²"))])
    assert r"For all $\gamma$ $\ge$ 0: Var($\omega$) $\le$ $\Sigma$ $\alpha$$^{2}$." in text
    assert text.isascii()


def test_steps_of_one_kind_make_one_item_with_what_varies() -> None:
    def positive(letter: str) -> Step:
        return Step(description="positive", text=f"${letter} > 0$", says=letter, ground=Ground.DECIDED, holds=True)

    same = Step(description="as before", text="$x > 0$", says="x", ground=Ground.DEFINITION, holds=True)
    text = to_latex([report(steps=(positive("x"), positive("y"), positive("z"), same))])
    assert r"\item Positive [decided]: $x > 0$; likewise with $y$, $z$ for $x$." in text
    assert "as before" not in text.lower()


def test_items_name_only_what_stands_before_them() -> None:
    def step(kind: str, says: str, *uses: int) -> Step:
        return Step(description=kind, text=f"${says}$", says=says, ground=Ground.DECIDED, holds=True, uses=uses)

    steps = (step("one", "a"), step("two", "b", 1), step("one", "c", 2), step("one", "d"), step("two", "e", 4))
    outline = condensed(report(steps=steps))
    assert [[one.says for one in item.steps] for item in outline.items] == [["a", "d"], ["b", "e"], ["c"]]
    for place, item in enumerate(outline.items):
        assert all(one < place for one in item.uses)


def test_every_claim_stands_in_the_appendix_with_its_verdict(appendix: str, reports: Mapping[str, Report]) -> None:
    for claim in claims():
        kind = "kbtheorem" if reports[claim.name].verdict is Verdict.PROVED else "kbclaim"
        assert re.search(rf"\\begin\{{{kind}\}}\[[^\n]*\]\\label\{{claim:{claim.name}\}}", appendix)


def test_what_a_proof_rests_on_is_in_an_item_or_behind_one(reports: Mapping[str, Report]) -> None:
    shown_always = {Ground.DECIDED, Ground.CITED, Ground.CLAIM, Ground.ARGUED, Ground.DEFINITION, Ground.SYMBOLIC}
    for one in reports.values():
        outline = condensed(one)
        said = {step.says for item in outline.items for step in item.steps}
        granted = set(one.typeset.granted) if one.typeset else set()
        for step in one.steps:
            if step.ground in shown_always:
                assert step.says in said, (one.name, step.description)
            if step.ground is Ground.HYPOTHESIS:
                assert step.says in said or step.text in granted, (one.name, step.says)
        for place, item in enumerate(outline.items):
            assert all(used < place for used in item.uses)
        assert set(outline.conclusions) == set(one.conclusions)


def test_every_argument_in_words_is_printed_with_its_reason(appendix: str, reports: Mapping[str, Report]) -> None:
    argued = [step for one in reports.values() for step in one.steps if step.ground is Ground.ARGUED]
    for step in argued:
        assert f"argued: {step.detail.split(' E_r')[0]}" in appendix
    for one in reports.values():
        for reason in one.missing:
            assert reason.split(",")[0][:20] in appendix.replace("$", "")


def test_what_is_cited_is_in_the_bibliography(appendix: str) -> None:
    from keybounds.reports import bibliography

    known = set(re.findall(r"@\w+\{([^,\s]+),", Path(bibliography.__file__).with_name("refs.bib").read_text("utf-8")))
    cited = set(re.findall(r"\\cite(?:\[\{[^}]*\}\])?\{([^}]*)\}", appendix))
    assert len(cited) > 50
    assert cited <= known


def test_references_are_to_labels_that_are_there(appendix: str) -> None:
    labels = re.findall(r"\\label\{([^}]*)\}", appendix)
    assert len(set(labels)) == len(labels)
    assert set(re.findall(r"\\ref\{([^}]*)\}", appendix)) <= set(labels)


def test_no_sentence_is_said_over_and_over(appendix: str) -> None:
    bare: list[str] = []
    for proof in re.findall(r"\\begin\{kbsteps\}(.*?)\\end\{kbsteps\}", without_formulas(appendix), re.DOTALL):
        bare += (re.sub(r"\[[^\]]*\]|\d+|\b(?:one|two|three) other cases?", "", item) for item in proof.split(r"\item"))
    longest = max(len(list(group)) for _, group in itertools.groupby(bare))
    assert longest <= SAME


def test_theorems_are_stated_once(appendix: str) -> None:
    listed = appendix.split(r"\begin{kbcitedlist}")[1].split(r"\end{kbcitedlist}")[0]
    statements = [re.sub(r"\\item\\label\{[^}]*\}", "", line) for line in listed.splitlines() if line.strip()]
    assert len(set(statements)) == len(statements)


def test_outside_mathematics_no_special_character_is_bare(appendix: str) -> None:
    words = without_formulas(appendix.split(r"\binoppenalty=300")[1])
    words = re.sub(r"\\begin\{tabular\}.*?\\end\{tabular\}", "", words, flags=re.DOTALL)
    words = re.sub(r"\\begin\{list\}\{\}\{\\kbtight\{1.8em\}\{\}\}", "", words)
    assert not re.search(r"(?<!\\)[$&#_^<>|%]", words.replace(r"\cite[", ""))
    assert words.isascii()


def test_a_display_that_holds_a_matrix_is_scaled() -> None:
    assert shown("a = b") == r"\kbshown{a = b}"
    assert shown(f"{' + '.join('abcdefghijklmn')} < 0").endswith(r" \mathrel{< 0}}")  # no 0 alone on the last line
    assert r"\kbscaled" in shown(r"\left(\begin{matrix} a \end{matrix}\right)")
    assert breakable(r"\left(a + \frac{b}{c}\right)", "Big") == r"\Bigl(a + \frac{b}{c}\Bigr)"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine")
@pytest.mark.parametrize("document_class", list(PAGES), ids=["article", "two", "revtex"])
def test_compiles_short_and_with_no_overfull_box(document_class: str, appendix: str, tmp_path: Path) -> None:
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
    assert not re.search(r"Reference `(?:claim|cited):", log)
    pages = re.search(r"\((\d+) pages", output)
    assert pages
    assert int(pages[1]) <= PAGES[document_class]

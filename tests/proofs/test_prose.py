"""Plain sentences become LaTeX: formulas are found and set, words are left alone."""

from __future__ import annotations

import pytest
import sympy as sp

from keybounds.proofs.displays import breakable, variants, width
from keybounds.proofs.logic.printing import in_text, latex
from keybounds.proofs.logic.propositions import equal, less
from keybounds.proofs.prose import escape, filled, source, to_latex

NAMES = {"rho": (r"\rho_{{0},{1}}", ","), "D": ("D", "||"), "Q": (r"Q_{{0}}({1}\,\|\,{2})", ";"), "E_r": ("E_r", ",")}


@pytest.mark.parametrize(
    ("plain", "latex"),
    [
        ("the part A of a state, with a bit a", "the part $A$ of a state, with a bit $a$"),
        ("A state is a sum.", "A state is a sum."),
        ("Bob's y and F's seeds", "Bob's $y$ and $F$'s seeds"),
        ("for p >= 1/(sqrt d + 1)", r"for $p \ge 1/(\sqrt{d} + 1)$"),
        ("D(rho || sigma) = Tr rho log rho", r"$D(\rho\,\|\,\sigma) = \operatorname{Tr} \rho \log \rho$"),
        ("E_r of rho(d, p)", r"$E_r$ of $\rho_{d,p}$"),
        ("Q(alpha; rho(d, p); 1)", r"$Q_{\alpha}(\rho_{d,p}\,\|\,1)$"),
        ("(1 x F) A (1 x F)*", r"$(1 \otimes F) A (1 \otimes F)^{*}$"),
        ("the l x n matrices", r"the $l \times n$ matrices"),
        ("(id (x) Lambda)(Phi)", r"$(\operatorname{id} \otimes \Lambda)(\Phi)$"),
        ("|x><x| and <u* v>", r"$|x\rangle \langle x|$ and $\langle u^{*} v\rangle$"),
        ("where e^{i(t-s)} is u_ij", r"where $e^{i(t-s)}$ is $u_{ij}$"),
        ("christandl2021, p. 3", r"\cite{christandl2021}, p.~3"),
        ("the n-th of 3 & 4 in `a_b`", r"the $n$-th of 3 \& 4 in \texttt{a\_b}"),
        ("2 divides no key; K_DI", r"2 divides no key; $K_{DI}$"),
        ("Var(ω) ≤ 50 %", r"Var($\omega$) $\le$ 50 \%"),
    ],
)
def test_formulas_are_found_in_sentences(plain: str, latex: str) -> None:
    assert to_latex(plain, NAMES) == latex


def test_templates_take_each_argument_to_its_place() -> None:
    assert filled("f", ["x", "y"]) == r"f\left(x, y\right)"
    assert filled(r"\rho_{{0},{1}}", ["d", r"\frac{1}{2}"]) == r"\rho_{d,\frac{1}{2}}"
    assert filled(r"{0}^{\Gamma}", ["A + B"]) == r"\left(A + B\right)^{\Gamma}"
    assert filled(r"{0}^{\Gamma}", [r"\rho_{d}"]) == r"{\rho_{d}}^{\Gamma}"


def test_sources_are_cited_with_their_places() -> None:
    assert source("bhatia1997, Section V.1; mccarthy1967") == (r"\cite[{Section V.1}]{bhatia1997}; \cite{mccarthy1967}")
    assert escape("50 % <x>") == r"50 \% \textless{}x\textgreater{}"


def test_what_no_line_holds_can_be_broken() -> None:
    long = r"\frac{" + " + ".join("abcdefghijklmnop") + r"}{2}"
    for formula in (rf"\left({long}\right) + 1", rf"x = {long}", r"\sqrt{" + long + "}"):
        said = breakable(formula)
        assert r"\left" not in said
        assert r"\frac" not in said
        assert said.count("{") == said.count("}")
    assert breakable(r"x^{\left(\frac{1}{2}\right)}") == r"x^{\left(\frac{1}{2}\right)}"
    assert breakable(r"f(a, b) g(c)") == r"f(a, b) g(c)"
    products = breakable(" ".join(f"f(x_{k})" for k in range(12)))
    assert products.count(r"\penalty") == 11
    assert width(r"\frac{a + b}{2}") < width("a + b / 2")


def test_variants_name_what_differs_and_nothing_else() -> None:
    texts = [r"$\rho_{x} \le f(x)$", r"$\rho_{y} \le f(y)$", r"$\rho_{2 z} \le f(2 z)$"]
    assert variants(texts) == r"with $y$, $2 z$ for $x$"
    assert variants([r"$a = b$", r"$c = d$"]) is None
    assert variants([r"$a = b$", r"$a < b$"]) is None


def test_what_is_repeated_in_a_long_relation_gets_a_letter() -> None:
    x = sp.symbols("x1:9", real=True)
    long = sp.sqrt(sum(one**2 for one in x))
    said = in_text(less(sum(one * long for one in x), 0))
    assert said.startswith(r"$x_{1} {\mathfrak a} + ")
    assert said.endswith(rf", where ${{\mathfrak a}} = {latex(long)}$")
    assert "where" not in in_text(less(long, x[0]))


def test_natural_logarithms_are_told_from_those_to_base_2() -> None:
    x = sp.Symbol("x", positive=True)
    assert in_text(equal(sp.log(x), 1 - x)) == r"$\ln{(x)} = 1 - x$"

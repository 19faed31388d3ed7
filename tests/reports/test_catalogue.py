"""One list of what has a name: each entry is there, is drawn or tabulated, and no import goes in a circle."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from keybounds.errors import UnknownNameError
from keybounds.reports import CATALOGUE, catalogue, draw, table
from keybounds.reports.catalogue import Entry, Kind, entries, load, names_line

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: f"{entry.kind.value} {entry.name}")
def test_every_entry_leads_to_what_builds_it(entry: Entry) -> None:
    assert callable(load(entry.builder))
    assert entry.caption.endswith(".")
    if entry.layout:
        assert entry.kind is Kind.COMPARISON
        assert callable(load(entry.layout))
    if entry.kind is Kind.TABLE and not entry.long:
        assert entry.uncertified


def test_names_are_unique_within_what_they_may_be_asked_for() -> None:
    for kinds in ((Kind.COMPARISON, Kind.TABLE), (Kind.FIGURE,)):
        names = [entry.name for entry in entries(*kinds)]
        assert len(set(names)) == len(names)


def test_help_texts_name_every_entry() -> None:
    for verb, kinds in {
        "compare": (Kind.COMPARISON,),
        "table": (Kind.COMPARISON, Kind.TABLE),
        "figure": (Kind.FIGURE,),
    }.items():
        done = subprocess.run(
            [sys.executable, "-m", "keybounds", verb, "--help"],
            capture_output=True,
            text=True,
            check=True,
        )
        shown = "".join(done.stdout.replace("│", " ").split())  # lines break after a hyphen
        for entry in entries(*kinds):
            assert entry.name in shown
    assert names_line(Kind.FIGURE) == (
        "efficiency, finite-size, private-states, rates, smallest-gap; ceilings, thresholds (a minute)"
    )


def test_unknown_names_offer_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'rates'"):
        draw("rate")
    with pytest.raises(UnknownNameError, match="did you mean 'png'"):
        draw("rates", "pnh")
    with pytest.raises(UnknownNameError, match="did you mean 'finite-size'"):
        table("finitesize")


def test_the_same_figure_gives_the_same_bytes() -> None:
    for form in ("pdf", "svg"):
        assert draw("private-states", form) == draw("private-states", form)


def test_the_catalogue_loads_nothing() -> None:
    script = (
        "import sys, keybounds.reports.catalogue\n"
        "heavy = {'numpy', 'flint', 'matplotlib', 'sympy', 'qutip'} & set(sys.modules)\n"
        "print(sorted(heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_no_modules_of_the_reports_import_each_other_in_a_circle() -> None:
    """Imports at the top of a module; those inside functions are how the catalogue loads on use."""
    imports = {
        path.stem: {
            node.module.rpartition(".")[2]
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("keybounds.reports.")
        }
        for path in (ROOT / "reports").glob("*.py")
        if path.stem != "__init__"
    }
    imports["catalogue"] -= {"style"}  # inside `draw`
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above, name))
        if name not in done:
            for other in imports[name]:
                visit(other, (*above, name))
            done.add(name)

    for name in imports:
        visit(name, ())
    assert catalogue.__name__ == "keybounds.reports.catalogue"

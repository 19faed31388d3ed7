"""Nothing outside of the kernel makes a fact: not by a call, not by a copy, and not by reaching for what does."""

from __future__ import annotations

import ast
import copy
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

import keybounds
from keybounds.proofs.logic import kernel
from keybounds.proofs.logic.kernel import Fact, Rule, facts
from keybounds.proofs.logic.propositions import equal, less
from keybounds.proofs.logic.terms import symbol

KERNEL = Path(kernel.__file__).parent.resolve()
SOURCE = Path(keybounds.__file__).parent
DOOR = {"fact_maker", "_fact", "_SEAL", "_waiting"}
FORGERS = {"__new__", "__setattr__", "__setstate__"}  # of object: what a frozen class is filled by


def modules() -> Iterator[Path]:
    """Every module of the package; the folders of a checkout may be links."""
    pending = [SOURCE]
    while pending:
        for path in sorted(pending.pop().iterdir()):
            if path.is_dir():
                pending.append(path)
            elif path.suffix == ".py":
                yield path


def reached(text: str) -> set[str]:
    """What code takes of the kernel that is not in `kernel.__all__`: names imported from a module of it, attributes."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("keybounds.proofs.logic.kernel"):
            found |= {one.name for one in node.names} - set(kernel.__all__)
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names if one.name.startswith("keybounds.proofs.logic.kernel.")}
        elif isinstance(node, ast.Attribute) and node.attr in DOOR:
            found.add(node.attr)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "Fact":
            found.add("Fact()")
    return found


def forges(text: str) -> bool:
    """Whether code fills a frozen object by hand."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr in FORGERS
        and isinstance(node.value, ast.Name)
        and node.value.id == "object"
        for node in ast.walk(ast.parse(text))
    )


def test_nothing_outside_reaches_for_what_makes_facts() -> None:
    looked = 0
    for path in modules():
        if path.resolve().is_relative_to(KERNEL):
            continue
        looked += 1
        found = reached(path.read_text(encoding="utf-8"))
        assert not found, f"{path} takes {found} of the kernel"
    assert looked > 300


def test_no_step_of_a_proof_fills_a_frozen_object() -> None:
    """But a proposition, which brings its own sides into form."""
    proofs = KERNEL.parents[1]
    filled = {path.name for path in proofs.rglob("*.py") if forges(path.read_text(encoding="utf-8"))}
    assert filled <= {"propositions.py"}


@pytest.mark.parametrize(
    "text",
    [
        "from keybounds.proofs.logic.kernel.facts import fact_maker",
        "from keybounds.proofs.logic.kernel.leaves import _fact",
        "from keybounds.proofs.logic.kernel import facts",
        "import keybounds.proofs.logic.kernel.sums",
        "from keybounds.proofs.logic import kernel\nkernel.facts._SEAL",
        "from keybounds.proofs.logic import kernel\nkernel.leaves._fact('false')",
        "kernel.Fact(seal, 'false')",
        "Fact(seal, 'false')",
    ],
)
def test_who_reaches_is_seen(text: str) -> None:
    assert reached(text)
    assert not reached("from keybounds.proofs.logic.kernel import Fact, identity")


def test_the_door_is_shut_once_the_rules_have_passed() -> None:
    assert not facts._waiting
    for name in (*facts.RULES, "facts", "conditions", "other"):
        with pytest.raises(TypeError, match="asks from outside"):
            facts.fact_maker(f"{facts.__package__}.{name}")
    with pytest.raises(TypeError, match="asks from outside"):
        facts.fact_maker(__name__)


def test_exactly_the_modules_of_rules_ask() -> None:
    asking = {
        path.stem
        for path in KERNEL.glob("*.py")
        if any(
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "fact_maker"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    }
    assert asking == set(facts.RULES)


def test_no_fact_is_made_of_another() -> None:
    known = kernel.assume(equal(symbol("x"), 1))
    with pytest.raises(ValueError, match="seal"):
        dataclasses.replace(known, proposition=equal(1, 2))
    with pytest.raises(TypeError, match="made by the rules"):
        Fact(object(), "false", equal(1, 2), frozenset(), Rule.SYMBOLIC)
    with pytest.raises(dataclasses.FrozenInstanceError, match="proposition"):
        known.proposition = less(1, 0)  # type: ignore[misc]
    assert not hasattr(known, "seal")
    assert copy.copy(known).proposition == known.proposition

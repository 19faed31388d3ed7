"""A test that asserts nothing passes whatever the code does: it is found by reading the tests."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
EXPECTING = ("raises", "warns", "fail", "assert_")  # how functions of pytest and of numpy.testing begin that do


def asserts(function: ast.AST) -> bool:
    """Whether something is asserted, or an error or a warning expected, in a function or in those inside it."""
    return any(
        isinstance(node, ast.Assert)
        or (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.startswith(EXPECTING)
        )
        for node in ast.walk(function)
    )


def vacuous(source: str) -> list[str]:
    """Test functions that assert nothing, neither themselves nor by a function of their module that they call."""
    functions = {node.name: node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
    found = []
    for name, function in functions.items():
        called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
        names = {node.id if isinstance(node, ast.Name) else getattr(node, "attr", "") for node in called}
        helpers = [functions[other] for other in sorted(names & functions.keys())]
        if name.startswith("test_") and not any(map(asserts, [function, *helpers])):
            found.append(name)
    return found


def test_every_test_asserts() -> None:
    modules = sorted(TESTS.rglob("test_*.py"))
    assert len(modules) > 80
    found = {str(path.relative_to(TESTS)): vacuous(path.read_text(encoding="utf-8")) for path in modules}
    assert not {name: tests for name, tests in found.items() if tests}


def test_a_test_that_asserts_nothing_is_found() -> None:
    """In a class, with a call of its own, and with a helper that asserts nothing either."""
    source = (
        "def helper():\n    assert f()\n"
        "def idle():\n    f()\n"
        "def test_by_helper():\n    helper()\n"
        "def test_idle():\n    idle()\n"
        "class TestMore:\n"
        "    def test_raises(self):\n        with pytest.raises(ValueError, match='x'):\n            f()\n"
        "    def test_calls(self):\n        f()\n"
    )
    assert vacuous(source) == ["test_idle", "test_calls"]

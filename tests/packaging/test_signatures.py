"""No function carries a bundle of arguments that it only hands on, and none hides one in ``**kwargs``.

What travels together through several functions is one value that has not been made: a protocol, a link, a hierarchy, a
run. The command line's own functions are left out: they take what the terminal gives. So are compiled kernels, which
take arrays and numbers only.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = (*sorted(path.name for path in (ROOT / "src/keybounds").iterdir() if path.is_symlink()), "src/keybounds")
MOST = 5

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions() -> Iterator[tuple[str, Function]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if path.is_symlink() or any(part.is_symlink() for part in path.parents if ROOT in part.parents):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                decorators = " ".join(map(ast.dump, getattr(node, "decorator_list", ())))
                if isinstance(node, Function) and "command" not in decorators and "njit" not in decorators:
                    yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def only_handed_on(function: Function) -> list[str]:
    """The parameters whose every use is as an argument of a call, as they are."""
    arguments = function.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    handed: dict[str, int] = dict.fromkeys(names, 0)
    used: dict[str, int] = dict.fromkeys(names, 0)
    for node in (inner for statement in function.body for inner in ast.walk(statement)):
        if isinstance(node, ast.Name) and node.id in used:
            used[node.id] += 1
        if isinstance(node, ast.Call):
            for given in (*node.args, *(keyword.value for keyword in node.keywords)):
                if isinstance(given, ast.Name) and given.id in handed:
                    handed[given.id] += 1
    return [name for name in names if name not in ("self", "cls") and used[name] and used[name] == handed[name]]


MAKES_THE_VALUE = {  # the one place where these become a value: a bound, a run, a checked state with its measurements
    "bounds/bound.py lower_bound",
    "bounds/bound.py upper_bound",
    "bounds/run/finite_key.py finite_key",
    "bounds/state/equivalent_devices.py device_independent_measure",
    "postprocessing/run/simulation.py designed",
    "postprocessing/run/simulation.py simulate",
}


def test_the_measure_sees_a_bundle() -> None:
    source = "def f(a, b, c, d, e, g):\n    return h(a, b=b, c=c, d=d, e=e, g=g)"
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert only_handed_on(function) == ["a", "b", "c", "d", "e", "g"]


def test_no_function_only_hands_on_more_than_five_parameters() -> None:
    bundles = {
        name: handed
        for name, function in functions()
        if len(handed := only_handed_on(function)) > MOST
        and f"{name.partition(':')[0]} {function.name}" not in MAKES_THE_VALUE
    }
    assert not bundles


def test_no_function_hands_on_hidden_arguments() -> None:
    hidden = []
    for name, function in functions():
        if function.args.kwarg is None:
            continue
        passed = {
            node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
            for node in ast.walk(function)
            if isinstance(node, ast.Call)
            and any(
                keyword.arg is None
                and isinstance(keyword.value, ast.Name)
                and keyword.value.id == function.args.kwarg.arg
                for keyword in node.keywords
            )
        }
        if passed - {"replace"}:  # a copy with changes names the fields of one value
            hidden.append((name, sorted(passed)))
    assert not hidden


@pytest.mark.parametrize("name", sorted(MAKES_THE_VALUE))
def test_what_is_left_out_exists(name: str) -> None:
    assert any(f"{found.partition(':')[0]} {function.name}" == name for found, function in functions())

"""What is no certificate: refused with a sentence, in bounded time and memory, and never with a traceback."""

from __future__ import annotations

import ast
import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.proofs import verify
from keybounds.proofs.verifier import reading, verify_text
from keybounds.proofs.verifier.reading import MOST_CHARACTERS, parse

ROOT = Path(__file__).resolve().parents[2]
VERIFIER = ROOT / "proofs" / "verifier"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "not JSON", id="empty"),
        pytest.param("{", "not JSON", id="cut"),
        pytest.param('{"a": NaN}', "NaN", id="nan"),
        pytest.param('{"a": Infinity}', "Infinity", id="infinity"),
        pytest.param('{"a": 0.5}', "0.5", id="float"),
        pytest.param('{"a": 1e999}', "1e999", id="huge-exponent"),
        pytest.param('{"a": true}', "a bool", id="bool"),
        pytest.param('{"a": 1, "a": 2}', "same key twice", id="duplicate-key"),
        pytest.param("[" * 100_000, "", id="deep-unclosed"),
        pytest.param("[" * 50_000 + "]" * 50_000, "nested deeper", id="deep"),
        pytest.param("[" * 30 + "]" * 30, "nested deeper", id="a-little-deep"),
        pytest.param("9" * 1_000_000, "more than 4000 digits", id="huge-integer"),
        pytest.param('"' + "9" * (MOST_CHARACTERS + 1) + '"', "characters", id="huge-file"),
        pytest.param("[" + "0," * 3_000_000 + "0]", "values", id="many-values"),
        pytest.param(r'{"a": "\ud800"}', "half of a surrogate pair", id="surrogate"),
        pytest.param(r'{"\udfff": 1}', "half of a surrogate pair", id="surrogate-key"),
    ],
)
def test_unreadable_documents(text: str, reason: str) -> None:
    start = time.process_time()
    verdict = verify_text(text)
    assert not verdict.accepted
    assert not verdict.readable
    assert reason in verdict.reason
    assert "UNREADABLE" in str(verdict)
    assert time.process_time() - start < 30  # a bound on work, which would take hours without it


@pytest.mark.parametrize(
    "value",
    ["NaN", "inf", "1/0", "1p99999999", "0x10", "1e5", "٣", "--1", "1/2/3", "", " 1", "1 ", "½", "9" * 5000, 1.0, True],
)
def test_texts_that_are_no_numbers(value: Any) -> None:
    with pytest.raises(reading.RejectedError, match=r"not an exact number|denominator 0|more than 4000 digits"):
        reading.number(value, "x")


DIGITS, TEXT, EXPONENT, DEPTH = 4_000, 2_000, 4_096, 24  # the limits, from the schema


@pytest.mark.parametrize(
    ("read", "good", "bad", "reason"),
    [
        (lambda x: reading.integer(x, "x", 2, 5), (2, 5), (1, 6), "x is not from 2 to 5"),
        (lambda x: reading.integer(x, "x", 2, 5), (3,), ("3", None, [3]), "x is not an integer"),
        (lambda x: reading.number(x, "x", 0, 1), (0, 1, "1/2"), ("-1/9",), "x is below 0"),
        (lambda x: reading.number(x, "x", 0, 1), (0, 1), ("10/9",), "x is above 1"),
        (lambda x: reading.number(x, "x"), ("1/2",), (None, [1], {}), "x is not an exact number"),
        (lambda x: reading.number(x, "x"), ("0/1",), ("1/0", "0/0"), "x has the denominator 0"),
        (
            lambda x: reading.number(x, "x"),
            ("9" * DIGITS, "1/" + "9" * DIGITS, "9" * DIGITS + "p1"),
            ("9" * (DIGITS + 1), "1/" + "9" * (DIGITS + 1), "9" * (DIGITS + 1) + "p1", "9" * (2 * DIGITS + 1)),
            "x has more than 4000 digits",
        ),
        (
            lambda x: reading.number(x, "x"),
            (f"1p{EXPONENT}", f"1p-{EXPONENT}"),
            (f"1p{EXPONENT + 1}", f"1p-{EXPONENT + 1}"),
            "x has an exponent beyond 4096",
        ),
        (lambda x: reading.sequence(x, "x", least=1, most=2), ([0], [0, 0]), ([], [0, 0, 0]), "not 1 to 2"),
        (lambda x: reading.sequence(x, "x"), ([],), ({}, "a", None), "x is not a list"),
        (lambda x: reading.text(x, "x"), ("", "a" * TEXT), ("a" * (TEXT + 1),), "x is longer than 2000 characters"),
        (lambda x: reading.text(x, "x"), ("a",), (1, None, ["a"]), "x is not a string"),
        (lambda x: reading.one_of(x, "x", ("a", "b")), ("a", "b"), ("c", ""), "none of: a, b"),
        (lambda x: reading.fields(x, "x", ("a",), ("b",)), ({"a": 1}, {"a": 1, "b": 2}), ({}, {"b": 2}), "x lacks a"),
        (lambda x: reading.fields(x, "x", ("a",)), ({"a": 1},), ({"a": 1, "c": 2},), "x has unknown fields: 'c'"),
        (lambda x: reading.fields(x, "x", ()), ({},), ([], None), "x is not an object"),
        (reading.check_plain, ({"a": 1},), ({1: 2}, {"a": {None: 1}}), "an object with a key that is not a string"),
        (reading.check_plain, (10**DIGITS,), (2 ** (4 * DIGITS),), "an integer of more than 4000 digits"),
        (reading.check_plain, ([1, "a", None],), ([1.0], [True], [(1,)], [b"a"]), "numbers are integers, or exact"),
        (reading.parse, ("9" * DIGITS,), ("9" * (DIGITS + 1),), "an integer of more than 4000 digits"),
        (
            reading.parse,
            ("[" * (DEPTH - 1) + "1" + "]" * (DEPTH - 1),),
            ("[" * DEPTH + "1" + "]" * DEPTH,),
            "nested deeper than 24",
        ),
    ],
)
def test_limits(read: Callable[[Any], Any], good: tuple[Any, ...], bad: tuple[Any, ...], reason: str) -> None:
    """Each limit admits what is at it, and nothing beyond."""
    for value in good:
        read(value)
    for value in bad:
        with pytest.raises(reading.RejectedError, match=re.escape(reason)):
            read(value)


def test_numbers_are_exact() -> None:
    assert [reading.number(x, "x") for x in (3, "-3", "6/4", "3p-1", "3p2")] == [3, -3, 3 / 2, 3 / 2, 12]


def test_truncated_and_garbled_certificates(samples: dict[str, Any]) -> None:
    """Cut anywhere or with any character exchanged, a certificate is rejected or says what it said before."""
    rng = random.Random(0)
    for name in ("entropy", "ensemble", "CHSH rate of a table", "mixture"):
        text = json.dumps(samples[name].document)
        statement = verify_text(text).statement
        for _ in range(40):
            assert not verify_text(text[: rng.randrange(len(text))]).readable
            place = rng.randrange(len(text))
            garbled = text[:place] + chr(rng.randrange(32, 127)) + text[place + 1 :]
            verdict = verify_text(garbled)
            assert isinstance(verdict.accepted, bool)
            if verdict.accepted and garbled != text and verdict.statement == statement:
                assert json.loads(garbled)["data"] is not None


@settings(deadline=None, max_examples=150)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=12,
    )
)
def test_anything_at_all_is_rejected_quietly(anything: Any) -> None:
    assert not verify(anything).accepted


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_anything_in_any_field_is_answered(samples: dict[str, Any], data: st.DataObject) -> None:
    """Junk in the data of a certificate: a verdict, and none that accepts more than the statement that held."""
    name = data.draw(st.sampled_from(sorted(samples)))
    document = json.loads(json.dumps(samples[name].document))
    field = data.draw(st.sampled_from(sorted(document["data"])))
    document["data"][field] = data.draw(
        st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers() | st.lists(st.integers()), max_size=4)
    )
    verdict = verify(document)
    assert verdict.accepted or verdict.reason


def test_large_dimensions_are_refused_before_they_cost_anything(samples: dict[str, Any]) -> None:
    document = json.loads(json.dumps(samples["Bell-diagonal"].document))
    document["data"]["dims"] = [10**9, 10**9]
    start = time.process_time()
    assert "dimension" in verify(document).reason
    document["data"]["dims"] = [13, 13]
    assert "dimensions" in verify(document).reason
    closed = json.loads(json.dumps(samples["transpose ceiling"].document))
    closed["data"]["inputs"]["sectors"] = [10**1500, 10**1500]
    assert not verify(closed).accepted
    closed = json.loads(json.dumps(samples["pair parities"].document))
    closed["data"]["inputs"]["levels"] = 10**9
    assert "levels" in verify(closed).reason
    assert time.process_time() - start < 30  # a bound on work, which would take hours without it


def test_the_working_precision_is_left_alone(samples: dict[str, Any]) -> None:
    from flint import ctx

    before = ctx.prec
    verify(samples["squashed"].document)
    assert ctx.prec == before


OVERWRITING = "\r\x1b[2KACCEPTED\n\u202e"


def test_no_text_of_a_document_writes_over_the_verdict(samples: dict[str, Any]) -> None:
    """Carriage returns, escapes, line feeds and turned writing are printed as what they are."""
    document = samples["CHSH rate"].document
    for mutant in (
        {**document, OVERWRITING: 1},
        {**document, "kind": OVERWRITING},
        {**document, "statement": {**document["statement"], "direction": OVERWRITING}},
        {**document, "statement": {**document["statement"], OVERWRITING: 1}},
        {**document, "statement": {**document["statement"], "value": OVERWRITING}},
        {**document, "data": {"formula": OVERWRITING, "inputs": {}}},
        {**document, "data": {"formula": "CHSH rate", "inputs": {**document["data"]["inputs"], OVERWRITING: 1}}},
    ):
        verdict = verify(mutant)
        printed = str(verdict)
        assert printed.startswith("REJECTED: ")
        assert printed.isprintable()
        assert r"\r\x1b[2KACCEPTED\n\u202e" in printed
        assert verify_text(json.dumps(mutant)) == verdict
    named = {**document["statement"], "method": OVERWRITING, "reference": OVERWRITING}
    verdict = verify({**document, "statement": named})
    assert str(verdict) == str(verify(document))
    assert all(line.isprintable() for line in str(verdict).split("\n"))


def test_no_name_of_a_file_writes_over_the_verdict(samples: dict[str, Any], tmp_path: Path) -> None:
    for name in ("ACCEPTED", "a\rACCEPTED", "\x1b[2K", "a\nACCEPTED\n", os.fsdecode(b"\xff.json")):
        (tmp_path / name).write_text(json.dumps({**samples["CHSH rate"].document, "version": 1}))
    (tmp_path / "surrogate.json").write_bytes(b'{"a": "\xed\xa0\x80"}')
    names = sorted(path.name for path in tmp_path.iterdir())
    for locale, encoding in (("C.UTF-8", ""), ("POSIX", "ascii")):
        done = subprocess.run(
            [sys.executable, "-m", "verifier", *names, "missing\r.json"],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT / "proofs"), "LC_ALL": locale, "PYTHONIOENCODING": encoding},
            capture_output=True,
            check=False,
        )
        printed = (done.stdout + done.stderr).decode()
        assert "Traceback" not in printed
        lines = printed.splitlines()
        assert all(line.isprintable() for line in lines)
        assert "ACCEPTED" not in lines
        assert sum(line.startswith("REJECTED: this is a version 1") for line in lines) == 5
        assert done.returncode == 2  # the last two cannot be read


def test_what_is_no_object() -> None:
    for document in ([], "a", 1, None):
        assert verify(document).reason == "the document is not an object"


def test_the_verifier_imports_nothing_of_the_package() -> None:
    allowed = {"flint", *sys.stdlib_module_names}
    for path in VERIFIER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= allowed, path
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 1 or (node.module or "").split(".")[0] in allowed, path
                assert node.level <= 1, path


def test_it_runs_without_the_package(samples: dict[str, Any], tmp_path: Path) -> None:
    """The folder alone, in a process that cannot find keybounds, numpy or sympy."""
    for path in VERIFIER.glob("*.py"):
        (tmp_path / "verifier").mkdir(exist_ok=True)
        (tmp_path / "verifier" / path.name).write_text(path.read_text())
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(samples["entropy"].document))
    wrong = {**samples["entropy"].document, "kind": "hashing"}
    bad.write_text(json.dumps(wrong))
    blocked = "import sys; sys.modules.update(dict.fromkeys(('keybounds', 'numpy', 'sympy', 'scipy', 'qutip')))"
    run = f"{blocked}; import runpy; sys.argv[0] = 'verifier'; runpy.run_module('verifier', run_name='__main__')"

    def status(*names: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", run, *names], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    code, printed = status("good.json")
    assert code == 0, printed
    assert "ACCEPTED" in printed
    assert status("good.json", "bad.json")[0] == 1
    assert status("good.json", "missing.json")[0] == 2
    assert "Traceback" not in status("missing.json", "bad.json")[1]


def test_parse_keeps_what_is_allowed() -> None:
    assert parse('{"a": [1, "1/2", null, {}]}') == {"a": [1, "1/2", None, {}]}

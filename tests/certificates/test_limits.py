"""What a document may cost: bounded before the work is done, and by the system where no estimate foresees it."""

from __future__ import annotations

import ast
import copy
import io
import json
import os
import random
import re
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from keybounds.proofs import verify
from keybounds.proofs.verifier import Verification, effort, guard, mixtures, verification, verify_text
from keybounds.proofs.verifier.__main__ import HELP, main
from keybounds.proofs.verifier.effort import MEGABYTES, SECONDS, common_denominator
from keybounds.proofs.verifier.guard import guarded, verify_file
from keybounds.proofs.verifier.reading import MOST_CHARACTERS, RejectedError, denominator_of

Document = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2]
VERIFIER = ROOT / "proofs" / "verifier"


# --- files -----------------------------------------------------------------------------------------------------------


def make_files(folder: Path) -> dict[str, str]:
    """Files that hold no certificate, and why."""
    contents = {
        "empty": b"",
        "utf-16": '{"a": 1}'.encode("utf-16"),
        "byte-order-mark": b"\xef\xbb\xbf{}",
        "latin-1": b'{"a": "\xe9"}',
        "nul": b"\x00" * 100,
        "cut": b'{"a": [1, 2',
        "bytes": bytes(range(256)),
        "exponent": b'{"a": 1e999999999}',
        "many-keys": b'{"a": 1, "b": 2, "a": 3}',
        "two": b"{}{}",
        "large": b" " * (4 * MOST_CHARACTERS + 1),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    with (folder / "gigabyte").open("wb") as file:
        file.truncate(2**30)
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "nowhere").symlink_to(folder / "missing")
    os.mkfifo(folder / "fifo")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(os.fspath(folder / "socket"))
    return {
        "empty": "not JSON",
        "utf-16": "can't decode",
        "byte-order-mark": "BOM",
        "latin-1": "can't decode",
        "nul": "not JSON",
        "cut": "not JSON",
        "bytes": "can't decode",
        "exponent": "numbers are integers",
        "many-keys": "same key twice",
        "two": "not JSON",
        "large": "characters",
        "gigabyte": "characters",
        "folder": "directory",
        "loop": "symbolic links",
        "nowhere": "No such file",
        "fifo": "not a regular file",
        "socket": "No such device",
        "missing": "No such file",
        "a\0b": "null",
        "x" * 5000: "name too long",
        "/dev/zero": "not a regular file",
    }


def test_what_is_no_file_with_a_certificate_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    start = time.monotonic()
    for name, reason in make_files(tmp_path).items():
        verdict = verify_file(name)
        assert (verdict.accepted, verdict.readable, verdict.status) == (False, False, 2), name
        assert reason.lower() in verdict.reason.lower(), (name, verdict.reason)
        assert str(verdict) == f"UNREADABLE: {verdict.reason}"
        assert main([name]) == 2
        assert capsys.readouterr() == (f"{name!r}\n{verdict}\n", "")
    assert time.monotonic() - start < 120


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may read everything, so the system's answer is put in its place."""

    def refuse(*_: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(guard, "_open", refuse)
    assert str(verify_file(str(tmp_path / "a"))) == "UNREADABLE: Permission denied"


def test_a_process_that_allows_shorter_integers(samples: dict[str, Any], tmp_path: Path) -> None:
    """Python converts no integer of more digits than its user sets: also that is no traceback."""
    document = copy.deepcopy(samples["CHSH rate"].document)
    document["statement"]["value"] = "9" * 1000 + "/" + "9" * 1001
    (tmp_path / "text.json").write_text(json.dumps(document))
    (tmp_path / "number.json").write_text("[" + "9" * 1000 + "]")
    done = subprocess.run(
        [sys.executable, "-m", "verifier", "text.json", "number.json"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "proofs"), "PYTHONINTMAXSTRDIGITS": "640"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 2
    assert re.fullmatch(r"'text.json'\nREJECTED: .*\n'number.json'\nUNREADABLE: not JSON: .*\n", done.stdout)


# --- estimates -------------------------------------------------------------------------------------------------------


def weights_over(denominators: list[int]) -> Callable[[Document], None]:
    """As many points of weight 0, written over these."""

    def change(document: Document) -> None:
        point = {"alice": [0, 0], "bob": [0, 0, 0]}
        document["data"]["points"] = [{**point, "weight": f"{d // 10**9}/{d}"} for d in denominators]

    return change


def long_word(document: Document) -> None:
    """A mirrored table that implies a functional of many long words."""
    letters = [[k % 2, 0] for k in range(12)]
    entry = {"functional": [[[letters, []], 1]], "low": 0, "high": 0}
    document["data"]["known"] += [copy.deepcopy(entry) for _ in range(2)]
    document["data"]["known"][-1]["functional"][0][1] = 2
    document["data"]["mirrored"] = [[[[], []], 1]]


def odd(bits: int, count: int) -> list[int]:
    rng = random.Random(bits)
    return [rng.getrandbits(bits) | 1 | 1 << bits for _ in range(count)]


def nothing(document: Document) -> None:
    pass


REFUSED: list[tuple[str, str, Callable[[Document], None], dict[str, int]]] = [
    ("the numbers have no common denominator of 65536 bits or less", "local weight", weights_over(odd(5000, 20)), {}),
    ("adding * numbers over a denominator of * bits", "local weight", weights_over([2**5000] * 9), {"effort": 1_000}),
    ("* points at * pairs", "local weight, unmeasured", nothing, {"local": 50}),
    ("* strategies at * pairs of settings", "mixture", nothing, {"mixtures": 10_000}),
    ("* strategies at * pairs of settings have no denominator in common", "mixture", nothing, {"denominator": 1}),
    ("flipping the words", "entropy", long_word, {"devices": 40_000}),
]
"""What is said; a sample and what is changed in it; and, where that would be too large here, a smaller limit."""


@pytest.mark.parametrize(("reason", "name", "change", "limits"), REFUSED)
def test_what_costs_too_much_is_not_checked(
    samples: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    reason: str,
    name: str,
    change: Callable[[Document], None],
    limits: dict[str, int],
) -> None:
    document = copy.deepcopy(samples[name].document)
    change(document)
    for where, limit in limits.items():
        if where == "denominator":
            monkeypatch.setattr(mixtures, "MOST_DENOMINATOR", limit)
        else:  # in this module only
            home = sys.modules[f"keybounds.proofs.verifier.{where}"]
            monkeypatch.setattr(home, "afford_time", under(limit))
    start = time.process_time()
    verdict = verify(document)
    assert time.process_time() - start < 30  # a bound on work, which would take hours without it
    assert (verdict.accepted, verdict.readable, verdict.checked, verdict.status) == (False, True, False, 3)
    assert re.match(re.escape(reason).replace(r"\*", r"\d+"), verdict.reason)
    assert str(verdict) == f"NOT CHECKED: {verdict.reason}"


def under(limit: int) -> Callable[[float, str], None]:
    def afford_time(microseconds: float, what: str) -> None:
        effort.afford(microseconds <= limit, f"{what} would take more")

    return afford_time


def test_every_refusal_is_tried() -> None:
    """Each `afford` and `afford_time` of the verifier has a row above, by the words it is called with."""
    said = [
        (path.stem, words(node.args[1], path))
        for path in sorted(VERIFIER.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("afford", "afford_time")
    ]
    said = [place for place in said if place != ("effort", "* would take more than the * seconds allowed")]
    assert len(said) >= len(REFUSED)
    assert {reason for _, reason in said} == {re.sub("[0-9]+", "*", reason) for reason, *_ in REFUSED}


def words(node: ast.expr, path: Path) -> str:
    """A text of the source, with * for what is filled in."""
    if isinstance(node, ast.Name):  # what it was called with stands above
        for other in ast.walk(ast.parse(path.read_text())):
            if isinstance(other, ast.Assign) and ast.unparse(other.targets[0]) == node.id:
                return words(other.value, path)
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr)
    parts = []
    for part in node.values:
        named = isinstance(part, ast.FormattedValue) and ast.unparse(part.value) == "what" and path.stem == "mixtures"
        parts.append(
            words(part.value, path) if named and isinstance(part, ast.FormattedValue) else getattr(part, "value", "*")
        )
    return "".join(part if isinstance(part, str) else "*" for part in parts)


@pytest.mark.parametrize("bits", [40, 1000, 13_000])
def test_eight_megabytes_of_weights_take_seconds(samples: dict[str, Any], bits: int) -> None:
    """Numbers over unrelated denominators: the sum of a thousand of 4000 digits took hours."""
    count = min(MOST_CHARACTERS // (2 * bits * 3 // 10 + 150), 5000)
    document = copy.deepcopy(samples["local weight"].document)
    weights_over(odd(bits, count))(document)
    text = json.dumps(document)
    assert len(text) < MOST_CHARACTERS
    start = time.process_time()
    verdict = verify_text(text)
    assert time.process_time() - start < 60
    assert verdict.status == 3


@pytest.mark.parametrize("name", ["mutual information, all", "CHSH rate of a table", "Bell-diagonal", "entropy"])
def test_long_numbers_take_seconds(samples: dict[str, Any], name: str) -> None:
    """Every exact number of a document written over a denominator of its own, up to the limit."""
    document = json.loads(json.dumps(samples[name].document))
    rng = random.Random(1)
    for bits in (300, 3000, 13_000):

        def longer(value: Any, bits: int = bits) -> Any:
            if isinstance(value, dict):
                return {key: longer(part) for key, part in value.items()}
            if isinstance(value, list):
                return [longer(part) for part in value]
            if isinstance(value, str) and denominator_of(value) is not None:
                mantissa, _, exponent = value.partition("p")
                x = Fraction(value) if not exponent else Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
                whole = rng.getrandbits(bits) | 1
                return f"{x * whole // 1}/{whole}"
            return value

        start = time.process_time()
        verdict = verify({**document, "data": longer(document["data"])})
        assert not verdict.accepted or bits == 300
        assert time.process_time() - start < 60


def test_common_denominators() -> None:
    from flint import fmpz

    assert common_denominator([], 10) == 1
    assert common_denominator([fmpz(6), fmpz(4), fmpz(15)], 100) == 6  # 60
    assert common_denominator([fmpz(2**30), fmpz(3), fmpz(2**29)], 100) == 32
    primes = [fmpz(p) for p in (1009, 1013, 1019, 1021, 1031)]
    assert common_denominator(primes, 25) > 25
    assert common_denominator(primes, 1000) == (1009 * 1013 * 1019 * 1021 * 1031).bit_length()


@pytest.mark.parametrize(
    ("value", "denominator"),
    [
        *(("1/12", "12"), ("1p-7", 7), ("-3/5", "5")),
        *(("1p7", None), ("1p0", None), ("12", None), ("1/0", None), ("a", None), ("1/" + "9" * 4001, None)),
        *(("1/00", None), ("9" * 8001, None), ("9" * 4000 + "/" + "9" * 4000, None), ("1/" + "9" * 4000, "9" * 4000)),
    ],
)
def test_denominators_as_written(value: str, denominator: str | int | None) -> None:
    assert denominator_of(value) == denominator


# --- the system's limits ---------------------------------------------------------------------------------------------


def test_the_limits_are_stated() -> None:
    """Where a user looks: the help of both command lines, and the front page."""
    import typer

    from keybounds.cli import app

    called = typer.main.get_command(app).commands["verify"].help  # type: ignore[attr-defined]
    for text in (HELP, called, (ROOT / "README.md").read_text()):
        assert re.search(rf"{SECONDS} seconds of computing\s+time and {MEGABYTES} megabytes\s+of memory", text)


def test_help_is_printed() -> None:
    for arguments, status in ((["--help"], 0), (["-h"], 0), ([], 2)):
        done = subprocess.run(
            [sys.executable, "-m", "verifier", *arguments],
            cwd=VERIFIER.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout if status == 0 else done.stderr) == HELP
        assert done.returncode == status


def test_a_guarded_verdict_is_the_same(samples: dict[str, Any], tmp_path: Path) -> None:
    for name in ("CHSH rate", "mixture"):
        text = json.dumps(samples[name].document)
        assert guarded(text) == verify_text(text)
        assert guarded(text[:-1]) == verify_text(text[:-1])
        (tmp_path / "one.json").write_text(text)
        assert verify_file(str(tmp_path / "one.json")) == verify_text(text)


def test_where_there_is_no_fork(samples: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one.json").write_text(json.dumps(samples["CHSH rate"].document))
    monkeypatch.delattr(os, "fork")
    assert verify_file(str(tmp_path / "one.json")).accepted


def loop(_: str) -> Verification:
    while True:
        pass


def hoard(_: str) -> Verification:
    return Verification(True, str(len([bytearray(10**7) for _ in range(1000)])))


def hoard_in_flint(_: str) -> Verification:
    import faulthandler

    from flint import acb_mat

    faulthandler.disable()  # the test's own, which keeps a way to the terminal
    return Verification(True, str(acb_mat(4000, 4000, 1)))


def fail(_: str) -> Verification:
    raise KeyError("a fault of the verifier")


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (loop, r"more than 1 seconds of computing time"),
        (hoard, r"its process ended \(1\), as it does beyond 300 megabytes of memory"),
        (hoard_in_flint, r"its process ended \(-6\), as it does beyond 300 megabytes of memory"),
        (fail, r"its process ended \(1\), .*"),
    ],
)
def test_what_takes_more_than_its_process_may(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    work: Callable[[str], Verification],
    reason: str,
) -> None:
    """The system ends it; the verdict is none, and nothing else is printed."""
    monkeypatch.setattr(guard, "SECONDS", 1)
    monkeypatch.setattr(guard, "MEGABYTES", 300)
    monkeypatch.setattr(guard, "verify_text", work)
    verdict = guarded("{}")
    assert verdict.status == 3
    assert re.fullmatch(reason, verdict.reason)
    assert capfd.readouterr() == ("", "")


def test_the_side_of_the_process(monkeypatch: pytest.MonkeyPatch, samples: dict[str, Any]) -> None:
    """What the copy does, here without one: it limits itself, answers and ends, and ends also where it fails."""
    text = json.dumps(samples["CHSH rate"].document)
    ended: list[int] = []
    monkeypatch.setattr(os, "fork", lambda: 0)
    monkeypatch.setattr(os, "dup2", lambda *_: 0)

    def leave(status: int) -> None:
        ended.append(status)
        raise SystemExit

    monkeypatch.setattr(os, "_exit", leave)
    limits: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "setrlimit", lambda what, most: limits.update({what: most}))
    sent = io.BytesIO()
    monkeypatch.setattr(sent, "close", lambda: None)
    opened = os.fdopen
    monkeypatch.setattr(os, "fdopen", lambda fd, mode: sent if mode == "wb" else opened(fd, mode))
    with pytest.raises(SystemExit):
        guarded(text)
    assert ended == [0]
    assert Verification(**json.loads(sent.getvalue())) == verify_text(text)
    assert limits[resource.RLIMIT_CORE][0] == 0
    assert limits[resource.RLIMIT_CPU][0] == SECONDS
    above = limits[resource.RLIMIT_AS][0] - MEGABYTES * 2**20
    assert 0 < above < 2**36  # what is reserved now

    monkeypatch.setattr(resource, "getrlimit", lambda _: (5, 7))
    monkeypatch.setattr(Path, "read_text", lambda _: (_ for _ in ()).throw(OSError))
    guard.limit()
    assert limits[resource.RLIMIT_CPU] == (7, 7)
    assert limits[resource.RLIMIT_AS] == (7, 7)
    monkeypatch.setattr(guard, "limit", lambda: fail(""))
    with pytest.raises(SystemExit):
        guarded(text)
    assert ended == [0, 1]


def test_no_memory_left_is_no_rejection(monkeypatch: pytest.MonkeyPatch, samples: dict[str, Any]) -> None:
    def out(*_: Any) -> None:
        raise MemoryError

    for name in ("afford_numbers", "parse"):
        with monkeypatch.context() as patch:
            patch.setattr(verification, name, out)
            assert str(verify_text(json.dumps(samples["CHSH rate"].document))) == "NOT CHECKED: out of memory"


def test_a_fault_of_python_is_a_rejection(monkeypatch: pytest.MonkeyPatch, samples: dict[str, Any]) -> None:
    """No document is known that gets there; whatever does is refused, in one line."""
    for error in (KeyError("a\nb"), ZeroDivisionError(), RecursionError("deep"), OverflowError(), AssertionError()):

        def fail(_: Any, error: Exception = error) -> Any:
            raise error

        monkeypatch.setattr(verification, "_verified", fail)
        verdict = verify(samples["CHSH rate"].document)
        assert verdict.status == 1
        assert verdict.reason.startswith(f"malformed: {type(error).__name__}: ")
        assert verdict.reason.isprintable()


def test_the_last_comparison() -> None:
    """At rising precision until it is decided; never accepted where it is not."""
    from flint import arb, ctx

    precisions = []

    def narrowing() -> arb:
        precisions.append(ctx.prec)
        return arb("nan") if ctx.prec == 128 else arb(1, 1 / 2 ** (ctx.prec // 4))

    third = Fraction(1, 3)
    decide = verification._decide
    assert decide("lower", 1 - Fraction(1, 2**100), narrowing) != ""
    assert precisions == [128, 256, 512]
    for direction, value in (("lower", 1 + third), ("upper", third), ("lower", 1), ("upper", 1), ("upper", -third)):
        with pytest.raises(RejectedError, match=r"is not proven|do not decide|below 0"):
            decide(direction, Fraction(value), narrowing)
    for direction, value in (("lower", third), ("upper", 1 + third), ("lower", -third), ("lower", 0)):
        assert decide(direction, Fraction(value), narrowing)
    with pytest.raises(RejectedError, match="the data do not decide the value"):
        decide("lower", third, lambda: arb("nan"))
    assert decide("lower", Fraction(0), lambda: arb(-1)) == "-1.000000000000000000000000"
    assert decide("upper", Fraction(0), lambda: arb(0)) == "0"


def test_the_exit_status_is_the_greatest(
    samples: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    good = samples["local weight"].document
    costly = copy.deepcopy(good)
    weights_over(odd(5000, 20))(costly)
    documents = {"good": good, "bad": {**good, "version": 1}, "costly": costly}
    for name, document in documents.items():
        Path(name).write_text(json.dumps(document))
    for names, status in ((["good"], 0), (["bad", "good"], 1), (["no", "bad"], 2), (["costly", "no", "good"], 3)):
        assert main(names) == status
    assert "\nNOT CHECKED: the numbers have no common" in capsys.readouterr().out

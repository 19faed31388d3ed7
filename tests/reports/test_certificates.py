"""Certificates on the command line and in the report: written for printed results, verified in another process."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from keybounds.bounds import Answer
from keybounds.bounds.run import FiniteKey
from keybounds.bounds.shared import shared_certificates
from keybounds.reports import catalogue, tables_of
from keybounds.reports.certificates import certified, share
from keybounds.reports.finite_table import values_of
from keybounds.tables import Number, Table

Command = Callable[..., subprocess.CompletedProcess[str]]


def verified_elsewhere(*files: Path) -> subprocess.CompletedProcess[str]:
    """``keybounds verify`` in a process of its own, which knows nothing of what was computed."""
    command = [sys.executable, "-W", "error", "-m", "keybounds", "verify", *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_certify_and_verify_a_printed_result(
    keybounds: Command, compared: Callable[[str], Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every bound of the ion's table through the files of it and its certificates, and each kind through a process."""
    monkeypatch.setattr(catalogue, "compare", compared)
    assert keybounds("compare", "ion", "--format", "json", "--out", "ion.json", cwd=tmp_path).returncode == 0
    done = keybounds("certify", "ion.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    count = len(json.loads((tmp_path / "ion.json").read_text())["rows"])
    assert f"{count} of {count} (100.0 %) bounds certified" in done.stdout
    files = sorted((tmp_path / "ion-certificates").glob("*.json"))
    assert len(files) == count == len(compared("ion").rows)
    # one of each kind elsewhere: `certify` has asked the verifier about all of them
    kinds = {json.loads(file.read_text())["kind"]: file for file in files}
    done = verified_elsewhere(*kinds.values())
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("ACCEPTED") == len(kinds) > 3
    text = files[0].read_text()
    document = json.loads(text)
    document["statement"]["value"] = "1/1"
    files[0].write_text(json.dumps(document))
    done = keybounds("verify", str(files[0]), cwd=tmp_path)
    assert done.returncode == 1
    assert "REJECTED: the value 1 is not proven" in done.stdout
    files[0].write_text(text[:200])
    assert keybounds("verify", str(files[0]), cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("options", [(), ("--theorem", "renyi", "--extractor", "toeplitz")])
def test_certify_and_verify_a_finite_key(keybounds: Command, tmp_path: Path, options: tuple[str, ...]) -> None:
    assert keybounds("finite", "ion", *options, "--format", "json", "--out", "key.json", cwd=tmp_path).returncode == 0
    length = json.loads((tmp_path / "key.json").read_text())["length"]
    done = keybounds("certify", "key.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 of 1 (100.0 %) bounds certified" in done.stdout
    done = keybounds("verify", "key-certificates/001.json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert f">= {length} bit" in done.stdout
    assert "soundness 1/10000000000" in done.stdout


def test_finite_keys_are_certified_row_by_row(finite_size: tuple[Table, tuple[FiniteKey, ...]]) -> None:
    """A row without its certificate has no mark, and neither has the probability that an honest run passes."""
    table, keys = finite_size
    assert len(table.rows) == len(keys)
    assert all(certified(key.to_dict()).accepted for key in keys)
    marked = table.marked(values_of(table, range(1, len(keys))))
    names = [column.key for column in table.columns]
    for k, row in enumerate(marked.rows):
        marks = {name: cell.certified for name, cell in zip(names, row, strict=True) if isinstance(cell, Number)}
        if keys[k].length:
            assert marks["rate"] is marks["per_hour"] is (k > 0)
        assert marks["completeness"] in (False, None)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param("{", "expected a result in JSON", id="cut"),
        pytest.param("[]", "expected a result with bounds", id="no-bounds"),
        pytest.param("\xff", "expected a result in JSON", id="not-text"),
    ],
)
def test_certify_says_what_is_no_result(keybounds: Command, tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "r.json").write_bytes(content.encode("latin-1"))
    done = keybounds("certify", "r.json", cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "r.json"]
    missing = keybounds("certify", "none.json", cwd=tmp_path)
    assert missing.returncode == 2
    assert len(missing.stderr.splitlines()) == 1


def test_shared_certificates_stand_once() -> None:
    """Rows that rest on one certificate refer to it; the others keep their own."""
    rows = [{"certificate": {"a": 1}}, {"certificate": {"a": 1}}, {"certificate": {"b": 2}}, {"certificate": None}]
    documents, certificates = shared_certificates(rows)
    (digest,) = certificates
    assert [row["certificate"] for row in documents] == [{"sha256": digest}] * 2 + [{"b": 2}, None]
    assert certificates[digest] == {"a": 1}


@pytest.mark.parametrize("subject", ["private-states", "smallest-gap"])
def test_every_bound_of_these_tables_is_certified(subject: str, compared: Callable[[str], Answer]) -> None:
    found = [certified(row.to_dict()) for row in compared(subject).rows]
    assert [one.reason for one in found if not one.accepted] == []
    assert share(one.accepted for one in found) == f"{len(found)} of {len(found)} (100.0 %)"


def test_marks_stand_at_bounds_only(compared: Callable[[str], Answer]) -> None:
    result = compared("smallest-gap")
    values = {row.value for row in result.rows[:3]}
    (table,) = tables_of(result)
    marked = table.marked(values)
    cells = [cell for row in marked.rows for cell in row if isinstance(cell, Number)]
    assert {cell.certified for cell in cells if not cell.is_bound} == {None}
    assert {cell.certified for cell in cells if cell.is_bound} == {True, False}
    html = marked.render("html")
    assert "✓" in html
    assert "✗" in html
    assert "✓" not in table.render("html")


@pytest.mark.slow
def test_the_report_certifies_nine_bounds_in_ten(keybounds: Command, tmp_path: Path) -> None:
    """Every certificate of the report is accepted in a fresh process, by the verifier alone."""
    assert keybounds("report", "--out", "report", cwd=tmp_path).returncode == 0
    folder = tmp_path / "report" / "certificates"
    entries = [entry for path in folder.glob("*/index.json") for entry in json.loads(path.read_text())]
    accepted = sum(entry["certified"] for entry in entries)
    index = (tmp_path / "report" / "index.html").read_text()
    found = re.search(r"(\d+) of (\d+) \([\d.]+ %\) printed bounds are certified", index)
    assert found is not None
    assert accepted == int(found[1]) >= 0.9 * int(found[2]) > 400
    files = sorted(path for path in folder.glob("*/*.json") if path.name != "index.json")
    assert len(files) == accepted
    assert max(path.stat().st_size for path in files) < 5_000_000
    done = verified_elsewhere(*files)
    assert done.returncode == 0, [line for line in done.stdout.splitlines() if "REJECTED" in line]

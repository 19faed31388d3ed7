"""The verifier as a program: what it says without a file, and where it says it."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from keybounds.proofs.verifier.__main__ import HELP, main


@pytest.mark.parametrize(("arguments", "status"), [((), 2), (("--help",), 0), (("-h", "no-such-file.json"), 0)])
@pytest.mark.filterwarnings("ignore:.*found in sys.modules.*:RuntimeWarning")
def test_help_is_an_answer_if_asked_for_and_an_error_if_not(
    arguments: tuple[str, ...], status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["verifier", *arguments])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("keybounds.proofs.verifier", run_name="__main__")
    printed = capsys.readouterr()
    assert ended.value.code == status
    assert (printed.out, printed.err) == ((HELP, "") if arguments else ("", HELP))


@pytest.mark.filterwarnings("ignore:.*found in sys.modules.*:RuntimeWarning")
def test_the_status_is_that_of_the_worst_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unreadable = tmp_path / "empty.json"
    unreadable.write_text("")
    accepted = min((Path(__file__).parent / "documents").glob("*.json"), key=lambda path: path.stat().st_size)
    for files, status in (((accepted,), 0), ((accepted, unreadable), 2)):
        monkeypatch.setattr(sys, "argv", ["verifier", *map(str, files)])
        with pytest.raises(SystemExit) as ended:
            runpy.run_module("keybounds.proofs.verifier", run_name="__main__")
        assert ended.value.code == status
        assert capsys.readouterr().out.count("ACCEPTED") == 1


def test_no_file_is_nothing_wrong() -> None:
    assert main([]) == 0

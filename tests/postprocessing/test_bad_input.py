"""The command line as a stranger uses it: each wrong thing is one line on both sides, status 2, and nothing written."""

from __future__ import annotations

import contextlib
import io
import json
import os
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from keybounds.bounds.answer import Answer
from keybounds.experiments import load
from keybounds.postprocessing import Agreement, KeyPool, Records
from keybounds.postprocessing.run import sampled, save_agreement

# the processes that fork here have threads of the test runner, which the children do without
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")

Command = Callable[..., CompletedProcess[str]]


def forked(arguments: list[str]) -> tuple[int, int]:
    """Start the command line in a fork, without the imports of a new process; its number, and what it prints."""
    read, write = os.pipe()
    child = os.fork()
    if child:
        os.close(write)
        return child, read
    text, status = io.StringIO(), 3
    try:
        from keybounds.__main__ import main

        sys.argv = ["keybounds", *arguments]
        with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
            try:
                main()
            except SystemExit as ended:
                status = int(ended.code or 0)
            except BaseException:
                traceback.print_exc()
    finally:
        os.write(write, text.getvalue().encode())
        os._exit(status)


def run_both(folder: Path, changes: dict[str, list[str]], wait: str = "30") -> dict[str, tuple[int, str]]:
    """Exit status and output of both parties, each with options behind its usual ones, which they outdo."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{found.getsockname()[1]}"
    children = {}
    for role, side in (("bob", "--listen"), ("alice", "--connect")):
        usual = [role, "--run", "run", "--pool", folder / f"{role}.pool", "--agreement", folder / "agreement.json"]
        usual += ["--from", folder / f"{role}.npz", side, address, "--wait", wait]
        usual += ["--transcript", folder / f"{role}.frames", *changes.get(role, [])]
        children[role] = forked(["party", *map(str, usual)])
    results = {}
    for role, (child, read) in children.items():
        with os.fdopen(read) as printed:
            text = printed.read()
        results[role] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text
    return results


def taken(folder: Path) -> list[int]:
    found = []
    for role in ("alice", "bob"):
        with KeyPool(folder / f"{role}.pool") as pool:
            assert pool.keys() == {}
            found.append(pool.taken)
    return found


def one_line(text: str) -> str:
    """The line that says what is wrong; what was not written may be said after it."""
    lines = text.splitlines()
    assert lines
    assert all("not written" in line for line in lines[1:])
    return lines[0]


def test_parties_whose_tests_differ_both_say_so(folder: Path) -> None:
    own = Records.load(folder / "alice.npz")
    tests, inputs = own.tests.copy(), own.inputs.copy()
    tests[7] ^= 1
    inputs[7] = 0
    np.savez(folder / "other.npz", tests=tests, inputs=inputs, outcomes=own.outcomes)
    for status, text in run_both(folder, {"alice": ["--from", str(folder / "other.npz")]}).values():
        assert status == 2
        assert one_line(text).startswith("run: aborted: test rounds T: the parties disagree")
    assert taken(folder) == [0, 0]
    assert not list(folder.glob("*.frames"))


def test_parties_that_agreed_on_different_things_both_say_so(folder: Path) -> None:
    document = json.loads((folder / "agreement.json").read_text())
    (folder / "other.json").write_text(json.dumps(document | {"positions": 40}))
    for status, text in run_both(folder, {"bob": ["--agreement", str(folder / "other.json")]}).values():
        assert status == 2
        assert one_line(text).startswith("run: aborted: agreement: the parties disagree")
    assert taken(folder) == [0, 0]


def test_a_peer_with_other_secrets_is_found_out_at_the_first_tag(folder: Path, agreement: Agreement) -> None:
    save_agreement(folder / "stranger", agreement)
    found = run_both(folder, {"alice": ["--pool", str(folder / "stranger" / "alice.pool")]})
    assert [status for status, _ in found.values()] == [2, 2]
    assert one_line(found["bob"][1]) == "run: aborted: the tag of STRINGS is wrong"
    assert "the other party ended the run" in one_line(found["alice"][1])
    with KeyPool(folder / "bob.pool") as pool:
        assert (pool.taken, pool.keys()) == (256, {})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda folder: ["--from", str(folder / "bob.npz")], "setting 0 in key rounds, as agreed on"),
        (lambda folder: ["--from", text_of(folder, "0 0 1\n" * 100)], "records: expected 40000 rounds; found 100"),
        (lambda folder: ["--from", text_of(folder, "0 0 1\n0 0 7\n")], "found '7' in line 2, column 5"),
        (lambda folder: ["--pool", small_pool(folder)], "found 86 missing"),
        (lambda folder: ["--agreement", text_of(folder, "{")], "to be JSON"),
        (lambda folder: ["--agreement", edited(folder)], "syndrome_length"),
        (lambda folder: ["--transcript", str(folder / "none" / "file")], "a file in a folder that exists"),
        (lambda folder: ["--keys", str(folder / "alice.npz")], "a new file"),
    ],
)
def test_what_is_wrong_on_one_side_ends_both(folder: Path, change: Callable[[Path], list[str]], named: str) -> None:
    before = sorted(folder.iterdir())
    changes = change(folder)
    made = set(folder.iterdir()) - set(before)
    found = run_both(folder, {"alice": changes}, wait="1")
    assert [status for status, _ in found.values()] == [2, 2]
    assert named in one_line(found["alice"][1])
    assert "within 1 seconds; found nobody" in one_line(found["bob"][1])
    assert taken(folder) == [0, 0]
    assert set(folder.iterdir()) == {*before, *made}


def text_of(folder: Path, text: str) -> str:
    path = folder / "text"
    path.write_text(text)
    return str(path)


def small_pool(folder: Path) -> str:
    KeyPool.create(folder / "small.pool", np.zeros(170, dtype=np.uint8))
    return str(folder / "small.pool")


def edited(folder: Path) -> str:
    document = json.loads((folder / "agreement.json").read_text())
    document["finite_key"]["syndrome_length"] -= 1000
    return text_of(folder, json.dumps(document))


def test_a_saved_run_is_checked_again_from_its_files(folder: Path, keybounds: Command) -> None:
    found = run_both(folder, {"bob": ["--keys", str(folder / "keys")]})
    assert [status for status, _ in found.values()] == [0, 0]
    assert "fixed beforehand: S = 2.8, Q = 0.004, test probability 0.1; hence a score of at least" in found["bob"][1]
    check = ["--agreement", str(folder / "agreement.json"), "--keys", str(folder / "keys")]
    done = keybounds("transcript", str(folder / "alice.frames"), *check)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("run: 3 tags are right\n")
    assert "STRINGS   alice: inputs X, syndrome M, hash of A" in done.stdout
    octets = bytearray((folder / "alice.frames").read_bytes())
    octets[len(octets) // 2] ^= 4
    (folder / "wrong").write_bytes(octets)
    done = keybounds("transcript", str(folder / "wrong"), *check)
    assert done.returncode == 2
    assert done.stderr.startswith("keybounds: transcript: expected the tag of STRINGS to be right; found")
    for absent in (
        ["transcript", str(folder / "none"), *check],
        ["transcript", str(folder / "wrong"), *check[:3], "-"],
    ):
        done = keybounds(*absent)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_a_key_that_waits_in_vain_is_burned(folder: Path, keybounds: Command) -> None:
    with KeyPool(folder / "bob.pool") as pool:
        pool.quarantine("run", np.ones(9, dtype=np.uint8), b"receipt")
    arguments = ["party", "bob", "--run", "run", "--pool", str(folder / "bob.pool"), "--burn"]
    assert keybounds(*arguments).stdout == "run: key burned\n"
    again = keybounds(*arguments)
    assert (again.returncode, again.stdout) == (2, "")
    assert "'run': burned" in again.stderr


# --- simulate and agree ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["optical"], "one of ion, photonic"),
        (["ion", "--noise", ".1"], "--noise: expected photonic as the platform"),
        (["photonic", "--chsh", "2.6"], "--chsh: expected ion as the platform"),
        (["photonic", "--save", "here"], "--save: expected ion as the platform"),
        (["ion", "--length", "variable"], "a proof of its own"),
        (["ion", "--seed", "-1"], "--seed"),
        (["ion", "--rounds", "1000.5"], "--rounds: expected a whole number"),
        (["photonic", "--rounds", "3"], "a test of every setting pair"),
        (["photonic", "--rounds", "0"], "rounds"),
        (["photonic", "--gamma", "1"], "gamma"),
        (["photonic", "--confidence", "0.3"], "confidence"),
        (["photonic", "--set", "mean_pears=1"], "did you mean 'mean_pairs'"),
        (["photonic", "--keep", "0"], "keep"),
    ],
)
def test_simulate_refuses_in_one_line(keybounds: Command, arguments: list[str], named: str) -> None:
    done = keybounds("simulate", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert named in done.stderr
    assert len(done.stderr.splitlines()) == 1


DESIGN = {"rounds": "1e5", "gamma": ".1", "chsh": "2.66", "qber": ".0165", "soundness": ".01", "theorem": "renyi"}
SMALL = [part for name, value in DESIGN.items() for part in (f"--{name}", value)] + ["--extractor", "toeplitz"]


def test_simulate_takes_raw_strings_and_refuses_two_that_differ_in_t(tmp_path: Path, keybounds: Command) -> None:
    devices = load("nadlinger2022-link").models["bell-diagonal"].behaviour()
    files = {}
    for role, own in zip(("alice", "bob"), sampled(devices, 100_000, 0.1, np.random.default_rng(4)), strict=True):
        files[role] = tmp_path / f"{role}.txt"
        np.savetxt(files[role], np.array([own.tests, own.inputs, own.outcomes]).T, fmt="%d", header="T, input, outcome")
    both = ["--from", str(files["alice"]), str(files["bob"])]
    done = keybounds("simulate", "ion", *SMALL[2:], *both)  # as many rounds as there are
    assert (done.returncode, done.stderr) == (0, "")  # progress is for terminals
    assert "bits of key, the same on both sides; simulated, not secret" in done.stdout
    assert "fixed beforehand: S = 2.66, Q = 0.0165, test probability 0.1; hence" in done.stdout
    lines = files["bob"].read_text().splitlines()
    where = next(k for k, line in enumerate(lines) if line.startswith("0 2"))
    files["bob"].write_text("\n".join([*lines[:where], "1 0 1", *lines[where + 1 :]]))
    done = keybounds("simulate", "ion", *SMALL[2:], *both)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("keybounds: records: expected the same T on both sides; found 1 rounds")
    done = keybounds("simulate", "ion", *SMALL[2:], "--from", *[str(files["alice"])] * 2)
    assert done.returncode == 2
    assert "setting 2 in key rounds, as agreed on; found 0" in done.stderr


def test_agree_writes_what_two_parties_share_and_no_more(tmp_path: Path, keybounds: Command) -> None:
    folder = tmp_path / "shared"
    done = keybounds("agree", str(folder), *SMALL, "--runs", "3")
    assert done.returncode == 0
    assert "fixed beforehand" in done.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["agreement.json", "alice.pool", "bob.pool"]
    with KeyPool(folder / "alice.pool") as one, KeyPool(folder / "bob.pool") as other:
        assert one.remaining == other.remaining == 768
        assert (one.take(768) == other.take(768)).all()
        assert (one.seed("extractor") == other.seed("extractor")).all()
    again = keybounds("agree", str(folder), *SMALL)
    assert (again.returncode, again.stdout) == (2, "")
    assert "a new folder" in again.stderr


def test_simulate_photonic_claims_no_key_bits(keybounds: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds themselves take seconds, and are those of `keybounds rate`."""
    monkeypatch.setattr("keybounds.postprocessing.run.photonic.bounds_on", lambda *_, **__: Answer.of([]))
    done = keybounds("simulate", "photonic", "--rounds", "1e8", "--seed", "2", "--format", "json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["security"] == "asymptotic, against collective attacks: no key bits are claimed"
    assert "key_length" not in found
    assert sum(map(sum, found["kept"])) + found["discarded"] == found["key_rounds"]
    done = keybounds("simulate", "photonic", "--rounds", "1e8", "--set", "efficiency=.9")
    assert "no key bits are claimed" in done.stdout


@pytest.mark.slow
def test_simulate_photonic_at_the_published_number_of_rounds(keybounds: Command) -> None:
    done = keybounds("simulate", "photonic", "--seed", "1", "--format", "json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["confident_rate"]["confidence"] == 0.99
    assert 4e-4 < found["confident_rate"]["value"] < 6.8e-4  # and below what an attack leaves of the model's rate
    assert (
        found["confident_rate"]["trials"] + found["confident_rate"]["training"] == found["rounds"] - found["key_rounds"]
    )

"""What the fuzzer kept, once more: a verdict each, by a clause, in no time. See ``make fuzz``."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from keybounds.proofs.verifier import verify_text
from keybounds.proofs.verifier.guard import read_text

CORPUS = Path(__file__).resolve().parents[2] / "benchmarks" / "fuzzing" / "corpus"
INPUTS = sorted(CORPUS.iterdir())


def test_the_corpus_is_small() -> None:
    assert len(INPUTS) > 50
    assert sum(path.stat().st_size for path in INPUTS) < 500_000


def test_every_kept_input_gets_a_verdict() -> None:
    reached = set()
    for path in INPUTS:
        try:
            text = read_text(str(path))
        except UnicodeDecodeError:
            continue
        start = time.process_time()
        verdict = verify_text(text)
        assert time.process_time() - start < 60, path.name
        assert not verdict.reason.startswith("malformed"), (path.name, verdict.reason)
        assert all(line.isprintable() for line in str(verdict).split("\n")), path.name
        reached.add(verdict.status)
    assert reached >= {0, 1, 2}


@pytest.mark.parametrize("place", [0, 0.3, 0.7])
def test_kept_inputs_cut_short_get_one_too(place: float) -> None:
    for path in INPUTS[::7]:
        content = path.read_bytes()
        verdict = verify_text(content[: int(place * len(content))].decode(errors="replace"))
        assert verdict.status != 0

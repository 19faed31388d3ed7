"""Coverage-guided fuzzing of the verifier: `make fuzz`, or python fuzz.py CORPUS... [libFuzzer options].

Documents are changed as trees (`edits`) and, now and then, as bytes. What is sought: a traceback, an end of the
process, more than a few seconds, a verdict that is not printable or that the order of fields changes. Findings are
written by libFuzzer as files `crash-*`, `timeout-*` and `oom-*`; a rejection as "malformed", where a clause should have
spoken, is listed in `malformed.txt`.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import atheris
from edits import edit

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "proofs"))

with atheris.instrument_imports(include=["verifier"]):
    from verifier import verify, verify_text

SEEDS = [json.loads(path.read_text()) for path in sorted((ROOT / "tests/certificates/documents").glob("*.json"))]
BYTES = 0.1  # share of the changes that are of bytes
malformed: set[str] = set()


def once(data: bytes) -> None:
    """One document."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    verdict = verify_text(text)
    printed = str(verdict)
    if not all(line.isprintable() for line in printed.split("\n")):
        raise AssertionError("a verdict with what is not printed")
    if verdict.accepted != printed.endswith("ACCEPTED") or (not verdict.accepted and "\n" in printed):
        raise AssertionError("a verdict that reads like another")
    if verdict.accepted:
        document = json.loads(text)
        statement = dict(reversed(document["statement"].items()))
        if verify({**dict(reversed(document.items())), "statement": statement}) != verdict:
            raise AssertionError("the order of fields changes the verdict")
    elif verdict.reason.startswith("malformed") and verdict.reason not in malformed:
        malformed.add(verdict.reason)
        with Path("malformed.txt").open("a") as file:
            file.write(f"{verdict.reason}\t{text[:100_000]}\n")


def mutate(data: bytes, most: int, seed: int) -> bytes:
    """A few edits of the tree, or of the bytes."""
    rng = random.Random(seed)
    if rng.random() > BYTES:
        try:
            document = json.loads(data.decode())
        except (ValueError, RecursionError):
            document = rng.choice(SEEDS)
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            document = edit(document, rng, SEEDS)[1]
        found = json.dumps(document).encode()
        if len(found) <= most:
            return found
    return bytes(atheris.Mutate(data, most))


if __name__ == "__main__":
    atheris.Setup(sys.argv, once, custom_mutator=mutate)
    atheris.Fuzz()

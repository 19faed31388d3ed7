"""Why each document at and beyond the end of a range is refused: a clause that is lost, or moved, gives another reason.

`reasons.txt` has them by sample, path and value, without the numbers, which are the samples' own.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from keybounds.proofs.verifier.verification import verify

HERE = Path(__file__).parent


def beside(name: str) -> Any:
    sys.path.insert(0, str(HERE))
    try:
        return import_module(name)
    finally:
        sys.path.remove(str(HERE))


edges, edited = beside("edges"), beside("forgeries").edited
REASONS = dict(line.split(" => ") for line in (HERE / "reasons.txt").read_text().splitlines())
BY_SAMPLE: defaultdict[str, list[tuple[str, Any]]] = defaultdict(list)
for listed in (edges.EDGES, edges.BACKED):
    for sample, ends in listed.items():
        BY_SAMPLE[sample] += ends


def row(name: str, path: str, value: Any) -> str:
    shown = re.sub(r" at 0x[0-9a-f]+", "", str(value)) if callable(value) else json.dumps(value, ensure_ascii=False)
    return f"{name}: {path} = {shown if len(shown) < 200 else f'{shown[:100]} ... {len(shown)}'}"


def without_numbers(reason: str) -> str:
    return re.sub(r"\[?-?\d[\d.]*(e[-+]?\d+)?( \+/- [\d.e+-]+\])?(/\d+|p-?\d+)?", "#", reason).replace("\n", " ")[:160]


def test_every_row_has_its_reason() -> None:
    rows = [row(name, path, value) for name, ends in BY_SAMPLE.items() for path, value in ends]
    assert set(rows) == REASONS.keys()


@pytest.mark.parametrize("name", BY_SAMPLE)
def test_what_is_beyond_a_range_is_refused_for_that(samples: dict[str, Any], name: str) -> None:
    found = {}
    for path, value in BY_SAMPLE[name]:
        verdict = verify(edited(samples[name].document, {path: value}))
        assert not verdict.accepted, path
        found[row(name, path, value)] = without_numbers(verdict.reason)
    assert found == {one: REASONS[one] for one in found}

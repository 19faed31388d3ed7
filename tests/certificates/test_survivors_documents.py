"""What the data of a document prove, to the last digit: no change of a formula of the verifier is small enough.

`enclosures.txt` has the digits, one document a line; `evaluation`, which shares no code with the verifier, finds the
same value. A statement a hair beyond it is rejected, and one a hair on the safe side accepted.
"""

from __future__ import annotations

import copy
import json
import re
import sys
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import mpmath as mp
import pytest

from keybounds.proofs.verifier.verification import verify

Document = dict[str, Any]
HERE = Path(__file__).parent
DOCUMENTS = {path.stem: json.loads(path.read_text()) for path in sorted((HERE / "documents").glob("*.json"))}
ENCLOSURES = dict(line.split(maxsplit=1) for line in (HERE / "enclosures.txt").read_text().splitlines())
RATES = [name for name, document in DOCUMENTS.items() if document["kind"] not in ("finite key", "local weight")]
DIGITS = Fraction(1, 10**17)


def ball(printed: str) -> tuple[Fraction, Fraction]:
    """Centre and radius of a printed ball."""
    found = re.fullmatch(r"\[(\S+) \+/- (\S+)\]|(\S+)", printed)
    assert found is not None
    return (Fraction(found[1]), Fraction(found[2])) if found[1] else (Fraction(found[3]), Fraction(0))


def hair(name: str) -> tuple[Fraction, Fraction]:
    """What is derived, and a little that is still decided."""
    centre, radius = ball(ENCLOSURES[name])
    return centre, max(abs(centre) * DIGITS, 4 * radius, Fraction(1, 10**40))


def stated(name: str, **fields: Fraction) -> Document:
    document = copy.deepcopy(DOCUMENTS[name])
    document["statement"] |= {field: str(value) for field, value in fields.items()}
    return document


def test_every_document_has_its_enclosure() -> None:
    assert ENCLOSURES.keys() == DOCUMENTS.keys()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_data_prove_these_digits(name: str) -> None:
    verdict = verify(DOCUMENTS[name])
    assert verdict.accepted, verdict.reason
    for printed, pinned in zip(verdict.enclosure.split(" and "), ENCLOSURES[name].split(" and "), strict=True):
        (centre, radius), (expected, width) = ball(printed), ball(pinned)
        assert abs(centre - expected) <= max(abs(expected) * DIGITS, 4 * width)
        assert radius <= 16 * width + abs(expected) * DIGITS / 1000


@pytest.mark.parametrize("name", RATES)
def test_an_evaluation_without_the_verifiers_code_finds_the_same(name: str) -> None:
    sys.path.insert(0, str(HERE))
    try:
        evaluation = import_module("evaluation")
    finally:
        sys.path.remove(str(HERE))
    found = evaluation.proven(DOCUMENTS[name])
    rate = evaluation.exact(DOCUMENTS[name]["statement"].get("scale", {"rate": 1})["rate"])
    with mp.workdps(45):
        value = Fraction(mp.nstr(mp.mpf(found.value), 40)) * rate
    centre, radius = ball(ENCLOSURES[name])
    slack = Fraction(found.slack) * max(1, abs(value))
    assert abs(max(value, 0) - centre) <= 2 * slack + 2 * radius


@pytest.mark.parametrize("name", RATES)
def test_a_hair_beyond_is_rejected_and_a_hair_within_is_not(name: str) -> None:
    centre, little = hair(name)
    beyond = little if DOCUMENTS[name]["statement"]["direction"] == "lower" else -little
    assert not verify(stated(name, value=centre + beyond)).accepted
    assert verify(stated(name, value=max(centre - beyond, Fraction(0)))).accepted


@pytest.mark.parametrize("name", ["local-weight", "local-weight-unmeasured"])
def test_a_local_weight_has_two_ends(name: str) -> None:
    centre, radius = ball(ENCLOSURES[name].split(" and ")[0])
    little = max(abs(centre) * DIGITS, 4 * radius)
    assert verify(stated(name, lower=centre - little, upper=centre + little)).accepted
    assert not verify(stated(name, lower=centre + little, upper=centre + 2 * little)).accepted
    assert not verify(stated(name, lower=centre - 2 * little, upper=centre - little)).accepted


@pytest.mark.parametrize("name", ["eat", "eat-toeplitz", "renyi"])
def test_not_one_bit_more_than_the_terms_leave(name: str) -> None:
    """What trevisan takes of ℓ bits, 4 log ℓ, is hardly more for one bit more."""
    document, most = DOCUMENTS[name], int(ball(ENCLOSURES[name])[0])
    assert verify(document | {"statement": document["statement"] | {"value": most}}).accepted
    assert not verify(document | {"statement": document["statement"] | {"value": most + 1}}).accepted

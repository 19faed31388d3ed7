"""The printed sentences, word by word and as an independent reading has them (`sentence`)."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from keybounds.proofs import verify
from keybounds.proofs.verifier.verification import KINDS

Document = dict[str, Any]

HERE = Path(__file__).parent


def beside(name: str) -> ModuleType:
    """A module of this folder."""
    spec = util.spec_from_file_location(f"certificates_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


sentence = beside("sentence")
DOCUMENTS = {path.stem: json.loads(path.read_text()) for path in sorted((HERE / "documents").glob("*.json"))}
NAMES = sorted(DOCUMENTS)


def printed(document: Document) -> str:
    return str(verify(document))


def differences(text: str, document: Document) -> list[str]:
    """As `sentence.differences`; what is no sentence differs."""
    try:
        found: list[str] = sentence.differences(text, document)
    except (sentence.NoSentenceError, ValueError, LookupError, TypeError):  # a document that is none
        return ["no sentence"]
    return found


# --- golden ----------------------------------------------------------------------------------------------------------


def test_every_sentence_is_as_agreed() -> None:
    """All that is printed but the ball, whose last digits are the library's."""
    agreed = {}
    for part in (HERE / "sentences.txt").read_text().split("== ")[1:]:
        name, _, text = part.partition("\n")
        agreed[name] = text.strip("\n")
    found = {name: re.sub("\nderived: .*", "", printed(document)) for name, document in DOCUMENTS.items()}
    assert found == agreed


def test_every_kind_is_among_them() -> None:
    seen = {
        (document["kind"], document["data"].get("formula"), document["statement"].get("direction"))
        for document in DOCUMENTS.values()
    }
    assert {kind for kind, _, _ in seen} == set(KINDS)
    from keybounds.proofs.verifier.formulas import FORMULAS

    assert {formula for _, formula, _ in seen if formula} == FORMULAS.keys()
    assert {direction for _, _, direction in seen} == {"lower", "upper", None}


# --- the second reading ----------------------------------------------------------------------------------------------


def test_what_is_printed_is_what_the_document_says(samples: dict[str, Any]) -> None:
    """Of certificates made now, too, and of what follows from each: other units, classes, spellings."""
    issued = [sample.document for sample in samples.values()]
    derived = [variant for document in DOCUMENTS.values() for variant in variants(document)]
    count = 0
    for document in (*issued, *derived):
        text = printed(document)
        if text.endswith("ACCEPTED"):
            count += 1
            assert differences(text, document) == [], text
    assert count > 900


LONG = f"{10**50 + 1}/{3 * 10**50}"  # printed rounded


def variants(document: Document) -> Iterator[Document]:
    """Statements that may follow from this one."""
    stated = document["statement"]
    if document["kind"] == "finite key":
        yield with_changes(document, {"statement.scope.adversary": "collective attacks"})
        yield with_changes(document, {"statement.scope.soundness": "1/3", "statement.value": 1})
        yield with_changes(document, {"statement.scope.soundness": LONG})
        return
    if document["kind"] == "local weight":
        for lower, upper in ((LONG, 1), (0, f"{10**60 - 1}/{10**60}")):
            yield with_changes(document, {"statement.lower": lower, "statement.upper": upper})
        return
    lower = stated["direction"] == "lower"
    for name, more in (("repair", LONG), ("simulates", f"{10**50 + 1}/{10**54}")):
        if name in document["data"]:
            yield with_changes(document, {f"data.{name}": more, "statement.value": 0 if lower else 9})
    for value in ("1/3", 0, f"{10**50 + 1}/{7 * 10**50}") if lower else (5, "7/2", f"{10**50 + 1}/3"):
        yield with_changes(document, {"statement.value": value})
    for change in (
        {"adversary": "general attacks"},
        {"adversary": "collective attacks"},
        {"statistics": "CHSH value and key error"},
        {"statistics": "full correlations"},
        {"quantity": "distillable entanglement"},
        {"quantity": "quantum capacity"},
        {"devices": {"communication": "two-way", "memory": "memory"}},
        {"devices": {"communication": "one-way", "memory": "iid"}},
        {"trust": "device-dependent"},
    ):
        yield with_changes(document, {f"statement.scope.{name}": value for name, value in change.items()})
    on = {"key": [2, 1], "weight": 1, "noise": 0}
    two = [{"key": [3, 2], "weight": "2/3", "noise": 0}, {"key": [0, 2], "weight": "1/3", "noise": "1/7"}]
    for discussion, settings, keep in (
        *(("none", [], 1), ("one-way", [], 1), ("two-way", [], 1), ("completed rounds", [], 1), ("any", [], 1)),
        *(("two-way", [on], 1), ("one-way", [{**on, "noise": "1/3"}], "4/5"), ("one-way", two, "1/2")),
        ("two-way", [{**one, "noise": 0} for one in two], 1),
    ):
        yield with_changes(
            document,
            {"statement.scope.protocol": {"discussion": discussion, "settings": settings, "keep": keep}},
        )
    if "scale" not in stated:
        for unit, rate in (("bit/s", "5/2"), ("bit/s", 1), ("bit/s", f"{10**50 + 1}/3"), ("bit/herald", 1)):
            scale = {"rate": rate, "from": stated["unit"]}
            value = 0 if lower else 10**60
            yield with_changes(document, {"statement.unit": unit, "statement.scale": scale, "statement.value": value})


def with_changes(document: Document, changes: dict[str, Any]) -> Document:
    copied = copy.deepcopy(document)
    for path, value in changes.items():
        *above, last = path.split(".")
        place: Any = copied
        for name in above:
            place = place[name]
        place[last] = value
    return copied


# --- that the second reading sees ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_no_word_can_go_or_change_unnoticed(name: str) -> None:
    """Each word dropped, each sign turned, each digit another one."""
    document = DOCUMENTS[name]
    text = printed(document)
    assert differences(text, document) == []
    whole = text.partition("\nderived: ")[0]
    rest = text.removeprefix(whole)
    for word in re.finditer(r"\S+ ?", whole):
        assert differences(whole[: word.start()] + whole[word.end() :] + rest, document), word[0]
    for sign in re.finditer("<=|>=", whole):
        turned = {"<=": ">=", ">=": "<="}[sign[0]]
        assert differences(whole[: sign.start()] + turned + whole[sign.end() :] + rest, document)
    for digit in re.finditer("[0-9]", whole):
        other = str((int(digit[0]) + 5) % 10)  # far enough to be another double
        assert differences(whole[: digit.start()] + other + whole[digit.end() :] + rest, document), digit.start()


OTHERS = {
    "direction": ("lower", "upper"),
    "unit": ("bit/round", "bit/copy", "bit/channel use", "bit/s", "bit/kept key round", "bit"),
    "trust": ("device-independent", "device-dependent"),
    "adversary": ("general attacks", "collective attacks"),
    "statistics": ("full correlations", "CHSH value and key error"),
    "quantity": ("secret-key rate", "quantum capacity", "distillable entanglement"),
    "discussion": ("any", "one-way", "two-way", "none", "completed rounds"),
    "communication": ("none", "one-way", "two-way"),
    "memory": ("iid", "memory"),
    "from": ("bit/round", "bit/copy", "bit/channel use"),
    "object": ("state", "channel"),
    "of": ("state", "channel"),
    "extractor": ("trevisan", "toeplitz", "circulant"),
}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, (dict, list)):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(part, (*path, key))
    else:
        yield path, value


def set_at(document: Document, path: tuple[Any, ...], value: Any) -> Document:
    copied: Any = copy.deepcopy(document)
    place = copied
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return copied  # type: ignore[no-any-return]


def others(path: tuple[Any, ...], value: Any) -> list[Any]:
    names = [part for part in path if isinstance(part, str)]
    if names[-1] in OTHERS:
        return [other for other in OTHERS[names[-1]] if other != value]
    if value is None:
        return ["1/3"]
    if isinstance(value, int) or re.fullmatch(r"-?\d+(/\d+|p-?\d+)?", value):
        x: Fraction = sentence.exact(value)
        return [str(x + 1), str(x + Fraction(1, 10**20))] if isinstance(value, str) else [value + 1]
    return []


@pytest.mark.parametrize("name", NAMES)
def test_no_element_is_left_out_of_the_sentence(name: str) -> None:
    """Whatever is changed in the statement, the sentence tells, and in the inputs of a formula too.

    Where the sentence refers to the digest below, that tells.
    """
    document = DOCUMENTS[name]
    text = printed(document)
    said = text.partition("\nabout: ")[0]
    for path, value in leaves(document):
        names = {part for part in path if isinstance(part, str)}
        if path[0] not in ("statement", "data") or names & {"method", "reference"}:
            continue
        meant = path[0] == "statement"
        if path[0] == "data" and not meant:
            top = path[2] if path[1] == "inputs" else path[1]
            meant = top in MEANT_INPUTS[document["kind"]] and top not in sentence.OF_PROOFS
            meant &= top != "known" or "mirrored" not in document["data"]
        if not meant:
            continue
        for other in others(path, value):
            changed = set_at(document, path, other)
            assert differences(text, changed), (path, other)
            if path[0] == "statement" or "digest below" not in said:
                assert sentence_differs(said, changed), (path, other)


MEANT_INPUTS = {
    **sentence.MEANT,
    "closed form": {
        "object",
        "sectors",
        "p",
        "chsh",
        "qber",
        "tables",
        "key",
        "test",
        "visibility",
        "outcomes",
        "settings",
    }
    | {"transmissivity", "probability", "dimension", "damping", "pair_angle", "mean_pairs", "efficiencies"},
    "entropy": ("outcomes", "known", "mirrored"),
}
"""What a sentence is about, by kind of certificate."""


def sentence_differs(said: str, document: Document) -> bool:
    try:
        return bool(list(sentence._differences(said, document)))
    except (sentence.NoSentenceError, ValueError, LookupError, TypeError):
        return True


def test_the_reading_shares_nothing_with_the_verifier() -> None:
    text = (HERE / "sentence.py").read_text()
    assert "import keybounds" not in text
    assert "from keybounds" not in text
    assert "verifier" not in re.sub('""".*?"""', "", text, flags=re.DOTALL)

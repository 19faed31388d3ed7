r"""Letters for what a claim writes again and again: matrices and long roots, told once with its hypotheses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from keybounds.proofs.claim import Report, Step
from keybounds.proofs.logic.printing import TypesetStatement

_OFTEN = 3  # times that something occurs
_MATRIX = re.compile(r"\\left\[\\begin\{matrix\}(?:(?!\\begin).)*?\\end\{matrix\}\\right\]")
_LONG = {"matrix": 80, "root": 45}  # characters of TeX
_LETTERS = {"matrix": "VWX", "root": "rst"}


def lettered(report: Report) -> Report:
    """`report` with letters, which are told behind the hypotheses of its statement, in place of what repeats."""
    if report.typeset is None:
        return report
    left = {kind: list(letters) for kind, letters in _LETTERS.items()}
    while found := _most_repeated(report, [kind for kind, letters in left.items() if letters]):
        kind, part = found
        letter = rf"{{\mathfrak {left[kind].pop(0)}}}"
        report = _changed(report, partial(_put, part=part, letter=letter))
        assert report.typeset is not None
        told = (*report.typeset.hypotheses, f"${letter} = {part}$")
        report = replace(report, typeset=report.typeset._replace(hypotheses=told))
    return report


def _most_repeated(report: Report, kinds: list[str]) -> tuple[str, str] | None:
    counted: Counter[tuple[str, str]] = Counter()
    for text in _texts(report):
        counted.update(one for one in _parts(text) if one[0] in kinds and len(one[1]) > _LONG[one[0]])
    often = {one: count * len(one[1]) for one, count in counted.items() if count >= _OFTEN}
    return max(often, key=lambda one: (often[one], one)) if often else None


def _texts(report: Report) -> Iterator[str]:
    assert report.typeset is not None
    for _, _, conditions, text in report.typeset.clauses:
        yield from (*conditions, text)
    yield from (step.text for step in report.steps)


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Matrices and roots in a text, a root within another as well."""
    yield from (("matrix", match[0]) for match in _MATRIX.finditer(text))
    for match in re.finditer(r"\\sqrt\{", text):
        depth, end = 1, match.end()
        while depth and end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield "root", text[match.start() : end]


def _put(text: str, part: str, letter: str) -> str:
    changed = text.replace(part, letter)
    # a relation that had a letter of its own for it, which says no more than this one
    again = re.search(rf", where \$(\{{\\mathfrak [A-Za-z]\}}) = {re.escape(letter)}\$$", changed)
    return changed[: again.start()].replace(again[1], letter) if again else changed


def _changed(report: Report, put: Callable[[str], str]) -> Report:
    said = report.typeset
    assert said is not None
    clauses = tuple((name, words, tuple(map(put, given)), put(text)) for name, words, given, text in said.clauses)
    typeset = TypesetStatement(said.parameters, said.hypotheses, clauses, tuple(put(one) for one in said.granted))
    return replace(report, typeset=typeset, steps=tuple(_step(step, put) for step in report.steps))


def _step(step: Step, put: Callable[[str], str]) -> Step:
    return replace(step, text=put(step.text), formula=put(step.formula))

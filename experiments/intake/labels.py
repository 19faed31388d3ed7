"""Which label of an outcome or a setting is number 0: the conventions of laboratories, said and open to correction."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence

from keybounds.errors import AmbiguousInputError, InputError

OUTCOMES = (
    ("0", "1"),
    ("1", "-1"),
    ("+", "-"),
    ("plus", "minus"),
    ("h", "v"),
    ("d", "a"),
    ("r", "l"),
    ("u", "d"),
    ("up", "down"),
    ("true", "false"),
    ("yes", "no"),
    ("click", "no-click"),
)
"""Pairs of outcomes, the one that becomes 0 first."""

NO_CLICK = ("none", "no-click", "noclick", "no click", "nc", "nan", "null", "n", "lost", "∅", "not detected")
"""How a missing detection is written, besides 0 next to 1 and -1; it becomes the last outcome."""


def plain(label: Hashable) -> str:
    """A label as text: numbers without decimals or plus sign, a minus sign of any kind, quotes around it removed."""
    text = str(label).strip().replace("−", "-")
    quoted = re.fullmatch(r"(['\"])(.*)\1", text)
    text = quoted[2] if quoted else text
    return str(int(float(text))) if re.fullmatch(r"[+-]?\d+(\.0*)?", text) else text


def numbered(where: str, role: str, found: Iterable[str], given: Mapping[str, int] | None = None) -> dict[str, int]:
    """Number the labels of a column.

    Parameters
    ----------
    role
        ``a`` or ``b`` (outcomes), ``x`` or ``y`` (settings).
    given
        The numbers that the user names, by label.

    Raises
    ------
    InputError
        A label that `given` does not number, or numbers with a gap.
    AmbiguousInputError
        More than three outcomes whose order nothing tells.
    """
    labels = sorted(set(found), key=_natural)
    if given is not None:
        return _given(where, role, labels, {plain(label): int(number) for label, number in given.items()})
    if all(re.fullmatch(r"\d+", label) for label in labels) and set(map(int, labels)) == set(range(len(labels))):
        return {label: int(label) for label in labels}
    order = _outcomes(where, role, labels) if role in ("a", "b") else labels
    return {label: number for number, label in enumerate(order)}


def _given(where: str, role: str, labels: Sequence[str], given: Mapping[str, int]) -> dict[str, int]:
    unknown = [label for label in labels if label not in given]
    if unknown:
        found = f"none for {unknown[0]!r} ({', '.join(given)})"
        raise InputError("labels", f"a number for each label of {role} in {where}", found)
    numbers = sorted(set(given.values()))
    if numbers != list(range(len(numbers))):
        raise InputError("labels", f"numbers of {role} from 0 without a gap", ", ".join(map(str, numbers)))
    return dict(given)


def _outcomes(where: str, role: str, labels: Sequence[str]) -> list[str]:
    lower = {label.casefold(): label for label in labels}
    lost = [label for key, label in lower.items() if key in NO_CLICK]
    if "0" in lower and {"1", "-1"} <= lower.keys():
        lost = [lower["0"]]
    seen = [label for label in labels if label not in lost] if len(labels) > 2 else list(labels)
    keys = {label.casefold(): label for label in seen}
    for pair in OUTCOMES:
        if keys.keys() <= set(pair):
            return [keys[name] for name in pair if name in keys] + (lost if len(labels) > 2 else [])
    if len(labels) <= 3 or all(re.fullmatch(r"-?\d+", label) for label in seen):
        return [*sorted(seen, key=_natural), *(lost if len(labels) > 2 else [])]
    raise AmbiguousInputError(
        where, f"outcomes of {role} that are numbers, or labels={{{role!r}: {{label: number}}}}", ", ".join(labels[:6])
    )


def _natural(label: str) -> tuple[object, ...]:
    """Numbers by size, before words; words with their numbers by size: a2 before a10; a before a'."""
    if re.fullmatch(r"-?\d+(\.\d+)?", label):
        return (0, float(label), "")
    parts = re.split(r"(\d+)", label)
    return (1, 0.0, tuple((int(p), "") if p.isdigit() else (-1, p) for p in parts))


def said(role: str, numbers: Mapping[str, int]) -> str | None:
    """A sentence about a numbering; None where labels are their numbers."""
    if all(label == str(number) for label, number in numbers.items()):
        return None
    what = "outcomes" if role in ("a", "b") else "settings"
    pairs = ", ".join(f"{label} = {number}" for label, number in sorted(numbers.items(), key=lambda item: item[1]))
    return f"{what} {role}: {pairs}"

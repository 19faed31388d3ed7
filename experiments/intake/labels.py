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
    ("t", "r"),
    ("transmitted", "reflected"),
    ("g", "e"),
    ("bright", "dark"),
    ("u", "d"),
    ("up", "down"),
    ("false", "true"),
    ("yes", "no"),
    ("click", "no-click"),
)
"""Pairs of outcomes, the one that becomes 0 first."""

NO_CLICK = ("none", "no-click", "noclick", "no click", "nc", "nan", "null", "n", "lost", "∅", "not detected")
"""How a missing detection is written, besides 0 next to 1 and -1; it becomes the last outcome."""


def plain(label: Hashable) -> str:
    """A label as text: numbers as Python writes them, a minus sign of any kind, quotes around it removed."""
    text = str(label).strip().replace("−", "-")
    quoted = re.fullmatch(r"(['\"])(.*)\1", text)
    text = quoted[2] if quoted else text
    ket = re.fullmatch(r"\|(.*)[>⟩〉]", text)
    text = ket[1] if ket else text
    if not re.fullmatch(r"[+-]?(\d{1,300}\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", text, re.ASCII):
        return text
    value = float(text)
    return str(int(value)) if value.is_integer() else repr(value)


def numbered(
    where: str,
    role: str,
    found: Iterable[str],
    given: Mapping[str, int] | None = None,
    *,
    other: Iterable[str] = (),
    groups: Iterable[Iterable[str]] = (),
) -> dict[str, int]:
    """Number the labels of a column.

    Parameters
    ----------
    role
        ``a`` or ``b`` (outcomes), ``x`` or ``y`` (settings).
    given
        The numbers that the user names, by label.
    other
        The labels of the other party's column, which tell what a single label is.
    groups
        For outcomes the labels that occur with each setting: H and V at one, D and A at another.

    Raises
    ------
    InputError
        A label that `given` does not number, or numbers with a gap.
    AmbiguousInputError
        More than three outcomes whose order nothing tells, or one outcome that may be either.
    """
    labels = sorted(set(found), key=_natural)
    if given is not None:
        return _given(where, role, labels, {plain(label): int(number) for label, number in given.items()})
    if all(re.fullmatch(r"\d+", label) for label in labels) and set(map(int, labels)) == set(range(len(labels))):
        return {label: int(label) for label in labels}
    if role in ("x", "y"):
        return {label: number for number, label in enumerate(labels)}
    if set(labels) < set(other):  # what one party never saw, the other names
        known = numbered(where, role, other)
        return {label: known[label] for label in labels}
    if len(labels) == 1:
        remedy = f"--label {role}:{labels[0]}=0 or --label {role}:{labels[0]}=1"
        raise AmbiguousInputError(where, f"two outcomes of {role}, or {remedy}", f"{labels[0]!r} alone")
    return _outcomes(where, role, labels, [set(group) for group in groups])


def _given(where: str, role: str, labels: Sequence[str], given: Mapping[str, int]) -> dict[str, int]:
    unknown = [label for label in labels if label not in given]
    if unknown:
        found = f"none for {unknown[0]!r} ({', '.join(given)})"
        raise InputError("labels", f"a number for each label of {role} in {where}", found)
    numbers = sorted(set(given.values()))
    if numbers != list(range(len(numbers))):
        raise InputError("labels", f"numbers of {role} from 0 without a gap", ", ".join(map(str, numbers)))
    return dict(given)


def _outcomes(where: str, role: str, labels: Sequence[str], groups: Sequence[set[str]]) -> dict[str, int]:
    folded: dict[str, list[str]] = {}
    for label in labels:
        folded.setdefault(label.casefold(), []).append(label)
    keys = set(folded)
    lost = {key for key in keys if key in NO_CLICK}
    if "0" in keys and ({"1", "-1"} <= keys or {"+", "-"} <= keys):
        lost = {"0"}
    seen = keys - lost if len(keys) > 2 else keys
    order = next(([name for name in pair if name in seen] for pair in OUTCOMES if seen <= set(pair)), None)
    if order is None and len(seen) > 2:
        numbers = _by_setting([{label.casefold() for label in group} - lost for group in groups])
        if numbers is not None and seen <= numbers.keys():
            last = {key: max(numbers.values()) + 1 for key in lost}
            return {label: (numbers | last)[key] for key, names in folded.items() for label in names}
    if order is None:
        if len(keys) > 3 and not all(re.fullmatch(r"-?\d+", key) for key in seen):
            remedy = f"outcomes of {role} that are numbers, or labels={{{role!r}: {{label: number}}}} (--label {role}:"
            raise AmbiguousInputError(where, f"{remedy}{labels[0]}=0,..)", ", ".join(labels[:6]))
        known = next((pair for pair in OUTCOMES if len(seen) == 3 and set(pair) < seen), ())
        order = [*known, *sorted(seen - set(known), key=_natural)]
    order += sorted(keys - set(order))
    return {label: number for number, key in enumerate(order) for label in folded[key]}


def _by_setting(groups: Sequence[set[str]]) -> dict[str, int] | None:
    """Numbers of outcomes that have other names at each setting, each a known pair: H and V, D and A."""
    numbers: dict[str, int] = {}
    for group in groups:
        pair = next((pair for pair in OUTCOMES if group <= set(pair)), None)
        if pair is None:
            return None
        for number, name in enumerate(pair):
            if numbers.setdefault(name, number) != number:
                return None
    return numbers


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

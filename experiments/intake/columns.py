"""What each column of a table is, by its heading."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from keybounds.errors import AmbiguousInputError, DataFileError
from keybounds.experiments.intake.pairs import outcome_pair, split_pair
from keybounds.experiments.intake.rows import Rows

ROLES: Mapping[str, tuple[str, ...]] = {
    "x": ("x", "sa", "s_a", "alice_x", "x_alice", "xa"),
    "y": ("y", "sb", "s_b", "bob_y", "y_bob", "yb"),
    "a": ("a", "alice", "oa", "o_a", "alice_a", "a_alice"),
    "b": ("b", "bob", "ob", "o_b", "bob_b", "b_bob"),
    "xy": ("xy", "x_y", "x,y", "(x,y)", "settings", "setting", "setting_pair", "basis", "bases",
           "inputs"),
    "ab": ("ab", "a_b", "a,b", "(a,b)", "outcomes", "outcome", "outcome_pair", "state", "bits", "bitstring",
           "result", "results", "outputs"),
    "count": ("count", "counts", "n", "#", "value_counts", "size", "n_ab", "nab", "c", "cc"),
    "total": ("total", "totals", "trials", "sum", "n_total", "ntot", "all", "rounds"),
    "p": ("p", "prob", "probability", "probabilities", "p(ab|xy)", "p(a,b|x,y)", "pabxy", "p_ab_xy", "p_ab", "%",
          "percent", "percentage"),
    "dp": ("dp", "sigma", "error", "err", "uncertainty", "std", "stderr", "delta_p", "sigma_p", "dev", "δp", "σ"),
    "alpha": ("alpha", "α", "θa", "θ_a"),
    "beta": ("beta", "β", "θb", "θ_b"),
    "E": ("e", "e(x,y)", "e_xy", "exy", "correlator", "correlation", "<ab>", "⟨ab⟩", "e_ab", "eab"),
    "EA": ("ea", "e_a", "<a>", "⟨a⟩", "e(x)", "marginal_a", "correlator_a"),
    "EB": ("eb", "e_b", "<b>", "⟨b⟩", "e(y)", "marginal_b", "correlator_b"),
}  # fmt: skip
"""Headings of each role, without case; spaces, dots and hyphens count as underscores."""

_PARTIES = {"a": 0, "alice": 0, "left": 0, "1": 0, "b": 1, "bob": 1, "right": 1, "2": 1}
_KINDS = {
    ("x", "y"): {"setting", "basis", "input", "measurement", "choice", "x", "y"},
    ("a", "b"): {"outcome", "output", "result", "out", "detection", "bit"},
    ("alpha", "beta"): {"angle", "theta", "θ", "polarizer", "polariser", "analyser", "analyzer", "alpha", "beta"},
}
_COUNTED = {"count", "counts", "number", "coincidence", "coincidences", "coinc", "events", "occurrences", "hits"}
_FILLING = {"s", "of", "the", "raw", "no", "nr", "value", "deg", "degrees", "label", "ab", "#"}


@dataclass(frozen=True, slots=True)
class Columns:
    """Position of each role, positions of a wide table's pairs, and what was understood.

    `wide` has pairs of outcomes, `pairs` pairs of settings of a table with one row an outcome pair; `kind` is what the
    headings of pairs say that they hold, ``count`` or ``p``.
    """

    roles: Mapping[str, int]
    wide: Mapping[int, tuple[str, str]]
    notes: tuple[str, ...] = ()
    pairs: Mapping[int, tuple[str, str]] | None = None
    kind: str | None = None
    percent: bool = False

    @property
    def used(self) -> tuple[int, ...]:
        """Positions of all columns that mean something, in their order."""
        return tuple(sorted({*self.roles.values(), *self.wide, *(self.pairs or ())}))


def recognised(rows: Rows, named: Sequence[str] | None = None) -> Columns:
    """What the columns of `rows` are, by their headings, or by the roles that the user `named` in their order.

    Raises
    ------
    DataFileError
        Headings that say too little, with the nearest remedy.
    AmbiguousInputError
        Two columns of one role, or columns without headings.
    """
    if named is not None:
        return _named(rows, named)
    if rows.names is None:
        raise AmbiguousInputError(
            rows.where,
            "a line of headings, or the columns by name, such as layout='x,y,a,b,count'",
            f"{rows.width} columns without headings",
        )
    return by_headings(rows.where, rows.names, rows.heading_line)


def by_headings(where: str, names: Sequence[str], line: int = 1) -> Columns:
    """What columns are by their headings alone."""
    capital = {"A", "B"} <= set(names) and {"a", "b"} <= set(names)
    found = [{"A": "x", "B": "y"}.get(name) if capital else None for name in names]
    found = [given or role_of(name) for given, name in zip(found, names, strict=True)]
    settings = _setting_pairs(names, found)
    found = [None if k in settings else role for k, role in enumerate(found)]
    roles: dict[str, int] = {}
    wide: dict[int, tuple[str, str]] = {}
    kinds: set[str | None] = set()
    unused: list[str] = []
    for position, (name, role) in enumerate(zip(names, found, strict=True)):
        pair = outcome_pair(name) if role is None and position not in settings else None
        if role is None and pair is not None:
            wide[position] = pair[0], pair[1]
            kinds.add(pair[2])
        elif role is None:
            if position not in settings:
                unused.append(name or "(without a heading)")
        elif role in roles:
            first = names[roles[role]]
            raise AmbiguousInputError(
                f"{where}, line {line}", f"one column for {role}; name them by layout=", f"{first!r} and {name!r}"
            )
        else:
            roles[role] = position
    if len(wide) >= 4 and {"a", "b"} <= roles.keys() and not {"x", "y", "xy"} & roles.keys():
        roles["x"], roles["y"] = roles.pop("a"), roles.pop("b")  # outcomes are headings: what is left are the settings
    if "total" in roles and "count" not in roles and {"a", "b"} & roles.keys() | {"ab"} & roles.keys():
        roles["count"] = roles.pop("total")
    notes = ["A and B are the settings, a and b the outcomes"] if capital else []
    renamed = [f"{names[k]} = {role}" for role, k in roles.items() if names[k].strip() != role]
    if renamed and not capital:
        notes.append(f"columns: {', '.join(renamed)}")
    if unused:
        notes.append(f"not used: column{'s' if len(unused) > 1 else ''} {', '.join(unused)}")
    percent = "p" in roles and bool(re.search(r"%|percent", names[roles["p"]].casefold()))
    kind = kinds.pop() if len(kinds) == 1 else None
    return Columns(roles, wide, tuple(notes), settings or None, kind, percent)


def _setting_pairs(names: Sequence[str], found: Sequence[str | None]) -> dict[int, tuple[str, str]]:
    """Headings that are pairs of settings: where the rows are outcomes, what is no role of a row is a setting pair."""
    rest = [k for k, role in enumerate(found) if role is None or names[k].strip().casefold() == "ab"]
    roles = {role for k, role in enumerate(found) if k not in rest}
    if roles & {"x", "y", "xy", "count", "p"} or not ({"a", "b"} <= roles or "ab" in roles):
        return {}
    pairs = {k: pair for k in rest if (pair := split_pair(names[k])) is not None}
    return pairs if len(pairs) >= 2 else {}


def _named(rows: Rows, named: Sequence[str]) -> Columns:
    if len(named) != rows.width:
        found = str(rows.width) + (" (transpose?)" if len(named) == len(rows.sequence) else "")
        raise DataFileError(rows.where, f"{len(named)} columns, as the layout names them (- for one not used)", found)
    roles: dict[str, int] = {}
    for position, role in enumerate(named):
        if role in ("", "-"):
            continue
        if role not in ROLES or role in roles:
            known = ", ".join(ROLES)
            close = get_close_matches(role, ROLES, n=1)
            hint = " twice" if role in roles else f" (did you mean {close[0]!r}?)" if close else ""
            raise DataFileError(
                "layout", f"each of the columns once, of {known}; - for one not used", repr(role) + hint
            )
        roles[role] = position
    return Columns(roles, {}, ())


def role_of(name: str) -> str | None:
    """The role of a heading, by the words in it; None where they say nothing or too much."""
    text = re.sub(r"^(['\"])(.*)\1$", r"\2", name.strip()).replace("ϑ", "θ")
    found = _listed(text)
    if found is None and outcome_pair(text) is None:
        text = re.sub(r"\s*[\[(][^\[\]()]*[\])]\s*$", "", text)  # a unit
        found = _listed(text)
    if found is not None or not text:
        return found
    camel = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    words = [w for w in re.findall(r"[^\W\d_]+|\d+|#", camel.casefold()) if w not in _FILLING]
    if (
        words
        and set(words) <= _COUNTED | {"n"}
        and words != ["number"]
        and not re.search(r"[+−]|-(?![a-z])", text.casefold())
    ):
        return "count"
    parties = {_PARTIES[w] for w in words if w in _PARTIES}
    rest = [w for w in words if w not in _PARTIES]
    for roles, kinds in _KINDS.items():
        if len(parties) == 1 and len(rest) == 1 and rest[0].removesuffix("s") in {k.removesuffix("s") for k in kinds}:
            return roles[parties.pop()]
    return None


def _listed(text: str) -> str | None:
    plain = re.sub(r"[\s.\-]+", "_", text.strip().casefold())
    return next((role for role, names in ROLES.items() if plain in names), None)

"""What each column of a table is, by its heading."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from keybounds.errors import AmbiguousInputError, DataFileError
from keybounds.experiments.intake.rows import Rows

ROLES: Mapping[str, tuple[str, ...]] = {
    "x": ("x", "setting_a", "a_setting", "alice_setting", "setting_alice", "basis_a", "a_basis", "alice_basis",
          "basis_alice", "input_a", "a_input", "alice_input", "input_alice", "alice_x", "x_alice", "sa", "s_a"),
    "y": ("y", "setting_b", "b_setting", "bob_setting", "setting_bob", "basis_b", "b_basis", "bob_basis",
          "basis_bob", "input_b", "b_input", "bob_input", "input_bob", "bob_y", "y_bob", "sb", "s_b"),
    "a": ("a", "alice", "outcome_a", "a_outcome", "alice_outcome", "outcome_alice", "output_a", "a_output",
          "alice_output", "output_alice", "result_a", "a_result", "alice_result", "result_alice", "out_a", "oa", "o_a",
          "alice_a", "a_alice"),
    "b": ("b", "bob", "outcome_b", "b_outcome", "bob_outcome", "outcome_bob", "output_b", "b_output", "bob_output",
          "output_bob", "result_b", "b_result", "bob_result", "result_bob", "out_b", "ob", "o_b", "bob_b", "b_bob"),
    "count": ("count", "counts", "n", "number", "coincidences", "coincidence", "events", "occurrences", "trials",
              "total", "size", "value_counts"),
    "p": ("p", "prob", "probability", "p(ab|xy)", "p(a,b|x,y)", "pabxy", "p_ab_xy"),
    "dp": ("dp", "sigma", "error", "err", "uncertainty", "std", "stderr", "delta_p", "sigma_p", "dev"),
    "alpha": ("alpha", "angle_a", "a_angle", "alice_angle", "angle_alice", "theta_a", "polarizer_a", "polariser_a"),
    "beta": ("beta", "angle_b", "b_angle", "bob_angle", "angle_bob", "theta_b", "polarizer_b", "polariser_b"),
}  # fmt: skip
"""Headings of each role, without case; spaces, dots and hyphens count as underscores."""

_WIDE = re.compile(
    r"(?:(?:n|c|p|counts?|prob)[ _]*)?[(\[]?(?:a[_=]?)?(?P<a>[+\-−]?1|[0-3]|\+|-|−|[hvudrl])"
    r"[ ,;|/_]*(?:b[_=]?)?(?P<b>[+\-−]?1|[0-3]|\+|-|−|[hvudrl])[)\]]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Position of each role, positions of a wide table's outcome pairs, and what was understood."""

    roles: Mapping[str, int]
    wide: Mapping[int, tuple[str, str]]
    notes: tuple[str, ...] = ()


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
    capital = {"A", "B"} <= set(rows.names) and {"a", "b"} <= set(rows.names)
    roles: dict[str, int] = {}
    wide: dict[int, tuple[str, str]] = {}
    unused: list[str] = []
    for position, name in enumerate(rows.names):
        role = {"A": "x", "B": "y"}.get(name) if capital else None
        role = role or _role(name)
        if role is None:
            match = _WIDE.fullmatch(name.strip())
            if match:
                wide[position] = match["a"], match["b"]
            else:
                unused.append(name)
        elif role in roles:
            first = rows.names[roles[role]]
            raise AmbiguousInputError(f"{rows.where}, line 1", f"one column for {role}", f"{first!r} and {name!r}")
        else:
            roles[role] = position
    notes = ["A and B are the settings, a and b the outcomes"] if capital else []
    renamed = [f"{rows.names[k]} = {role}" for role, k in roles.items() if rows.names[k].strip() != role]
    if renamed and not capital:
        notes.append(f"columns: {', '.join(renamed)}")
    if unused:
        notes.append(f"not used: column{'s' if len(unused) > 1 else ''} {', '.join(unused)}")
    return Columns(roles, wide, tuple(notes))


def _named(rows: Rows, named: Sequence[str]) -> Columns:
    if len(named) != rows.width:
        raise DataFileError(rows.where, f"{len(named)} columns, as the layout names them", str(rows.width))
    roles: dict[str, int] = {}
    for position, role in enumerate(named):
        if role in ("", "-"):
            continue
        if role not in ROLES or role in roles:
            known = ", ".join(ROLES)
            raise DataFileError("layout", f"each of the columns once, of {known}; - for one not used", repr(role))
        roles[role] = position
    return Columns(roles, {}, ())


def _role(name: str) -> str | None:
    plain = re.sub(r"[\s.\-]+", "_", name.strip().casefold())
    return next((role for role, names in ROLES.items() if plain in names), None)

"""Certificates of the local weight of a table: the greatest w with P = w P_L + (1-w) P_NL [elitzur1992].

P_L is local and P_NL no-signalling. P and all deterministic points D are no-signalling, so that what is left of P need
only be non-negative; pairs of settings without a table can be completed by the product of the marginals.

- from below: weights q >= 0 of deterministic points with Σ q D <= P, entry by entry, prove Σ q;
- from above: a Bell inequality β >= 0, 0 where nothing was measured, with β·D >= b > 0 for every D, proves β·P/b. That
  is checked for every answer of Alice's to all settings; Bob's best answer to them is found setting by setting.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

from flint import fmpz

from .effort import MOST_DENOMINATOR, afford_time, common_denominator, sum_cost
from .reading import ball, fields, integer, number, require, sequence
from .statement import Finding, decimal, read_source, scenario

MOST_OUTCOMES, MOST_SETTINGS, MOST_POINTS = 16, 16, 5_000
MOST_WORK = 4_000_000  # terms of the sums over Alice's answers

Pair = tuple[int, int]
Tables = dict[Pair, list[list[Fraction]]]


def local_weight(statement: Any, document: dict[str, Any]) -> Finding:
    """Derive the interval in which the local weight of the table lies."""
    stated = fields(statement, "statement", ("method", "reference", "lower", "upper"))
    read_source(stated)
    lower, upper = number(stated["lower"], "lower", 0, 1), number(stated["upper"], "upper", 0, 1)
    found = fields(document, "data", ("outcomes", "settings", "tables", "points", "inequality"))
    outcomes, settings = _sizes(found["outcomes"], MOST_OUTCOMES), _sizes(found["settings"], MOST_SETTINGS)
    tables = _tables(found["tables"], outcomes, settings)
    held, bound = _local_part(found["points"], tables, outcomes, settings), Fraction(1)
    if found["inequality"] is not None:
        bound = min(bound, _inequality(found["inequality"], tables, outcomes, settings))
    subject = f"the tables with the digest below: {scenario(outcomes, settings, list(tables))}"
    return Finding(
        subject,
        f"local weight >= {decimal(lower, 'lower')} and <= {decimal(upper, 'upper')}\nof {subject}\n"
        "scope: the greatest over what the unknown pairs may be",
        [str(lower), str(upper)],
        (("lower", lower, lambda: ball(held)), ("upper", upper, lambda: ball(bound))),
        "definition [elitzur1992]",
    )


def _sizes(value: Any, most: int) -> Pair:
    a, b = sequence(value, "sizes", least=2, most=2)
    return integer(a, "Alice's number", 1, most), integer(b, "Bob's number", 1, most)


def _tables(value: Any, outcomes: Pair, settings: Pair) -> Tables:
    """P(a,b|x,y) of the measured pairs: distributions, exactly no-signalling."""
    tables: Tables = {}
    for entry in sequence(value, "tables", least=1, most=settings[0] * settings[1]):
        given = fields(entry, "a table", ("settings", "P"))
        x, y = sequence(given["settings"], "settings", least=2, most=2)
        pair = integer(x, "setting", 0, settings[0] - 1), integer(y, "setting", 0, settings[1] - 1)
        require(pair not in tables, "two tables of one pair of settings")
        tables[pair] = [
            [number(p, "probability", 0, 1) for p in sequence(row, "row", least=outcomes[1], most=outcomes[1])]
            for row in sequence(given["P"], "table", least=outcomes[0], most=outcomes[0])
        ]
        require(sum(map(sum, tables[pair])) == 1, "a table that does not sum to 1")
    for side in (0, 1):
        marginals: dict[int, list[Fraction]] = {}
        for pair, table in tables.items():
            rows = [sum(row) for row in (table if side == 0 else zip(*table, strict=True))]
            own = [Fraction(total) for total in rows]
            require(marginals.setdefault(pair[side], own) == own, "tables that signal")
    return tables


def _local_part(value: Any, tables: Tables, outcomes: Pair, settings: Pair) -> Fraction:
    """Σ q, for weights that leave no entry of P negative."""
    total, rest = Fraction(0), {pair: [list(row) for row in table] for pair, table in tables.items()}
    points = [
        fields(entry, "a point", ("alice", "bob", "weight")) for entry in sequence(value, "points", most=MOST_POINTS)
    ]
    weights = [number(point["weight"], "weight", 0, 1) for point in points]
    sizes = {fmpz(x.denominator) for x in (*weights, *(p for table in tables.values() for row in table for p in row))}
    whole, part = common_denominator(sizes, 2 * MOST_DENOMINATOR), max(int(size.bit_length()) for size in sizes)
    afford_time(sum_cost(len(points) * len(tables), whole, part), f"{len(points)} points at {len(tables)} pairs")
    for point, weight in zip(points, weights, strict=True):
        answers = [
            [integer(c, "outcome", 0, n - 1) for c in sequence(point[party], party, least=count, most=count)]
            for party, n, count in zip(("alice", "bob"), outcomes, settings, strict=True)
        ]
        total += weight
        for (x, y), table in rest.items():
            table[answers[0][x]][answers[1][y]] -= weight
    require(all(p >= 0 for table in rest.values() for row in table for p in row), "more than P is taken from it")
    return total


def _inequality(value: Any, tables: Tables, outcomes: Pair, settings: Pair) -> Fraction:
    """β·P/b, for b the least β·D."""
    given = sequence(value, "inequality", least=len(tables), most=len(tables))
    beta: dict[Pair, list[list[int]]] = {}
    for pair, table in zip(tables, given, strict=True):
        beta[pair] = [
            [integer(c, "coefficient", 0, 2**64) for c in sequence(row, "row", least=outcomes[1], most=outcomes[1])]
            for row in sequence(table, "coefficients of a pair", least=outcomes[0], most=outcomes[0])
        ]
    require(outcomes[0] ** settings[0] * len(tables) * outcomes[1] <= MOST_WORK, "more answers than are gone through")
    by_bob: list[list[tuple[int, list[list[int]]]]] = [[] for _ in range(settings[1])]
    for (x, y), table in beta.items():
        by_bob[y].append((x, table))
    least = min(
        sum(
            min(sum(table[alice[x]][b] for x, table in of_setting) for b in range(outcomes[1])) for of_setting in by_bob
        )
        for alice in product(range(outcomes[0]), repeat=settings[0])
    )
    require(least > 0, "an inequality that the local points do not satisfy with a positive bound")
    worth = sum(
        (
            c * p
            for pair, table in tables.items()
            for of_row, row in zip(beta[pair], table, strict=True)
            for c, p in zip(of_row, row, strict=True)
        ),
        Fraction(0),
    )
    return Fraction(worth) / least

"""A table of results and its formats: LaTeX (booktabs), CSV, Markdown, HTML, JSON, and text for a terminal."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TypeAlias

from keybounds.enclosure import Direction
from keybounds.errors import UnknownNameError
from keybounds.formatting import latex_number, latex_text, significant


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a cell: the exact double for CSV and JSON, and the text that a reader sees.

    `prefix` is a relation sign, printed before the number for a reader only. `is_bound` says that the number is the
    value of a bound, and `certified` whether the verifier accepts its certificate, None where nobody asked.
    """

    value: float
    text: str
    prefix: str = ""
    is_bound: bool = False
    certified: bool | None = None

    @classmethod
    def rounded(cls, value: float, digits: int, direction: Direction | None = None, *, prefix: str = "") -> Number:
        """Round `value` to `digits` significant digits on the safe side of `direction`."""
        return cls(value, significant(value, digits, direction), prefix, is_bound=direction is not None)


Cell: TypeAlias = str | Number


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in CSV and JSON, its heading, and the heading in LaTeX if escaping is not enough.

    A column that is `for_data` stands in CSV and JSON only: a reader finds the same in another column or the notes.
    """

    key: str
    heading: str
    latex: str | None = None
    for_data: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under columns, with a title and notes; `group` names a column that is printed as sub-headings."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    group: str | None = None

    def marked(self, certified: Collection[float]) -> Table:
        """The table whose bounds are marked as certified where `certified` holds their value, for HTML."""
        return replace(
            self,
            rows=tuple(
                tuple(
                    replace(cell, certified=cell.value in certified)
                    if isinstance(cell, Number) and cell.is_bound
                    else cell
                    for cell in row
                )
                for row in self.rows
            ),
        )

    def render(self, form: str) -> str:
        """The table as text in one of `FORMATS`; it ends with a newline.

        Raises
        ------
        UnknownNameError
            Not one of `FORMATS`.
        """
        if form not in FORMATS:
            raise UnknownNameError.among("format", form, FORMATS)
        return FORMATS[form](self)

    def __str__(self) -> str:
        return _text(self)

    def __repr__(self) -> str:
        return f"<Table {self.name}: {len(self.rows)} rows, {len(self.columns)} columns>"

    def _repr_html_(self) -> str:
        return _html(self)

    def _repr_latex_(self) -> str:
        return _latex(self)


def _shown(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    return f"{cell.prefix} {cell.text}".strip()


def _exact(cell: Cell) -> str:
    return cell if isinstance(cell, str) else repr(cell.value)


def _groups(table: Table) -> list[tuple[str, list[tuple[Cell, ...]]]]:
    """The rows as a reader sees them, under the value of the grouping column."""
    shown = [k for k, column in enumerate(table.columns) if column in _inner_columns(table)]
    index = next((k for k, column in enumerate(table.columns) if column.key == table.group), None)
    groups: dict[str, list[tuple[Cell, ...]]] = {}
    for row in table.rows:
        name = "" if index is None else _shown(row[index])
        groups.setdefault(name, []).append(tuple(row[k] for k in shown))
    return list(groups.items())


def _inner_columns(table: Table) -> list[Column]:
    return [column for column in table.columns if column.key != table.group and not column.for_data]


def _csv(table: Table) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([column.key for column in table.columns])
    writer.writerows([_exact(cell) for cell in row] for row in table.rows)
    return stream.getvalue()


def _json(table: Table) -> str:
    keys = [column.key for column in table.columns]
    rows = [
        dict(zip(keys, (cell if isinstance(cell, str) else cell.value for cell in row), strict=True))
        for row in table.rows
    ]
    document = {"name": table.name, "title": table.title, "rows": rows, "notes": list(table.notes)}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _aligned(lines: list[list[str]], columns: int) -> list[str]:
    widths = [max(len(line[k]) for line in lines) for k in range(columns)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _text(table: Table) -> str:
    columns = _inner_columns(table)
    groups = _groups(table)
    lines = [[column.heading for column in columns]]
    lines += [[_shown(cell) for cell in row] for _, rows in groups for row in rows]
    head, *body = _aligned(lines, len(columns))
    out = [table.title, "", head, "-" * max(map(len, (head, *body)))]
    for name, rows in groups:
        out += [*([f"[{name}]"] if name else []), *body[: len(rows)]]
        body = body[len(rows) :]
    out += ["", *table.notes] if table.notes else []
    return "\n".join(out) + "\n"


def _markdown(table: Table) -> str:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"

    columns = _inner_columns(table)
    out = [f"### {table.title}", ""]
    for name, rows in _groups(table):
        out += [f"**{name}**", ""] if name else []
        out += [line([column.heading for column in columns]), line(["---"] * len(columns))]
        out += [line([_shown(cell) for cell in row]) for row in rows] + [""]
    out += [f"- {note}" for note in table.notes]
    return "\n".join(out).rstrip() + "\n"


def _html(table: Table) -> str:
    columns = _inner_columns(table)
    head = "".join(f"<th>{html.escape(column.heading)}</th>" for column in columns)
    out = ["<table>", f"<caption>{html.escape(table.title)}</caption>", f"<thead><tr>{head}</tr></thead>", "<tbody>"]
    for name, rows in _groups(table):
        if name:
            out.append(f'<tr class="group"><th colspan="{len(columns)}">{html.escape(name)}</th></tr>')
        for row in rows:
            cells = "".join(
                f"<td>{html.escape(cell)}</td>"
                if isinstance(cell, str)
                else f'<td class="number" title="{cell.value!r}{_MARKS[cell.certified][0]}">'
                f"{html.escape(_shown(cell))}{_MARKS[cell.certified][1]}</td>"
                for cell in row
            )
            out.append(f"<tr>{cells}</tr>")
    out += ["</tbody>", "</table>"]
    if table.notes:
        out += ["<ul>", *(f"<li>{html.escape(note)}</li>" for note in table.notes), "</ul>"]
    return "\n".join(out) + "\n"


_MARKS = {None: ("", ""), True: (", certified", " ✓"), False: (", not certified", " ✗")}


def _latex_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return latex_text(cell)
    number = latex_number(cell.text)
    return f"{latex_text(cell.prefix)} {number}" if cell.prefix else number


def _latex(table: Table) -> str:
    """A tabular, to be put into a table environment, or a longtable; title and notes in comments, for captions."""
    columns, groups = _inner_columns(table), _groups(table)
    rows_shown = [row for _, rows in groups for row in rows]
    numeric = [all(isinstance(row[k], Number) or row[k] == "" for row in rows_shown) for k in range(len(columns))]
    layout = ["r" if is_number else "l" for is_number in numeric]
    head = " & ".join(column.latex or latex_text(column.heading) for column in columns)
    long = len(table.rows) > LONG
    if long:
        layout = _wrapped(layout, [max(len(_shown(row[k])) for row in rows_shown) for k in range(len(columns))])
    packages = r"\usepackage{array,booktabs,longtable}" if long else r"\usepackage{booktabs}"
    out = [f"% {line}" for line in (f"needs {packages}", table.title, *table.notes)]
    out += [rf"\begin{{{'longtable' if long else 'tabular'}}}{{{''.join(layout)}}}", r"\toprule", head + r" \\"]
    out += [r"\midrule \endhead", r"\bottomrule \endfoot"] if long else []
    for number, (name, rows) in enumerate(groups):
        out += [r"\midrule"] if number or not long else []
        if name:
            out.append(rf"\multicolumn{{{len(columns)}}}{{l}}{{\textit{{{latex_text(name)}}}}} \\")
        out += [" & ".join(_latex_cell(cell) for cell in row) + r" \\" for row in rows]
    out += [r"\end{longtable}"] if long else [r"\bottomrule", r"\end{tabular}"]
    return "\n".join(out) + "\n"


def _wrapped(layout: list[str], lengths: list[int]) -> list[str]:
    """The layout of a longtable, which cannot be scaled: on too narrow a page, long texts share what is left."""
    wide = [k for k, length in enumerate(lengths) if layout[k] == "l" and length > _UNBROKEN]
    left = _LINE - sum(length + _GAP for k, length in enumerate(lengths) if k not in wide) - _GAP * len(wide)
    needed = sum(lengths[k] for k in wide)
    if needed <= left:
        return layout
    shares = {k: max(left, _LINE // 4) / _LINE * lengths[k] / needed for k in wide}
    return [
        rf">{{\raggedright\arraybackslash}}p{{{shares[k]:.3f}\linewidth}}" if k in shares else letter
        for k, letter in enumerate(layout)
    ]


_LINE = 170  # characters of \footnotesize on a landscape page
_GAP = 3  # characters between columns
_UNBROKEN = 18  # characters, up to which a text stands on one line

LONG = 45
"""Rows beyond which a LaTeX table is a longtable, which breaks across pages."""

FORMATS: dict[str, Callable[[Table], str]] = {
    "text": _text,
    "latex": _latex,
    "csv": _csv,
    "markdown": _markdown,
    "html": _html,
    "json": _json,
}

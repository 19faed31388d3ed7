"""The report: every table in LaTeX, CSV, Markdown and JSON, every figure as PDF and PNG, and an index page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import jinja2
import markupsafe

import keybounds
from keybounds.errors import InputError
from keybounds.files import write_atomically
from keybounds.formatting import latex_text
from keybounds.processes import results
from keybounds.reports.bibliography import cited_keys, entries_html, linked
from keybounds.reports.catalogue import Entry, Kind, compare, draw, entries, tables_of
from keybounds.reports.catalogue import table as build_table
from keybounds.reports.certificates import Certified, share, write_certificates
from keybounds.reports.claims import ProofReport, proof_report
from keybounds.reports.finite_table import finite_size_keys, values_of
from keybounds.tables import LONG, Number, Table

TABLE_FORMATS = {"latex": "tex", "csv": "csv", "markdown": "md"}
FIGURE_FORMATS = ("pdf", "png")
COMPARISONS, TABLES, FIGURES = (entries(kind, long=False) for kind in Kind)


FINITE = "finite-size"
"""The table whose rows are keys with certificates."""

_PROCESSES = 4  # the longest steps take a quarter of the time each, and a process half a gigabyte


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A comparison or a table on the page.

    Attributes
    ----------
    entry
        What the catalogue says of it.
    tables
        Its tables, the bounds marked as certified or not.
    verdicts
        Of the bounds that were to have a certificate, why each has none; empty where it was accepted.
    references
        Texts that name its sources.
    pairs
        Of a comparison, how many comparable pairs hold, and of how many.
    uncertified
        Printed bounds that are none of those.
    """

    entry: Entry
    tables: tuple[Table, ...]
    verdicts: tuple[str, ...]
    references: tuple[str, ...]
    pairs: str = ""
    uncertified: int = 0

    @property
    def certified(self) -> str:
        """How many of the bounds are certified."""
        return share(not reason for reason in self.verdicts)


def write_report(folder: Path, *, progress: bool = False, workers: int = 1) -> Path:
    """Compute everything and write it below `folder`; return the index page.

    Files are written whole, the index last. Files of an earlier report are replaced, others left alone. The number of
    processes changes nothing in them but the seconds that each claim took.

    Parameters
    ----------
    folder
        Made if it does not exist.
    progress
        Show a progress bar on stderr.
    workers
        Processes to share the work. More than one needs a main module that can be imported.

    Raises
    ------
    InputError
        `folder` is a file, or cannot be made.
    """
    for part in (folder, folder / "tables", folder / "figures"):
        try:
            part.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError("--out", "a folder that can be written", f"{part}: {error.strerror}") from None
    steps: list[tuple[str, Callable[[], Section | ProofReport | None]]] = [
        ("claims", partial(_write_claims, folder)),
        *((f"table {one.name}", partial(_comparison, folder, one)) for one in COMPARISONS),
        *((f"table {one.name}", partial(_table, folder, one)) for one in TABLES),
        *((f"figure {one.name}", partial(_write_figure, folder, one.name)) for one in FIGURES),
    ]
    made = _run(steps, progress=progress, workers=min(workers, _PROCESSES))
    sections = [one for one in made if isinstance(one, Section)]
    (claims,) = (one for one in made if isinstance(one, ProofReport))
    write_atomically(folder / "tables.tex", _latex_document([t for section in sections for t in section.tables]))
    index = folder / "index.html"
    write_atomically(index, _index_page(sections, claims))
    return index


_Made = TypeVar("_Made")


def _run(steps: list[tuple[str, Callable[[], _Made]]], *, progress: bool, workers: int) -> list[_Made]:
    """What the steps return, in their order; the bar names the first that has not ended."""
    from rich.console import Console
    from rich.progress import Progress

    made: dict[int, _Made] = {}
    with Progress(console=Console(stderr=True), disable=not progress) as bar:
        task = bar.add_task(steps[0][0], total=len(steps))
        with closing(results([step for _, step in steps], workers)) as done:
            for place, result in done:
                made[place] = result
                ahead = (name for k, (name, _) in enumerate(steps) if k not in made)
                bar.update(task, advance=1, description=next(ahead, "index"))
    return [made[place] for place in range(len(steps))]


def _comparison(folder: Path, entry: Entry) -> Section:
    """Compute a comparison, write its tables, its rows as JSON, and the certificates of the rows."""
    answer = compare(entry.name)
    tables = tables_of(answer)
    for table in tables:
        _write_formats(folder, table)
    document = json.dumps(answer.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(folder / "tables" / f"{entry.name}.json", document + "\n")
    found = _write_certificates(folder, entry.name, (row.to_dict() for row in answer.rows))
    without = {one.bound["value"] for one in found if not one.accepted}
    accepted = {one.bound["value"] for one in found} - without
    return Section(
        entry=entry,
        tables=tuple(table.marked(accepted) for table in tables),
        verdicts=tuple(one.reason for one in found),
        references=tuple(row.reference for row in answer.rows),
        pairs=f"{sum(check.holds for check in answer.checks)} of {len(answer.checks)}",
    )


def _table(folder: Path, entry: Entry) -> Section:
    """Compute a table that is no comparison, and write it; the keys of finite runs have certificates."""
    made = build_table(entry.name)
    _write_formats(folder, made)
    write_atomically(folder / "tables" / f"{entry.name}.json", made.render("json"))
    keys = finite_size_keys() if entry.name == FINITE else ()
    found = _write_certificates(folder, entry.name, (key.to_dict() for key in keys)) if keys else []
    accepted = values_of(made, [k for k, one in enumerate(found) if one.accepted]) if found else set()
    # rate and key per hour are one number, which is counted with its certificate
    cells = [cell for row in made.rows for cell in row if isinstance(cell, Number) and cell.is_bound]
    return Section(
        entry=entry,
        tables=(made.marked(accepted),),
        verdicts=tuple(one.reason for one in found),
        references=(*made.notes, *(key.reference for key in keys)),
        uncertified=len(cells) - 2 * len(found),
    )


def _write_certificates(folder: Path, name: str, documents: Iterable[dict[str, Any]]) -> list[Certified]:
    """Certificates of every row of a table, and a list that says which row has which."""
    place = folder / "certificates" / name
    found = write_certificates(documents, place)
    place.mkdir(parents=True, exist_ok=True)
    document = json.dumps([one.to_dict() for one in found], indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(place / "index.json", document + "\n")
    return found


def _write_formats(folder: Path, table: Table) -> None:
    for form, suffix in TABLE_FORMATS.items():
        write_atomically(folder / "tables" / f"{table.name}.{suffix}", table.render(form))


def _write_figure(folder: Path, name: str) -> None:
    for form in FIGURE_FORMATS:
        write_atomically(folder / "figures" / f"{name}.{form}", draw(name, form))


def _write_claims(folder: Path) -> ProofReport:
    result = proof_report(None)
    write_atomically(folder / "claims.json", json.dumps(result.to_dict(), indent=2, ensure_ascii=False) + "\n")
    write_atomically(folder / "claims.tex", result.to_latex())
    return result


def _latex_document(tables: list[Table]) -> str:
    """One document with every table and its notes, so that all of them are seen to compile."""
    sections = []
    for table in tables:
        body = rf"\input{{tables/{table.name}.tex}}"
        if len(table.rows) <= LONG:
            body = rf"\noindent\resizebox{{\textwidth}}{{!}}{{{body}}}"
        notes = [rf"\par {latex_text(note)}" for note in table.notes]
        sections += [rf"\section*{{{latex_text(table.title)}}}", r"{\footnotesize", body, *notes, "}"]
    return _LATEX_DOCUMENT.replace("@TABLES@", "\n".join(sections))


def _index_page(sections: list[Section], claims: ProofReport) -> str:
    every = [reason for section in sections for reason in section.verdicts]
    without = Counter(
        {f"no certificate: {one.entry.uncertified}": one.uncertified for one in sections if one.uncertified}
    )
    verdicts = [*(not reason for reason in every), *[False] * without.total()]
    without += Counter(reason for reason in every if reason)
    cited = [text for section in sections for text in section.references]
    cited += [report.source for report in claims.reports]
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters |= {"linked": lambda table: markupsafe.Markup(linked(table.render("html")))}
    return environment.from_string(_INDEX_PAGE).render(
        version=keybounds.__version__,
        sections=sections,
        certified=share(verdicts),
        without=without,
        figures=FIGURES,
        suffixes=[*TABLE_FORMATS.values(), "json"],
        claims=claims,
        bibliography=markupsafe.Markup(entries_html(cited_keys(cited))),
    )


_LATEX_DOCUMENT = r"""\documentclass[a4paper]{article}
\usepackage[margin=1.5cm,landscape]{geometry}
\usepackage{amsmath,array,booktabs,graphicx,longtable}
\setlength{\LTleft}{0pt}
\pagestyle{empty}
\begin{document}
@TABLES@
\end{document}
"""

_INDEX_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>keybounds report</title>
<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 78rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; font-size: 13px; margin: .5rem 0; }
caption { text-align: left; font-weight: 600; padding: .4rem 0; }
th, td { padding: .15rem .7rem .15rem 0; text-align: left; vertical-align: top; }
thead th { border-bottom: 1px solid #222; }
tr.group th { font-weight: 400; font-style: italic; padding-top: .6rem; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.scroll { max-height: 36rem; overflow: auto; border-bottom: 1px solid #222; }
figure { margin: 1.5rem 0; } figure img { max-width: 46rem; width: 100%; }
</style>
</head>
<body>
<h1>Achievable key against its ceilings</h1>
<p>keybounds {{ version }}. Rates in bits. A lower bound is rounded down, a ceiling up; hover over a number for its
double. Lower bounds and ceilings are compared only where their scopes allow it.</p>
{% for section in sections %}
<h2>{{ section.entry.name }}</h2>
<p>{{ section.entry.caption }}
{% if section.pairs %}{{ section.pairs }} comparable pairs hold.
{% endif %}
{% if section.verdicts %}{{ section.certified }} bounds are
<a href="certificates/{{ section.entry.name }}/index.json">certified</a>.
{% endif %}
Files:{% for suffix in suffixes %} <a href="tables/{{ section.entry.name }}.{{ suffix }}">{{ suffix }}</a>
{%- endfor %}</p>
{% for table in section.tables %}
<div class="scroll">{{ table | linked }}</div>
{% endfor %}
{% endfor %}
<h2>Certificates</h2>
<p>{{ certified }} printed bounds are certified, and marked ✓: a verifier that shares no code with what computed them
re-derived each from its document in <code>certificates/</code>, as <code>keybounds verify</code> does. The others:</p>
<ul>
{% for reason, count in without.items() %}
<li>{{ count }}: {{ reason }}</li>
{% endfor %}
</ul>
<h2>Figures</h2>
{% for figure in figures %}
<figure><a href="figures/{{ figure.name }}.pdf"><img src="figures/{{ figure.name }}.png" alt="{{ figure.caption }}"></a>
<figcaption>{{ figure.caption }} <a href="figures/{{ figure.name }}.pdf">PDF</a></figcaption></figure>
{% endfor %}
<h2>Claims</h2>
<p>What the bounds of this project rest on, derived anew for this report.
<a href="claims.json">Steps (JSON)</a>, <a href="claims.tex">appendix (LaTeX)</a></p>
<div class="scroll">{{ claims.table | linked }}</div>
<h2>Sources</h2>
<p>What the references name; <code>keybounds cite KEY</code> prints an entry in BibTeX, and
<code>keybounds cite FILE.json</code> those of a result.</p>
{{ bibliography }}
</body>
</html>
"""

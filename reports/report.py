"""The report: every table in LaTeX, CSV, Markdown and JSON, every figure as PDF and PNG, and an index page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import jinja2

import keybounds
from keybounds.errors import InputError
from keybounds.files import write_atomically
from keybounds.reports.catalogue import COMPARISONS, TABLES, compare
from keybounds.reports.catalogue import table as build_table
from keybounds.reports.certificates import Certified, share, write_certificates
from keybounds.reports.claims import ProofReport, proof_report
from keybounds.reports.comparison import Comparison
from keybounds.reports.figures import FIGURES, draw
from keybounds.reports.finite_table import finite_size_keys, values_of
from keybounds.formatting import latex_text
from keybounds.tables import LONG, Number, Table

TABLE_FORMATS = {"latex": "tex", "csv": "csv", "markdown": "md"}
FIGURE_FORMATS = ("pdf", "png")

CAPTIONS = {
    "private-states": (
        "Key of the PPT private states rho_d with trusted devices (blue) against ceilings on their device-independent "
        "key (orange). Grey: proven gap."
    ),
    "smallest-gap": (
        "Off the PPT edge: key by hashed pair parities (blue) against the partial-transpose ceilings (orange) over the "
        "error weight p, and the ceilings' ratio to that key; below 1 the gap is proven."
    ),
    "finite-size": (
        "Key per round of a finite run of the ion experiment, at its test fraction and soundness, by entropy "
        "accumulation."
    ),
    "rates": (
        "Rate and ceilings of protocols whose guarantee rests on CHSH value and key error. Grey: where the two-way key "
        "must lie. All asymptotic, against collective attacks."
    ),
}

REASONS = {
    "finite-size": "the probability that an honest run passes, which is none of the bounds on key",
    "finite-photonic": "finite keys against collective attacks",
}
"""Why the bounds in a table that is no comparison are not certified, but for those with a certificate."""


def write_report(folder: Path, *, progress: bool = False) -> Path:
    """Compute everything and write it below `folder`; return the index page.

    Files are written whole, the index last. Files of an earlier report are replaced, others left alone.

    Parameters
    ----------
    folder
        Made if it does not exist.
    progress
        Show a progress bar on stderr.

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
    comparisons: list[Comparison] = []
    certificates: dict[str, list[Certified]] = {}
    tables: list[Table] = []
    claims: list[ProofReport] = []
    steps: list[tuple[str, Callable[[], None]]] = [
        *(
            (f"table {name}", lambda name=name: comparisons.append(_write_comparison(folder, name)))
            for name in COMPARISONS
        ),
        *((f"table {name}", lambda name=name: tables.append(_write_table(folder, name))) for name in TABLES),
        (
            "certificates",
            lambda: certificates.update(
                (name, _write_certificates(folder, name, documents))
                for name, documents in [
                    *((c.name, [row.to_dict() for row in c.rows]) for c in comparisons),
                    ("finite-size", [key.to_dict() for key in finite_size_keys()]),
                ]
            ),
        ),
        *((f"figure {name}", lambda name=name: _write_figure(folder, name)) for name in FIGURES),
        ("claims", lambda: claims.append(_write_claims(folder))),
    ]
    _run(steps, progress=progress)
    write_atomically(
        folder / "tables.tex", _latex_document([*(t for result in comparisons for t in result.tables), *tables])
    )
    index = folder / "index.html"
    write_atomically(index, _index_page(comparisons, tables, certificates, claims[0]))
    return index


def _run(steps: list[tuple[str, Callable[[], None]]], *, progress: bool) -> None:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=not progress) as bar:
        task = bar.add_task("report", total=len(steps))
        for name, step in steps:
            bar.update(task, description=name)
            step()
            bar.advance(task)


def _write_comparison(folder: Path, name: str) -> Comparison:
    result = compare(name)
    for table in result.tables:
        _write_formats(folder, table)
    document = json.dumps(result.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(folder / "tables" / f"{name}.json", document + "\n")
    return result


def _write_certificates(folder: Path, name: str, documents: Iterable[dict[str, Any]]) -> list[Certified]:
    """Certificates of every row of a table, and a list that says which row has which."""
    place = folder / "certificates" / name
    found = write_certificates(documents, place)
    place.mkdir(parents=True, exist_ok=True)
    document = json.dumps([one.to_dict() for one in found], indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(place / "index.json", document + "\n")
    return found


def _write_table(folder: Path, name: str) -> Table:
    result = build_table(name)
    _write_formats(folder, result)
    write_atomically(folder / "tables" / f"{name}.json", result.render("json"))
    return result


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


def _index_page(
    comparisons: list[Comparison],
    tables: list[Table],
    certificates: dict[str, list[Certified]],
    claims: ProofReport,
) -> str:
    sections = []
    for result in comparisons:
        found = certificates[result.name]
        without = {one.bound["value"] for one in found if not one.accepted}
        accepted = {one.bound["value"] for one in found} - without
        marked = [table.marked(accepted) for table in result.tables]
        sections.append((result, marked, share(one.accepted for one in found)))
    plain: list[tuple[Table, str]] = []
    reasons: Counter[str] = Counter()
    for table in tables:
        found = certificates.get(table.name, [])
        accepted = values_of(table, [k for k, one in enumerate(found) if one.accepted]) if found else set()
        plain.append((table.marked(accepted), share(one.accepted for one in found) if found else ""))
        # rate and key per hour are one number, which is counted with its certificate
        rest = [cell for row in table.rows for cell in row if isinstance(cell, Number) and cell.is_bound]
        reasons[f"no certificate: {REASONS[table.name]}"] += len(rest) - 2 * len(found)
    other = reasons.total()
    every = [one for found in certificates.values() for one in found]
    reasons += Counter(one.reason for one in every if not one.accepted)
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(_INDEX_PAGE).render(
        version=keybounds.__version__,
        sections=sections,
        tables=plain,
        certified=share([*(one.accepted for one in every), *[False] * other]),
        without=reasons,
        figures={name: CAPTIONS[name] for name in FIGURES},
        suffixes=[*TABLE_FORMATS.values(), "json"],
        claims=claims,
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
{% for c, marked, certified in sections %}
<h2>{{ c.name }}</h2>
<p>{{ c.checks | selectattr("holds") | list | length }} of {{ c.checks | length }} comparable pairs hold.
{{ certified }} bounds are <a href="certificates/{{ c.name }}/index.json">certified</a>.
Files:{% for suffix in suffixes %} <a href="tables/{{ c.name }}.{{ suffix }}">{{ suffix }}</a>{% endfor %}</p>
{% for table in marked %}
<div class="scroll">{{ table.render("html") | safe }}</div>
{% endfor %}
{% endfor %}
{% for t, certified in tables %}
<h2>{{ t.name }}</h2>
<p>{% if certified %}{{ certified }} key lengths are <a href="certificates/{{ t.name }}/index.json">certified</a>.
{% endif %}
Files:{% for suffix in suffixes %} <a href="tables/{{ t.name }}.{{ suffix }}">{{ suffix }}</a>{% endfor %}</p>
<div class="scroll">{{ t.render("html") | safe }}</div>
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
{% for name, caption in figures.items() %}
<figure><a href="figures/{{ name }}.pdf"><img src="figures/{{ name }}.png" alt="{{ caption }}"></a>
<figcaption>{{ caption }} <a href="figures/{{ name }}.pdf">PDF</a></figcaption></figure>
{% endfor %}
<h2>Claims</h2>
<p>What the bounds of this project rest on, derived anew for this report.
<a href="claims.json">Steps (JSON)</a>, <a href="claims.tex">appendix (LaTeX)</a></p>
<div class="scroll">{{ claims.table.render("html") | safe }}</div>
</body>
</html>
"""

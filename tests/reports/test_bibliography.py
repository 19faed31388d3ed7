"""Sources resolve wherever the package is: what a result used, as BibTeX and on the page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import keybounds
from keybounds.errors import DataFileError, UnknownNameError
from keybounds.reports.bibliography import SOFTWARE, bibliography, cite, cited_keys, entries_html, linked

ROOT = Path(__file__).resolve().parents[2]


def test_every_entry_is_read_whole() -> None:
    for key, entry in bibliography().items():
        assert {"author", "title", "year"} <= set(entry.fields), key
        assert entry.bibtex.count("{") == entry.bibtex.count("}")
        assert key in entry.bibtex.splitlines()[0]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (
            "navascues2008",
            "characterizing the set of quantum correlations, New Journal of Physics 10, 073013 (2008)",
        ),
        ("jencova2024", "Anna Jenčová"),
        ("larsson2001", "Jan-Åke Larsson"),
        ("christandl2004", "“Squashed entanglement”: an additive entanglement measure"),
        ("zhang2022", "Wei Zhang et al."),
    ],
)
def test_entries_as_text(key: str, text: str) -> None:
    assert text in str(bibliography()[key])


def test_no_tex_is_left_in_the_text() -> None:
    assert not [key for key, entry in bibliography().items() if re.search(r"[\\{}]", str(entry))]


def test_the_entry_of_the_package_is_that_of_its_citation_file() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    entry = bibliography()[SOFTWARE]
    assert entry.fields["title"] in citation
    assert f"version: {entry.fields['version']}\n" in citation
    assert entry.fields["version"] == keybounds.__version__


def test_references_are_taken_apart() -> None:
    assert cited_keys(["devetak2005, Theorem 10; frenkel2023"]) == ("devetak2005", "frenkel2023")
    assert cited_keys(["this project"]) == (SOFTWARE,)
    assert cited_keys(["nothing at all"]) == ()


def test_a_claim_brings_its_own_source() -> None:
    assert set(cited_keys(["this project, claim renyi-privacy-amplification"])) == {SOFTWARE, "dupuis2023"}


def test_cite_prints_each_source_of_a_result_once(tmp_path: Path) -> None:
    rows = [{"reference": "pironio2009, Eq. (11)"}, {"reference": "pironio2009; this project, claim flagged-mixtures"}]
    result = tmp_path / "result.json"
    result.write_text(json.dumps({"rows": rows, "title": "devetak2005 is no reference here"}))
    text = cite([str(result), "pironio2009"])
    assert text.count("@article{pironio2009,") == 1
    assert f"@software{{{SOFTWARE}," in text
    assert "% claims of this project: flagged-mixtures" in text
    assert "devetak2005" not in text


def test_cite_refuses_what_is_neither(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'pironio2009'"):
        cite(["pironio2010"])
    for content in ("not json", "{}", '{"reference": "nobody"}'):
        (tmp_path / "f.json").write_text(content)
        with pytest.raises(DataFileError, match="a result or a certificate"):
            cite([str(tmp_path / "f.json")])


def test_links_lead_to_entries_and_leave_tags_alone() -> None:
    markup = linked('<td title="ho2020">ho2020; this project, claim crossings</td>')
    assert markup == (
        '<td title="ho2020"><a href="#ref-ho2020">ho2020</a>; '
        f'<a href="#ref-{SOFTWARE}">this project</a>, claim crossings</td>'
    )
    assert '<li id="ref-ho2020">' in entries_html(["ho2020"])

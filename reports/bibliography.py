"""Sources: what a reference cites, as BibTeX, and as text for a page.

A reference names keys of ``refs.bib``, with equations, and claims of this project: "devetak2005, Theorem 10;
frenkel2023; this project, claim er-exact". Whoever uses a claim uses its own source too.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path

from keybounds.errors import DataFileError, UnknownNameError

SOFTWARE = "keybounds2026"
"""Key of the package itself, for "this project"."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the bibliography.

    Attributes
    ----------
    key, kind, fields
        What stands in BibTeX, the fields without their outer braces.
    bibtex
        The entry as it stands in the file.
    """

    key: str
    kind: str
    fields: Mapping[str, str]
    bibtex: str

    def __str__(self) -> str:
        """Author, title, where and when, in plain text."""
        of = {name: _plain(text) for name, text in self.fields.items()}
        names = [" ".join(reversed(name.split(", ", 1))) for name in of["author"].split(" and ")]
        place = [of[name] for name in ("journal", "booktitle", "series", "publisher") if name in of]
        numbers = " ".join([of.get("volume", ""), *([of["pages"]] if "pages" in of else [])]).strip().replace(" ", ", ")
        where = ", ".join(place) + (f" {numbers}" if numbers else "")
        version = f"version {of['version']}" if "version" in of else ""
        parts = [", ".join(names).replace(", others", " et al."), of["title"], where, version]
        note = f"; {of['note']}" if "note" in of else ""
        return f"{', '.join(part for part in parts if part)} ({of['year']}){note}"


@cache
def bibliography() -> Mapping[str, Entry]:
    """Every entry of ``refs.bib`` by its key, in the order of the file."""
    text = resources.files("keybounds.reports").joinpath("refs.bib").read_text(encoding="utf-8")
    entries = (_entry(part.strip()) for part in re.split(r"^(?=@)", text, flags=re.MULTILINE) if part.strip())
    return {entry.key: entry for entry in entries}


def cited_keys(references: Iterable[str]) -> tuple[str, ...]:
    """Keys of the bibliography that references name, in the order of the bibliography.

    "This project" is `SOFTWARE`; a claim brings what its own source names.
    """
    texts = list(references)
    named = {name for text in texts for name in _claims_named(text)}
    texts += _sources_of(named) if named else []
    words = {word for text in texts for word in re.findall(r"\w+", text)}
    found = {key for key in bibliography() if key in words}
    if any("this project" in text for text in texts):
        found.add(SOFTWARE)
    return tuple(key for key in bibliography() if key in found)


def cite(what: Iterable[str]) -> str:
    """BibTeX of some keys, and of everything that results and certificates in JSON files rest on.

    Parameters
    ----------
    what
        Keys of the bibliography, and files that a command wrote with ``--format json``, or certificates.

    Raises
    ------
    UnknownNameError
        Neither a key nor a file; the message offers the nearest keys.
    DataFileError
        A file that is no JSON, or names no source.
    """
    keys: list[str] = []
    claims: set[str] = set()
    for one in what:
        if one in bibliography():
            keys.append(one)
        elif Path(one).is_file():
            references = _references_in(Path(one))
            keys += cited_keys(references)
            claims |= {name for text in references for name in _claims_named(text)}
        else:
            close = " or ".join(map(repr, get_close_matches(one, bibliography(), cutoff=0.5)))
            hint = f" (did you mean {close}?)" if close else ""
            raise UnknownNameError("source", "a key of the bibliography, or a file in JSON", f"{one!r}{hint}")
    used = f"% claims of this project: {', '.join(sorted(claims))}\n" if claims else ""
    return used + "\n".join(bibliography()[key].bibtex for key in dict.fromkeys(keys)) + "\n"


def linked(markup: str) -> str:
    """HTML in whose text every key of the bibliography is a link to its entry, ``#ref-KEY``."""
    named = re.compile(rf"\b({'|'.join(map(re.escape, bibliography()))}|this project)\b")
    parts = re.split(r"(<[^>]*>)", markup)
    return "".join(part if part.startswith("<") else named.sub(_link, part) for part in parts)


def _link(found: re.Match[str]) -> str:
    return f'<a href="#ref-{found[0] if found[0] in bibliography() else SOFTWARE}">{found[0]}</a>'


def _references_in(path: Path) -> list[str]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise DataFileError(str(path), "a result or a certificate in JSON", str(error)) from None
    found = list(dict.fromkeys(_references(document)))
    if not cited_keys(found):
        raise DataFileError(str(path), "a result or a certificate, which name their sources", "none")
    return found


def _references(part: object) -> Iterator[str]:
    """Every text under "reference", and under "source" as tables and claims have it."""
    if isinstance(part, Mapping):
        for name, value in part.items():
            if name in ("reference", "source") and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _claims_named(reference: str) -> list[str]:
    """Names of claims in "…; this project, claims er-exact and crossings"."""
    return [
        name
        for listed in re.findall(r"this project, claims? ([^;]*)", reference)
        for name in re.findall(r"[a-z]+(?:-[a-z]+)+|[a-z]{4,}", listed)
    ]


def _sources_of(names: Iterable[str]) -> list[str]:
    from keybounds.proofs.claims import claims

    wanted = set(names)
    return [claim.source for claim in claims() if claim.name in wanted]


def _entry(text: str) -> Entry:
    head = re.match(r"@(\w+)\{(\w+),", text)
    if head is None:
        raise AssertionError(f"no entry of a bibliography: {text[:40]!r}")
    return Entry(head[2], head[1], dict(_fields(text[head.end() :])), text)


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Names and values ``name = {value}``, with the braces inside balanced."""
    for start in re.finditer(r"(\w+)\s*=\s*\{", text):
        depth, end = 1, start.end()
        if text.count("{", 0, start.start()) != text.count("}", 0, start.start()):
            continue  # inside another value
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield start[1], text[start.end() : end - 1]


_ACCENTS = {"'": "\u0301", "`": "\u0300", '"': "\u0308", "^": "\u0302", "~": "\u0303", "v": "\u030c"}
_LETTERS = {r"\l": "ł", r"\L": "Ł", r"\AA": "Å", r"\o": "ø", r"\ss": "ß", r"\i": "ı"}


def _plain(text: str) -> str:
    r"""Text of a field without TeX: ``{\v{c}}`` is č, and ``--`` an en dash."""
    text = re.sub(
        r"\\(['`\"^~v])\s*\{?\\?(\w)\}?",
        lambda found: unicodedata.normalize("NFC", found[2] + _ACCENTS[found[1]]),
        text,
    )
    text = re.sub(r"\\[A-Za-z]+", lambda found: _LETTERS.get(found[0], found[0]), text)
    return text.replace("{", "").replace("}", "").replace("--", "–").replace("``", "“").replace("''", "”")


def entries_html(keys: Iterable[str]) -> str:
    """The bibliography of a page, an item a key, each the target of its links."""
    items = (f'<li id="ref-{key}"><b>{key}</b> {html.escape(str(bibliography()[key]))}</li>' for key in keys)
    return "<ul>\n" + "\n".join(items) + "\n</ul>\n"

"""A TOML file that knows on which line each of its keys stands, so that an error can say where."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from keybounds.errors import DataFileError, UnknownNameError

Path = tuple[str, ...]

_PART = r"""(?:"[^"\n]*"|'[^'\n]*'|[A-Za-z0-9_-]+)"""
_KEY = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")
_HEADER = re.compile(rf"\s*\[\s*({_PART}(?:\s*\.\s*{_PART})*)\s*\]")


@dataclass(frozen=True, slots=True)
class TomlFile:
    """The content of a TOML file, its decimal numbers as they stand there, and the places of its keys."""

    name: str
    content: Mapping[str, Any]
    lines: Mapping[Path, int]

    @classmethod
    def of(cls, text: str, name: str) -> TomlFile:
        """Read a text.

        Raises
        ------
        DataFileError
            No TOML; the message has line and column.
        """
        try:
            content = tomllib.loads(text, parse_float=Decimal)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise DataFileError(name, "TOML", str(error)) from None
        return cls(name, content, _lines(text))

    def place(self, *path: str) -> str:
        """File, line and key, as an error names them; an inline table's keys stand on its own line."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return f"{self.name}, line {self.lines[path[:length]]}, {'.'.join(path)}"
        return f"{self.name}, {'.'.join(path)}" if path else self.name

    def error(self, path: Iterable[str], expected: str, found: str) -> DataFileError:
        """An error about what stands at a key."""
        return DataFileError(self.place(*path), expected, found)

    def check_names(self, path: Path, entry: Mapping[str, Any], known: Iterable[str]) -> None:
        """Refuse a key that is not known, with the nearest one.

        Raises
        ------
        UnknownNameError
            It is not.
        """
        names = tuple(known)
        for name in entry:
            if name not in names:
                raise UnknownNameError.among(self.place(*path, name), name, names)

    def table(self, *path: str) -> Mapping[str, Any]:
        """The table at a key, empty where there is none.

        Raises
        ------
        DataFileError
            Something else stands there.
        """
        found: Any = self.content
        for name in path:
            found = found.get(name, {})
            if not isinstance(found, dict):
                raise self.error(path, "a table", shown(found))
        return found  # type: ignore[no-any-return]


def shown(value: object) -> str:
    """A value as it would be typed."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    return repr(value)


def _lines(text: str) -> dict[Path, int]:
    found: dict[Path, int] = {}
    above: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if (header := _HEADER.match(line)) is not None:
            above = _parts(header[1])
            found.setdefault(above, number)
        elif (key := _KEY.match(line)) is not None:
            parts = _parts(key[1])
            for length in range(1, len(parts) + 1):
                found.setdefault(above + parts[:length], number)
    return found


def _parts(key: str) -> Path:
    return tuple(part.strip("\"'") for part in re.findall(_PART, key))

"""Verify the certificates in the files named on the command line: exit 0 accepted, 1 rejected, 2 unreadable."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path

from . import verify_text
from .reading import MOST_CHARACTERS


def main(names: list[str]) -> int:
    """Verify each file; return the exit status, the worst of all."""
    status = 0
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # where the terminal has no Greek
    for name in names:
        try:
            with Path(name).open("rb") as file:
                text = file.read(4 * MOST_CHARACTERS + 1).decode()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            sys.stderr.write(f"{name!r}: {reason}\n")
            status = 2
            continue
        verdict = verify_text(text)
        sys.stdout.write(f"{name!r}\n{verdict}\n")
        status = max(status, 0 if verdict.accepted else 1 if verdict.readable else 2)
    return status


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.stderr.write("usage: python -m verifier CERTIFICATE.json ...\n")
        sys.exit(2)
    sys.exit(main(sys.argv[1:]))

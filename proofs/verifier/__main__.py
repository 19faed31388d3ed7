"""Verify the certificates in the files named on the command line."""

from __future__ import annotations

import sys
from io import TextIOWrapper

from .effort import MEGABYTES, SECONDS
from .guard import verify_file

HELP = f"""usage: python -m verifier CERTIFICATE.json ...

Each document may take {SECONDS} seconds of computing time and {MEGABYTES} megabytes of memory. The exit status is the
greatest of the verdicts': 0 accepted, 1 rejected, 2 unreadable, 3 not checked (more than this verifier takes).
"""


def main(names: list[str]) -> int:
    """Verify each file; return the exit status, the greatest of all."""
    status = 0
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # where the terminal has no Greek
    for name in names:
        verdict = verify_file(name)
        sys.stdout.write(f"{name!r}\n{verdict}\n")
        status = max(status, verdict.status)
    return status


if __name__ == "__main__":
    if len(sys.argv) < 2 or {"-h", "--help"} & {*sys.argv[1:]}:
        asked = len(sys.argv) > 1
        (sys.stdout if asked else sys.stderr).write(HELP)
        sys.exit(0 if asked else 2)
    sys.exit(main(sys.argv[1:]))

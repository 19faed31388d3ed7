"""Verify the certificates in the files named on the command line: exit 0 accepted, 1 rejected, 2 unreadable."""

from __future__ import annotations

import sys
from pathlib import Path

from . import verify_text


def main(names: list[str]) -> int:
    """Verify each file; return the exit status, the worst of all."""
    status = 0
    for name in names:
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            sys.stderr.write(f"{name}: {error}\n")
            status = 2
            continue
        verdict = verify_text(text)
        sys.stdout.write(f"{name}\n{verdict}\n")
        status = max(status, 0 if verdict.accepted else 1)
    return status


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.stderr.write("usage: python -m verifier CERTIFICATE.json ...\n")
        sys.exit(2)
    sys.exit(main(sys.argv[1:]))

"""``python -m keybounds``: the command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; an interrupt is one line, while modules are loaded too."""
    try:
        from keybounds.cli import run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("keybounds: interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    main()

"""``python -m keybounds``: the command line."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from keybounds.cli import run

    run()


if __name__ == "__main__":
    main()

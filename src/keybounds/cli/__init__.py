"""The command line. Each verb is a call of the library with its result printed; see ``keybounds --help``.

Exit status: 0 on success, 2 on bad input (one line on stderr: what was wrong, expected, found), 1 where a bound could
not be established.
"""

from keybounds.cli import campaigns, correlations, design, finite, keys, platforms, proofs, publication  # noqa: F401 - for verbs
from keybounds.cli.app import app
from keybounds.cli.program import run

__all__ = ["app", "run"]

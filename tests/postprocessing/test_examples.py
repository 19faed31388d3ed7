"""The examples run as they are, and say what they should."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_two_processes_share_a_key() -> None:
    script = EXAMPLES / "two_processes.py"
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=240)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.splitlines()[1:3]) == ["alice: key active", "bob: key active"]
    assert re.search(r"^\d{4,} bits, equal; 256 bits used up$", done.stdout, re.MULTILINE)

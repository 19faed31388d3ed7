from __future__ import annotations

import pytest

from keybounds.proofs import Report, prove


@pytest.fixture(scope="session")
def reports() -> dict[str, Report]:
    """Every claim, run once for the whole session: about ten seconds."""
    return {report.name: report for report in prove()}

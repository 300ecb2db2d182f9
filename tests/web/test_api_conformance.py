"""Both APIs keep to their descriptions, whatever schemathesis sends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench" / "api_conformance.py"


@pytest.mark.slow
@pytest.mark.parametrize("api", ["public", "management"])
def test_no_answer_is_a_fault_or_breaks_the_description(api: str) -> None:
    done = subprocess.run(
        [sys.executable, str(BENCH), "--only", api, "--examples", "10"],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, f"{done.stdout[-20_000:]}{done.stderr[-4_000:]}"
    assert "cases:" in done.stdout

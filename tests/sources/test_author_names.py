"""Names are written as they are spoken, whichever way a source writes them."""

from __future__ import annotations

import pytest

from digest.sources.author_names import first_name_first


@pytest.mark.parametrize(
    ("written", "spoken"),
    [("Doe, J. A.", "J. A. Doe"), ("J. A. Doe", "J. A. Doe"), ("Doe,", "Doe"), (" , J.", "J.")],
)
def test_the_first_name_comes_first(written: str, spoken: str) -> None:
    assert first_name_first(written) == spoken

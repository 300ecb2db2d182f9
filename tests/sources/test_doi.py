"""A DOI is found where it stands in a text or an address, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from digest.sources.doi import find_doi


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1000/182", "10.1000/182"),
        ("doi:10.1000/AbC.1", "10.1000/AbC.1"),
        ("https://doi.org/10.1000/182?from=feed", "10.1000/182"),
        ("110.1000/182", None),
        ("10.10/182", None),
        ("", None),
    ],
)
def test_a_doi_is_found(text: str, doi: str | None) -> None:
    assert find_doi(text) == doi

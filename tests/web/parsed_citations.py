"""Citation files as the programs read them that keep references."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    bibtexparser: Any = pytest.importorskip("bibtexparser", reason="needs the dev extra")


def bibtex_titles(text: str) -> set[str]:
    """The titles of a BibTeX file, as bibtexparser reads it; fails on a block that it cannot read."""
    library = bibtexparser.parse_string(text)
    assert library.failed_blocks == []
    return {re.sub("[{}]", "", entry["title"]) for entry in library.entries}


def ris_titles(text: str) -> set[str]:
    """The titles of an RIS file, as rispy reads it."""
    rispy: Any = pytest.importorskip("rispy", reason="needs the dev extra")
    return {entry["title"] for entry in rispy.loads(text)}

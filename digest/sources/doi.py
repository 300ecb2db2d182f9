"""Find DOIs (digital object identifiers) in texts and addresses; the one owner of their pattern.

Source: https://www.doi.org/doi-handbook/HTML/doi-name-syntax.html.
"""

from __future__ import annotations

import re

DOI_PREFIX = r"10\.\d{4,9}/"
"""The pattern of the part that every DOI begins with, to be put into longer ones."""

_DOI = re.compile(rf"\b{DOI_PREFIX}[^\s?#\"<>]{{1,200}}")


def find_doi(text: str) -> str | None:
    """Give the first DOI in ``text`` as it is written there, else ``None``."""
    match = _DOI.search(text)
    return match[0] if match else None

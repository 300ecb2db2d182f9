"""The arXiv's identifiers as they stand in texts and addresses; the one owner of their pattern.

Source: https://info.arxiv.org/help/arxiv_identifier.html. ``2606.01234`` since April 2007,
``math.GT/0309136`` before, each perhaps with a version (``v2``).
"""

from __future__ import annotations

import re

UNVERSIONED_ID = r"\d{4}\.\d{4,5}|[a-z][a-z-]*(?:\.[A-Z]{2})?/\d{7}"
"""The pattern of an id without a version."""
ARXIV_ID = rf"({UNVERSIONED_ID})(?:v\d+)?"
"""The pattern of an id, to be put into longer ones; its only group is the id without the version.
Addresses have it as it is, texts in any case (``re.IGNORECASE``)."""

_WHOLE = re.compile(
    rf"(?:arxiv\s*+(?:[:.]\s*+)?|(?:doi:)?10\.48550/arxiv\.)?{ARXIV_ID}$", re.IGNORECASE
)
_UNVERSIONED = re.compile(UNVERSIONED_ID)
_VERSION = re.compile(r"\d{4}\.\d{4,5}v(\d{1,3})\b|/\d{7}v(\d{1,3})\b")


def is_arxiv_id(identifier: str) -> bool:
    """Tell whether it is an arXiv identifier, new (2007) or old style, without a version."""
    return _UNVERSIONED.fullmatch(identifier) is not None


def arxiv_version(text: str) -> int | None:
    """Give the version of the first id in ``text`` that has one, else ``None``."""
    match = _VERSION.search(text)
    return int(match[1] or match[2]) if match else None


def arxiv_id(text: str) -> str | None:
    """Give the arXiv id that ``text`` is, in lower case and without its version, else ``None``.

    Read are ``2606.01234v2``, ``arXiv:2606.01234`` and the DOI ``10.48550/arXiv.2606.01234``.
    """
    match = _WHOLE.match(text)
    return match[1].lower() if match else None

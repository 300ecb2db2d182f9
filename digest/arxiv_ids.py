"""The arXiv's identifiers as they stand in texts and addresses; the one owner of their pattern.

Source: https://info.arxiv.org/help/arxiv_identifier.html. ``2606.01234`` since April 2007,
``math.GT/0309136`` before, each perhaps with a version (``v2``).
"""

from __future__ import annotations

import re

ARXIV_ID = r"(\d{4}\.\d{4,5}|[a-z][a-z-]*(?:\.[a-z]{2})?/\d{7})(?:v\d+)?"
"""The pattern of an id, to be put into longer ones with ``re.IGNORECASE``; its only group is the id
without the version."""

_WHOLE = re.compile(
    rf"(?:arxiv\s*+(?:[:.]\s*+)?|(?:doi:)?10\.48550/arxiv\.)?{ARXIV_ID}$", re.IGNORECASE
)


def arxiv_id(text: str) -> str | None:
    """Give the arXiv id that ``text`` is, in lower case and without its version, else ``None``.

    Read are ``2606.01234v2``, ``arXiv:2606.01234`` and the DOI ``10.48550/arXiv.2606.01234``.
    """
    match = _WHOLE.match(text)
    return match[1].lower() if match else None

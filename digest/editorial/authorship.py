"""Tell from the authors of two listings that they are two papers."""

from __future__ import annotations

from collections.abc import Sequence

from digest.editorial.normalise import normalised
from digest.model import Paper, Record


def has_other_authors(record: Record, paper: Paper) -> bool:
    """True if the authors of both are known by name, one list is whole, and no name is in both.

    Names are compared word by word, since sources order and shorten them differently; names of a
    single word may be a team's and say nothing.
    """
    if _is_part(record) and _is_part(paper):
        return False
    mine, theirs = _names(record.authors), _names(paper.authors)
    return bool(mine and theirs) and not mine & theirs


def shares_an_author(record: Record, paper: Paper) -> bool:
    """True if a full name is in both lists of authors, its words in any order."""
    mine, theirs = (
        {frozenset(words) for author in each.authors if len(words := _words(author)) > 1}
        for each in (record, paper)
    )
    return bool(mine & theirs)


def _is_part(listing: Record | Paper) -> bool:
    return len(listing.authors) < (listing.author_count or 0)


def _names(authors: Sequence[str]) -> set[str]:
    """All words of the names; nothing if one author has a single word, or no Latin letters."""
    names = [_words(author) for author in authors]
    if any(len(words) < 2 or not "".join(words).isascii() for words in names):
        return set()
    return {word for words in names for word in words if len(word) > 1}


def _words(author: str) -> list[str]:
    return normalised(author).split()

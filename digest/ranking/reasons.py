"""The reasons of a personal order, in words: each is true, and names what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from digest.model import Follow, FollowKind
from digest.ranking.offer import OfferedPaper
from digest.ranking.terms import plain_words

_LONGEST_TITLE = 60


def likeness_reason(title: str, *, voted: bool, seed_list: str = "") -> str:
    """Name the paper of the reader's that is most like the one shown."""
    if voted:
        return f"like “{_short(title)}”, which you voted for"
    if seed_list:
        return f"like “{_short(title)}”, on the list {seed_list}"
    return f"like “{_short(title)}”, which you named"


EXPLORED = "for variety: unlike what you usually choose"


def follow_reason(paper: OfferedPaper, follows: Iterable[Follow]) -> str:
    """Name the author or institution of the paper that is followed; ``""`` if none is."""
    for follow in follows:
        if follow.kind is FollowKind.AUTHOR:
            for author in paper.authors:
                if _is_same_person(author, follow.name):
                    return f"by {author}, whom you follow"
        else:
            for institution in paper.institutions:
                if _has(plain_words(institution), plain_words(follow.name)):
                    return f"from {institution}, which you follow"
    return ""


def _is_same_person(author: str, followed: str) -> bool:
    """True if both are one name, in either order ("Doe, Jane")."""
    words = sorted(plain_words(author))
    return bool(words) and words == sorted(plain_words(followed))


def _has(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """True if ``wanted`` stands in ``words``, word by word."""
    size = len(wanted)
    return size > 0 and any(
        words[start : start + size] == wanted for start in range(len(words) - size + 1)
    )


def _short(title: str) -> str:
    """A title that fits a line: cut between words, with an ellipsis."""
    title = " ".join(title.split())
    if len(title) <= _LONGEST_TITLE:
        return title
    return f"{title[:_LONGEST_TITLE].rpartition(' ')[0] or title[:_LONGEST_TITLE]}…"

"""Tell the topics of a paper, each with its confidence."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import InputError
from digest.library.values import PaperTopics, TopicConfidence
from digest.model import Record

if TYPE_CHECKING:
    from digest.editorial.topics import Topics


def classify(paper: Record, *, topics: Path | None = None) -> PaperTopics:
    """Tell which topics a paper contributes to, as editions sort it.

    ``topics`` is a topics file of your own (docs/topics.md); by default it is the one that ships with
    this program. A file is read once per process.

    :raises DigestError: if that file is wrong, or ``paper`` is none.
    """
    known = load(topics)
    shares, why = known.shares(require_paper(paper).title, paper.abstract)
    return PaperTopics(
        tuple(TopicConfidence(id, known.name(id), share) for id, share in shares), why
    )


def require_paper(paper: object) -> Record:
    """Return the paper. Raises `InputError` for anything else."""
    if isinstance(paper, Record):
        return paper
    raise InputError(
        f"expected a paper, not {type(paper).__name__!r}",
        mend="Take one from parse(…), or write digest.Record(title=…, abstract=…)",
    )


@lru_cache(maxsize=4)
def load(topics: Path | None) -> Topics:
    """The topics of that file, read once; those that ship with this program without one."""
    from digest.editorial.topics import load_topics

    return load_topics(Path(topics) if topics is not None else None)

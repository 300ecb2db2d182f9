"""Values that the library returns. Fields may be added, always with a default; none goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from digest.model import Record, Rejected


@dataclass(frozen=True, slots=True)
class ParsedPapers:
    """The papers of one list in its order, and what was left out.

    ``problems`` has a line for each piece that could not be used: what, and at which line of the
    input. ``shortfall`` says in words what is lacking beyond that (``"2 papers without an
    abstract"``), ``""`` if nothing. ``day`` is the day that the list itself shows. ``kind`` is the
    format of a list that a program wrote (``"JSON"``), ``""`` for a page for people.
    """

    papers: tuple[Record, ...]
    problems: tuple[Rejected, ...] = ()
    shortfall: str = ""
    day: date | None = None
    kind: str = ""

    def __iter__(self) -> Iterator[Record]:
        """Iterate over the papers."""
        return iter(self.papers)

    def __len__(self) -> int:
        """The number of papers."""
        return len(self.papers)


@dataclass(frozen=True, slots=True)
class TopicConfidence:
    """A topic of a paper. ``confidence`` is from 0 to 1; those of all topics there are add up to 1."""

    id: str
    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class PaperTopics:
    """The topics that apply to a paper, the surest first; never none: ``other`` where nothing is known.

    ``why`` has the phrases of the paper that decided for the first.
    """

    topics: tuple[TopicConfidence, ...]
    why: tuple[str, ...] = ()

    @property
    def primary(self) -> TopicConfidence:
        """The surest topic."""
        return self.topics[0]


@dataclass(frozen=True, slots=True)
class PaperMatch:
    """The answer to "are these two one paper?", with the reason in words.

    ``revised``: they are one, and the later one says something new. Without ``same`` it is false.
    """

    same: bool
    reason: str
    revised: bool = False


@dataclass(frozen=True, slots=True)
class RenderedDigest:
    """A digest as it is mailed: the subject, and both parts whole."""

    subject: str
    html: str
    text: str

"""An edition as a channel shows it: plain text and links, before any service's own writing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PostedPaper:
    """A paper: its title, its address and a sentence about it (``""`` without one)."""

    title: str
    url: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class PostContent:
    """Content of a post. All texts are of one line; none of them is trusted.

    ``topics`` are names with the number of new papers, the largest first. ``url`` is the edition's
    page, ``None`` for a list without pages. ``edition`` is the edition for programs, which only a
    webhook gets.
    """

    heading: str
    news: str
    papers_heading: str = ""
    papers: tuple[PostedPaper, ...] = ()
    topics: tuple[tuple[str, int], ...] = ()
    url: str | None = None
    url_label: str = "The whole edition"
    edition: Mapping[str, object] = field(default_factory=dict)

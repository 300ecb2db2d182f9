"""Details that sources give of a paper beyond its words: its class, its publication, its code.

Sources differ in what they know, so what several say of one paper is put together field by field:
a paper keeps the best of each, and the name of the source it is from.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum


class AnnounceType(StrEnum):
    """The way in which arXiv announces a paper (``arxiv:announce_type`` of its RSS)."""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"


@dataclass(frozen=True, slots=True)
class PaperDetails:
    """Details that sources give of a paper; any may be missing.

    ``categories`` are a taxonomy's own codes, the primary one first (``cs.LG``); ``licence`` is a
    name or an address; ``affiliations`` are of the authors together; ``stars`` are those of the
    code's repository; ``media`` are addresses of figures and films; ``source_summary`` is the
    source's own one-sentence summary, which is not the authors'; ``comment`` the authors' remark
    (arXiv's *Comments*), ``venue`` where it was published; ``version`` counts from 1.
    """

    doi: str | None = None
    categories: tuple[str, ...] = ()
    licence: str | None = None
    affiliations: tuple[str, ...] = ()
    stars: int | None = None
    media: tuple[str, ...] = ()
    source_summary: str = ""
    comment: str = ""
    venue: str = ""
    version: int | None = None


NO_DETAILS = PaperDetails()
_CHANGING = frozenset({"stars", "version"})
"""What a later reading knows better than an earlier one."""
_GROWING = frozenset({"categories", "affiliations", "media"})
"""Lists of which the longer one is better."""


def merged_details(
    known: PaperDetails, given: PaperDetails, *, latest: bool
) -> tuple[PaperDetails, tuple[str, ...]]:
    """Merge the known details with those that a source gives now.

    Returns them, and the names of the fields that were taken from the source.
    ``latest`` says that no later reading of the paper is known.
    """
    taken: dict[str, object] = {}
    for field in fields(PaperDetails):
        before, now = getattr(known, field.name), getattr(given, field.name)
        if now in (None, "", ()) or now == before:
            continue
        if before in (None, "", ()):
            taken[field.name] = now
        elif field.name in _CHANGING:
            if latest:
                taken[field.name] = now
        elif field.name in _GROWING and len(now) > len(before):
            taken[field.name] = now
    return (replace(known, **taken) if taken else known), tuple(taken)  # type: ignore[arg-type]

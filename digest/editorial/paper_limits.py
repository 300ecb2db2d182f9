"""The limits of a paper's texts, and one that is plain because it could not be prepared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from digest.editorial.sentences import sentences
from digest.model import PaperDetails, Record

LONGEST_TITLE = 1_000
"""Characters of a title that are kept; real ones have at most about 300."""
LONGEST_ABSTRACT = 5_000
"""Characters of an abstract that are kept: arXiv's own limit is 1,920, that of journals of medicine
about 3,500; a hundred hostile ones of this length still cost little more than honest ones."""
LONGEST_SUMMARY = 1_000
"""Characters of a source's own summary, and of the authors' comment, that are kept."""
LONGEST_DETAIL, LONGEST_ADDRESS = 300, 2_000
"""Characters of a name, a code or an address that are kept."""
MOST_OF_A_DETAIL = 50
"""Categories, affiliations or figures that are kept of a paper."""
SECONDS_FOR_A_PAPER = 2.0
"""Processor seconds in which a paper must be prepared; an honest one takes about 0.002."""
SECONDS_FOR_A_DUMP, SECONDS_FOR_EACH = 10.0, 0.02
"""Processor seconds in which a dump must be compared with the memory: so many, and as many again for
each of its papers. An honest paper takes about 0.005."""


def fitted(record: Record) -> tuple[Record, tuple[str, ...]]:
    """The record within the limits of length, and what of it was cut, in words for people."""
    cuts = []
    changed: dict[str, str] = {}
    for name, text, limit in (
        ("title", record.title, LONGEST_TITLE),
        ("abstract", record.abstract, LONGEST_ABSTRACT),
    ):
        if len(text) > limit:
            changed[name] = cut(text, limit)
            cuts.append(f"its {name} has {len(text):,} characters, of which {limit:,} are kept")
    details = _fitted_details(record.details)
    if details != record.details:
        record = replace(record, details=details)
    return (replace(record, **changed) if changed else record), tuple(cuts)  # type: ignore[arg-type]


def _fitted_details(details: PaperDetails) -> PaperDetails:
    """The details within the limits of length: their texts cut, what is too long to be true left out."""
    return replace(
        details,
        doi=_unless_longer(details.doi, LONGEST_DETAIL),
        licence=_unless_longer(details.licence, LONGEST_DETAIL),
        categories=_shorter_ones(details.categories, LONGEST_DETAIL),
        affiliations=_shorter_ones(details.affiliations, LONGEST_DETAIL),
        media=_shorter_ones(details.media, LONGEST_ADDRESS),
        source_summary=cut(details.source_summary, LONGEST_SUMMARY),
        comment=cut(details.comment, LONGEST_SUMMARY),
        venue=cut(details.venue, LONGEST_DETAIL),
    )


def _unless_longer(text: str | None, limit: int) -> str | None:
    return text if text is not None and len(text) <= limit else None


def _shorter_ones(texts: tuple[str, ...], limit: int) -> tuple[str, ...]:
    return tuple(text for text in texts if len(text) <= limit)[:MOST_OF_A_DETAIL]


def cut(text: str, limit: int) -> str:
    """``text`` of at most ``limit`` characters: cut after a sentence or a word, with ``…``."""
    if len(text) <= limit:
        return text
    head = text[: limit - 2]
    whole = " ".join(sentences(head)[:-1])
    if len(whole) < limit // 2:
        whole = head.rpartition(" ")[0]
    if len(whole) < limit // 2:
        whole = head
    return f"{whole.rstrip()[: limit - 2]} …"


class OutOfTime(Exception):  # noqa: N818 - a reason that is told, not an error of the program
    """Preparing a text took more processor time than it may."""


@dataclass(slots=True)
class Budget:
    """The processor time that a paper, or judging a dump, may take; asked between steps, since none is endless."""

    spent: Callable[[], float]
    seconds: float = SECONDS_FOR_A_PAPER
    _began: float = 0.0

    @property
    def is_used_up(self) -> bool:
        """True once more time has passed than there was."""
        return self.spent() - self._began > self.seconds

    def begin(self) -> None:
        """Begin anew, for the next paper."""
        self._began = self.spent()

    def check(self) -> None:
        """Raise `OutOfTime` if it is used up."""
        if self.is_used_up:
            raise OutOfTime(f"took more than {self.seconds:g} s")

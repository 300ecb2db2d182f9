"""Readings of sources: what is remembered of each, and what is held as implausible."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class HoldReason(StrEnum):
    """The kind of implausibility for which a reading is held."""

    FEW = "few"
    MANY = "many"
    NOTHING_KNOWN = "nothing-known"
    NOT_UNDERSTOOD = "not-understood"
    NOT_PAPERS = "not-papers"


@dataclass(frozen=True, slots=True)
class SourceReading:
    """One reading of one source in figures.

    ``source`` is the configured location: a folder's readings are its files'. ``known`` counts the
    papers that were remembered before; ``understood`` is the share (0 to 1) of `Dump.understood`.
    ``fields`` has the share of papers that have each field, in steps of a twentieth.
    """

    source: str
    day: date
    read_at: datetime
    papers: int
    known: int
    understood: float = 1.0
    fields: tuple[tuple[str, float], ...] = ()

    @property
    def known_share(self) -> float:
        """The share (0 to 1) of its papers that were known."""
        return self.known / self.papers if self.papers else 0.0


@dataclass(frozen=True, slots=True)
class HeldReading:
    """A reading that is kept aside, whole, until the operator or a good reading decides.

    ``words`` says what is implausible. ``passed_at`` is when a plausible reading of the same source
    came after it, and ``unconfirmed`` how many of its papers were still unknown then (``None``
    before).
    """

    id: int
    reading: SourceReading
    location: str
    reason: HoldReason
    words: str
    held_at: datetime
    passed_at: datetime | None = None
    unconfirmed: int | None = None

    @property
    def line(self) -> str:
        """The hold in one plain line: what, where, and what to do."""
        if self.passed_at is not None:
            return (
                f"{self.location}: {self.words}; a later good reading lacks {self.unconfirmed:,} "
                "of its papers. See them with: digest preview "
                f"--held {self.id}. Accept them with: digest publish --anyway {self.id}"
            )
        return (
            f"{self.location}: held, so it is not published: {self.words}. See it with: digest "
            f"preview --held {self.id}. If it is right: digest publish --anyway {self.id}"
        )

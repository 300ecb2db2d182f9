"""Judge whether a reading looks like papers, and like the source it comes from.

The usual of a source is what its readings so far were: their number of papers, the share of them
that was known, the share of the page that was understood. Far from all of that is implausible, and
a person should look before it is mailed to a whole list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from digest.model import HoldReason, Record, SourceReading

ENOUGH = 5
"""Readings that make a usual."""
LATELY = 30
"""Readings whose median is the usual number of papers."""
FACTOR = 10
NEAR = 2
"""A reading that has at most twice (or at least half) the papers of one before it is nothing new."""
LEAST_MANY = 30
"""Papers below which nothing is too many: a feed of one paper a day has ten after a holiday."""
LEAST_UNKNOWN = 5
"""Papers that must all be unknown before that says anything."""
OVERLAP = 1 / 3
"""Share that each reading had in common with the memory, where overlapping is usual. Daily pages
and feeds bring only new papers on some days: of eleven real days of one, nine had nothing known."""
LEAST_UNDERSTOOD = 0.7
"""Share of a page below which it was not understood. Of 86 real captures and dumps all are above."""
MOSTLY = 0.5
_LONGEST_GAP = 3
_LONGEST_TITLE = 400
_SHORTEST_ABSTRACT = 40
_DIGITS = {ord(digit): None for digit in "0123456789"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of a reading: ``reason`` is ``None`` if it is plausible; ``words`` for people."""

    reason: HoldReason | None = None
    words: str = ""

    @property
    def plausible(self) -> bool:
        """True if nothing speaks against it."""
        return self.reason is None


PLAUSIBLE = Verdict()


def judge_reading(
    reading: SourceReading, records: Sequence[Record], history: Sequence[SourceReading]
) -> Verdict:
    """Judge one reading beside those of its source that were taken in, oldest first.

    ``records`` are what it read. Without `ENOUGH` history only the page itself is looked at.
    """
    return (
        _strange(records)
        or _not_understood(reading, history)
        or _unusual(reading, records, history)
        or PLAUSIBLE
    )


def _strange(records: Sequence[Record]) -> Verdict | None:
    """Entries of which most have nothing of a paper, or are one entry over and over."""
    unvouched = [record for record in records if not record.external_id]
    unlike = [record for record in unvouched if _is_unlike(record)]
    if len(unlike) > MOSTLY * len(records):
        return Verdict(
            HoldReason.NOT_PAPERS,
            f"{len(unlike):,} of its {len(records):,} entries do not look like papers",
        )
    titles = {record.title.casefold().translate(_DIGITS) for record in unvouched}
    repeated = len(unvouched) - len(titles)
    if len(unvouched) >= ENOUGH and repeated > MOSTLY * len(records):
        return Verdict(
            HoldReason.NOT_PAPERS, f"most of its {len(records):,} titles differ in a number only"
        )
    return None


def _is_unlike(record: Record) -> bool:
    title, abstract = record.title.strip(), record.abstract.strip()
    letters = sum(map(str.isalpha, title))
    solid = sum(not character.isspace() for character in title)
    bare = not abstract and not record.authors and record.author_count is None
    return (
        letters < 2
        or letters < solid / 2
        or len(title) > _LONGEST_TITLE
        or "://" in title
        or (bare and len(title.split()) <= 2 and title.isascii())
        or 0 < len(abstract) < _SHORTEST_ABSTRACT
    )


def _not_understood(reading: SourceReading, history: Sequence[SourceReading]) -> Verdict | None:
    if reading.understood >= LEAST_UNDERSTOOD:
        return None
    if not history:
        words = "and it is the first reading of this source"
    elif reading.understood < median(r.understood for r in history[-LATELY:]) / NEAR:
        words = "far less than usual"
    else:
        return None
    share = f"only {reading.understood:.0%} of it was understood"
    return Verdict(HoldReason.NOT_UNDERSTOOD, f"{share}, {words}")


def _unusual(
    reading: SourceReading, records: Sequence[Record], history: Sequence[SourceReading]
) -> Verdict | None:
    if len(history) < ENOUGH:
        return None
    usual = median(r.papers for r in history[-LATELY:])
    counted = f"{reading.papers:,} {'paper' if reading.papers == 1 else 'papers'}"
    sizes = [r.papers for r in history]
    few = reading.papers * FACTOR <= usual and reading.papers * NEAR < min(sizes)
    if few and not _begins_anew(reading, records, history):
        return Verdict(HoldReason.FEW, f"{counted}, usually about {usual:,.0f}")
    many = reading.papers >= max(usual * FACTOR, NEAR * max(sizes), LEAST_MANY)
    if many and not (_long_ago(reading, history) and _are_vouched(records)):
        return Verdict(HoldReason.MANY, f"{counted}, usually about {usual:,.0f}")
    alien = reading.known == 0 and reading.papers >= LEAST_UNKNOWN and _overlaps(history)
    if alien and not _long_ago(reading, history) and not _begins_anew(reading, records, history):
        share = median(r.known_share for r in history[1:])
        return Verdict(
            HoldReason.NOTHING_KNOWN,
            f"none of its {counted} is known, usually about {share:.0%} are",
        )
    return None


def _overlaps(history: Sequence[SourceReading]) -> bool:
    """True where every reading but the first, which had no memory yet, had known papers."""
    return all(r.known_share >= OVERLAP for r in history[1:])


def _begins_anew(
    reading: SourceReading, records: Sequence[Record], history: Sequence[SourceReading]
) -> bool:
    """True for a list that may be short today: the first weekend, or the first change of day.

    Only where most of it has ids of papers, so that it is none of something else.
    """
    if not _are_vouched(records):
        return False
    days = {r.day for r in history}
    first_weekend = _weekend(reading) and not any(map(_weekend, history))
    return first_weekend or (len(days) == 1 and reading.day not in days)


def _are_vouched(records: Sequence[Record]) -> bool:
    """True if most of them have ids of papers."""
    return sum(record.external_id is not None for record in records) >= MOSTLY * len(records)


def _weekend(reading: SourceReading) -> bool:
    return reading.day.weekday() >= 5


def _long_ago(reading: SourceReading, history: Sequence[SourceReading]) -> bool:
    """True after a break in which everything on the page may have changed, or much have come up."""
    days = sorted({r.day for r in history})
    gaps = [(after - before).days for before, after in pairwise(days)]
    return (reading.day - days[-1]).days > max([_LONGEST_GAP, *(NEAR * gap for gap in gaps)])

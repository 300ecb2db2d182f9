"""Compare a paper's votes with those that papers of the same list usually have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from digest.model import Paper, Sighting

_FEWEST_PAST = 30
"""Papers of the past that a usual number is told of; of fewer, the day's own papers are asked."""
_FEWEST_OF_THE_DAY = 10
_CLEARLY_MORE = 2.0
_AT_LEAST_MORE = 5
# A handful of votes is no news, however few are usual.
_FEWEST_TOLD = 10
# A rise is told when it is half as many again and ten votes at least.
_GROWN = 1.5
_GROWN_BY = 10


@dataclass(frozen=True, slots=True)
class UsualVotes:
    """The votes that are usual on a list.

    ``typical`` is the median of papers on their first day there, or of the day's own papers where
    the list has no past (``of_the_past`` is false then), ``None`` where too few have votes.
    ``most`` is the highest number among the day's new papers, if only one of them has it.
    """

    typical: int | None = None
    of_the_past: bool = True
    most: int | None = None


NO_VOTES_KNOWN = UsualVotes()


def usual_votes(today: Sequence[int], past: Mapping[int, int]) -> UsualVotes:
    """Work out what is usual.

    ``today`` has the votes of the day's new papers; ``past`` counts papers of the past weeks by the
    votes that they had on their first day.
    """
    top = max(today, default=0)
    most = top if len(today) >= _FEWEST_OF_THE_DAY and today.count(top) == 1 else None
    if sum(past.values()) >= _FEWEST_PAST:
        return UsualVotes(_median(past), True, most)
    if len(today) >= _FEWEST_OF_THE_DAY:
        counted = {votes: today.count(votes) for votes in today}
        return UsualVotes(_median(counted), False, most)
    return UsualVotes()


def _median(counts: Mapping[int, int]) -> int:
    """The lower median: half of the papers have so many or fewer."""
    half, reached = (sum(counts.values()) + 1) // 2, 0
    for votes in sorted(counts):
        reached += counts[votes]
        if reached >= half:
            return votes
    raise ValueError("no votes are counted")


def latest_votes(paper: Paper, seen: Sequence[Sighting]) -> int | None:
    """The votes of the paper at its last reading that has any; the paper's own without one."""
    counted = [(sighting.day, sighting.votes) for sighting in seen if sighting.votes is not None]
    return max(counted)[1] if counted else paper.votes


def vote_words(votes: int, seen: Sequence[Sighting], usual: UsualVotes) -> str:
    """A reason that the votes are, in words; ``""`` where they are as usual or nothing is known."""
    many = "1 vote" if votes == 1 else f"{votes:,} votes"
    grown = _growth(votes, seen)
    if grown:
        return f"{many}, {grown}"
    if usual.typical is None:
        return ""
    if votes < max(_CLEARLY_MORE * usual.typical, usual.typical + _AT_LEAST_MORE, _FEWEST_TOLD):
        return ""
    top = ", the most of its day" if usual.most == votes else ""
    return f"{many}{top} ({_usual_words(usual.typical, usual.of_the_past)})"


def _usual_words(typical: int, of_the_past: bool) -> str:
    if not typical:
        return f"half of the papers {'here' if of_the_past else 'of the day'} get none"
    return f"{typical:,} is usual here" if of_the_past else f"the day's median is {typical:,}"


def _growth(votes: int, seen: Sequence[Sighting]) -> str:
    """The rise since the first day on the list, where it is a clear one."""
    by_day: dict[date, int] = {}
    for sighting in seen:
        if sighting.votes is not None:
            by_day[sighting.day] = max(by_day.get(sighting.day, 0), sighting.votes)
    if len(by_day) < 2:
        return ""
    first, last = min(by_day), max(by_day)
    before = by_day[first]
    if votes < before + _GROWN_BY or votes < _GROWN * before:
        return ""
    days = (last - first).days
    return f"up from {before:,} {'a day' if days == 1 else f'{days} days'} before"

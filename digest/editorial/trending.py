"""Score how much a paper matters today, in parts that can each be said in words.

The score is a sum: votes, place on the page, days on the page, freshness, less what time has
faded. Which topics and phrases are rising is told by ``momentum`` and ``rising_phrases``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import log1p

from digest.editorial.bursts import rising_phrases
from digest.editorial.momentum import momentum
from digest.model import Paper, Sighting, Trend, TrendPart

__all__ = ["momentum", "rising_phrases", "trend_score"]

# A hundred votes a day, which the first papers of a strong day reach, are worth 1; ten half of it.
_MANY_VOTES = 100
_MOST_FOR_VOTES = 1.5
# The top of the page is worth as much as four votes a day: it breaks ties where there are votes
# and ranks where there are none.
_FOR_THE_TOP = 0.35
# Staying on the page is rare (most papers are listed once), so it counts, up to a week.
_FOR_A_DAY_MORE = 0.25
_MOST_DAYS = 5
_FOR_FRESH = 0.2
_FRESH_DAYS = 14
# A paper not on the page for a week has lost half.
_HALF_LIFE = 7.0


def trend_score(paper: Paper, sightings: Sequence[Sighting], *, day: date) -> Trend:
    """The trend score of a paper on ``day``, from when and where it was on the page.

    ``sightings`` in any order; without any, the paper's own first and last day and votes count.
    Later sightings than ``day`` are not looked at. Not negative; a strong paper has 1 or more.
    """
    seen = sorted(
        (sighting for sighting in sightings if sighting.day <= day),
        key=lambda sighting: sighting.day,
    )
    days = sorted({sighting.day for sighting in seen}) or [min(paper.first_seen, day)]
    parts = [
        part
        for part in (_votes(paper, seen, days), _place(seen, day), _stay(days), _fresh(paper, day))
        if part.value > 0
    ]
    total = sum(part.value for part in parts)
    absent = (day - days[-1]).days
    if absent > 0 and total > 0:
        lost = total * (1 - 0.5 ** (absent / _HALF_LIFE))
        parts.append(TrendPart("faded", -lost, f"last on the page {_ago(absent)}"))
        total -= lost
    return Trend(total, tuple(parts))


def _votes(paper: Paper, seen: Sequence[Sighting], days: Sequence[date]) -> TrendPart:
    counted = [(sighting.day, sighting.votes) for sighting in seen if sighting.votes is not None]
    day, votes = max(counted, default=(days[-1], paper.votes or 0))
    votes = max([votes, *(count for at, count in counted if at == day)])
    age = (day - days[0]).days + 1
    rate = max(votes, 0) / age
    value = min(log1p(rate) / log1p(_MANY_VOTES), _MOST_FOR_VOTES)
    many = "1 vote" if votes == 1 else f"{votes:,} votes"
    return TrendPart("votes", value, f"{many} in {'its first day' if age == 1 else f'{age} days'}")


def _place(seen: Sequence[Sighting], day: date) -> TrendPart:
    if not seen:
        return TrendPart("place", 0.0)
    last = seen[-1].day
    best = min(
        (sighting for sighting in seen if sighting.day == last),
        key=lambda sighting: (sighting.position - 1) / max(sighting.of, 1),
    )
    height = max(1 - (best.position - 1) / max(best.of, 1), 0.0)
    words = ""
    if best.of >= 5 and best.position <= max(best.of // 10, 5 if best.of >= 10 else 3):
        words = (
            "top of the page" if best.position == 1 else f"{_ordinal(best.position)} on the page"
        )
    return TrendPart("place", _FOR_THE_TOP * height**2, words)


def _stay(days: Sequence[date]) -> TrendPart:
    running = 1
    while running < len(days) and (days[-running] - days[-running - 1]).days == 1:
        running += 1
    extra = min(len(days) - 1, _MOST_DAYS)
    words = (
        f"on the page {running} days running"
        if running == len(days)
        else f"on the page on {len(days)} days"
    )
    return TrendPart("stay", _FOR_A_DAY_MORE * extra, words if extra else "")


def _fresh(paper: Paper, day: date) -> TrendPart:
    """Old papers come back to the page; between equals, the one that nobody has read goes first."""
    born = min(paper.published or paper.first_seen, day)
    age = (day - born).days
    return TrendPart("fresh", _FOR_FRESH * max(1 - age / _FRESH_DAYS, 0.0))


def _ago(days: int) -> str:
    return "yesterday" if days == 1 else f"{days} days ago"


def _ordinal(number: int) -> str:
    if 10 <= number % 100 <= 20:
        return f"{number}th"
    return f"{number}{({1: 'st', 2: 'nd', 3: 'rd'}).get(number % 10, 'th')}"

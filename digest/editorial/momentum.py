"""Tell which topics are rising: today's share against the topic's own past weeks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from digest.editorial.significance import day_correlation, surprise
from digest.model import Momentum

# A rise is believed when chance would show one in a thousand days, over all topics and windows
# together (Bonferroni). A topic needs five papers and twice what is usual, so that 2 → 3 papers
# never is a trend whatever the arithmetic says; and a past of a week of days and fifty papers.
_FALSE_ALARMS = 0.001
_FEWEST_PAPERS = 5
_SMALLEST_LIFT = 1.8
_FEWEST_DAYS = 5
_FEWEST_PAST = 50
# Today alone; with yesterday; with the day before: a steady rise shows before a steep one ends.
_WINDOWS = (1, 2, 3)
# A topic is taken to have been there before it was first seen, with this many papers.
_PRIOR_PAPERS = 0.5


def momentum(
    today: Mapping[str, int], history: Mapping[date, Mapping[str, int]]
) -> dict[str, Momentum]:
    """Compare each topic of today with its own past; ``rising`` only where it is certain.

    ``today`` counts today's new papers by primary topic. ``history`` does the same for the past
    days (best six to eight weeks; a day without papers may be left out). ``expected`` is how many
    papers the topic would have today if nothing had changed.
    """
    days = [(day, counts) for day, counts in sorted(history.items()) if sum(counts.values()) > 0]
    of = sum(today.values())
    return {topic: _one(topic, today, of, days) for topic in sorted(today)}


def _one(
    topic: str, today: Mapping[str, int], of: int, days: list[tuple[date, Mapping[str, int]]]
) -> Momentum:
    count = today[topic]
    tests = max(len(today), 1) * len(_WINDOWS)
    certain = False
    expected = _expected(topic, days, of, len(today))[0]
    for window in _WINDOWS:
        recent, past = days[len(days) - window + 1 :], days[: len(days) - window + 1]
        seen = count + sum(counts.get(topic, 0) for _, counts in recent)
        total = of + sum(sum(counts.values()) for _, counts in recent)
        usual, papers = _expected(topic, past, total, len(today))
        if len(past) < _FEWEST_DAYS or papers < _FEWEST_PAST:
            break
        if count < 2 or seen < _FEWEST_PAPERS or seen < _SMALLEST_LIFT * usual:
            continue
        chance = surprise(seen, total, usual / total, papers, _correlation(past))
        if chance * tests < _FALSE_ALARMS:
            certain, expected = True, _expected(topic, past, of, len(today))[0]
            break
    rising = certain and count > expected
    return Momentum(topic, count, round(expected, 2), rising, _words(count, expected, rising))


def _expected(
    topic: str, days: list[tuple[date, Mapping[str, int]]], of: int, topics: int
) -> tuple[float, int]:
    papers = sum(sum(counts.values()) for _, counts in days)
    own = sum(counts.get(topic, 0) for _, counts in days)
    share = (own + _PRIOR_PAPERS) / (papers + _PRIOR_PAPERS * max(topics, 2))
    return share * of, papers


def _correlation(days: list[tuple[date, Mapping[str, int]]]) -> float:
    topics = sorted({topic for _, counts in days for topic in counts})
    return day_correlation(
        [([counts.get(topic, 0) for topic in topics], sum(counts.values())) for _, counts in days]
    )


def _words(count: int, expected: float, rising: bool) -> str:
    papers = "1 paper" if count == 1 else f"{count} papers"
    if rising:
        return f"rising: {papers}, usually about {max(round(expected), 1)}"
    return f"{papers}, as usual" if abs(count - expected) <= max(2.0, expected / 2) else papers

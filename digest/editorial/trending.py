"""Score how much a paper matters today, in parts; those that a reader can use are said in words.

The score is a sum: votes, what the paper brings and has released, where it was accepted, freshness,
and a little for its place on the page and for each day there. Which topics and phrases are rising is
told by ``momentum`` and ``rising_phrases``, which parts are reasons by ``reasons``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from math import log1p
from urllib.parse import urlsplit

from digest.editorial.bursts import rising_phrases
from digest.editorial.contributions import claim, contribution
from digest.editorial.credits import venue
from digest.editorial.momentum import momentum
from digest.editorial.releases import released
from digest.editorial.votes import (
    NO_VOTES_KNOWN,
    UsualVotes,
    latest_votes,
    usual_votes,
    vote_words,
)
from digest.editorial.weekly_phrases import weekly_phrases
from digest.model import Paper, Sighting, Trend, TrendPart

__all__ = ["momentum", "rising_phrases", "trend_score", "usual_votes", "weekly_phrases"]

# A hundred votes a day, which the first papers of a strong day reach, are worth 1; ten half of it.
_MANY_VOTES = 100
_MOST_FOR_VOTES = 1.5
# Votes of a paper that is older than its first day here came over a longer time; a month at most
# is counted, since an old paper that is voted for again is news again.
_OLD_AFTER = 14
_LONGEST_AGE = 30
# Where a page has no votes its order is what its makers thought of the day, and often only the
# order of arrival: worth less than any one thing that is known of the paper itself.
_FOR_THE_TOP = 0.1
# Staying on the page is rare (most papers are listed once), so it counts, up to a week.
_FOR_A_DAY_MORE = 0.25
_MOST_DAYS = 5
# Between equals, the one that nobody has read goes first.
_FOR_FRESH = 0.2
_FRESH_DAYS = 14
# Somebody judged it and found it good: the most that is known without votes; few papers have it.
_FOR_A_VENUE = 0.3
_FOR_A_DISTINCTION = 0.15
# A survey serves readers of the whole topic, a benchmark or data set whoever works on it after.
_FOR_A_KIND = {"survey": 0.25, "benchmark": 0.15, "dataset": 0.15}
# What can be used at once; code is what most readers look for, a thousand stars that others use it.
_FOR_CODE, _FOR_MODELS, _FOR_DATA, _FOR_A_DEMO = 0.15, 0.1, 0.1, 0.05
_FOR_A_THOUSAND_STARS, _MOST_FOR_STARS = 0.2, 0.3
_STARS_TOLD = 100
# A figure shows that something was measured, not that it matters.
_FOR_A_CLAIM = 0.1
# Two sources that list it thought it worth it independently of each other.
_FOR_A_SOURCE_MORE, _MOST_SOURCES_MORE = 0.1, 2
# Where papers have votes, readers have weighed all of this already.
_BESIDE_VOTES = 0.5

_KNOWN_VENUE = re.compile(r"^(?P<name>[A-Z][\w &-]{1,30} (?:19|20)\d\d)(?P<how> [\w ]{3,20})?$")
_DISTINCTIONS = ("oral", "spotlight", "highlight")


def trend_score(
    paper: Paper,
    sightings: Sequence[Sighting],
    *,
    day: date,
    usual: UsualVotes = NO_VOTES_KNOWN,
) -> Trend:
    """The trend score of a paper on ``day``, from its own words and from when and where it was seen.

    ``sightings`` in any order; without any, the paper's own first day and votes count. Later
    sightings than ``day`` are not looked at. ``usual`` is what its votes are compared with. Not
    negative; a strong paper has 1 or more.
    """
    seen = sorted(
        (sighting for sighting in sightings if sighting.day <= day),
        key=lambda sighting: sighting.day,
    )
    days = sorted({sighting.day for sighting in seen}) or [min(paper.first_seen, day)]
    votes = latest_votes(paper, seen)
    share = 1.0 if votes is None and usual.typical is None else _BESIDE_VOTES
    parts = (
        _votes(paper, votes or 0, seen, days, usual),
        *(TrendPart(part.name, share * part.value, part.words) for part in _merits(paper)),
        TrendPart("place", _place(seen)),
        TrendPart("stay", _FOR_A_DAY_MORE * min(len(days) - 1, _MOST_DAYS)),
        TrendPart("fresh", _fresh(paper, day)),
        TrendPart("sources", _FOR_A_SOURCE_MORE * min(_sources(paper) - 1, _MOST_SOURCES_MORE)),
    )
    counted = tuple(part for part in parts if part.value > 0)
    return Trend(sum(part.value for part in counted), counted)


def _votes(
    paper: Paper, votes: int, seen: Sequence[Sighting], days: Sequence[date], usual: UsualVotes
) -> TrendPart:
    """Votes by the day, since the paper was first listed, or since it was published long before."""
    born = paper.published
    is_old = born is not None and (days[0] - born).days > _OLD_AFTER
    age = (days[-1] - (born if is_old and born else days[0])).days + 1
    rate = max(votes, 0) / min(age, max(_LONGEST_AGE, (days[-1] - days[0]).days + 1))
    value = min(log1p(rate) / log1p(_MANY_VOTES), _MOST_FOR_VOTES)
    return TrendPart("votes", value, vote_words(votes, seen, usual))


def _merits(paper: Paper) -> tuple[TrendPart, ...]:
    """The parts for the paper itself, whoever listed it."""
    kind, told = contribution(paper)
    figure = claim(paper)
    return (
        _accepted(paper),
        TrendPart("kind", _FOR_A_KIND.get(kind, 0.0), told),
        _release(paper),
        TrendPart(
            "claim", _FOR_A_CLAIM if figure else 0.0, f"reports “{figure}”" if figure else ""
        ),
    )


def _accepted(paper: Paper) -> TrendPart:
    where = venue(paper.details)
    known = _KNOWN_VENUE.match(where)
    if known is None:
        return TrendPart("venue", 0.0)
    how = (known["how"] or "").strip()
    if how == "workshop":
        return TrendPart("venue", _FOR_A_VENUE / 2, f"at a workshop of {known['name']}")
    distinguished = any(each in how for each in _DISTINCTIONS)
    words = f"accepted at {known['name']}{f' ({how})' if how else ''}"
    return TrendPart("venue", _FOR_A_VENUE + distinguished * _FOR_A_DISTINCTION, words)


def _release(paper: Paper) -> TrendPart:
    given = released(paper)
    stars = paper.details.stars or 0
    value = (
        (given.code or given.repository) * _FOR_CODE
        + given.models * _FOR_MODELS
        + given.data * _FOR_DATA
        + given.demo * _FOR_A_DEMO
        + min(_FOR_A_THOUSAND_STARS * log1p(max(stars, 0)) / log1p(1000), _MOST_FOR_STARS)
    )
    words = given.words
    if given.code and stars >= _STARS_TOLD:
        words += f" ({stars:,} stars)"
    elif given.repository and stars >= _STARS_TOLD:
        words = f"{f'{words}; ' if words else ''}its code has {stars:,} stars"
    return TrendPart("release", value, words or ("a demo to try" if given.demo else ""))


def _place(seen: Sequence[Sighting]) -> float:
    """A weak prior, and no reason: who reads the mail does not see the page."""
    if not seen:
        return 0.0
    last = seen[-1].day
    best = min(
        (sighting.position - 1) / max(sighting.of, 1) for sighting in seen if sighting.day == last
    )
    return _FOR_THE_TOP * max(1 - best, 0.0) ** 2


def _fresh(paper: Paper, day: date) -> float:
    """Old papers come back to the page; between equals, the one that nobody has read goes first."""
    born = min(paper.published or paper.first_seen, day)
    return _FOR_FRESH * max(1 - (day - born).days / _FRESH_DAYS, 0.0)


def _sources(paper: Paper) -> int:
    """The number of sources that tell of the paper: kinds of service, or hosts; all files are one."""
    return max(len({_source(location) for _, location in paper.field_sources}), 1)


def _source(location: str) -> str:
    address = urlsplit(location) if re.match(r"[a-z]+:", location[:2000]) else None
    return (address.netloc or address.scheme) if address else "file"

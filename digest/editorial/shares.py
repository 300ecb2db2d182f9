"""A reading budget shared out: the top picks with variety, and each section's fair share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import sqrt

from digest.editorial.bursts import telling_words
from digest.model import Entry

# A second pick of one topic must be so much better than the best of another; a third is not had
# while another topic is left.
_SECOND_OF_TOPIC = 0.6
_MOST_OF_TOPIC = 2
# Two titles that share so much of what they say are of one subject: one of them is enough.
_SAME_SUBJECT = 0.5
_FEWEST_WORDS = 2
_LONGEST_TITLE = 300
_MOST_ALIKE = 100
"""Papers left out as alike; where there are more, the day has one subject only."""
# One pick for so many papers, within the caps: a day of twelve papers needs no five picks.
_PAPERS_PER_PICK = 8
_STRONGEST = 3


def how_many_picks(papers: int, most: int) -> int:
    """Count how many of ``papers`` are picks: three to ``most``, more on a fuller day."""
    return min(papers, most, max(min(3, most), round(papers / _PAPERS_PER_PICK)))


def choose_picks(ranked: Sequence[tuple[Entry, float]], number: int) -> tuple[Entry, ...]:
    """The best ``number`` of ``ranked`` (entry and score, best first), with variety.

    No two are of one subject, by the words of their titles, and few of one topic, as long as there
    are others.
    """
    left = list(ranked)
    chosen: list[Entry] = []
    subjects: list[frozenset[str]] = []
    taken: Counter[str] = Counter()
    alike: set[int] = set()
    while left and len(chosen) < number:
        others = [pick for pick in left if pick[0].paper_id not in alike] or left
        open_topics = [pick for pick in others if taken[pick[0].topic] < _MOST_OF_TOPIC] or others
        best = max(
            open_topics,
            key=lambda pick: pick[1] * _SECOND_OF_TOPIC ** taken[pick[0].topic],
        )
        subject = telling_words(best[0].title[:_LONGEST_TITLE])
        is_alike = any(_is_same_subject(subject, other) for other in subjects)
        if is_alike and others is not left and len(alike) < _MOST_ALIKE:
            alike.add(best[0].paper_id)
            continue
        left.remove(best)
        chosen.append(best[0])
        subjects.append(subject)
        taken[best[0].topic] += 1
    return tuple(chosen)


def _is_same_subject(one: frozenset[str], other: frozenset[str]) -> bool:
    common = len(one & other)
    return common >= _FEWEST_WORDS and common >= _SAME_SUBJECT * min(len(one), len(other))


def fair_shares(sections: Mapping[str, Sequence[float]], budget: int) -> dict[str, int]:
    """Share out how many papers each section shows, by how many there are and their strength.

    ``sections`` gives the scores of each section's papers, best first. Every section gets one
    before any gets two, the strongest first where even that is too much; the rest goes by the
    method of Sainte-Laguë (each next place to the section with the largest weight / (2 n + 1)).
    The weight is the square root of the number of papers, so that a crowded topic does not push
    out the small ones, times the mean of the three best scores. The shares add up to ``budget``
    or to all papers, whichever is less.
    """
    strongest = max((max(scores, default=0.0) for scores in sections.values()), default=0.0)
    weights = {}
    for topic, scores in sections.items():
        top = sorted(scores, reverse=True)[:_STRONGEST]
        mean = sum(top) / len(top) / strongest if top and strongest > 0 else 0.0
        weights[topic] = sqrt(len(scores)) * (0.5 + max(mean, 0.0))
    shares = dict.fromkeys(sections, 0)
    for _ in range(min(budget, sum(map(len, sections.values())))):
        open_topics = [topic for topic in sections if shares[topic] < len(sections[topic])]
        empty = [topic for topic in open_topics if not shares[topic]]
        best = max(empty or open_topics, key=lambda topic: weights[topic] / (2 * shares[topic] + 1))
        shares[best] += 1
    return shares

"""Measure how surprising a count is, given what was usual, when days differ more than dice do."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, lgamma

# Before a topic has a past of its own, days are taken to differ by this intra-day correlation,
# as if seen on ten days. 0.005 means: on a day of 50 papers the variance is a quarter more than
# a binomial's. Papers are listed in clusters (a conference, a release), so it is never none.
_USUAL_CORRELATION = 0.005
_DAYS_IT_COUNTS_FOR = 10


def surprise(count: int, of: int, share: float, past: int, correlation: float = 0.0) -> float:
    """The probability of ``count`` or more among ``of``, when ``share`` was usual.

    The beta-binomial predictive probability: ``share`` was estimated from ``past`` papers and
    papers of one day resemble one another by ``correlation`` (Skellam 1948, J. R. Stat. Soc. B 10,
    257–261). Between 0 and 1.
    """
    if count <= 0:
        return 1.0
    if count > of:
        return 0.0
    share = min(max(share, 1e-9), 1 - 1e-9)
    precision = 1 / (max(correlation, 0.0) + 1 / max(past, 1))
    a, b = share * precision, (1 - share) * precision
    whole = lgamma(of + 1) + lgamma(a + b) - lgamma(a) - lgamma(b) - lgamma(of + a + b)
    tail = 0.0
    for k in range(count, of + 1):
        term = exp(whole - lgamma(k + 1) - lgamma(of - k + 1) + lgamma(k + a) + lgamma(of - k + b))
        tail += term
        if term < tail * 1e-9:
            break
    return min(tail, 1.0)


def day_correlation(days: Sequence[tuple[Sequence[int], int]]) -> float:
    """Measure how much papers of a day resemble one another, from past days' (counts, total).

    ``counts`` are aligned over the days. Pearson's statistic over all counts, against its degrees
    of freedom (Williams 1982, Appl. Stat. 31, 144–148), drawn towards what is usual while days are
    few. Each day's part of a count is bounded, so that one past burst does not excuse the next.
    """
    total = sum(of for _, of in days)
    if not total or not days[0][0]:
        return _USUAL_CORRELATION
    sums = [sum(counts[place] for counts, _ in days) for place in range(len(days[0][0]))]
    shares = [each / total for each in sums if each]
    kept = [place for place, each in enumerate(sums) if each]
    excess = cells = 0.0
    for counts, of in days:
        for place, share in zip(kept, shares, strict=True):
            expected = of * share
            spread = expected * (1 - share)
            if of > 1 and spread > 0.5:
                excess += min((counts[place] - expected) ** 2 / spread, 9.0) - 1
                cells += of - 1
    correlation = max(excess, 0.0) / cells if cells else _USUAL_CORRELATION
    weight = len(days) / (len(days) + _DAYS_IT_COUNTS_FOR)
    return weight * correlation + (1 - weight) * _USUAL_CORRELATION

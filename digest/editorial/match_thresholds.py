"""The bars of the comparison: from where on a likeness of two texts is believed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MatchThresholds:
    """From where on a likeness is believed; all are parts of the shorter abstract, 0 to 1.

    Chosen on 443 revised papers, 793 pairs of different papers with similar titles, and the 133,000
    likeliest confusions among 15,400 papers, all of them seen when the rules were written.
    ``tests/bench/identity.py`` chooses the last four again on one half and measures on the other.

    ``agrees``: equal title, both abstracts whole: shared pairs + shared words. Revisions: 0.39 and
    more; abstracts of different papers on one subject: 0.30 in the middle.
    ``related``: the same, where the title is long and particular: what two abstracts have in common
    that are about one thing at all.
    ``contradicts``: equal title, one a summary: shared words below this say it is about something
    else. Pages' own summaries: 0.25 and more.
    ``retitled``: other title: shared pairs. Different papers have at most 0.31, unless their titles
    contradict each other. How like the titles are does not count: siblings' are, too.
    ``doubted``: the same, where they contradict each other.
    ``named``: the same, where both titles carry one coined name. Sequels share their parent's name
    and up to 0.18 of its pairs.
    ``linked``: the same, where both state one project address; different papers up to 0.13.
    """

    agrees: float = 1 / 3
    related: float = 0.15
    contradicts: float = 0.1
    retitled: float = 0.3
    doubted: float = 0.5
    named: float = 0.2
    linked: float = 0.17


BARS = MatchThresholds()

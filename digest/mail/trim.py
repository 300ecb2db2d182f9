"""Keep a mail below the size at which mail programs cut it off, fairly.

Gmail clips a message's HTML at 102 kB and hides the rest, the unsubscribe link with it. So a
mail that would grow too large shows fewer papers: first from whichever section shows most, so that
small sections keep theirs, and never a section's heading as long as anything else can go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from digest.model import SectionChoice, Selection

HTML_BUDGET = 88_000
"""Octets of HTML a mail may have: seven eighths of Gmail's clip, so that what a relay adds (a
footer, rewritten line ends) still fits. Nothing larger than 95,000 may ever leave."""


@dataclass(frozen=True, slots=True)
class MailWeights:
    """Size of a mail's parts, in octets of HTML: everything around, each paper, a section."""

    fixed: int
    pick: Callable[[int], int]
    paper: Callable[[int], int]
    section: Callable[[str], int]
    topic_of: Callable[[int], str]

    def of(self, selection: Selection) -> int:
        """The whole mail."""
        return (
            self.fixed
            + sum(map(self.pick, selection.picks))
            + sum(map(self.paper, selection.updated))
            + sum(
                self.section(section.topic) + sum(map(self.paper, section.papers))
                for section in selection.sections
            )
        )


class _Trimmer:
    """A selection that loses one part after another until its excess is gone."""

    def __init__(self, selection: Selection, weights: MailWeights, budget: int) -> None:
        self._selection = selection
        self._weights = weights
        self.excess = weights.of(selection) - budget
        self._papers = {section.topic: list(section.papers) for section in selection.sections}
        self._more = {section.topic: section.more for section in selection.sections}
        self._picks, self._updated = list(selection.picks), list(selection.updated)

    def drop_paper(self, least: int) -> bool:
        """Drop the last paper of the section that shows most; false if it has ``least``."""
        topic = max(reversed(self._papers), key=lambda t: len(self._papers[t]), default=None)
        if topic is None or len(self._papers[topic]) <= least:
            return False
        self.excess -= self._weights.paper(self._papers[topic].pop())
        self._more[topic] += 1
        return True

    def drop_updated(self, least: int) -> bool:
        """Drop the last updated paper; false if there are ``least``."""
        if len(self._updated) <= least:
            return False
        self.excess -= self._weights.paper(self._updated.pop())
        return True

    def drop_pick(self, least: int) -> bool:
        """Drop the last pick; false if there are ``least``."""
        if len(self._picks) <= least:
            return False
        pick = self._picks.pop()
        self.excess -= self._weights.pick(pick)
        topic = self._weights.topic_of(pick)
        if topic in self._more:
            self._more[topic] += 1
        return True

    def drop_section(self, least: int) -> bool:
        """Drop the last section; false if there are ``least``."""
        if len(self._papers) <= least:
            return False
        topic = next(reversed(self._papers))
        del self._papers[topic]
        self.excess -= self._weights.section(topic)
        return True

    def trimmed(self) -> Selection:
        """The selection without what was dropped."""
        selection = self._selection
        return replace(
            selection,
            picks=tuple(self._picks),
            sections=tuple(
                SectionChoice(topic, tuple(papers), self._more[topic])
                for topic, papers in self._papers.items()
            ),
            updated=tuple(self._updated),
            updated_more=selection.updated_more + len(selection.updated) - len(self._updated),
        )


def trim_selection(
    selection: Selection, weights: MailWeights, budget: int = HTML_BUDGET
) -> Selection:
    """Trim ``selection`` to what fits; every paper left out is counted in a section's ``more``.

    Dropped in this order: papers of the sections that show most, updated papers, the last picks,
    the sections' last papers, and only then whole sections from the end.
    """
    trimmer = _Trimmer(selection, weights, budget)
    if trimmer.excess <= 0:
        return selection
    for drop, least in (
        (trimmer.drop_paper, 2),
        (trimmer.drop_updated, 2),
        (trimmer.drop_paper, 1),
        (trimmer.drop_pick, 1),
        (trimmer.drop_paper, 0),
        (trimmer.drop_updated, 0),
        (trimmer.drop_pick, 0),
        (trimmer.drop_section, 0),
    ):
        while trimmer.excess > 0 and drop(least):
            pass
    return trimmer.trimmed()

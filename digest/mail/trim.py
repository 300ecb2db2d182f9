"""Keeping a mail below the size at which mail programs cut it off, fairly.

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
    """What the parts of a mail weigh, in octets of HTML: everything around, each paper, a section."""

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


def trim_selection(selection: Selection, cost: MailWeights, budget: int = HTML_BUDGET) -> Selection:
    """``selection``, or what of it fits: every paper left out is counted in a section's ``more``.

    Given way in this order: papers of the sections that show most, updated papers, the last picks,
    the sections' last papers, and only then whole sections from the end.
    """
    excess = cost.of(selection) - budget
    if excess <= 0:
        return selection
    shown = {section.topic: list(section.papers) for section in selection.sections}
    more = {section.topic: section.more for section in selection.sections}
    picks, updated = list(selection.picks), list(selection.updated)

    def drop_paper(least: int) -> bool:
        nonlocal excess
        topic = max(reversed(shown), key=lambda t: len(shown[t]), default=None)
        if topic is None or len(shown[topic]) <= least:
            return False
        excess -= cost.paper(shown[topic].pop())
        more[topic] += 1
        return True

    def drop_updated(least: int) -> bool:
        nonlocal excess
        if len(updated) <= least:
            return False
        excess -= cost.paper(updated.pop())
        return True

    def drop_pick(least: int) -> bool:
        nonlocal excess
        if len(picks) <= least:
            return False
        pick = picks.pop()
        excess -= cost.pick(pick)
        topic = cost.topic_of(pick)
        if topic in more:
            more[topic] += 1
        return True

    def drop_section(least: int) -> bool:
        nonlocal excess
        if len(shown) <= least:
            return False
        topic = next(reversed(shown))
        del shown[topic]
        excess -= cost.section(topic)
        return True

    for drop, least in (
        (drop_paper, 2),
        (drop_updated, 2),
        (drop_paper, 1),
        (drop_pick, 1),
        (drop_paper, 0),
        (drop_updated, 0),
        (drop_pick, 0),
        (drop_section, 0),
    ):
        while excess > 0 and drop(least):
            pass
    return replace(
        selection,
        picks=tuple(picks),
        sections=tuple(SectionChoice(t, tuple(shown[t]), more[t]) for t in shown),
        updated=tuple(updated),
        updated_more=selection.updated_more + len(selection.updated) - len(updated),
    )

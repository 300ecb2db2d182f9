"""Keep a mail below the size at which mail programs cut it off, fairly.

Gmail clips a message's HTML at 102 kB and hides the rest, the unsubscribe link with it. So a mail
that would grow too large shows fewer summaries: a paper that loses its summary keeps its title.
Only where the titles of all do not fit is a paper counted and no more. What gives way is taken from
whichever section shows most, so that small sections keep theirs, and never a section's heading as
long as anything else can go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heapreplace

from digest.model import SectionChoice, Selection

HTML_BUDGET = 90_000
"""Octets of HTML a mail may have: seven eighths of Gmail's clip, so that what a relay adds (a
footer, rewritten line ends) still fits. Nothing larger than 95,000 may ever leave."""
LEAST_SUMMARIES = 24
"""Papers that keep their summary where not all titles fit, on a list with web pages: there the
other papers are one click away. Without pages a title for everybody goes before any of them."""


@dataclass(frozen=True, slots=True)
class MailWeights:
    """Size of a mail's parts, in octets of HTML: everything around, each paper, a section.

    A paper weighs differently as a pick, with its summary in a section, and as a bare title.
    ``more`` is the line that counts what a section leaves out.
    """

    fixed: int
    pick: Callable[[int], int]
    paper: Callable[[int], int]
    title: Callable[[int], int]
    section: Callable[[str], int]
    more: Callable[[str], int]
    topic_of: Callable[[int], str]

    def of(self, selection: Selection) -> int:
        """The whole mail."""
        return (
            self.fixed
            + sum(map(self.pick, selection.picks))
            + sum(map(self.paper, selection.updated))
            + sum(map(self.title, selection.updated_titles))
            + sum(
                self.section(section.topic)
                + (self.more(section.topic) if section.more else 0)
                + sum(map(self.paper, section.papers))
                + sum(map(self.title, section.titles))
                for section in selection.sections
            )
        )


class _SectionParts:
    """A section that is being trimmed: its papers with a summary, its titles, and what is left."""

    def __init__(self, topic: str, papers: list[int], titles: list[int], more: int) -> None:
        self.topic = topic
        self.papers = papers
        self.titles = titles
        self.more = more

    def choice(self) -> SectionChoice:
        return SectionChoice(self.topic, tuple(self.papers), self.more, tuple(self.titles))


class _Trimmer:
    """A selection that loses one part after another until its excess is gone."""

    def __init__(self, selection: Selection, weights: MailWeights, excess: int) -> None:
        self._selection = selection
        self._weights = weights
        self.excess = excess
        self._sections = [
            _SectionParts(part.topic, list(part.papers), list(part.titles), part.more)
            for part in selection.sections
        ]
        self._updates = _SectionParts(
            "", list(selection.updated), list(selection.updated_titles), selection.updated_more
        )
        self._picks = list(selection.picks)

    def summaries_to_titles(self, sections: int, updates: int, floor: int) -> None:
        """Leave papers only their title, down to so many summaries in a section and in all."""
        left = len(self._picks) + sum(len(part.papers) for part in self._sections) - floor
        for part in self._fullest(lambda part: len(part.papers), sections):
            if self.excess <= 0 or left <= 0:
                break
            self._strip(part)
            left -= 1
        while self.excess > 0 and len(self._updates.papers) > updates:
            self._strip(self._updates)

    def drop_titles(self) -> None:
        """Drop titles, those of updated papers first, then from the section that has most."""
        while self.excess > 0 and self._updates.titles:
            self._drop(self._updates, self._updates.titles, self._weights.title)
        for part in self._fullest(lambda part: len(part.titles), 0):
            if self.excess <= 0:
                break
            self._drop(part, part.titles, self._weights.title)

    def drop_summaries(self, sections: int, updates: int) -> None:
        """Drop papers with a summary, down to so many in a section and among the updates."""
        for part in self._fullest(lambda part: len(part.papers), sections):
            if self.excess <= 0:
                break
            self._drop(part, part.papers, self._weights.paper)
        while self.excess > 0 and len(self._updates.papers) > updates:
            self._drop(self._updates, self._updates.papers, self._weights.paper)

    def drop_picks(self, least: int) -> None:
        """Drop the last picks, down to ``least``; each is counted in its topic's section."""
        while self.excess > 0 and len(self._picks) > least:
            pick = self._picks.pop()
            self.excess -= self._weights.pick(pick)
            topic = self._weights.topic_of(pick)
            for part in self._sections:
                if part.topic == topic:
                    self._count(part)

    def drop_sections(self) -> None:
        """Drop whole sections from the end."""
        while self.excess > 0 and self._sections:
            part = self._sections.pop()
            self.excess -= self._weights.section(part.topic)
            self.excess -= self._weights.more(part.topic) if part.more else 0

    def trimmed(self) -> Selection:
        """The selection without what was dropped."""
        updates = self._updates
        return replace(
            self._selection,
            picks=tuple(self._picks),
            sections=tuple(part.choice() for part in self._sections),
            updated=tuple(updates.papers),
            updated_titles=tuple(updates.titles),
            updated_more=updates.more,
        )

    def _strip(self, part: _SectionParts) -> None:
        """Leave the last paper that has a summary only its title, before the other titles."""
        paper = part.papers.pop()
        part.titles.insert(0, paper)
        self.excess -= self._weights.paper(paper) - self._weights.title(paper)

    def _drop(self, part: _SectionParts, papers: list[int], weight: Callable[[int], int]) -> None:
        self.excess -= weight(papers.pop())
        self._count(part)

    def _count(self, part: _SectionParts) -> None:
        """Count one more paper that is left out; the first of a section costs a line."""
        if not part.more and part is not self._updates:
            self.excess += self._weights.more(part.topic)
        part.more += 1

    def _fullest(self, size: Callable[[_SectionParts], int], least: int) -> Iterator[_SectionParts]:
        """The section that has most, anew after each that was taken; the last of equals first."""
        heap = [(-size(part), -place) for place, part in enumerate(self._sections)]
        heapify(heap)
        while heap and -heap[0][0] > least:
            place = heap[0][1]
            part = self._sections[-place]
            yield part
            if size(part):
                heapreplace(heap, (-size(part), place))
            else:
                heappop(heap)


def trim_selection(
    selection: Selection,
    weights: MailWeights,
    budget: int = HTML_BUDGET,
    *,
    least_summaries: int = LEAST_SUMMARIES,
) -> Selection:
    """Trim ``selection`` to what fits; every paper left out is counted in a section's ``more``.

    First papers lose their summary, down to ``least_summaries`` in all (the picks among them); then
    titles are dropped. Where that is not enough, papers with a summary go, the last picks, and
    only then whole sections from the end.
    """
    excess = weights.of(selection) - budget
    if excess <= 0:
        return selection
    trimmer = _Trimmer(selection, weights, excess)
    for sections, updates in ((2, 2), (1, 1), (0, 0)):
        trimmer.summaries_to_titles(sections, updates, least_summaries)
    trimmer.drop_titles()
    for sections, updates, picks in ((1, 1, 1), (0, 0, 0)):
        trimmer.drop_summaries(sections, updates)
        trimmer.drop_picks(picks)
    trimmer.drop_sections()
    return trimmer.trimmed()

"""Know the texts of a page: what stands between them, and what each costs in each role."""

from __future__ import annotations

from collections.abc import Sequence

from digest.sources.text.anchors import Anchors, candidate_anchors, first_of_each_id
from digest.sources.text.gaps import Gap, gaps
from digest.sources.text.kinds import Kind, Piece
from digest.sources.text.labelling import Habits, Node
from digest.sources.text.line_breaks import SENTENCE_END, Breaks, LineBreaks
from digest.sources.text.role_costs import abstract_cost, names_cost, running_cost, title_cost
from digest.sources.text.wrapping import width_of

_LONG = 120
_SHORT = 60
"""Characters: what is a text for certain, and what may be no more than a name."""
_WIDTHS = range(60, 131)
"""Columns that a page may have been wrapped at although few of its lines say so."""


class Texts:
    """The texts of a page with what does not depend on the frame worked out once."""

    def __init__(self, pieces: Sequence[Piece], places: Sequence[int]) -> None:
        self.pieces, self.places = pieces, places
        self.texts = [pieces[place] for place in places]
        self.nodes: list[Node] = []
        self.firsts = first_of_each_id(self.texts)
        self.gaps = gaps(pieces, places)
        self.closed = self._facts_close()
        self.long = sum(len(text.text) >= _LONG for text in self.texts)
        longest = max(width_of(text) for text in self.texts)
        self.guess = longest if longest in _WIDTHS else 0

    def _facts_close(self) -> bool:
        """Tell whether facts stand after the abstracts of this page, rather than before them."""
        after = before = 0
        least = min(_LONG, max(len(text.text) for text in self.texts) // 2)
        rest = self.pieces[self.places[-1] + 1 :]
        last_ended = any(piece.facts is not None and piece.facts.strong for piece in rest)
        ended = [*(gap.ended for gap in self.gaps), last_ended, False, False]
        for index, text in enumerate(self.texts):
            if len(text.text) < least or text.stated == "title" or text.line.heading:
                continue
            before += ended[index]
            name = index + 1 < len(self.texts) and len(self.texts[index + 1].text) <= _SHORT
            after += ended[index + 1] or (name and ended[index + 2])
        return after >= 2 and after > before

    def anchors(self) -> list[Anchors]:
        """Anchors that may mark a title here."""
        return candidate_anchors(
            self.texts, {index for index, gap in enumerate(self.gaps) if gap.opened}
        )

    def habits(self, anchors: set[int] | None) -> Habits:
        """Habits of the page, as a frame with these anchors says."""
        marked = anchors is not None
        return Habits(marked, self.closed, marked and self.long * 2 >= len(anchors or ()))

    def breaks(self, width: int) -> list[Breaks]:
        """The ways of breaking lines that this page gives reason for."""
        breaks = [Breaks.WIDTH if width else Breaks.LINES]
        inside = sum(
            not text.after_blank and gap.plain
            for text, gap in zip(self.texts[1:], self.gaps[1:], strict=True)
        )
        blocks = sum(text.after_blank for text in self.texts)
        if inside and blocks >= 2 and blocks * 12 >= inside:
            breaks.append(Breaks.BLOCKS)
        return breaks

    def shape(self, breaks: Breaks, width: int, size: int) -> None:
        """Work out the costs of the first ``size`` texts as lines are broken so."""
        lines = LineBreaks(breaks, width, self.guess)
        self.nodes = []
        for index in range(size):
            piece, gap = self.texts[index], self.gaps[index]
            node = _node(piece, gap)
            if index in self.firsts:
                node.names += 3.0
            node.follows = self._facts_follow(self.places[index])
            if index:
                signed = node.follows and self.closed
                lines.settle(self.texts[index - 1], piece, node, plain=gap.plain, signed=signed)
            self.nodes.append(node)

    def _facts_follow(self, place: int) -> bool:
        """Tell whether facts that follow a paper's text stand right after the piece at this place."""
        for piece in self.pieces[place + 1 : place + 4]:
            if piece.kind is Kind.TEXT:
                return False
            if piece.facts is not None and piece.facts.strong:
                return True
        return False

    def under(self, anchors: set[int] | None, size: int) -> list[Node]:
        """The nodes with the marks of a frame set."""
        for index, node in enumerate(self.nodes[:size]):
            node.anchored = anchors is not None and index in anchors
        return self.nodes[:size]


def _node(piece: Piece, gap: Gap) -> Node:
    """Cost of a text in each role, wherever its line was broken."""
    text = piece.text
    title = title_cost(text)
    abstract = abstract_cost(len(text), sentence=text.endswith(SENTENCE_END) or "://" in text)
    names = names_cost(piece)
    if piece.stated == "title":
        title, abstract, names = 0.0, 30.0, 30.0
    elif piece.stated:
        title, abstract, names = 30.0, 0.0, 30.0
    if piece.peeled:
        abstract += 6.0
        names += 1.0 if "<" in piece.peeled else 0.0
    if text[:1].islower() and not piece.page_id:
        title += 0.7
    return Node(
        title,
        abstract,
        names,
        running_cost(text),
        len(text),
        ended=gap.ended,
        beside=gap.beside,
        opened=gap.opened,
        over=gap.over,
        heading=piece.line.heading > 0,
        closed=gap.closed,
    )

"""Work out what it costs to go on on a line with what the line before began, and to begin anew."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from digest.sources.text.kinds import Piece
from digest.sources.text.labelling import Node
from digest.sources.text.role_costs import names_cost
from digest.sources.text.wrapping import BEFORE_ADDRESS, WIDEST, is_full, width_of

SENTENCE_END = (".", "?", "!", "…", "。", '."', ".”", ".)", ":")
_LINKING_WORDS = """
a an and as at by for from in into is of on or over the through to toward towards under using via with
without
"""
_LINKING = frozenset(_LINKING_WORDS.split())
_LONGEST_ADDRESS_LINE = 300
_STILL_A_NAME = 60
_NEARLY = 0.82
"""Of the width of a page: a line of proportional letters has so many characters at least."""
_A_LIST = 0.5
"""What names cost that are surely some; see `names_cost`."""


class Breaks(Enum):
    """Ways in which a page breaks its texts into lines."""

    LINES = "lines"
    WIDTH = "width"
    BLOCKS = "blocks"


@dataclass(slots=True)
class LineBreaks:
    """Line breaks of one page: ``breaks``, and at what ``width`` if at one.

    ``guess`` is the width of its longest line, if it may have been wrapped at that. ``hung`` says
    that the last line that was looked at hangs below the start of its text.
    """

    breaks: Breaks
    width: int
    guess: int
    hung: bool = False

    def settle(self, before: Piece, piece: Piece, node: Node, *, plain: bool, signed: bool) -> None:
        """Note on the node what going on and beginning anew cost on this line.

        ``plain`` says that nothing stands between the two, ``signed`` that names end a paper here.
        """
        last, text = before.text, piece.text
        unfinished = not last.endswith(SENTENCE_END) or last.endswith(":")
        lower = text[:1].islower() or text[:1] in "(,;&–-"
        flows = unfinished and lower
        address = "://" in text and len(text) < _LONGEST_ADDRESS_LINE and not node.ended
        node.goes_on = (flows or address) and not node.opened
        if not plain or not self._may_go_on(before, piece):
            return
        hanging = self._hangs(before, piece)
        self.hung = hanging and not piece.after_blank
        if piece.after_blank:
            if flows and not before.line.heading:
                node.join, node.join_title = 2.0, 6.0
        elif hanging and (before.line.heading or not before.line.linked):
            # A linked line is whole; only what the wrapper broke goes on.
            node.join = node.join_title = 0.0
            node.apart = 3.0 if before.line.heading else 1.0
        elif _is_another_link(before, piece):
            self._settle_linked(before, piece, node)
        elif before.line.heading:
            node.join_title = 3.0 if self.breaks is not Breaks.LINES else 6.0
            if _dangles(last):
                node.join_title = 0.5
        elif self.breaks is Breaks.WIDTH:
            new_text = not unfinished and not lower
            self._settle_wrapped(before, piece, node, flows=flows, named=new_text and signed)
        elif self.breaks is Breaks.BLOCKS:
            node.join = 0.2 if len(last) <= WIDEST else 4.0
            if node.names > _A_LIST > names_cost(before):
                node.join = 3.0
            node.join_title, node.apart = 2.0, 1.0
        else:
            self._settle_whole(before, piece, node, flows=flows)

    def _may_go_on(self, before: Piece, piece: Piece) -> bool:
        if before.line is piece.line or piece.peeled:
            return False
        listed = piece.line.bullet and self.breaks is not Breaks.WIDTH
        return not (piece.line.heading or piece.stated or listed)

    def _hangs(self, before: Piece, piece: Piece) -> bool:
        """Tell whether the line is indented below the start of a text that it goes on with."""
        indent = piece.line.indent
        return (
            indent >= 2
            and not before.line.bullet
            and (indent > before.line.indent or (self.hung and indent == before.line.indent))
        )

    def _breaks_after_link(self, before: Piece, piece: Piece) -> bool:
        return (
            before.line.linked
            and not piece.line.linked
            and self.breaks is Breaks.WIDTH
            and is_full(before, piece.text, self.width)
        )

    def _settle_linked(self, before: Piece, piece: Piece, node: Node) -> None:
        """Settle a line that begins or ends a link."""
        if self._breaks_after_link(before, piece):
            node.join, node.join_title = 1.0, 1.0
        elif self._breaks_before_footnote(before, piece):
            node.join_title, node.apart = 0.0, 2.0

    def _breaks_before_footnote(self, before: Piece, piece: Piece) -> bool:
        """Tell whether a link's mark stands at the end of a wrapped text, not around its words."""
        return (
            not piece.line.linked
            and not before.links
            and not piece.links[0].label
            and self.breaks is Breaks.WIDTH
            and is_full(before, piece.text, self.width)
        )

    def _settle_wrapped(
        self, before: Piece, piece: Piece, node: Node, *, flows: bool, named: bool
    ) -> None:
        """Settle a line of a page that was wrapped at a column."""
        if is_full(before, piece.text, self.width):
            node.join = node.join_title = 0.0
            node.apart = 3.5
            if named and len(piece.text) <= _STILL_A_NAME:
                node.join, node.apart = 2.0, 0.5
        elif before.after_blank and flows:
            node.join, node.join_title = 1.5, 2.0
        elif width_of(before) >= _NEARLY * self.width and not before.text.endswith(SENTENCE_END):
            # Letters of a print are not all as wide, so its lines differ in length.
            node.join = node.join_title = 0.5 if flows else 2.0
            node.apart = 2.0
        else:
            node.join = node.join_title = 3.0 if flows else 5.0
            if _is_titled(before.text) and _is_titled(piece.text) and node.names > _A_LIST:
                node.join_title = 0.3 if _dangles(before.text) else 0.7

    def _settle_whole(self, before: Piece, piece: Piece, node: Node, *, flows: bool) -> None:
        """Settle a line of a page whose lines are whole texts."""
        last, text = before.text, piece.text
        node.join = 0.2 if _leads_to_address(last, text) else 1.5 if flows else 6.0
        node.join_title = (
            0.5 if _dangles(last) else 1.5 if text.split(None, 1)[0] in _LINKING else 7.0
        )
        if self.guess and is_full(before, text, self.guess) and not piece.peeled:
            node.join_title = min(node.join_title, 1.0)


def _is_titled(text: str) -> bool:
    """Tell whether a line has the capitals of a title, and no sentence's end."""
    words = [word for word in text.split() if word[0].isalpha() and len(word) > 3]
    capitals = sum(word[0].isupper() for word in words)
    return len(text) <= 100 and not text.endswith(".") and 0 < len(words) <= capitals * 3 / 2


def _is_another_link(before: Piece, piece: Piece) -> bool:
    """Tell whether a link begins or ends between the two lines."""
    if before.line.span == piece.line.span:
        return False
    begins = piece.line.linked or piece.page_id is not None
    return begins or (before.line.linked and before.line.span > 0)


def _dangles(last: str) -> bool:
    """Tell whether a line ends with a word or a mark that something has to follow."""
    return (
        last.endswith((",", "-", "–", "—", "(", ":"))
        or last.rsplit(None, 1)[-1].lower() in _LINKING
    )


def _leads_to_address(last: str, text: str) -> bool:
    """Tell whether the address that the line begins with belongs to the sentence before."""
    return (
        text.lower().startswith(("http://", "https://"))
        and last.rsplit(None, 1)[-1].lower() in BEFORE_ADDRESS
    )

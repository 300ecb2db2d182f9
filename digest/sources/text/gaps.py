"""Note what stands between each text of a page and the one before: facts, buttons, the list's end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digest.sources.text.kinds import Kind, Piece, is_end, is_submission

_PERIODS = frozenset({"daily", "weekly", "monthly"})
"""What a pager or a menu says that does not end the list of papers."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Pieces that stand between a text and the one before.

    ``ended`` says that there are facts that follow a paper's text, ``opened`` such as precede a
    title, ``beside`` some on the line of the text before; ``over`` that the page's list of papers
    may have ended, ``closed`` that it has; ``plain`` that nothing that could be read stands there.
    """

    ended: bool
    beside: bool
    opened: bool
    over: bool
    closed: bool
    plain: bool


def gaps(pieces: Sequence[Piece], places: Sequence[int]) -> list[Gap]:
    """The gap before each of the pieces at these places."""
    gaps: list[Gap] = []
    before = -1
    over = closed = False
    for place in places:
        gap = _gap(pieces, before, place, over=over, closed=closed)
        over, closed = gap.over, gap.closed
        gaps.append(gap)
        before = place
    return gaps


def _gap(pieces: Sequence[Piece], before: int, place: int, *, over: bool, closed: bool) -> Gap:
    """The gap between two texts, where the list was ``over`` or ``closed`` before it."""
    ended = opened = touched = aside = False
    for piece in pieces[before + 1 : place]:
        facts = piece.facts
        if is_end(piece):
            over = over or piece.text.lower().strip(" •*-").split(" ")[0] not in _PERIODS
            closed = closed or piece.kind is Kind.ENDING
        if piece.promotion:
            over = closed = False
        if is_submission(piece):
            opened = True
        if facts is not None:
            beside = before >= 0 and piece.line is pieces[before].line
            aside = aside or (beside and bool(piece.text))
            ended = ended or (facts.strong and not beside)
            if facts.only_numbers or facts.votes is not None:
                opened = not beside and (opened or piece is pieces[place - 1])
        if ended or opened:
            over = False
        if not piece.printed:
            touched = touched or bool(piece.text) or piece.kind is Kind.ADDRESS
    return Gap(ended, aside, opened, over, closed, plain=not touched)

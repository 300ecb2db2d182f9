"""Find the frame that repeats from paper to paper, and read the page with it.

A frame is how line breaks are meant on this page (each line a text, wrapped at a column, or a
blank line between texts) and what marks a title (headings of one level, links to papers' pages,
bold lines, list marks, the line after the votes; or nothing but its shape). Each combination that
the page gives reason for is tried on its first part; the cheapest reading wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digest.sources.text.kinds import Kind, Piece
from digest.sources.text.labelling import Role, label, step
from digest.sources.text.line_breaks import Breaks
from digest.sources.text.texts import Texts
from digest.sources.text.wrapping import absorb_wrapped, wrap_width

_SAMPLE = 300
_PRIORS = {
    "linked heading": 0.5, "label": 0.5, "heading": 1.0, "link": 1.0, "link after": 1.5, "votes": 1.0, "row": 1.0,
    "bold": 1.2, "number": 1.2, "bullet": 1.8, "linked": 2.0, "block": 2.0,
}  # fmt: skip
_NAMED = 1.5
"""What a frame costs from the start: the less its anchors say of papers, the more."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A guess at what repeats: ``anchors`` says what marks a title.

    ``named`` says that names stand between a title and its abstract.
    """

    breaks: Breaks
    width: int
    anchors: str
    named: bool = False


@dataclass(slots=True)
class Reading:
    """The roles of a page's texts under a frame; ``places`` are their indices among the pieces."""

    frame: Frame
    places: list[int]
    roles: list[Role]
    cost: float
    anchored: frozenset[int] = frozenset()


def read_frame(pieces: Sequence[Piece]) -> Reading:
    """The cheapest reading of the page among its candidate frames."""
    width = wrap_width(pieces)
    absorb_wrapped(pieces, width)
    places = [index for index, piece in enumerate(pieces) if piece.kind is Kind.TEXT]
    if not places:
        return Reading(Frame(Breaks.LINES, 0, "shape"), [], [], 0.0)
    page = Texts(pieces, places)
    sample = min(len(places), _SAMPLE)
    best: tuple[float, Frame, frozenset[int]] | None = None
    candidates = page.anchors()
    for breaks in page.breaks(width):
        page.shape(breaks, width, sample)
        for name, anchors in candidates:
            nodes = page.under(anchors, sample)
            chosen = frozenset(anchors or ())
            prior = _PRIORS.get(name.rstrip(" 123456<>"), 0.0)
            habits = page.habits(anchors)
            steps = [step(node, habits) for node in nodes]
            for named in (False, True):
                _, cost = label(steps, anchored=habits.anchored, named=named)
                cost += prior + (_NAMED if named else 0.0)
                if best is None or cost < best[0] - 1e-9:
                    best = (cost, Frame(breaks, width, name, named), chosen)
    assert best is not None
    _, frame, chosen = best
    page.shape(frame.breaks, width, len(places))
    anchored: set[int] | None = set(chosen) if frame.anchors != "shape" else None
    habits = page.habits(anchored)
    steps = [step(node, habits) for node in page.under(anchored, len(places))]
    roles, cost = label(steps, anchored=habits.anchored, named=frame.named)
    return Reading(frame, places, roles, cost, chosen)

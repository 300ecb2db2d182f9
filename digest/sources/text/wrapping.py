"""Find the column at which a page was wrapped, and what the wrapper broke."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from digest.sources.links import is_page
from digest.sources.text.kinds import Kind, Piece

WIDEST = 200
"""Nobody wraps text wider than this; a longer line is a whole paragraph."""
BEFORE_ADDRESS = frozenset(
    {
        "at",
        "at:",
        "in",
        "in:",
        "on",
        "on:",
        "via",
        "under",
        "available",
        "here:",
        "see",
        "see:",
        "from",
        "page:",
        "website:",
        "code:",
    }
)


def wrap_width(pieces: Sequence[Piece]) -> int:
    """The column at which this page was wrapped; 0 if its lines are whole."""
    texts = [piece for piece in pieces if piece.kind is Kind.TEXT and not piece.line.heading]
    lengths = sorted(width_of(piece) for piece in texts if " " in piece.text)
    if len(lengths) < 4:
        return 0
    width = lengths[-1] if len(lengths) < 50 else lengths[int(0.98 * (len(lengths) - 1))]
    if not 30 <= width <= WIDEST:
        return 0
    pairs = full = 0
    for first, second in pairwise(texts):
        if second.line.number == first.line.number + 1 and not second.after_blank:
            pairs += 1
            full += is_full(first, second.text, width)
    # The widest line is always full, so one proves nothing; a title before each abstract is not.
    return width if full >= 2 and full * 3 >= pairs else 0


def width_of(piece: Piece) -> int:
    return piece.line.columns or len(piece.whole)


def is_full(piece: Piece, following: str, width: int) -> bool:
    """Tell whether the next word would not have fitted, so that the break is the wrapper's."""
    word = following.split(" ", 1)[0]
    if "-" in word[1:-1] and piece.text.endswith("-"):
        word = word.split("-", 1)[0]
    gap = 0 if piece.text.endswith("-") else 1
    return width_of(piece) + gap + len(word) > width


def absorb_wrapped(pieces: Sequence[Piece], width: int) -> None:
    """Take a line that reads like a button or a number for the last words of a wrapped text."""
    last: Piece | None = None
    for piece in pieces:
        if (
            piece.kind is Kind.ADDRESS
            and last is not None
            and not piece.after_blank
            and not is_page(piece.links[-1].url)
            and not last.line.heading
            and last.text.rsplit(None, 1)[-1].lower() in BEFORE_ADDRESS
        ):
            piece.kind = Kind.TEXT
        elif width and piece.kind in (Kind.CHROME, Kind.FACTS, Kind.ADDRESS) and last is not None:
            weak = not piece.printed and (piece.facts is None or not piece.facts.strong)
            if (
                weak
                and piece.text
                and not (piece.links and piece.kind is not Kind.ADDRESS)
                and not piece.after_blank
                and not piece.line.heading
                and not last.line.heading
                and piece.line.number == last.line.number + 1
                and any(map(str.isalnum, piece.text))
                and is_full(last, piece.text, width)
                and (piece.kind is not Kind.ADDRESS or not is_page(piece.links[-1].url))
            ):
                piece.kind, piece.facts = Kind.TEXT, None
        last = piece if piece.kind is Kind.TEXT else None

"""Give each piece of a page to the paper it belongs to.

A page writes the votes of a paper before its title or after its text, but always the same way;
which, is seen at the first title. Everything else (authors, date, comments) comes after the title.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from digest.sources.links import is_discussion_url
from digest.sources.text.frames import Reading
from digest.sources.text.kinds import Kind, Piece, is_submission
from digest.sources.text.labelling import Role


@dataclass(slots=True)
class Card:
    """A paper's pieces. ``before`` stood above its title."""

    title: list[Piece]
    abstract: list[list[Piece]] = field(default_factory=list)
    names: list[tuple[Piece, bool]] = field(default_factory=list)
    before: list[Piece] = field(default_factory=list)
    rest: list[Piece] = field(default_factory=list)
    left: list[Piece] = field(default_factory=list)
    votes: int | None = None

    @property
    def number(self) -> int:
        """The line that its title begins on."""
        return self.title[0].line.number


@dataclass(slots=True)
class Cards:
    """The papers of a page, and what stands before the first."""

    head: list[Piece]
    cards: list[Card]


def deal(pieces: Sequence[Piece], reading: Reading) -> Cards:
    """Give each piece to the paper it belongs to."""
    roles = dict(zip(reading.places, reading.roles, strict=True))
    cards: list[Card] = []
    head: list[Piece] = []
    for index, piece in enumerate(pieces):
        role = roles.get(index)
        if role is Role.TITLE:
            cards.append(Card([piece]))
        elif not cards:
            head.append(piece)
        elif role is None:
            cards[-1].rest.append(piece)
        else:
            _add(cards[-1], role, piece)
    _pass_on(head, cards)
    return Cards(head, cards)


def _add(card: Card, role: Role, piece: Piece) -> None:
    if role is Role.TITLE_ON:
        card.title.append(piece)
    elif role in (Role.ABSTRACT, Role.PARAGRAPH):
        card.abstract.append([piece])
        card.rest.append(piece)
    elif role is Role.ABSTRACT_ON:
        card.abstract[-1].append(piece)
        card.rest.append(piece)
    elif role in (Role.NAMES, Role.NAMES_AFTER):
        card.names.append((piece, role is Role.NAMES))
        card.rest.append(piece)
    else:
        card.left.append(piece)
        card.rest.append(piece)


def _pass_on(head: list[Piece], cards: Sequence[Card]) -> None:
    """Move what stands above a title (votes, its id, who submitted it) to that title's card."""
    if not cards:
        return
    gaps = [head, *(card.rest for card in cards[:-1])]
    if _ids_lead(gaps, cards):
        for gap, card in zip(gaps, cards, strict=True):
            place = _id_at_end(gap)
            if place is not None:
                card.before.append(gap.pop(place))
    votes = [_votes_at_end(gap) for gap in gaps]
    last = _votes_at_end(cards[-1].rest)
    with_votes = sum(each is not None for each in votes[1:])
    first = bool(head) and votes[0] is not None
    submitted = sum(_submission_at_end(gap) is not None for gap in gaps)
    before = first or (
        with_votes * 2 >= len(cards) - 1 > 0
        and (
            submitted * 2 >= len(gaps)
            or (not any(piece.text for piece in head) and _fewer_numbers(cards, last))
        )
    )
    for gap, card, at in zip(gaps, cards, votes, strict=False):
        start = _submission_at_end(gap)
        if before and at is not None:
            facts = gap[at].facts
            assert facts is not None
            card.votes = facts.numbers.pop() if facts.votes is None else facts.votes
            facts.votes = None
        if start is not None:
            card.before += gap[start:]
            del gap[start:]


def _fewer_numbers(cards: Sequence[Card], last: int | None) -> bool:
    def numbers(card: Card) -> int:
        return sum(len(p.facts.numbers) + (p.facts.votes is not None) for p in card.rest if p.facts)

    usual = sorted(numbers(card) for card in cards[:-1])[
        len(cards) // 2 - 1 if len(cards) > 2 else 0
    ]
    return last is None or numbers(cards[-1]) < usual


def _ids_lead(gaps: Sequence[Sequence[Piece]], cards: Sequence[Card]) -> bool:
    """Tell whether each paper's id stands on a line above its title, not below its text."""
    if _id_at_end(gaps[0]) is not None and _id_at_end(cards[-1].rest) is None:
        return True
    above = [gap[place] for gap in gaps if (place := _id_at_end(gap)) is not None]
    return (
        sum(piece.facts is not None and piece.facts.leads for piece in above) * 2 > len(gaps) // 2
    )


def _id_at_end(pieces: Sequence[Piece]) -> int | None:
    """The place of a line that states an id, if no text follows it."""
    for place in range(len(pieces) - 1, -1, -1):
        piece = pieces[place]
        if piece.kind is Kind.TEXT:
            return None
        if piece.facts is not None and piece.facts.external_id is not None:
            return place
    return None


def _votes_at_end(pieces: Sequence[Piece]) -> int | None:
    """The place of the votes at the very end of these pieces, if that is what stands there."""
    for at in range(len(pieces) - 1, -1, -1):
        piece = pieces[at]
        facts = piece.facts
        if piece.kind is Kind.FACTS and facts is not None:
            if any(is_discussion_url(each.url) for each in piece.links):
                return None
            if facts.only_numbers or (facts.votes is not None and not facts.strong):
                return at
            if facts.strong or facts.external_id:
                return None
        elif piece.kind is Kind.TEXT or piece.text[:12].lower() == "submitted by":
            return None
    return None


def _submission_at_end(pieces: Sequence[Piece]) -> int | None:
    for at in range(len(pieces) - 1, max(len(pieces) - 8, -1), -1):
        piece = pieces[at]
        if is_submission(piece):
            return at
        if piece.kind is Kind.TEXT or (piece.facts is not None and piece.facts.strong):
            return None
    return None

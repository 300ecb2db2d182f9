"""Read a text: find its frames, make its papers, and account for every line of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import takewhile

from digest.model import Record, Rejected
from digest.sources.bounds import with_links
from digest.sources.dates import read_day
from digest.sources.glued_button import unglue
from digest.sources.lines import Line, Page, one_line
from digest.sources.text.card_records import records_of
from digest.sources.text.cards import Card, Cards, deal
from digest.sources.text.frames import Reading, read_frame
from digest.sources.text.joining import Hyphens
from digest.sources.text.kinds import Kind, Piece
from digest.sources.text.pieces import read_pieces
from digest.sources.text.role_costs import title_cost
from digest.sources.text.title_lines import title_lines, title_record

_PARAGRAPH = 200
_LIKE_TITLE = 25
_LONGEST_EXCERPT = 80


@dataclass(slots=True)
class Account:
    """Account of what became of a page, in characters, and the pieces that nobody claimed.

    ``lost`` counts what was read as papers, and turned out to be none.
    """

    papers: int = 0
    furniture: int = 0
    left: list[Piece] = field(default_factory=list)
    lost: int = 0

    @property
    def share(self) -> float:
        """The share of the page that was understood, from 0 to 1."""
        lost = self.lost + sum(len(piece.text) for piece in self.left)
        whole = self.papers + self.furniture + lost
        return 1.0 - lost / whole if whole else 1.0


@dataclass(slots=True)
class PageReading:
    """The papers of one page, what was no paper, its day, and the account of its lines."""

    records: list[Record]
    rejected: list[Rejected]
    day: date | None
    account: Account
    anchors: str
    cut: bool = False


def read_page(lines: Sequence[Line], page: Page, *, location: str, today: date) -> PageReading:
    """The papers among the lines, read with the frame that repeats."""
    pieces = read_pieces(lines, today)
    if not page.web and (titles := title_lines(pieces)):
        return _titles_alone(pieces, titles, page, today)
    _attach_addresses(pieces)
    reading = read_frame(pieces)
    dealt = deal(pieces, reading)
    hyphens = Hyphens((piece.text for piece in pieces), reading.frame.width)
    hyphens.know(piece.text for piece in pieces)
    day = _day(dealt.head, page.stamp, today)
    _unglue_first(dealt, reading)
    records = records_of(dealt, hyphens, day or today)
    result = _settle(dealt, records, reading, location, day)
    if result.records and reading.frame.anchors == "shape" and not page.web:
        result.rejected += _cut_off(result.records, dealt, pieces, location)
    return result


def _titles_alone(
    pieces: Sequence[Piece], titles: Sequence[Piece], page: Page, today: date
) -> PageReading:
    """The papers of a list of titles; what stands beside them is of the page."""
    account = Account(papers=sum(len(piece.text) for piece in titles))
    account.furniture = sum(len(piece.text) for piece in pieces) - account.papers
    head = list(takewhile(lambda piece: piece is not titles[0], pieces))
    day = _day(head, page.stamp, today)
    return PageReading([title_record(piece) for piece in titles], [], day, account, "lines")


def _cut_off(
    records: Sequence[Record], dealt: Cards, pieces: Sequence[Piece], location: str
) -> list[Rejected]:
    """A note if the last text stops in the middle of a sentence, as in a file that was cut."""
    last = pieces[-1]
    abstract = dealt.cards[-1].abstract
    if last.kind is not Kind.TEXT or not abstract or abstract[-1][-1] is not last:
        return []
    tail = last.text.rsplit(None, 1)[-1]
    if "://" in tail or not (tail[-1].isalnum() or tail[-1] in ",-–;:("):
        return []
    unfinished = sum(record.abstract[-1:].isalnum() for record in records[:-1])
    if unfinished * 4 > len(records):
        return []
    reason = "the last abstract stops in mid-sentence, is the file cut? Fetch it again if so"
    return [Rejected(reason, location, last.line.number, last.text[-60:])]


def _settle(
    dealt: Cards, records: list[Record], reading: Reading, location: str, day: date | None
) -> PageReading:
    """Keep what is a paper; tell of the rest."""
    account = Account()
    shape = reading.frame.anchors == "shape"
    kept: list[Record] = []
    rejected: list[Rejected] = []
    bare: list[tuple[Card, bool]] = []
    account.furniture += sum(len(p.text) for p in dealt.head if p.kind is not Kind.TEXT)
    for piece in dealt.head:
        if piece.kind is Kind.TEXT:
            account.left.append(piece)
            if len(piece.text) >= _PARAGRAPH:
                rejected.append(_orphan(piece, location))
    if shape and _ends_in_title(dealt.head):
        rejected.append(_without_abstract(Card([dealt.head[-1]]), location, kept=False))
    sure = not shape and any(
        record.abstract or _vouched(card, record)
        for card, record in zip(dealt.cards, records, strict=True)
    )
    for card, record in zip(dealt.cards, records, strict=True):
        known = record.title != "" and (sure or _vouched(card, record))
        if record.abstract or known:
            kept.append(record)
            _count(card, account)
        else:
            account.left += [*card.title, *(p for p in card.rest if p.kind is Kind.TEXT)]
        if not record.abstract:
            bare.append((card, known))
        for piece in card.left:
            if len(piece.text) >= _PARAGRAPH:
                rejected.append(_orphan(piece, location))
            elif shape and _like_title(piece):
                rejected.append(_without_abstract(Card([piece]), location, kept=False))
    if len(bare) * 2 <= len(dealt.cards) or (shape and not all(known for _, known in bare)):
        rejected += [_without_abstract(card, location, kept=known) for card, known in bare]
    rejected.sort(key=lambda piece: piece.line)
    return PageReading(kept, rejected, day, account, reading.frame.anchors)


def _ends_in_title(head: Sequence[Piece]) -> bool:
    """Tell whether the last line above the first title looks like a title that lost its abstract."""
    return len(head) > 0 and head[-1].kind is Kind.TEXT and _like_title(head[-1])


def _like_title(piece: Piece) -> bool:
    text = piece.text
    return len(text) >= _LIKE_TITLE and title_cost(text) < 2.0 and not piece.line.heading


def _vouched(card: Card, record: Record) -> bool:
    """Tell whether facts around a title without an abstract say that it is a paper's."""
    return (
        record.external_id is not None
        or record.author_count is not None
        or (record.votes is not None and bool(card.before or card.votes is not None))
        or (record.votes is not None and card.title[0].peeled != "")
    )


def _count(card: Card, account: Account) -> None:
    account.papers += sum(len(piece.text) for piece in card.title)
    left = {id(piece) for piece in card.left}
    for piece in (*card.before, *card.rest):
        if id(piece) in left:
            account.left.append(piece)
        elif piece.kind is Kind.TEXT or piece.facts is not None:
            account.papers += len(piece.text)
        else:
            account.furniture += len(piece.text)


def _attach_addresses(pieces: Sequence[Piece]) -> None:
    """Give each address on a line of its own to the piece it belongs to.

    That is the one before it; or, on a page that starts with one and does not end so, the next.
    """
    meaning = [piece for piece in pieces if piece.kind is not Kind.CHROME]
    ahead = (
        len(meaning) > 1
        and meaning[0].kind is Kind.ADDRESS
        and meaning[-1].kind is not Kind.ADDRESS
        and meaning[0].page_id is not None
    )
    target: Piece | None = None
    for piece in reversed(pieces) if ahead else pieces:
        if piece.kind is not Kind.ADDRESS:
            target = piece
        elif target is not None:
            target.links = with_links(target.links, piece.links)


def _day(head: Sequence[Piece], stamp: str, today: date) -> date | None:
    """The day in the header of the page, else the one its saver noted."""
    noted = read_day(stamp, today) if stamp else None
    for piece in head:
        if piece.facts is not None and piece.facts.published is not None:
            return read_day(piece.facts.dated, noted or today) or piece.facts.published
    return noted


def _unglue_first(dealt: Cards, reading: Reading) -> None:
    if not dealt.cards or reading.frame.anchors.startswith(("heading", "linked heading")):
        return
    if "subscribe" in [piece.text.strip(" [](){}*#").lower() for piece in dealt.head]:
        return
    card = dealt.cards[0]
    abstract = " ".join(piece.text for lines in card.abstract for piece in lines)
    after_promotion = bool(dealt.head) and dealt.head[-1].promotion
    first = card.title[0]
    first.text = unglue(first.text, abstract, after_promotion=after_promotion)


def _excerpt(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= _LONGEST_EXCERPT else text[: _LONGEST_EXCERPT - 1] + "…"


def _orphan(piece: Piece, location: str) -> Rejected:
    reason = "an abstract without a title, left out: put its title on the line before it"
    return Rejected(reason, location, piece.line.number, _excerpt(piece.text))


def _without_abstract(card: Card, location: str, *, kept: bool) -> Rejected:
    done = "kept without one" if kept else "left out"
    reason = f"a title without an abstract, {done}: put its abstract on the line after it"
    return Rejected(reason, location, card.number, _excerpt(card.title[0].text))

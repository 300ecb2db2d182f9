"""Make the record of each paper from the pieces that belong to it: words, facts, links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from digest.model import Link, Record
from digest.sources.dates import read_day
from digest.sources.facts import Facts, amount
from digest.sources.lines import one_line
from digest.sources.links import (
    is_discussion_url,
    is_page,
    link,
    paper_id,
)
from digest.sources.text.cards import Card, Cards
from digest.sources.text.joining import Hyphens
from digest.sources.text.kinds import Kind, Piece, is_end, without_label

_PREFIX_NUMBER = re.compile(r"[\[(#]?(\d{1,6}|\d[\d,.]{0,6}k|-)[\])]?[.):]?\s+(?=\S)")
_ICON = re.compile(r"^[^\w\[(\"“'‘@]+\s*")
_UNKNOWN = -1
_READING_TIME = re.compile(r"\s\(\d{1,3}[ -]min(?:ute)?s?(?: read)?\)(?:\s?\[\d{1,4}\])?$")
_OTHERS = re.compile(r"(?:and |\+)?(\d{1,5}) (?:others?|more)(?: authors?)?")
_PICTURE = re.compile(r"^(?:logo|avatar|icon)\s?(?=[A-Z])")
_ALT = re.compile(r"^(?:\[[^\[\]]{0,60}\]\s?){1,3}")


@dataclass(frozen=True, slots=True)
class _Page:
    """The page of a card: its hyphens, and the day to see dates from."""

    hyphens: Hyphens
    reference: date


@dataclass(slots=True)
class _Parts:
    numbers: list[int] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    addresses: list[tuple[str, str]] = field(default_factory=list)


def records_of(dealt: Cards, hyphens: Hyphens, reference: date) -> list[Record]:
    """The record of each card, in order; dates without a year are seen from ``reference``."""
    cards = dealt.cards
    pinned = _pinned_votes(dealt)
    titles = [_title(card, hyphens) for card in cards]
    numbers = _strip_numbers(titles)
    page = _Page(hyphens, reference)
    return [
        _record(card, title, number, pinned, page)
        for card, title, number in zip(cards, titles, numbers, strict=True)
    ]


def _title(card: Card, hyphens: Hyphens) -> str:
    parts = [
        without_label(card.title[0]) if card.title[0].stated == "title" else card.title[0].text
    ]
    parts += [piece.whole for piece in card.title[1:]]
    title = one_line(hyphens.join(parts))
    return _READING_TIME.sub("", title) or title


def _strip_numbers(titles: list[str]) -> list[int | None]:
    """Take off the number that (nearly) every title begins or ends with: a place, or its votes."""
    votes: list[int | None] = [None] * len(titles)
    if len(titles) < 3:
        return votes
    prefixes = [_PREFIX_NUMBER.match(title) for title in titles]
    if sum(each is not None for each in prefixes) * 10 >= 9 * len(titles):
        values = [amount(each[1]) if each else None for each in prefixes]
        known = [value for value in values if value is not None]
        places = all(b == a + 1 for a, b in pairwise(known))
        for i, each in enumerate(prefixes):
            if each:
                titles[i] = titles[i][each.end() :]
                votes[i] = None if places else values[i]
        return votes
    return votes


def _pinned_votes(dealt: Cards) -> dict[str, int]:
    """Votes whose button leads to their paper, so that no order has to be trusted."""
    pinned: dict[str, int] = {}
    everything = [*dealt.head, *(p for card in dealt.cards for p in (*card.before, *card.rest))]
    for piece in everything:
        if piece.facts is None or not (piece.facts.numbers or piece.facts.votes is not None):
            continue
        for each in piece.links:
            paper = paper_id(each.url) if "/login" in each.url else None
            if paper and not is_discussion_url(each.url):
                number = piece.facts.votes
                pinned[paper] = piece.facts.numbers[-1] if number is None else number
    return pinned


def _record(
    card: Card, title: str, number: int | None, pinned: dict[str, int], page: _Page
) -> Record:
    parts = _parts(card, page.reference)
    facts = parts.facts
    pages = [url for url, _ in parts.addresses if is_page(url)]
    # The paper's own link first: any paper's id may be stated in a line below the abstract.
    linked = next((paper_id(url) for url in pages), None)
    identity = linked or facts.external_id
    votes = card.votes if facts.votes is None else facts.votes
    if votes is None:
        votes = number
    if identity in pinned:
        votes = pinned[identity]
    numbers = parts.numbers
    if votes is None and numbers:
        votes = numbers.pop(0)
    comments = facts.comments
    if comments is None and numbers:
        comments = numbers[0]
    return Record(
        title=title,
        abstract=_abstract(card, page.hyphens),
        external_id=identity,
        url=pages[0] if pages else None,
        votes=votes,
        authors=facts.authors,
        author_count=_count(facts),
        organization=facts.organization,
        published=facts.published,
        links=_kept_links(parts.addresses),
        comments=comments,
    )


def _parts(card: Card, reference: date) -> _Parts:
    """All that the pieces of a card tell."""
    parts = _Parts()
    for piece in card.title:
        parts.addresses += [(each.url, each.label) for each in piece.links]
    for piece in [*card.before, *card.rest]:
        if is_end(piece):
            break
        _read(piece, parts, reference)
    for piece, above in card.names:
        _read_names(piece, parts.facts, above=above)
    return parts


def _count(facts: Facts) -> int | None:
    if facts.author_count == _UNKNOWN:
        return None
    return facts.author_count or (len(facts.authors) or None)


def _abstract(card: Card, hyphens: Hyphens) -> str:
    paragraphs = []
    for place, lines in enumerate(card.abstract):
        first = (
            without_label(lines[0])
            if lines[0].stated == "abstract" and not place
            else lines[0].text
        )
        paragraphs.append(hyphens.join([first, *(piece.whole for piece in lines[1:])]))
    return one_line(hyphens.join(paragraphs)) if paragraphs else ""


def _read_names(piece: Piece, facts: Facts, *, above: bool) -> None:
    """Take a short text beside an abstract as who wrote the paper."""
    text = bare_name(piece.text)
    if not text:
        return
    names = [
        name.strip()
        for name in re.split(r",\s*+(?:and\s++)?|\sand\s++", text.removeprefix("and "))
        if name.strip()
    ]
    others = _OTHERS.fullmatch(names[-1]) if len(names) > 1 else None
    if others:
        names.pop()
        facts.author_count = len(names) + int(others[1])
    more = bool(names) and re.search(r"(?:et al\.?|…|\.\.\.)$", names[-1])
    if more:
        names[-1] = names[-1][: more.start()].strip()
        names = [name for name in names if name]
    if (len(names) > 1 or more) and all(len(name.split()) <= 5 for name in names):
        facts.authors = facts.authors or tuple(names)
        if more and facts.author_count is None:
            facts.author_count = _UNKNOWN
    elif facts.organization is None and text[0] != "@":
        facts.organization = text


def bare_name(text: str) -> str:
    """The name without the icon, or the ``[logo]`` that a text browser puts for a picture."""
    without = _ALT.sub("", text).strip() or text.strip("[] ")
    return _PICTURE.sub("", _ICON.sub("", without)).strip(" ·•|,")


def _read(piece: Piece, parts: _Parts, reference: date) -> None:
    """Add what one piece tells of the paper."""
    for each in piece.links:
        if "/login" not in each.url and piece.kind is not Kind.ADDRESS:
            parts.addresses.append((each.url, each.label))
    stated = piece.facts
    if piece.kind is not Kind.FACTS or stated is None:
        return
    facts = parts.facts
    if stated.numbers and any("/login" in each.url for each in piece.links):
        facts.votes = stated.numbers.pop() if facts.votes is None else facts.votes
    if any(is_discussion_url(each.url) for each in piece.links) and stated.numbers:
        facts.comments = stated.numbers[0]
        stated.numbers.clear()
    if stated.strong and stated.numbers and facts.comments is None:
        facts.comments = stated.numbers.pop()
    parts.numbers.extend(stated.numbers)
    for name in ("votes", "comments", "author_count", "external_id"):
        if getattr(facts, name) is None:
            setattr(facts, name, getattr(stated, name))
    if stated.authors and (len(stated.authors) == 1 or not facts.authors):
        facts.authors += tuple(name for name in stated.authors if name not in facts.authors)
    if facts.organization is None and stated.organization:
        facts.organization = bare_name(stated.organization)
    if facts.published is None and stated.published is not None:
        facts.published = read_day(stated.dated, reference) or stated.published


def _kept_links(addresses: Sequence[tuple[str, str]]) -> tuple[Link, ...]:
    kept_links: dict[str, Link] = {}
    for url, label in addresses:
        kept = link(url, one_line(label)[:60])
        if kept is not None:
            kept_links.setdefault(url, kept)
    return tuple(kept_links.values())

"""Put together what belongs to each paper: its title, its abstract, and the facts around them.

A page writes the votes of a paper before its title or after its text, but always the same way;
which, is seen at the first title. Everything else (authors, date, comments) comes after the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from digest.model import Link, Record, Rejected
from digest.sources.bounds import LONGEST_TITLE, with_links
from digest.sources.chrome import is_footer
from digest.sources.dates import read_day
from digest.sources.facts import Facts
from digest.sources.items import Item, Kind
from digest.sources.lines import one_line
from digest.sources.links import is_page, link, paper_id, talk
from digest.sources.subscribe import unglue

_SHORT = 80
_LONGEST_NAME = 4
_REMARK = 120
_PARAGRAPH = 300
_LONGEST_EXCERPT = 80
_LINKING_WORDS = """
a an and as at by for from in into is of on or over the through to under using via with without
"""
_LINKING = frozenset(_LINKING_WORDS.split())


@dataclass(slots=True)
class Draft:
    """A title and the items between it and the next one. ``votes`` is what stood before it."""

    title: Item
    rest: list[Item] = field(default_factory=list)
    votes: int | None = None


def gather(items: Sequence[Item], titles: Sequence[bool]) -> tuple[list[Item], list[Draft]]:
    """What stands before the first title, and a draft for each title."""
    head: list[Item] = []
    drafts: list[Draft] = []
    for item, title in zip(items, titles, strict=True):
        if title and drafts and _title_goes_on(drafts[-1], item):
            drafts[-1].title.text += f" {item.text}"
            drafts[-1].title.links = with_links(drafts[-1].title.links, item.links)
        elif title:
            drafts.append(Draft(item))
        else:
            (drafts[-1].rest if drafts else head).append(item)
    return head, drafts


def _title_goes_on(draft: Draft, item: Item) -> bool:
    """Whether two titles in a row are one that was broken in the middle of a phrase."""
    first, second = draft.title.text, item.text
    if (
        draft.rest
        or draft.title.heading
        or item.heading
        or item.page_id
        or len(first) + len(second) > LONGEST_TITLE
        or item.number > draft.title.number + 1
    ):
        return False
    last_word = first.rsplit(None, 1)[-1].lower()
    return (
        first.endswith((":", ",", "-", "–", "—"))
        or last_word in _LINKING
        or (second.split(None, 1)[0] in _LINKING)
    )


def _part_header(head: Sequence[Item], drafts: Sequence[Draft]) -> tuple[list[Item], list[Draft]]:
    """Move lines that only looked like titles, above the page's own header, to the head."""
    head, drafts = list(head), list(drafts)
    while drafts and not drafts[0].title.heading and not drafts[0].title.page_id:
        rest = drafts[0].rest
        header = any(item.kind is Kind.CHROME and item.text[:1].isalpha() for item in rest)
        if not header or len(drafts) < 2 or any(item.kind is Kind.TEXT for item in rest):
            break
        head += [drafts[0].title, *rest]
        del drafts[0]
    return head, drafts


def finish(
    head: Sequence[Item],
    drafts: Sequence[Draft],
    *,
    location: str,
    today: date,
    titled: bool,
    stamp: str,
) -> tuple[list[Record], list[Rejected], date | None]:
    """The records, the pieces that are none, and the day of the page."""
    head, drafts = _part_header(head, drafts)
    day = _day(head, stamp, today)
    rejected: list[Rejected] = []
    pinned = _pinned_votes(head, drafts)
    _pass_votes_on(head, drafts)
    if not titled:
        rejected.extend(
            _orphan(item, location)
            for item in head
            if item.kind is Kind.TEXT and len(item.text) >= _PARAGRAPH
        )
    if drafts and not titled:
        _unglue_first(head, drafts[0])
    records: list[Record] = []
    bare: list[tuple[Draft, bool]] = []
    told = 0
    for draft in drafts:
        record, orphans = _record(draft, pinned, day or today, titled=titled)
        rejected.extend(_orphan(item, location) for item in orphans)
        known = bool(record.title) and (titled or record.external_id is not None)
        if record.abstract or known:
            records.append(record)
            told += record.author_count is not None
        elif records and _names_who(draft, records, told):
            records[-1] = replace(records[-1], organization=record.title)
            continue
        if not record.abstract:
            bare.append((draft, known))
    if len(bare) * 2 <= len(drafts) or not titled:
        rejected.extend(_without_abstract(draft, location, kept=kept) for draft, kept in bare)
    rejected.sort(key=lambda piece: piece.line)
    return records, rejected, day


def _names_who(draft: Draft, records: Sequence[Record], told: int) -> bool:
    """Whether a lone short line stands where this page names who wrote the paper before it.

    ``told`` counts the records whose authors are counted.
    """
    last = records[-1]
    return (
        len(draft.title.text) <= _SHORT
        and not draft.rest
        and last.author_count is None
        and last.organization is None
        and told * 2 >= len(records) - 1 > 0
    )


def _day(head: Sequence[Item], stamp: str, today: date) -> date | None:
    """The day in the header of the page, else the one its saver noted."""
    noted = read_day(stamp, today) if stamp else None
    for item in head:
        if item.facts is not None and item.facts.published is not None:
            return read_day(item.facts.dated, noted or today) or item.facts.published
    return noted


def _unglue_first(head: Sequence[Item], draft: Draft) -> None:
    words = [item.text.strip(" [](){}*#").lower() for item in head]
    if "subscribe" in words:
        return
    abstract = next((item.text for item in draft.rest if item.kind is Kind.TEXT), "")
    after_promotion = bool(head) and head[-1].promotion
    draft.title.text = unglue(draft.title.text, abstract, after_promotion=after_promotion)


def _pinned_votes(head: Sequence[Item], drafts: Sequence[Draft]) -> dict[str, int]:
    """Votes whose button leads to their paper, so that no order has to be trusted."""
    pinned: dict[str, int] = {}
    for item in [*head, *(each for draft in drafts for each in draft.rest)]:
        if item.facts is None or not (item.facts.numbers or item.facts.votes is not None):
            continue
        for each in item.links:
            paper = paper_id(each.url) if "/login" in each.url else None
            if paper and not talk(each.url):
                number = item.facts.votes
                pinned[paper] = item.facts.numbers[-1] if number is None else number
    return pinned


def _pass_votes_on(head: Sequence[Item], drafts: Sequence[Draft]) -> None:
    """Move the votes that stand before a title to that title's draft."""
    first = _trailing_votes(head)
    if first is None:
        return
    for before, draft in zip([head, *(each.rest for each in drafts)], drafts, strict=False):
        found = _trailing_votes(before)
        if found is not None and found.facts is not None:
            facts = found.facts
            draft.votes = facts.numbers.pop() if facts.votes is None else facts.votes
            facts.votes = None


def _trailing_votes(items: Sequence[Item]) -> Item | None:
    """The votes at the very end of these items, if that is what stands there."""
    for item in reversed(items):
        facts = item.facts
        if item.kind is Kind.FACTS and facts is not None:
            if any(talk(each.url) for each in item.links):
                return None
            if facts.only_numbers or (facts.votes is not None and not facts.strong):
                return item
            if facts.strong or facts.external_id:
                return None
        elif item.kind is Kind.TEXT or item.promotion or _is_header(item):
            return None
    return None


def _is_header(item: Item) -> bool:
    return item.kind is Kind.CHROME and is_footer(item.text)


@dataclass(slots=True)
class _Parts:
    """What was found of one paper while going through its draft."""

    texts: list[str] = field(default_factory=list)
    orphans: list[Item] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    addresses: list[tuple[str, str]] = field(default_factory=list)


def _record(
    draft: Draft, pinned: dict[str, int], reference: date, *, titled: bool
) -> tuple[Record, list[Item]]:
    parts = _Parts()
    texts = _choose_texts(draft, parts, titled=titled)
    for each in draft.title.links:
        parts.addresses.append((each.url, each.label))
    for item in draft.rest:
        if item.kind is Kind.CHROME and is_footer(item.text):
            break
        _read_item(item, parts, reference)
    facts = parts.facts
    pages = [url for url, _ in parts.addresses if is_page(url)]
    identity = facts.external_id or next((paper_id(url) for url in pages), None)
    votes = draft.votes if facts.votes is None else facts.votes
    if identity in pinned:
        votes = pinned[identity]
    numbers = parts.numbers
    if votes is None and numbers:
        votes = numbers.pop(0)
    comments = facts.comments
    if comments is None and numbers:
        comments = numbers[0]
    return (
        Record(
            title=one_line(draft.title.text),
            abstract=one_line(" ".join(texts)),
            external_id=identity,
            url=pages[0] if pages else None,
            votes=votes,
            authors=facts.authors,
            author_count=facts.author_count or (len(facts.authors) or None),
            organization=facts.organization,
            published=facts.published,
            links=_kept_links(parts.addresses),
            comments=comments,
        ),
        parts.orphans,
    )


def _choose_texts(draft: Draft, parts: _Parts, *, titled: bool) -> list[str]:
    """The paragraphs of the abstract; other texts become authors, organization or orphans."""
    texts = [item for item in draft.rest if item.kind is Kind.TEXT]
    if titled:
        return _below_heading(draft, texts, parts)
    chosen: list[str] = []
    for item in texts:
        if not chosen or _goes_on(chosen[-1], item):
            chosen.append(item.text)
        else:
            parts.orphans.append(item)
    return chosen


def _goes_on(before: str, item: Item) -> bool:
    """Whether a second text after a title is the same abstract's next paragraph."""
    text = item.text
    if len(text) < _REMARK or text[:1].islower() or ("://" in text and len(text) < _PARAGRAPH):
        return True
    unfinished = before[-1:].isalnum() or before.endswith((",", "-", "–", ";", ":"))
    return (
        unfinished
        and not item.after_blank
        and "://" not in before[-_PARAGRAPH:].rsplit(None, 1)[-1]
    )


def _below_heading(draft: Draft, texts: Sequence[Item], parts: _Parts) -> list[str]:
    """The abstract among the texts below a heading: the first, unless it only names people."""
    longest = max((len(item.text) for item in texts), default=0)
    chosen: list[str] = []
    ended = False
    for item in draft.rest:
        if item.kind is Kind.FACTS and chosen:
            ended = True
        if item.kind is Kind.CHROME and is_footer(item.text):
            break
        if item.kind is not Kind.TEXT:
            continue
        sentence = item.text.endswith((".", "?", "!", "…", "。"))
        name = len(item.text.split()) <= _LONGEST_NAME
        beside = chosen or longest > len(item.text) or item.bullet or name
        if len(item.text) <= _SHORT and not sentence and beside:
            _read_names(item.text, parts.facts)
        elif not ended:
            chosen.append(item.text)
    return chosen


def _read_names(text: str, facts: Facts) -> None:
    """Take a short text beside an abstract as who wrote the paper."""
    names = [name.strip() for name in text.split(",")]
    if len(names) > 1 and all(1 < len(name.split()) <= 4 for name in names):
        facts.authors = facts.authors or tuple(names)
    elif facts.organization is None and text[0] != "@":
        facts.organization = _without_alt(text)


def _without_alt(text: str) -> str:
    """The name without the ``[logo]`` that a text browser puts for its picture."""
    if text.startswith("[") and "]" in text[:-1]:
        return text.split("]", 1)[1].strip() or text
    return text


def _read_item(item: Item, parts: _Parts, reference: date) -> None:
    """Add what one item tells of the paper."""
    for each in item.links:
        if "/login" not in each.url and item.kind is not Kind.ADDRESS:
            parts.addresses.append((each.url, each.label))
    told = item.facts
    if item.kind is not Kind.FACTS or told is None:
        return
    facts = parts.facts
    if any(talk(each.url) for each in item.links) and told.numbers:
        facts.comments = told.numbers[0]
        told.numbers.clear()
    if told.strong and told.numbers and facts.comments is None:
        facts.comments = told.numbers.pop()
    parts.numbers.extend(told.numbers)
    for name in ("votes", "comments", "author_count", "external_id"):
        if getattr(facts, name) is None:
            setattr(facts, name, getattr(told, name))
    facts.authors = facts.authors or told.authors
    if facts.organization is None and told.organization:
        facts.organization = _without_alt(told.organization)
    if facts.published is None and told.published is not None:
        facts.published = read_day(told.dated, reference) or told.published


def _kept_links(addresses: Sequence[tuple[str, str]]) -> tuple[Link, ...]:
    found: dict[str, Link] = {}
    for url, said in addresses:
        kept = link(url, one_line(said)[:60])
        if kept is not None:
            found.setdefault(url, kept)
    return tuple(found.values())


def _excerpt(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= _LONGEST_EXCERPT else text[: _LONGEST_EXCERPT - 1] + "…"


def _orphan(item: Item, location: str) -> Rejected:
    reason = "an abstract without a title, left out: put its title on the line before it"
    return Rejected(reason, location, item.number, _excerpt(item.text))


def _without_abstract(draft: Draft, location: str, *, kept: bool) -> Rejected:
    done = "kept without one" if kept else "left out"
    reason = f"a title without an abstract, {done}: put its abstract on the line after it"
    return Rejected(reason, location, draft.title.number, _excerpt(draft.title.text))

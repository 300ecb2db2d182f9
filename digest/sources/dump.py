"""Read a papers page that was copied, captured, exported or saved, by its structure alone.

A web page is read element by element (:mod:`webpage`), anything else line by line
(:mod:`digest.sources.text`); from there on the two are one. Nothing here raises on any text,
whatever is in it, and the time is linear in its length.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from digest.model import Record, Rejected
from digest.sources import bounds, dialects, embedded, webpage
from digest.sources.chrome import is_header
from digest.sources.formats import Listing, UnreadableError, read_format
from digest.sources.genre import without_strangers
from digest.sources.lines import Page
from digest.sources.printed import without_running_heads
from digest.sources.repeats import without_repeats
from digest.sources.text.cleaning import clean
from digest.sources.text.markup import is_marked, read_marked
from digest.sources.text.plain import read_plain
from digest.sources.text.reader import Account, PageReading, read_page
from digest.sources.text.saver_notes import saver_day
from digest.sources.text.segments import captures, segments

_MOST_HEADER_LINES = 200


@dataclass(frozen=True, slots=True)
class TextReading:
    """The result of reading a text: its papers, what could not be used, and the day that it shows itself.

    ``understood`` is the share of its characters (0 to 1) that are a paper's or known furniture;
    ``known`` says that it has the header of a papers page, ``kind`` what format it is of, if any; ``more`` by what
    token the list goes on elsewhere.
    """

    records: tuple[Record, ...]
    rejected: tuple[Rejected, ...]
    day: date | None
    understood: float
    known: bool
    kind: str = ""
    more: str = ""


def parse(
    text: str, *, location: str, today: date
) -> tuple[tuple[Record, ...], tuple[Rejected, ...], date | None]:
    """The papers on a page, what could not be used, and its day; see :func:`read_text`."""
    try:
        reading = read_text(text, location=location, today=today)
    except UnreadableError as error:
        return (), (Rejected(str(error), location),), None
    return reading.records, reading.rejected, reading.day


def read_text(text: str, *, location: str, today: date) -> TextReading:
    """Read the papers on a page, and account for all of it.

    ``today`` (a day in the operator's zone) resolves dates without a year to the nearest past.
    Records are in page order, positions from 1, each paper once.

    Raises `UnreadableError` if it is of a known format (JSON, a feed …) that holds no papers.
    """
    held = read_format(text, today)
    if isinstance(held, Listing):
        # That it is well made says nothing of what it lists: its ids and its words have to.
        return TextReading(
            without_repeats(held.records), (), None, 1.0, False, held.kind, held.more
        )
    text = held or text
    rejected: list[Rejected] = []
    left = bounds.MOST_LINES
    readings: list[PageReading] = []
    pages = read_pages(text)
    for page in pages:
        rejected += [Rejected(note, location) for note in page.notes]
        if len(page.lines) > left:
            reason = f"more than {bounds.MOST_LINES:,} paragraphs; only these were read: is this a papers page?"
            rejected.append(Rejected(reason, location))
            del page.lines[left:]
        left -= len(page.lines)
        readings += [
            read_page(part, page, location=location, today=today) for part in segments(page.lines)
        ]
    records = [record for reading in readings for record in reading.records]
    if pages[0].web:
        records = embedded.complete(records, text, today)
    for reading in readings:
        rejected.extend(reading.rejected)
    records, strangers = without_strangers(records)
    rejected += [_stranger(record, location) for record in strangers]
    day = next((reading.day for reading in readings if reading.day), None)
    account = _summed((reading.account for reading in readings), strangers)
    known = any(is_header(line.text) for page in pages for line in page.lines[:_MOST_HEADER_LINES])
    return TextReading(without_repeats(records), tuple(rejected), day, account.share, known)


def _stranger(record: Record, location: str) -> Rejected:
    reason = "left out: unlike the papers here it has no link, and does not read like one"
    return Rejected(reason, location, 0, record.title[:79])


def _summed(accounts: Iterable[Account], strangers: Iterable[Record]) -> Account:
    """All accounts in one, in which what turned out to be no paper is lost."""
    whole = Account()
    whole.lost = sum(len(each.title) + len(each.abstract) for each in strangers)
    whole.papers -= whole.lost
    for account in accounts:
        whole.papers += account.papers
        whole.furniture += account.furniture
        whole.left += account.left
    return whole


def read_pages(text: str) -> list[Page]:
    """The lines of each page in the text with its markup, whatever it is, undone."""
    if webpage.is_web_page(text):
        text, notes = bounds.cut_tags(text)
        page = webpage.read_web_page(text)
        page.notes = (*notes, *page.notes)
        return [page]
    text, notes = bounds.cut_lines(clean(without_running_heads(text)))
    pages: list[Page] = []
    for noted, body, above in captures(dialects.to_markdown(text)):
        marked = is_marked(body)
        lines, stamp = read_marked(body) if marked else (read_plain(body), "")
        for line in lines:
            line.number += above
        pages.append(Page(lines, marked, saver_day(noted) or stamp))
    pages[0].notes = notes
    return pages

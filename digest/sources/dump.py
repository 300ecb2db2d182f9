"""Read a papers page that was copied, captured, exported or saved, by its structure alone.

::

    text ─▶ lines ─▶ items ─▶ joined items ─▶ titles ─▶ drafts ─▶ records
         markup,     facts,   joining        titles,    drafts
         webpage     chrome                  layout

Nothing here raises on any text, whatever is in it, and the time is linear in its length.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from digest.model import Record, Rejected
from digest.sources import bounds, embedded, webpage
from digest.sources.drafts import Draft, finish, gather
from digest.sources.items import Item, Kind, read_items
from digest.sources.joining import join
from digest.sources.lines import Page
from digest.sources.markup import is_marked, read_marked, read_plain
from digest.sources.repeats import without_repeats
from digest.sources.titles import is_title, keep_title_headings


def parse(
    text: str, *, location: str, today: date
) -> tuple[tuple[Record, ...], tuple[Rejected, ...], date | None]:
    """The papers on a page, what could not be used, and the day that the page itself shows.

    ``today`` (a day in the operator's zone) resolves dates without a year to the nearest past.
    Records are in page order, positions from 1, each paper once. Never raises.
    """
    page = read_page(text)
    rejected = [Rejected(note, location) for note in page.notes]
    if len(page.lines) > bounds.MOST_LINES:
        reason = f"more than {bounds.MOST_LINES:,} paragraphs; only these were read: is this a papers page?"
        rejected.append(Rejected(reason, location))
        del page.lines[bounds.MOST_LINES :]
    items = read_items(page, today)
    titled = keep_title_headings(items)
    if not page.web:
        items = join(items, titled=titled, marked=page.marked)
    _attach_addresses(items)
    head, drafts = gather(items, is_title(items, titled=titled))
    records, left, day = finish(
        head, drafts, location=location, today=today, titled=titled, stamp=page.stamp
    )
    records = embedded.complete(records, text, today) if page.web else records
    rejected.extend(left)
    kept = without_repeats(records)
    if kept and not titled and (cut := _cut_off(kept, drafts, items, location)):
        rejected.append(cut)
    return kept, tuple(rejected), day


def read_page(text: str) -> Page:
    """The lines of the text with its markup, whatever it is, undone."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").removeprefix("\ufeff")
    if webpage.is_web_page(text):
        text, notes = bounds.cut_tags(text)
        page = webpage.read_web_page(text)
    else:
        text, notes = bounds.cut_lines(text)
        page = read_marked(text) if is_marked(text) else read_plain(text)
    page.notes = (*notes, *page.notes)
    return page


def _attach_addresses(items: Sequence[Item]) -> None:
    """Give each address on a line of its own to the item it belongs to.

    That is the one before it; or, on a page that starts with one and does not end so, the next.
    """
    meaning = [item for item in items if item.kind is not Kind.CHROME]
    ahead = (
        len(meaning) > 1
        and meaning[0].kind is Kind.ADDRESS
        and meaning[-1].kind is not Kind.ADDRESS
        and meaning[0].page_id is not None
    )
    target: Item | None = None
    for item in reversed(items) if ahead else items:
        if item.kind is not Kind.ADDRESS:
            target = item
        elif target is not None:
            target.links = bounds.with_links(target.links, item.links)


def _cut_off(
    records: Sequence[Record], drafts: Sequence[Draft], items: Sequence[Item], location: str
) -> Rejected | None:
    """A note if the last text stops in the middle of a sentence, as in a file that was cut."""
    if not items or not drafts:
        return None
    last = items[-1]
    if last.kind is not Kind.TEXT or last is drafts[-1].title:
        return None
    words = last.text.rsplit(None, 1)
    tail = words[-1]
    if "://" in tail or not (tail[-1].isalnum() or tail[-1] in ",-–;:("):
        return None
    unfinished = sum(record.abstract[-1:].isalnum() for record in records[:-1])
    if unfinished * 4 > len(records):
        return None
    reason = "the last abstract stops in mid-sentence, is the file cut? Fetch it again if so"
    return Rejected(reason, location, last.number, last.text[-60:])

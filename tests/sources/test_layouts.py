"""Every kind of page gives the same papers, word for word, with all that it tells of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

import pytest
from sources import shelf
from sources.shelf import SHELF, SUMMARIES, TODAY, Invented

from digest.sources.dump import parse

Layout = Callable[[Sequence[Invented]], str]

# What each kind of page tells: ids, votes, authors, organization, date, comments, page's day.
LAYOUTS: dict[str, tuple[Layout, str]] = {
    "blank separated": (shelf.blank_separated, "D"),
    "glued": (shelf.glued, ""),
    "glued in pairs": (shelf.glued_in_pairs, ""),
    "padded": (shelf.padded, ""),
    "blank separated, Windows": (shelf.windows(shelf.blank_separated), "D"),
    "glued, Windows": (shelf.windows(shelf.glued), ""),
    "copied with facts": (shelf.copied_with_facts, "vaodcD"),
    "copied with blanks": (shelf.copied_with_blanks, "vaodcD"),
    "facts on one line": (shelf.facts_on_one_line, "vaodcD"),
    "votes after": (shelf.votes_after, "va"),
    "scraped Markdown": (shelf.scraped_markdown, "ivaodcD"),
    "scraped Markdown, Windows": (shelf.windows(shelf.scraped_markdown), "ivaodcD"),
    "linked headings": (shelf.linked_headings, "ivaodD"),
    "bold titles": (shelf.bold_titles, ""),
    "second-level headings": (shelf.second_level_headings, ""),
    "numbered links": (shelf.numbered_links, "i"),
    "address after": (shelf.address_after, "i"),
    "address after, no blanks": (shelf.address_after_without_blanks, "i"),
    "address between": (shelf.address_between, "i"),
    "address first": (shelf.address_first, "i"),
    "address after everything": (shelf.address_after_everything, "ivaodcD"),
    "terminal capture": (shelf.terminal_capture, "ivaodcD"),
    "narrow terminal capture": (partial(shelf.terminal_capture, width=64), "ivaodcD"),
    "terminal capture, cut": (partial(shelf.terminal_capture, references=False), "vaodcD"),
    "text browser": (shelf.text_browser_dump, "ivadD"),
    "hard wrapped": (shelf.hard_wrapped, ""),
    "hard wrapped pairs": (shelf.hard_wrapped_pairs, ""),
    "sentence per line": (shelf.sentence_per_line, ""),
    "labelled": (shelf.labelled, "d"),
    "reader mode": (shelf.reader_mode, "aD"),
    "trending": (shelf.trending, "a"),
    "saved cards": (shelf.saved_cards, "ivaodcD"),
    "saved without headings": (shelf.saved_without_headings, "i"),
    "saved paragraphs": (shelf.saved_paragraphs, ""),
}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize(
    "papers",
    [SHELF, SHELF[::-1], SUMMARIES, SHELF[:2]],
    ids=["abstracts", "reversed", "summaries", "two"],
)
def test_a_page_gives_its_papers(name: str, papers: tuple[Invented, ...]) -> None:
    layout, told = LAYOUTS[name]
    records, rejected, day = parse(layout(papers), location="page.txt", today=TODAY)
    assert [record.title for record in records] == [paper.title for paper in papers]
    for record, paper in zip(records, papers, strict=True):
        shelf.agrees(record, paper, told)
    assert [record.position for record in records] == list(range(1, len(papers) + 1))
    assert rejected == ()
    if "D" in told:
        assert day == date(2026, 11, 18)

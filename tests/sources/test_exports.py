"""Pages that other programs wrote (Emacs, Sphinx, LaTeX, a chat, a newsletter, a print) give their papers."""

from __future__ import annotations

import pytest
from sources import exports, shelf
from sources.shelf import SHELF, TODAY, Invented

from digest.model import Dump
from digest.sources.reading import read_dump

EXPORTS = {
    "Org mode": (exports.org_mode, "ivdn"),
    "reStructuredText": (exports.restructured, "idn"),
    "AsciiDoc": (exports.asciidoc, "idn"),
    "LaTeX": (exports.latex, "in"),
    "a wiki's table": (exports.wiki, "i"),
    "YAML front matter": (exports.front_matter, "ivdn"),
    "arXiv's listing": (exports.arxiv_listing, "Tn"),
    "a chat": (exports.chat, "i"),
    "a newsletter's text": (exports.newsletter, "i"),
    "a print's text": (exports.printed, "Td"),
    "notes of a vault": (exports.vault_notes, "idn"),
    "a page that was spoken": (exports.spoken, "v3"),
    "arXiv's mail": (exports.arxiv_mail, "Tdn"),
    "a spreadsheet": (exports.spreadsheet, "ivdn"),
    "a channel": (exports.channel, "in"),
    "a list of references": (exports.references, "Tn"),
    "an outline": (exports.outline, "i"),
    "a search engine's alert": (exports.search_alert, "T"),
}


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("papers", [SHELF, SHELF[::-1]], ids=["in order", "reversed"])
def test_an_export_gives_its_papers_word_for_word(name: str, papers: tuple[Invented, ...]) -> None:
    layout, told = EXPORTS[name]
    dump = read_dump(layout(papers).encode(), location="page", today=TODAY)
    assert isinstance(dump, Dump), dump.reason
    assert [record.title for record in dump.records] == [paper.title for paper in papers]
    for record, paper in zip(dump.records, papers, strict=True):
        if name == "LaTeX":
            assert record.abstract == paper.abstract.replace("\\%", "%")
        else:
            shelf.agrees(record, paper, told.replace("n", ""))
        if "3" in told:
            assert record.author_count == 3
        if "T" in told:
            assert record.external_id == paper.id
        if "n" in told:
            assert record.authors == exports.NAMES

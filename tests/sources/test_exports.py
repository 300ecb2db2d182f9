"""Pages that other programs wrote (Emacs, Sphinx, LaTeX, a chat, a newsletter, a print) give their papers."""

from __future__ import annotations

import pytest
from sources import exports, shelf
from sources.shelf import SHELF, TODAY, Invented

from digest.model import Dump
from digest.sources.reading import read_dump

TITLES = (
    "Kettle Logic: Boiling Down Mixture-of-Experts Routers to a Single Sparse Gate",
    "Do Robots Dream of Radar?",
    "GraniteTune: Fine-Grained Segmentation of Thin Sections",
    "Verification of Cooperative Multi-Agent Planners under a Budget of Messages",
    "xWhisk: whisking state-space models into recipes",
    "Pruning Hedges, Pruning Neural Networks",
    "Tidal Survival: Bayesian Inference for Energy Co-operatives",
    "Lanterns: Retrieval-Augmented Generation over Harbour Logs",
)
IN_SENTENCE_CASE = (
    "Quantum transport through a chain of paper lanterns",
    "Bayesian inference of tidal energy from harbour logs",
    "Sparse attention for whisking long recipes in one pass",
    "Convergence of gradient descent on granite landscapes",
)
TITLE_LISTS = {
    "one a line": "{title}\n",
    "with blank lines between": "{title}\n\n",
    "as Windows writes lines": "{title}\r\n",
    "numbered": "{place}. {title}\n",
    "numbered with brackets": "{place}) {title}\n\n",
    "with bullets": "- {title}\n",
    "in bold": "* **{title}**\n",
    "labelled": "Title: {title}\n",
    "to be ticked off": "- [ ] {title}\n",
}
HEADS = ("", "Reading list for Friday:\n", "# To read\n\n")

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


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("titles", [TITLES, TITLES[:1] + TITLES[2:4], IN_SENTENCE_CASE])
@pytest.mark.parametrize("layout", TITLE_LISTS)
def test_a_list_of_titles_alone_gives_each_word_for_word(
    layout: str, titles: tuple[str, ...], head: str
) -> None:
    lines = [
        TITLE_LISTS[layout].format(place=place, title=title)
        for place, title in enumerate(titles, start=1)
    ]
    dump = read_dump((head + "".join(lines)).encode(), location="page", today=TODAY)
    assert isinstance(dump, Dump), dump.reason
    assert [record.title for record in dump.records] == list(titles)
    assert not any(record.abstract or record.authors for record in dump.records)
    assert (dump.understood, dump.rejected) == (1.0, ())


@pytest.mark.parametrize(
    "layout",
    [
        "{title} — {names}",
        "- **{title}** - {names}",
        "{title} (arXiv:{id}v2)",
        "{id} {title}",
        "[{id}] {title} - {names}",
    ],
)
def test_a_list_of_titles_may_tell_ids_and_authors_on_the_line(layout: str) -> None:
    lines = [
        layout.format(title=title, names=exports.WRITTEN_BY, id=f"2610.0001{place}")
        for place, title in enumerate(TITLES)
    ]
    dump = read_dump("\n".join(lines).encode(), location="page", today=TODAY)
    assert isinstance(dump, Dump), dump.reason
    assert [record.title for record in dump.records] == list(TITLES)
    names = exports.NAMES if "names" in layout else ()
    assert {record.authors for record in dump.records} == {names}
    ids = [f"2610.0001{place}" if "id" in layout else None for place in range(len(TITLES))]
    assert [record.external_id for record in dump.records] == ids


def test_two_titles_alone_are_a_list() -> None:
    dump = read_dump("\n".join(TITLES[2:4]).encode(), location="page", today=TODAY)
    assert isinstance(dump, Dump), dump.reason
    assert [record.title for record in dump.records] == list(TITLES[2:4])


DOIS = [f"10.1234/kettle.{number}" for number in range(len(SHELF))]
ROWS = {
    "{title}\t{authors}\t{id}\n": "n",
    "{id}\t{title}\t{authors}": "n",
    "{title}\t{url}": "",
    "{place}\t{day}\t{title}\t{abstract}\t{url}": "ad",
    '"{title}"\t{url}\t{authors}': "n",
}


def _row(layout: str, place: int, paper: Invented) -> str:
    return layout.format(
        place=place,
        title=paper.title,
        abstract=paper.abstract,
        authors=exports.WRITTEN_BY,
        id=paper.id,
        url=exports.arxiv(paper),
        day=paper.published.isoformat(),
    )


@pytest.mark.parametrize("layout", ROWS)
@pytest.mark.parametrize("papers", [SHELF, SHELF[:2]], ids=["all", "two"])
def test_rows_without_a_header_are_read_by_what_their_cells_hold(
    layout: str, papers: tuple[Invented, ...]
) -> None:
    rows = [_row(layout, place, paper) for place, paper in enumerate(papers, start=1)]
    dump = read_dump("\n".join(rows).encode(), location="page", today=TODAY)
    assert isinstance(dump, Dump), dump.reason
    assert [record.title for record in dump.records] == [paper.title for paper in papers]
    assert [record.external_id for record in dump.records] == [paper.id for paper in papers]
    for record, paper in zip(dump.records, papers, strict=True):
        assert record.authors == (exports.NAMES if "n" in ROWS[layout] else ())
        assert record.abstract == (paper.abstract if "a" in ROWS[layout] else "")
        assert record.published == (paper.published if "d" in ROWS[layout] else None)
        assert record.organization is None


def test_rows_may_give_dois() -> None:
    rows = [f"{doi}\t{paper.title}" for doi, paper in zip(DOIS, SHELF, strict=True)]
    dump = read_dump("\n".join(rows).encode(), location="page", today=TODAY)
    assert isinstance(dump, Dump), dump.reason
    assert [record.title for record in dump.records] == [paper.title for paper in SHELF]
    assert [record.external_id for record in dump.records] == [f"doi:{doi}" for doi in DOIS]


SIGNED = {
    "bold": "- **[{title}]({url})** — {authors}\n  {abstract}\n",
    "bold inside": "* [**{title}**]({url}) – {authors}\n\n  {abstract}\n\n",
    "plain": "[{title}]({url}) - {authors}\n\n{abstract}\n\n",
    "numbered": "{place}. **[{title}]({url})** — by {authors}\n   {abstract}\n",
}


@pytest.mark.parametrize("layout", SIGNED)
def test_authors_after_a_linked_title_and_a_dash_are_authors(layout: str) -> None:
    rows = [_row(SIGNED[layout], place, paper) for place, paper in enumerate(SHELF, start=1)]
    dump = read_dump("".join(rows).encode(), location="page", today=TODAY)
    assert isinstance(dump, Dump), dump.reason
    assert [record.title for record in dump.records] == [paper.title for paper in SHELF]
    for record, paper in zip(dump.records, SHELF, strict=True):
        assert record.authors == exports.NAMES
        assert (record.abstract, record.external_id) == (paper.abstract, paper.id)


@pytest.mark.parametrize(
    "layout",
    ["- **{title}** — {authors}\n  {abstract}\n", "**{title}** - {authors}\n\n{abstract}\n\n"],
)
@pytest.mark.parametrize("head", ["", "# To read\n\n"])
def test_authors_after_a_bold_title_and_a_dash_are_authors(layout: str, head: str) -> None:
    rows = [_row(layout, place, paper) for place, paper in enumerate(SHELF, start=1)]
    dump = read_dump((head + "".join(rows)).encode(), location="page", today=TODAY)
    assert isinstance(dump, Dump), dump.reason
    assert [record.title for record in dump.records] == [paper.title for paper in SHELF]
    for record, paper in zip(dump.records, SHELF, strict=True):
        assert (record.authors, record.abstract) == (exports.NAMES, paper.abstract)


@pytest.mark.parametrize(
    ("signature", "authors", "count"),
    [
        ("Ada Invented", ("Ada Invented",), 1),
        ("Ada Invented and Bo van Made-Up", ("Ada Invented", "Bo van Made-Up"), 2),
        ("Ada Invented et al.", ("Ada Invented",), None),
        ("Ada Invented, Bo Made-Up and 7 others", ("Ada Invented", "Bo Made-Up"), 9),
    ],
)
def test_a_signature_may_be_short(
    signature: str, authors: tuple[str, ...], count: int | None
) -> None:
    page = "".join(
        f"- [{paper.title}]({exports.arxiv(paper)}) — {signature}\n  {paper.abstract}\n"
        for paper in (SHELF[0], SHELF[1], SHELF[3])
    )
    dump = read_dump(page.encode(), location="page", today=TODAY)
    assert isinstance(dump, Dump), dump.reason
    assert [record.authors for record in dump.records] == [authors] * 3
    assert [record.author_count for record in dump.records] == [count] * 3


@pytest.mark.parametrize("rest", ["Fine Grains and Deep Stones", "Project Page", "Learning Rocks"])
def test_a_title_that_goes_on_after_a_dash_stays_whole(rest: str) -> None:
    page = "".join(
        f"- [GraniteTune {place}]({exports.arxiv(paper)}) — {rest}\n  {paper.abstract}\n"
        for place, paper in enumerate(SHELF)
    )
    dump = read_dump(page.encode(), location="page", today=TODAY)
    assert isinstance(dump, Dump), dump.reason
    assert not any(record.authors for record in dump.records)
    assert all(rest in record.title for record in dump.records)

"""The quiet line of a paper: who wrote it, where, and where its files are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail.parsed_mail import html_links, parse_html, parse_mail, text_links, visible_text
from mail.sample_editions import (
    LIST,
    LIST_WITHOUT_PAGES,
    TOPICS,
    composer,
    edition,
    entry,
    general_selection,
    recipient_of,
)

from digest.mail import bylines
from digest.mail.list_identity import ListIdentity
from digest.model import Entry, Link, LinkKind

BARE = replace(
    entry(1, TOPICS[0]),
    authors=(), author_count=0, institution="", venue="", stars=None, links=(), external_id=None,
)  # fmt: skip
CODE = Link(LinkKind.CODE, "https://code.example.org/moss")
PAGE = Link(LinkKind.PROJECT, "https://moss.example.org/")


def of(*authors: str, count: int = 0, **facts: object) -> Entry:
    return replace(BARE, authors=authors, author_count=count or len(authors), **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("paper", "line"),
    [
        (of("A. Rao", "B. Sun", "C. Li", "Z. Wu", count=14), "A. Rao, B. Sun, C. Li … Z. Wu (14 authors)"),
        (of("A. Rao", "B. Sun", "C. Li", "Z. Wu"), "A. Rao, B. Sun, C. Li, Z. Wu"),
        (of("A. Rao"), "A. Rao"),
        (of("A. Rao", "B. Sun", count=14), "A. Rao, B. Sun and 12 more"),
        (of("Rao, A.", "Sun, B.", count=5), "Rao, A.; Sun, B. and 3 more"),
        (of("Rao, A.", "Sun, B.", "Li, C.", "Wu, Z.", count=14), "Rao, A.; Sun, B.; Li, C. … Wu, Z. (14 authors)"),
        (of(count=5_000), "5,000 authors"),
        (of(count=1), "1 author"),
        (of("x" * 10_000, count=3), "3 authors"),
        (of("A. Rao", institution="Harbour Lab", venue="ICLR 2027"), "A. Rao · Harbour Lab · ICLR 2027"),
        (of(venue="ICLR 2027"), "ICLR 2027"),
        (of("A. Rao", institution="TIDE", title="Tide: Attention That Ebbs"), "A. Rao"),
        (of("A. Rao", institution="x" * 100), "A. Rao"),
        (of(), ""),
        (of("سارة حداد", "B. Sun"), "\u2068سارة حداد\u2069, B. Sun"),
        (of("\u202eevil\u202c", institution="\u202e\u2066Lab"), "evil · Lab"),
    ],
)  # fmt: skip
def test_authors_are_named_as_far_as_a_reader_wants_them(paper: Entry, line: str) -> None:
    assert bylines.byline(paper) == line


def test_the_pdf_stands_first_and_stars_stand_by_the_code() -> None:
    paper = replace(BARE, external_id="2611.00001", links=(CODE, PAGE), stars=1_204)
    listed = bylines.links(paper, "TideFormer", most=3)
    assert [(link["text"], link["label"], link["note"]) for link in listed] == [
        ("PDF", "PDF of TideFormer", ""),
        ("Code", "Code of TideFormer", "★ 1,204"),
        ("Project page", "Project page of TideFormer", ""),
    ]
    assert listed[0]["url"] == "https://arxiv.org/pdf/2611.00001"
    assert len(bylines.links(paper, "TideFormer", most=1)) == 2


def test_stars_without_code_are_not_shown() -> None:
    assert [
        link["note"] for link in bylines.links(replace(BARE, links=(PAGE,), stars=9), "x", most=3)
    ] == [""]


@pytest.mark.parametrize("list_identity", [LIST, LIST_WITHOUT_PAGES], ids=["pages", "no-pages"])
@pytest.mark.parametrize("picks", [0, 1])
def test_a_paper_shows_its_credits_in_both_parts(list_identity: ListIdentity, picks: int) -> None:
    paper = replace(
        of("A. Rao", "B. Sun", "C. Li", "Z. Wu", count=14, venue="ICLR 2027"),
        title="TideFormer: Attention That Ebbs",
        external_id="2611.00001",
        links=(CODE,),
        stars=1_204,
    )
    one = edition(entries=[paper], picks=picks, updated=0)
    mail = parse_mail(
        composer(one, list_identity).compose(general_selection(one), recipient_of(1, list_identity))
    )
    line = "A. Rao, B. Sun, C. Li … Z. Wu (14 authors) · ICLR 2027"
    assert line in visible_text(mail.html)
    assert line in " ".join(mail.text.split())
    assert "Code ★ 1,204" in visible_text(mail.html)
    assert "PDF: https://arxiv.org/pdf/2611.00001\n" in mail.text
    assert f"Code (★ 1,204): {CODE.url}\n" in mail.text
    assert html_links(mail.html) == text_links(mail.text)


def test_a_paper_of_which_nothing_is_known_has_no_empty_line() -> None:
    one = edition(entries=[replace(BARE, summary="", brief="")], picks=0, updated=0)
    mail = parse_mail(composer(one).compose(general_selection(one), recipient_of()))
    paragraphs = ["".join(p.itertext()).strip() for p in parse_html(mail.html).iter("p")]
    assert all(paragraphs)


@given(st.lists(st.text(max_size=100), max_size=6), st.integers(0, 9_999), st.text(max_size=100))
def test_whatever_a_source_says_a_byline_is_one_short_line(
    authors: list[str], count: int, words: str
) -> None:
    line = bylines.byline(of(*authors, count=count, institution=words, venue=words))
    assert len(line) <= 400
    assert "\n" not in line
    assert line.count("\u2068") == line.count("\u2069")


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x>', "{{ 7 * 7 }}", "\ue000unsubscribe\ue001"]
)
def test_an_author_is_words_and_nothing_else(name: str) -> None:
    paper = of(name, "B. Sun", institution=name, venue=name)
    one = edition(entries=[paper], updated=0)
    mail = parse_mail(composer(one).compose(general_selection(one), recipient_of()))
    tags = {str(element.tag) for element in parse_html(mail.html).iter()}
    assert not tags & {"script", "img"}
    assert name.strip("\ue000\ue001") in visible_text(mail.html)
    assert html_links(mail.html) == text_links(mail.text)

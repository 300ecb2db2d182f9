"""Pages with something missing, doubled, glued, cut or odd: the rest is read all the same."""

from __future__ import annotations

import html
import json
import textwrap
import time
from collections.abc import Sequence
from datetime import date

import pytest
from sources import shelf
from sources.shelf import SHELF, SUMMARIES, TODAY, Invented

from digest.model import LinkKind, Record, Rejected
from digest.sources import bounds, webpage
from digest.sources.dump import parse


def read(text: str) -> tuple[tuple[Record, ...], tuple[Rejected, ...]]:
    records, rejected, _ = parse(text, location="page.txt", today=TODAY)
    return records, rejected


def titles(records: Sequence[Record]) -> list[str]:
    return [record.title for record in records]


PLAIN = [shelf.blank_separated, shelf.glued, shelf.glued_in_pairs]


@pytest.mark.parametrize("layout", PLAIN)
@pytest.mark.parametrize("place", range(len(SHELF)))
def test_a_missing_abstract_costs_one_paper_and_one_line(layout: object, place: int) -> None:
    text = layout(SHELF).replace("\n" + SHELF[place].abstract, "")  # type: ignore[operator]
    text = text.removesuffix("\n")
    records, rejected = read(text)
    others = [paper for paper in SHELF if paper is not SHELF[place]]
    assert [(r.title, r.abstract) for r in records] == [(p.title, p.abstract) for p in others]
    assert [piece.reason.split(",")[0] for piece in rejected] == ["a title without an abstract"]
    assert rejected[0].excerpt[:20] in ("Subscribe" + SHELF[place].title)
    assert text.split("\n")[rejected[0].line - 1].endswith(SHELF[place].title)


@pytest.mark.parametrize("layout", PLAIN)
@pytest.mark.parametrize("place", range(1, len(SHELF)))
def test_a_missing_title_costs_one_paper_and_one_line(layout: object, place: int) -> None:
    text = layout(SHELF).replace(SHELF[place].title + "\n", "")  # type: ignore[operator]
    records, rejected = read(text)
    others = [paper for paper in SHELF if paper is not SHELF[place]]
    assert [(r.title, r.abstract) for r in records] == [(p.title, p.abstract) for p in others]
    assert [piece.reason.split(",")[0] for piece in rejected] == ["an abstract without a title"]


def test_an_abstract_before_the_first_title_is_told_of() -> None:
    records, rejected = read(
        SHELF[0].abstract + "\n\n" + shelf.blank_separated(SHELF[1:]).split("18\n\n")[1]
    )
    assert titles(records) == [paper.title for paper in SHELF[1:]]
    assert len(rejected) == 1


def test_a_title_that_a_heading_or_an_id_vouches_for_is_kept_without_its_abstract() -> None:
    text = shelf.scraped_markdown(SHELF).replace(f"[{SHELF[2].abstract}]", "[]")
    records, rejected = read(text)
    assert titles(records) == [paper.title for paper in SHELF]
    assert records[2].abstract == ""
    assert [piece.reason.split(",")[1] for piece in rejected] == [
        " kept without one: put its abstract on the line after it"
    ]


def test_a_page_of_titles_alone_is_not_complained_about() -> None:
    text = "\n\n".join(f"### [{paper.title}](/papers/{paper.id})" for paper in SHELF)
    records, rejected = read(text)
    assert titles(records) == [paper.title for paper in SHELF]
    assert rejected == ()


def test_a_page_cut_in_mid_sentence_is_used_and_told_of() -> None:
    text = shelf.glued(SHELF)
    records, rejected = read(
        text[: text.index(" for children") if " for children" in text else -60]
    )
    assert titles(records) == [paper.title for paper in SHELF]
    assert len(rejected) == 1
    assert "cut" in rejected[0].reason


def test_a_page_cut_right_after_a_title_loses_only_that_paper() -> None:
    text = shelf.blank_separated(SHELF)
    records, rejected = read(text[: text.index(SHELF[-1].abstract)])
    assert titles(records) == [paper.title for paper in SHELF[:-1]]
    assert len(rejected) == 1


@pytest.mark.parametrize(
    "title",
    [
        "Subscribe or Perish: Newsletters in the Age of Feeds",
        "Subscriber Churn Prediction with Temporal Graphs",
        "Subscribers Also Read: A Causal View",
        "Subscribed to Failure",
        "Subscribe",
        "Subscribe-to-Win: Incentives for Federated Learning",
        "SubscribeSubscribe to My Loss: Echoes in Recommenders",
        "On Foundations",
        "3D Rain",
        "xLoom: weaving",
        "“Quoted” Gains",
    ],
)
def test_the_glued_button_is_undone_and_no_title_is_harmed(title: str) -> None:
    first = shelf.invented(1, title, SHELF[0].abstract)
    records, _ = read(shelf.glued((first, *SHELF[1:])))
    assert titles(records)[0] == title
    separate = shelf.blank_separated((first, *SHELF[1:]))
    if title != "Subscribe":
        assert titles(read(separate)[0])[0] == title


@pytest.mark.parametrize(
    "title",
    [
        "Subscribe or Perish: Newsletters",
        "Subscriber Churn Prediction",
        "Subscribers and Their Feeds",
    ],
)
def test_a_page_without_the_button_keeps_the_word_in_its_first_title(title: str) -> None:
    lines = [title, SHELF[0].abstract, SHELF[1].title, SHELF[1].abstract]
    assert titles(read("\n".join(lines))[0])[0] == title
    assert titles(read(shelf.PROMOTION + "\n".join(lines))[0])[0] == title


def test_a_name_made_of_the_word_that_comes_again_is_a_name() -> None:
    lines = ["SubscribeNet: Reading Lists", f"SubscribeNet is new. {SHELF[0].abstract}"]
    lines += [SHELF[1].title, SHELF[1].abstract]
    assert titles(read(shelf.PROMOTION + "\n".join(lines))[0])[0] == "SubscribeNet: Reading Lists"


def test_only_the_first_title_can_have_the_button_glued_to_it() -> None:
    papers = (SHELF[0], shelf.invented(2, "SubscribeEverywhere", SHELF[1].abstract), SHELF[2])
    assert titles(read(shelf.glued(papers))[0])[1] == "SubscribeEverywhere"


def test_a_paper_listed_twice_counts_once_and_keeps_what_either_tells() -> None:
    first = f"### {SHELF[0].title}\n\n{SHELF[0].abstract}\n\n"
    second = f"### [{SHELF[0].title.upper()}](/papers/{SHELF[0].id})\n\n{SHELF[0].abstract}  \n\n- 7 authors\n\n"
    other = f"### {SHELF[1].title}\n\n{SHELF[1].abstract}\n\n"
    records, rejected = read(first + other + second)
    assert titles(records) == [SHELF[0].title, SHELF[1].title]
    assert (records[0].author_count, records[0].external_id) == (7, SHELF[0].id)
    assert [record.position for record in records] == [1, 2]
    assert rejected == ()


def test_the_same_title_over_two_abstracts_is_two_papers_unless_an_id_says_otherwise() -> None:
    lines = ["Dust", SHELF[0].abstract, "Dust", SHELF[1].abstract]
    assert len(read("\n".join(lines))[0]) == 2
    heading = f"### [Dust](/papers/{SHELF[0].id})\n\n"
    assert len(read(heading + SHELF[0].abstract + "\n\n" + heading + SHELF[1].abstract)[0]) == 1
    other = f"### [Dust](/papers/{SHELF[1].id})\n\n"
    assert len(read(heading + SHELF[0].abstract + "\n\n" + other + SHELF[0].abstract)[0]) == 2


def test_wrapped_titles_join_whether_indented_or_not() -> None:
    page = "### Weather for Ants: A Study of\n{indent}Small Rains\n\n" + SHELF[0].abstract + "\n\n"
    page += f"### {SHELF[1].title}\n\n{SHELF[1].abstract}\n"
    for indent in ("", "  "):
        assert (
            titles(read(page.format(indent=indent))[0])[0]
            == "Weather for Ants: A Study of Small Rains"
        )
    lines = ["Weather for Ants: A Study of", "  Small Rains", SHELF[0].abstract]
    lines += [SHELF[1].title, SHELF[1].abstract]
    assert titles(read("\n".join(lines))[0])[0] == "Weather for Ants: A Study of Small Rains"
    lines[1] = lines[1].strip()
    assert titles(read("\n".join(lines))[0])[0] == "Weather for Ants: A Study of Small Rains"


def test_an_abstract_in_several_paragraphs_joins() -> None:
    more = "Code: https://github.com/invented/kettle"
    lines = [SHELF[0].title, SHELF[0].abstract, more, SHELF[1].title, SHELF[1].abstract]
    for page in ("\n".join(lines), "\n\n".join(lines)):
        records, rejected = read(page)
        assert records[0].abstract in (SHELF[0].abstract + " " + more, SHELF[0].abstract)
        assert titles(records) == [SHELF[0].title, SHELF[1].title]
        assert rejected == ()


def test_markup_inside_a_plain_copy_is_the_papers_own() -> None:
    odd = (
        "We write [MASK][1] tokens, * stars * and # marks, see [here](https://invented.io/a) and [2]. "
        * 4
    )
    records, _ = read(shelf.glued((shelf.invented(1, "# of Things [1]", odd.strip()), *SHELF)))
    assert (records[0].title, records[0].abstract) == ("# of Things [1]", odd.strip())


def test_the_kinds_of_links_are_told_apart() -> None:
    page = f"### [{SHELF[0].title}](/papers/{SHELF[0].id})\n\n{SHELF[0].abstract}\n\n"
    page += "[GitHub 1.2k](https://github.com/invented/kettle) [Project page](https://kettle.github.io/x)\n"
    page += (
        "[data](https://huggingface.co/datasets/invented/kettle) [demo](/spaces/invented/kettle)\n"
    )
    page += "[model](/invented/kettle) [me](/invented) [mail](mailto:a@b.c) [blog](https://invented.io/kettle)\n"
    page += f"[arXiv page](https://arxiv.org/abs/{SHELF[0].id}) [PDF](https://arxiv.org/pdf/{SHELF[0].id})\n"
    records, _ = read(page)
    assert [(link.kind, link.url) for link in records[0].links] == [
        (LinkKind.CODE, "https://github.com/invented/kettle"),
        (LinkKind.PROJECT, "https://kettle.github.io/x"),
        (LinkKind.DATA, "https://huggingface.co/datasets/invented/kettle"),
        (LinkKind.PROJECT, "https://huggingface.co/spaces/invented/kettle"),
        (LinkKind.MODEL, "https://huggingface.co/invented/kettle"),
        (LinkKind.OTHER, "https://invented.io/kettle"),
    ]
    assert records[0].url == f"https://huggingface.co/papers/{SHELF[0].id}"


def test_a_saved_page_is_completed_from_the_data_it_carries() -> None:
    def entry(paper: Invented) -> dict[str, object]:
        about: dict[str, object] = {
            "id": paper.id,
            "title": paper.title.replace(": ", ":\n  "),
            "summary": paper.abstract,
        }
        about |= {
            "upvotes": paper.votes,
            "publishedAt": f"{paper.published.isoformat()}T00:00:00.000Z",
        }
        about |= {
            "authors": [{"name": "Ada Invented"}, {"name": "Bo Made-Up"}, {"hidden": True}, 3]
        }
        return {
            "paper": about,
            "numComments": 5,
            "organization": {"name": "quarry", "fullname": "Quarry Labs"},
        }

    listed = [entry(paper) for paper in SHELF] + [7, {"paper": {"title": 3}}]
    props = html.escape(json.dumps({"dailyPapers": listed}), quote=True)
    cards = "".join(
        f'<article><h3><a href="/papers/{paper.id}">{html.escape(paper.title)}</a></h3></article>'
        for paper in SHELF
    )
    data = f'<div data-props="{props}"></div><div data-props="{{&quot;papers&quot;:broken"></div>'
    for body in (data + cards, data):
        records, rejected = read(f"<!doctype html><html><body>{body}</body></html>")
        for record, paper in zip(records, SHELF, strict=True):
            shelf.agrees(record, paper, "ivd")
        assert records[0].authors == ("Ada Invented", "Bo Made-Up")
        assert (records[0].organization, records[0].comments) == ("Quarry Labs", 5)
        assert rejected == ()


def test_a_page_saved_from_an_address_with_a_day_has_that_day() -> None:
    page = (
        shelf.saved_cards(SHELF)
        .replace("<div>Nov 18</div>", "")
        .replace(
            'href="https://huggingface.co/papers"',
            'href="https://huggingface.co/papers/date/2026-10-30"',
        )
    )
    _, _, day = parse(page, location="p", today=TODAY)
    assert day == date(2026, 10, 30)


def test_a_note_of_the_saver_gives_the_day_and_the_year() -> None:
    page = shelf.scraped_markdown(SHELF).replace("Nov 18", "").replace("2026-11-19", "2024-03-02")
    records, _, day = parse(page, location="p", today=TODAY)
    assert day == date(2024, 3, 2)
    assert records[0].published == date(2024, 2, 12)


@pytest.mark.parametrize(
    ("header", "day"),
    [
        ("Nov 18", date(2026, 11, 18)),
        ("Nov 21", date(2026, 11, 21)),
        ("Nov 22", date(2025, 11, 22)),
        ("Dec 30", date(2025, 12, 30)),
        ("Feb 29", date(2024, 2, 29)),
        ("Oct 7, 2024", date(2024, 10, 7)),
        ("7 October 2024", date(2024, 10, 7)),
        ("Wednesday, November 18", date(2026, 11, 18)),
        ("2026-11-18", date(2026, 11, 18)),
        ("2026-11-18T09:30:00Z", date(2026, 11, 18)),
        ("November 18th, 2026", date(2026, 11, 18)),
        ("Published on Nov 18", date(2026, 11, 18)),
        ("Feb 30", None),
        ("2026-13-01", None),
        ("May the 4th", None),
    ],
)
def test_the_day_of_a_page_is_read_and_a_missing_year_is_the_nearest_past(
    header: str, day: date | None
) -> None:
    page = (
        "Daily Papers\n\n"
        + header
        + "\n\n"
        + "\n\n".join(f"{p.title}\n\n{p.abstract}" for p in SHELF)
    )
    assert parse(page, location="p", today=TODAY)[2] == day


def test_dates_of_papers_are_seen_from_the_day_of_the_page() -> None:
    page = "Daily Papers\n\nJan 5, 2026\n\n" + "\n\n".join(
        f"{p.title}\n\n{p.abstract}\n\n3 authors · Sep 9" for p in SHELF
    )
    assert read(page)[0][0].published == date(2025, 9, 9)


@pytest.mark.parametrize(
    "line",
    [
        "Authors: Ada Invented, Bo Made-Up, and Cy Fictive",
        "by: Ada Invented; Bo Made-Up; Cy Fictive",
    ],
)
def test_named_authors_are_kept(line: str) -> None:
    page = "\n\n".join(f"{paper.title}\n\n{line}\n\n{paper.abstract}" for paper in SHELF)
    records, _ = read(page)
    assert records[0].authors == ("Ada Invented", "Bo Made-Up", "Cy Fictive")
    assert records[0].author_count == 3
    assert titles(records) == [paper.title for paper in SHELF]


def test_names_under_a_heading_are_not_the_abstract() -> None:
    page = "\n\n".join(f"## {p.title}\n\n*Ada Invented, Bo Made-Up*\n\n{p.abstract}" for p in SHELF)
    assert [record.abstract for record in read(page)[0]] == [paper.abstract for paper in SHELF]


def test_a_stray_heading_above_a_plain_list_is_not_its_only_title() -> None:
    for heading in ("# What we read this week", "# Daily Papers", "## Machine Learning"):
        page = heading + "\n\n" + "\n".join(f"{p.title}\n{p.abstract}" for p in SHELF)
        assert titles(read(page)[0]) == [paper.title for paper in SHELF]
        page = heading + "\n\n" + "\n\n".join(f"{p.title}\n\n{p.abstract}" for p in SHELF)
        assert titles(read(page)[0]) == [paper.title for paper in SHELF]


def test_sections_between_titles_are_no_papers() -> None:
    parts = ["# Digest"]
    for place, paper in enumerate(SHELF):
        parts += [f"## Section {place // 3}"] if place % 3 == 0 else []
        parts += [f"### {paper.title}", paper.abstract]
    assert titles(read("\n\n".join(parts))[0]) == [paper.title for paper in SHELF]


def test_underlined_headings_are_headings() -> None:
    page = "\n".join(f"{p.title}\n{'-' * len(p.title)}\n\n{p.abstract}\n" for p in SHELF)
    assert titles(read(page)[0]) == [paper.title for paper in SHELF]


def test_a_capture_inside_a_code_block_of_a_note_is_read() -> None:
    note = "# Web source\n\n- URL: https://huggingface.co/papers\n- Captured (UTC): 2026-11-18T16:31:22+00:00\n\n"
    page = note + "```text\n" + shelf.terminal_capture(SHELF) + "```\n"
    records, _ = read(page)
    assert [(r.title, r.abstract, r.votes) for r in records] == [
        (p.title, p.abstract, p.votes) for p in SHELF
    ]


def test_nothing_but_the_page_around_them_is_no_papers() -> None:
    for text in (
        "",
        "\n\n",
        shelf.PROMOTION,
        shelf.blank_separated(()),
        shelf.saved_cards(()),
        "Nov 18",
    ):
        assert read(text) == ((), ())


def test_a_full_page_of_the_source_is_read_whole() -> None:
    papers = tuple(
        shelf.invented(place, f"{paper.title} {place}", paper.abstract)
        for place in range(50)
        for paper in SUMMARIES
    )
    for layout in (shelf.glued, shelf.scraped_markdown, shelf.saved_cards):
        assert len(read(layout(papers))[0]) == 250


@pytest.mark.parametrize("layout", [shelf.glued, shelf.scraped_markdown, shelf.saved_paragraphs])
def test_a_text_with_far_too_many_lines_is_read_up_to_a_limit(
    layout: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_LINES", 40)
    papers = [shelf.invented(place, f"Dust {place}", SHELF[0].abstract) for place in range(60)]
    records, rejected = read(layout(papers))  # type: ignore[operator]
    assert records[0].title == "Dust 0"
    assert 0 < len(records) < 30
    assert "more than 40 " in rejected[0].reason


def test_a_page_of_too_many_tags_is_read_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_TAGS", 100)
    records, rejected = read(shelf.saved_cards(SHELF))
    assert 0 < len(records) < len(SHELF)
    assert "more than 100 tags" in rejected[0].reason
    monkeypatch.setattr(bounds, "MOST_TAGS", 10_000)
    monkeypatch.setattr(webpage, "_MOST_LINES", 20)
    records, _ = read(shelf.saved_cards(SHELF))
    assert 0 < len(records) < len(SHELF)


def test_an_html_page_with_nothing_in_it_or_odd_addresses_is_read() -> None:
    assert read("<!doctype html>") == ((), ())
    assert read("<html><body></body></html>") == ((), ())
    odd = "<h3><a href='https://[::1'>{}</a></h3><p>{}</p><a href='#x'>up</a><div><time datetime='2026-03-04T'></time></div>"
    page = "".join(odd.format(html.escape(p.title), html.escape(p.abstract)) for p in SHELF)
    records, _ = read(f"<html><body>{page}</body></html>")
    assert titles(records) == [paper.title for paper in SHELF]
    assert records[0].published == date(2026, 3, 4)
    assert records[0].links == ()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("65", {"votes": 65}),
        ("1.2k", {"votes": 1200}),
        ("-", {"votes": 0}),
        ("👍 65", {"votes": 65}),
        ("Votes: 1,204", {"votes": 1204}),
        ("65 votes · 3 comments", {"votes": 65, "comments": 3}),
        (
            "8 authors · Mar 25 · 3",
            {"author_count": 8, "published": date(2026, 3, 25), "comments": 3},
        ),
        ("Quarry Labs · Mar 25", {"organization": "Quarry Labs", "published": date(2026, 3, 25)}),
        ("Organization: Quarry Labs", {"organization": "Quarry Labs"}),
        ("Published: 25 March 2026", {"published": date(2026, 3, 25)}),
        ("arXiv:2606.01234v3 [cs.LG]", {"external_id": "2606.01234"}),
        ("arXiv: math.GT/0309136", {"external_id": "math.GT/0309136"}),
        ("Paper ID: 2606.01234", {"external_id": "2606.01234"}),
        ("https://doi.org/10.1000/XyZ.1", {"external_id": "doi:10.1000/xyz.1"}),
        ("https://openreview.net/forum?id=aBc", {"external_id": "openreview:aBc"}),
        ("Link: www.alphaxiv.org/abs/2606.01234", {"external_id": "2606.01234"}),
        ("https://arxiv.org/pdf/2606.01234v2.pdf", {"external_id": "2606.01234"}),
        ("https://arxiv.org/list/cs/new", {"external_id": None}),
        ("https://openreview.net/group?id=x", {"external_id": None}),
        ("https://dx.doi.org/nothing", {"external_id": None}),
        ("★ 11.3k", {"votes": None}),
        ("arXiv: soon", {"external_id": None}),
    ],
)
def test_a_line_of_facts_after_each_text_is_understood(line: str, told: dict[str, object]) -> None:
    page = "\n\n".join(f"{paper.title}\n\n{paper.abstract}\n\n{line}" for paper in SHELF)
    records, _ = read(page)
    if line != "arXiv: soon":
        assert titles(records) == [paper.title for paper in SHELF]
        assert [record.abstract for record in records] == [paper.abstract for paper in SHELF]
    assert {name: getattr(records[0], name) for name in told} == told


def test_facts_that_only_the_layout_keeps_apart_are_apart() -> None:
    card = (
        "<article><h3><a href='/papers/{0.id}'>{1}</a></h3><p>{2}</p><div><a href='/x/y'>8 authors</a>"
        "<span>·</span><time>Mar 25</time><a href='/papers/{0.id}#community'>3</a></div></article>"
    )
    cards = [card.format(p, html.escape(p.title), html.escape(p.abstract)) for p in SHELF]
    records, _ = read(f"<!doctype html><html><body>{''.join(cards)}</body></html>")
    told = {(r.author_count, r.published, r.comments) for r in records}
    assert told == {(8, date(2026, 3, 25), 3)}


@pytest.mark.parametrize("width", [40, 72, 100])
def test_a_wrapped_last_word_that_reads_like_a_button_is_kept(width: int) -> None:
    words = ["models", "datasets.", "Datasets", "tasks.", "https://invented.io/x", "2024."]
    papers = []
    for place, word in enumerate(words):
        title = f"{'T' * 10} {'i' * (width - 15)}{place} {word.rstrip('.')}"
        papers.append(
            (
                title if "/" not in word else f"Title {place}",
                f"{SHELF[place].abstract} {'x' * (width - 3)} {word}",
            )
        )
    wrapped = "\n\n".join(
        textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)
        for pair in papers
        for text in pair
    )
    assert [(record.title, record.abstract) for record in read(wrapped)[0]] == papers


def test_a_line_without_end_is_cut_and_told_of() -> None:
    page = shelf.glued(SHELF)
    endless = "and so on " * 20_000
    records, rejected = read(f"{page}\nOne More Kettle\n{endless}")
    assert [record.title for record in records[: len(SHELF)]] == [paper.title for paper in SHELF]
    assert "characters, cut at 100,000" in rejected[0].reason
    assert len(records[-1].abstract) <= 100_000


def test_a_paragraph_without_end_is_cut_and_told_of() -> None:
    endless = "<p>" + "and so on " * 900_000 + "</p></body>"
    begun = time.process_time()
    records, rejected = read(shelf.saved_cards(SHELF).replace("</body>", endless))
    assert time.process_time() - begun < 5
    assert [record.title for record in records] == [paper.title for paper in SHELF]
    assert "a line of 9,000,000 characters, cut at 100,000" in rejected[0].reason


def test_a_tag_with_a_crowd_of_attributes_is_read_without_them() -> None:
    crowd = " ".join(f"a{place}=1" for place in range(80_000))
    crowds = [
        crowd,
        crowd.replace(" ", "/"),
        crowd.replace("1", ""),
        crowd.replace("1", "'<'"),
        crowd.replace("1 ", '"x"'),
        f"' {crowd} '",
        f'x "{crowd}" y',
        crowd.replace("=1", "<"),
    ]
    for tag in (f"<p {each}>" for each in crowds):
        begun = time.process_time()
        records, rejected = read(shelf.saved_cards(SHELF).replace("</body>", f"{tag}x</p></body>"))
        assert time.process_time() - begun < 5
        assert [record.title for record in records] == [paper.title for paper in SHELF]
        assert "a tag with more than 1,000 attributes" in rejected[0].reason, tag[:40]


def test_data_without_end_in_a_page_is_left_alone() -> None:
    entry = "{&quot;title&quot;:&quot;x&quot;},"
    for data in ("[]," * 3_000_000, entry * 300_000, "1," * 5_000_000, "[" * 9_000_000):
        props = f'<div data-props="{{&quot;papers&quot;:[{data}{{}}]}}"></div>'
        begun = time.process_time()
        records, _ = read(shelf.saved_cards(SHELF).replace("<body>", f"<body>{props}"))
        assert time.process_time() - begun < 5
        assert [record.title for record in records] == [paper.title for paper in SHELF]


def test_a_long_address_or_picture_in_a_tag_is_no_crowd() -> None:
    picture = "data:image/png;base64," + "iVBORw0KGgo/AAA=" * 20_000
    page = shelf.saved_cards(SHELF).replace("<body>", f'<body><img src="{picture}">')
    records, rejected = read(page)
    assert [record.title for record in records] == [paper.title for paper in SHELF]
    assert rejected == ()


ATTACKS = {
    "blanks in Markdown": "### A title\n\n" + " " * 40_000 + "x\n",
    "labels that never end": "### t\n" + "[a\n" * 1_400_000,
    "links that never begin": "### t\n"
    + "[\n" * 50
    + "line\n" * 20_000
    + "](https://a.b/c)\n" * 20_000,
    "addresses below one text": "### t\n\nabc text\n\n" + "https://a.b/c\n" * 90_000,
    "marks of references": "### t\n[1] https://a.b/c\n[2] https://a.b/d\n" + "[1]x" * 200_000,
    "full stops": "### A title\n\n" + ". " * 30_000 + "\n",
    "titles that go on": "A title of many words:\n" * 40_000,
    "small tags": "<!doctype html><html><body>" + "<b>x" * 2_500_000,
    "one title, other texts": "".join(
        f"### Same\n\n{'long words ' * 9_000 if place < 20 else 'text'} {place}.\n\n"
        for place in range(10_000)
    ),
    "short titles after a paper": "### A title\n\nAn abstract of it all.\n\n" + "### x\n\n" * 9_000,
    "addresses after addresses": "References\n" + "https://a.b/c\nhtt ps://a.b\n\n" * 9_000,
    "empty facts": "### t\n" + "authors :" + " " * 3_000 + "\n",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_text_made_to_take_time_takes_none(attack: str) -> None:
    begun = time.process_time()
    read(ATTACKS[attack])
    # Each takes a second at the most where it is read now, and took ten, to minutes, before.
    assert time.process_time() - begun < 8


def test_the_id_of_a_papers_own_link_counts_not_one_stated_below_its_abstract() -> None:
    pieces = [
        f"## [{paper.title}](https://arxiv.org/abs/2606.0123{number})\n\n{paper.abstract}\n\n"
        f"arXiv:2611.0004{number}"
        for number, paper in enumerate(SHELF[:3])
    ]
    records, _ = read("\n\n".join(pieces))
    assert [record.external_id for record in records] == ["2606.01230", "2606.01231", "2606.01232"]

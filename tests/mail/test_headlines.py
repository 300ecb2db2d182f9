"""The subject, the preheader and the opening line: news that is true, and no title cut."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.mail import headlines, paper_names
from digest.mail.headlines import News

LIST = "Daily Papers"
LONG = "On the Use and Misuse of Learned Surrogates in the Timetabling of Two Regional Railways"
TIDE = (
    "TideMill: Robust River Flood Forecasting via Retrieved Gauges of Neighbouring Valleys Upstream"
)
MOSS = (
    "MossBench: A Comprehensive Winter Moss Benchmark with Nine Hundred Photographs of Damp Walls"
)
NAMES_ALONE = (
    "FeltBox: We Ask Why Nobody Has Yet Folded a Felt Hat Twice Without Any Help From Others"
)
SENTENCE = (
    "Why Nobody Has Yet Folded a Felt Hat Twice and What Is to Be Learned of That by Us All Here"
)
TOPICS = [("Bees & Felt", 9), ("Choirs", 8), ("Snow", 2)]


def news(*titles: str, total: int = 42, **other: object) -> News:
    return News(titles, True, total, **other)  # type: ignore[arg-type]


def subject(*titles: str, total: int = 42, list_name: str = LIST, **other: object) -> str:
    return headlines.subject(news(*titles, total=total, **other), list_name, "20 Nov")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("TideFormer: Attention That Ebbs", "TideFormer"),
        ("Slow Brush – Diffusion With a Deadline", "Slow Brush"),
        ("Moss", "Moss"),
        ("Counting Bees Twice", "“Counting Bees Twice”"),
        ("Two at Once: Bees That Share", "“Two at Once: Bees That Share”"),
        ("Do Bees Dream? A Study of Forty Hives and Their Long Winter Nights", "“Do Bees Dream?”"),
        (
            "Leave the Kitchen as You Found It: Side-Effect Budgets for Robots",
            "“Leave the Kitchen as You Found It”",
        ),
        ("Moss, Felt and Lichen: A Study", "“Moss, Felt and Lichen”"),
        ("Is “Moss” a Plant? Yes, and Here Is the Evidence for It", "“Is ‘Moss’ a Plant?”"),
        ("A Survey: Everything That Is Known About the Winter Habits of Bees", ""),
        ("Position: Moss Needs Rights", "“Moss Needs Rights”"),
        ("Technical Report", ""),
        (LONG, ""),
        ("潮汐：会退去的注意力", "潮汐"),
        ("一种用于在不惊动任何人的情况下折叠河流并测量其长度的全新通用方法以及数据集", ""),
        ("סלאם: a study of long greetings", "\u2068סלאם\u2069"),
        ("🐝 Buzz: Bees That Sing", "🐝 Buzz"),
        ("$O(n\\log n)$: Sorting", ""),
        ("Moss (and Felt: Two Stories of Slow Growth in Very Wet Places Near the Sea)", ""),
        ("A title that was cut…", ""),
        ("???", ""),
        ("", ""),
    ],
)
def test_a_subject_names_a_paper_by_what_its_title_gives_whole(title: str, name: str) -> None:
    assert paper_names.headline_name(title) == name


REST = ": On the Timetables of Two Regional Railways and Their Many Small Stations"


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("A New Benchmark", ""),
        ("Neural Architecture Search", ""),
        ("Deep Class-Incremental Learning", ""),
        ("Self-Training", ""),
        ("Transformers", ""),
        ("LLMs", ""),
        ("3D Object Detection", ""),
        ("Rethinking Attention", ""),
        ("Towards Robust Agents", ""),
        ("Timetable-Agent", "Timetable-Agent"),
        ("Role-Model", "Role-Model"),
        ("RailBench", "RailBench"),
        ("SEARCH", "SEARCH"),
        ("Tortoise", "Tortoise"),
        ("Halt 2.5", "Halt 2.5"),
        ("Tortoise Attention", "Tortoise Attention"),
        ("Learn3R", "Learn3R"),
        ("Can Agents Learn?", "“Can Agents Learn?”"),
    ],
)
def test_only_a_coined_name_or_a_sentence_stands_for_a_long_title(part: str, name: str) -> None:
    title = part + (REST if part[-1] != "?" else REST[1:])
    assert paper_names.headline_name(title) == name


def test_a_common_phrase_gives_way_to_the_whole_title_or_to_the_next_paper() -> None:
    assert paper_names.headline_name("Active Learning: A Survey") == "“Active Learning: A Survey”"
    assert subject("A New Benchmark" + REST, "Tide: Ebb", "Moss") == (
        "“Tide: Ebb”, Moss and 40 more · 20 Nov"
    )


@pytest.mark.parametrize(
    ("titles", "total", "line"),
    [
        (["Tide: Ebb", "Moss"], 42, "“Tide: Ebb”, Moss and 40 more · 20 Nov"),
        (["Tide: Ebb", "Moss"], 2, "“Tide: Ebb” and Moss · 20 Nov"),
        (["Tide: Ebb", "Moss", "Felt"], 3, "“Tide: Ebb”, Moss and Felt · 20 Nov"),
        (["Tide: Ebb"], 1, "Tide: Ebb · 20 Nov"),
        ([TIDE, MOSS], 42, "TideMill (river flood forecasting), MossBench and 40 more · 20 Nov"),
        ([MOSS, TIDE], 42, "MossBench (winter moss benchmark), TideMill and 40 more · 20 Nov"),
        ([NAMES_ALONE, TIDE], 42, "FeltBox, TideMill (river flood forecasting) and 40 more · 20 Nov"),
        ([LONG, NAMES_ALONE], 42, "Use and misuse of learned surrogates, FeltBox and 40 more · 20 Nov"),
        ([NAMES_ALONE], 42, "FeltBox and 41 more · 20 Nov"),
        ([TIDE], 1, "TideMill (robust river flood forecasting) · 20 Nov"),
        ([LONG], 1, "1 new paper: use and misuse of learned surrogates · 20 Nov"),
        (
            ["Slow Effects in Wet River Junctions: The Probe Method at a Rather High Bias of All of It"],
            1,
            "1 new paper: slow effects in wet river junctions · 20 Nov",
        ),
        (
            ["Why, Where and When? A Survey on the Folding of Old Felt Hats in Thirty-One Languages"],
            9,
            "Survey on the folding of old felt hats and 8 more · 20 Nov",
        ),
        ([SENTENCE], 1, "1 new paper · 20 Nov"),
        ([SENTENCE], 1_042, "1,042 new papers · 20 Nov"),
        ([], 0, "Daily Papers, 20 Nov"),
        (
            ["Leave the Kitchen as You Found It: Side-Effect Budgets", "Moss"],
            42,
            "“Leave the Kitchen as You Found It”, Moss and 40 more · 20 Nov",
        ),
    ],
)  # fmt: skip
def test_a_subject_names_the_strongest_papers_and_says_what_they_are(
    titles: list[str], total: int, line: str
) -> None:
    assert subject(*titles, total=total) == line


def test_a_day_without_names_goes_by_its_theme_or_its_topics() -> None:
    assert subject(LONG, theme=("quiet folding", 7), topics=TOPICS) == (
        "7 papers on “quiet folding” and 35 more · 20 Nov"
    )
    assert subject(SENTENCE, topics=TOPICS) == ("42 new papers: Bees & Felt 9; Choirs 8 · 20 Nov")
    assert subject(SENTENCE, total=1, topics=[("Choirs", 1)]) == ("A new paper in Choirs · 20 Nov")
    assert subject(SENTENCE, topics=[("A" * 60, 9)]) == "42 new papers · 20 Nov"


def test_updated_papers_alone_are_called_so() -> None:
    assert subject("Tide: Ebb", "Moss", total=0, updated=5) == (
        "Updated: “Tide: Ebb”, Moss and 3 more · 20 Nov"
    )
    assert subject(SENTENCE, total=0, updated=1) == "1 updated paper · 20 Nov"


def test_the_name_of_the_list_stands_in_a_subject_only_where_there_is_no_news() -> None:
    long_list = "The Weekly Gazette of Every Paper There Is and of Some There Are Not"
    assert (
        subject("Tide: Ebb", "Moss", list_name=long_list)
        == "“Tide: Ebb”, Moss and 40 more · 20 Nov"
    )
    assert headlines.subject(news(total=0), long_list + long_list, "20 Nov") == "New papers, 20 Nov"


NASTY = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(["Moss", ": ", "?", " ", "：", "“", '"', "(", "سلام", "語", "👩\u200d👧", "e\u0301", "$x^2$", ","]),
        max_size=30,
    ).map("".join),
)  # fmt: skip


@given(
    st.lists(NASTY, max_size=6),
    st.integers(0, 10**6),
    st.lists(st.tuples(st.text(min_size=1, max_size=60), st.integers(1, 99)), max_size=4),
    st.text(min_size=1, max_size=60),
)
def test_no_subject_is_too_long_or_cuts_what_it_names(
    titles: list[str], total: int, topics: list[tuple[str, int]], list_name: str
) -> None:
    line = subject(*titles, total=total, topics=topics, list_name=list_name)
    assert paper_names.columns(line) <= headlines.LONGEST_SUBJECT
    assert "…" not in line or "…" in list_name + "".join(name for name, _ in topics)


@given(st.lists(NASTY, max_size=6), st.integers(0, 10**6))
def test_the_counts_of_a_subject_add_up(titles: list[str], total: int) -> None:
    line = subject(*titles, total=total)
    more = re.search(r" and ([\d,]+) more · ", line)
    if more and total > 2:
        count = int(more[1].replace(",", ""))
        assert count in (total - 1, total - 2, total - 3, total - 4, total - 5)


def test_the_opening_line_names_the_first_papers_the_topics_and_the_theme() -> None:
    line = headlines.lead(
        news("Tide: Ebb", "Moss", LONG, topics=TOPICS, theme=("quiet folding", 7))
    )
    assert line == (
        f"Leading this edition: “Tide: Ebb”, Moss and “{LONG}”. "
        "Largest topics: Bees & Felt (9); Choirs (8). "
        "More talked about than usual: “quiet folding” (7 papers)."
    )


@pytest.mark.parametrize(
    ("of", "line"),
    [
        (News(["Moss"], True, 1, topics=[("Choirs", 1)]), ""),
        (
            News(["Moss", "Felt"], False, 9, topics=[("Choirs", 9)]),
            "Among them: Moss and Felt. All are in Choirs.",
        ),
        (News(["Moss", "Felt"], False, 2), "New: Moss and Felt."),
        (News(["Moss"], False, 0, updated=3), "Updated: Moss."),
        (News(["Moss, and Felt", "Snow"], True, 3), "Leading this edition: “Moss, and Felt” and Snow."),
        (News([], False, 0), ""),
        (News(["x" * 400], True, 3, topics=[("A", 1), ("B", 1), ("C", 1)]), ""),
    ],
)  # fmt: skip
def test_the_opening_line_says_no_more_than_is_so(of: News, line: str) -> None:
    assert headlines.lead(of) == line


@given(st.lists(NASTY, max_size=9), st.integers(0, 9))
def test_the_opening_line_is_short(titles: list[str], total: int) -> None:
    assert paper_names.columns(headlines.lead(news(*titles, total=total, topics=TOPICS))) <= 520


def test_a_preheader_goes_on_where_the_subject_ends() -> None:
    of = news("Tide: Ebb", "Moss", "Felt: A Study", "Counting Bees Twice", topics=TOPICS)
    assert headlines.preheader(of, "“Tide: Ebb”, Moss and 40 more", otherwise="Daily Papers") == (
        "Also “Felt: A Study” and “Counting Bees Twice”. Bees & Felt 9 · Choirs 8 · Snow 2"
    )


def test_a_preheader_says_what_the_names_of_the_subject_are_and_repeats_none_of_it() -> None:
    of = news(TIDE, MOSS, "Counting Bees Twice", topics=TOPICS)
    line = subject(TIDE, MOSS, "Counting Bees Twice")
    assert line == "TideMill (river flood forecasting), MossBench and 40 more · 20 Nov"
    assert headlines.preheader(of, line, otherwise="x") == (
        "MossBench: comprehensive winter moss benchmark. Also “Counting Bees Twice”. "
        "Bees & Felt 9 · Choirs 8 · Snow 2"
    )


def test_the_phrases_that_come_with_a_title_go_before_those_it_gives_itself() -> None:
    of = News([NAMES_ALONE], True, 9, abouts=[("box of felt hats",)])
    assert headlines.subject(of, LIST, "20 Nov") == "FeltBox (box of felt hats) and 8 more · 20 Nov"


def test_the_preheader_of_a_single_paper_is_its_title_and_of_updates_that_they_are() -> None:
    assert headlines.preheader(news(LONG, total=1), "1 new paper", otherwise="x") == LONG
    assert (
        headlines.preheader(
            news("Moss", total=1, topics=[("Choirs", 1)]),
            "Moss · 20 Nov",
            otherwise="Daily Papers, Friday, 20 November 2026",
        )
        == "Choirs 1 · Daily Papers, Friday, 20 November 2026"
    )
    assert (
        headlines.preheader(
            news("Moss", total=0, updated=1), "Updated: Moss", otherwise="Daily Papers"
        )
        == "Titles or abstracts that changed since an earlier edition · Daily Papers"
    )


@given(
    st.lists(NASTY, max_size=6),
    st.lists(st.tuples(st.text("abc &", min_size=1, max_size=60), st.integers(1, 99)), max_size=9),
)
def test_a_preheader_has_the_length_that_inboxes_show(
    titles: list[str], topics: list[tuple[str, int]]
) -> None:
    of = news(*titles, topics=topics)
    line = headlines.preheader(of, "", otherwise="Daily Papers, Friday, 20 November 2026")
    assert len(line) <= 130
    assert len(line) >= 36


def test_a_theme_is_a_phrase_that_three_new_titles_have() -> None:
    titles = [
        "Quiet Folding of Maps",
        "On quiet foldings",
        "Bees: Quiet Folding",
        "Unquiet Foldings",
    ]
    assert headlines.theme_of(["Quiet Folding"], titles) == ("Quiet Folding", 3)
    assert headlines.theme_of(["Quiet Folding"], titles[1:]) is None
    assert headlines.theme_of(["C++"], ["C++ in Moss", "On C++", "C++: a Study"]) == ("C++", 3)
    assert headlines.theme_of([], titles) is None

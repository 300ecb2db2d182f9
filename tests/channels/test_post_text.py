"""A post fits its service's limit: it loses summaries first, then papers, never a part of a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.channels.content import PostContent, PostedPaper
from digest.channels.markup import MARKDOWN, PLAIN, SLACK, TELEGRAM
from digest.channels.post_text import MOST_TOPICS, length, post_text

PAPERS = tuple(
    PostedPaper(f"Paper {n}", f"https://p.example.org/{n}", f"Sentence {n}.") for n in range(1, 5)
)
CONTENT = PostContent(
    "Daily Papers, Friday, 20 November 2026",
    "39 new papers, 3 updated",
    "Top picks",
    PAPERS,
    (("Vision", 12), ("Audio", 3)),
    "https://p.example.org/editions/2026-11-20",
    "All 39 new papers",
)


def test_a_post_says_the_day_the_picks_the_topics_and_where_the_rest_is() -> None:
    assert post_text(CONTENT, SLACK, 4_000).splitlines() == [
        "*Daily Papers, Friday, 20 November 2026*",
        "39 new papers, 3 updated",
        "",
        "*Top picks*",
        "1. <https://p.example.org/1|Paper 1>",
        "   Sentence 1.",
        "2. <https://p.example.org/2|Paper 2>",
        "   Sentence 2.",
        "3. <https://p.example.org/3|Paper 3>",
        "   Sentence 3.",
        "4. <https://p.example.org/4|Paper 4>",
        "   Sentence 4.",
        "",
        "By topic: Vision 12 · Audio 3",
        "",
        "<https://p.example.org/editions/2026-11-20|All 39 new papers>",
    ]


def test_the_last_summaries_go_first_and_papers_after_them() -> None:
    whole = post_text(CONTENT, MARKDOWN, 4_000)
    shorter = post_text(CONTENT, MARKDOWN, len(whole) - 1)
    assert "Sentence 4." not in shorter
    assert "Sentence 3." in shorter
    assert "Paper 4" in shorter
    shortest = post_text(CONTENT, MARKDOWN, 200)
    assert "Paper 4" not in shortest
    assert "All 39 new papers" in shortest


def test_many_topics_are_counted() -> None:
    topics = tuple((f"Topic {n}", 30 - n) for n in range(MOST_TOPICS + 3))
    content = PostContent("Daily Papers", "9 new papers", topics=topics)
    assert post_text(content, PLAIN, 4_000).endswith("Topic 11 19 · 3 more topics")


@given(
    st.lists(st.tuples(st.text(max_size=400), st.text(max_size=900)), max_size=10),
    st.text(max_size=300),
    st.sampled_from([MARKDOWN, SLACK, TELEGRAM, PLAIN]),
)
@pytest.mark.parametrize("limit", [4_096])
def test_no_content_is_longer_than_the_limit(
    limit: int, papers: list[tuple[str, str]], heading: str, markup: object
) -> None:
    content = PostContent(
        heading,
        heading,
        "Top picks",
        tuple(
            PostedPaper(title, "https://p.example.org/" + "x" * 400, text) for title, text in papers
        ),
        tuple((title, 7) for title, _ in papers),
        "https://p.example.org/" + "y" * 400,
    )
    assert length(post_text(content, markup, limit)) <= limit  # type: ignore[arg-type]


def test_letters_beyond_the_first_plane_count_twice() -> None:
    assert (length("a"), length("é"), length("🎉")) == (1, 1, 2)

"""The words of a post in a service's writing, as much as its limit has room for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from digest.channels.content import PostContent, PostedPaper
from digest.channels.markup import Markup

MOST_TOPICS = 12
_LONGEST_TITLE, _LONGEST_SUMMARY, _LONGEST_LINE = 200, 300, 150
_LONGEST_URL = 500


def post_text(content: PostContent, markup: Markup, limit: int) -> str:
    """The post, in ``limit`` UTF-16 units at most, as services count.

    What has no room is left out whole: first the summaries, the last paper's first, then papers, then
    topics.
    """
    for shortened in _ever_shorter(content):
        text = _text(shortened, markup)
        if length(text) <= limit:
            return text
    raise AssertionError(f"a heading alone is longer than {limit}")


def length(text: str) -> int:
    """The UTF-16 units of a text."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def first_line(content: PostContent, markup: Markup) -> str:
    """The heading and the news on one line, for what stands beside a whole post."""
    return f"{markup.bold(_fit(content.heading, markup))}: {_fit(content.news, markup)}"


def _ever_shorter(content: PostContent) -> Iterator[PostContent]:
    yield content
    papers = list(content.papers)
    for place in reversed(range(len(papers))):
        papers[place] = replace(papers[place], summary="")
        yield replace(content, papers=tuple(papers))
    while papers:
        papers.pop()
        yield replace(content, papers=tuple(papers))
    yield replace(content, papers=(), topics=())


def _text(content: PostContent, markup: Markup) -> str:
    lines = [markup.bold(_fit(content.heading, markup)), _fit(content.news, markup)]
    if content.papers:
        lines += ["", markup.bold(_fit(content.papers_heading, markup))]
    for number, paper in enumerate(content.papers, 1):
        lines += _paper_lines(number, paper, markup)
    if content.topics:
        lines += ["", _topics(content, markup)]
    if content.url and len(content.url) <= _LONGEST_URL:
        lines += ["", markup.link(_fit(content.url_label, markup), content.url)]
    return markup.line_break.join(lines)


def _paper_lines(number: int, paper: PostedPaper, markup: Markup) -> Iterator[str]:
    title = markup.escape(_clipped(paper.title, _LONGEST_TITLE))
    linked = len(paper.url) <= _LONGEST_URL and bool(paper.url)
    yield f"{number}. {markup.link(title, paper.url) if linked else title}"
    if paper.summary and len(paper.summary) <= _LONGEST_SUMMARY:
        # A sentence is shown whole or not at all: a cut could turn its meaning round.
        yield f"   {markup.escape(paper.summary)}"


def _topics(content: PostContent, markup: Markup) -> str:
    shown = [
        f"{markup.escape(_clipped(name, 60))} {count:,}"
        for name, count in content.topics[:MOST_TOPICS]
    ]
    left = len(content.topics) - len(shown)
    if left:
        shown.append(f"{left} more {'topic' if left == 1 else 'topics'}")
    return f"By topic: {' · '.join(shown)}"


def _fit(text: str, markup: Markup) -> str:
    return markup.escape(_clipped(text, _LONGEST_LINE))


def _clipped(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"

"""Whatever a text holds, it is read without an error and gives only sound records."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sources import shelf
from sources.shelf import SHELF, TODAY

from digest.sources.dump import parse
from digest.sources.reading import read_dump

PIECES = st.sampled_from(
    [
        *"\n\n\n[]()#*-·|<>&\\`_~!:/@ \t\r\x00\x0b\x85\u2028\u202e\ufeff",
        *(
            "](",
            "][1]",
            "[1]: https://a.b/c",
            "### ",
            "## ",
            "```",
            "---\n",
            "65",
            "- 3 authors",
            "Mar 25",
            "Feb 29",
        ),
        *(
            "Subscribe",
            "Title: ",
            "Abstract: ",
            "https://arxiv.org/abs/2606.01234v2",
            "hf.co/papers/2606.1",
        ),
        *(
            "<article>",
            "<h3>",
            "</h3>",
            "<p>",
            "<a href='/papers/2606.01234'>",
            "<!doctype html>",
            "<![CDATA[",
        ),
        *(
            "References\n",
            "1. https://a.b",
            'data-props="{&quot;papers&quot;:[{}]}"',
            "http://[::1",
            "//[",
            "%zz",
        ),
        *(
            "Get trending papers in your email inbox!\n",
            "Daily Papers\n",
            "Submitted by\n",
            "© 2026",
            "Previous",
        ),
        *(paper.title for paper in SHELF),
        *(paper.abstract for paper in SHELF),
    ]
)
PAGES = st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=60).map("".join)
TEXTS = st.one_of(st.text(max_size=400), PAGES, PAGES.map(lambda page: "<html><body>" + page))


def assert_sound(text: str) -> None:
    records, rejected, _ = parse(text, location="page.txt", today=TODAY)
    for record in records:
        assert record.title.strip() == record.title != ""
        assert not any(
            unicodedata.category(mark) in ("Cc", "Cs", "Zl", "Zp")
            for mark in record.title + record.abstract
        )
        assert record.url is None or record.url.startswith(("http://", "https://"))
        assert all(link.url.startswith(("http://", "https://")) for link in record.links)
        assert record.votes is None or record.votes >= 0
    assert [record.position for record in records] == list(range(1, len(records) + 1))
    assert all(piece.reason and "\n" not in piece.reason + piece.excerpt for piece in rejected)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_any_text_gives_sound_records(text: str) -> None:
    assert_sound(text)


@given(
    st.sampled_from(
        [shelf.glued, shelf.scraped_markdown, shelf.terminal_capture, shelf.saved_cards]
    ),
    st.data(),
)
@settings(max_examples=100, deadline=None)
def test_a_damaged_page_gives_sound_records(layout: object, data: st.DataObject) -> None:
    text = layout(SHELF)  # type: ignore[operator]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert_sound(text[:start] + data.draw(PAGES) + text[end:])


@given(
    st.one_of(
        st.binary(max_size=300), TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))
    )
)
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_a_dump_or_a_reason(data: bytes) -> None:
    read_dump(data, location="page.txt", today=TODAY)


@pytest.mark.parametrize(
    "piece",
    [
        "\n",
        "a\n",
        "[",
        "[\n",
        "](",
        "[x](",
        "### [a](/b)\n",
        "·",
        "1 · ",
        "**x**\n",
        "<p>x",
        "<",
        "<a ",
        "\\[",
        "Jan ",
        " ",
    ],
)
@pytest.mark.parametrize("start", ["", "### x\n", "<!doctype html>"])
def test_time_grows_with_the_text_and_not_faster(piece: str, start: str) -> None:
    def seconds(size: int) -> float:
        text = start + piece * (size // len(piece))
        begun = time.process_time()
        parse(text, location="p", today=TODAY)
        return time.process_time() - begun

    seconds(1000)
    small, large = seconds(4_000), seconds(32_000)
    # Eight times the text: 64 times the time would be quadratic.
    assert large < 24 * small + 1

"""A title acts in no service: it calls nobody, links nowhere, and ends no link's label."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.channels.markup import (
    MARKDOWN,
    MATRIX,
    PLAIN,
    SLACK,
    TELEGRAM,
    ZULIP,
    Markup,
    harmless,
)

WRITINGS = (MARKDOWN, ZULIP, SLACK, TELEGRAM, MATRIX, PLAIN)
HOSTILE = (
    "@channel @everyone @here read this",
    "<!here> <!channel|x> <@U024BE7LH> <#C024BE7LR>",
    "@**all** @_**Ada|9** @*group* #**stream>topic**",
    "[free](https://evil.example.org) ![x](https://evil.example.org/x.png)",
    "](https://evil.example.org) end",
    "<https://evil.example.org|Paper>",
    "<a href='https://evil.example.org'>x</a><script>1</script>",
    "*bold* _it_ ~~gone~~ `code` ```block``` ||spoiler|| $$x$$",
    "# heading",
    "> quote",
    "/me leaves",
    "- item",
    "1. item",
    ":tada: and <:x:123456789> and <t:1618953630:R>",
    "www.evil.example.org and HTTPS://evil.example.org",
    "a|b>c<d&e\\f",
    "1] first",
    "_://x and _www.h",
    "line\none\r\ntwo\u2028three",
)
LETTERS = st.text(alphabet=st.sampled_from("@#<>!|[]()*_~`\\/:.&$ \n-1ahttpsw"), max_size=60)

CALLS = re.compile(r"@(?:channel|everyone|here|all|\*|_|\w)|<[!@#:t/]|<\w+:")
LINKS = re.compile(r"\w+://|\bwww\.", re.IGNORECASE)


class Tags(HTMLParser):
    """The tags and the text of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def check(text: str, markup: Markup) -> None:
    written = markup.escape(text)
    assert "\n" not in written
    assert not CALLS.search(written), written
    assert not LINKS.search(written), written
    assert not re.match(r"[#>/+=~-]|\d+[.)]", written), written


@pytest.mark.parametrize("markup", WRITINGS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_act_nowhere(text: str, markup: Markup) -> None:
    check(text, markup)


@given(LETTERS, st.sampled_from(WRITINGS))
def test_whatever_the_words_they_act_nowhere(text: str, markup: Markup) -> None:
    check(text, markup)


@given(LETTERS)
def test_in_html_only_our_link_is_one_and_every_word_is_shown(text: str) -> None:
    for markup in (TELEGRAM, MATRIX):
        read = Tags(markup.link(markup.escape(text), "https://ours.example.org/?a=1&b='\"<>"))
        assert [tag for tag, _ in read.tags] == ["a"]
        assert str(read.tags[0][1]["href"]).startswith("https://ours.example.org/?a=1&b=")
        assert read.text.replace("\u200b", "") == " ".join(text.split())


@given(LETTERS)
def test_in_markdown_no_sign_of_the_words_is_left_bare(text: str) -> None:
    written = MARKDOWN.escape(text)
    bare = re.sub(r"\\[\\`*_\[\]|~#]", "", written)
    assert not re.search(r"[\\`*_\[\]|~#]", bare)
    assert re.sub(r"\\(.)", r"\1", written).replace("\u200b", "") == " ".join(text.split())


@given(LETTERS)
def test_in_zulip_no_sign_that_acts_is_left(text: str) -> None:
    assert not re.search(r"[*`\[\]]|~~|\$\$|<time:|#[^\s\u200b]", ZULIP.escape(text))


@given(LETTERS)
def test_in_slack_only_our_angle_brackets_are_left(text: str) -> None:
    label = SLACK.escape(text)
    assert not re.search(r"[<>]", label)
    assert SLACK.link(label, "https://ours.example.org/a|b>c").startswith(
        "<https://ours.example.org/a%7Cb%3Ec|"
    )


@pytest.mark.parametrize("markup", [MARKDOWN, ZULIP])
def test_an_address_ends_where_the_link_ends(markup: Markup) -> None:
    link = markup.link("x", "https://ours.example.org/a(b) [c] d")
    assert link == "[x](https://ours.example.org/a%28b%29%5Bc%5Dd)"


def test_ordinary_words_stay_as_they_are() -> None:
    title = "TideFormer: 40% faster, at half the cost – Σ und 日本語 (v2)!"
    for markup in WRITINGS:
        assert markup.escape(title) == title
    assert harmless("3D scenes, 2 ways") == "3D scenes, 2 ways"

"""Bounds on what is read of a text, so that no page costs more than a papers page can.

A papers page has some thousand lines, of a few hundred characters up to a few thousand, and some
hundred tags for each paper; what goes far beyond that is cut, and said so.
"""

from __future__ import annotations

import re

from digest.sources.lines import PageLink

MOST_LINES = 20_000
LONGEST_LINE = 100_000
"""Characters."""
MOST_TAGS = 200_000
MOST_LINKS = 200
"""Of one title or one abstract."""
MOST_LABEL_LINES = 40
"""Over which one link may go."""
LONGEST_TITLE = 2_000
"""Characters that the lines of one title may have together."""
_MOST_ATTRIBUTES = 1_000
_LONG_TAG = 4_000
_TAG = re.compile(r"<[a-zA-Z](?:[^<>=]++|<(?!/)|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+")
"""A tag up to its end. A quote counts after ``=`` only; elsewhere it is a part of a name, and so is
``<`` (HTML, §13.2.5). Linear: a quote that is never closed is the last of its kind."""
_CDATA = re.compile(r"<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+(?:\]\]>)?+")
_OPEN_OR_CLOSE = re.compile(r"</|<[A-Za-z][^<>]*+")
_QUOTED = re.compile(r"=\s*+(?:\"[^\"]*+\"|'[^']*+')")


def cut_lines(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without lines beyond `MOST_LINES` and their ends beyond `LONGEST_LINE`, and notes."""
    notes: list[str] = []
    breaks = text.count("\n")
    if breaks >= MOST_LINES:
        at = -1
        for _ in range(MOST_LINES):
            at = text.index("\n", at + 1)
        text = text[:at]
        notes.append(
            f"more than {MOST_LINES:,} lines; only these were read: is this a papers page?"
        )
    if len(text) > LONGEST_LINE:
        lines = text.split("\n")
        longest = max(map(len, lines))
        if longest > LONGEST_LINE:
            text = "\n".join(line[:LONGEST_LINE] for line in lines)
            notes.append(too_long(longest))
    return text, tuple(notes)


def too_long(longest: int) -> str:
    """The note that a line (or a paragraph of HTML) of so many characters was cut."""
    return f"a line of {longest:,} characters, cut at {LONGEST_LINE:,}: is this a papers page?"


def cut_tags(text: str) -> tuple[str, tuple[str, ...]]:
    """The HTML without tags beyond `MOST_TAGS`, none with a crowd of attributes, and notes."""
    notes: list[str] = []
    if text.count("<") > MOST_TAGS:
        text = "<".join(text.split("<", MOST_TAGS + 1)[:-1])
        notes.append(f"more than {MOST_TAGS:,} tags; only these were read: is this a papers page?")
    thinned = text
    # Most pages have no such tag, and need no copy of all their text.
    if any(tag.end() - tag.start() >= _LONG_TAG for tag in _TAG.finditer(text)):
        thinned = _TAG.sub(_without_crowd, text)
    if thinned != text:
        notes.append(
            f"a tag with more than {_MOST_ATTRIBUTES:,} attributes, read without them: "
            "is this a papers page?"
        )
    return thinned, tuple(notes)


def depth(text: str) -> int:
    """The depth to which the tags of an XML text are nested, each that is not closed counted."""
    now = deepest = 0
    for tag in _OPEN_OR_CLOSE.finditer(_CDATA.sub("", text)):
        if tag[0][1] == "/":
            now = max(now - 1, 0)
        elif not tag[0].endswith("/"):
            now += 1
            deepest = max(deepest, now)
    return deepest


def _without_crowd(tag: re.Match[str]) -> str:
    """The tag, or its name alone if it has a crowd of attributes (libxml2 compares each with all)."""
    text = tag[0]
    if len(text) < _LONG_TAG:
        return text
    bare = _QUOTED.sub("=", text)
    if sum(map(bare.count, " \t\n\r\f/=")) <= _MOST_ATTRIBUTES:
        return text
    return re.split(r"[\s/=]", bare[:_LONG_TAG], maxsplit=1)[0]


def with_links(links: tuple[PageLink, ...], more: tuple[PageLink, ...]) -> tuple[PageLink, ...]:
    """Both, as far as one text may have links."""
    return links if len(links) >= MOST_LINKS or not more else (links + more)[:MOST_LINKS]

"""Org mode (Emacs): headlines of stars, drawers of properties, links in double brackets."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADLINE = re.compile(
    r"(\*{1,6})\s++(?:(?:TODO|DONE|NEXT|WAITING|READ|READING|STARTED|CANCELLED)\s++)?(?:\[#[A-C]\]\s++)?(\S.*)"
)
_TAGS = re.compile(r":[\w:@]{1,100}:")
_KEYWORD = re.compile(r"#\+(\w{1,30}+):\s*+(.*)")
_PROPERTY = re.compile(r"\s{0,20}+:(\w[\w-]{0,30}+):\s++(\S.*)")
_DRAWER = re.compile(r"\s{0,20}+:\w{1,20}+:\s*+")
_LINK = re.compile(r"\[\[([^\[\]]{1,1900})\](?:\[([^\[\]]{1,1000})\])?\]")
_STAMP = re.compile(r"[<\[](\d{4}-\d\d-\d\d)(?: \w{2,4}\.?)?(?: \d\d:\d\d)?[>\]]")


def signs(lines: Sequence[str]) -> int:
    """The lines that only Org mode writes, if there are headlines."""
    headlines = sum(line.startswith("*") and _HEADLINE.match(line) is not None for line in lines)
    if headlines < 2:
        return 0
    return sum(
        line.startswith("#+") or line.strip() in (":PROPERTIES:", ":END:") or "[[http" in line
        for line in lines
    )


def to_markdown(lines: Sequence[str]) -> list[str]:
    """The lines in Markdown."""
    return [_line(line) for line in lines]


def _line(line: str) -> str:
    if match := _KEYWORD.fullmatch(line):
        if match[1].lower() == "title":
            return f"# {match[2]}"
        return _STAMP.sub(r"\1", match[2]) if match[1].lower() == "date" else ""
    if line.startswith("#+"):
        return ""
    if match := _PROPERTY.fullmatch(line):
        line = f"{match[1].capitalize()}: {match[2]}"
    elif _DRAWER.fullmatch(line):
        return ""
    elif match := _HEADLINE.fullmatch(line):
        head, _, last = match[2].rpartition(" ")
        title = head.rstrip() if head and _TAGS.fullmatch(last) else match[2]
        line = f"{'#' * len(match[1])} {title}"
    if "[[" in line:
        line = _LINK.sub(lambda link: f"[{link[2]}]({link[1]})" if link[2] else link[1], line)
    return _STAMP.sub(r"\1", line)

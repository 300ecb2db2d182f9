"""The words of a screen reader for a page, saved as text: each element after the name of its role."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADING = re.compile(r"heading level ([1-6])\s++(?:(?:visited )?link\s++)?(\S.*)", re.IGNORECASE)
_ROLE = re.compile(
    r"(?:visited link|link|button|graphic|check ?box|edit|combo box|clickable|same page link)\s++"
    r"(?:(?:graphic|not checked|checked|pressed|not pressed|expanded|collapsed|·)\s++){0,3}(?=\S)",
    re.IGNORECASE,
)
_STRUCTURE = re.compile(
    r"(?:.{0,60}\s)?landmark|(?:nested )?list (?:with|of) \d{1,5} items?.{0,30}|out of list|list end|"
    r"(?:end of )?article|separator|blank|bullet|frame|out of .{1,30}|table with .{1,60}",
    re.IGNORECASE,
)


def signs(lines: Sequence[str]) -> int:
    """The headings that are spoken as such, and as many as these of links and lists."""
    headings = others = 0
    for line in lines:
        headings += line[:7].lower() == "heading" and _HEADING.match(line) is not None
        others += line[:5].lower() == "link " or _STRUCTURE.fullmatch(line) is not None
    return headings if others >= 3 else 0


def to_markdown(lines: Sequence[str]) -> list[str]:
    """The lines in Markdown; each element is a paragraph of its own."""
    done: list[str] = []
    for line in lines:
        text = line.strip()
        if match := _HEADING.fullmatch(text):
            text = f"{'#' * int(match[1])} {match[2]}"
        elif _STRUCTURE.fullmatch(text):
            text = ""
        else:
            text = _ROLE.sub("", text, count=1)
        done.append(text)
    return done

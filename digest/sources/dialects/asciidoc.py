"""AsciiDoc: headings of equals signs, attributes between colons, links before their text."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADING = re.compile(r"(={1,6})\s++(\S.*)")
_ATTRIBUTE = re.compile(r":!?[\w-]{1,40}!?:(?:\s.*)?")
_BLOCK = re.compile(r"\[[\w.,#%=\" -]{1,100}\]")
_DELIMITER = re.compile(r"-{2,80}|={4,80}|_{4,80}|\*{4,80}|\.{4,80}|'{3}|\|={3,80}|<<<")
_LINK = re.compile(r"(?:link:)?(https?://[^\s\[\]<>]{3,1900}+)\[([^\[\]\n]{1,400}+)\]")


def signs(lines: Sequence[str]) -> int:
    """The attributes, block marks and links that only AsciiDoc writes, if there are headings."""
    if sum(line.startswith("=") and _HEADING.match(line) is not None for line in lines) < 2:
        return 0
    return sum(
        (line.startswith(":") and _ATTRIBUTE.fullmatch(line) is not None)
        or (line.startswith("[") and _BLOCK.fullmatch(line.rstrip()) is not None)
        or ("http" in line and _LINK.search(line) is not None)
        for line in lines
    )


def to_markdown(lines: Sequence[str]) -> list[str]:
    """The lines in Markdown, without the document's header (its authors, revision, attributes)."""
    done: list[str] = []
    in_header = False
    for line in lines:
        text = line.rstrip()
        heading = _HEADING.fullmatch(text) if text[:1] == "=" else None
        if heading:
            in_header = len(heading[1]) == 1
            done.append(f"{'#' * len(heading[1])} {_links(heading[2])}")
            continue
        in_header = in_header and bool(text)
        if (
            in_header
            or _ATTRIBUTE.fullmatch(text)
            or _BLOCK.fullmatch(text)
            or _DELIMITER.fullmatch(text)
            or text.startswith("//")
        ):
            text = ""
        else:
            text = _links(text.removesuffix(" +"))
            if len(text) > 4 and text[0] == text[-1] == "_":
                text = text.strip("_")
        done.append(text)
    return done


def _links(text: str) -> str:
    if "[" not in text:
        return text
    return _LINK.sub(lambda link: f"[{link[2].removesuffix('^')}]({link[1]})", text)

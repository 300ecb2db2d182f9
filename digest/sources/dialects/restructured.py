"""reStructuredText: titles underlined with any mark, fields between colons, named links."""

from __future__ import annotations

import re
from collections.abc import Sequence

_RULE = re.compile(r"([=\-`:.'\"~^_*+#<>!$%&,;?@|])\1{2,300}")
_FIELD = re.compile(r":([A-Za-z][\w -]{0,30}):\s+(\S.*)")
_DIRECTIVE = re.compile(r"\.\. (?:[\w-]{1,40}::|_[^:\n]{1,200}:|\|)")
_LINK = re.compile(r"`([^`<>]{1,1000}?)\s*<([^<>\s`]{4,1900})>`__?")
_ROLE = re.compile(r":[\w-]{1,20}:`([^`<>]{1,300})(?: <[^<>`]{1,300}>)?`")


def signs(lines: Sequence[str]) -> int:
    """The fields, directives and named links, if there are underlined titles."""
    if sum(_is_underline(lines, place) for place in range(1, len(lines))) < 2:
        return 0
    return sum(
        (line.startswith(":") and _FIELD.match(line) is not None)
        or (line.startswith(".. ") and _DIRECTIVE.match(line) is not None)
        or ("`" in line and _LINK.search(line) is not None)
        for line in lines
    )


def to_markdown(lines: Sequence[str]) -> list[str]:
    """The lines in Markdown; the first mark of an underline that is met is the highest level."""
    levels: dict[str, int] = {}
    done: list[str] = []
    dropping = field = False
    for place, line in enumerate(lines):
        text = line.strip()
        indented = line[:1] in (" ", "\t")
        if _is_underline(lines, place):
            level = levels.setdefault(text[0], min(len(levels) + 1, 6))
            done[-1] = f"{'#' * level} {done[-1].strip()}"
            text = ""
        elif _RULE.fullmatch(text):
            text = ""
        elif line.startswith(".."):
            dropping, text = True, ""
        elif dropping and (indented or not text):
            text = ""
        elif field and indented and text:
            # A field goes on on indented lines; the count of lines stays.
            at = max(index for index, each in enumerate(done) if each)
            done[at] += f" {text}"
            text = ""
        else:
            dropping = False
            match = _FIELD.fullmatch(text) if text[:1] == ":" else None
            field = match is not None
            if match:
                text = f"{match[1]}: {match[2]}"
        done.append(_inline(text) if text and "`" in text else text)
    return done


def _is_underline(lines: Sequence[str], place: int) -> bool:
    """Tell whether the line is the rule below a title that it is at least as long as."""
    text, above = lines[place].rstrip(), lines[place - 1].strip() if place else ""
    return (
        len(text) >= 3
        and not text[0].isalnum()
        and _RULE.fullmatch(text) is not None
        and bool(above)
        and len(text) >= len(above)
        and any(map(str.isalnum, above))
    )


def _inline(text: str) -> str:
    return _ROLE.sub(r"\1", _LINK.sub(r"[\1](\2)", text))

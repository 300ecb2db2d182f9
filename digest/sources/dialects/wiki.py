"""The markup of MediaWiki: headings between equals signs, one bracket around a link, tables."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADING = re.compile(r"(={2,6})\s*(\S[^=]{0,500}?)\s*\1\s*")
_LINK = re.compile(r"\[(https?://[^\s\[\]]{3,1900}+)[ \t]++([^\[\]\n]{1,400}+)\]")
_INNER = re.compile(r"\[\[(?:[^\[\]|]{1,300}\|)?([^\[\]|]{1,300})\]\]")
_QUOTES = re.compile(r"'{2,5}")
_REFERENCE = re.compile(r"<ref[^<>]{0,200}>[^<>]{0,2000}</ref>|<ref[^<>]{0,200}/>|<br\s?/?>")


def signs(lines: Sequence[str]) -> int:
    """The headings, tables and links that only a wiki writes."""
    return sum(
        (line.startswith("==") and _HEADING.fullmatch(line) is not None)
        or line.startswith(("{|", "|-", "|}"))
        or ("[http" in line and _LINK.search(line) is not None)
        for line in lines
    )


def to_markdown(lines: Sequence[str]) -> list[str]:
    """The lines in Markdown; a row of a table is one line of it."""
    done: list[str] = []
    cells: list[str] = []
    in_table = False
    for line in lines:
        text = line.rstrip()
        if text.startswith(("|-", "|}", "{|", "|+")):
            done.append(_row(cells))
            cells = []
            in_table = not text.startswith("|}")
            continue
        if in_table and text[:1] in ("|", "!"):
            cells += [_cell(cell) for cell in re.split(r"\|\||!!", text[1:])]
            done.append("")
        elif in_table and cells:
            cells[-1] = f"{cells[-1]} {_inline(text.strip())}".strip()
            done.append("")
        elif match := _HEADING.fullmatch(text):
            done.append(f"{'#' * len(match[1])} {_inline(match[2])}")
        else:
            done.append(_inline(text))
    return [*done, _row(cells)] if cells else done


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', ' ') for cell in cells)} |" if cells else ""


def _cell(text: str) -> str:
    """A cell without what is said of its looks (``style="…" | text``)."""
    style, bar, rest = text.partition("|")
    styled = bar and "=" in style and "[" not in style
    return _inline((rest if styled else text).strip())


def _inline(text: str) -> str:
    if "[" in text:
        text = _INNER.sub(r"\1", _LINK.sub(r"[\2](\1)", text))
    if "<" in text:
        text = _REFERENCE.sub(" ", text)
    return _QUOTES.sub("", text) if "''" in text else text

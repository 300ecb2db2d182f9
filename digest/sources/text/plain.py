"""Read the lines of a text without markup."""

from __future__ import annotations

import re

from digest.sources.lines import Line, one_line
from digest.sources.text.cleaning import unescape

_BULLET = re.compile(r"(?:[*+•‣◦▪·○■●-]|(\d{1,4})\\?[.)])(?:\s+(?=\S)|$)")


def read_plain(text: str) -> list[Line]:
    """The lines of a text without markup, as they are but for list marks and outer blanks."""
    raws = text.split("\n")
    bullets = sum(raw.lstrip()[:2] in ("* ", "- ", "• ", "+ ", "‣ ") for raw in raws)
    ordinals = sum(
        raw.lstrip()[:1].isdigit() and _BULLET.match(raw.lstrip()) is not None for raw in raws
    )
    lines: list[Line] = []
    blank = True
    for number, raw in enumerate(raws, start=1):
        words = _plain_words(raw)
        if not words or words.startswith(("```", "~~~")):
            blank = True
            continue
        line = Line(
            number,
            words,
            after_blank=blank,
            indent=len(raw) - len(raw.lstrip()),
            columns=len(raw.rstrip()),
        )
        mark = _BULLET.match(words) if bullets > 1 or ordinals > 1 else None
        if mark and (words[mark.end() :] or not mark[1]) and (ordinals if mark[1] else bullets) > 1:
            line.bullet, line.ordinal = True, int(mark[1] or 0)
            line.marked, line.text = words, words[mark.end() :] or ("-" if words[0] in "-–" else "")
            if not line.text:
                blank = True
                continue
        lines.append(line)
        blank = False
    return lines


def _plain_words(raw: str) -> str:
    raw = unescape(raw).strip()
    if "\t" in raw:
        return "\t".join(one_line(cell) for cell in raw.split("\t"))
    words = one_line(raw)
    if len(words) > 4 and words[0] == words[-1] == "|" and words.count("|") > 2:
        return "\t".join(cell.strip() for cell in words.strip("|").split("|"))
    return words

"""Notes of Obsidian and its like: links in double brackets, fields with two colons, callouts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest.sources.links import bare_id

_LINK = re.compile(r"!?\[\[([^\[\]|\n]{1,400}+)(?:\|([^\[\]\n]{1,400}+))?\]\]")
_FIELD = re.compile(r"(?:[-*] )?\**([A-Za-z][\w -]{0,30}+)\**::\**[ \t]++(\S.*)")
_CALLOUT = re.compile(r">\s?\[!\w{1,20}\][+-]?.{0,80}")
_BLOCK_ID = re.compile(r"\s\^[\w-]{1,40}$")
_TASK = re.compile(r"- \[[ xX]\]\s")


def signs(lines: Sequence[str]) -> int:
    """The links, fields and callouts that only such notes have."""
    return sum(
        ("[[" in line and "][" not in line and _LINK.search(line) is not None)
        or (line.startswith("> [!") and _CALLOUT.match(line) is not None)
        or ("::" in line[:40] and _FIELD.fullmatch(line) is not None)
        for line in lines
    )


def to_markdown(lines: Sequence[str]) -> list[str]:
    """The lines in Markdown; what is noted of the reading (tasks) is left out."""
    done: list[str] = []
    for line in lines:
        if _CALLOUT.fullmatch(line) or _TASK.match(line):
            done.append("")
            continue
        text = line[1:].strip() if line.startswith(">") else line
        if match := _FIELD.fullmatch(text):
            text = f"{match[1].strip().capitalize()}: {match[2]}"
        if "[[" in text:
            text = _LINK.sub(_plain, text)
        done.append(_BLOCK_ID.sub("", text) if "^" in text else text)
    return done


def _plain(link: re.Match[str]) -> str:
    """A link to a note as its words; to a note named for an arXiv id, as a link to the paper."""
    target, words = link[1].strip(), (link[2] or link[1]).strip()
    identity = bare_id(target)
    return f"[{words}](https://arxiv.org/abs/{identity})" if identity else words

"""The daily mails of arXiv: entries between rules of two backslashes, fields above the abstract.

https://info.arxiv.org/help/subscribe.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_RULE = re.compile(r"-{20,200}|(?:%%--){4,60}%%|={20,200}")
_END = re.compile(r"\\\\\s{0,3}\(\s?(https?://\S{5,200})\s?,.{0,40}\)?")
_FIELD = re.compile(r"([A-Z][A-Za-z-]{2,20}): (\S.*)")
_DATE = re.compile(
    r"(?:Date(?: \(\w{1,12}(?: \w{1,12})?\))?|replaced with revised version): ?(?:\w{3}, )?(\d{1,2} \w{3} \d{4}) .{0,60}"
)
_LABELS = (("authors", "Authors"), ("date", "Published"))


def signs(lines: Sequence[str]) -> int:
    """The rules of two backslashes, if there are ids stated, too."""
    if sum(line.startswith("arXiv:") for line in lines) < 1:
        return 0
    rules = sum(
        line.startswith("\\\\") and (len(line.rstrip()) == 2 or _END.match(line) is not None)
        for line in lines
    )
    return rules if rules >= 3 else 0


def to_markdown(lines: Sequence[str]) -> list[str]:
    """Each entry as a heading, its facts and its abstract; what stands around them is left out."""
    done = [""] * len(lines)
    for first, last in _entries(lines):
        _write(done, lines, first, last)
    return done


def _entries(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last line of each entry: from its id to its last rule."""
    first = -1
    for place, line in enumerate(lines):
        if line.startswith("arXiv:"):
            first = place
        elif first >= 0 and (_END.match(line) or _RULE.fullmatch(line.rstrip())):
            yield first, place
            first = -1


def _write(done: list[str], lines: Sequence[str], first: int, last: int) -> None:
    fields: dict[str, str] = {}
    abstract: list[str] = []
    name = ""
    below = False
    start = first
    for place in range(first + 1, last):
        line = lines[place].rstrip()
        if line == "\\\\":
            below, start = True, place + 1
        elif below:
            abstract.append(line.strip())
        elif match := _DATE.fullmatch(line):
            fields["date"] = match[1]
        elif match := _FIELD.fullmatch(line):
            name = match[1].lower()
            fields[name] = match[2]
        elif name and line.startswith(" "):
            fields[name] += f" {line.strip()}"
    if "title" not in fields or start <= first + len(_LABELS) + 1:
        return
    done[first] = f"## {fields['title']}"
    facts = [f"arXiv: {identity}" for identity in lines[first][6:].split()[:1]]
    facts += [f"{label}: {fields[key]}" for key, label in _LABELS if key in fields]
    done[first + 1 : first + 1 + len(facts)] = facts
    if abstract:
        done[start] = " ".join(filter(None, abstract))

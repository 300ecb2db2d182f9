"""Read the icons that posts put before their lines: one for titles, one for who wrote the paper."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from digest.sources.lines import Line
from digest.sources.text.role_costs import title_cost

_ICON = re.compile(
    r"([\u2190-\u2bff\u3030\U0001f000-\U0001faff][\ufe0f\u200d\u2640\u2642\U0001f3fb-\U0001f3ff]{0,3})\s{1,3}(?=\S)"
)
_PEOPLE = frozenset("👥👤✍🖊🧑👩👨🎓📝")
_TITLES = frozenset("📄📃📑📜📰🧾📌🔖📖📚📘📗📙✨🚀⭐🌟🆕🔹🔸🔷🔶▶➡🎯💡🧠🤖📢📣🏆")
_FEWEST = 3


def read_icons(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines without the icon that titles have here, each marked as one; names said to be names."""
    found = [_ICON.match(line.text) if line.text[:1] > "\u2000" else None for line in lines]
    icons = Counter(each[1][0] for each in found if each)
    titles = [icon for icon, count in icons.items() if count >= _FEWEST and icon in _TITLES]
    people = {icon for icon, count in icons.items() if count >= _FEWEST and icon in _PEOPLE}
    if len(titles) != 1 or not _are_titles(lines, found, titles[0]):
        return lines
    read: list[Line] = []
    for line, icon in zip(lines, found, strict=True):
        if icon and icon[1][0] in titles:
            line = replace(line, text=line.text[icon.end() :], whole=True)
        elif icon and icon[1][0] in people:
            line = replace(line, text=f"Authors: {line.text[icon.end() :]}")
        read.append(line)
    return read


def _are_titles(lines: Sequence[Line], found: Sequence[re.Match[str] | None], mark: str) -> bool:
    """Tell whether what stands after this icon looks like titles throughout."""
    texts = [
        line.text[icon.end() :]
        for line, icon in zip(lines, found, strict=True)
        if icon and icon[1][0] == mark
    ]
    # A button says the same each time.
    alike = {text for text in texts if title_cost(text) < 2.0 and " " in text}
    return len(alike) * 5 >= len(texts) * 4

"""Choose and order the reasons that an entry gives, from the parts of its score.

A reason is something a reader can use: a place on a page, a date or a sum of weights is none. The
words name no "today", because a weekly edition gives them again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from digest.arxiv_ids import is_arxiv_id
from digest.model import Momentum, Paper, TrendPart

MOST_REASONS = 2

# Enough to lift a paper over its like, not over a stronger one.
_FOR_RISING_TOPIC = 0.25
_FOR_RISING_PHRASE = 0.25
_FOR_SHARED_PHRASE = 0.05

# The first of these that an entry has are told; what is not here counts, and is not told.
_ORDER = (
    "updated",
    "votes",
    "venue",
    "picked",
    "phrase",
    "topic",
    "kind",
    "claim",
    "release",
    "week",
)
# What editions frozen before told, and a weekly edition would retell: votes by an age that was a
# guess, and a count of titles beside nothing that it could be compared with.
_NO_LONGER_TOLD = re.compile(
    r"^(?:[\d,]{1,20} votes? in (?:its first day|\d{1,6} days)"
    r"|one of [\d,]{1,20} papers in seven days with “[^”]{1,300}” in the title)$"
)
# What two parts would say alike; the one that comes first is told.
_RISES = frozenset({"phrase", "topic", "week"})
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip


def reason_line(parts: Sequence[TrendPart], *, shown: str = "") -> str:
    """The first reasons among the parts of a score, as one line; ``""`` where there is none.

    ``shown`` is what the reader sees of the paper anyway, of which no figure is repeated.
    """
    told: list[TrendPart] = []
    for part in sorted(filter(is_reason, parts), key=lambda part: _ORDER.index(part.name)):
        is_again = part.name in _RISES and any(other.name in _RISES for other in told)
        if not is_again and not _repeats(part, shown) and len(told) < MOST_REASONS:
            told.append(part)
    line = "; ".join(part.words for part in told)
    return line[:1].upper() + line[1:]


def is_reason(part: TrendPart) -> bool:
    """True if the part can be said to a reader: it has words, and its kind is one that is told."""
    return bool(part.words) and part.name in _ORDER and not _NO_LONGER_TOLD.search(part.words)


def _repeats(part: TrendPart, shown: str) -> bool:
    if part.name == "claim":
        return part.words.partition("“")[2].rstrip("”").casefold() in shown.casefold()
    figures = re.findall(r"\d[\d,.]*\d", part.words) if part.name == "kind" else []
    return any(figure in shown for figure in figures)


def rise_parts(
    title: str,
    topic: str,
    momentum: Momentum | None,
    phrases: Sequence[Momentum],
    weekly: Momentum | None,
) -> Iterator[TrendPart]:
    """The parts that a rise of its topic, or of a phrase in its title, adds to a paper's score.

    ``topic`` is the name of its topic, ``""`` where that is not sure. ``weekly`` is a phrase of
    the title that rises over the week.
    """
    if topic and momentum is not None and momentum.rising:
        words = f"one of the day’s {momentum.today} papers on {topic} ({_usual(momentum)})"
        yield TrendPart("topic", _FOR_RISING_TOPIC, words)
    for phrase in phrases:
        if _has_phrase(title.casefold(), phrase.name.casefold()):
            words = (
                f"one of the day’s {phrase.today} papers with {_quoted(phrase.name)} in the title"
            )
            yield TrendPart("phrase", _FOR_RISING_PHRASE, f"{words} ({_usual(phrase)})")
            break
    if weekly is not None:
        words = (
            f"one of {weekly.today} papers in seven days with {_quoted(weekly.name)} in the title"
        )
        yield TrendPart("week", _FOR_SHARED_PHRASE, f"{words} ({_usual(weekly)})")


def _has_phrase(title: str, phrase: str) -> bool:
    """True if the phrase stands in the title as whole words, but for a plural's ending."""
    at = title.find(phrase) if phrase else -1
    while at >= 0:
        before, after = title[:at], title[at + len(phrase) :]
        ending = next((end for end in ("es", "s", "") if after.startswith(end)), "")
        if not before[-1:].isalnum() and not after[len(ending) :][:1].isalnum():
            return True
        at = title.find(phrase, at + 1)
    return False


def update_part(paper: Paper, day: date) -> Iterator[TrendPart]:
    """The part that says of an updated paper which version it is, and since when it is known."""
    words = []
    version = paper.details.version or 0
    if version > 1 and is_arxiv_id(paper.external_id or ""):
        words.append(f"now in version {version} on arXiv")
    if paper.first_seen < day:
        first = paper.first_seen
        words.append(f"first listed on {first.day} {_MONTHS[first.month - 1]} {first.year}")
    if words:
        yield TrendPart("updated", 0.0, ", ".join(words))


def _quoted(name: str) -> str:
    return f"“{' '.join(name.split())}”"


def _usual(rise: Momentum) -> str:
    usual = round(rise.expected)
    return f"usually {usual}" if usual else "usually hardly any"

"""Words that a mail needs beyond the papers' own: counts, dates, short names, lists of topics.

Everything here takes untrusted text and gives plain text on one line, without characters that
could reorder or hide what stands around them.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta

from digest.model import Edition, EditionKind, Entry

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

PREVIEW_MARK = "[Preview] "
"""Beginning of the subject of a mail that a few get before, or without, anybody else."""
SHORTEST_PREHEADER = 40
LONGEST_PREHEADER = 130
"""Least and most that inboxes show beside the subject, in characters."""
_LONGEST_NAME = 60
"""Longest name of a source."""
_NAME = 34
"""Longest short name of a paper."""
_SPEED = 220
"""Words a minute that a reader takes in, skimming abstracts (an adult's usual 200–250)."""
LONGEST_WHY = 200
"""Longest reason, in characters."""
WIDTH = 72
"""Columns of the text part."""

# Controls, lone surrogates, non-characters, the private range this room uses for its slots, and
# the marks that reorder text beyond their own line (embeddings, overrides, isolates).
_HARMFUL = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069"
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufeff\ufff9-\uffff]|[\U000e0000-\U000e0fff]"
)
_RTL = re.compile("[\u0590-\u08ff\u200f\u061c\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff]")
_JOINS = re.compile("[\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")
_NAME_BEFORE = re.compile(r"^(.{2,34}?)(?::\s|：|\s[—–-]\s|—)")


def clean(text: str) -> str:
    """``text`` on one line without anything unseen that acts on what is seen."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return " ".join(
        _HARMFUL.sub(lambda m: " " if m.group() in "\x1e\x85\u2028\u2029" else "", text).split()
    )


def clip(text: str, limit: int) -> str:
    """``text`` of at most ``limit`` characters, cut between words with an ellipsis if need be."""
    if len(text) <= limit:
        return text
    end = limit - 1
    at = end if text[end] == " " else text.rfind(" ", end // 2, end)
    end = at if at > 0 else end
    while end and (
        _JOINS.match(text[end]) or unicodedata.combining(text[end]) or text[end - 1] == "\u200d"
    ):
        end -= 1
    cut = text[:end].rstrip(" ,;:–—-")
    return f"{cut}…"


def first_fitting(limit: int, *texts: str) -> str:
    """The first of ``texts`` that is whole within ``limit`` characters; ``""`` if none is.

    A summary is shown whole or not at all: cutting a sentence could turn its meaning round.
    """
    return next((text for text in texts if text and len(text) <= limit), "")


def summary_credit(entry: Entry) -> str:
    """``(summary by Hugging Face)``, where the summary is a source's own; ``""`` else."""
    name = clip(clean(entry.summary_source), _LONGEST_NAME)
    return f"(summary by {name})" if name and (entry.summary or entry.brief) else ""


def has_right_to_left(text: str) -> bool:
    """Tell whether ``text`` holds anything written from right to left, and must be isolated."""
    return not text.isascii() and _RTL.search(text) is not None


def isolated(text: str) -> str:
    """Isolate right-to-left text: FIRST STRONG ISOLATE … POP DIRECTIONAL ISOLATE (UAX #9)."""
    return f"\u2068{text}\u2069" if has_right_to_left(text) else text


def short_name(title: str) -> str:
    """The name a title gives its work (``"TideFormer"`` of ``"TideFormer: Attention …"``) or ``""``."""
    match = _NAME_BEFORE.match(title)
    if match is None or len(match[1].split()) > 4 or len(match[1]) > _NAME:
        return ""
    return match[1].strip()


def wrapped(text: str, first: str = "", rest: str = "", width: int = WIDTH) -> str:
    """``text`` filled to ``width`` columns, its lines begun with ``first`` and ``rest``."""
    if len(first) + len(text) <= width:
        return first + text
    return textwrap.fill(
        text, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )


def underlined(text: str, mark: str = "-") -> str:
    """``text`` with a line of ``mark`` below it, as long as it is."""
    return f"{text}\n{mark * min(len(text), WIDTH)}"


def day_in_words(day: date) -> str:
    """``Friday, 20 November 2026``."""
    return f"{_DAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """``20 Nov``."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def subject_day(edition: Edition) -> str:
    """The days of an edition as its subject has them: ``20 Nov``, ``18–20 Nov``, ``week 47``."""
    if edition.kind is EditionKind.WEEKLY:
        return f"week {week_covered(edition.day).isocalendar().week}"
    first, last = edition.covers
    if first == last:
        return short_day(edition.day)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{short_day(last)}"
    return f"{short_day(first)} – {short_day(last)}"


def span_in_words(first: date, last: date) -> str:
    """``18–20 November 2026``, ``30 October – 2 November 2026``; one day alone as that day."""
    if first == last:
        return day_in_words(last)
    end = f"{last.day} {_MONTHS[last.month - 1]} {last.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{end}"
    start = f"{first.day} {_MONTHS[first.month - 1]}"
    return f"{start} – {end}" if first.year == last.year else f"{start} {first.year} – {end}"


def edition_date(edition: Edition) -> str:
    """Date of an edition as its masthead says it: a day, a week, or the days it catches up."""
    if edition.kind is EditionKind.WEEKLY:
        covered = week_covered(edition.day)
        monday = covered - timedelta(days=covered.weekday())
        year, week, _ = covered.isocalendar()
        return f"Week {week} of {year}, {span_in_words(monday, monday + timedelta(days=6))}"
    first, last = edition.covers
    if first != last:
        return f"{day_in_words(edition.day)}, covering {span_in_words(first, last)}"
    return day_in_words(edition.day)


def edition_name(kind: EditionKind, day: date) -> str:
    """The edition's part of its web address: ``2026-11-20``, or ``2026-W47`` for a week."""
    if kind is EditionKind.WEEKLY:
        year, week, _ = week_covered(day).isocalendar()
        return f"{year}-W{week:02d}"
    return day.isoformat()


def week_covered(day: date) -> date:
    """A day of the week that the weekly edition of ``day`` covers: it repeats the days before."""
    return day - timedelta(days=1)


def picks_heading(kind: EditionKind) -> str:
    """Heading of the papers that an edition begins with."""
    return "Top of the week" if kind is EditionKind.WEEKLY else "Top picks"


def section_figure(count: int, picked: int = 0, where: str = "above") -> str:
    """Number of a section's papers; those among the top picks are said to stand above.

    ``where`` says it otherwise for a page that does not have the picks.
    """
    return f"{count:,} in all, {picked:,} {where}" if picked else f"{count:,}"


def counted(count: int, singular: str, plural: str = "") -> str:
    """``1 topic``, ``9 topics``."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def joined(items: Sequence[str]) -> str:
    """The items with commas between them, or semicolons where one has a comma of its own."""
    return ("; " if any("," in item for item in items) else ", ").join(items)


def reading_time(words: int) -> str:
    """Time that many words take to read: ``about a minute to read``, ``about 6 minutes to read``."""
    minutes = max(1, round(words / _SPEED))
    return "about a minute to read" if minutes == 1 else f"about {minutes} minutes to read"


def preheader(
    counts: Sequence[tuple[str, int]],
    *,
    otherwise: str,
    least: int = SHORTEST_PREHEADER,
    most: int = LONGEST_PREHEADER,
) -> str:
    """List the biggest topics with their counts, in ``least`` to ``most`` characters.

    ``otherwise`` pads or stands in.
    """
    listed = ""
    for number in range(len(counts), 0, -1):
        left = len(counts) - number
        shown = [f"{name} {count:,}" for name, count in counts[:number]]
        # Names of topics have commas of their own.
        listed = " · ".join([*shown, counted(left, "more topic")] if left else shown)
        if len(listed) <= most:
            break
    else:
        listed = ""
    if len(listed) < least:
        listed = f"{listed} · {otherwise}" if listed else otherwise
    return clip(listed, most)

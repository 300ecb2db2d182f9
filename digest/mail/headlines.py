"""The news of a mail in a few words: its subject, its preheader, and the line it opens with.

A subject is never a cut title. A paper stands in it by the name that its title gives it, or by a
title that is short enough to stand whole; where nothing fits, the day's theme or its largest topics
stand there instead. Of several shapes the first that fits is taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle

from digest.mail import plain_text
from digest.mail.coined_names import is_coined

NO_TOPIC = "other"
"""The section of papers that are of no topic; a headline does not name it."""
LONGEST_SUBJECT = 70
"""Longest subject, in columns: phones show 35 to 50, desktops about 70."""
_LONGEST_NAME = 46
"""Longest title, or part of one before its colon, that stands for a paper, in columns."""
_LONGEST_IN_LEAD = 120
_LONGEST_LEAD = 220
_LONGEST_PREHEADER = 130
_MOST_NAMES = 5
_FEWEST_ON_THEME = 3
_SPARED_WORDS = 2
"""Titles of so many words need no quotation marks beside other words."""
_WORDS_OF_A_PHRASE = 4
"""A part of a title that has so many words, and none of its own, may be any paper's."""

# Labels that journals put before a title; they name a kind of paper, and no paper.
_LABEL = re.compile(
    r"(?:an? )?(?:abstract|appendix|brief|comment(?:ary)?|correction|corrigendum|dataset|demo|editorial|erratum|"
    r"extended abstract|letter|long paper|note|overview|part [ivx\d]{1,4}|perspective|poster|position(?: paper)?|"
    r"reply|report|research|resource|retraction|review|short paper|survey|technical (?:note|report)|"
    r"tutorial|vision paper|viewpoint|white ?paper|workshop|systematic review|case study)",
    re.IGNORECASE,
)
_MAIN_TITLE = re.compile(r"(?:[^:：?!]|:(?!\s)){2,80}(?:[?!](?=\s)|(?=:\s|：))")
# Remains of formulas, and brackets that stay open where a title is parted at its colon.
_NO_NAME = re.compile(r"[\\{}^_~`<>|…\ue000\ue001]|\$\S")
_FIRST_MARK = "\u0300"
"""Below it no letter is wide, and none is a mark on another."""
_LETTER = re.compile(r"[^\W_]")
_QUOTES = re.compile('["“”„«»]')


@dataclass(frozen=True, slots=True)
class News:
    """The content of one mail, as far as its headlines need it.

    ``titles`` are those of its strongest papers, the strongest first; ``picked`` says that they are
    its top picks. ``total`` new papers and ``updated`` ones are in it or counted by it. ``topics``
    are names with counts, the largest first; ``theme`` a phrase and the number of new papers whose
    titles have it. ``leading`` are the words for a mail's first papers (``"Leading the week"``).
    """

    titles: Sequence[str]
    picked: bool
    total: int
    updated: int = 0
    topics: Sequence[tuple[str, int]] = ()
    theme: tuple[str, int] | None = None
    leading: str = "Leading this edition"


def columns(text: str) -> int:
    """Count the columns that a text takes: two for a wide character (UAX #11), none for a mark."""
    if text.isascii():
        return len(text)
    return len(text) + sum(
        -1 if unicodedata.combining(letter) else unicodedata.east_asian_width(letter) in "WF"
        for letter in text
        if letter >= _FIRST_MARK
    )


@lru_cache(maxsize=4_096)  # a title comes back in each of many personal mails
def headline_name(title: str) -> str:
    """Give the words by which a subject names a paper; ``""`` if its title has none that fit.

    It is the name before a colon (``TideFormer``), a short title as a whole, or a short main title
    before a subtitle; in quotation marks where it would run into other words. A phrase before a
    colon that many papers could have ("A New Benchmark") is none.
    """
    title = _without_label(title)
    name = plain_text.short_name(title)
    main = _MAIN_TITLE.match(title)
    for whole in (name, title, main[0] if main else ""):
        if whole and _can_stand(whole) and (whole == title or _tells_apart(whole)):
            return plain_text.isolated(whole) if _is_name(whole) else _quoted(whole)
    return ""


def _tells_apart(part: str) -> bool:
    """True if a part of a title stands for its paper: a name, a question or a longer statement."""
    return part[-1] in "?!" or len(part.split()) > _WORDS_OF_A_PHRASE or is_coined(part)


def _without_label(title: str) -> str:
    """The title without the name of its kind before it (``Position: …``)."""
    label, colon, rest = title.partition(": ")
    return rest.strip() if colon and rest.strip() and _LABEL.fullmatch(label.strip()) else title


def _can_stand(name: str) -> bool:
    return (
        columns(name) <= _LONGEST_NAME
        and _NO_NAME.search(name) is None
        and _LETTER.search(name) is not None
        and name.count("(") == name.count(")")
        and name.count("[") == name.count("]")
        and len(_QUOTES.findall(name)) % 2 == 0
        and _LABEL.fullmatch(name) is None
    )


def _is_name(words: str) -> bool:
    """Tell whether the words read as a name among other words, without quotation marks."""
    return len(words.split()) <= _SPARED_WORDS and "," not in words and words[-1] not in "?!."


def _quoted(name: str) -> str:
    """The name in quotation marks; its own become single ones, by turns opening and closing."""
    marks = cycle("‘’")
    inner = _QUOTES.sub(lambda _: next(marks), name)
    return f"“{plain_text.isolated(inner)}”"


def subject(news: News, list_name: str, day: str) -> str:
    """Write the subject of a mail: ``FlashThing, SlowBrush and 40 more · Daily Papers, 20 Nov``.

    The list's name gives way to the news where both do not fit; the sender's name tells it, too.
    """
    tails = (f" · {list_name}, {day}", f" · {day}")
    for line in _subjects(news):
        for tail in tails:
            if line and columns(line) + columns(tail) <= LONGEST_SUBJECT:
                return line + tail
    return next(
        (line for line in (f"{list_name}, {day}", list_name) if columns(line) <= LONGEST_SUBJECT),
        f"New papers, {day}",
    )


def _subjects(news: News) -> Iterator[str]:
    """Shapes of a subject without its tail, the best first."""
    names = _names(news)
    total = news.total or news.updated
    before = "" if news.total else "Updated: "
    if total == 1 and news.titles and _NO_NAME.search(news.titles[0]) is None:
        yield before + plain_text.isolated(news.titles[0])
    if total == len(names) == 3:
        yield f"{before}{names[0]}, {names[1]} and {names[2]}"
    for other in names[1:]:
        yield (
            before + _and_more(f"{names[0]}, {other}", total - 2)
            if total > 2
            else (f"{before}{names[0]} and {other}")
        )
    for name in names:
        yield before + _and_more(name, total - 1)
    if news.total and news.theme is not None:
        phrase, count = news.theme
        yield _and_more(f"{count:,} papers on “{phrase}”", total - count)
    if total:
        kind = "new" if news.total else "updated"
        papers = plain_text.counted(total, f"{kind} paper")
        if news.total == 1 and news.topics:
            yield f"A new paper in {news.topics[0][0]}"
        elif news.total:
            yield from _by_topic(papers, news.topics)
        yield papers


def _and_more(words: str, more: int) -> str:
    return f"{words} and {more:,} more" if more > 0 else words


def _by_topic(papers: str, topics: Sequence[tuple[str, int]]) -> Iterator[str]:
    """The count with the two largest topics, or the largest."""
    for number in (2, 1):
        if len(topics) >= number:
            yield f"{papers}: " + "; ".join(f"{name} {count:,}" for name, count in topics[:number])


def _names(news: News) -> list[str]:
    """The names of the strongest papers that have one, none twice."""
    names = (headline_name(title) for title in news.titles[:_MOST_NAMES])
    return [name for name in dict.fromkeys(names) if name]


def lead(news: News) -> str:
    """Write the line that a mail opens with: its first papers, its largest topics, its theme."""
    return " ".join(filter(None, (_first_papers(news), _largest_topics(news), _theme(news))))


def _first_papers(news: News) -> str:
    listed: list[str] = []
    length = 0
    titles = news.titles[:_MOST_NAMES]
    for title in titles:
        name = headline_name(title)
        if not name and columns(title) <= _LONGEST_IN_LEAD and not _NO_NAME.search(title):
            name = _quoted(title)
        if name and name not in listed and length + columns(name) <= _LONGEST_LEAD:
            listed.append(name)
            length += columns(name)
    if not listed:
        return ""
    if not news.total:
        return f"Updated: {_series(listed)}."
    if news.total == 1:
        return ""  # the paper itself follows
    if news.total == len(listed):
        return f"New: {_series(listed)}."
    if not news.picked:
        return f"Among them: {_series(listed)}."
    return f"{news.leading}: {_series(listed)}."


def _largest_topics(news: News) -> str:
    if not news.topics or news.total < 2:
        return ""
    if len(news.topics) == 1 and news.topics[0][1] == news.total:
        return f"All are in {news.topics[0][0]}."
    largest = [f"{name} ({count:,})" for name, count in news.topics[:2] if count > 1]
    if not largest:
        return ""
    # Names of topics have commas and "&" of their own.
    return f"{'Largest topics' if len(largest) > 1 else 'Largest topic'}: {'; '.join(largest)}."


def _theme(news: News) -> str:
    if news.theme is None:
        return ""
    phrase, count = news.theme
    return f"More talked about than usual: “{phrase}” ({count:,} papers)."


def _series(names: Sequence[str]) -> str:
    """``A``, ``A and B``, ``A, B and C``."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def preheader(news: News, beside: str, *, otherwise: str) -> str:
    """Write the line ``beside`` the subject: what it does not name, in 40 to 130 characters."""
    if news.total == 1 and news.titles and (title := _only_title(news.titles[0], beside)):
        return plain_text.preheader((), otherwise=title)
    if not news.total and news.updated:
        otherwise = f"Titles or abstracts that changed since an earlier edition · {otherwise}"
    rest = [name for name in _names(news) if name not in beside]
    also = ""
    for number in range(len(rest), 0, -1):
        also = f"Also {_series(rest[:number])}. "
        if columns(also) <= _LONGEST_PREHEADER * 3 // 5:
            break
    else:
        also = ""
    room = _LONGEST_PREHEADER - len(also)
    least = max(0, plain_text.SHORTEST_PREHEADER - len(also))
    topics = plain_text.preheader(news.topics, otherwise=otherwise, least=least, most=room)
    return (also + topics).rstrip()


def _only_title(title: str, beside: str) -> str:
    """The title of a mail's only paper, if the subject has not all of it and it fits whole."""
    fits = columns(title) <= _LONGEST_PREHEADER and not _NO_NAME.search(title)
    return plain_text.isolated(title) if fits and title not in beside else ""


def theme_of(phrases: Sequence[str], titles: Sequence[str]) -> tuple[str, int] | None:
    """Choose the rising phrase that most of the new titles have, with their number.

    It has to be in three titles at least. ``phrases`` are the surest first.
    """
    folded = [title.casefold() for title in titles]
    best: tuple[str, int] | None = None
    for phrase in phrases:
        stem = phrase.casefold()
        if len(stem) > 3:
            stem = stem.removesuffix("s")
        word = re.compile(rf"(?<!\w){re.escape(stem)}s?(?!\w)")
        count = sum(stem in title and word.search(title) is not None for title in folded)
        if count >= _FEWEST_ON_THEME and (best is None or count > best[1]):
            best = (phrase, count)
    return best

"""Phrases that burst: word groups in today's titles that the titles of past weeks hardly had."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from digest.editorial.significance import surprise
from digest.latex import readable
from digest.model import Momentum

# Phrases are many, so certainty must be greater than for topics: less than one in a thousand days
# over all phrases of the day together. Three titles at least, and three times what is usual.
_FALSE_ALARMS = 0.001
_FEWEST_TITLES = 3
_FEWEST_TODAY = 2
_SMALLEST_LIFT = 3.0
_FEWEST_DAYS = 5
_FEWEST_PAST = 100
_MOST_PHRASES = 5
_LONGEST = 4
_WINDOWS = (1, 2, 3)
# Titles of one day share words more often than chance says (a release and its companions).
_CORRELATION = 0.01
_PRIOR_TITLES = 0.5
# Of the titles of a phrase, this many may also have a longer one that then stands for both.
_SAME = 0.7

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?[+#]*")
_STOP = frozenset(
    re.findall(
        r"\w+",
        "a an the of for and or to in on at by with without from via as is are be can do does it "
        "its "
        "this that these those their your our we you i not no vs versus into over under between "
        "through towards toward across beyond within against when what how why which where who "
        "than "
        "all more less most one two three new using based aware driven guided more s "
        "is are was were has have will should could may make makes making made let lets",
    )
)
# Words that titles of any subject have; a phrase must say more than these.
_BOILERPLATE = frozenset(
    re.findall(
        r"\w+",
        "approach approaches method methods model models framework frameworks system systems "
        "learning "
        "network networks neural deep large language training trained pre pretraining pretrained "
        "fine tuning task tasks data dataset datasets benchmark benchmarks benchmarking evaluation "
        "evaluating analysis study survey review report technical towards improving improved "
        "efficient effective efficiently robust simple fast general generalized unified novel "
        "better "
        "first high low multi self cross end open free scale scaling scalable large small level "
        "problem problems application applications case perspective introduction understanding "
        "exploring rethinking revisiting learning learn via paper work results performance "
        "representation representations feature features information knowledge design image images "
        "video text",
    )
)


def rising_phrases(
    today: Sequence[str], history: Iterable[tuple[date, str]]
) -> tuple[Momentum, ...]:
    """The phrases of today's titles that rise against the titles of past days, surest first.

    ``today`` are titles as read; ``history`` titles with the day they were first seen, in any
    order. One phrase stands for all that occur in about the same titles. ``name`` is written as
    the titles write it; ``today`` counts titles; at most five phrases.
    """
    lines = [readable(title) for title in today]
    phrases_by_title = [_phrases(line) for line in lines]
    often = Counter(phrase for phrases in phrases_by_title for phrase in phrases)
    wanted = frozenset(phrase for phrase, count in often.items() if count >= _FEWEST_TODAY)
    per_day, sizes = _past(wanted, history)
    if len(sizes) < _FEWEST_DAYS or sum(sizes.values()) < _FEWEST_PAST:
        return ()
    days = sorted(sizes)
    alive = set(range(len(phrases_by_title)))
    rising: list[Momentum] = []
    while len(rising) < _MOST_PHRASES:
        best = _surest(phrases_by_title, alive, per_day, sizes, days)
        if best is None:
            break
        phrase, count, expected = best
        name = _as_written(phrase, lines)
        words = f"in {count} titles today, usually in {_usual(expected)}"
        rising.append(Momentum(name, count, round(expected, 2), True, words))
        alive -= {place for place in alive if phrase in phrases_by_title[place]}
    return tuple(rising)


def _usual(expected: float) -> str:
    return "none" if expected < 0.5 else str(round(expected))


def _past(
    wanted: frozenset[tuple[str, ...]], history: Iterable[tuple[date, str]]
) -> tuple[dict[tuple[str, ...], Counter[date]], Counter[date]]:
    """For each wanted phrase the number of titles by day, and the number of titles by day."""
    per_day: dict[tuple[str, ...], Counter[date]] = defaultdict(Counter)
    sizes: Counter[date] = Counter()
    beginnings = {phrase[0] for phrase in wanted}
    for day, title in history:
        sizes[day] += 1
        words = _words(title)
        here = {
            group
            for at, first in enumerate(words)
            if first in beginnings
            for end in range(at + 1, min(at + _LONGEST, len(words)) + 1)
            if (group := tuple(words[at:end])) in wanted
        }
        for phrase in here:
            per_day[phrase][day] += 1
    return per_day, sizes


def _surest(
    phrases_of: list[frozenset[tuple[str, ...]]],
    alive: set[int],
    per_day: dict[tuple[str, ...], Counter[date]],
    sizes: Counter[date],
    days: list[date],
) -> tuple[tuple[str, ...], int, float] | None:
    """The phrase least likely by chance, if any is unlikely enough, widened to its longest form."""
    counts = Counter(phrase for place in sorted(alive) for phrase in sorted(phrases_of[place]))
    tests = sum(len(phrases) for phrases in phrases_of) * len(_WINDOWS)
    certain: dict[tuple[str, ...], tuple[float, float]] = {}
    for phrase, count in counts.items():
        if count < _FEWEST_TODAY:
            continue
        likelihood = _likelihood(
            count, len(phrases_of), per_day.get(phrase, Counter()), sizes, days
        )
        if likelihood is not None and likelihood[0] * tests < _FALSE_ALARMS:
            certain[phrase] = likelihood
    if not certain:
        return None
    best = min(certain, key=lambda phrase: (certain[phrase][0], -len(phrase), phrase))
    longer = [
        phrase
        for phrase in certain
        if len(phrase) > len(best)
        and _within(best, phrase)
        and counts[phrase] >= _SAME * counts[best]
    ]
    widest = max(longer, key=lambda phrase: (len(phrase), counts[phrase], phrase), default=best)
    return widest, counts[widest], certain[widest][1]


def _likelihood(
    count: int, of: int, past: Counter[date], sizes: Counter[date], days: list[date]
) -> tuple[float, float] | None:
    """Give the likelihood by chance and the usual count; ``None`` where support is too small."""
    best: tuple[float, float] | None = None
    for window in _WINDOWS:
        recent, before = days[len(days) - window + 1 :], days[: len(days) - window + 1]
        seen = count + sum(past[day] for day in recent)
        total = of + sum(sizes[day] for day in recent)
        papers = sum(sizes[day] for day in before)
        share = (sum(past[day] for day in before) + _PRIOR_TITLES) / (papers + 1)
        if count < _FEWEST_TODAY or seen < _FEWEST_TITLES or seen < _SMALLEST_LIFT * share * total:
            continue
        chance = surprise(seen, total, share, papers, _CORRELATION * share)
        if best is None or chance < best[0]:
            best = (chance, share * of)
    return best


def _within(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    return any(long[at : at + len(short)] == short for at in range(len(long) - len(short) + 1))


def _phrases(title: str) -> frozenset[tuple[str, ...]]:
    """The word groups of a title that can be a phrase: one to four words, with something to say."""
    return frozenset(_groups(_words(title)))


def _words(title: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(title.casefold())]


def _groups(words: list[str]) -> Iterator[tuple[str, ...]]:
    for at, first in enumerate(words):
        if first in _STOP or first.isdigit():
            continue
        for end in range(at + 1, min(at + _LONGEST, len(words)) + 1):
            group = words[at:end]
            if group[-1] in _STOP or group[-1].isdigit():
                continue
            telling = [word for word in group if word not in _STOP and word not in _BOILERPLATE]
            if telling and max(map(len, telling)) >= 3:
                yield tuple(group)


def telling_words(title: str) -> frozenset[str]:
    """The words of a title, without a plural's s, that say more than titles of any subject do."""
    words = _words(title)
    return frozenset(w for w in words if len(w) > 2 and w not in _STOP and w not in _BOILERPLATE)


def _stem(word: str) -> str:
    """The word without a plural's s, so that "world models" and "world model" are one phrase."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "sui" else word


def _as_written(phrase: tuple[str, ...], lines: list[str]) -> str:
    """The phrase as most of today's titles write it."""
    written: Counter[str] = Counter()
    for line in lines:
        spans = [
            (match.start(), match.end(), _stem(match[0].casefold()))
            for match in _WORD.finditer(line)
        ]
        for at in range(len(spans) - len(phrase) + 1):
            if tuple(word for *_, word in spans[at : at + len(phrase)]) == phrase:
                written[line[spans[at][0] : spans[at + len(phrase) - 1][1]]] += 1
    return min(written, key=lambda form: (-written[form], form)) if written else " ".join(phrase)

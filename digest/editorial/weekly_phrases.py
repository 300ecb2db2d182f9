"""Find the known phrases of the field that the titles of a week have clearly more often than usual."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from digest.editorial.phrases import StemmedWords, phrase_key, stem_words
from digest.editorial.significance import surprise
from digest.latex import readable
from digest.model import Momentum

# A count alone tells a reader nothing: titles share words. It is told where it is three titles at
# least, twice what is usual, and hardly ever so by chance over all phrases of the week together.
_FEWEST = 3
_SMALLEST_LIFT = 2.0
_FALSE_ALARMS = 0.01
_FEWEST_TITLES = 30
_FEWEST_PAST = 200
# Titles of one week share words more often than chance says; before its first, a phrase is new.
_CORRELATION = 0.01
_PRIOR_TITLES = 0.5
_MOST_WORDS = 60
_LONGEST_TITLE = 1_000
_EVERYDAY = frozenset(
    map(
        phrase_key,
        ("large language model", "language model", "deep learning", "machine learning", "neural network",
         "reinforcement learning", "foundation model", "real world", "state of the art",
         "convolutional neural network", "deep neural network"),
    )
)  # fmt: skip
_FILLERS = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "for",
        "and",
        "or",
        "to",
        "in",
        "on",
        "at",
        "by",
        "with",
        "without",
        "from",
        "via",
        "as",
        "is",
        "are",
    ]
)


def weekly_phrases(
    today: Mapping[int, tuple[str, Sequence[str]]], week: Iterable[str], past: Iterable[str]
) -> dict[int, Momentum]:
    """The phrase of a paper's title that titles of the week have clearly more often than usual.

    ``today`` has by paper id the title and the phrases that decided its topic; ``week`` are the
    titles of the six days before, ``past`` those of the weeks before: without 200 of them nothing
    is known to be usual. The phrase is written as the title writes it; of several the longest is
    taken. ``today`` of the result counts titles of the week.
    """
    read = {paper_id: _read(title) for paper_id, (title, _) in today.items()}
    lines = {paper_id: _line(words) for paper_id, words in read.items()}
    wanted = {
        paper_id: [key for key in map(_key, phrases) if key and f" {key} " in lines[paper_id]]
        for paper_id, (_, phrases) in today.items()
    }
    keys = sorted({key for found in wanted.values() for key in found})
    if not keys:
        return {}
    counts, of = _counted(keys, [*lines.values(), *(_line(_read(title)) for title in week)])
    before, earlier = _counted(keys, (_line(_read(title)) for title in past))
    if of < _FEWEST_TITLES or earlier < _FEWEST_PAST:
        return {}
    usual = {key: (before[key] + _PRIOR_TITLES) / (earlier + 1) for key in keys}
    rising = {
        key
        for key in keys
        if counts[key] >= max(_FEWEST, _SMALLEST_LIFT * usual[key] * of)
        and surprise(counts[key], of, usual[key], earlier, _CORRELATION * usual[key]) * len(keys)
        < _FALSE_ALARMS
    }
    shared: dict[int, Momentum] = {}
    for paper_id, found in wanted.items():
        if fitting := rising.intersection(found):
            key = max(fitting, key=lambda key: (len(key), key))
            name = _written(key, today[paper_id][0])
            shared[paper_id] = Momentum(name, counts[key], round(usual[key] * of, 2), True)
    return shared


def _counted(keys: Sequence[str], lines: Iterable[str]) -> tuple[Counter[str], int]:
    """For each key the number of lines that have it, and the number of lines."""
    counts: Counter[str] = Counter()
    number = 0
    for line in lines:
        number += 1
        counts.update(key for key in keys if f" {key} " in line)
    return counts, number


def _key(phrase: str) -> str:
    """The stems of a phrase that says what a paper is about; ``""`` for any other."""
    words = phrase.split()
    key = phrase_key(phrase)
    if len(words) < 2 or key in _EVERYDAY or any(word.casefold() in _FILLERS for word in words):
        return ""
    return key


def _read(title: str) -> StemmedWords:
    return stem_words(readable(title[:_LONGEST_TITLE]), _MOST_WORDS)


def _line(words: StemmedWords) -> str:
    return f" {' '.join(words.stems)} "


def _written(key: str, title: str) -> str:
    """The phrase as the title writes it, hyphens and all."""
    words = _read(title)
    stems = key.split()
    place = next(
        at for at in range(len(words.stems)) if list(words.stems[at : at + len(stems)]) == stems
    )
    line, start, end = readable(title[:_LONGEST_TITLE]), 0, 0
    for at, written in enumerate(words.written[: place + len(stems)]):
        found = line.find(written, end)
        if found < 0:  # a word that was put together from several signs
            return " ".join(words.written[place : place + len(stems)])
        start = found if at == place else start
        end = found + len(written)
    return line[start:end]

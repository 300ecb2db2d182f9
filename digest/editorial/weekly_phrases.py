"""Tell how many papers of a week share a known phrase of the field in their titles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from digest.editorial.phrases import StemmedWords, phrase_key, stem_words
from digest.latex import readable

_FEWEST = 3
# Of many titles three share a phrase by chance; what every twentieth or ten have is an everyday word.
_LEAST_SHARE, _MOST_SHARE = 0.015, 0.05
_MOST = 9
_FEWEST_TITLES = 30
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
    today: Mapping[int, tuple[str, Sequence[str]]], week: Iterable[str]
) -> dict[int, tuple[str, int]]:
    """The phrase that a paper's title shares with at least two others of the week, and their number.

    ``today`` has by paper id the title and the phrases that decided its topic; ``week`` are the
    titles of the six days before. The phrase is written as the title writes it; of several the
    longest is taken.
    """
    read = {paper_id: _read(title) for paper_id, (title, _) in today.items()}
    lines = {paper_id: _line(words) for paper_id, words in read.items()}
    wanted = {
        paper_id: [key for key in map(_key, phrases) if key and f" {key} " in lines[paper_id]]
        for paper_id, (_, phrases) in today.items()
    }
    keys = {key for found in wanted.values() for key in found}
    every = [*lines.values(), *(_line(_read(title)) for title in week)] if keys else []
    if len(every) < _FEWEST_TITLES:
        return {}
    counts = Counter(key for line in every for key in keys if f" {key} " in line)
    least = max(_FEWEST, _LEAST_SHARE * len(every))
    most = min(_MOST, _MOST_SHARE * len(every))
    shared: dict[int, tuple[str, int]] = {}
    for paper_id, found in wanted.items():
        fitting = [key for key in found if least <= counts[key] <= most]
        if fitting:
            longest = max(fitting, key=lambda key: (len(key), key))
            shared[paper_id] = (_written(longest, today[paper_id][0]), counts[longest])
    return shared


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

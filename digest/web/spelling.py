"""Words that somebody may have meant by one that no paper has, or hardly any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from digest.editorial.likeness import nearest_words
from digest.store import UnitOfWork
from digest.store.search_query import Phrase, SearchQuery
from digest.store.search_words import is_letter, parts
from digest.store.stemming import stem
from digest.web.page_cache import LruCache

MOST_WORDS = 150_000
"""Words of the papers that a misspelt one is compared with, the most frequent."""

SHORTEST = 3
"""Letters of a word that may be misspelt: of shorter ones too many are near."""

SHORT = 3
"""Letters of a word of which two in each other's place are the one error looked for."""

MOST_MEANT = 3
"""Words that are searched for in the place of one."""

RARE = 5
"""Papers that have a misspelt word at most: an error is seldom made by many."""

MUCH_MORE = 20
"""Times as many papers must have a word for it to be offered in the place of one that some have."""


@dataclass(frozen=True)
class Vocabulary:
    """The words of the papers' texts, and those of their authors' names, with their papers."""

    texts: Mapping[str, int]
    names: Mapping[str, int]

    @cached_property
    def text_words(self) -> Mapping[str, Sequence[str]]:
        """The words of texts by their first letters."""
        return _by_first_letter(self.texts)

    @cached_property
    def name_words(self) -> Mapping[str, Sequence[str]]:
        """The words of names by their first letters."""
        return _by_first_letter(self.names)

    def meant_by(self, word: str, *, is_name: bool = False) -> tuple[Phrase, ...]:
        """The words that are nearest to ``word``, the most frequent first; or two, run together."""
        counts = self.names if is_name else self.texts
        found = self._near(word, self.name_words if is_name else self.text_words)
        nearest = min((slips for _, slips in found), default=9)
        near = [other for other, slips in found if slips == nearest]
        near.sort(key=lambda other: (other[0] != word[0], -counts[other], other))
        apart = None if is_name else self.apart(word)
        if apart is not None and nearest > 1:
            return (apart,)
        return tuple((other,) for other in near[:MOST_MEANT])

    def _near(self, word: str, words: Mapping[str, Sequence[str]]) -> list[tuple[str, int]]:
        """The words near ``word``: with its first letter, if one of them has but one slip, else any."""
        most = _most_slips(word)
        near: list[tuple[str, int]] = []
        for letter in (word[0], *(words.keys() - {word[0]})):
            near += [
                (other, slips)
                for other, slips in nearest_words(word, words.get(letter, ()), most)
                if slips and (len(word) > SHORT or sorted(other) == sorted(word))
            ]
            if letter == word[0] and any(slips == 1 for _, slips in near):
                break
        return near

    def apart(self, word: str) -> Phrase | None:
        """The two words that ``word`` would be with a blank, the most frequent ones."""
        halves = [(word[:place], word[place:]) for place in range(3, len(word) - 2)]
        known = [half for half in halves if half[0] in self.texts and half[1] in self.texts]
        return max(known, key=lambda half: min(map(self.texts.__getitem__, half)), default=None)


@dataclass(frozen=True, slots=True)
class SpellingCorrection:
    """A query with other words, and what was changed: each word and what stands in its place."""

    query: SearchQuery
    words: Mapping[str, tuple[Phrase, ...]]


class Spelling:
    """Corrections of queries by the words that the papers have. Shared by the threads of a process."""

    def __init__(self) -> None:
        self._vocabularies: LruCache[Vocabulary] = LruCache(1)

    def correction(self, unit: UnitOfWork, query: SearchQuery) -> SpellingCorrection | None:
        """The query with the nearest words in the place of those that no paper has, if any are near."""
        asked = [word for word in (*query.words, *query.names) if _may_be_misspelt(word)]
        known = unit.papers.known_stems(asked)
        if all(stem(word) in known for word in asked):
            return None
        vocabulary = self._vocabulary(unit)
        changed: dict[str, tuple[Phrase, ...]] = {}
        for words, field in ((query.words, ""), (query.names, "author")):
            unknown = [word for word in words if word in asked and stem(word) not in known]
            meant = {
                word: phrases
                for word in unknown
                if (phrases := vocabulary.meant_by(word, is_name=bool(field)))
            }
            query = query.with_words(meant, field)
            changed |= meant
        return SpellingCorrection(query, changed) if changed else None

    def wider(self, unit: UnitOfWork, query: SearchQuery) -> SearchQuery:
        """The query with words that are two run together also as those two, and with authors also
        without their middle names.
        """
        vocabulary = self._vocabulary(unit)
        apart = {
            word: ((word,), two)
            for word in filter(_may_be_misspelt, query.words)
            if (two := vocabulary.apart(word)) is not None
        }
        return (query.with_words(apart) if apart else query).with_short_names()

    def better_known(self, unit: UnitOfWork, query: SearchQuery) -> dict[str, Phrase]:
        """Words that many more papers have, in the place of those of the query that few have."""
        vocabulary = self._vocabulary(unit)
        better: dict[str, Phrase] = {}
        for word in filter(_may_be_misspelt, query.words):
            if vocabulary.texts.get(word, 0) > RARE:
                continue
            phrases = vocabulary.meant_by(word)
            least = MUCH_MORE * max(vocabulary.texts.get(word, 0), 1)
            other = phrases[0][0] if phrases and len(phrases[0]) == 1 else word
            if stem(other) != stem(word) and vocabulary.texts[other] >= least:
                better[word] = phrases[0]
        return better

    def _vocabulary(self, unit: UnitOfWork) -> Vocabulary:
        return self._vocabularies.get(unit.editions.stamp(), lambda: read_vocabulary(unit))


def read_vocabulary(unit: UnitOfWork) -> Vocabulary:
    """The words that the papers have now."""
    words = unit.papers.vocabulary(MOST_WORDS)
    return Vocabulary(
        {word: in_texts for word, in_texts, _ in words if in_texts},
        {word: in_names for word, _, in_names in words if in_names},
    )


def _by_first_letter(words: Iterable[str]) -> Mapping[str, Sequence[str]]:
    by_letter: dict[str, list[str]] = {}
    for word in words:
        if len(word) >= SHORTEST and not word.isdigit():
            by_letter.setdefault(word[0], []).append(word)
    return by_letter


def replaced(text: str, words: Mapping[str, Phrase]) -> str:
    """The query ``text`` with other words in the place of some, whatever their case was."""
    pieces, at = [], 0
    for part in parts(text):
        if part.word in words:
            pieces += [text[at : part.start], " ".join(words[part.word])]
            at = part.end
    return "".join([*pieces, text[at:]])


def _may_be_misspelt(word: str) -> bool:
    return len(word) >= SHORTEST and not any(char.isdigit() or is_letter(char) for char in word)


def _most_slips(word: str) -> int:
    """Letters that may be wrong: one, two in a long word."""
    return 1 if len(word) < 7 else 2

"""Passages of a text around what a search asked for, with the words marked that it found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from digest.store.search_query import SearchQuery, Term
from digest.store.search_words import is_joint, parts
from digest.store.stemming import stem

LEAD_IN = 70
"""Most characters before the first word that was found."""

MOST_HITS = 200
"""Words found in one text that are looked at."""

MOST_BEGUN = 5
"""Letters by which a word is picked out of a text before it is looked at."""

_FOREIGN = re.compile(r"[^\x00-\x7f\u2010-\u2027\u2190-\u22ff]")
"""Anything but ASCII, the dashes and quotation marks of print, arrows and mathematical signs."""

_ENDS = (". ", "? ", "! ", "; ", ": ")


class MarkedPiece(NamedTuple):
    """A piece of a text; ``marked`` where it is what was asked for."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in a text, and the number of the phrase that stands there."""

    start: int
    end: int
    phrase: int


class Marker:
    """Marks what a query asks for: whole phrases, beginnings, and words that a joint holds together."""

    def __init__(self, query: SearchQuery) -> None:
        terms = [term for group in query.groups for term in group if term.field != "author"]
        self._title = _Phrases(terms)
        self._text = _Phrases(term for term in terms if term.field != "title")

    def title(self, text: str) -> tuple[MarkedPiece, ...]:
        """The whole text in pieces."""
        return _pieces(text, 0, len(text), self._title.hits(text))

    def passage(self, text: str, length: int) -> tuple[MarkedPiece, ...]:
        """The piece of ``text`` of about that length that has most of what was asked for."""
        hits = self._text.hits(text)
        start, end = _window(text, hits, length)
        pieces = _pieces(text, start, end, hits)
        before = (MarkedPiece("… "),) if start else ()
        after = (MarkedPiece(" …"),) if end < len(text) else ()
        return (*before, *pieces, *after)


class _Phrases:
    """The phrases of some terms, by the stem that they begin with."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._by_first: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
        self._beginnings: list[tuple[int, str]] = []
        for number, term in enumerate(terms):
            for phrase in term.phrases:
                if term.prefix and len(phrase) == 1:
                    self._beginnings.append((number, phrase[0]))
                else:
                    stems = tuple(map(stem, phrase))
                    self._by_first.setdefault(stems[0], []).append((number, stems))
        begun = {word[: letters_kept(word)] for word in self._by_first}
        begun |= {word[:MOST_BEGUN] for _, word in self._beginnings}
        self._candidate = _beginning_with(begun)

    def hits(self, text: str) -> list[Hit]:
        """The places where one of the phrases stands, in order, none within another."""
        hits: list[Hit] = []
        if not self._by_first and not self._beginnings:
            return hits
        # Most words of most texts begin otherwise: looking at each takes longer than the search.
        # Folded letters may begin otherwise than they are written.
        plain = text.isascii() or _FOREIGN.search(text) is None
        found = self._candidate.finditer(text) if plain else None
        starts = (match.start() for match in found) if found else (p.start for p in parts(text))
        for start in starts:
            if len(hits) >= MOST_HITS:
                break
            if not hits or start >= hits[-1].end:
                hits.extend(self._longest_at(text, start))
        return hits

    def _longest_at(self, text: str, start: int) -> list[Hit]:
        hits = [Hit(start, end, number) for number, end in self._ends_at(text, start)]
        return [max(hits, key=lambda hit: hit.end)] if hits else []

    def _ends_at(self, text: str, start: int) -> Iterator[tuple[int, int]]:
        following = parts(text, start)
        part = next(following, None)
        if part is None:
            return
        for number, stems in self._by_first.get(stem(part.word), ()):
            found = [part, *islice(parts(text, part.end), len(stems) - 1)]
            if tuple(stem(other.word) for other in found) == stems:
                yield number, found[-1].end
        for number, beginning in self._beginnings:
            if part.word.startswith(beginning):
                yield number, part.end
        yield from self._alone(part.sign, part.end)
        joined = part.word
        if is_joint(text[part.end : part.end + 1]):
            for other in islice(following, 5):
                if not other.joined:
                    break
                joined += other.word
                yield from self._alone(joined, other.end)

    def _alone(self, word: str, end: int) -> Iterator[tuple[int, int]]:
        for number, stems in self._by_first.get(stem(word), ()) if word else ():
            if len(stems) == 1:
                yield number, end


def letters_kept(stemmed: str) -> int:
    """So many letters of a stem begin every word that has it: an ending changes the last one or two."""
    return min(max(len(stemmed) - 2, 1), MOST_BEGUN)


def _beginning_with(words: Iterable[str]) -> re.Pattern[str]:
    """Matches where a word of a text begins so."""
    patterns = []
    for word in sorted(words):
        pattern = ""
        for letter in reversed(word):
            # A joint or a sign may stand where the index has the next letter: k-NN, C++.
            following = rf"(?:[^\w\s]|{pattern})" if pattern else ""
            pattern = re.escape(letter) + following
        patterns.append(pattern)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(patterns)})", re.IGNORECASE)


def _window(text: str, hits: Sequence[Hit], length: int) -> tuple[int, int]:
    """The start and the end of the stretch that has most phrases, then most hits; the first of those."""
    if len(text) <= length:
        return 0, len(text)
    best, start = (-1, -1), 0
    for place, hit in enumerate(hits):
        begun = _begin(text, hit.start)
        within = [other for other in hits[place:] if other.end <= begun + length]
        score = (len({other.phrase for other in within}), len(within))
        if score > best:
            best, start = score, begun
    end = _word_end(text, start + length)
    return start, end


def _begin(text: str, hit: int) -> int:
    """The start of the sentence of a hit, or of a word not far before it."""
    earliest = max(hit - LEAD_IN, 0)
    if earliest == 0:
        return 0
    sentence = max((text.rfind(mark, earliest, hit) + len(mark) for mark in _ENDS), default=0)
    if sentence > earliest:
        return sentence
    blank = text.find(" ", earliest, hit)
    return blank + 1 if blank >= 0 else hit


def _word_end(text: str, limit: int) -> int:
    if limit >= len(text):
        return len(text)
    blank = text.rfind(" ", limit - 40, limit + 1)
    return blank if blank >= 0 else limit


def _pieces(text: str, start: int, end: int, hits: Iterable[Hit]) -> tuple[MarkedPiece, ...]:
    pieces: list[MarkedPiece] = []
    at = start
    for hit in hits:
        if hit.start < at or hit.end > end:
            continue
        pieces.append(MarkedPiece(text[at : hit.start]))
        pieces.append(MarkedPiece(text[hit.start : hit.end], True))
        at = hit.end
    pieces.append(MarkedPiece(text[at:end]))
    return tuple(piece for piece in pieces if piece.text)

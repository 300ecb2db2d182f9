"""Passages of a text around what a search asked for, with the words marked that it found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from digest.store.search_query import SearchQuery, Term
from digest.store.search_words import Part, parts
from digest.store.stemming import stem

LEAD_IN = 70
"""Most characters before the first word that was found."""

MOST_HITS = 200
"""Words found in one text that are looked at."""

_ENDS = (". ", "? ", "! ", "; ", ": ")


@dataclass(frozen=True, slots=True)
class Piece:
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

    def title(self, text: str) -> tuple[Piece, ...]:
        """The whole text in pieces."""
        return _pieces(text, 0, len(text), self._title.hits(text))

    def passage(self, text: str, length: int) -> tuple[Piece, ...]:
        """The piece of ``text`` of about that length that has most of what was asked for."""
        hits = self._text.hits(text)
        start, end = _window(text, hits, length)
        pieces = _pieces(text, start, end, hits)
        before = (Piece("… "),) if start else ()
        after = (Piece(" …"),) if end < len(text) else ()
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

    def hits(self, text: str) -> list[Hit]:
        """The places where one of the phrases stands, in order, none within another."""
        found = list(parts(text))
        hits: list[Hit] = []
        for place, part in enumerate(found):
            if len(hits) >= MOST_HITS:
                break
            if not hits or part.start >= hits[-1].end:
                hits.extend(self._longest_at(found, place))
        return hits

    def _longest_at(self, found: Sequence[Part], place: int) -> list[Hit]:
        start = found[place].start
        hits = [Hit(start, end, number) for number, end in self._ends_at(found, place)]
        return [max(hits, key=lambda hit: hit.end)] if hits else []

    def _ends_at(self, found: Sequence[Part], place: int) -> Iterator[tuple[int, int]]:
        part = found[place]
        for number, stems in self._by_first.get(stem(part.word), ()):
            following = found[place : place + len(stems)]
            if tuple(stem(other.word) for other in following) == stems:
                yield number, following[-1].end
        for number, beginning in self._beginnings:
            if part.word.startswith(beginning):
                yield number, part.end
        yield from self._alone(part.sign, part.end)
        joined = part.word
        for other in found[place + 1 : place + 6]:
            if not other.joined:
                break
            joined += other.word
            yield from self._alone(joined, other.end)

    def _alone(self, word: str, end: int) -> Iterator[tuple[int, int]]:
        for number, stems in self._by_first.get(stem(word), ()) if word else ():
            if len(stems) == 1:
                yield number, end


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


def _pieces(text: str, start: int, end: int, hits: Iterable[Hit]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    at = start
    for hit in hits:
        if hit.start < at or hit.end > end:
            continue
        pieces.append(Piece(text[at : hit.start]))
        pieces.append(Piece(text[hit.start : hit.end], True))
        at = hit.end
    pieces.append(Piece(text[at:end]))
    return tuple(piece for piece in pieces if piece.text)

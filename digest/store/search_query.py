"""A query as somebody typed it, read into what is asked of the store. Nothing that is typed is an error.

::

    diffusion models          both words, in any form (*model*, *models*)
    "diffusion models"        the words side by side
    diffusion OR flow         one of them (also ``|``)
    -survey  -"case study"    none of it
    prun*                     words that begin so
    author:vaswani  title:attention  topic:vision
    after:2026-01-01  before:2026-02
    2606.01234  10.1000/xyz  https://arxiv.org/abs/2606.01234v2
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from digest.store.paper_ids import id_word, identifier
from digest.store.search_words import STOP_WORDS, Part, is_letter, parts
from digest.store.storable_values import storable

LONGEST_QUERY = 300
"""Characters of a query that are looked at."""

MOST_WORDS = 16
"""Words of a query that are looked at, those in phrases too."""

_TOKEN = re.compile(
    r"(?P<minus>[-\u2212](?=[^\s\u2212-]))?"
    r"(?:(?P<field>author|title|topic|after|before|id|arxiv|doi):[ ]?)?"
    r'(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))',
    re.IGNORECASE,
)
_QUOTES = str.maketrans({"\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"'})
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_WITH_NUMBER = re.compile(r"([^\W\d_]+)(\d\w*)")

SHORTEST_BEGINNING = 2
"""Letters of a beginning (``pr*``); of a single one too much begins so."""

MOST_BEGINNINGS = 4
"""Beginnings of one query: each stands for very many words."""

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One thing asked for: any of ``phrases``, each a run of folded words, or of the ``ids``.

    ``field`` is ``"author"``, ``"title"`` or ``""`` for anywhere; with ``prefix`` the last word of
    a phrase is a beginning. ``typed`` is as it was typed.
    """

    phrases: tuple[Phrase, ...]
    field: str = ""
    prefix: bool = False
    ids: tuple[str, ...] = ()
    typed: str = ""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A query as read: one term of each of ``groups``, and none of ``excluded``.

    ``topics`` are as typed, until `with_topics` made ids of them; a paper has one of them, and none of
    ``other_topics``. ``after`` is the first day asked for, ``before`` the day after the last.
    ``left_out`` are the pieces that say nothing (``after:soon``).
    """

    groups: tuple[tuple[Term, ...], ...] = ()
    excluded: tuple[Term, ...] = ()
    topics: tuple[str, ...] = ()
    other_topics: tuple[str, ...] = ()
    after: date | None = None
    before: date | None = None
    left_out: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """True if anything is asked for."""
        return bool(
            self.groups
            or self.excluded
            or self.topics
            or self.other_topics
            or self.after
            or self.before
        )

    @property
    def words(self) -> tuple[str, ...]:
        """The words asked for outside names of authors, beginnings and ids, in order, each once."""
        return self._words("", "title")

    @property
    def names(self) -> tuple[str, ...]:
        """The words of authors' names asked for, in order, each once."""
        return self._words("author")

    def _words(self, *fields: str) -> tuple[str, ...]:
        asked = (
            word
            for group in self.groups
            for term in group
            if term.field in fields and not term.prefix and not term.ids
            for phrase in term.phrases[:1]
            for word in phrase
        )
        return tuple(dict.fromkeys(asked))

    def with_words(self, instead: Mapping[str, tuple[Phrase, ...]], field: str = "") -> SearchQuery:
        """The query with other words (or runs of words) in the place of some of its own."""
        groups = tuple(
            tuple(
                _with_words(term, instead)
                if (term.field == "author") == (field == "author")
                else term
                for term in group
            )
            for group in self.groups
        )
        return replace(self, groups=groups)

    def with_short_names(self) -> SearchQuery:
        """The query with authors also without the names between their first and their last."""
        groups = tuple(tuple(map(_with_short_name, group)) for group in self.groups)
        return self if groups == self.groups else replace(self, groups=groups)

    def with_topics(self, find: Callable[[str], tuple[str, ...]]) -> SearchQuery:
        """The query with topics' ids in the place of their names; ``find`` gives the ids of one.

        A topic that there is not is left out, and named in ``left_out``.
        """
        unknown = [f"topic:{name}" for name in (*self.topics, *self.other_topics) if not find(name)]
        return replace(
            self,
            topics=tuple(id for name in self.topics for id in find(name)),
            other_topics=tuple(id for name in self.other_topics for id in find(name)),
            left_out=(*self.left_out, *unknown),
        )


@dataclass(slots=True)
class _Reading:
    """Parts of a query that were read so far."""

    groups: list[list[Term]] = field(default_factory=list)
    excluded: list[Term] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    other_topics: list[str] = field(default_factory=list)
    days: dict[str, date] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    words_left: int = MOST_WORDS
    beginnings_left: int = MOST_BEGINNINGS
    or_next: bool = False

    def bounded(self, term: Term) -> Term:
        """The term as a whole word where it is a beginning too short, or one too many."""
        if not term.prefix:
            return term
        self.beginnings_left -= 1
        is_long = len(term.phrases[0][-1]) >= SHORTEST_BEGINNING
        return term if self.beginnings_left >= 0 and is_long else replace(term, prefix=False)


def read_query(text: str) -> SearchQuery:
    """Read a query as somebody typed it; what is beyond `LONGEST_QUERY` and `MOST_WORDS` is left out."""
    text = storable(text[:LONGEST_QUERY]).translate(_QUOTES)
    in_capitals = text.isupper()
    reading = _Reading()
    for match in _TOKEN.finditer(text):
        word = match["word"]
        if word == "|" or (word == "OR" and not in_capitals):
            reading.or_next = bool(reading.groups)
        elif word == "AND" and not in_capitals:
            continue
        else:
            _take(reading, match)
    return SearchQuery(
        _without_stop_words(reading.groups),
        tuple(reading.excluded),
        tuple(dict.fromkeys(reading.topics)),
        tuple(dict.fromkeys(reading.other_topics)),
        reading.days.get("after"),
        reading.days.get("before"),
        tuple(reading.left_out),
    )


def title_words(title: str) -> tuple[str, ...]:
    """The first words of a title, each once."""
    found = parts(storable(title[:LONGEST_QUERY]))
    return tuple(dict.fromkeys(part.word for part in found))[:MOST_WORDS]


def read_day(text: str) -> date | None:
    """The day that ``2026-01-31``, ``2026-01`` or ``2026`` begins with; ``None`` for anything else."""
    match = _DAY.fullmatch(text.strip()) if text.isascii() else None
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return None


def _take(reading: _Reading, match: re.Match[str]) -> None:
    """Take in one word or phrase, with its field and its minus."""
    name = (match["field"] or "").lower()
    quoted = match["phrase"] is not None
    value = match["phrase"] if quoted else match["word"]
    excludes = match["minus"] is not None
    if name in ("after", "before"):
        day = read_day(value)
        if day is None or excludes:
            reading.left_out.append(match[0])
        else:
            reading.days[name] = day
        return
    if name == "topic":
        (reading.other_topics if excludes else reading.topics).append(value.strip())
        return
    terms = list(_terms(value, name, quoted=quoted, room=reading.words_left))
    terms = [reading.bounded(term) for term in terms]
    reading.words_left -= sum(len(term.phrases[0]) if term.phrases else 1 for term in terms)
    if excludes:
        reading.excluded.extend(terms)
    elif reading.or_next and terms:
        reading.groups[-1].extend(terms[:1])
        reading.groups.extend([term] for term in terms[1:])
    else:
        reading.groups.extend([term] for term in terms if [term] not in reading.groups)
    reading.or_next = False


def _terms(value: str, name: str, *, quoted: bool, room: int) -> Iterator[Term]:
    """The terms of a word or phrase, of at most ``room`` words together."""
    field = name if name in ("author", "title") else ""
    known_as = identifier(f"{name}:{value}" if name in ("arxiv", "doi") else value)
    prefix = value.endswith("*") and not quoted
    found = list(parts(value.rstrip("*") if prefix else value))[: max(room, 0)]
    if known_as is not None and not field and not quoted and room > 0:
        phrase = tuple(part.word for part in found)
        yield Term((phrase,) if phrase else (), ids=(id_word(known_as),), typed=value)
        return
    if not found:
        return
    if quoted:
        phrase = tuple(part.word for part in found)
        yield Term(_as_names((phrase,), field), field, typed=value)
        return
    runs = list(_runs(found))
    for run in runs:
        last = run is runs[-1]
        yield Term(
            _as_names(_alternatives(run), field),
            field,
            prefix and last,
            typed=value[run[0].start : run[-1].end],
        )


def _runs(found: list[Part]) -> Iterator[list[Part]]:
    """The words that a joint holds together, or a script without blanks."""
    run: list[Part] = []
    for part in found:
        adjoins = bool(run) and part.start == run[-1].end
        if run and not part.joined and not (adjoins and is_letter(part.word[0])):
            yield run
            run = []
        run.append(part)
    if run:
        yield run


def _alternatives(run: list[Part]) -> tuple[Phrase, ...]:
    """The ways in which papers may write those words: apart, or as one."""
    phrase = tuple(part.word for part in run)
    if len(run) == 1:
        if run[0].sign:
            return ((run[0].sign,),)
        number = _WITH_NUMBER.fullmatch(phrase[0])
        return (phrase, (number[1], number[2])) if number else (phrase,)
    if is_letter(phrase[0][0]):
        return (phrase,)
    return (phrase, ("".join(phrase),))


def _as_names(phrases: tuple[Phrase, ...], field: str) -> tuple[Phrase, ...]:
    """The phrases, of an author's name also with the family name first."""
    if field != "author":
        return phrases
    turned = (phrase[-1:] + phrase[:-1] for phrase in phrases if len(phrase) > 1)
    return tuple(dict.fromkeys((*phrases, *turned)))


def _with_words(term: Term, instead: Mapping[str, tuple[Phrase, ...]]) -> Term:
    if term.ids or term.prefix or not term.phrases or instead.keys().isdisjoint(term.phrases[0]):
        return term
    phrases: list[Phrase] = [()]
    for word in term.phrases[0]:
        phrases = [
            (*begun, *other) for begun in phrases for other in instead.get(word, ((word,),))
        ][:8]
    return replace(term, phrases=_as_names((*phrases, *term.phrases[1:]), term.field))


def _with_short_name(term: Term) -> Term:
    if term.field != "author" or term.prefix or not term.phrases or len(term.phrases[0]) < 3:
        return term
    typed = term.phrases[0]
    return replace(term, phrases=tuple(dict.fromkeys((*term.phrases, (typed[0], typed[-1])))))


def _without_stop_words(groups: list[list[Term]]) -> tuple[tuple[Term, ...], ...]:
    kept = [group for group in groups if not all(map(_is_stop_word, group))]
    return tuple(tuple(group) for group in kept or groups)


def _is_stop_word(term: Term) -> bool:
    alone = len(term.phrases) == 1 and len(term.phrases[0]) == 1
    return alone and not (term.prefix or term.field) and term.phrases[0][0] in STOP_WORDS

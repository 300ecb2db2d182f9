"""A query as an expression of FTS5 and of PostgreSQL's ``tsquery``.

Both are asked for the same stems, which `search_index` wrote, so both find the same papers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from sqlalchemy import Connection, func, select

from digest.store.search_query import SearchQuery, Term
from digest.store.search_tables import search_words
from digest.store.stemming import stem

MOST_STEMS = 60
"""Words that a beginning (``prun*``) stands for, the most frequent."""


@dataclass(frozen=True, slots=True)
class Speller:
    """The words of one database: how a phrase is written, and how expressions are put together."""

    is_postgresql: bool
    beginnings: Callable[[str], tuple[str, ...]]
    phrase: Callable[[tuple[str, ...], str, bool], str]
    either: str
    both: str
    without: str

    def loose(self) -> Speller:
        """The same, but for words of a phrase that may stand anywhere (PostgreSQL)."""
        return replace(self, phrase=_words_of_tsquery)


def speller(connection: Connection) -> Speller:
    """The spelling of that database."""

    @cache
    def beginnings(word: str) -> tuple[str, ...]:
        # The stems that the index has begin with less than was typed: optimizat* is "optim".
        words = search_words.c
        rows = connection.scalars(
            select(words.stem)
            .where(
                words.word >= word,
                words.word < word + "\U0010ffff",
                words.papers + words.authors > 0,
            )
            .group_by(words.stem)
            .order_by(func.sum(words.papers + words.authors).desc())
            .limit(MOST_STEMS)
        )
        return tuple(found for found in rows if not found.startswith(word))

    if connection.dialect.name == "postgresql":
        return Speller(True, beginnings, _in_tsquery, " | ", " & ", " & !")
    return Speller(False, beginnings, _in_fts5, " OR ", " AND ", " NOT ")


_COLUMNS = {
    "": "",
    "heads": "{title authors terms} : ",
    "author": "{authors} : ",
    "title": "{title} : ",
}
_WEIGHTS = {"": "", "heads": "", "author": "B", "title": "A"}


def _in_fts5(words: tuple[str, ...], field: str, prefix: bool) -> str:
    # Inside double quotes FTS5 knows no operator, and folded words have no quote.
    return f'{_COLUMNS[field]}"{" ".join(words)}"{" *" if prefix else ""}'


def _words_of_tsquery(words: tuple[str, ...], field: str, prefix: bool) -> str:
    return f"({' & '.join(_lexemes(words, field, prefix))})"


def _in_tsquery(words: tuple[str, ...], field: str, prefix: bool) -> str:
    return f"({' <-> '.join(_lexemes(words, field, prefix))})"


def _lexemes(words: tuple[str, ...], field: str, prefix: bool) -> list[str]:
    weight = _WEIGHTS[field]
    lexemes = [f"'{word}'{':' + weight if weight else ''}" for word in words]
    if prefix:
        lexemes[-1] = f"'{words[-1]}':*{weight}"
    return lexemes


def _term(spelling: Speller, term: Term, *, heads: bool) -> str:
    """One term as an expression."""
    field = term.field or ("heads" if heads else "")
    written = [spelling.phrase((word,), field, False) for word in term.ids]
    for phrase in term.phrases:
        stems = tuple(map(stem, phrase))
        if term.prefix:
            begun = (*stems[:-1], phrase[-1])
            written.append(spelling.phrase(begun, field, True))
            others = spelling.beginnings(phrase[-1])
            written += [spelling.phrase((*stems[:-1], other), field, False) for other in others]
        else:
            written.append(spelling.phrase(stems, field, False))
    return f"({spelling.either.join(dict.fromkeys(written))})"


def any_of(spelling: Speller, terms: tuple[Term, ...]) -> str:
    """An expression for papers with any of those terms."""
    return spelling.either.join(_term(spelling, term, heads=False) for term in terms)


def has_phrase(query: SearchQuery) -> bool:
    """True if words are to stand side by side."""
    return any(
        len(phrase) > 1 for group in query.groups for term in group for phrase in term.phrases
    )


def is_of_heads(query: SearchQuery) -> bool:
    """True if every word asked for is of a title or an author: then no abstract is looked into."""
    return all(term.field for group in query.groups for term in group)


def expression(spelling: Speller, query: SearchQuery, *, heads: bool) -> str:
    """The whole query as an expression; it must ask for something, not only exclude."""
    asked = [
        f"({spelling.either.join(_term(spelling, term, heads=heads) for term in group)})"
        for group in query.groups
    ]
    excluded = [_term(spelling, term, heads=False) for term in query.excluded]
    expression = f"({spelling.both.join(asked)})"
    return "".join([expression, *(spelling.without + term for term in excluded)])
